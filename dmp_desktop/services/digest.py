"""What is new in a record since the last visit: the lines of the tab Nouveautés."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dmp_desktop.domain.clinical import Quote
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.changes import Change, Severity, changes
from dmp_desktop.services.facts import FactsReader, ReadDocument, is_structured
from dmp_desktop.services.trends import BIOLOGY_TYPES


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
    """`since` is the last visit, None when there was none. `counts` gives, by French type label, documents by others.

    `seen`: how many of them were marked as seen, and have no line. `partial`: some could not be read, only their titles stand.
    No line: nothing is new.
    """

    lines: tuple[DigestLine, ...] = ()
    since: date | None = None
    counts: dict[str, int] = field(default_factory=dict)
    seen: int = 0
    partial: bool = False

    def marked(self, seen: frozenset[str]) -> frozenset[str]:
        """What is seen once these lines were: uniqueIds, for the store of preferences."""
        return seen | {line.entry.unique_id for line in self.lines if line.entry}


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

LABELS = tuple(dict.fromkeys(label for _icon, label in (*_BY_TYPE.values(), *_BY_CLASS.values())))
"""Types that may be counted apart."""

FIRST_VISIT_DAYS = 730
"""At a first opening, what is new is what the last two years brought (PDSm4DMP, "exemples d'usage")."""


def category(entry: DocumentEntry) -> tuple[str, str]:
    """Icon name and French label of a document."""
    return _BY_TYPE.get(entry.type_code.code) or _BY_CLASS.get(entry.class_code.code) or OTHER


MAX_BEFORE = 40
"""Earlier structured documents, the latest first, that new ones are compared with; reports of biology are not among them."""

MAX_QUOTED = 30
"""New documents without coded facts whose text is searched for a conclusion: a PDF takes some milliseconds."""


class DigestService:
    """What others deposited since the last visit and, with a `reader`, what changed inside.

    The last visit is the signed-in professional's last own document in the record; `me` is their national identifier, or None.
    """

    def __init__(self, me: Callable[[], str | None], clock: Clock, reader: FactsReader | None = None) -> None:
        self._me = me
        self._clock = clock
        self._reader = reader

    def digest(
        self,
        patient: Patient,
        entries: Sequence[DocumentEntry],
        seen: frozenset[str] = frozenset(),
        types: frozenset[str] | None = None,
    ) -> Digest:
        """The loudest first, then the newest; own documents are left out. Dates are the workstation's.

        `seen`: uniqueIds of documents already shown. `types`: labels to count, the others together (Ségur DMP/UX.17); None: all.
        """
        me = self._me()
        own = {
            entry.unique_id for entry in entries if me is not None and any(one.person_id == me for one in entry.authors)
        }
        visits = (local_date(entry.creation_time) for entry in entries if entry.unique_id in own)
        last_visit = max(visits, default=None)
        since = last_visit or local_date(self._clock.now()) - timedelta(days=FIRST_VISIT_DAYS)
        others = [entry for entry in entries if entry.unique_id not in own and local_date(entry.creation_time) >= since]
        others.sort(key=lambda entry: entry.creation_time, reverse=True)
        unseen = [entry for entry in others if entry.unique_id not in seen]
        inside, quotes, partial = self._inside(patient, unseen, entries)
        lines = [line for entry in unseen for line in _lines(entry, inside, quotes)]
        lines.sort(key=lambda line: list(Severity).index(Severity(line.severity)))
        counts = Counter(_counted(entry, types) for entry in others)
        return Digest(tuple(lines), last_visit, dict(counts.most_common()), len(others) - len(unseen), partial)

    def _inside(
        self, patient: Patient, new: list[DocumentEntry], entries: Sequence[DocumentEntry]
    ) -> tuple[dict[str, list[Change]], dict[str, tuple[Quote, ...]], bool]:
        """(changes, conclusions, whether something could not be read) by uniqueId."""
        if self._reader is None or not new:
            return {}, {}, False
        try:
            read = self._reader.read(patient, new)
            before = self._before(self._reader, patient, {entry.unique_id for entry in new}, entries)
            quotes = {one.entry.unique_id: one.facts.conclusions for one in read if one.facts.conclusions}
            for entry in [entry for entry in new if not is_structured(entry)][:MAX_QUOTED]:
                quotes[entry.unique_id] = self._reader.quotes(patient, entry)
        except DmpDesktopError:
            return {}, {}, True
        inside: dict[str, list[Change]] = {}
        for change in changes(read, before):
            inside.setdefault(change.unique_id, []).append(change)
        return inside, quotes, any(one.failed for one in read)

    @staticmethod
    def _before(
        reader: FactsReader, patient: Patient, new: set[str], entries: Sequence[DocumentEntry]
    ) -> list[ReadDocument]:
        """Earlier documents to compare with: those that state treatments and problems, and the biology already read."""
        earlier = [entry for entry in entries if entry.unique_id not in new and is_structured(entry)]
        earlier.sort(key=lambda entry: entry.creation_time, reverse=True)
        told = [entry for entry in earlier if entry.type_code.code not in BIOLOGY_TYPES][:MAX_BEFORE]
        biology = [entry for entry in earlier if entry.type_code.code in BIOLOGY_TYPES]
        return [*reader.read(patient, told), *reader.known(patient, biology)]


def local_date(moment: datetime) -> date:
    """XDS times are UTC, the screen shows the workstation's time (SEL-MP-037 EX_3.1-1070), overseas departments included."""
    return moment.astimezone().date()


def _counted(entry: DocumentEntry, types: frozenset[str] | None) -> str:
    label = category(entry)[1]
    return label if types is None or label in types else OTHER[1]


def _lines(
    entry: DocumentEntry, inside: dict[str, list[Change]], quotes: dict[str, tuple[Quote, ...]]
) -> list[DigestLine]:
    """What a document changes, one line each; else its conclusion; else its title."""
    author = entry.authors[0].display_name if entry.authors else "Auteur non renseigné"
    day = local_date(entry.creation_time)
    source = f"{entry.title}, {author}"
    lines = [
        DigestLine(change.icon, change.text, source, day, entry, change.severity)
        for change in inside.get(entry.unique_id, ())
    ]
    lines += [
        DigestLine(category(entry)[0], f"« {quote.words} »", source, day, entry)
        for quote in quotes.get(entry.unique_id, ())[:1]
    ]
    return lines or [DigestLine(category(entry)[0], entry.title, author, day, entry)]
