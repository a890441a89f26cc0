"""Accepted proposals sorted into what this document codes; what it cannot code stays in the text and is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.terminology import VitalSign, vital_sign_by_code, vital_signs
from dmp_desktop.terminology.oids import ICD10


@dataclass(frozen=True, slots=True)
class Measure:
    """One vital sign to code; `anchor` is the rank of the proposal it comes from."""

    sign: VitalSign
    value: float
    anchor: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem to code, CIM-10."""

    code: str
    label: str
    anchor: int


@dataclass(slots=True)
class Coded:
    """`spans`: the proposals whose words in the note get an ID, as (start, end, rank), in order and never overlapping; `anchors`: their ranks."""

    measures: list[Measure] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    history: list[Problem] = field(default_factory=list)
    spans: list[tuple[int, int, int]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    anchors: set[int] = field(default_factory=set)

    def anchor(self, start: int, end: int, rank: int) -> None:
        """Give the words of a proposal an ID."""
        self.spans.append((start, end, rank))
        self.anchors.add(rank)


def sort_proposals(proposals: Iterable[Proposal], note_length: int) -> Coded:
    """Keep the accepted ones, in the order of the note; a problem said twice is coded once."""
    coded = Coded()
    accepted = sorted((proposal for proposal in proposals if proposal.accepted), key=lambda proposal: proposal.start)
    last = 0
    for rank, proposal in enumerate(accepted, start=1):
        if not _take(coded, proposal, rank):
            coded.warnings.append(f"« {proposal.label} » reste dans le texte sans être codé.")
        elif last <= proposal.start < proposal.end <= note_length:
            coded.anchor(proposal.start, proposal.end, rank)
            last = proposal.end
    return coded


def _take(coded: Coded, proposal: Proposal, rank: int) -> bool:
    if proposal.kind is ProposalKind.VITAL and proposal.status is ProposalStatus.PRESENT:
        measures = _measures(proposal, rank)
        coded.measures += measures
        return bool(measures)
    if proposal.kind is ProposalKind.PROBLEM and proposal.code and proposal.system == ICD10:
        problem = Problem(proposal.code, proposal.label, rank)
        target = {ProposalStatus.PRESENT: coded.problems, ProposalStatus.HISTORY: coded.history}.get(proposal.status)
        if target is not None and all(other.code != problem.code for other in target):
            target.append(problem)
        return target is not None
    return False


def _measures(proposal: Proposal, rank: int) -> list[Measure]:
    """Blood pressure makes two observations; a value in another unit than its code's is not coded."""
    value = proposal.value
    if isinstance(value, dict):
        signs = vital_signs()
        pair = [(signs[key], value.get(key)) for key in ("systolic", "diastolic")]
        if proposal.unit not in (None, "mm[Hg]") or not all(isinstance(number, int | float) for _, number in pair):
            return []
        return [Measure(sign, float(number or 0), rank) for sign, number in pair]
    sign = vital_sign_by_code().get(proposal.code or "")
    if sign is None or proposal.unit != sign.unit or isinstance(value, bool) or not isinstance(value, int | float):
        return []
    return [Measure(sign, float(value), rank)]
