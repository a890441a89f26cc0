"""The strict traits of the RNIV, typed from an identity document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from dmp_desktop.domain.identity import UNKNOWN_PLACE, StrictTraits, begins, is_possible
from dmp_desktop.domain.people import Sex
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel

_PLACE = re.compile(r"\d{5}|2[AB]\d{3}")
_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_FIGURES = re.compile(r"(\d{2})(\d{2})(\d{4})")


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """As it stands in the fields; `sex` the place in its list."""

    lines: tuple[str, ...]
    sex: int


class TraitsForm(QWidget):
    """`read` gives what is typed, or None and says what is wrong below the fields."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.family, self.first, self.given, self.born, self.place = (
            field(name) for name in (fr.FAMILY, fr.FIRST, fr.GIVEN, fr.BORN, fr.PLACE)
        )
        self.sex: ValueBox[Sex] = ValueBox(fr.SEX_NAME)
        self.sex.offer({one: fr.SEX[one] for one in (Sex.FEMALE, Sex.MALE)})
        self.wrong = PlainLabel(role="danger", wrap=True)
        self.wrong.hide()
        self._shown_sex = self.sex.currentIndex()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.family, self.first, self.given, self.sex, self.born, self.place):
            column.addWidget(PlainLabel(part.accessibleName(), wrap=True))
            column.addWidget(part)
        column.addWidget(self.wrong)

    def show_traits(self, traits: StrictTraits | None) -> None:
        self.wrong.hide()
        self.family.setText(traits.birth_family if traits else "")
        self.first.setText(traits.first_given if traits else "")
        self.given.setText(traits.birth_given if traits else "")
        self.born.setText(formats.day(traits.birth_date) if traits else "")
        self.place.setText((traits.birth_place_cog or UNKNOWN_PLACE) if traits else "")
        self.sex.choose(traits.sex if traits else None)
        self._shown_sex = self.sex.currentIndex()

    @property
    def typed(self) -> Typed | None:
        """What stands there instead of what was shown; None while nothing was typed."""
        lines = (self.family, self.first, self.given, self.born, self.place)
        if self.sex.currentIndex() == self._shown_sex and not any(line.isModified() for line in lines):
            return None
        return Typed(tuple(line.text() for line in lines), self.sex.currentIndex())

    def retype(self, typed: Typed) -> None:
        """As it was left."""
        lines = (self.family, self.first, self.given, self.born, self.place)
        for line, text in zip(lines, typed.lines, strict=True):
            line.setText(text)
            line.setModified(True)
        self.sex.setCurrentIndex(typed.sex)

    def show_read(self, family: str, first: str, born: str) -> None:
        """What a card told: the rest is to be taken from a document."""
        self.show_traits(None)
        self.family.setText(family)
        self.first.setText(first)
        self.born.setText(born)

    def read(self) -> StrictTraits | None:
        family, first, given = (" ".join(one.text().upper().split()) for one in (self.family, self.first, self.given))
        day, place = read_day(self.born.text()), self.place.text().strip().upper()
        wrong = ""
        if not family or not first:
            wrong = fr.WRONG_FAMILY
        elif given and not begins(given, first):
            wrong = fr.WRONG_GIVEN
        elif self.sex.currentIndex() < 0:
            wrong = fr.WRONG_SEX
        elif day is None:
            wrong = fr.WRONG_DAY
        elif not _PLACE.fullmatch(place):
            wrong = fr.WRONG_PLACE
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))
        if wrong or day is None:
            return None
        return StrictTraits(
            family, first, given or first, self.sex.chosen, day, "" if place == UNKNOWN_PLACE else place
        )


def field(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    line.setMaxLength(100)
    return line


def read_day(typed: str) -> date | None:
    """JJ/MM/AAAA; without its signs, its eight figures. No day to come, nor too long ago."""
    found = _DAY.fullmatch(typed.strip()) or _FIGURES.fullmatch(typed.strip())
    try:
        day = date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None
    return day if day is not None and is_possible(day, datetime.now().astimezone().date()) else None
