"""« Propriétés du document »: what it is, who sees it, one button a change, each greyed out with its reason (REC_3.3-1010)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.document_changes import Change, Offer
from dmp_desktop.services.visibility import warnings
from dmp_desktop.ui import asking, formats
from dmp_desktop.ui import strings_fr as common
from dmp_desktop.ui import strings_properties_fr as fr
from dmp_desktop.ui.models.document_texts import type_label
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.settling import Settling


class PropertiesPanel(QFrame):
    """Stands in the place of the open document. Buttons take no answer in their first moment: what was clicked there before was
    something else."""

    asked = Signal(object)  # Offer
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(fr.TITLE)
        self.settling = Settling(self)
        self.title = PlainLabel(fr.TITLE, wrap=True)
        self.title.setProperty("strong", True)
        self.back = QPushButton(fr.BACK)
        self.back.clicked.connect(self.left)
        self.warnings = PlainLabel(role="warning", wrap=True)
        self.facts = tuple(PlainLabel(wrap=True) for _name in fr.FACTS)
        self.state = PlainLabel(role="muted", wrap=True)
        self.buttons: dict[Change, QPushButton] = {}
        self.reasons: dict[Change, PlainLabel] = {}
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        inner = QWidget()
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, label in zip(fr.FACTS, self.facts, strict=True):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(PlainLabel(name, role="muted"), label)
        self._offers = QVBoxLayout()
        self._offers.setSpacing(gap // 2)
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, gap, 0)
        rows.setSpacing(gap)
        for part in (self.warnings, form, self.state, self._offers):
            rows.addWidget(part) if isinstance(part, QWidget) else rows.addLayout(part)
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        first = QHBoxLayout()
        first.addWidget(self.title, 1)
        first.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.addLayout(first)
        column.addWidget(area, 1)

    def show_entry(self, entry: DocumentEntry) -> None:
        """What it is, before it is known what may be done."""
        self.clear()
        for label, words in zip(self.facts, _facts(entry), strict=True):
            label.setText(words or fr.UNTOLD)
        self.warnings.setText("\n".join(warnings(entry.visibility)))
        self.warnings.setVisible(bool(self.warnings.text()))
        self.say(fr.LOADING)
        self.show()

    def show_deposited(self, when: datetime | None) -> None:
        """Told by the DMP after the rest."""
        self.facts[fr.DEPOSITED].setText(formats.day(when) if when else fr.UNTOLD)

    def show_offers(self, offers: Sequence[Offer]) -> None:
        self._drop_offers()
        self.say("")
        for offer in offers:
            button = QPushButton(fr.CHANGES[offer.change])
            button.setEnabled(offer.why is None)
            button.setToolTip(offer.why or fr.MEANS[offer.change])
            button.setAccessibleDescription(offer.why or fr.MEANS[offer.change])
            button.clicked.connect(lambda _checked=False, offer=offer: self.asked.emit(offer))
            words = PlainLabel(offer.why or fr.MEANS[offer.change], role="muted", wrap=True)
            words.setContentsMargins(0, 0, 0, words.fontMetrics().averageCharWidth())  # nearer to its own button
            self._offers.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self._offers.addWidget(words)
            self.buttons[offer.change], self.reasons[offer.change] = button, words
        self.settling.begin(self.buttons[offer.change] for offer in offers if offer.why is None)

    def say(self, words: str) -> None:
        """Instead of the buttons, or above them."""
        self.state.setText(words)
        self.state.setVisible(bool(words))

    def work(self) -> None:
        """A change is on its way: no other meanwhile."""
        self.settling.end()
        for button in self.buttons.values():
            button.setEnabled(False)
        self.say(fr.WORKING)

    def clear(self) -> None:
        """Nothing of a document remains."""
        self._drop_offers()
        for label in (*self.facts, self.warnings, self.state):
            label.clear()
        self.hide()

    def _drop_offers(self) -> None:
        self.settling.end()
        for widget in (*self.buttons.values(), *self.reasons.values()):
            self._offers.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.buttons, self.reasons = {}, {}


def agreed(parent: QWidget, patient: Patient, entry: DocumentEntry, change: Change, more: str = "") -> bool:
    """The one question before what cannot be taken back: whose document, which one, the consequence, and `more` of it. It ends
    with the session: not agreed then."""
    question, consequence, word = fr.QUESTIONS[change]
    dialog = QDialog(parent)
    dialog.setWindowTitle(fr.TITLE)
    dialog.setModal(True)
    title = PlainLabel(question, wrap=True)
    title.setProperty("strong", True)
    whose = fr.OF_PATIENT.format(name=patient.display_name, born=formats.born(patient))
    which = fr.OF_DOCUMENT.format(
        title=entry.title or type_label(entry), day=formats.day(entry.creation_time), author=_author(entry) or fr.UNTOLD
    )
    yes, no = QPushButton(word), QPushButton(fr.NO)
    yes.setProperty("danger", "true" if change is Change.DELETE else "false")
    yes.setAutoDefault(False)
    no.setDefault(True)
    yes.clicked.connect(dialog.accept)
    no.clicked.connect(dialog.reject)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(no)
    row.addWidget(yes)
    column = QVBoxLayout(dialog)
    for label in (title, *(PlainLabel(words, wrap=True) for words in (whose, which, consequence, more) if words)):
        label.setMinimumWidth(label.fontMetrics().averageCharWidth() * 44)
        column.addWidget(label)
    column.addLayout(row)
    settling = Settling(dialog)
    settling.begin([yes])
    no.setFocus()
    return asking.accepted(dialog)


def _author(entry: DocumentEntry) -> str:
    """With their institution, where it is another name; empty when not told."""
    author = entry.authors[0] if entry.authors else None
    by = author.display_name if author else ""
    if author and author.institution and author.institution != by:
        by = fr.AUTHOR_OF.format(name=by, place=author.institution)
    return by


def _facts(entry: DocumentEntry) -> tuple[str, ...]:
    """In the order of the names in `strings_properties_fr.FACTS`."""
    seen = ", ".join(common.VISIBILITY[restriction] for restriction in sorted(entry.visibility))
    return (
        entry.title,
        type_label(entry),
        formats.day(entry.service_start) if entry.service_start else "",
        formats.day(entry.creation_time),
        fr.AWAITED,
        _author(entry),
        str(entry.version),
        common.STATUS[entry.status],
        seen or fr.SEEN_BY_ALL,
    )
