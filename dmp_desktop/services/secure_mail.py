"""A message of MSSanté made of documents of one patient: the archive for programs, PDFs for people, a draft sent by hand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dmp_desktop.cda.build.transcript import transcript
from dmp_desktop.cda.read import DocumentPatient
from dmp_desktop.domain.documents import Author, DocumentEntry, Visibility
from dmp_desktop.domain.ins import is_ins
from dmp_desktop.exchange import mssante
from dmp_desktop.exchange.mssante import Joined, Subject
from dmp_desktop.services.documents import FOOTER
from dmp_desktop.services.mail_desk import hidden
from dmp_desktop.services.xdm_package import package

UNKNOWN_DOMAIN = (
    "Une adresse ne se termine pas par « .mssante.fr » : vérifiez dans l'Annuaire Santé que c'est une messagerie sécurisée "
    "avant d'envoyer."
)
TOO_LARGE = (
    "Ce message dépasse 10 Mo : beaucoup de messageries MSSanté le refusent. Envoyez moins de documents à la fois."
)
NOT_QUALIFIED = "L'identité du document n'est pas complète (INS et quatre traits) : le message le dit au destinataire."


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """`eml` is the message; `warnings` are French sentences without any patient data."""

    eml: bytes
    warnings: tuple[str, ...]


def draft(
    cdas: Sequence[bytes],
    to: Sequence[str],
    source_id: str,
    identifier: uuid.UUID,
    now: datetime,
    by: Author | None = None,
) -> Draft:
    """A message ready to be opened and sent by the mail client. The same input gives the same bytes; `now` is aware.

    `by` is who sends and signs; where that is not known nobody does: who wrote a document is not who forwards it.

    Raises ContextError for an address and for a document that says itself it is hidden from professionals, ContextError or
    CdaError as `package` and `transcript`. On a worker thread.
    """
    recipients = tuple(dict.fromkeys(map(mssante.address, to)))
    made = package(cdas, source_id, identifier, now, by)
    if any(code.code == Visibility.MASQUE_PS.code for entry in made.entries for code in entry.confidentiality):
        raise hidden()
    subject = _subject(made.patient)
    joined, warnings = [], list[str]()
    for entry, cda in zip(made.entries, cdas, strict=True):
        pdf, said = transcript(cda, FOOTER, now.tzinfo)
        warnings += said
        joined.append(_joined(entry, pdf, now))
    eml = mssante.message(recipients, subject, _text(made.entries, now, by), made.archive, joined)
    warnings += [UNKNOWN_DOMAIN] if not all(map(mssante.is_known, recipients)) else []
    warnings += [NOT_QUALIFIED] if not subject.qualified else []
    warnings += [TOO_LARGE] if len(eml) > mssante.LARGEST else []
    return Draft(eml, tuple(dict.fromkeys(warnings)))


def _subject(patient: DocumentPatient) -> Subject:
    given = patient.first_given or patient.birth_given
    known = patient.ins is not None and is_ins(patient.ins.value)
    return Subject(
        family=patient.birth_family or patient.used_family,
        given=given,
        birth_date=patient.birth_date,
        qualified=bool(known and patient.birth_family and given and patient.birth_date and patient.sex in {"M", "F"}),
    )


def _joined(entry: DocumentEntry, pdf: bytes, now: datetime) -> Joined:
    return Joined(
        kind=entry.type_code.display or entry.title,
        code=entry.type_code.code,
        day=(entry.service_start or entry.creation_time).astimezone(now.tzinfo).date(),
        pdf=pdf,
    )


def _text(entries: Sequence[DocumentEntry], now: datetime, by: Author | None) -> str:
    lines = ["Bonjour,", "", "Veuillez trouver ci-joint, pour le patient nommé dans l'objet de ce message :"]
    for entry in entries:
        made = entry.creation_time.astimezone(now.tzinfo)
        said = " : annule et remplace la version précédente" if entry.replaces else ""
        lines.append(f"- {entry.title}, du {made:%d/%m/%Y}{said}")
    lines += [
        "",
        "Chaque document est joint en PDF, pour être lu, et dans l'archive IHE_XDM.zip, pour être intégré à votre logiciel.",
    ]
    if by is not None:
        lines += ["", "Cordialement,", *dict.fromkeys((by.display_name, by.institution))]
    return "\n".join(lines) + "\n"
