"""Documents of the DMP and what may be done to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dmp_desktop.domain.ins import InsIdentity


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value: code, OID of its system, label."""

    code: str
    system: str
    display: str = ""


class DocumentKind(StrEnum):
    """What the composer and `dmp cda build --kind` produce (issue B lists their types and templates)."""

    CONSULTATION = "consultation"
    VSM = "vsm"
    IPS = "ips"
    VACCINATION = "vaccination"
    ADMISSION_LETTER = "admission-letter"
    CHILD_MEASURES = "child-measures"
    RAPID_TEST = "rapid-test"
    LETTER = "letter"
    CERTIFICATE = "certificate"
    PRESCRIPTION = "prescription"
    SCAN = "scan"


class DocumentFormat(StrEnum):
    """`structured`: narrative sections and entries; `pdf`: CDA N1, one file in `nonXMLBody` (a PDF unless a scan is none)."""

    STRUCTURED = "structured"
    PDF = "pdf"


class Availability(StrEnum):
    """XDS availabilityStatus, the DMP's two additions included (ebRS 3.0; CI-SIS). UNKNOWN: the server told none we know."""

    APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
    DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
    ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
    DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
    UNKNOWN = "unknown"


class Visibility(StrEnum):
    """Restrictions of the DMP (JDV_J58, TRE_A07) as the command line names them; the value is the XDS code in lower case."""

    MASQUE_PS = "masque_ps"
    INVISIBLE_PATIENT = "invisible_patient"
    INVISIBLE_REPRESENTANTS_LEGAUX = "invisible_representants_legaux"

    @property
    def code(self) -> str:
        return self.value.upper()


@dataclass(frozen=True, slots=True, repr=False)
class Attachment:
    """A file joined to a document or found in one, with its media type."""

    mime: str
    content: bytes
    name: str = ""

    def __repr__(self) -> str:
        """Never shows a file's name, which may be a patient's: representations end up in logs."""
        return f"Attachment({self.mime}, {len(self.content)} bytes)"


@dataclass(frozen=True, slots=True)
class Author:
    """Author of a document (XDS author classification).

    `person_id` is assigned by the OID `person_root`, `institution_id` by 1.2.250.1.71.4.2.2 (Struct_IdNat).
    """

    family: str = ""
    given: str = ""
    person_id: str = ""
    person_root: str = ""
    institution: str = ""
    institution_id: str = ""
    specialty: Code | None = None
    role: str = ""

    @property
    def display_name(self) -> str:
        """A person's name, a device's, else the institution's. What has no first name is often written with a dot for one."""
        named = [part for part in (self.given, self.family) if any(map(str.isalnum, part))]
        return " ".join(named) or self.institution


@dataclass(frozen=True, slots=True)
class DocumentIds:
    """The three names of a document: of this version in the registry, of all its versions, of its bytes."""

    entry_uuid: str
    logical_id: str
    unique_id: str


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """Metadata of one document (XDS.b DocumentEntry with the French rules). Times are UTC and aware.

    `hash_sha1` is 40 hex digits and `size` a number of bytes; both are known only once the bytes are. `replaces` is the
    uniqueId of the document this one replaces, as its CDA says.
    """

    unique_id: str
    title: str
    type_code: Code
    class_code: Code
    format_code: Code
    creation_time: datetime
    patient: InsIdentity | None = None
    entry_uuid: str = ""
    logical_id: str = ""
    version: int = 1
    status: Availability = Availability.APPROVED
    mime_type: str = "text/xml"
    hash_sha1: str = ""
    size: int = 0
    language: str = "fr-FR"
    service_start: datetime | None = None
    service_stop: datetime | None = None
    facility_type: Code | None = None
    practice_setting: Code | None = None
    confidentiality: tuple[Code, ...] = ()
    events: tuple[Code, ...] = ()
    authors: tuple[Author, ...] = ()
    legal_authenticator: Author | None = None
    source_patient_info: tuple[str, ...] = ()
    repository_id: str = ""
    comments: str = ""
    replaces: str = ""

    @property
    def ids(self) -> DocumentIds:
        return DocumentIds(self.entry_uuid, self.logical_id, self.unique_id)

    @property
    def visibility(self) -> frozenset[Visibility]:
        codes = {code.code for code in self.confidentiality}
        return frozenset(restriction for restriction in Visibility if restriction.code in codes)


@dataclass(frozen=True, slots=True)
class Submission:
    """One lot to deposit: documents with their metadata, for one patient, by one author.

    `unique_id` and those of the documents are fixed once for all tries: sending again changes nothing.
    """

    unique_id: str
    patient: InsIdentity
    author: Author
    content_type: Code
    source_id: str
    documents: tuple[tuple[DocumentEntry, bytes], ...]
    title: str = ""
    replaced_entry_uuids: dict[str, str] = field(default_factory=dict)
    """uniqueId of a document of this lot -> entryUUID of the one it replaces."""


@dataclass(frozen=True, slots=True)
class SubmissionSummary:
    """One submission set as the registry tells it. `submission_time` is UTC and aware."""

    entry_uuid: str
    unique_id: str
    submission_time: datetime
    author: Author
    title: str = ""


@dataclass(frozen=True, slots=True)
class Association:
    """A link between two registry objects: `kind` as XDS names it, `source` and `target` by their entryUUIDs."""

    kind: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Parent:
    """The document a new version replaces; `type_code` is its JDV_J07 code, empty when it is not known."""

    unique_id: str
    set_id: str
    version: int
    type_code: str = ""


@dataclass(frozen=True, slots=True)
class BuiltDocument:
    """A document ready for the outbox: its bytes, its name, and what our own checks say of it."""

    unique_id: str
    cda: bytes
    kind: DocumentKind
    format: DocumentFormat
    title: str
    warnings: tuple[str, ...] = ()
