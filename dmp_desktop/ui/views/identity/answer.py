"""What INSi answered: a sentence, each difference on a quiet line, and what may be taken, by a click only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.id_documents import PROGRAM_DOCUMENTS, IdDocument
from dmp_desktop.domain.identity import Identity, is_adult
from dmp_desktop.services.identity_proposal import Proposal
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.views.identity.person import ins_words, offer_documents, oid_words
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.tab_order import lead_to


class AnswerPanel(QFrame):
    """Hidden while there is no answer. `taken` without a document, `taken_seen` with the code of the one that was seen."""

    taken = Signal()
    taken_seen = Signal(str)  # code of an IdDocument

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offers = False  # something may be taken
        self.offered: Sequence[IdDocument] = PROGRAM_DOCUMENTS
        self.outcome, self.told = PlainLabel(wrap=True), PlainLabel(wrap=True)
        self.outcome.setProperty("strong", True)
        self.differs = PlainLabel(role="muted", wrap=True)
        self.seen_words, self.documents = PlainLabel(fr.TAKE_SEEN, wrap=True), Flow()
        self.take = QPushButton(fr.TAKE)
        self.take.clicked.connect(self.taken)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.outcome, self.told, self.differs, self.seen_words, self.documents, self.take):
            column.addWidget(part)
        self.clear()

    def clear(self) -> None:
        for label in (self.outcome, self.told, self.differs):
            label.clear()
        self.hide()

    def show_asking(self) -> None:
        self._offer(None, seen=False)
        self.outcome.setText(fr.ASKING)
        self.told.hide()
        self.differs.hide()
        self.show()

    def show_proposal(self, proposal: Proposal, today: date, *, of_patient: bool, other: bool = False) -> None:
        """`other`: it is about somebody else than the person shown, nothing may be taken. `of_patient`: their record is open."""
        told = proposal.traits
        takeable, active = told is not None and not other, proposal.answer.active
        known_already = takeable and proposal.nothing_new
        confirmed = known_already and proposal.as_on_card
        said = fr.OTHER_PERSON if other else proposal.said or fr.OUTCOME[proposal.answer.outcome]
        known_words = fr.CONFIRMED if confirmed else fr.NOT_AS_ON_CARD
        self.outcome.setText(known_words if known_already else said)
        self.told.setVisible(takeable)
        if told is not None and active is not None and takeable:
            given, place = told.birth_given, told.birth_place_cog or fr.NO_PLACE
            day, sex, number = formats.day(told.birth_date), fr.SEX[told.sex], ins_words(active)
            self.told.setText(
                fr.TOLD.format(
                    family=told.birth_family, given=given, sex=sex, day=day, place=place, number=number,
                    kind=oid_words(active),
                )
            )  # fmt: skip
        heading = [] if known_already else [fr.RENAMES if proposal.renames else fr.DIFFERS]
        lines = [*heading, *(one.line for one in proposal.divergences)] if proposal.divergences else [fr.SAME]
        self.differs.setText("\n".join(lines))
        self.differs.setVisible(takeable and not confirmed)
        validated = proposal.identity is not None and proposal.identity.validated
        offered = takeable and (not known_already or (confirmed and not of_patient and not validated))
        born = told.birth_date if told and offered else None
        self._offer(born, seen=not proposal.keeps_document, alone=not proposal.renames, today=today)
        self.show()

    def _offer(self, born: date | None, *, seen: bool, alone: bool = True, today: date | None = None) -> None:
        """`seen`: a document is asked for; `alone`: it may be taken without one."""
        takeable = born is not None
        self.offers = takeable
        self.take.setVisible(takeable and alone)
        self.seen_words.setVisible(takeable and seen)
        self.documents.setVisible(takeable and seen)
        if born is not None and today is not None:
            offer_documents(self.documents, self.offered, self.taken_seen.emit, minor=not is_adult(born, today))
            lead_to(self.take, self.documents.widgets)


def may_be(shown: Identity, proposal: Proposal) -> bool:
    """Whether an answer is about the person shown: the same one, or all their traits, or their number."""
    told, active = proposal.identity, proposal.answer.active
    if told is None or (shown.person and told.person == shown.person):
        return True
    if active is not None and shown.matricule is not None and active.value == shown.matricule.value:
        return True
    return not (shown.person and told.person) and told.traits.exactly(shown.traits)
