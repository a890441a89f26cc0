"""« Professionnels autorisés »: who may open the patient's record, whom the patient has blocked (TD1.6)."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.access import AuthorisationFilter, AuthorisedProfessional
from dmp_desktop.terminology import oids, specialty
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_records_fr as fr
from dmp_desktop.ui.models.row_card import RowCard
from dmp_desktop.ui.models.told_rows import ToldRow
from dmp_desktop.ui.records_ports import RecordsPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.tab_order import lead_to
from dmp_desktop.ui.widgets.told_page import ToldPage

SHARES = {0: 26, 1: 34, 2: 12, 3: 14, 4: 24}


class ProfessionalsView(ToldPage):
    """Those who may, at first. Nothing is done by a click: blocking is the patient's."""

    def __init__(self, port: RecordsPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(fr.PROFESSIONALS_TITLE, fr.PROFESSIONALS_NOTE, fr.PROFESSIONALS_COLUMNS, SHARES, pool, parent)
        self._port = port
        self.which: ValueBox[str] = ValueBox(fr.WHICH)
        self.which.offer(fr.WHICHS, AuthorisationFilter.ACTIVE.value)
        self.offer(self.which)
        lead_to(self.list.cards, (self.which,))

    def fill(self) -> None:
        patient = self.patient
        if patient is None:
            return
        if why := self._port.professionals_refusal(patient):
            self.refuse(why)
            self.back.setFocus()
            return
        which = AuthorisationFilter(self.which.chosen)
        self.load(fr.PROFESSIONALS_LOADING, lambda: rows_of(self._port.professionals(patient, which)))
        self.which.setFocus()

    def empty(self) -> None:
        super().empty()
        self.which.choose(AuthorisationFilter.ACTIVE.value)

    def count(self) -> None:
        total = self.model.total
        none = fr.PROFESSIONALS_NONE[self.which.chosen]
        self.told.setText(fr.PROFESSIONALS_COUNT[total > 1].format(total) if total else none)


def rows_of(people: Iterable[AuthorisedProfessional]) -> list[ToldRow]:
    return [_row(one) for one in people]


def _row(one: AuthorisedProfessional) -> ToldRow:
    name = f"{one.family} {one.given}".strip()
    practises = _practises(one)
    since = formats.day(one.since) if one.since else ""
    last = formats.day(one.last_action) if one.last_action else ""
    state = fr.BLOCKED if one.blocked else fr.RIGHTS.get(one.right, one.right)
    dates = (fr.SINCE.format(since) if since else "", fr.LAST_ACTION.format(last) if last else "")
    card = RowCard(
        icon="forbidden" if one.blocked else "person",
        title=name,
        detail=" · ".join(part for part in (practises, dates[1]) if part),
        date=dates[0],
        mark=state,
        tone="warning" if one.blocked else "accent" if state else "muted",
    )
    told = (since or fr.NOT_TOLD, last or fr.NOT_TOLD)
    return ToldRow(one, (name, practises, *told, state or fr.ALLOWED), card)


def _practises(one: AuthorisedProfessional) -> str:
    if one.id_oid == oids.STRUCT_IDNAT:
        return fr.STRUCTURE
    known = specialty(one.specialty)
    if known:
        return known.display
    return fr.UNKNOWN_SPECIALTY.format(one.specialty) if one.specialty else fr.NO_SPECIALTY
