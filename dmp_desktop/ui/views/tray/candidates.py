"""Whose a scan may be: side by side, a digit each, nobody chosen before a tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.tray import By
from dmp_desktop.errors import ContextError
from dmp_desktop.services.tray_patients import Candidate, day_typed
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.tab_order import lead_to
from dmp_desktop.ui.widgets.wrapped_button import WrappedButton


@dataclass(frozen=True, slots=True, repr=False)
class _Shown:
    words: str
    patient: Patient | None


class CandidatesPanel(QWidget):
    """`chosen` is who was ticked. `search_asked`: a day of birth and the beginning of a name."""

    search_asked = Signal(object, str)  # date
    failed = Signal(object)
    ticked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.chosen: Patient | None = None
        self.buttons: list[WrappedButton] = []
        self._shown: list[_Shown] = []
        self.of_another: Callable[[Patient | None], bool] = lambda _patient: (
            False
        )  # whether the paper names somebody else
        self.told = PlainLabel(role="muted", wrap=True)
        self.doubt = PlainLabel(fr.CODE_OF_ANOTHER, role="warning", wrap=True)
        self.born, self.start, self.search = QLineEdit(), QLineEdit(), QPushButton(fr.SEARCH_ACT)
        for line, hint in ((self.born, fr.SEARCH_HINT), (self.start, fr.SEARCH_NAME)):
            line.setPlaceholderText(hint)
            line.returnPressed.connect(self._search)
        self.born.setAccessibleName(fr.SEARCH)
        self.start.setAccessibleName(fr.SEARCH_NAME)
        self.search.clicked.connect(self._search)
        self._people = QVBoxLayout()
        row = QHBoxLayout()
        row.addWidget(self.born, 1)
        row.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(PlainLabel(fr.WHO))
        column.addWidget(self.told)
        column.addLayout(self._people)
        column.addWidget(self.doubt)
        column.addWidget(PlainLabel(fr.SEARCH, role="muted"))
        column.addLayout(row)
        column.addWidget(self.start)

    def wait(self) -> None:
        self._fill([])
        self._say(fr.LOOKING)

    def clear(self) -> None:
        self.chosen = None
        self.of_another = lambda _patient: False
        self._fill([])
        self._say("")
        self.born.clear()
        self.start.clear()

    def show_people(self, candidates: Sequence[Candidate], before: Patient | None, *, searched: bool = False) -> None:
        """`before`: who was chosen when it was prepared before, offered and still ticked."""
        self.chosen = before
        shown = [_Shown(_words(one), one.patient) for one in candidates]
        if before is not None and not any(_is(one.patient, before) for one in shown):
            shown.insert(0, _Shown(_of_patient(before), before))
        codes = {one.number for one in candidates if one.by is By.CODE}
        nobody = fr.FOUND_NOBODY if searched else fr.NOBODY
        self._say(fr.SEVERAL_CODES if len(codes) > 1 else "" if shown else nobody)
        self._fill(shown)

    def press(self, rank: int) -> bool:
        """The one of this digit; False where there is none."""
        if not 0 < rank <= len(self.buttons) or not self.buttons[rank - 1].isEnabled():
            return False
        self.buttons[rank - 1].click()
        return True

    def _fill(self, shown: list[_Shown]) -> None:
        for old in self.buttons:
            self._people.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._shown, self.buttons = shown, []
        for one in shown:
            button = WrappedButton("")
            button.setCheckable(True)
            button.setEnabled(one.patient is not None)
            button.clicked.connect(lambda _on, one=one: self._choose(one))
            self._people.addWidget(button)
            self.buttons.append(button)
        lead_to(self.born, self.buttons)
        self._mark()

    def _choose(self, one: _Shown) -> None:
        self.chosen = None if _is(one.patient, self.chosen) else one.patient
        self._mark()
        self.ticked.emit()

    def _mark(self) -> None:
        """Who is ticked, by a sign too: not by a colour alone."""
        self.doubt.setVisible(self.of_another(self.chosen))
        for rank, (button, shown) in enumerate(zip(self.buttons, self._shown, strict=True), 1):
            ticked = _is(shown.patient, self.chosen)
            button.setChecked(ticked)
            sign = fr.TICKED if ticked else fr.NOT_TICKED if shown.patient else ""
            button.name(shown.words.format(key=f"{sign}{rank}  " if rank < 10 else sign))

    def _say(self, words: str) -> None:
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def _search(self) -> None:
        try:
            day = day_typed(self.born.text())
        except ContextError as error:
            self.failed.emit(error)
            return
        self.search_asked.emit(day, self.start.text().strip())


def _is(one: Patient | None, other: Patient | None) -> bool:
    return one is not None and other is not None and one.ins.value == other.ins.value


def _words(one: Candidate) -> str:
    """With the place of its digit left open."""
    traits = one.traits
    by = fr.BY[one.by]
    if one.discordant:
        by = fr.DISCORDANT
    elif one.unknown:
        by = fr.UNKNOWN
    elif one.patient is None:
        by = f"{by} · {fr.NOT_QUALIFIED}"
    told = fr.CANDIDATE.format(
        key="\0",
        family=traits.birth_family,
        given=traits.birth_given,
        born=formats.day(traits.birth_date),
        place=traits.birth_place_cog or fr.NO_PLACE,
        number=formats.matricule(one.number) if one.number else fr.NO_NUMBER,
        by=by,
    )
    return _keyed(told)


def _of_patient(patient: Patient) -> str:
    told = fr.CANDIDATE.format(
        key="\0",
        family=patient.birth_family,
        given=patient.birth_given,
        born=formats.day(patient.birth_date),
        place=patient.birth_place_cog or fr.NO_PLACE,
        number=formats.ins(patient.ins),
        by=fr.CHOSEN_BEFORE,
    )
    return _keyed(told)


def _keyed(told: str) -> str:
    return told.replace("{", "{{").replace("}", "}}").replace("\0", "{key}")
