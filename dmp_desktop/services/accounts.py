"""What files of the workstation tell of accounts: software certificates, and the place of practice of cards that tell none.

Software certificates are a folder with `auth.p12`, `sign.p12` and `holder.json`, which stands for the data objects of a card
(CPS_NAME_PS, CPS_INFO_PS, CPS_ACTIVITY): who holds it, where they work. The demonstration's card is one of these, found by its
holder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.domain.fields import Fields
from dmp_desktop.domain.people import Facility, Role
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.exchange.context import facility_from_dict, professional_from_dict
from dmp_desktop.services.identity_settings import IdentitySettings, identity_settings
from dmp_desktop.services.sign_in import Account
from dmp_desktop.terminology import specialty

PRACTICE_FILE = "cabinet.json"
_HOLD_KEYS = frozenset(Role) - {Role.ADMINISTRATOR}  # who looks after the workstation has none
_RPPS = re.compile(r"8\d{11}", re.ASCII)  # PS_IdNat


@dataclass(frozen=True, slots=True)
class Practice:
    """The configured place of this workstation. `specialty` as in `Professional`, empty when the file tells none.

    `cps` are the holders (PS_IdNat) whose cards are said here to be CPS, for cards that do not tell their type.
    `replacements` are doctors (PS_IdNat) who replace one of the practice. `regulation`: it is a workstation of a centre 15.
    `identity`: what the practice decides about identities.
    """

    facility: Facility
    specialty: str = ""
    cps: frozenset[str] = frozenset()
    regulation: bool = False
    replacements: frozenset[str] = frozenset()
    identity: IdentitySettings = field(default_factory=IdentitySettings)


def configured_practice(file: Path) -> Practice | None:
    """`{"facility": …, "specialty": …, "cps": […], "replacements": […], "regulation": …, "identity": …}`,
    facility as in a context file
    (design/cli.md), identity as `identity_settings`.

    None without such a file.

    Raises ContextError when it cannot be used.
    """
    try:
        untrusted = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable_practice() from error
    try:
        data = json.loads(untrusted)
    except (ValueError, RecursionError) as error:
        raise _unreadable_practice() from error
    fields = Fields(data, "")
    facility = facility_from_dict(fields.raw("facility"))
    told = fields.raw("specialty") is not None
    code = fields.code("specialty", specialty, "code de profession ou spécialité (JDV_J01)") if told else ""
    holders, replacing = _people(fields.raw("cps")), _people(fields.raw("replacements"))
    regulation = fields.raw("regulation")
    identity = identity_settings(fields.raw("identity"))
    fields.close()
    if not isinstance(regulation, bool | None):
        raise _unreadable_practice()
    return Practice(facility, code, holders, regulation is True, replacing, identity)


def _people(told: object) -> frozenset[str]:
    """PS_IdNat of a list, none of what is not told. Raises ContextError."""
    named = [] if told is None else told
    if not isinstance(named, list) or not all(isinstance(one, str) and _RPPS.fullmatch(one) for one in named):
        raise _unreadable_practice()
    return frozenset(named)


def _unreadable_practice() -> ContextError:
    return ContextError(
        "CabinetIllisible",
        f"Le fichier {PRACTICE_FILE} de ce poste est illisible.",
        'Il contient {"facility": {"id", "name", "sector", "practice_setting"}, "specialty": "G15_10/SM26", "cps": ["8…"], '
        '"replacements": ["8…"], "regulation": true, "identity": {…}}.',
        field=PRACTICE_FILE,
    )


def software_account(folder: Path, password: Callable[[], str]) -> Account:
    """The account of a folder; `password` is asked for when it signs in.

    Raises DmpError when the folder or its `holder.json` is missing, ContextError when it cannot be used.
    """
    try:
        holder = json.loads((folder / "holder.json").read_text("utf-8"))
    except OSError:
        if not folder.is_dir():
            raise DmpError(
                "CertificatsAbsents",
                "Le dossier des certificats est introuvable.",
                "Corrigez DMP_DESKTOP_IDENTITY (p12:DOSSIER).",
            ) from None
        raise DmpError(
            "TitulaireAbsent",
            "Le dossier des certificats ne dit pas à qui ils appartiennent (holder.json).",
            "Indiquez un dossier de certificats complet.",
        ) from None
    except ValueError:
        holder = None
    if not isinstance(holder, dict) or holder.get("role") not in _HOLD_KEYS or not holder.get("national_id"):
        raise ContextError(
            "TitulaireIllisible",
            "Le fichier holder.json du dossier des certificats est illisible.",
            'Il contient {"national_id", "role", "professional", "facility"}.',
            field="role",
        )
    national_id = str(holder["national_id"])
    professional = professional_from_dict(holder.get("professional"))
    return Account(
        national_id=national_id,
        professional=professional if professional.rpps else replace(professional, other_id=national_id),
        facility=facility_from_dict(holder.get("facility")),
        role=Role(holder["role"]),
        open_identity=lambda: Pkcs12Identity(folder, password()),
    )
