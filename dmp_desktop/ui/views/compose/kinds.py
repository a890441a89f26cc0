"""What the composer knows of each kind of document: its form, whether its note leaves, and which document it came from."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.domain.documents import DocumentEntry, DocumentFormat, DocumentKind
from dmp_desktop.ui.views.compose.forms.base import Filled, KindForm
from dmp_desktop.ui.views.compose.forms.files import PRESCRIPTIONS, PrescriptionForm, ScanForm
from dmp_desktop.ui.views.compose.forms.review import ReviewForm
from dmp_desktop.ui.views.compose.forms.simple import (
    AdmissionLetterForm,
    CertificateForm,
    ChildMeasuresForm,
    LetterForm,
    RapidTestForm,
)
from dmp_desktop.ui.views.compose.forms.vaccination import VaccinationForm

FORMS: dict[DocumentKind, Callable[[], KindForm]] = {
    DocumentKind.PRESCRIPTION: PrescriptionForm,
    DocumentKind.LETTER: LetterForm,
    DocumentKind.CERTIFICATE: CertificateForm,
    DocumentKind.VACCINATION: VaccinationForm,
    DocumentKind.SCAN: ScanForm,
    DocumentKind.RAPID_TEST: RapidTestForm,
    DocumentKind.CHILD_MEASURES: ChildMeasuresForm,
    DocumentKind.ADMISSION_LETTER: AdmissionLetterForm,
}
"""A form a kind; the two syntheses share one, and one review."""
REVIEWED = frozenset({DocumentKind.VSM, DocumentKind.IPS})
FORMLESS = frozenset({DocumentKind.CONSULTATION})
WITHOUT_NOTE = frozenset({DocumentKind.SCAN})
"""The file is the document: what is typed stays in the draft."""
AT_FIRST = {DocumentKind.PRESCRIPTION: Filled({"type": PRESCRIPTIONS[0]})}

_BY_TYPE = {
    "11488-4": DocumentKind.CONSULTATION,
    "SYNTH": DocumentKind.VSM,
    "60591-5": DocumentKind.IPS,
    "87273-9": DocumentKind.VACCINATION,
    "18761-7": DocumentKind.ADMISSION_LETTER,
    "29274-8": DocumentKind.CHILD_MEASURES,
    "96173-0": DocumentKind.RAPID_TEST,
    "96349-6": DocumentKind.LETTER,
    "89601-9": DocumentKind.CERTIFICATE,
} | dict.fromkeys(PRESCRIPTIONS, DocumentKind.PRESCRIPTION)
"""JDV_J07 (issue B)."""
_N1 = ("urn:ihe:iti:xds-sd:", "urn:ihe:iti-fr:xds-sd:")
"""JDV_J60: formatCodes of documents that hold one file."""
_OTHER_MEDIA = ("jpeg", "tiff", "rtf", "text")


def new_form(kind: DocumentKind) -> KindForm:
    return ReviewForm() if kind in REVIEWED else FORMS[kind]()


def kind_of(entry: DocumentEntry) -> DocumentKind:
    """The kind a document was made as; what we do not make otherwise is a scanned document."""
    kind = _BY_TYPE.get(entry.type_code.code, DocumentKind.SCAN)
    scanned = any(media in entry.format_code.code for media in _OTHER_MEDIA)
    return DocumentKind.SCAN if scanned and format_of(entry) is DocumentFormat.PDF else kind


def format_of(entry: DocumentEntry) -> DocumentFormat:
    single = entry.format_code.code.startswith(_N1)
    return DocumentFormat.PDF if single else DocumentFormat.STRUCTURED


def kept_extra(entry: DocumentEntry) -> Filled:
    """What the form of a new version starts with: the type of the document, where the kind has several."""
    typed = kind_of(entry) in (DocumentKind.PRESCRIPTION, DocumentKind.SCAN)
    return Filled({"type": entry.type_code.code} if typed else {})
