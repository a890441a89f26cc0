"""From a draft to the outbox in one blocking call: proposals up to date, document built, durable."""

from __future__ import annotations

from dmp_desktop.domain.documents import BuiltDocument
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.ui.ports import ComposePort, OutboxPort
from dmp_desktop.ui.views.compose.drafts import Draft


def build(draft: Draft, compose: ComposePort) -> BuiltDocument:
    """The document of a draft, for the draft's own patient. Proposals the doctor has not seen are not accepted."""
    proposals = draft.proposals
    if any(draft.text[one.start : one.end] != one.text for one in proposals):
        proposals = draft.ticked(compose.propose(draft.patient, draft.text), seen=False)
    return compose.build(draft.patient, draft.text, proposals, draft.kind, draft.format)


def send(draft: Draft, compose: ComposePort, outbox: OutboxPort) -> OutboxItem:
    """Returns once the document is durable."""
    return outbox.send(draft.patient, build(draft, compose), draft.visibility)
