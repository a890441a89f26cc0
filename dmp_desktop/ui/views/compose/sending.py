"""From a note to the outbox in one blocking call: proposals up to date, document built, durable."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from dmp_desktop.domain.documents import BuiltDocument
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.services.compose import DocumentOrder
from dmp_desktop.ui.ports import ComposePort, OutboxPort
from dmp_desktop.ui.views.compose.drafts import Note, keys, meaning


@dataclass(frozen=True, slots=True)
class Changed:
    """Nothing was built: the text no longer says what was accepted. `proposals` are those of the text as it is."""

    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Nothing left: the doctor is to read this first. Sent again as it is, the note goes."""

    warnings: tuple[str, ...]


def build(note: Note, compose: ComposePort) -> BuiltDocument | Changed:
    """The document of a note, for the note's own patient. Proposals the doctor has not seen are not accepted."""
    proposals = note.proposals
    if note.proposed_for != note.text:
        found = compose.propose(note.patient, note.text)
        proposals = _seen_only(note, found)
        if _accepted(note.proposals) - _accepted(proposals):
            return Changed(found)
    return compose.build(
        DocumentOrder(note.patient, note.author, note.started_at, note.text, proposals, note.kind, note.format)
    )


def send(note: Note, compose: ComposePort, outbox: OutboxPort) -> OutboxItem | Changed | Doubtful:
    """Returns once the document is durable, or when something is to be looked at before."""
    built = build(note, compose)
    if isinstance(built, Changed):
        return built
    if built.warnings and note.warned != (note.text, built.warnings):
        return Doubtful(built.warnings)
    return outbox.send(note.patient, built, note.visibility)


def _seen_only(note: Note, found: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """New proposals, of which only those that were accepted before the doctor's eyes are."""
    shown = dict(zip(keys(note.proposals), (one.accepted for one in note.proposals), strict=True))
    return tuple(
        one.ticked(note.ticks.get(key, one.accepted and shown.get(key, False)))
        for key, one in zip(keys(found), found, strict=True)
    )


def _accepted(proposals: tuple[Proposal, ...]) -> Counter[tuple[str, ...]]:
    return Counter(meaning(one) for one in proposals if one.accepted)
