"""What an XDM archive says, joined with what its documents say of themselves: its traits, its words, what it replaces."""

from __future__ import annotations

from dataclasses import replace

from dmp_desktop.cda.media import PDF, TEXT, is_pdf_begun_late, media_type
from dmp_desktop.cda.read import DocumentPatient, entry_from_cda, read_patient, text_from_cda
from dmp_desktop.cda.xml import parse
from dmp_desktop.domain.documents import DocumentEntry, Visibility
from dmp_desktop.domain.identity import begins, folded
from dmp_desktop.domain.ins import is_ins
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.received import Received, ReceivedDocument, ReceivedPatient
from dmp_desktop.errors import CdaError

XML = "text/xml"
_XML = frozenset({XML, "application/xml", "application/hl7-v3+xml"})
_UNTOLD = ("application/octet-stream", "application/rtf", "application/x-pdf", "image/jpg", "image/pjpeg", "image/tif")
"""Types that tell nothing, or the same in other words."""
_ROOT, _LOOK = b"ClinicalDocument", 65_536
OTHER_PATIENT = (
    "L'enveloppe et les documents ne désignent pas tous le même patient : personne n'est proposé. "
    "Lisez l'identité dans chaque document."
)
OTHER_KIND = "Un document n'est pas du type que l'enveloppe annonce : il est lu pour ce qu'il est."
OTHER_ID = "Un document ne porte pas l'identifiant que l'enveloppe lui donne : celui du document est repris."
UNREADABLE = "Un document annoncé comme CDA n'en est pas un : il est gardé tel quel."
SEVERAL_REPLACED = "Plusieurs documents de l'envoi en remplacent d'autres : seul le premier remplacement est repris."


def is_cda(untrusted: bytes) -> bool:
    """Whether a file looks like one: XML that names its root early, in UTF-8 or UTF-16."""
    start = untrusted[:_LOOK].replace(b"\0", b"")
    return start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe \t\r\n").startswith(b"<") and _ROOT in start


def restrictions(entry: DocumentEntry) -> frozenset[Visibility]:
    """Those a document tells of itself."""
    codes = {code.code for code in entry.confidentiality}
    return frozenset(one for one in Visibility if one.code in codes)


def completed(message: Received) -> Received:
    """The same message with what its CDA documents tell. What the envelope and a document tell differently is warned of; where
    they tell different people, nothing of the patient is left that proposes anybody: a person decides."""
    warnings = [*message.warnings]
    texts, replaced, hidden = [], [], message.routing.visibility
    patient, first = message.patient, ReceivedPatient()
    documents: list[ReceivedDocument] = []
    for document in message.documents:
        read = _read(document)
        if read is None:
            warnings += [UNREADABLE] if document.mime in _XML else []
            documents.append(_as_it_is(document, warnings))
            continue
        warnings += [] if document.mime in _XML else [OTHER_KIND]
        entry, told = read
        if document.unique_id and entry.unique_id and document.unique_id != entry.unique_id:
            warnings.append(OTHER_ID)
        documents.append(_named(document, entry))
        whom = _patient(told)
        if _differ(message.patient, whom, told) or _differ(first, whom, told):
            warnings.append(OTHER_PATIENT)
        first = _joined(first, whom)
        hidden |= restrictions(entry)
        texts.append(text_from_cda(document.content))
        replaced += [entry.replaces] if entry.replaces else []
    if len(replaced) > 1:
        warnings.append(SEVERAL_REPLACED)
    apart = OTHER_PATIENT in warnings
    return replace(
        message,
        patient=replace(patient, ins=None, nir="", birth_date=None) if apart else _joined(first, patient),
        routing=replace(message.routing, visibility=hidden),
        documents=tuple(documents),
        text="\n\n".join(texts) or message.text,
        replaces=next(iter(replaced), message.replaces),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _as_it_is(document: ReceivedDocument, warnings: list[str]) -> ReceivedDocument:
    """Under the type its first bytes tell: under another one it would be shown to nobody."""
    seen = PDF if is_pdf_begun_late(document.content) else media_type(document.content)
    if seen in (None, TEXT, document.mime):
        return document
    if document.mime not in _UNTOLD:
        warnings.append(OTHER_KIND)
    return replace(document, mime=str(seen))


def _read(document: ReceivedDocument) -> tuple[DocumentEntry, DocumentPatient] | None:
    if document.mime not in _XML and not is_cda(document.content):
        return None
    try:
        return entry_from_cda(document.content), read_patient(parse(document.content))
    except CdaError:
        return None


def _named(document: ReceivedDocument, entry: DocumentEntry) -> ReceivedDocument:
    """A document says best itself what it is."""
    return replace(
        document,
        mime=XML,
        title=entry.title or document.title,
        created=entry.creation_time if entry.creation_time.year > 1970 else document.created,
        unique_id=entry.unique_id or document.unique_id,
        type_code=entry.type_code.code or document.type_code,
    )


def _patient(told: DocumentPatient) -> ReceivedPatient:
    return ReceivedPatient(
        family=told.birth_family or told.used_family,
        given=told.first_given or told.birth_given,
        birth_family=told.birth_family,
        used_family=told.used_family,
        birth_date=told.birth_date,
        sex=_sex(told.sex),
        ins=told.ins if told.ins and is_ins(told.ins.value) else None,
    )


def _joined(surer: ReceivedPatient, other: ReceivedPatient) -> ReceivedPatient:
    """The traits of one, completed by those of the other."""
    return ReceivedPatient(
        family=surer.family or other.family,
        given=surer.given or other.given,
        birth_family=surer.birth_family or other.birth_family,
        used_family=surer.used_family or other.used_family,
        birth_date=surer.birth_date or other.birth_date,
        sex=surer.sex if surer.sex in (Sex.MALE, Sex.FEMALE) else other.sex or surer.sex,
        ins=surer.ins or other.ins,
        nir=surer.nir or other.nir,
        file_number=surer.file_number or other.file_number,
        address=surer.address or other.address,
    )


def _differ(one: ReceivedPatient, whom: ReceivedPatient, told: DocumentPatient) -> bool:
    """Whether a document, read as `whom` and `told`, is of somebody else; what is not told contradicts nobody."""
    numbers = one.ins and whom.ins and (one.ins.value, one.ins.oid) != (whom.ins.value, whom.ins.oid)
    births = one.birth_date and whom.birth_date and one.birth_date != whom.birth_date
    sexes = {sex for sex in (one.sex, whom.sex) if sex not in (None, Sex.UNKNOWN)}
    return bool(numbers or births or len(sexes) > 1 or _other_family(one, whom) or _other_given(one, told))


def _other_family(one: ReceivedPatient, whom: ReceivedPatient) -> bool:
    if one.birth_family and whom.birth_family:
        return folded(one.birth_family) != folded(whom.birth_family)
    here, there = _families(one), _families(whom)
    return bool(here and there) and not here & there


def _families(told: ReceivedPatient) -> set[str]:
    return {folded(name) for name in (told.family, told.birth_family, told.used_family) if name}


def _other_given(one: ReceivedPatient, told: DocumentPatient) -> bool:
    names = [name for name in (told.first_given, told.birth_given, told.used_given) if name]
    return bool(one.given and names) and not any(begins(one.given, name) or begins(name, one.given) for name in names)


def _sex(code: str) -> Sex | None:
    return {"M": Sex.MALE, "F": Sex.FEMALE, "U": Sex.UNKNOWN, "UN": Sex.UNKNOWN}.get(code)
