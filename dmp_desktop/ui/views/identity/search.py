"""Whom the page is about: somebody of the carte Vitale, somebody known here, somebody new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import Identity, StrictTraits
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as window_fr
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.views.identity.traits import TraitsForm, Typed, field, read_day
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.scan_bar import ScanBar
from dmp_desktop.ui.widgets.tab_order import lead_to
from dmp_desktop.ui.widgets.wrapped_button import WrappedButton


class PeopleList(QWidget):
    """Buttons, one a person, under a few words; nothing while there is nobody."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = PlainLabel(wrap=True)
        self.buttons: list[WrappedButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.words)
        self.hide()

    def offer(self, words: str, people: Sequence[tuple[str, Callable[[], None]]], *, even_nobody: bool = False) -> None:
        for button in self.buttons:
            button.hide()
            button.name("")  # it lives until the event loop has its turn
            button.deleteLater()
        self.buttons = []
        self.words.setText(words)
        for text, act in people:
            button = WrappedButton(text)
            button.clicked.connect(lambda _checked=False, act=act: act())
            self._column.addWidget(button)
            self.buttons.append(button)
        self.setVisible(bool(people) or even_nobody)


class SearchPanel(QWidget):
    """Asks; the page answers by `show_found` and the like."""

    card_chosen = Signal(object)  # Beneficiary
    chosen = Signal(object)  # Identity
    born_asked = Signal(object, str)
    number_asked = Signal(str)
    scanned = Signal(str)
    created = Signal(object)  # StrictTraits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card, self.found, self.review = PeopleList(), PeopleList(), PeopleList()
        self.born, self.beginning, self.number = field(fr.BORN), field(fr.BEGINNING), field(fr.FIND_NUMBER)
        self.find_born, self.find_number = QPushButton(fr.FIND), QPushButton(fr.FIND)
        self.find_born.setAccessibleName(fr.FIND_BORN)
        self.find_number.setAccessibleName(fr.FIND_NUMBER)
        self.wrong = PlainLabel(role="danger", wrap=True)
        self.wrong.hide()
        self.scan, self.bar = QPushButton(fr.SCAN), ScanBar()
        self.new, self.form = QPushButton(fr.NEW), TraitsForm()
        self.hint, self.create_person = PlainLabel(fr.NEW_HINT, role="muted", wrap=True), QPushButton(fr.CREATE)
        self._lay_out()
        self._show_form(False)
        for line in (self.born, self.beginning):
            line.returnPressed.connect(self._ask_born)
        self.number.returnPressed.connect(self._ask_number)
        self.find_born.clicked.connect(self._ask_born)
        self.find_number.clicked.connect(self._ask_number)
        self.scan.clicked.connect(self.bar.wait)
        self.bar.scanned.connect(self._scanned)
        self.new.clicked.connect(lambda: self._show_form(self.form.isHidden()))
        self.create_person.clicked.connect(self._create)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        born_name, beginning_name = PlainLabel(fr.BORN, wrap=True), PlainLabel(fr.BEGINNING, wrap=True)
        parts = (self.card, self.review, _strong(fr.FIND_BORN), born_name, self.born, beginning_name, self.beginning)
        answers = (self.find_born, self.wrong, self.found)
        number = (PlainLabel(fr.FIND_NUMBER, wrap=True), self.number, self.find_number, self.scan, self.bar)
        for part in (*parts, *answers, *number, self.new, self.hint, self.form, self.create_person):
            column.addWidget(part)

    def clear(self) -> None:
        """Nothing of anybody."""
        for people in (self.card, self.found, self.review):
            people.offer("", ())
        for line in (self.born, self.beginning, self.number):
            line.clear()
        self.wrong.hide()
        self.bar.close_scan()
        self.form.show_traits(None)
        self._show_form(False)

    def show_card(self, people: Sequence[Beneficiary]) -> None:
        self.card.offer(fr.CARD, [(card_words(one), partial(self.card_chosen.emit, one)) for one in people])
        self._order()

    def show_found(self, people: Sequence[Identity]) -> None:
        self.found.offer(fr.FOUND if people else fr.NOBODY, self._lines(people), even_nobody=True)
        self._order()

    def show_homonyms(self, people: Sequence[Identity], traits: StrictTraits) -> None:
        """Which of them, or somebody else with these traits?"""
        somebody_new = (fr.SOMEBODY_NEW, partial(self.chosen.emit, Identity(traits)))
        self.found.offer(fr.HOMONYMS, [*self._lines(people), somebody_new])
        self.found.buttons[0].setFocus()

    def show_review(self, people: Sequence[Identity]) -> None:
        self.review.offer(fr.REVIEW.format(len(people)), self._lines(people))
        self._order()

    def _order(self) -> None:
        lead_to(self.born, (*self.card.buttons, *self.review.buttons))
        lead_to(self.number, self.found.buttons)

    def _lines(self, people: Sequence[Identity]) -> list[tuple[str, Callable[[], None]]]:
        return [(words(one), partial(self.chosen.emit, one)) for one in people]

    def prefill(self, person: Beneficiary) -> None:
        """Somebody new, by what a card told of them: names in use, maybe, and no sex."""
        self._show_form(True)
        born = person.birth_date
        complete = read_day(born[6:] + born[4:6] + born[:4]) is not None
        day = f"{born[6:]}/{born[4:6]}/{born[:4]}" if complete else ""
        self.form.show_read(person.family, person.given, day)
        self.hint.setText(fr.READ_HINT)

    def retype(self, typed: Typed) -> None:
        """Somebody new, as far as they were typed."""
        self._show_form(True)
        self.form.retype(typed)

    def _show_form(self, shown: bool) -> None:
        """What was typed stays while it is hidden."""
        if self.form.typed is None:
            self.form.show_traits(None)
            self.hint.setText(fr.NEW_HINT)
        for part in (self.form, self.hint, self.create_person):
            part.setVisible(shown)
        if shown:
            self.form.family.setFocus()

    def _ask_born(self) -> None:
        day = read_day(self.born.text())
        self.wrong.setText(fr.WRONG_DAY)
        self.wrong.setVisible(day is None)
        if day is not None:
            self.born_asked.emit(day, self.beginning.text())

    def _ask_number(self) -> None:
        if self.number.text().strip():
            self.number_asked.emit(self.number.text())

    def _scanned(self, untrusted_text: str) -> None:
        self.bar.close_scan()
        self.scanned.emit(untrusted_text)

    def _create(self) -> None:
        traits = self.form.read()
        if traits is not None:
            self.created.emit(traits)


def words(identity: Identity) -> str:
    traits = identity.traits
    status = window_fr.INS_STATUS[identity.status][0].lower()
    said = fr.PERSON.format(
        family=traits.birth_family, first=traits.first_given, day=formats.day(traits.birth_date), status=status
    )
    others = "" if traits.birth_given == traits.first_given else traits.birth_given
    place = fr.PERSON_PLACE.format(traits.birth_place_cog) if traits.birth_place_cog else ""
    number = fr.PERSON_INS.format(identity.matricule.value) if identity.matricule else ""
    return said + "".join(f"\n{part}" for part in (others, place, number) if part)


def card_words(person: Beneficiary) -> str:
    born = person.birth_date
    return fr.CARD_PERSON.format(family=person.family, given=person.given, day=f"{born[6:]}/{born[4:6]}/{born[:4]}")


def _strong(text: str) -> PlainLabel:
    label = PlainLabel(text, wrap=True)
    label.setProperty("strong", True)
    return label
