"""What the record says, pooled from its structured documents: every fact keeps its sources, nothing is merged silently."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpError
from dmp_desktop.services.facts import FactsReader, is_structured
from dmp_desktop.services.orders import RecordFacts
from dmp_desktop.services.record import RecordList

MAX_DOCUMENTS = 40
"""Structured documents read for a synthesis, the latest first: each one may be a round trip."""

_POOLED = frozenset(
    {
        ItemKind.PROBLEM,
        ItemKind.ALLERGY,
        ItemKind.TREATMENT,
        ItemKind.VACCINATION,
        ItemKind.PROCEDURE,
        ItemKind.LIFESTYLE,
    }
)

Entries = Callable[[Patient], list[DocumentEntry]]


class SummaryService:
    """Facts of a patient's record: `entries` is its list, `facts` reads its documents, or knows them already."""

    def __init__(self, entries: Entries, facts: FactsReader) -> None:
        self._entries = entries
        self._facts = facts

    def read(self, patient: Patient, stop: Callable[[], bool] = lambda: False) -> RecordFacts:
        """Facts for a synthesis, the latest first within each kind. Ends early, with what it has, when `stop` says so.

        A document that cannot be read is left out of the facts, and counted. Raises DmpDesktopError when the record itself cannot
        be read: what may not be read is not empty.
        """
        listed = self._entries(patient)
        if isinstance(listed, RecordList) and listed.shut:
            raise _shut(listed.shut)
        entries = structured(listed)
        documents = [one.facts for one in self._facts.each(patient, entries[:MAX_DOCUMENTS], stop) if not one.failed]
        found = [item for facts in documents for item in facts.items if item.kind in _POOLED and _states(item)]
        return RecordFacts(pooled(found), len(entries) - len(documents))


def _shut(status: DossierStatus) -> DmpError:
    if not status.exists:
        why, remedy = "Ce patient n'a pas de DMP.", ""
    elif status.closed:
        why, remedy = "Le DMP de ce patient est fermé.", ""
    elif status.authorization is Authorization.INTERDIT:
        why, remedy = "Le patient vous a refusé l'accès à son DMP.", "Parlez-en avec lui."
    else:
        why, remedy = (
            "L'accès à ce DMP n'est pas autorisé.",
            "Déclarez le consentement du patient : il sera lu ensuite.",
        )
    return DmpError("DossierNonLu", why, remedy)


def _states(item: ClinicalItem) -> bool:
    """A synthesis states what is and was: not what was ordered, handed over or paid, which proves nothing was taken."""
    origin = item.product.origin if item.product else None
    return item.is_fact and origin not in (Origin.DISPENSED, Origin.REIMBURSED)


def structured(entries: Iterable[DocumentEntry]) -> list[DocumentEntry]:
    """Documents that may hold coded facts, the latest first."""
    return sorted(filter(is_structured, entries), key=_when, reverse=True)


def _when(entry: DocumentEntry) -> tuple[datetime, datetime]:
    """The act first: a document may be written long after."""
    return entry.service_start or entry.creation_time, entry.creation_time


def pooled(items: Iterable[ClinicalItem]) -> tuple[ClinicalItem, ...]:
    """The same fact said by several documents becomes one with all its sources; facts that differ in anything else stay apart.

    Where and how a document tells it (section, author, precision of a date, codes of a product) is no difference.
    """
    kept: dict[ClinicalItem, tuple[ClinicalItem, list[str]]] = {}
    for item in items:
        fact = replace(item, source="", span=None, when="", until="", section="", author="", product=None)
        _, sources = kept.setdefault(fact, (item, []))
        if item.source and item.source not in sources:
            sources.append(item.source)
    order = list(ItemKind)
    facts = [replace(first, source=" ; ".join(sources)) for first, sources in kept.values()]
    return tuple(sorted(facts, key=lambda item: order.index(item.kind)))
