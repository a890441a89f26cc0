"""What the demonstration needs around the window: the stand-in server in its own process, cards, an environment."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from dmp_desktop.card import FakePcsc
from dmp_desktop.errors import StorageError
from dmp_desktop.own_program import dmp_command
from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.platform.paths import training_station
from dmp_desktop.platform.storage_key import storage_key
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard

READER = "Lecteur virtuel"
SLOTS = (f"{READER} 0", f"{READER} 1")
"""A French bi-slot reader: the professional's card, the patient's."""

CPS = "Carte CPS"
STORIES = {
    "ordinary": "60 documents",
    "chronic": "400 documents",
    "child": "enfant",
    "empty": "dossier vide",
    "none": "sans DMP",
    "closed": "DMP fermé",
    "forbidden": "accès interdit",
    "opposed": "opposition",
    "elsewhere": "médecin traitant ailleurs",
    "adolescent": "secret d'une mineure",
    "expired": "accès expiré",
}
"""What is drawn on a scripted patient's card: their story, in a few letters."""
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Stage:
    """`ready` is the server's ready file, `environment` what `open_wiring` reads, `cards` the cards by the name drawn on them;
    `server` is its process."""

    ready: dict[str, Any]
    environment: dict[str, str]
    pcsc: FakePcsc
    cards: dict[str, CpsCard | VitaleCard]
    server: subprocess.Popen[bytes]

    def label(self, card: str) -> str:
        """What is drawn on a card."""
        told: dict[str, str] = {
            _vitale_name(item): STORIES.get(item["story"], item["story"]) for item in self.ready["patients"]
        }
        return told.get(card, card)

    def insert(self, slot: int, card: str) -> None:
        self.pcsc.insert(SLOTS[slot], self.cards[card])

    def remove(self, slot: int) -> None:
        self.pcsc.remove(SLOTS[slot])

    def patient_card(self, story: str) -> str:
        """Name of the carte Vitale of a scripted patient."""
        return _vitale_name(next(item for item in self.ready["patients"] if item["story"] == story))


@contextlib.contextmanager
def set_up(folder: Path) -> Iterator[Stage]:
    """Start the server with its data in `folder` and make the cards. Raises StorageError when it does not start."""
    folder.mkdir(parents=True, exist_ok=True)
    ready_file = folder / "ready.json"
    ready_file.unlink(missing_ok=True)
    command = [
        *dmp_command("sandbox"),
        "--data",
        str(folder / "serveur"),
        "--ready-file",
        str(ready_file),
    ]
    server = subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        _wait_for(ready_file, server)
        ready = json.loads(ready_file.read_text("utf-8"))
        pcsc = FakePcsc()
        pcsc.start_service()
        for slot in SLOTS:
            pcsc.plug(slot)
        yield Stage(ready, _environment(folder, ready), pcsc, _cards(ready), server)
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(ready_file: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready_file.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise StorageError(
                "sandbox-start", "Le bac à sable n'a pas démarré.", "Lancez « dmp sandbox » pour en voir la cause."
            )
        time.sleep(0.02)


def _environment(folder: Path, ready: dict[str, Any]) -> dict[str, str]:
    """DMP_DESKTOP_* for this server and its doctor; the database's passphrase is the sandbox's, as its data are.

    Its keys are in a file of its own, never in the system's key store, which has this user's true ones under the same names."""
    doctor = ready["identities"]["doctor"]
    station = training_station(folder)
    if not station.secrets.exists():
        storage_key(PassphraseKeyStore(station.secrets, doctor["password"]), station.database)
    secrets = folder / "secrets.json"
    secrets.touch(mode=0o600)
    secrets.write_text(json.dumps({"p12": doctor["password"], "storage": doctor["password"]}), "utf-8")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DMP_DESKTOP_")},
        "DMP_DESKTOP_HOME": str(station.home),
        "DMP_DESKTOP_SERVER": ready["url"],
        "DMP_DESKTOP_CA": ready["ca"],
        "DMP_DESKTOP_IDENTITY": f"p12:{doctor['p12']}",
        "DMP_DESKTOP_SECRETS": str(secrets),
        "DMP_DESKTOP_WEB_DMP": ready["web_dmp"],
    }


def _cards(ready: dict[str, Any]) -> dict[str, CpsCard | VitaleCard]:
    """The doctor's card, with the certificates of her software identity, and each scripted patient's carte Vitale."""
    doctor = ready["identities"]["doctor"]
    certificates = [_certificate(Path(doctor["p12"]) / name, doctor["password"]) for name in ("auth.p12", "sign.p12")]
    cards: dict[str, CpsCard | VitaleCard] = {CPS: CpsCard(*certificates)}
    for item in ready["patients"]:
        patient = item["patient"]
        birth_date = patient["birth_date"].replace("-", "")
        cards[_vitale_name(item)] = VitaleCard(
            [(patient["birth_family"], patient["first_given"], birth_date, item["ins"])]
        )
    return cards


def _certificate(file: Path, password: str) -> bytes:
    _, certificate, _ = pkcs12.load_key_and_certificates(file.read_bytes(), password.encode())
    if certificate is None:
        raise StorageError(
            "sandbox-identity", "L'identité du bac à sable est incomplète.", "Effacez son dossier et relancez."
        )
    return certificate.public_bytes(Encoding.DER)


def _vitale_name(item: dict[str, Any]) -> str:
    patient = item["patient"]
    return f"Vitale {patient['first_given']} {patient['birth_family']}"
