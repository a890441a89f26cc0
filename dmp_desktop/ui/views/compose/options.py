"""What the document will be: its kind, its form, who sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from dmp_desktop.domain.documents import DocumentFormat, DocumentKind, Visibility
from dmp_desktop.services.visibility import is_minor
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_properties_fr as properties_fr
from dmp_desktop.ui.ports import ComposePort
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.widgets.labels import PlainLabel

T = TypeVar("T")


class ValueBox(QComboBox, Generic[T]):
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
        self.kind: ValueBox[DocumentKind] = ValueBox(fr.KIND_NAME)
        self.format: ValueBox[DocumentFormat] = ValueBox(fr.FORMAT_NAME)
        self.visibility: ValueBox[Visibility | None] = ValueBox(fr.VISIBILITY_NAME)
        self.statement = PlainLabel(role="muted", wrap=True)
        self.kinds = [kind for kind in fr.KIND if compose.formats(kind)]
        """Those that can be made, the most frequent first."""
        self.kind.offer({kind: fr.KIND[kind] for kind in self.kinds})
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.kind, 0, 0, 1, 2)
        grid.addWidget(self.format, 1, 0)
        grid.addWidget(self.visibility, 1, 1)
        grid.addWidget(self.statement, 2, 0, 1, 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self.kind.activated.connect(self._write_kind)
        self.format.activated.connect(self._write_format)
        self.visibility.activated.connect(self._write_visibility)

    def show_draft(self, draft: Draft | None) -> None:
        self._draft = draft
        if draft is None:
            self.statement.clear()
            return
        self.kind.choose(draft.kind)
        self.kind.setEnabled(draft.replaces is None)
        forms = self._compose.formats(draft.kind)
        if draft.format not in forms or not draft.format_chosen:
            draft.format = self._compose.default_format(draft.kind)
        self.format.offer({one: fr.FORMAT[one] for one in fr.FORMAT if one in forms}, draft.format)
        self.format.setEnabled(len(forms) > 1)
        self.visibility.offer({one: fr.VISIBILITY_CHOICE[one] for one in visibilities(draft)}, draft.visibility)
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

    def _state(self) -> None:
        """Said of each deposit: who sees it, who does not."""
        if self._draft:
            self.statement.setText(properties_fr.statement(self._draft.visibility, minor=_minor(self._draft)))


def visibilities(draft: Draft) -> list[Visibility | None]:
    """Legal representatives see the documents of minors only. A choice already made is never taken away."""
    minor, guarded = _minor(draft), Visibility.INVISIBLE_REPRESENTANTS_LEGAUX
    return [
        one
        for one in fr.VISIBILITY_CHOICE
        if draft.visibility is one or (one not in draft.refused and (one is not guarded or minor))
    ]


def _minor(draft: Draft) -> bool:
    return is_minor(draft.patient, draft.started_at.astimezone().date())
