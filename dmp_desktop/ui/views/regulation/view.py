"""The page of regulation (centre 15): traits in, the records that may be that person's out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.access import FoundPerson, PersonQuery
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import formats, strings_fr
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui.access_ports import AccessPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage


class RegulationView(SidePage):
    """`chosen` gives the person (FoundPerson) whose record is to be opened. Nothing typed or found stays once it is left."""

    chosen = Signal(object)

    def __init__(self, port: AccessPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(fr.REGULATION_PAGE, pool, parent)
        self._port = port
        self.cards: list[PersonCard] = []
        self.fields: dict[str, QLineEdit] = {}
        self.sex: ValueBox[Sex] = ValueBox(fr.SEX)
        self.sex.offer(fr.SEXES, Sex.UNKNOWN)
        self.search = QPushButton(fr.SEARCH)
        self.search.setProperty("primary", True)
        self.search.clicked.connect(self._search)
        self.refused = PlainLabel(role="danger", wrap=True)
        self._lay_out()

    def _lay_out(self) -> None:
        self.column.insertWidget(
            self.column.indexOf(self.said), PlainLabel(fr.REGULATION_HINT, role="muted", wrap=True)
        )
        grid = QGridLayout()
        names = (fr.FAMILY, fr.GIVEN, fr.BORN, fr.CITY, fr.POSTAL)
        for row, name in enumerate(names):
            field = self.fields[name] = QLineEdit()
            field.setAccessibleName(name)
            field.returnPressed.connect(self._search)
            grid.addWidget(PlainLabel(name), row, 0)
            grid.addWidget(field, row, 1)
        self.fields[fr.BORN].setPlaceholderText(fr.BORN_HINT)
        grid.addWidget(PlainLabel(fr.SEX), len(names), 0)
        grid.addWidget(self.sex, len(names), 1)
        self.rows.addLayout(grid)
        for part in (self.refused, self.search):
            self.rows.addWidget(part)
        self._found = QVBoxLayout()
        self.rows.addLayout(self._found)
        self.rows.addStretch(1)

    def fill(self) -> None:
        self.fields[fr.FAMILY].setFocus()

    def empty(self) -> None:
        for field in self.fields.values():
            field.clear()
        self.sex.choose(Sex.UNKNOWN)
        self.search.setEnabled(True)
        self._refuse("")
        self._drop()

    def _search(self) -> None:
        if not self.search.isEnabled():
            return
        self._drop()
        try:
            query = self._query()
        except ValueError as why:
            self._refuse(str(why))
            return
        self._refuse("")
        self.search.setEnabled(False)
        self.said.setText(fr.SEARCHING)
        self.ask(lambda: self._port.search_person(query), self._show, self._fail)

    def _query(self) -> PersonQuery:
        """Raises ValueError with what to tell."""
        text = {name: field.text().strip() for name, field in self.fields.items()}
        if not text[fr.FAMILY]:
            raise ValueError(fr.FAMILY_NEEDED)
        return PersonQuery(
            text[fr.FAMILY], text[fr.GIVEN], _day(text[fr.BORN]), self._sex(), text[fr.CITY], text[fr.POSTAL]
        )

    def _sex(self) -> Sex | None:
        return None if self.sex.chosen is Sex.UNKNOWN else self.sex.chosen

    def _show(self, found: Sequence[FoundPerson]) -> None:
        self.search.setEnabled(True)
        many = fr.FOUND_MANY.format(len(found)) if len(found) > 1 else fr.FOUND_ONE
        self.said.setText(many if found else fr.FOUND_NONE)
        for person in found:
            card = PersonCard(person, self.chosen.emit)
            self._found.addWidget(card)
            self.cards.append(card)

    def _fail(self, error: DmpDesktopError) -> None:
        self.search.setEnabled(True)
        self.said.clear()
        self.failed.emit(error)

    def _refuse(self, why: str) -> None:
        self.refused.setText(why)
        self.refused.setVisible(bool(why))

    def _drop(self) -> None:
        for card in self.cards:
            self._found.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []


class PersonCard(QFrame):
    """One answer: how far it agrees, who, and the button that opens. Traits are those of the DMP."""

    def __init__(self, person: FoundPerson, choose: Callable[[FoundPerson], None]) -> None:
        super().__init__()
        self.setObjectName("card")
        self.open = QPushButton(fr.OPEN_PERSON)
        self.open.clicked.connect(lambda: choose(person))
        born = formats.day(person.birth_date) if person.birth_date else ""
        name = f"{person.family} {person.given}".strip()
        self.who = PlainLabel(name, wrap=True)
        self.who.setProperty("strong", True)
        traits = " · ".join(filter(None, (strings_fr.SEX[person.sex], born, person.city, formats.ins(person.patient))))
        match = fr.MATCH.format(person.match)
        self.setAccessibleName(f"{name}, {traits}, {fr.MATCH_NAME.format(person.match)}")
        self.open.setAccessibleName(f"{fr.OPEN_PERSON} : {name}")
        column = QVBoxLayout(self)
        first = QHBoxLayout()
        first.addWidget(PlainLabel(match, role="accent"))
        first.addWidget(self.who, 1)
        first.addWidget(self.open)
        column.addLayout(first)
        column.addWidget(PlainLabel(traits, role="muted", wrap=True))
        if person.opposes_emergency:
            self.open.setEnabled(False)
            self.open.setToolTip(fr.OPPOSES)
            column.addWidget(PlainLabel(fr.OPPOSES, role="danger", wrap=True))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        raise ValueError(fr.BAD_DATE) from None
