"""Treatments that this very document stops or changes: their other mentions are not current treatments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dmp_desktop.cda.build.merging import names_of
from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.notes import Proposal, ProposalStatus
from dmp_desktop.terminology.substances import substance

_STOPPED = "« %s » est dit arrêté : son autre mention n'est pas codée comme traitement en cours."
_CHANGED = "« %s » change de posologie : seule la nouvelle est codée comme traitement en cours."


class Orders:
    """What was ticked as stopped, in the note or in a form, and as changed. What an old document stops, it stopped then."""

    def __init__(self, ticked: Iterable[tuple[Proposal, ClinicalItem]], reviewed: Iterable[ClinicalItem]) -> None:
        treatments = [(proposal, item) for proposal, item in ticked if item.kind is ItemKind.TREATMENT]
        forms = [item for item in reviewed if item.kind is ItemKind.TREATMENT and not item.source]
        self._stopped = [
            item for item in [*(item for _, item in treatments), *forms] if item.status is ProposalStatus.STOPPED
        ]
        self._changed = [
            item for proposal, item in treatments if _changes(proposal) and item.status is ProposalStatus.PRESENT
        ]

    def against(self, item: ClinicalItem, proposal: Proposal | None = None) -> str:
        """Why this one is not a current treatment, to be told; empty when nothing is against it.

        `arrêt ramipril 5 mg, ramipril 10 mg 1/j` stops one strength and not the other. An older document's posology beside a
        changed one is told with its source.
        """
        if item.kind is not ItemKind.TREATMENT or not (self._stopped or self._changed):
            return ""
        if _named(item, [other for other in self._stopped if _one_strength(item, other)]):
            return _STOPPED % item.label
        current = item.source or (proposal is not None and _changes(proposal))
        return _CHANGED % item.label if not current and _named(item, self._changed) else ""


def _changes(proposal: Proposal) -> bool:
    return isinstance(proposal.value, dict) and proposal.value.get("action") == "change"


def _one_strength(item: ClinicalItem, other: ClinicalItem) -> bool:
    strengths = {
        one.dosage.strength.replace(" ", "").casefold() for one in (item, other) if one.dosage and one.dosage.strength
    }
    return len(strengths) < 2


def _named(item: ClinicalItem, others: Sequence[ClinicalItem]) -> bool:
    """By its name, its code or its substances."""
    known = _keys(item) if others else set()
    return any(not known.isdisjoint(_keys(other)) for other in others)


def _keys(item: ClinicalItem) -> set[str]:
    atc = item.product.atc if item.product else item.code.code if item.code else ""
    made = substance(item.label, atc, item.product.substances if item.product else ())
    return {*names_of(item), *([f"substance {made.key}"] if made.names else [])}
