"""A record of TD0.4 as a row: whose it is, when something came into it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dmp_desktop.domain.access import KnownDossier
from dmp_desktop.domain.identity import folded
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_records_fr as fr
from dmp_desktop.ui.models.row_card import RowCard
from dmp_desktop.ui.models.told_rows import ToldRow


def rows_of(dossiers: Iterable[KnownDossier], order: str) -> list[ToldRow]:
    """Two thousand take a few tens of milliseconds: to be called on a worker."""
    return [_row(one, order) for one in dossiers]


def _row(one: KnownDossier, order: str) -> ToldRow:
    born_as = one.birth_family if folded(one.birth_family) != folded(one.family) else ""
    name = " ".join(part for part in (one.family, f"({born_as})" if born_as else "", one.given) if part)
    birth = formats.day(one.birth_date) if one.birth_date else ""
    document, access = _day(one.last_document), _day(one.last_access)
    notes = (fr.ATTENDING if one.attending else "", one.message)
    by_document = order == fr.BY_DOCUMENT
    first, second = (fr.DOCUMENT_OF, document), (fr.ACCESS_OF, access)
    shown, other = (first, second) if by_document else (second, first)
    card = RowCard(
        icon="person",
        title=name,
        kept=one.given,
        detail=" · ".join(
            part
            for part in (fr.BORN.format(birth) if birth else fr.NO_BIRTH, other[0].format(other[1]), one.message)
            if part
        ),
        date=shown[0].format(shown[1]),
        mark=fr.ATTENDING if one.attending else "",
        tone="accent" if one.attending else "muted",
    )
    cells = (name, birth or fr.NOT_TOLD, document, access, " · ".join(note for note in notes if note))
    return ToldRow(one, cells, card, folded(name))


def _day(moment: datetime | None) -> str:
    return formats.day(moment) if moment else fr.NOT_TOLD
