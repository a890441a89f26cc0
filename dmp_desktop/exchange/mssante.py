"""A message of MSSanté as a draft for the doctor's mail client: `.eml` with `X-Unsent: 1` (référentiel socle MSSanté n° 2).

The subject and the names of the PDFs carry the patient's name, as MSSanté wants of a message that stays inside of it (ECO.2.1.3,
ECO.2.1.6). Nothing else here names anybody: neither the file of the message, nor what is refused.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

from dmp_desktop.errors import ContextError

LARGEST = 10_000_000
"""Bytes of a message that every operator takes; many refuse larger ones [R]."""
_DOMAIN = ".mssante.fr"
_PATIENTS = "patient.mssante.fr"
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3
_LONGEST_LABEL = 40  # ECO.2.1.3, ECO.2.1.6
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|_\x00-\x1f]+')


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Whom a message is about, as its documents name them; `birth_date` None where they do not tell."""

    family: str
    given: str
    birth_date: date | None
    qualified: bool
    """Whether the archive holds an INS with its authority and the four traits (X-MSS-INS)."""


@dataclass(frozen=True, slots=True, repr=False)
class Joined:
    """A document of the message: its kind in words, its CDA code, the day of the act, and its PDF."""

    kind: str
    code: str
    day: date
    pdf: bytes


def address(typed: str) -> str:
    """An address of MSSanté. Raises ContextError for what is none, and for a patient's: it holds the INS."""
    bare = typed.strip()
    if len(bare) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(bare):
        raise ContextError(
            "mail-address",
            "Cette adresse n'est pas une adresse de messagerie.",
            "Copiez-la depuis l'Annuaire Santé ou depuis un message de ce correspondant.",
            field="to",
        )
    local, _, domain = bare.rpartition("@")
    if domain.lower() == _PATIENTS:
        raise ContextError(
            "mail-patient",
            "Cette adresse est celle d'un patient : elle contient son INS et n'est pas prise ici.",
            "Écrivez au patient depuis votre messagerie.",
            field="to",
        )
    return f"{local}@{domain.lower()}"


def is_known(checked: str) -> bool:
    """Whether an address is of MSSanté by its domain alone. Some operators keep older domains: only the Annuaire Santé tells."""
    return checked.endswith(_DOMAIN)


def subject_line(patient: Subject, kinds: Sequence[str]) -> str:
    """ECO.2.1.3: `XDM/1.0/DDM+<libellé> <NOM> <prénom> <date de naissance>`."""
    label = kinds[0][:_LONGEST_LABEL].strip() if len(kinds) == 1 else f"{len(kinds)} documents"
    born = f"{patient.birth_date:%d/%m/%Y}" if patient.birth_date else ""
    named = (label, _bare(patient.family).upper(), _bare(patient.given), born)
    return "XDM/1.0/DDM+" + " ".join(" ".join(part.split()) for part in named if part)


def pdf_names(patient: Subject, joined: Sequence[Joined]) -> tuple[str, ...]:
    """ECO.2.1.6: `<date de l'acte>_<type>_<NOM>_<prénom>.pdf`; a number after it where two would be the same."""
    names: list[str] = []
    for one in joined:
        parts = (f"{one.day:%Y%m%d}", one.kind[:_LONGEST_LABEL], _bare(patient.family).upper(), _bare(patient.given))
        stem = "_".join(" ".join(_NO_FILE_NAME.sub(" ", part).split()) for part in parts)
        twins = sum(name.startswith(stem) for name in names)
        names.append(f"{stem}_{twins + 1}.pdf" if twins else f"{stem}.pdf")
    return tuple(names)


def message(to: Sequence[str], patient: Subject, text: str, archive: bytes, joined: Sequence[Joined]) -> bytes:
    """The draft. Addresses are checked ones; without any, the mail client asks for them. The same input gives the same bytes;
    who sends it and when, the mail client says."""
    made = EmailMessage(policy=SMTP)
    made["X-Unsent"] = "1"
    if to:
        made["To"] = ", ".join(to)
    made["Subject"] = subject_line(patient, [one.kind for one in joined])
    made["X-MSS-INS"] = "O" if patient.qualified else "N"
    made["X-MSS-CODECDA"] = ",".join(one.code for one in joined)
    made.set_content(text, charset="utf-8", cte="quoted-printable")
    made.add_attachment(
        archive, maintype="application", subtype="zip", filename="IHE_XDM.zip", params={"name": "IHE_XDM.zip"}
    )
    for name, one in zip(pdf_names(patient, joined), joined, strict=True):
        made.add_attachment(one.pdf, maintype="application", subtype="pdf", filename=name)
    made.set_boundary(f"=_{hashlib.sha256(archive).hexdigest()[:40]}")
    return made.as_bytes()


def _bare(name: str) -> str:
    """Without accents (ECO.2.1.3), hyphens and apostrophes kept."""
    whole = name.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
    spread = unicodedata.normalize("NFKD", whole)
    return "".join(char for char in spread if not unicodedata.combining(char))
