"""Vaccinations: one row an injection, as many as were given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.domain.said_dates import said_date
from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.models.documents import plain
from dmp_desktop.ui.views.compose.forms.base import Choices, Filled, KindForm, beside
from dmp_desktop.ui.views.compose.forms.fields import ChoiceField, CodeField, DayField, Field, NumberField, TextField
from dmp_desktop.ui.widgets.labels import PlainLabel

_PATH = re.compile(r"vaccines(?:\[(\d+)\])?(?:\.(\w+))?")
_CLASS = 5
"""Characters of an ATC code that name the vaccine, whatever its brand (level 4)."""
_FULL_DAY = len("2026-11-20")


class VaccineRow(QFrame):
    """One injection."""

    changed = Signal()
    removed = Signal()

    def __init__(self, number: int, choices: Choices) -> None:
        super().__init__()
        self.setObjectName("card")
        self._atc: str | None = None

        def named(label: str) -> str:
            return fr.NUMBERED.format(name=label, number=number)

        self.vaccine = CodeField(fr.VACCINE, named(fr.VACCINE))
        self.fields: dict[str, Field] = {
            "label": self.vaccine,
            "lot": TextField(fr.LOT, named(fr.LOT)),
            "date": DayField(fr.DAY, named(fr.DAY)),
            "site": ChoiceField(fr.SITE, fr.SITES, named(fr.SITE), free=True),
            "rank": NumberField(fr.RANK, named(fr.RANK)),
        }
        self.doubt = PlainLabel(role="warning", wrap=True)
        self.doubt.hide()
        self.remove = QToolButton()
        self.remove.setAccessibleName(fr.REMOVE_VACCINE.format(number))
        self.remove.setToolTip(fr.REMOVE_VACCINE.format(number))
        self.remove.clicked.connect(self.removed)
        self._lay_out()
        for one in self.fields.values():
            one.changed.connect(self.changed)
        self.fields["date"].changed.connect(self._dated)
        self.offer(choices)
        self._draw()

    def _draw(self) -> None:
        self.remove.setIcon(icons.role_icon("cross", "muted"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._draw()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        first = beside([self.vaccine], gap // 2)
        first.addWidget(self.remove)
        last = beside([self.fields[name] for name in ("lot", "date", "site", "rank")], gap // 2)
        for place, share in enumerate((4, 5, 6, 2)):
            last.setStretch(place, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap // 2, gap // 3, gap // 2, gap // 2)
        column.setSpacing(gap // 3)
        column.addLayout(first)
        column.addLayout(last)
        for one in self.fields.values():
            column.addWidget(one.refusal)  # under the whole row: four words do not fit under a lot
        column.addWidget(self.doubt)

    def chain(self) -> list[QWidget]:
        return [
            self.vaccine.input,
            self.remove,
            *(one.input for one in self.fields.values() if one is not self.vaccine),
        ]

    def offer(self, choices: Choices) -> None:
        self.vaccine.offer_codes(choices.vaccines)

    def fill(self, vaccine: Mapping[str, Any]) -> None:
        for name, one in self.fields.items():
            one.set_value(vaccine.get(name))
            one.refuse("")
        self._atc = vaccine.get("atc")
        self._label = vaccine.get("label")
        self._day_typed = False
        self.doubt_day("")

    def doubt_day(self, sentence: str) -> None:
        """Says why the day is to be looked at, until the doctor has typed one."""
        shown = "" if self._day_typed else sentence
        self.doubt.setText(shown)
        self.doubt.setVisible(bool(shown))
        self.fields["date"].input.setAccessibleDescription(shown)

    def _dated(self) -> None:
        self._day_typed = True
        self.doubt_day("")

    def filled(self) -> dict[str, Any]:
        """The code of the vaccine stays with the label it came with, and goes with it."""
        values = {name: value for name, one in self.fields.items() if (value := one.value()) is not None}
        known = self.vaccine.code()
        atc = known.code if known else self._atc if values.get("label") == self._label else None
        return values | ({"atc": atc} if atc else {})

    @property
    def begun(self) -> bool:
        """More than the day, which is there from the start."""
        return bool(self.filled().keys() - {"date"})


class VaccinationForm(KindForm):
    """`day` is what a new row says: the day of the consultation."""

    def __init__(self) -> None:
        super().__init__()
        self.day: date | None = None
        self.rows: list[VaccineRow] = []
        self._choices = Choices()
        self.add = QPushButton(fr.ADD_VACCINE)
        self.add.clicked.connect(self._add_and_go)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.add)

    def chain(self) -> list[QWidget]:
        return [*(widget for row in self.rows for widget in row.chain()), self.add]

    def offer(self, choices: Choices) -> None:
        self._choices = choices
        for row in self.rows:
            row.offer(choices)

    def fill(self, filled: Filled) -> None:
        vaccines: list[dict[str, Any]] = filled.extra.get("vaccines") or [{}]
        for row in self.rows[len(vaccines) :]:
            self._drop(row)
        for row, vaccine in zip(self.rows, vaccines, strict=False):
            row.fill(self._with_day(vaccine))
        for vaccine in vaccines[len(self.rows) :]:
            self._add(vaccine)

    def filled(self) -> Filled:
        vaccines = [row.filled() for row in self.rows if row.begun]
        return Filled({"vaccines": vaccines} if vaccines else {})

    def take(self, proposals: tuple[Proposal, ...]) -> None:
        """Vaccinations ticked in the note come as rows, with what it says of them."""
        for one in proposals:
            if not one.accepted or one.kind is not ProposalKind.VACCINATION or one.status is not ProposalStatus.DONE:
                continue
            day, doubt = self._day_told(one)
            row = next((row for row in self.rows if _same(row.filled(), one)), None)
            if row is None:
                row = self._taken(one, day)
                self.changed.emit()
            shown = row.filled().get("date")
            if shown == day:
                row.doubt_day(doubt)
            elif self.day and shown == self.day.isoformat():
                row.doubt_day(fr.DAY_OTHERWISE)

    def _taken(self, proposal: Proposal, day: str | None) -> VaccineRow:
        vaccine: dict[str, Any] = {"label": proposal.label, "date": day}
        vaccine |= {"atc": proposal.code} if proposal.code else {}
        vaccine |= {name: told for name in ("lot", "site") if (told := _details(proposal).get(name))}
        blank = next((row for row in self.rows if not row.begun), None)
        if blank is None:
            return self._add(vaccine)
        blank.fill(vaccine)
        return blank

    def _day_told(self, proposal: Proposal) -> tuple[str | None, str]:
        """The day the note gives, and what is to be looked at; none where it gives none.

        Of a lot without a word of time, the day of the consultation is proposed: given now, or copied from a booklet.
        """
        details = _details(proposal)
        if self.day and details.get("lot") and details.get("date") is None:
            return self.day.isoformat(), fr.DAY_TO_CHECK
        told = said_date(str(details.get("date") or ""), self.day) if self.day else ""
        return (told, "") if len(told) == _FULL_DAY else (None, fr.DAY_TO_SAY)

    def refuse(self, path: str, sentence: str) -> bool:
        found = _PATH.fullmatch(path)
        if found is None:
            return False
        number, name = int(found[1] or 0), found[2] or "label"
        begun = [row for row in self.rows if row.begun] or self.rows
        row = begun[number] if number < len(begun) else self._add({})
        row.fields.get({"atc": "label"}.get(name, name), row.vaccine).refuse(sentence)
        return True

    def _add(self, vaccine: Mapping[str, Any]) -> VaccineRow:
        row = VaccineRow(len(self.rows) + 1, self._choices)
        row.fill(self._with_day(vaccine))
        row.changed.connect(self.changed)
        row.removed.connect(lambda: self._remove(row))
        self._column.insertWidget(len(self.rows), row)
        self.rows.append(row)
        row.show()
        self.reordered.emit()
        return row

    def _with_day(self, vaccine: Mapping[str, Any]) -> dict[str, Any]:
        """A new row is of the consultation; one that is there keeps what it says, be it no day."""
        return dict(vaccine) or ({"date": self.day.isoformat()} if self.day else {})

    def _add_and_go(self) -> None:
        self._add({}).vaccine.setFocus()

    def _remove(self, row: VaccineRow) -> None:
        self._drop(row)
        if not self.rows:
            self._add({})
        self.rows[0].vaccine.setFocus()
        self.changed.emit()

    def _drop(self, row: VaccineRow) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()


def _details(proposal: Proposal) -> dict[str, Any]:
    return proposal.value if isinstance(proposal.value, dict) else {}


def _same(vaccine: Mapping[str, Any], proposal: Proposal) -> bool:
    if vaccine.get("atc") and proposal.code:
        return str(vaccine["atc"])[:_CLASS] == proposal.code[:_CLASS]
    return plain(str(vaccine.get("label", ""))) == plain(proposal.label)
