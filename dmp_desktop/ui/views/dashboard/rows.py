"""Numbers by month and type, and what did not leave, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.services.dashboard import PROPOSED, Fate, FeedingLine
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_dashboard_fr as fr
from dmp_desktop.ui import strings_fr as window_fr
from dmp_desktop.ui.models.row_card import RowCard
from dmp_desktop.ui.models.told_rows import ToldRow
from dmp_desktop.ui.views.compose.drafts import Draft

KINDS = {str(kind.value): words for kind, words in window_fr.KIND.items()} | {PROPOSED: fr.PROPOSED}
_PENDING = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.REFUSED)


def feeding_rows(lines: Iterable[FeedingLine], types: Mapping[str, str]) -> list[ToldRow]:
    """`types`: what documents made elsewhere are, by their LOINC code."""
    return [_feeding_row(line, types.get(line.kind) or KINDS.get(line.kind, line.kind)) for line in lines]


def _feeding_row(line: FeedingLine, kind: str) -> ToldRow:
    year, month = line.month.split("-")
    when = f"{month}/{year}"
    tone = "warning" if line.count[Fate.REFUSED] else "muted"
    card = RowCard(icon="letter", title=kind, detail=told(line.count), date=when, tone=tone)
    return ToldRow(line, (kind, when, *(str(line.count[fate]) for fate in Fate)), card)


def told(count: Mapping[Fate, int]) -> str:
    """Those that are none are not said, unless there is nothing else."""
    said = [words[count[fate] > 1].format(count[fate]) for fate, words in fr.FATES.items() if count[fate]]
    return " · ".join(said) or fr.FATES[Fate.SENT][0].format(0)


def unsent_rows(
    items: Sequence[OutboxItem], drafts: Sequence[Draft], *, named: bool, to_validate: bool = False
) -> list[ToldRow]:
    """What was refused first, then drafts, then what is held or waits. `named`: who looks may see patients."""
    pending = [item for item in items if item.state in _PENDING]
    refused = [item for item in pending if item.state is OutboxState.REFUSED]
    others = [item for item in pending if item.state is not OutboxState.REFUSED]
    written = [draft for draft in drafts if draft.unsent]
    return [
        *(_item_row(item, named) for item in refused),
        *(_draft_row(draft, named, fr.TO_VALIDATE if to_validate else fr.DRAFT) for draft in written),
        *(_item_row(item, named) for item in others),
    ]


def _draft_row(draft: Draft, named: bool, state: str) -> ToldRow:
    whose = f"{draft.patient.display_name}, {formats.born(draft.patient)}" if named else ""
    since = formats.day_and_time(draft.started_at)
    kind = window_fr.KIND[draft.kind]
    return _row(draft, (whose, kind, since, state, fr.RESUME), "edit", "accent")


def _item_row(item: OutboxItem, named: bool) -> ToldRow:
    whose = f"{item.patient.display_name}, {formats.born(item.patient)}" if named else ""
    title = item.title if named else KINDS.get(item.kind, item.kind)
    state, icon, tone = window_fr.STATE[item.state]
    if item.state is OutboxState.WAITING:
        held = item.waiting_for is WaitingFor.HOLD
        state = fr.HELD if held else window_fr.WAITING_FOR.format(window_fr.WAITING[item.waiting_for])
        icon = "pause" if held else icon
    return _row(item, (whose, title, formats.day_and_time(item.created_at), state, fr.SEE), icon, tone)


def _row(of: object, cells: tuple[str, str, str, str, str], icon: str, tone: str) -> ToldRow:
    whose, what, since, state, to_do = cells
    detail = " · ".join(part for part in (what if whose else "", state) if part)
    born = whose.rpartition(" ")[2]  # what tells homonyms apart
    return ToldRow(of, cells, RowCard(icon, whose or what, detail, since, to_do, tone, kept=born))
