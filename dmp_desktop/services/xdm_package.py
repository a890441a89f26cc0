"""Documents of one patient made into an IHE_XDM.ZIP: metadata by `cda.read` and `dmp.metadata`, archive by `exchange`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dmp_desktop import version
from dmp_desktop.cda.read import DocumentPatient, entry_from_cda, read_patient
from dmp_desktop.cda.xml import parse
from dmp_desktop.dmp import metadata
from dmp_desktop.domain.documents import Author, Code, DocumentEntry, Submission
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import CdaError, ContextError
from dmp_desktop.exchange import xdm
from dmp_desktop.exchange.xdm_texts import Listed, Sender
from dmp_desktop.exchange.xdm_write import file_names, write

PROGRAM = "DMP Desktop"
LARGEST = 20
"""Documents of one message: a correspondent reads them one by one."""


@dataclass(frozen=True, slots=True, repr=False)
class Package:
    """`archive` is the IHE_XDM.ZIP; `entries` what it says of its documents, in their order, and `patient` whom they name."""

    archive: bytes
    entries: tuple[DocumentEntry, ...]
    patient: DocumentPatient


def package(
    cdas: Sequence[bytes], source_id: str, identifier: uuid.UUID, now: datetime, by: Author | None = None
) -> Package:
    """The same input gives the same bytes. `source_id` is the OID of this software, `identifier` names the set; `now` is aware.

    `by` is who sends, who may not be who wrote; the author of the first document where that is not known.

    Raises CdaError for a document that cannot be read or lacks what its metadata need, ContextError("xdm-patients") for
    documents of several patients.
    """
    entries = tuple(entry_from_cda(cda) for cda in cdas)
    needed = [_needed(entry) for entry in entries]
    owner, wrote, place = needed[0]
    author = by or wrote
    patient = read_patient(parse(cdas[0]))
    if len(entries) > LARGEST:
        raise ContextError("xdm-count", f"Un envoi contient {LARGEST} documents au plus.", "Faites plusieurs envois.")
    if len({(one.value, one.oid) for one, _author, _place in needed}) > 1:
        raise ContextError(
            "xdm-patients", "Ces documents ne concernent pas tous le même patient.", "Faites un envoi par patient."
        )
    if len({one.unique_id for one in entries}) < len(entries):
        raise ContextError("xdm-twice", "Le même document est donné deux fois.", "Ne le donnez qu'une fois.")
    submission = Submission(
        unique_id=f"2.25.{identifier.int}",
        patient=owner,
        author=author,
        content_type=place,  # JDV_J59: the SAxx sector code, as for a lot to the DMP
        source_id=source_id,
        documents=tuple(zip(entries, cdas, strict=True)),
        title=entries[0].title if len(entries) == 1 else "",
    )
    names = file_names([entry.mime_type for entry in entries])
    told = metadata.package(submission, names, now, identifier)
    sender = Sender(" ".join(_person(author)), author.institution, PROGRAM, version())
    listed = [_listed(name, entry, now) for name, entry in zip(names, entries, strict=True)]
    content = write(told, list(zip(listed, cdas, strict=True)), _lines(patient), sender, now)
    _read_back(content, cdas)
    return Package(content, entries, patient)


def _read_back(archive: bytes, cdas: Sequence[bytes]) -> None:
    """What leaves is read as its receiver will: names, sizes, digests. Raises ContextError."""
    read = [document.content for message in xdm.read(archive) for document in message.documents]
    if read != list(cdas):
        raise ContextError("xdm-written", "L'archive XDM n'a pas été faite comme prévu.", "Recommencez.")


def _needed(entry: DocumentEntry) -> tuple[InsIdentity, Author, Code]:
    """Patient, first author and place of a document that has all XDS requires (ITI TF-3 §4.3.1; CI-SIS). Raises CdaError."""
    lacking = {
        "d'identifiant": entry.unique_id,
        "de patient identifié par son INS": entry.patient,
        "d'auteur": entry.authors,
        "de lieu d'exercice": entry.facility_type,
        "de cadre d'exercice": entry.practice_setting,
        "de type connu": entry.type_code.code and entry.class_code.code,
        "de format connu": entry.format_code.code,
        "de confidentialité": entry.confidentiality,
    }
    missing = [name for name, value in lacking.items() if not value]
    if missing or entry.patient is None or entry.facility_type is None:
        raise CdaError(
            "xdm-metadata",
            f"Un document n'a pas {', ni '.join(missing)} : il ne peut pas être mis dans un envoi XDM.",
            "Construisez-le à nouveau.",
        )
    return entry.patient, entry.authors[0], entry.facility_type


def _listed(name: str, entry: DocumentEntry, now: datetime) -> Listed:
    return Listed(
        file=name,
        title=entry.title,
        kind=entry.type_code.display or entry.type_code.code,
        author=entry.authors[0].display_name,
        created=entry.creation_time.astimezone(now.tzinfo),
        size=entry.size,
        replaces=bool(entry.replaces),
    )


def _person(author: Author) -> list[str]:
    return [part for part in (author.given, author.family) if any(map(str.isalnum, part))]


def _lines(patient: DocumentPatient) -> list[str]:
    """Whom the documents are about, for people: no number."""
    given = patient.first_given or patient.birth_given
    lines = [f"Nom de naissance : {patient.birth_family}", f"Prénom : {given}"]
    lines += [f"Nom utilisé : {patient.used_family}"] if patient.used_family else []
    lines += [f"Né(e) le : {patient.birth_date:%d/%m/%Y}"] if patient.birth_date else []
    return lines
