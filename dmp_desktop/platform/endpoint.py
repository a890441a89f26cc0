"""Which DMP may be talked to, and as whom.

Whoever can write into the environment could otherwise send patients' documents elsewhere: DMP_DESKTOP_SERVER, _CA,
_SECRETS and _IDENTITY=p12: count only in BAC À SABLE mode, that is with a server on this machine (design/cli.md, last
lines).
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from dmp_desktop.errors import ContextError

SERVER, CA, IDENTITY, SECRETS = (f"DMP_DESKTOP_{name}" for name in ("SERVER", "CA", "IDENTITY", "SECRETS"))


@dataclass(frozen=True, slots=True)
class IdentitySpec:
    """Where the client's keys are: a folder of PKCS#12 files, or a token behind a PKCS#11 module."""

    p12_folder: Path | None = None
    pkcs11_module: Path | None = None
    token: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Secrets of automated tests; empty means: ask, or look in the key store."""

    p12: str = ""
    pin: str = ""
    storage: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One DMP server. `base_url` is empty when none is known. `sandbox` is BAC À SABLE mode: the screen says so all
    the time."""

    base_url: str = ""
    ca_file: Path | None = None
    identity: IdentitySpec | None = None
    sandbox: bool = False
    secrets: Secrets = Secrets()
    notices: tuple[str, ...] = ()


def find_endpoint(environment: Mapping[str, str], signed: Endpoint | None = None) -> Endpoint:
    """The endpoint of the environment in BAC À SABLE mode, else the one of the signed settings.

    What the environment may not decide is ignored, with a French notice each; an identity by PKCS#11 may always come
    from it. Raises ContextError when DMP_DESKTOP_SECRETS is set outside the sandbox, or when a variable that counts
    cannot be understood.
    """
    signed = signed or Endpoint()
    url = environment.get(SERVER, "")
    spec = parse_identity(environment[IDENTITY]) if environment.get(IDENTITY) else None
    if is_loopback(url):
        ca = environment.get(CA)
        return Endpoint(url.rstrip("/"), Path(ca) if ca else None, spec, True, _secrets(environment.get(SECRETS)))
    if environment.get(SECRETS):
        raise ContextError(
            "environment-secrets",
            f"{SECRETS} n'est accepté qu'en mode BAC À SABLE.",
            f"Retirez {SECRETS} : les secrets se saisissent ou viennent du coffre du système.",
            field=SECRETS,
        )
    ignored = [name for name in (SERVER, CA) if environment.get(name)]
    if spec and spec.p12_folder:
        ignored.append(IDENTITY)
        spec = None
    notices = tuple(f"{name} est ignoré : il ne compte qu'en mode BAC À SABLE (serveur local)." for name in ignored)
    return Endpoint(signed.base_url, signed.ca_file, spec or signed.identity, False, notices=notices)


def is_loopback(url: str) -> bool:
    """True for an https URL whose host is this machine: `localhost`, 127.0.0.0/8 or ::1 (RFC 6761 §6.3, RFC 1122, RFC
    4291)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme == "https" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def parse_identity(text: str) -> IdentitySpec:
    """`p12:FOLDER` or `pkcs11:MODULE?token=LABEL`. Raises ContextError("environment-identity")."""
    scheme, _, rest = text.partition(":")
    if scheme == "p12" and rest:
        return IdentitySpec(p12_folder=Path(rest))
    module, _, query = rest.partition("?")
    if scheme == "pkcs11" and module:
        return IdentitySpec(pkcs11_module=Path(module), token=(parse_qs(query).get("token") or [""])[0])
    raise ContextError(
        "environment-identity",
        f"{IDENTITY} ne se comprend pas.",
        "Écrivez p12:DOSSIER ou pkcs11:MODULE?token=NOM.",
        field=IDENTITY,
    )


def _secrets(file: str | None) -> Secrets:
    if not file:
        return Secrets()
    try:
        stored = json.loads(Path(file).read_text("utf-8"))
        return Secrets(**{name: str(stored.get(name, "")) for name in ("p12", "pin", "storage")})
    except (OSError, ValueError, AttributeError) as error:
        raise ContextError(
            "environment-secrets",
            f"Le fichier de {SECRETS} est illisible.",
            'Il contient {"p12": …, "pin": …, "storage": …}.',
            field=SECRETS,
        ) from error
