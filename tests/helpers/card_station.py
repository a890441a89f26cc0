"""A workstation before the stand-in server, and the sandbox's doctor as the holder of a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from dmp_desktop.sandbox import Sandbox
from tests.helpers.cps_token import AUT, PIN, SIG, Holder


def doctor_of(sandbox: Sandbox) -> Holder:
    """The sandbox's doctor: both keys of the PKCS#12 files."""
    doctor = sandbox.ready["identities"]["doctor"]
    keys, certificates = {}, {}
    for number, name in ((AUT, "auth"), (SIG, "sign")):
        key, certificate, _chain = pkcs12.load_key_and_certificates(
            (Path(doctor["p12"]) / f"{name}.p12").read_bytes(), doctor["password"].encode()
        )
        assert certificate is not None
        keys[number], certificates[number] = key, certificate.public_bytes(Encoding.DER)
    return Holder(keys, certificates)  # type: ignore[arg-type]


class Workstation:
    """A home of its own, with the practice of the doctor, and one identity."""

    def __init__(self, sandbox: Sandbox, folder: Path, identity: str, pin: str = PIN) -> None:
        folder.mkdir()
        doctor = sandbox.ready["identities"]["doctor"]
        secrets = folder / "secrets.json"
        secrets.write_text(json.dumps({"p12": doctor["password"], "pin": pin, "storage": "une phrase de passe"}))
        home = folder / "home"
        home.mkdir()
        (home / "cabinet.json").write_text(
            json.dumps(
                {
                    "facility": doctor["facility"],
                    "specialty": doctor["professional"]["specialty"],
                    "cps": ["8" + doctor["professional"]["rpps"]],  # whose certificates do not tell the type of a card
                }
            )
        )
        self.environment: Mapping[str, str] = {
            "DMP_DESKTOP_HOME": str(home),
            "DMP_DESKTOP_SERVER": sandbox.ready["url"],
            "DMP_DESKTOP_CA": sandbox.ready["ca"],
            "DMP_DESKTOP_IDENTITY": identity,
            "DMP_DESKTOP_SECRETS": str(secrets),
        }
