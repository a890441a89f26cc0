"""The journal as people look at it: who may, its verification, its acts by kind and date, its export."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act, ActFamily, family_of, label_of
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.services.act_words import in_words, went_well
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.clinic_journal import PracticeBook
from dmp_desktop.services.csv_cells import csv_bytes
from dmp_desktop.services.journal import JournalBook
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.journal import Journal, JournalRecord

MOST = 500
"""Acts shown at once: an export has them all."""
COLUMNS = (
    "N°",
    "Date et heure",
    "Qui",
    "Acte",
    "Patient (pseudonyme)",
    "Document",
    "Moyen",
    "Résultat",
    "Motif",
    "Acte (code)",
    "Moyen (code)",
    "Résultat (code)",
    "Motif (code)",
)


@dataclass(frozen=True, slots=True)
class JournalLine:
    """`mine`: who looks did it."""

    number: int
    record: JournalRecord
    mine: bool

    @property
    def label(self) -> str:
        return label_of(self.record.action)

    @property
    def done(self) -> bool:
        return went_well(self.record.action, self.record.result)


@dataclass(frozen=True, slots=True)
class Found:
    """The latest first; `more`: there are others, which an export has."""

    lines: tuple[JournalLine, ...] = ()
    more: bool = False


class JournalDesk:
    """`who` is signed in; nobody is the workstation's own command line, which may. Refusals are in French and never block."""

    def __init__(
        self,
        journal: Journal,
        book: JournalBook,
        acts: ActBook,
        clock: Clock,
        who: Callable[[], SignedIn | None],
        practice: PracticeBook | None = None,
    ) -> None:
        self._journal = journal
        self._book = book
        self._acts = acts
        self._clock = clock
        self._who = who
        self._practice = practice

    @property
    def of_practice(self) -> bool:
        """Whether there is a journal of the practice too."""
        return self._practice is not None

    def found(self) -> str:
        """What was found missing or changed in the practice's journal and nobody was told of by `verify`, in French; empty when
        nothing was. Never blocks."""
        return self._practice.found_fr if self._practice else ""

    def refusal(self) -> str:
        """Why the page is not for who is signed in."""
        return self._refusal(Task.VERIFY_JOURNAL)

    def reading_refusal(self) -> str:
        """Why they see the acts of nobody but themselves; an administrator, of nobody at all."""
        return self._refusal(Task.READ_JOURNAL)

    def seeing_refusal(self) -> str:
        """Why they see no act at all, not even their own; empty where they see some."""
        who = self._who()
        return "" if who is None or self._reads_own(who) else self.reading_refusal()

    def verify(self) -> int:
        """How many acts of this workstation there are; the practice's journal, where there is one, is as it was written too.
        Raises StorageError("journal-broken"), ("journal-cut"), ContextError("role-reserved")."""
        self._may(Task.VERIFY_JOURNAL)
        self._acts.flush()
        number, _head = self._book.verify()
        self._book.note_head()
        self._acts.note(Act.JOURNAL_VERIFIED)
        if self._practice:
            self._verify_practice(self._practice)
        return number

    @staticmethod
    def _verify_practice(practice: PracticeBook) -> None:
        try:
            practice.verify()
        except StorageError as error:
            if error.code in ("journal-broken", "journal-cut"):
                raise
            told = f"Le journal de ce poste est intact ; celui du cabinet n'a pas été vérifié. {error.message_fr}"
            raise StorageError(error.code, told, error.remedy_fr) from error

    def find(self, days: int = 0, family: ActFamily | None = None) -> Found:
        """Those of the last `days` (0: all) and of one family (None: all). Raises StorageError, ContextError."""
        self._may(Task.VERIFY_JOURNAL)
        self._acts.flush()
        since = self._clock.now() - timedelta(days=days) if days else None
        wanted = (
            line
            for line in self._lines()
            if (since is None or line.record.at >= since)
            and (family is None or family_of(line.record.action) is family)
        )
        lines = tuple(islice(wanted, MOST + 1))
        return Found(lines[:MOST], len(lines) > MOST)

    def export(self, *files: Path) -> int:
        """Every act that who is signed in may see, the first one first, into each of `files`: CSV where its name says so, else
        one JSON object a line.

        How many. A journal that is broken is exported too: it is evidence. Raises StorageError, ContextError."""
        self._may(Task.VERIFY_JOURNAL)
        self._acts.flush()
        lines = [*self._lines()][::-1]
        for file in files:
            csv = file.suffix.lower() == ".csv"
            write_durably(file, csv_bytes(COLUMNS, map(_cells, lines)) if csv else _json_lines(lines))
        self._acts.note(Act.JOURNAL_EXPORTED, result=str(len(lines)))
        return len(lines)

    def _lines(self) -> Iterator[JournalLine]:
        """The latest first; one's own where one may not see others'."""
        who = self._who()
        own_only, me = bool(self.reading_refusal()), who.national_id if who else ""
        if own_only and (not me or not self._reads_own(who)):
            raise self._reserved(Task.READ_JOURNAL)
        for number, record in self._journal.latest():
            mine = bool(me) and record.actor == me
            if mine or not own_only:
                yield JournalLine(number, record, mine)

    @staticmethod
    def _reads_own(who: SignedIn | None) -> bool:
        return who is not None and roles.may(who.role, Task.OWN_SETTINGS)

    def _refusal(self, task: Task) -> str:
        who = self._who()
        return roles.refusal(who.role, task) if who else ""

    def _may(self, task: Task) -> None:
        if self._refusal(task):
            raise self._reserved(task)

    def _reserved(self, task: Task) -> ContextError:
        who = self._who()
        what_to_do = roles.remedy(who.role) if who else ""
        return ContextError("role-reserved", self._refusal(task), what_to_do, field="role")


def _cells(line: JournalLine) -> tuple[object, ...]:
    one = line.record
    at = one.at.astimezone().isoformat(sep=" ", timespec="seconds")
    told = in_words(one)
    words = told["card_words"], told["result_words"], told["reason_words"]
    codes = one.action, one.card, one.result, one.reason
    return (line.number, at, one.actor, line.label, one.patient, one.document, *words, *codes)


def _json_lines(lines: list[JournalLine]) -> bytes:
    told = ({"number": one.number, **in_words(one.record)} for one in lines)
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told).encode()
