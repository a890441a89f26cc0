"""What the composer says above a draft: what it is, for whom, and what it replaces."""

from __future__ import annotations

from datetime import datetime

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.views.compose.drafts import Draft


def whose_words(draft: Draft, now: datetime) -> str:
    """What, for whom, and when the consultation was if it was not today."""
    patient, began = draft.patient, formats.day(draft.started_at)
    words = fr.DRAFT_FOR.format(kind=fr.KIND[draft.kind], name=patient.display_name, born=formats.born(patient))
    return words if began == formats.day(now) else f"{words}\n{fr.DRAFT_OF.format(began)}"


def replaced_words(draft: Draft) -> str:
    """Which document the draft is a new version of; empty for one of its own."""
    if draft.replaces is None:
        return ""
    entry = draft.replaces.entry
    words = forms_fr.REPLACES.format(title=entry.title, day=formats.day(entry.creation_time), version=entry.version)
    if hidden := [fr.VISIBILITY[one] for one in Visibility if one in entry.visibility]:
        words = f"{words} {forms_fr.REPLACES_HIDDEN.format(', '.join(hidden))}"
    return words if draft.replaces.parent else f"{words} {forms_fr.REPLACE_READING}"
