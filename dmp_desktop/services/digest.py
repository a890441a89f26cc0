"""What is new in a record since the last visit: the lines of the tab Nouveautés."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from dmp_desktop.domain.clinical import ItemKind, Quote
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.changes import Change, Severity, results, statements
from dmp_desktop.services.facts import FactsReader, ReadDocument, is_structured
from dmp_desktop.services.late import Deposits, LateDeposits, late
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
    Not `complete`: made while the documents are read, more is coming. No line: nothing is new.
    """

    lines: tuple[DigestLine, ...] = ()
    since: date | None = None
    counts: dict[str, int] = field(default_factory=dict)
    seen: int = 0
    partial: bool = False
    complete: bool = True

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


@dataclass(frozen=True, slots=True, repr=False)
class _Inside:
    """What is known so far of the inside of the new documents; `quotes` by uniqueId; `read`: all those with facts were; `cut`:
    the network failed."""

    changes: tuple[Change, ...] = ()
    quotes: dict[str, tuple[Quote, ...]] = field(default_factory=dict)
    partial: bool = False
    read: bool = False
    cut: bool = False


OnPart = Callable[[Digest], None]


@dataclass(frozen=True, slots=True, repr=False)
class _News:
    """The documents that are new, the latest first. `late`: when those written before the last visit were deposited."""

    since: date | None
    others: list[DocumentEntry]
    unseen: list[DocumentEntry]
    late: Deposits

    def told(self, inside: _Inside, types: frozenset[str] | None) -> Digest:
        """A part of what is new."""
        counts = dict(Counter(_counted(entry, types) for entry in self.others).most_common())
        lines = _ordered(self.unseen, inside, self.late)
        return Digest(lines, self.since, counts, len(self.others) - len(self.unseen), inside.partial, complete=False)


class DigestService:
    """What others deposited since the last visit and, with a `reader`, what changed inside.

    The last visit is the signed-in professional's last own document of an earlier day in the record: what is written today is of
    this one, and takes nothing new away from before their eyes. `me` is their national identifier, or None.
    Without `deposits`, or their answer, a document came when it was written.
    """

    def __init__(
        self,
        me: Callable[[], str | None],
        clock: Clock,
        reader: FactsReader | None = None,
        deposits: LateDeposits | None = None,
    ) -> None:
        self._me = me
        self._clock = clock
        self._reader = reader
        self._deposits = deposits

    def digest(
        self,
        patient: Patient,
        entries: Sequence[DocumentEntry],
        seen: frozenset[str] = frozenset(),
        types: frozenset[str] | None = None,
        on_part: OnPart = lambda _digest: None,
    ) -> Digest:
        """The loudest first, then the newest; own documents are left out. Dates are the workstation's.

        `seen`: uniqueIds of documents already shown. `types`: labels to count, the others together (Ségur DMP/UX.17); None: all.
        `on_part` gets, from the calling thread, what is known before the rest is read: the titles at once, then the abnormal
        results of new reports, then all of them and the conclusions of new documents, then those that were deposited late and
        what is new against earlier ones; the words of PDFs come last.
        """
        me = self._me()
        today = local_date(self._clock.now())
        visits = (local_date(entry.creation_time) for entry in entries if _is_by(entry, me))
        visit = max((day for day in visits if day < today), default=None)
        asked = self._deposits.ask(patient, entries, me, _begins(visit)) if self._deposits and visit else dict
        news = self._news(entries, me, visit, seen, {})
        parts, inside = self._inside(patient, news.unseen, entries), _Inside()
        for inside in parts:
            on_part(news.told(inside, types))
            if inside.read:
                break
        if not inside.cut and (deposits := asked()):
            news = self._news(entries, me, visit, seen, deposits)
            if news.late:
                parts = self._inside(patient, news.unseen, entries)
        for inside in parts:
            if inside.read or inside.cut:
                on_part(news.told(inside, types))
        return replace(news.told(inside, types), complete=True)

    def _news(
        self,
        entries: Sequence[DocumentEntry],
        me: str | None,
        visit: date | None,
        seen: frozenset[str],
        deposits: Deposits,
    ) -> _News:
        since = visit or local_date(self._clock.now()) - timedelta(days=FIRST_VISIT_DAYS)
        others = [entry for entry in entries if not _is_by(entry, me)]
        came_late = late(others, deposits, lambda entry: local_date(entry.creation_time) < since)
        new = [entry for entry in others if entry.unique_id in came_late or local_date(entry.creation_time) >= since]
        new.sort(key=lambda entry: came_late.get(entry.unique_id, entry.creation_time), reverse=True)
        return _News(visit, new, [entry for entry in new if entry.unique_id not in seen], came_late)

    def _inside(
        self, patient: Patient, new: list[DocumentEntry], entries: Sequence[DocumentEntry]
    ) -> Iterator[_Inside]:
        """What is known of the inside: nothing at first, more each time. What was read before the network failed is kept."""
        inside = _Inside()
        yield inside
        if self._reader is None or not new:
            return
        try:
            for inside in self._read(self._reader, patient, new, entries):
                yield inside
        except DmpDesktopError:
            read = self._reader.known(patient, new)
            known = inside if inside.read else _Inside(tuple(results(read, ())), _quoted(read))
            yield replace(known, partial=True, cut=True)

    @staticmethod
    def _read(
        reader: FactsReader, patient: Patient, new: list[DocumentEntry], entries: Sequence[DocumentEntry]
    ) -> Iterator[_Inside]:
        """Biology first: nothing is more urgent than a critical result."""
        names = {entry.unique_id for entry in new}
        told, biology = _earlier([entry for entry in entries if entry.unique_id not in names])
        analysed = reader.known(patient, biology)
        reports = [entry for entry in new if entry.type_code.code in BIOLOGY_TYPES]
        urgent = reader.read(patient, reports)
        if urgent:
            yield _Inside(tuple(results(urgent, analysed)), _quoted(urgent))
        read = urgent + reader.read(patient, [entry for entry in new if entry.type_code.code not in BIOLOGY_TYPES])
        failed = any(one.failed for one in read)
        inside = _Inside(tuple(results(read, analysed)), _quoted(read), failed, read=True)
        yield inside
        before = reader.read(patient, told)
        quoting = any(one.facts.of(ItemKind.RESULT) for one in before)  # a letter may have told a result first
        abnormal = results(read, [*before, *analysed]) if quoting else inside.changes
        inside = replace(inside, changes=(*abnormal, *statements(read, before)))
        yield inside
        papers = [entry for entry in new if not is_structured(entry)][:MAX_QUOTED]
        if papers:
            yield replace(inside, quotes=inside.quotes | reader.quotes(patient, papers))


def _earlier(entries: list[DocumentEntry]) -> tuple[list[DocumentEntry], list[DocumentEntry]]:
    """What new documents are compared with: the latest that state treatments and problems; and biology, if already read."""
    structured = sorted(filter(is_structured, entries), key=lambda entry: entry.creation_time, reverse=True)
    told = [entry for entry in structured if entry.type_code.code not in BIOLOGY_TYPES][:MAX_BEFORE]
    return told, [entry for entry in structured if entry.type_code.code in BIOLOGY_TYPES]


def _quoted(read: list[ReadDocument]) -> dict[str, tuple[Quote, ...]]:
    return {one.entry.unique_id: one.facts.conclusions for one in read if one.facts.conclusions}


def local_date(moment: datetime) -> date:
    """XDS times are UTC, the screen shows the workstation's time (SEL-MP-037 EX_3.1-1070), overseas departments included."""
    return moment.astimezone().date()


def _begins(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone()


def _counted(entry: DocumentEntry, types: frozenset[str] | None) -> str:
    label = category(entry)[1]
    return label if types is None or label in types else OTHER[1]


def _is_by(entry: DocumentEntry, me: str | None) -> bool:
    return me is not None and any(one.person_id == me for one in entry.authors)


def _ordered(entries: Sequence[DocumentEntry], inside: _Inside, late: Deposits) -> tuple[DigestLine, ...]:
    """Lines of documents, the loudest first, else in their order."""
    by_document: dict[str, list[Change]] = {}
    for change in inside.changes:
        by_document.setdefault(change.unique_id, []).append(change)
    lines = [line for entry in entries for line in _lines(entry, by_document, inside.quotes, late)]
    return tuple(sorted(lines, key=lambda line: list(Severity).index(Severity(line.severity))))


def _lines(
    entry: DocumentEntry,
    inside: dict[str, list[Change]],
    quotes: dict[str, tuple[Quote, ...]],
    late: Deposits,
) -> list[DigestLine]:
    """What a document changes, one line each; else its conclusion; else its title. What came late says when."""
    author = entry.authors[0].display_name if entry.authors else "Auteur non renseigné"
    if entry.unique_id in late:
        author += f", déposé le {local_date(late[entry.unique_id]):%d/%m/%Y}"
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
