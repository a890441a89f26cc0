"""Forms of what joins a file: prescription, scanned document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import Attachment, Code
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.views.compose.forms.base import Choices, FieldsForm, Filled
from dmp_desktop.ui.views.compose.forms.fields import CodeField, Field
from dmp_desktop.ui.widgets.labels import PlainLabel

PRESCRIPTIONS = ("57833-6", "PRESC-BIO", "PRESC-KINE", "PRESC-INF", "55115-0")
"""JDV_J07: medicines first, the most frequent; then laboratory, physiotherapy, nursing, imaging."""
SCANS_FIRST = ("11488-4", "11502-2", "18748-4", "34133-9", "57833-6")
"""JDV_J07: what a surgery scans most, before the others."""


class FileField(Field):
    """A file chosen or dropped. `asked`: read it, then `set_value`; nothing is read here."""

    asked = Signal(object)  # Path

    def __init__(self, label: str) -> None:
        self._attachment: Attachment | None = None
        super().__init__(label)
        self.set_value(None)

    def _make(self) -> QWidget:
        self.setAcceptDrops(True)
        self.says = PlainLabel(wrap=True)
        self.choose = QPushButton(fr.FILE_CHOOSE)
        self.choose.clicked.connect(self._choose)
        self.remove = QPushButton(fr.FILE_REMOVE)
        self.remove.setAccessibleName(fr.FILE_REMOVE_NAME)
        self.remove.clicked.connect(self._remove)
        frame = QFrame()
        frame.setObjectName("card")
        row = QHBoxLayout()
        row.addWidget(self.choose)
        row.addWidget(self.remove)
        row.addStretch(1)
        column = QVBoxLayout(frame)
        column.addWidget(self.says)
        column.addLayout(row)
        frame.setFocusProxy(self.choose)
        return frame

    def value(self) -> Any:
        return self._attachment

    def set_value(self, value: Any) -> None:
        self._attachment = value
        self.says.setText(describe(value) if value else fr.FILE_NONE)
        self.remove.setVisible(value is not None)

    def ask(self, path: Path) -> None:
        self.refuse("")
        self.says.setText(fr.FILE_READING)
        self.asked.emit(path)

    def failed(self, sentence: str) -> None:
        """The file could not be taken; the former one, if any, stays."""
        self.set_value(self._attachment)
        self.refuse(sentence)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if path := _dropped(event):
            event.acceptProposedAction()
            self.ask(path)

    def _choose(self) -> None:
        if chosen := asking.file_to_open(self, fr.FILE_CHOOSE_TITLE, fr.FILE_FILTER):
            self.ask(Path(chosen))

    def _remove(self) -> None:
        self.set_value(None)
        self._edited()
        self.choose.setFocus()


class FileForm(FieldsForm):
    """A type of document, then the file."""

    def __init__(self) -> None:
        self.type = CodeField(fr.TYPE)
        self.file = FileField(fr.FILE)
        self._types: tuple[Code, ...] = ()
        super().__init__(({"type": self.type}, {"file": self.file}))

    def _wanted(self, types: tuple[Code, ...]) -> tuple[Code, ...]:
        return types

    def offer(self, choices: Choices) -> None:
        shown = self.filled()
        self._types = self._wanted(choices.types)
        self.type.offer_codes(self._types)
        self.fill(shown)

    def fill(self, filled: Filled) -> None:
        """The type is held as its code, and shown as its label once the list is there."""
        code = filled.extra.get("type")
        super().fill(Filled({"type": self.type.label_of(str(code)) or code} if code else {}))
        self.file.set_value(filled.attachment)

    def filled(self) -> Filled:
        code, text = self.type.code(), self.type.value()
        kind = code.code if code else text
        return Filled({"type": kind} if kind else {}, self.file.value())

    def chain(self) -> list[QWidget]:
        return [self.type.input, self.file.choose, self.file.remove]

    def focus_first(self) -> None:
        """The file, unless its type is to be said first."""
        (self.type if self.type.value() is None else self.file).setFocus()

    def refuse(self, path: str, sentence: str) -> bool:
        return super().refuse({"attach": "file", "attachment": "file", "note": "file"}.get(path, path), sentence)


class PrescriptionForm(FileForm):
    def _wanted(self, types: tuple[Code, ...]) -> tuple[Code, ...]:
        return _in_order(types, PRESCRIPTIONS)[: len(PRESCRIPTIONS)]


class ScanForm(FileForm):
    def _wanted(self, types: tuple[Code, ...]) -> tuple[Code, ...]:
        return _in_order(types, SCANS_FIRST)


def _in_order(types: tuple[Code, ...], first: tuple[str, ...]) -> tuple[Code, ...]:
    """Those of `first` in that order, then the others by their label."""
    ahead = sorted((code for code in types if code.code in first), key=lambda code: first.index(code.code))
    return (*ahead, *sorted((code for code in types if code.code not in first), key=lambda code: code.display))


def describe(attachment: Attachment) -> str:
    """Its name, what it is, how much it weighs."""
    size = len(attachment.content)
    words = fr.KILOBYTES.format(max(1, round(size / 1000)))
    if size >= 1_000_000:
        words = fr.MEGABYTES.format(f"{size / 1_000_000:.1f}".replace(".", ","))
    media = fr.MEDIA.get(attachment.mime, attachment.mime)
    return fr.FILE_SAYS.format(name=attachment.name or fr.FILE_UNNAMED, media=media, size=words)


def _dropped(event: QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
