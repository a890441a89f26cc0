"""Notes under way. A draft belongs for good to the patient it was opened for, and is seen only by who writes it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from dmp_desktop.domain.documents import DocumentFormat, DocumentKind, Visibility
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient, Professional

Meaning = tuple[str, ...]
"""Kind, label, words, status, code and value: all that a tick approves of."""
Key = tuple[Meaning, int]
"""A meaning, and which one of several alike: what stays the same when the text around moves."""


@dataclass(eq=False)
class Draft:
    """`patient` and `author` are set once. `ticks` are the doctor's own decisions; a proposal he never touched has none."""

    _patient: Patient
    _author: str
    text: str = ""
    kind: DocumentKind = DocumentKind.CONSULTATION
    format: DocumentFormat = DocumentFormat.STRUCTURED
    visibility: Visibility | None = None
    proposals: tuple[Proposal, ...] = ()
    ticks: dict[Key, bool] = field(default_factory=dict)

    @property
    def patient(self) -> Patient:
        return self._patient

    @property
    def author(self) -> str:
        """RPPS of who writes."""
        return self._author

    @property
    def empty(self) -> bool:
        return not self.text.strip()

    def tick(self, row: int, accepted: bool) -> None:
        """The doctor's own decision on one proposal: kept whatever is typed around it."""
        self.ticks[keys(self.proposals)[row]] = accepted
        one = self.proposals[row].ticked(accepted)
        self.proposals = (*self.proposals[:row], one, *self.proposals[row + 1 :])

    def ticked(self, proposals: tuple[Proposal, ...], *, seen: bool = True) -> tuple[Proposal, ...]:
        """New proposals with the doctor's earlier ticks. `seen` False: none he has not had before his eyes is accepted."""
        shown = dict(zip(keys(self.proposals), (proposal.accepted for proposal in self.proposals), strict=True))
        result = []
        for key, proposal in zip(keys(proposals), proposals, strict=True):
            default = proposal.accepted if seen else shown.get(key, False)
            result.append(proposal.ticked(self.ticks.get(key, default)))
        return tuple(result)


def keys(proposals: tuple[Proposal, ...]) -> list[Key]:
    """The key of each proposal, in their order."""
    counts: Counter[Meaning] = Counter()
    result: list[Key] = []
    for proposal in proposals:
        meant = meaning(proposal)
        result.append((meant, counts[meant]))
        counts[meant] += 1
    return result


def meaning(one: Proposal) -> Meaning:
    """What would be coded, and from which words: `HTA ?` become `HTA` is another meaning."""
    coded = (one.system, one.code, one.unit, repr(one.value))
    return (one.kind.value, one.label, one.text, one.status.value, *map(str, coded))


class Drafts(QObject):
    """All notes under way, in the order they were begun."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drafts: list[Draft] = []

    def of(self, professional: Professional | None) -> list[Draft]:
        return [draft for draft in self._drafts if professional and draft.author == professional.rpps]

    def open_for(self, patient: Patient, professional: Professional) -> Draft:
        """The note under way for this patient, or a new one."""
        for draft in self.of(professional):
            if draft.patient.ins.value == patient.ins.value and draft.patient.ins.oid == patient.ins.oid:
                return draft
        draft = Draft(patient, professional.rpps)
        self._drafts.append(draft)
        self.changed.emit()
        return draft

    def restore(self, draft: Draft) -> None:
        self._drafts.append(draft)
        self.changed.emit()

    def remove(self, draft: Draft) -> None:
        """Sent or given up."""
        if draft in self._drafts:
            self._drafts.remove(draft)
            self.changed.emit()

    def drop_empty(self, but: Draft | None = None) -> None:
        """Forgets notes opened and never written."""
        kept = [draft for draft in self._drafts if draft is but or not draft.empty]
        if len(kept) != len(self._drafts):
            self._drafts = kept
            self.changed.emit()
