"""What every form of the composer is: filled from a draft, read back, told which field was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import Attachment, Code
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.ui.views.compose.forms.fields import Field


@dataclass(frozen=True, slots=True, repr=False)
class Filled:
    """What a form holds: `extra` as in a context file (design/cli.md), and the file to join."""

    extra: Mapping[str, Any] = field(default_factory=dict)
    attachment: Attachment | None = None

    def __repr__(self) -> str:
        """Never shows what was typed: representations end up in logs."""
        return "Filled(…)"

    @property
    def empty(self) -> bool:
        return not self.extra and self.attachment is None


@dataclass(frozen=True, slots=True)
class Choices:
    """The lists forms choose from: types of documents (JDV_J07), vaccines by ATC code, rapid tests."""

    types: tuple[Code, ...] = ()
    vaccines: tuple[Code, ...] = ()
    tests: tuple[Code, ...] = ()


class KindForm(QWidget):
    """`changed`: the doctor changed something. `fill` tells nothing."""

    changed = Signal()
    reordered = Signal()
    """Other widgets came in: the keyboard's way through the form is to be laid again."""

    def chain(self) -> list[QWidget]:
        """What the keyboard goes through, in order."""
        return [one.input for one in self.findChildren(Field)]

    def offer(self, choices: Choices) -> None:
        """The lists are there."""

    def fill(self, filled: Filled) -> None:
        raise NotImplementedError

    def filled(self) -> Filled:
        raise NotImplementedError

    def take(self, proposals: tuple[Proposal, ...]) -> None:
        """What is ticked in the note, for forms that complete it."""

    def refuse(self, path: str, sentence: str) -> bool:
        """Shows `sentence` beside the field at `path` (`vaccines[0].lot`), which gets the keyboard; False: not of this form."""
        raise NotImplementedError

    def focus_first(self) -> None:
        """The keyboard goes to the first field."""
        first = self.findChild(Field)
        if first:
            first.setFocus()


class FieldsForm(KindForm):
    """Fields under each other; those of one row beside each other."""

    def __init__(self, rows: tuple[dict[str, Field], ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, Field] = {}
        gap = self.fontMetrics().averageCharWidth()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap // 2)
        for row in rows:
            column.addLayout(beside(list(row.values()), gap // 2))
            for name, one in row.items():
                self.fields[name] = one
                one.changed.connect(self.changed)

    def fill(self, filled: Filled) -> None:
        for name, one in self.fields.items():
            one.set_value(filled.extra.get(name))
            one.refuse("")

    def filled(self) -> Filled:
        values = {name: one.value() for name, one in self.fields.items()}
        return Filled({name: value for name, value in values.items() if value is not None})

    def refuse(self, path: str, sentence: str) -> bool:
        one = self.fields.get(path.partition(".")[0])
        if one is None:
            return False
        one.refuse(sentence)
        return True


def beside(widgets: Sequence[QWidget], gap: int) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(gap)
    for widget in widgets:
        row.addWidget(widget, 1, Qt.AlignmentFlag.AlignTop)
    return row
