"""Vaccinations: one row an injection, as many as were given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.models.documents import plain
from dmp_desktop.ui.views.compose.forms.base import Choices, Filled, KindForm, beside
from dmp_desktop.ui.views.compose.forms.fields import ChoiceField, CodeField, DayField, Field, NumberField, TextField

_PATH = re.compile(r"vaccines(?:\[(\d+)\])?(?:\.(\w+))?")
_CLASS = 5
"""Characters of an ATC code that name the vaccine, whatever its brand (level 4)."""


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
        self.remove = QToolButton()
        self.remove.setAccessibleName(fr.REMOVE_VACCINE.format(number))
        self.remove.setToolTip(fr.REMOVE_VACCINE.format(number))
        self.remove.clicked.connect(self.removed)
        self._lay_out()
        for one in self.fields.values():
            one.changed.connect(self.changed)
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
        """Vaccinations ticked in the note come as rows: their lot is still to be said."""
        for one in proposals:
            if not one.accepted or one.kind is not ProposalKind.VACCINATION or one.status is not ProposalStatus.DONE:
                continue
            if any(_same(row.filled(), one) for row in self.rows):
                continue
            vaccine = {"label": one.label} | ({"atc": one.code} if one.code else {}) | _day_told(one)
            blank = next((row for row in self.rows if not row.begun), None)
            if blank:
                blank.fill(blank.filled() | vaccine)
            else:
                self._add(vaccine)
            self.changed.emit()

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
        return ({"date": self.day.isoformat()} if self.day else {}) | dict(vaccine)

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


def _day_told(proposal: Proposal) -> dict[str, Any]:
    """The day the note gives; none where it gives one without its year or month. Nothing where it gives none, or today."""
    details = proposal.value if isinstance(proposal.value, dict) else {}
    written = str(details.get("date") or "")
    if not any(map(str.isdigit, written)):
        return {}
    try:
        return {"date": datetime.strptime(written, "%d/%m/%Y").date().isoformat()}
    except ValueError:
        return {"date": None}


def _same(vaccine: Mapping[str, Any], proposal: Proposal) -> bool:
    if vaccine.get("atc") and proposal.code:
        return str(vaccine["atc"])[:_CLASS] == proposal.code[:_CLASS]
    return plain(str(vaccine.get("label", ""))) == plain(proposal.label)
