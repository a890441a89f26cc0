"""What is new in a record since the last visit: the lines of the tab Nouveautés."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock


class Severity(StrEnum):
    """How loudly a line speaks: abnormal results come first."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One line. `icon` names a file of resources/icons (`lab`, `report`, `pill` …); `entry` is what a click opens."""

    icon: str
    text: str
    detail: str
    date: date
    entry: DocumentEntry | None = None
    severity: str = Severity.INFO


@dataclass(frozen=True, slots=True)
class Digest:
    """`since` is the last visit, None when there was none. `counts` gives, by French type label, documents by others."""

    lines: tuple[DigestLine, ...] = ()
    since: date | None = None
    counts: dict[str, int] = field(default_factory=dict)


# Icon and label by what a document is: typeCode first, then classCode (reference/dmp-transactions.md §5.4; Ségur DMP/UX.17).
_BY_TYPE = {
    "11502-2": ("lab", "Biologie"),
    "SYNTH": ("report", "Synthèse médicale"),
    "60591-5": ("report", "Synthèse médicale"),
    "11490-0": ("letter", "Lettre de liaison"),
    "18761-7": ("letter", "Lettre de liaison"),
    "34112-3": ("report", "Hospitalisation"),
    "11369-6": ("vaccine", "Vaccination"),
    "87273-9": ("vaccine", "Vaccination"),
}
_BY_CLASS = {
    "10": ("report", "Compte rendu"),
    "11": ("report", "Synthèse médicale"),
    "31": ("image", "Imagerie"),
    "42": ("pill", "Prescription"),
    "43": ("pill", "Dispensation"),
    "52": ("certificate", "Certificat"),
    "60": ("list", "Remboursements"),
    "90": ("person", "Déposé par le patient"),
}
OTHER = ("document", "Autre document")

FIRST_VISIT_DAYS = 730
"""At a first opening, what is new is what the last two years brought (PDSm4DMP, "exemples d'usage")."""


def category(entry: DocumentEntry) -> tuple[str, str]:
    """Icon name and French label of a document."""
    return _BY_TYPE.get(entry.type_code.code) or _BY_CLASS.get(entry.class_code.code) or OTHER


class DigestService:
    """What others deposited since the last visit, from metadata alone; what changed inside documents comes with issue C.

    The last visit is the signed-in professional's last own document in the record; `me` is their national identifier, or None.
    """

    def __init__(self, me: Callable[[], str | None], clock: Clock) -> None:
        self._me = me
        self._clock = clock

    def digest(self, patient: Patient, entries: Sequence[DocumentEntry]) -> Digest:  # noqa: ARG002 - the port's signature
        """Newest first; own documents are left out. Dates are the workstation's."""
        me = self._me()
        own = [entry for entry in entries if me is not None and any(author.person_id == me for author in entry.authors)]
        last_visit = max((local_date(entry.creation_time) for entry in own), default=None)
        since = last_visit or local_date(self._clock.now()) - timedelta(days=FIRST_VISIT_DAYS)
        others = [entry for entry in entries if entry not in own and local_date(entry.creation_time) >= since]
        others.sort(key=lambda entry: entry.creation_time, reverse=True)
        counts = Counter(category(entry)[1] for entry in others)
        return Digest(tuple(_line(entry) for entry in others), last_visit, dict(counts.most_common()))


def local_date(moment: datetime) -> date:
    """XDS times are UTC, the screen shows the workstation's time (SEL-MP-037 EX_3.1-1070), overseas departments included."""
    return moment.astimezone().date()


def _line(entry: DocumentEntry) -> DigestLine:
    author = entry.authors[0].display_name if entry.authors else "Auteur non renseigné"
    return DigestLine(category(entry)[0], entry.title, author, local_date(entry.creation_time), entry)
