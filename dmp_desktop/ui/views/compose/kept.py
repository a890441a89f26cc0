"""A draft of the window as it is kept on the disk, and back."""

from __future__ import annotations

from dmp_desktop.domain.drafts import KeptDraft, KeptForm, KeptTick
from dmp_desktop.ui.models.facts import NO_KNOWN_ALLERGY, Review
from dmp_desktop.ui.views.compose.drafts import Draft, Replacement
from dmp_desktop.ui.views.compose.forms.base import Filled


def kept_draft(draft: Draft, *, with_facts: bool) -> KeptDraft:
    """The draft as it is now. Without facts, nothing that was read in the record is in it: only what the doctor said."""
    ticked = draft.review.ticked if with_facts else draft.review.ticked & {NO_KNOWN_ALLERGY}
    return KeptDraft(
        draft.id,
        draft.patient,
        draft.author,
        draft.started_at,
        draft.text,
        draft.kind,
        draft.format,
        draft.visibility,
        draft.proposals,
        draft.proposed_for,
        tuple(KeptTick(meant, rank, accepted) for (meant, rank), accepted in draft.ticks.items()),
        draft.format_chosen,
        draft.visibility_chosen,
        tuple(sorted(draft.refused, key=str)),
        draft.secret,
        tuple(KeptForm(kind, one.extra, one.attachment) for kind, one in draft.filled.items()),
        tuple(sorted(ticked, key=lambda item: (item.kind, item.label, str(item.code), item.when))),
        draft.replaces.entry if draft.replaces else None,
        draft.replaces.note if draft.replaces else "",
        draft.prepared,
        tuple(sorted(draft.hidden_with)),
    )


def draft_of(kept: KeptDraft) -> Draft:
    """A replaced document and the record under review are read again before the draft is sent."""
    return Draft(
        kept.patient,
        kept.author,
        kept.started_at,
        kept.text,
        kept.kind,
        kept.format,
        kept.visibility,
        kept.proposals,
        kept.proposed_for,
        {(one.meaning, one.rank): one.accepted for one in kept.ticks},
        format_chosen=kept.format_chosen,
        visibility_chosen=kept.visibility_chosen,
        refused=frozenset(kept.refused),
        secret=kept.secret,
        filled={form.kind: Filled(form.extra, form.attachment) for form in kept.forms},
        review=Review(ticked=set(kept.facts)),
        replaces=Replacement(kept.replaced, note=kept.former) if kept.replaced else None,
        id=kept.draft_id,
        prepared=kept.prepared,
        hidden_with=frozenset(kept.hidden_with),
    )
