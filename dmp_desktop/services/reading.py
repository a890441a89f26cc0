"""The pages Synthèse, Biologie and Traitements: made while the record is read, the latest documents first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.services.facts import FactsReader, ReadDocument, is_structured
from dmp_desktop.services.lab_series import Trends
from dmp_desktop.services.medication import Medication, reconcile
from dmp_desktop.services.summary import structured
from dmp_desktop.services.synthesis import Synthesis, synthesis
from dmp_desktop.services.trends import trends_of

T = TypeVar("T")
Stop = Callable[[], bool]
Coded = Callable[[Proposal, date], tuple[ClinicalItem, ...]]

FIRST_SLICE = 12
"""Documents behind the first page; each next page comes at twice as many, so that all of them cost about two."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of the record a page stands on. `documents` are all; `structured` those that may hold facts, `read` of these."""

    documents: int = 0
    structured: int = 0
    read: int = 0
    failed: tuple[DocumentEntry, ...] = ()

    @property
    def complete(self) -> bool:
        return self.read == self.structured


@dataclass(frozen=True, slots=True, repr=False)
class Reading(Generic[T]):
    """A page and what it stands on."""

    page: T
    reach: Reach


OnPage = Callable[[Reading[T]], None]
OnReach = Callable[[Reach], None]


def _unheard(_told: object) -> None:
    return None


class ReadingService:
    """What the documents of the open record say together.

    Every page takes the list of documents; `stop` ends the reading early, `on_page` gets the page of what is read so far and
    `on_reach` how far it went after each document, both from the calling thread. The last page is returned: of a part of the
    record, as its reach tells, when it was stopped. Raises DmpDesktopError when a document cannot be fetched.
    """

    def __init__(self, facts: FactsReader, clock: Clock, coded: Coded) -> None:
        self._facts = facts
        self._clock = clock
        self._coded = coded

    def synthesis(
        self,
        patient: Patient,
        entries: Sequence[DocumentEntry],
        stop: Stop = lambda: False,
        on_page: OnPage[Synthesis] = _unheard,
        on_reach: OnReach = _unheard,
    ) -> Reading[Synthesis]:
        today = self._clock.now().astimezone().date()
        return self._made(lambda read: synthesis(read, today), patient, entries, stop, on_page, on_reach)

    def labs(
        self,
        patient: Patient,
        entries: Sequence[DocumentEntry],
        stop: Stop = lambda: False,
        on_page: OnPage[Trends] = _unheard,
        on_reach: OnReach = _unheard,
    ) -> Reading[Trends]:
        return self._made(trends_of, patient, entries, stop, on_page, on_reach)

    def treatments(
        self,
        patient: Patient,
        entries: Sequence[DocumentEntry],
        notes: Iterable[Proposal] = (),
        stop: Stop = lambda: False,
        on_page: OnPage[Medication] = _unheard,
        on_reach: OnReach = _unheard,
    ) -> Reading[Medication]:
        """`notes`: what was recognised in the note under way for this patient."""
        today = self._clock.now().astimezone().date()
        written = [item for one in notes for item in self._coded(one, today) if item.kind is ItemKind.TREATMENT]
        return self._made(lambda read: reconcile(read, today, written), patient, entries, stop, on_page, on_reach)

    def forget(self) -> None:
        """The patient or the professional left. Never blocks."""
        self._facts.forget()

    def _made(
        self,
        make: Callable[[list[ReadDocument]], T],
        patient: Patient,
        entries: Sequence[DocumentEntry],
        stop: Stop,
        on_page: OnPage[T],
        on_reach: OnReach,
    ) -> Reading[T]:
        """Documents without facts join at the end: before, the twin of one of them may not be read yet."""
        whole = structured(entries)
        told = FIRST_SLICE
        read: list[ReadDocument] = []
        for document in self._facts.each(patient, whole, stop):
            read.append(document)
            reach = _reach(entries, whole, read)
            on_reach(reach)
            if len(read) == told and len(read) < len(whole):
                on_page(Reading(make(list(read)), reach))
                told *= 2
        others = self._facts.read(patient, [entry for entry in entries if not is_structured(entry)])
        return Reading(make([*read, *others]), _reach(entries, whole, read))


def _reach(entries: Sequence[DocumentEntry], whole: Sequence[DocumentEntry], read: list[ReadDocument]) -> Reach:
    failed = tuple(document.entry for document in read if document.failed)
    return Reach(len(entries), len(whole), len(read), failed)
