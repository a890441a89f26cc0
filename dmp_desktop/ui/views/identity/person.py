"""One person: status, strict traits, INS and its history, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.id_documents import PROGRAM_DOCUMENTS, IdDocument
from dmp_desktop.domain.identity import DocumentKind, Doubt, Identity, StrictTraits, is_adult
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as window_fr
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.views.identity.search import card_words
from dmp_desktop.ui.views.identity.traits import TraitsForm, Typed
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel
from dmp_desktop.ui.widgets.tab_order import lead_to


class PersonPanel(QWidget):
    """Shows what the page gives it; nothing is changed here."""

    traits_asked = Signal()
    vitale_asked = Signal(object)  # Beneficiary
    document_seen = Signal(str)  # code of an IdDocument
    corrected = Signal(object)  # StrictTraits
    doubted = Signal(object)  # Doubt
    cleared = Signal()

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.offered: Sequence[IdDocument] = PROGRAM_DOCUMENTS
        self.insi_refusal: Callable[[], str] = str  # why who is there may not ask INSi
        self.status = IconLabel()
        self.received, self.traits, self.birth, self.ins, self.history = (PlainLabel(wrap=True) for _part in range(5))
        self.seen, self.refused = PlainLabel(role="muted", wrap=True), PlainLabel(role="warning", wrap=True)
        self.ask_traits = QPushButton(fr.ASK_TRAITS)
        self.ask_vitale = Flow()
        self.document_words = PlainLabel(fr.SEEN_ASK, wrap=True)
        self.documents = Flow()
        self.correct, self.form = QPushButton(fr.CORRECT), TraitsForm()
        self.correct_told = PlainLabel(role="warning", wrap=True)
        self.correct_locked = PlainLabel(fr.CORRECT_LOCKED, role="muted", wrap=True)
        self.save, self.cancel = QPushButton(fr.SAVE), QPushButton(fr.CANCEL)
        self.doubts = {doubt: QPushButton(words) for doubt, words in fr.DOUBT_ASK.items()}
        self.doubt_note = PlainLabel(role="warning", wrap=True)
        self.confirm_doubt, self.cancel_doubt = QPushButton(fr.DOUBT_CONFIRM), QPushButton(fr.CANCEL)
        self._doubt: Doubt | None = None  # asked, not confirmed yet
        self._traits: StrictTraits | None = None
        self.clear_doubt = QPushButton(fr.CLEAR)
        self._lay_out()
        self.ask_traits.clicked.connect(self.traits_asked)
        self.correct.clicked.connect(lambda: self._show_form(self.form.isHidden()))
        self.cancel.clicked.connect(self._drop)
        self.save.clicked.connect(self._save)
        self.clear_doubt.clicked.connect(self.cleared)
        for doubt, button in self.doubts.items():
            button.clicked.connect(lambda _checked=False, doubt=doubt: self._ask_doubt(doubt))
        self.confirm_doubt.clicked.connect(self._tell_doubt)
        self.cancel_doubt.clicked.connect(lambda: self._ask_doubt(None))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.traits.setProperty("strong", True)
        told = (self.status, self.received, self.traits, self.birth, self.ins, self.history, self.seen, self.refused)
        asks = (self.ask_traits, self.ask_vitale, self.document_words, self.documents)
        change = (self.correct, self.correct_locked, self.correct_told, self.form, self.save, self.cancel)
        doubt = (*self.doubts.values(), self.doubt_note, self.confirm_doubt, self.cancel_doubt, self.clear_doubt)
        for part in (*told, *asks, *change, *doubt):
            column.addWidget(part)

    def show_identity(
        self, identity: Identity, patient: Patient | None, card: Sequence[Beneficiary], *, privileged: bool
    ) -> None:
        """`patient`: whose record is open, as the practice software gave them; `privileged` as rule 26 means it."""
        self._show_who(identity, patient)
        self._show_acts(identity, card, privileged=privileged)

    def give_way(self) -> None:
        """To an answer of INSi that may be taken: its documents are the ones to touch."""
        for part in (self.ask_traits, self.ask_vitale, self.document_words, self.documents):
            part.hide()

    def retype(self, typed: Typed) -> None:
        """A correction, as far as it was typed."""
        self._show_form(True)
        self.form.retype(typed)

    def step_back(self) -> bool:
        """Takes back the question of a doubt; False where there is none."""
        asked = self._doubt is not None
        if asked:
            self._ask_doubt(None)
        return asked

    def clear(self) -> None:
        for label in (self.received, self.traits, self.birth, self.ins, self.history, self.seen, self.refused):
            label.clear()
        self.status.show_state("", "", "")
        self._traits = None
        self.form.show_traits(None)
        self.ask_vitale.clear()

    def _show_who(self, identity: Identity, patient: Patient | None) -> None:
        traits = identity.traits
        received = patient is not None and not identity.validated and patient.ins.status is InsStatus.QUALIFIEE
        received = received and identity.matricule is not None
        self.status.show_state(*window_fr.INS_STATUS[InsStatus.QUALIFIEE if received else identity.status])
        _say(self.received, fr.RECEIVED if received else "")
        self.traits.setText(
            fr.NAMES.format(family=traits.birth_family, first=traits.first_given, given=traits.birth_given)
        )
        place = traits.birth_place_cog or fr.NO_PLACE
        self.birth.setText(fr.BIRTH.format(day=formats.day(traits.birth_date), place=place, sex=fr.SEX[traits.sex]))
        number = identity.matricule
        self.ins.setText(
            fr.INS.format(number=ins_words(number), kind=oid_words(number), oid=number.oid) if number else fr.NO_INS
        )
        _say(self.history, "\n".join(_history(identity.history)))
        seen = identity.check
        told = fr.SEEN if identity.validated else fr.SEEN_WEAK
        kind = document_words(seen.kind, seen.label).lower() if seen else ""
        said = told.format(kind=kind, day=formats.day(seen.at)) if seen else fr.NOT_SEEN
        _say(self.seen, "" if received and seen is None else said)
        doubt = fr.DOUBT[identity.doubt] if identity.doubt else ""
        _say(self.refused, fr.REFUSED.format(day=formats.day(identity.refused_at)) if identity.refused_at else doubt)

    def _show_acts(self, identity: Identity, card: Sequence[Beneficiary], *, privileged: bool) -> None:
        sure = identity.doubt is None
        barred = self.insi_refusal()
        self.ask_traits.setVisible(sure)
        self.ask_traits.setEnabled(not barred)
        self.ask_traits.setToolTip(barred)
        self.ask_vitale.clear()
        for person in card if sure else ():
            button = QPushButton(formats.button_text(fr.ASK_VITALE.format(person.given)))
            button.setAccessibleName(fr.ASK_VITALE_NAME.format(card_words(person)))
            button.setToolTip(escape(fr.ASK_VITALE_NAME.format(card_words(person))))  # Qt reads tool tips as rich text
            if barred:
                button.setEnabled(False)
                button.setToolTip(barred)
            button.clicked.connect(lambda _checked=False, person=person: self.vitale_asked.emit(person))
            self.ask_vitale.add(button)
        self.ask_vitale.setVisible(bool(self.ask_vitale.widgets))
        self.document_words.setVisible(sure)
        adult = is_adult(identity.traits.birth_date, self._clock.now().astimezone().date())
        offer_documents(self.documents, self.offered, self.document_seen.emit, minor=not adult)
        self.documents.setVisible(sure)
        lead_to(self.correct, (*self.ask_vitale.widgets, *self.documents.widgets))
        allowed = privileged or not identity.locked
        self.correct.setEnabled(allowed)
        self.correct.setToolTip("" if allowed else fr.CORRECT_LOCKED)
        self.correct_locked.setVisible(not allowed)
        self.correct_told.setText(fr.CORRECT_WARNING if identity.locked else fr.CORRECT_FREE)
        self._traits = identity.traits
        self.form.show_traits(identity.traits)
        self._show_form(False)
        for button in self.doubts.values():
            button.setVisible(sure)
        self._ask_doubt(None)
        name = f"{identity.traits.birth_family} {identity.traits.first_given}"
        lost = fr.DOUBT_LOST if identity.matricule else ""
        self.doubt_note.setText(fr.DOUBT_NOTE.format(name=name, lost=lost))
        self.clear_doubt.setVisible(not sure)

    def _show_form(self, shown: bool) -> None:
        for part in (self.correct_told, self.form, self.save, self.cancel):
            part.setVisible(shown)
        if shown:
            self.form.family.setFocus()

    def _drop(self) -> None:
        """What was typed, too."""
        self.form.show_traits(self._traits)
        self._show_form(False)

    def _ask_doubt(self, doubt: Doubt | None) -> None:
        """No way back but everything anew: it is confirmed, of the person named. None: no question any more."""
        former, self._doubt = self._doubt, doubt
        for part in (self.doubt_note, self.confirm_doubt, self.cancel_doubt):
            part.setVisible(doubt is not None)
        if doubt is not None:
            self.cancel_doubt.setFocus()
        elif former is not None:
            self.doubts[former].setFocus()

    def _tell_doubt(self) -> None:
        if self._doubt is not None:
            self.doubted.emit(self._doubt)

    def _save(self) -> None:
        traits = self.form.read()
        if traits is not None:
            self.corrected.emit(traits)


def offer_documents(flow: Flow, offered: Iterable[IdDocument], act: Callable[[str], None], *, minor: bool) -> None:
    """One button a document of the practice's list, which gives its code; those of a child for minors only."""
    flow.clear()
    for one in offered:
        if minor or not one.for_minors:
            words = document_words(one.code, one.label)
            button = QPushButton(formats.button_text(words if one.trusted else fr.WEAK_DOCUMENT.format(words)))
            if one.for_minors or not one.trusted:
                button.setToolTip(fr.DOCUMENT_MINOR if one.for_minors else fr.DOCUMENT_WEAK)
            button.clicked.connect(lambda _checked=False, code=one.code: act(code))
            flow.add(button)


def document_words(code: str, label: str) -> str:
    """As the program names it, else as the practice does."""
    return label or (fr.DOCUMENT[DocumentKind(code)] if code in set(DocumentKind) else code)


def ins_words(matricule: Matricule) -> str:
    return formats.ins(InsIdentity(matricule.value, matricule.oid))


def oid_words(matricule: Matricule) -> str:
    return fr.OID.get(matricule.oid, "?")


def _history(history: Iterable[Matricule]) -> list[str]:
    lines = []
    for old in history:
        dates = ""
        if old.since and old.until:
            dates = fr.HISTORY_DATES.format(since=formats.day(old.since), until=formats.day(old.until))
        lines.append(fr.HISTORY.format(number=ins_words(old), kind=oid_words(old), dates=dates))
    return lines


def _say(label: PlainLabel, words: str) -> None:
    label.setText(words)
    label.setVisible(bool(words))
