"""One act of the journal as a row."""

from __future__ import annotations

from collections.abc import Iterable

from dmp_desktop.domain.acts import ActFamily, family_of
from dmp_desktop.services.act_words import reason_words, result_words
from dmp_desktop.services.journal_desk import JournalLine
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_journal_fr as fr
from dmp_desktop.ui.models.row_card import RowCard
from dmp_desktop.ui.models.told_rows import ToldRow

_ICONS = {
    ActFamily.SESSION: "card",
    ActFamily.RECORD: "report",
    ActFamily.ACCESS: "person",
    ActFamily.SENDING: "letter",
    ActFamily.ARRIVALS: "list",
    ActFamily.IDENTITY: "person",
    ActFamily.WORKSTATION: "list",
}
_SIGNS = 8
"""Of a pseudonym, and of the end of an identifier: enough to tell two apart in a list."""


def rows_of(lines: Iterable[JournalLine]) -> list[ToldRow]:
    """Five hundred take a few milliseconds: to be called on a worker."""
    return [_row(line) for line in lines]


def _row(line: JournalLine) -> ToldRow:
    one = line.record
    who = fr.ME if line.mine else one.actor or fr.NOBODY
    result = result_words(one.action, one.result)
    told = one.patient[:_SIGNS], one.document[-_SIGNS:], reason_words(one.action, one.reason)
    about = " · ".join(part for part in told if part)
    when = formats.day_and_time(one.at)
    family = family_of(one.action)
    card = RowCard(
        icon=_ICONS[family] if family else "list",
        title=line.label,
        kept="",
        detail=" · ".join(part for part in (who, about) if part),
        date=when,
        mark=result,
        tone="muted" if line.done else "warning",
    )
    return ToldRow(line, (line.label, when, who, result, about), card)
