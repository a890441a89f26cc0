"""What metadata must be: the rules of strict IHE validators (reference ihe-checks §1c) and the French cardinalities (§5.2).

Each rule is one small function that yields what is wrong; its name is the beginning of the error's codeContext.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.sandbox import names, syntax
from dmp_desktop.sandbox.ebrim import Oddities
from dmp_desktop.sandbox.faults import RegistryProblem
from dmp_desktop.sandbox.model import Kind, Lot, RegistryObject
from dmp_desktop.sandbox.tolerances import Tolerances
from dmp_desktop.sandbox.vihf import patient_of

SLOT_LIMIT = 256
"""Longest slot value, in characters (ebRIM 3.0, ITI TF-3 §4.2.3.1.4)."""
TITLE_LIMIT = 128
ONE_EACH = {
    names.CLASS_CODE: "classCode",
    names.TYPE_CODE: "typeCode",
    names.FORMAT_CODE: "formatCode",
    names.FACILITY_CODE: "healthcareFacilityTypeCode",
    names.PRACTICE_CODE: "practiceSettingCode",
}
MAX_CONFIDENTIALITY = 4
_CONFIDENTIALITIES = {
    names.CONFIDENTIALITY_OID: frozenset("NRV"),
    names.RESTRICTION_OID: frozenset(visibility.code for visibility in Visibility),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What the rules look at. `odd` is what reading does not keep.

    `structure` is that of the VIHF where the lot is imputed to it, else empty; `secret` tells a minor's secret connection.
    """

    lot: Lot
    patient: InsIdentity
    tolerances: Tolerances
    odd: Oddities = field(default_factory=Oddities)
    structure: str = ""
    secret: bool = False

    @property
    def objects(self) -> tuple[RegistryObject, ...]:
        return (*self.lot.sets, *self.lot.folders, *self.lot.entries)

    @property
    def clinical(self) -> tuple[RegistryObject, ...]:
        """Entries other than the signature of the lot."""
        return tuple(entry for entry in self.lot.entries if not entry.is_signature)


Rule = Callable[[Subject], Iterator[str]]


def run(subject: Subject, rules: Mapping[Rule, str]) -> list[RegistryProblem]:
    """All that is wrong, in the order of the rules."""
    return [
        RegistryProblem(code, f"{rule.__name__} : {wrong}") for rule, code in rules.items() for wrong in rule(subject)
    ]


def one_submission_set(subject: Subject) -> Iterator[str]:
    if len(subject.lot.sets) != 1:
        yield "le lot doit contenir exactement un SubmissionSet"


def ids_unique(subject: Subject) -> Iterator[str]:
    ids = [found.id for found in subject.objects] + [link.id for link in subject.lot.associations]
    if not all(ids) or len(set(ids)) != len(ids):
        yield "un identifiant est vide ou répété dans le message"


def unique_ids_distinct(subject: Subject) -> Iterator[str]:
    unique_ids = [found.unique_id for found in subject.objects]
    if len(set(unique_ids)) != len(unique_ids):
        yield "un uniqueId est répété dans le message"


def unique_id_syntax(subject: Subject) -> Iterator[str]:
    for found in subject.objects:
        longest = 128 if found.kind is Kind.ENTRY else 64
        if "^" in found.unique_id:
            yield "la version actuelle du DMP ne supporte pas OID^Extension"
        elif not syntax.is_oid(found.unique_id, longest):
            yield f"uniqueId de {found.kind.value} absent ou incorrect"


def patient_ids_agree(subject: Subject) -> Iterator[str]:
    if len({found.patient_id for found in subject.objects}) != 1:
        yield "patientId diffère entre les objets du lot"


def patient_is_that_of_vihf(subject: Subject) -> Iterator[str]:
    for found in subject.objects:
        read = patient_of(found.patient_id, subject.tolerances)
        if read is None or (read.value, read.oid) != (subject.patient.value, subject.patient.oid):
            yield f"patientId de {found.kind.value} n'est pas celui du VIHF"


def slots_well_formed(subject: Subject) -> Iterator[str]:
    for name in subject.odd.repeated_slots:
        yield f"slot {name} répété"
    for found in subject.objects:
        holders = (found.slots, *(code.slots for code in found.classifications))
        if any(
            not values or any(not v or len(v) > SLOT_LIMIT for v in values) for s in holders for values in s.values()
        ):
            yield "un slot est vide ou dépasse 256 caractères"


def identifiers_once(subject: Subject) -> Iterator[str]:
    if subject.odd.repeated_identifiers:
        yield "un objet porte deux fois le même identifiant externe"


def links_uncoded(subject: Subject) -> Iterator[str]:
    """No HasMember carries a code, and the DMP knows none for the other links."""
    if subject.odd.coded_links:
        yield "une association porte un code"


def labels_in_utf8(subject: Subject) -> Iterator[str]:
    if any(charset.upper() != "UTF-8" for charset in subject.odd.charsets):
        yield "un libellé n'est pas en UTF-8"


def times_valid(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        needed = ("creationTime",) if entry.is_signature else ("creationTime", "serviceStartTime")
        for name in ("creationTime", "serviceStartTime", "serviceStopTime"):
            values = entry.slots.get(name, ())
            if len(values) > 1 or (name in needed and not values) or not all(syntax.is_dtm(value) for value in values):
                yield f"{name} absent ou incorrect"
        start, stop = entry.slot("serviceStartTime"), entry.slot("serviceStopTime")
        if start and stop and start > stop:
            yield "serviceStartTime est après serviceStopTime"


def hash_and_size_syntax(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        digest, size = entry.slot("hash"), entry.slot("size")
        if digest and (len(digest) != 40 or any(char not in "0123456789abcdefABCDEF" for char in digest)):
            yield "hash n'est pas un SHA-1 en hexadécimal"
        if size and not size.isdecimal():
            yield "size n'est pas un nombre d'octets"


def language_present(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        if len(entry.slots.get("languageCode", ())) != 1 or not syntax.is_language(entry.slot("languageCode")):
            yield "languageCode absent ou incorrect"


def legal_authenticator_valid(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        values = entry.slots.get("legalAuthenticator", ())
        missing = not values and not entry.is_signature
        if missing or len(values) > 1 or not all(syntax.is_xcn(value) for value in values):
            yield "legalAuthenticator absent ou n'est pas un XCN"


def source_patient_valid(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        identifiers = entry.slots.get("sourcePatientId", ())
        if len(identifiers) != 1 or not syntax.is_cx(identifiers[0]):
            yield "sourcePatientId absent ou sans autorité d'affectation"
        if not all(syntax.is_pid_field(value) for value in entry.slots.get("sourcePatientInfo", ())):
            yield "sourcePatientInfo contient autre chose que des champs PID"


def uri_valid(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        if not all(syntax.is_uri(value) for value in entry.slots.get("URI", ())):
            yield "URI n'est pas une adresse"


def recipients_valid(subject: Subject) -> Iterator[str]:
    for found in subject.lot.sets:
        if not all(syntax.is_recipient(value) for value in found.slots.get("intendedRecipient", ())):
            yield "intendedRecipient n'est pas de la forme XON|XCN|XTN"


def references_valid(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        if not all(syntax.is_cxi(value) for value in entry.slots.get("urn:ihe:iti:xds:2013:referenceIdList", ())):
            yield "referenceIdList contient une valeur qui n'est pas un CXi"


def authors_valid(subject: Subject) -> Iterator[str]:
    for found in (*subject.lot.sets, *subject.lot.entries):
        authors = found.coded(names.AUTHOR if found.kind is Kind.ENTRY else names.SET_AUTHOR)
        if not authors or (found.kind is Kind.SET and len(authors) > 1):
            yield f"auteur de {found.kind.value} absent ou en trop"
        for author in authors:
            persons, places = author.slots.get("authorPerson", ()), author.slots.get("authorInstitution", ())
            if not persons and not places and not author.slots.get("authorTelecommunication"):
                yield "auteur sans personne, structure ni télécommunication"
            if len(persons) > 1 or not all(syntax.is_xcn(value) for value in persons):
                yield "authorPerson n'est pas un XCN"
            if not all(syntax.is_xon(value) for value in places):
                yield "authorInstitution n'est pas un XON"
            if not all(syntax.is_xtn(value) for value in author.slots.get("authorTelecommunication", ())):
                yield "authorTelecommunication n'est pas un XTN"


def codes_complete(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        for scheme, label in ONE_EACH.items():
            if len(entry.coded(scheme)) != 1:
                yield f"{label} doit être présent une fois"
        if not 1 <= len(entry.coded(names.CONFIDENTIALITY)) <= MAX_CONFIDENTIALITY:
            yield "confidentialityCode absent ou en trop"
        for code in entry.classifications:
            bad_scheme = len(code.slots.get("codingScheme", ())) != 1
            if code.scheme != names.AUTHOR and (not code.node or bad_scheme):
                yield "un code est vide ou sans codingScheme unique"


def confidentiality_valid(subject: Subject) -> Iterator[str]:
    """JDV_J58: one of N, R, V, and restrictions; nobody is left with what is masked and invisible to the patient (§2.3)."""
    for entry in subject.lot.entries:
        codes = entry.coded(names.CONFIDENTIALITY)
        if any(code.node not in _CONFIDENTIALITIES.get(code.coding_scheme, ()) for code in codes):
            yield "confidentialityCode hors du jeu de valeurs"
        if len({code.node for code in codes}) != len(codes):
            yield "confidentialityCode répété"
        if sum(code.coding_scheme == names.CONFIDENTIALITY_OID for code in codes) != 1:
            yield "confidentialityCode comprend un et un seul de N, R, V"
        if (
            not subject.tolerances.masked_and_invisible
            and not entry.is_signature
            and {Visibility.MASQUE_PS.code, Visibility.INVISIBLE_PATIENT.code} <= entry.confidentiality
        ):
            yield "un document ne peut être à la fois masqué aux professionnels et invisible au patient"


def title_valid(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        if not entry.name:
            yield "titre absent"
    if any(len(found.name) > TITLE_LIMIT for found in subject.objects):
        yield "titre de plus de 128 caractères"


def media_valid(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        if not syntax.is_mime(entry.mime_type):
            yield "mimeType incorrect"
        if entry.object_type != names.STABLE_DOCUMENT:
            yield "objectType n'est pas celui d'un document stable"


def submission_set_complete(subject: Subject) -> Iterator[str]:
    for found in subject.lot.sets:
        content = found.coded(names.CONTENT_TYPE)
        if len(content) != 1 or not content[0].node or len(content[0].slots.get("codingScheme", ())) != 1:
            yield "contentTypeCode absent ou incomplet"
        if not syntax.is_oid(found.external.get(names.SET_SOURCE_ID, "")):
            yield "sourceId n'est pas un OID"
        times = found.slots.get("submissionTime", ())
        if len(times) != 1 or not syntax.is_dtm(times[0]):
            yield "submissionTime absent ou incorrect"
        if found.status not in {"", Availability.APPROVED.value}:
            yield "un lot est toujours Approved"


METADATA_ERROR = "XDSRegistryMetadataError"
METADATA: dict[Rule, str] = {
    one_submission_set: METADATA_ERROR,
    ids_unique: METADATA_ERROR,
    unique_ids_distinct: "XDSRegistryDuplicateUniqueIdInMessage",
    unique_id_syntax: METADATA_ERROR,
    patient_ids_agree: METADATA_ERROR,
    patient_is_that_of_vihf: "XDSPatientIdDoesNotMatch",
    slots_well_formed: METADATA_ERROR,
    identifiers_once: METADATA_ERROR,
    links_uncoded: METADATA_ERROR,
    labels_in_utf8: METADATA_ERROR,
    times_valid: METADATA_ERROR,
    hash_and_size_syntax: METADATA_ERROR,
    language_present: METADATA_ERROR,
    legal_authenticator_valid: METADATA_ERROR,
    source_patient_valid: METADATA_ERROR,
    uri_valid: METADATA_ERROR,
    recipients_valid: METADATA_ERROR,
    references_valid: METADATA_ERROR,
    authors_valid: METADATA_ERROR,
    codes_complete: METADATA_ERROR,
    confidentiality_valid: METADATA_ERROR,
    title_valid: METADATA_ERROR,
    media_valid: METADATA_ERROR,
    submission_set_complete: METADATA_ERROR,
}
"""Rules on the objects themselves, the same for a lot and for an update."""
