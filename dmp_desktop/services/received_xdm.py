"""What an XDM archive says, joined with what its documents say of themselves: its traits, its words, what it replaces."""

from __future__ import annotations

from dataclasses import replace

from dmp_desktop.cda.read import DocumentPatient, entry_from_cda, read_patient, text_from_cda
from dmp_desktop.cda.xml import parse
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity, is_ins
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.received import Received, ReceivedDocument, ReceivedPatient
from dmp_desktop.errors import CdaError

_XML = frozenset({"text/xml", "application/xml", "application/hl7-v3+xml"})
OTHER_PATIENT = (
    "L'enveloppe et le document ne désignent pas le même patient : l'INS n'est pas repris. "
    "Lisez l'identité dans le document."
)
OTHER_ID = "Un document ne porte pas l'identifiant que l'enveloppe lui donne : celui du document est repris."
UNREADABLE = "Un document annoncé comme CDA n'en est pas un : il est gardé tel quel."
SEVERAL_REPLACED = "Plusieurs documents de l'envoi en remplacent d'autres : seul le premier remplacement est repris."


def completed(message: Received) -> Received:
    """The same message with what its CDA documents tell. What the envelope and a document tell differently is warned of."""
    warnings = [*message.warnings]
    patient, texts, replaced = message.patient, [], []
    documents: list[ReceivedDocument] = []
    for document in message.documents:
        read = _read(document)
        if read is None:
            warnings += [UNREADABLE] if document.mime in _XML else []
            documents.append(document)
            continue
        entry, told = read
        if document.unique_id and entry.unique_id and document.unique_id != entry.unique_id:
            warnings.append(OTHER_ID)
        documents.append(_named(document, entry))
        patient = _joined(patient, told, warnings)
        texts.append(text_from_cda(document.content))
        replaced += [entry.replaces] if entry.replaces else []
    if len(replaced) > 1:
        warnings.append(SEVERAL_REPLACED)
    if OTHER_PATIENT in warnings:
        patient = replace(patient, ins=None)
    return replace(
        message,
        patient=patient,
        documents=tuple(documents),
        text="\n\n".join(texts) or message.text,
        replaces=next(iter(replaced), message.replaces),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _read(document: ReceivedDocument) -> tuple[DocumentEntry, DocumentPatient] | None:
    if document.mime not in _XML:
        return None
    try:
        return entry_from_cda(document.content), read_patient(parse(document.content))
    except CdaError:
        return None


def _named(document: ReceivedDocument, entry: DocumentEntry) -> ReceivedDocument:
    """A document says best itself what it is."""
    return replace(
        document,
        title=entry.title or document.title,
        created=entry.creation_time if entry.creation_time.year > 1970 else document.created,
        unique_id=entry.unique_id or document.unique_id,
        type_code=entry.type_code.code or document.type_code,
    )


def _joined(envelope: ReceivedPatient, told: DocumentPatient, warnings: list[str]) -> ReceivedPatient:
    """The traits of the document, completed by those of the envelope; no INS when they are of two people."""
    ins = told.ins if told.ins and is_ins(told.ins.value) else None
    if _differ(envelope, told, ins):
        warnings.append(OTHER_PATIENT)
    return ReceivedPatient(
        family=told.birth_family or told.used_family or envelope.family,
        given=told.first_given or told.birth_given or envelope.given,
        birth_family=told.birth_family or envelope.birth_family,
        used_family=told.used_family or envelope.used_family,
        birth_date=told.birth_date or envelope.birth_date,
        sex=_sex(told.sex) or envelope.sex,
        ins=ins or envelope.ins,
        nir=envelope.nir,
        file_number=envelope.file_number,
        address=envelope.address,
    )


def _differ(envelope: ReceivedPatient, told: DocumentPatient, ins: InsIdentity | None) -> bool:
    numbers = envelope.ins and ins and (envelope.ins.value, envelope.ins.oid) != (ins.value, ins.oid)
    births = envelope.birth_date and told.birth_date and envelope.birth_date != told.birth_date
    return bool(numbers or births)


def _sex(code: str) -> Sex | None:
    return {"M": Sex.MALE, "F": Sex.FEMALE, "U": Sex.UNKNOWN, "UN": Sex.UNKNOWN}.get(code)
