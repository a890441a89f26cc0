"""The form of a draft's kind, in place above the note; what it needs from elsewhere is fetched off the GUI thread."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import Attachment, DocumentKind
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.orders import RecordFacts
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.compose_ports import ComposePort
from dmp_desktop.ui.models.facts import Facts, Review, arrange
from dmp_desktop.ui.tasks import Task, TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.compose.forms.base import Choices, Filled, KindForm
from dmp_desktop.ui.views.compose.forms.files import FileForm
from dmp_desktop.ui.views.compose.forms.review import ReviewForm
from dmp_desktop.ui.views.compose.forms.vaccination import VaccinationForm
from dmp_desktop.ui.views.compose.kinds import FORMLESS, REVIEWED, new_form

_PATH_TOLD = re.compile(r"^Champ « [^»]* » : ")
LEAST_LINES = 6


class FormPanel(QWidget):
    """`changed`: the draft's form holds something else."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, compose: ComposePort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compose, self._pool = compose, pool
        self._draft: Draft | None = None
        self._forms: dict[DocumentKind, KindForm] = {}
        self._choices: Choices | None = None
        self._reading: Task[Facts] | None = None
        self._stop = Event()
        self._failures: dict[Review, str] = {}
        self.form: KindForm | None = None
        self.fold = QToolButton()
        self.fold.setText(fr.FORM)
        self.fold.setToolTip(fr.FOLD_TIP)
        self.fold.setCheckable(True)
        self.fold.setChecked(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.toggled.connect(self._fold)
        self.area = FittingScroll()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.fold)
        column.addWidget(self.area, 1)
        self._fold(True)
        self.hide()

    @property
    def reviewing(self) -> bool:
        """Whether the form takes the room the note leaves."""
        return isinstance(self.form, ReviewForm) and self.fold.isChecked()

    def show_draft(self, draft: Draft | None) -> None:
        """The form of its kind, as the draft holds it. Nothing of the former draft stays in any form."""
        self._draft = draft
        self._cancel_reading()
        if self.form:
            self.form.fill(Filled())
        if draft is None or draft.kind in FORMLESS:
            self.form = None
            self.hide()
            return
        self.form = self._form(draft.kind)
        if isinstance(self.form, VaccinationForm):
            self.form.day = draft.started_at.astimezone().date()
        self.form.fill(draft.form())
        self.area.show_form(self.form, tall=draft.kind in REVIEWED)
        self._failures.pop(draft.review, None)  # what could not be read a while ago may be by now
        self.fold.setChecked(True)
        self.show()
        self._order_keys()
        self._load_choices()
        if draft.kind in REVIEWED:
            self._show_review()
        self.take(draft.proposals)

    def take(self, proposals: tuple[Proposal, ...]) -> None:
        if self.form:
            self.form.take(proposals)

    def refuse(self, error: DmpDesktopError) -> bool:
        """Whether the error is about a field of this form: it is told there, and the keyboard goes there."""
        path = str(getattr(error, "field", "") or getattr(error, "path", "")).removeprefix("extra.")
        if self.form is None or not path:
            return False
        told = _PATH_TOLD.sub("", error.message_fr)
        self.fold.setChecked(True)
        if not self.form.refuse(path, told):
            return False
        focused = self.form.focusWidget()
        if focused:
            self.area.ensureWidgetVisible(focused)
        return True

    def focus(self) -> bool:
        """Puts the keyboard in the form when it is still to be filled; False when the note is what is to be written."""
        draft = self._draft
        if self.form is None or draft is None or not self.fold.isChecked() or draft.kind in draft.filled:
            return False
        self.form.focus_first()
        return True

    def _form(self, kind: DocumentKind) -> KindForm:
        """One widget a kind, made when it is first asked for; the two syntheses share theirs."""
        kind = DocumentKind.VSM if kind in REVIEWED else kind
        form = self._forms.get(kind)
        if form is None:
            form = self._forms[kind] = new_form(kind)
            form.offer(self._choices or Choices())
            form.changed.connect(self._edited)
            form.reordered.connect(self._order_keys)
            if isinstance(form, FileForm):
                form.file.asked.connect(self._read_file)
            if isinstance(form, ReviewForm):
                form.stop_asked.connect(self._stop_reading)
                form.again_asked.connect(self._read_again)
                form.without_asked.connect(self._go_without)
        return form

    def _order_keys(self) -> None:
        """The Tab key goes through the form before the note, though forms are made after it."""
        former: QWidget = self.fold
        for widget in self.form.chain() if self.form and self.area.form is self.form else ():
            QWidget.setTabOrder(former, widget)
            former = widget

    def _edited(self) -> None:
        if self._draft and self.form:
            self._draft.filled[self._draft.kind] = self.form.filled()
            self.changed.emit()

    def _fold(self, shown: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.area.setVisible(shown)
        self.changed.emit()

    def _load_choices(self) -> None:
        """The lists, once."""
        if self._choices is not None:
            return
        self._choices = Choices()
        compose = self._compose
        self._pool.submit(
            lambda: Choices(compose.document_types(), compose.vaccines(), compose.rapid_tests()),
            self._offer,
            self._no_choices,
        )

    def _offer(self, choices: Choices) -> None:
        self._choices = choices
        for form in self._forms.values():
            form.offer(choices)

    def _no_choices(self, error: DmpDesktopError) -> None:
        self._choices = None
        self.failed.emit(error)

    def _read_file(self, path: Path) -> None:
        """For the draft that asked, whatever is on screen when the file is there."""
        draft, form = self._draft, self.form
        if draft is None or not isinstance(form, FileForm):
            return
        kind, compose = draft.kind, self._compose

        def take(attachment: Attachment) -> None:
            draft.filled[kind] = Filled(draft.filled.get(kind, draft.form()).extra, attachment)
            if draft is self._draft and draft.kind is kind:
                form.file.set_value(attachment)
                self.changed.emit()

        def refused(error: DmpDesktopError) -> None:
            if draft is self._draft and draft.kind is kind:
                form.file.failed(f"{error.message_fr} {error.remedy_fr}".strip())

        self._pool.submit(lambda: compose.read_attachment(path), take, refused)

    def _show_review(self) -> None:
        draft = self._draft
        if draft is None or not isinstance(self.form, ReviewForm):
            return
        review = draft.review
        self.form.show_review(review, failed=self._failures.get(review, ""))
        if review.facts is None and review not in self._failures:
            patient, compose = draft.patient, self._compose
            stop = self._stop = Event()
            self._reading = self._pool.submit(
                lambda: _arranged(compose.summary_items(patient, stop.is_set)),
                lambda facts: self._take_facts(review, facts),
                lambda error: self._not_read(review, error),
            )

    def _take_facts(self, review: Review, facts: Facts) -> None:
        review.facts = facts
        self._reading = None
        self._show_review()
        self.changed.emit()

    def _not_read(self, review: Review, error: DmpDesktopError) -> None:
        self._failures[review] = error.message_fr
        self._reading = None
        self._show_review()

    def _read_again(self) -> None:
        if self._draft:
            self._failures.pop(self._draft.review, None)
            self._draft.review.restart()
            self._show_review()

    def record_readable(self, patient: Patient) -> None:
        """What could not be read of this patient's record is read now."""
        draft = self._draft
        if draft is None or draft.patient.ins.value != patient.ins.value or draft.kind not in REVIEWED:
            return
        if draft.review.facts is None and self._reading is None:
            self._failures.pop(draft.review, None)
            self._show_review()

    def _go_without(self) -> None:
        """By the doctor's own act only: nothing of the record will be in what is sent."""
        if self._draft:
            self._draft.review.stop(self._failures.pop(self._draft.review, ""))
            self._show_review()

    def _stop_reading(self) -> None:
        if self._draft:
            self._cancel_reading()
            self._draft.review.stop()
            self._show_review()

    def _cancel_reading(self) -> None:
        if self._reading:
            self._stop.set()
            self._reading.cancel()
            self._reading = None


class FittingScroll(QScrollArea):
    """As high as its form where there is room, scrolled where there is not."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.form: KindForm | None = None
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setWidget(inside)
        inside.installEventFilter(self)

    def show_form(self, form: KindForm, *, tall: bool) -> None:
        """`tall`: it takes all the room there is."""
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Ignored, policy.Expanding if tall else policy.Maximum)
        if self.form is not form:
            if self.form:
                self.form.hide()
            if self._column.indexOf(form) < 0:
                self._column.addWidget(form)
            self.form = form
            form.show()
        self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        form = self.form
        if form is None:
            return QSize(0, 0)
        height = form.heightForWidth(self.width()) if form.hasHeightForWidth() else form.sizeHint().height()
        return QSize(0, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self.sizeHint().height(), LEAST_LINES * self.fontMetrics().height()))


def _arranged(found: RecordFacts) -> Facts:
    return arrange(found.items, found.unread)
