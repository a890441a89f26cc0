"""What the document will be: its kind, its form, who sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from dmp_desktop.domain.documents import DocumentFormat, DocumentKind, Visibility
from dmp_desktop.services.visibility import is_minor
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_properties_fr as properties_fr
from dmp_desktop.ui.compose_ports import ComposePort
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.still_box import StillBox
from dmp_desktop.ui.widgets.wrapped_button import WrappedButton

T = TypeVar("T")


class ValueBox(StillBox, Generic[T]):
    """A box of values with their words. Qt would give an enumeration back as a plain text: the values are kept here."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._values: list[T] = []
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)

    def offer(self, choices: Mapping[T, str], chosen: T | None = None) -> None:
        self._values = list(choices)
        self.clear()
        self.addItems(list(choices.values()))
        self.choose(chosen)

    def choose(self, value: T | None) -> None:
        self.setCurrentIndex(self._values.index(value) if value in self._values else -1)

    @property
    def chosen(self) -> T:
        return self._values[self.currentIndex()]


class DocumentOptions(QWidget):
    """Reads and writes the draft's own options. `kind_changed` comes before `changed`."""

    changed = Signal()
    kind_changed = Signal()

    def __init__(self, compose: ComposePort, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compose = compose
        self._draft: Draft | None = None
        self._habits: HabitsKeeper | None = None
        self.kind: ValueBox[DocumentKind] = ValueBox(fr.KIND_NAME)
        self.format: ValueBox[DocumentFormat] = ValueBox(fr.FORMAT_NAME)
        self.visibility: ValueBox[Visibility | None] = ValueBox(fr.VISIBILITY_NAME)
        self.statement = PlainLabel(role="muted", wrap=True)
        self.usual = PlainLabel(role="accent", wrap=True)
        self.always = WrappedButton(forms_fr.ALWAYS_SO)
        self.kinds = [kind for kind in fr.KIND if compose.formats(kind)]
        """Those that can be made, the most frequent first."""
        self.kind.offer({kind: fr.KIND[kind] for kind in self.kinds})
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.kind, 0, 0, 1, 2)
        grid.addWidget(self.format, 1, 0)
        grid.addWidget(self.visibility, 1, 1)
        for row, part in enumerate((self.statement, self.usual, self.always), 2):
            grid.addWidget(part, row, 0, 1, 2)
            part.setVisible(part is self.statement)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self.kind.activated.connect(self._write_kind)
        self.format.activated.connect(self._write_format)
        self.visibility.activated.connect(self._write_visibility)
        self.always.clicked.connect(self._keep_as_usual)

    def follow(self, habits: HabitsKeeper) -> None:
        """Who sees the documents of each kind, as the doctor chose it last."""
        self._habits = habits
        habits.changed.connect(self._habits_changed)
        self._habits_changed()

    def _habits_changed(self) -> None:
        if self._draft and self.isEnabled():
            before = self._draft.visibility
            self.show_draft(self._draft)
            if self._draft.visibility is not before:
                self.changed.emit()

    def _usual(self) -> Visibility | None:
        """What is usual for the kind, were it not possible for this patient."""
        habits, draft = self._habits, self._draft
        return habits.current.visibilities.get(draft.kind) if habits and draft else None

    def show_draft(self, draft: Draft | None) -> None:
        self._draft = draft
        if draft is None:
            self.statement.clear()
            self.usual.clear()
            return
        self.kind.choose(draft.kind)
        self.kind.setEnabled(draft.replaces is None)
        forms = self._compose.formats(draft.kind)
        if draft.format not in forms or not draft.format_chosen:
            draft.format = self._compose.default_format(draft.kind)
        self.format.offer({one: fr.FORMAT[one] for one in fr.FORMAT if one in forms}, draft.format)
        self.format.setEnabled(len(forms) > 1)
        usual = self._usual()
        draft.show_as_usual(usual if _possible(draft, usual) else None)
        self.visibility.offer({one: choice_words(draft, one) for one in visibilities(draft)}, draft.visibility)
        self._state()

    def _write_kind(self) -> None:
        """Another form of document: what was chosen for the former one stands where it can."""
        if self._draft:
            self._draft.kind = self.kind.chosen
            self.show_draft(self._draft)
            self.kind_changed.emit()
            self.changed.emit()

    def _write_format(self) -> None:
        if self._draft:
            self._draft.format, self._draft.format_chosen = self.format.chosen, True
            self.changed.emit()

    def _write_visibility(self) -> None:
        if self._draft:
            self._draft.visibility, self._draft.visibility_chosen = self.visibility.chosen, True
            self._state()
            self.changed.emit()

    def _keep_as_usual(self) -> None:
        if self._draft and self._habits:
            habits = self._habits.current
            self._habits.change(shown=habits.with_visibility(self._draft.kind, self._draft.visibility))
            self._state()

    def _state(self) -> None:
        """Said of each deposit: who sees it, who does not, and whether that is by habit."""
        draft, usual = self._draft, self._usual()
        if draft is None:
            return
        self.statement.setText(properties_fr.statement(draft.hidden_by(draft.visibility), minor=_minor(draft)))
        words = ""
        if usual is not None and draft.visibility is usual:
            words = forms_fr.USUAL
        elif usual is not None and not _possible(draft, usual):
            words = forms_fr.USUAL_BARRED.format(fr.VISIBILITY_CHOICE[usual])
        self.usual.setText(words)
        self.usual.setVisible(bool(words))
        own = draft.visibility_chosen and not draft.secret and _possible(draft, usual)
        self.always.setVisible(self._habits is not None and own and draft.visibility is not usual)


def visibilities(draft: Draft) -> list[Visibility | None]:
    """Legal representatives see the documents of minors only. A choice already made is never taken away."""
    brought = draft.hidden_by(draft.visibility) - {draft.visibility}  # by the one that is chosen: not by themselves
    return [
        one for one in fr.VISIBILITY_CHOICE if draft.visibility is one or (one not in brought and _possible(draft, one))
    ]


def choice_words(draft: Draft, one: Visibility | None) -> str:
    """With what else hid the former version."""
    hidden = draft.hidden_by(one)
    if len(hidden) < 2:
        return fr.VISIBILITY_CHOICE[one]
    words = fr.JOINED.join(fr.VISIBILITY[each] for each in Visibility if each in hidden)
    return words[0].upper() + words[1:]


def _possible(draft: Draft, one: Visibility | None) -> bool:
    guarded = one is Visibility.INVISIBLE_REPRESENTANTS_LEGAUX
    return one not in draft.refused and (not guarded or _minor(draft))


def _minor(draft: Draft) -> bool:
    return is_minor(draft.patient, draft.started_at.astimezone().date())
