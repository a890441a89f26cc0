"""Which DMP may be talked to, and as whom.

Whoever can write into the environment could otherwise send patients' documents elsewhere: DMP_DESKTOP_SERVER, _CA,
_SECRETS, _PSC, _INSI, _WEB_DMP and _IDENTITY=p12: count only in BAC À SABLE mode, that is with a server on this machine
(design/cli.md, last lines).
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from dmp_desktop.errors import ContextError

SERVER, CA, IDENTITY, SECRETS, PSC = (f"DMP_DESKTOP_{name}" for name in ("SERVER", "CA", "IDENTITY", "SECRETS", "PSC"))
WEB_DMP = "DMP_DESKTOP_WEB_DMP"
"""Root of the Web DMP (`https://…`), whose addresses hold the INS: in the sandbox, on this machine only."""
INSI = "DMP_DESKTOP_INSI"
"""A file `{"url", "ca", "approval"}`: the INSi teleservice, another server than the DMP. In the sandbox, on this machine only."""
TRACE = "DMP_DESKTOP_TRACE"
"""`oui` writes a trace of the conversation with the DMP for the support, with any server: nothing of a patient is in it."""
PROTOCOL = "DMP_DESKTOP_PROTOCOL"
"""`fhir` or `xds` (the same as nothing): how the DMP is spoken to, whatever the server. It changes nothing of where."""


class WireProtocol(StrEnum):
    """The two languages of the DMP: XDS.b of today, FHIR (profile PDSm) that is announced."""

    XDS = "xds"
    FHIR = "fhir"


@dataclass(frozen=True, slots=True)
class IdentitySpec:
    """Where the client's keys are: a folder of PKCS#12 files, or a token behind a PKCS#11 module.

    `psc` asks Pro Santé Connect who it is: `navigateur`, or the number of a person (RPPS) whose phone is to ring.
    """

    p12_folder: Path | None = None
    pkcs11_module: Path | None = None
    token: str = ""
    psc: str = ""


@dataclass(frozen=True, slots=True)
class PscSpec:
    """Pro Santé Connect as DMP_DESKTOP_PSC tells it: address of its document, its authorities, how this software is known
    there, and the folder of the structure's PKCS#12 files. `redirect_port` 0 takes any free port."""

    discovery: str
    ca_file: Path
    client_id: str
    structure_folder: Path
    client_secret: str = field(default="", repr=False)
    redirect_port: int = 0


@dataclass(frozen=True, slots=True)
class InsiSpec:
    """The INSi teleservice: `https://host[:port]`, its authorities, the authorisation number of this software (IDAM)."""

    url: str
    ca_file: Path
    approval: str


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
    """One DMP server. `base_url` is empty when none is known, `web_dmp` (root of its site) too. `sandbox` is BAC À SABLE
    mode: the screen says so all the time."""

    base_url: str = ""
    ca_file: Path | None = None
    identity: IdentitySpec | None = None
    sandbox: bool = False
    secrets: Secrets = Secrets()
    notices: tuple[str, ...] = ()
    psc: PscSpec | None = None
    web_dmp: str = ""
    insi: InsiSpec | None = None


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
        _check_address(url)
        ca = environment.get(CA)
        secrets, psc = _secrets(environment.get(SECRETS)), _psc(environment.get(PSC))
        web = _web_dmp(environment.get(WEB_DMP))
        insi = _insi(environment.get(INSI))
        authorities = Path(ca) if ca else None
        return Endpoint(url.rstrip("/"), authorities, spec, True, secrets, psc=psc, web_dmp=web, insi=insi)
    if environment.get(SECRETS):
        raise ContextError(
            "environment-secrets",
            f"{SECRETS} n'est accepté qu'en mode BAC À SABLE.",
            f"Retirez {SECRETS} : les secrets se saisissent ou viennent du coffre du système.",
            field=SECRETS,
        )
    ignored = [name for name in (SERVER, CA, PSC, INSI, WEB_DMP) if environment.get(name)]
    if spec and (spec.p12_folder or spec.psc):
        ignored.append(IDENTITY)
        spec = None
    notices = tuple(f"{name} est ignoré : il ne compte qu'en mode BAC À SABLE (serveur local)." for name in ignored)
    identity = spec or signed.identity
    return Endpoint(
        signed.base_url, signed.ca_file, identity, False, notices=notices, web_dmp=signed.web_dmp, insi=signed.insi
    )


def is_traced(environment: Mapping[str, str]) -> bool:
    """Whether the support asked for a trace. Raises ContextError("environment-trace")."""
    told = environment.get(TRACE, "")
    if told not in ("", "oui", "non"):
        raise ContextError("environment-trace", f"{TRACE} ne se comprend pas.", "Écrivez oui ou non.", field=TRACE)
    return told == "oui"


def wire_protocol(environment: Mapping[str, str]) -> WireProtocol:
    """How the DMP is spoken to. Raises ContextError("environment-protocol")."""
    try:
        return WireProtocol(environment.get(PROTOCOL) or WireProtocol.XDS)
    except ValueError:
        raise ContextError(
            "environment-protocol", f"{PROTOCOL} ne se comprend pas.", "Écrivez xds ou fhir.", field=PROTOCOL
        ) from None


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
    """`p12:FOLDER`, `pkcs11:MODULE?token=LABEL`, `psc:navigateur` or `psc:NUMBER`.

    Raises ContextError("environment-identity").
    """
    scheme, _, rest = text.partition(":")
    if scheme == "p12" and rest:
        return IdentitySpec(p12_folder=Path(rest))
    if scheme == "psc" and rest:
        return IdentitySpec(psc=rest)
    module, _, query = rest.partition("?")
    if scheme == "pkcs11" and module and not Path(module).is_absolute():
        raise ContextError(
            "environment-identity",
            f"{IDENTITY} nomme un module sans son dossier.",
            "Écrivez son chemin entier : pkcs11:/dossier/module?token=NOM.",
        )
    if scheme == "pkcs11" and module:
        return IdentitySpec(pkcs11_module=Path(module), token=(parse_qs(query).get("token") or [""])[0])
    raise ContextError(
        "environment-identity",
        f"{IDENTITY} ne se comprend pas.",
        "Écrivez p12:DOSSIER, pkcs11:MODULE?token=NOM, psc:navigateur ou psc:NUMÉRO.",
        field=IDENTITY,
    )


def _check_address(url: str) -> None:
    """Of a server on this machine. Raises ContextError("environment-server")."""
    if _port_holds(url) and not {"?", "#"} & set(url):
        return
    raise ContextError(
        "environment-server",
        f"{SERVER} ne se comprend pas.",
        "Écrivez l'adresse du serveur de bac à sable, sans « ? » ni « # », son port entre 1 et 65535 : https://localhost:PORT.",
        field=SERVER,
    )


def _port_holds(url: str) -> bool:
    """Whether a connection can be made to its port."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _psc(file: str | None) -> PscSpec | None:
    if not file:
        return None
    try:
        told = json.loads(Path(file).read_text("utf-8"))
        if not str(told["discovery"]).startswith("https://"):
            raise ValueError  # noqa: TRY301 - the same refusal
        return PscSpec(
            discovery=str(told["discovery"]),
            ca_file=Path(told["ca"]),
            client_id=str(told["client_id"]),
            structure_folder=Path(told["structure"]),
            client_secret=str(told.get("client_secret", "")),
            redirect_port=int(told.get("redirect_port", 0)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContextError(
            "environment-psc",
            f"Le fichier de {PSC} est illisible.",
            'Il contient {"discovery": "https://…", "ca": …, "client_id": …, "structure": …}.',
            field=PSC,
        ) from error


def _insi(file: str | None) -> InsiSpec | None:
    """Checked: a server on this machine, as for the DMP."""
    if not file:
        return None
    try:
        told = json.loads(Path(file).read_text("utf-8"))
        url, approval = str(told["url"]).rstrip("/"), str(told["approval"])
        if (
            not (is_loopback(url) and _port_holds(url))
            or url != f"https://{urlsplit(url).netloc}"
            or "@" in url
            or not approval.strip()
        ):
            raise ValueError  # noqa: TRY301 - the same refusal
        return InsiSpec(url, Path(told["ca"]), approval)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ContextError(
            "environment-insi",
            f"Le fichier de {INSI} ne se comprend pas.",
            'Il contient {"url": "https://localhost:PORT", "ca": …, "approval": numéro d\'autorisation INSi}.',
            field=INSI,
        ) from error


def _web_dmp(site: str | None) -> str:
    """Checked: the root of a site on this machine."""
    if not site:
        return ""
    if (
        is_loopback(site)
        and _port_holds(site)
        and site.rstrip("/") == f"https://{urlsplit(site).netloc}"
        and "@" not in site
    ):
        return site.rstrip("/")
    raise ContextError(
        "environment-web-dmp",
        f"{WEB_DMP} ne se comprend pas.",
        "Écrivez la racine du site, sur cet ordinateur en mode BAC À SABLE : https://localhost:PORT.",
        field=WEB_DMP,
    )


def _secrets(file: str | None) -> Secrets:
    if not file:
        return Secrets()
    try:
        stored = json.loads(Path(file).read_text("utf-8"))
        return Secrets(**{name: str(stored.get(name, "")) for name in ("p12", "pin", "storage")})
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise ContextError(
            "environment-secrets",
            f"Le fichier de {SECRETS} est illisible.",
            'Il contient {"p12": …, "pin": …, "storage": …}.',
            field=SECRETS,
        ) from error
