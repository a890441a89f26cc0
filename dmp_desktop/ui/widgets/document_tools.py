"""What can be done with the open document: contents, words to look for, layout, paper, files, size."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.widgets.laid_out_once import laid_out_once
from dmp_desktop.ui.widgets.ready_html import ReadyDocument


class DocumentAct(Enum):
    """What needs a printer or a file."""

    PRINT = auto()
    EXPORT_PDF = auto()
    SAVE_ORIGINAL = auto()
    SAVE_ATTACHED = auto()
    MAIL = auto()
    GIVE = auto()
    MAIL_NOW = auto()


_WORDS = {
    DocumentAct.PRINT: viewer_fr.PRINT,
    DocumentAct.EXPORT_PDF: viewer_fr.EXPORT_PDF,
    DocumentAct.SAVE_ORIGINAL: viewer_fr.EXPORT_ORIGINAL,
    DocumentAct.SAVE_ATTACHED: viewer_fr.EXPORT_ATTACHED,
    DocumentAct.MAIL: viewer_fr.PREPARE_MAIL,
    DocumentAct.GIVE: viewer_fr.GIVE,
}
_OF_BYTES = (DocumentAct.SAVE_ORIGINAL, DocumentAct.MAIL, DocumentAct.GIVE)


class DocumentTools(QWidget):
    """Without `files` nothing leaves the window: a document not yet sent is not printed."""

    find_asked = Signal()
    zoomed = Signal(int)
    act_asked = Signal(object)

    def __init__(self, *, files: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self.mails = False
        """Whether a message can be prepared of a document."""
        self.gives = False
        """Whether a document can be given to the practice software."""
        self.contents = self._button("", viewer_fr.CONTENTS_TIP, checkable=True)
        self.original = self._button(fr.ORIGINAL, fr.ORIGINAL_TIP, checkable=True)
        self.look = self._button("", viewer_fr.FIND_TIP)
        self.more = self._button("⋯", viewer_fr.MORE)
        self.mail = self._button("", viewer_fr.MAIL_NOW)
        self.mail.clicked.connect(lambda: self.act_asked.emit(DocumentAct.MAIL_NOW))
        self.mail.hide()
        self.zoom_out, self.zoom_in = self._button("", fr.ZOOM_OUT), self._button("", fr.ZOOM_IN)
        self.look.clicked.connect(self.find_asked)
        self.zoom_out.clicked.connect(lambda: self.zoomed.emit(-1))
        self.zoom_in.clicked.connect(lambda: self.zoomed.emit(1))
        self.header = QAction(viewer_fr.HEADER, self)
        self.header.setCheckable(True)
        self.acts: dict[DocumentAct, QAction] = {}
        self._menu()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.contents, self.original):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.look, self.zoom_out, self.zoom_in, self.mail, self.more):
            row.addWidget(widget)

    def _button(self, text: str, tip: str, *, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(checkable)
        if not any(char.isalpha() for char in text):
            button.setAccessibleName(tip)
            button.setProperty("quiet", True)  # a picture needs no frame
        return button

    def _menu(self) -> None:
        menu = QMenu(self)
        menu.addAction(self.header)
        if self._files:
            menu.addSeparator()
            for act, words in _WORDS.items():
                action = QAction(words, self)
                action.triggered.connect(lambda _checked=False, act=act: self.act_asked.emit(act))
                self.acts[act] = action
                menu.addAction(action)
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def refresh(self) -> None:
        for button, name in (
            (self.zoom_in, "zoom_in"),
            (self.zoom_out, "zoom_out"),
            (self.look, "search"),
            (self.contents, "list"),
            (self.mail, "letter"),
        ):
            button.setIcon(icons.role_icon(name))

    def offer(self, ready: ReadyDocument, *, contents: bool) -> None:
        with laid_out_once(self):
            self.contents.setVisible(contents)
            self.original.setVisible(ready.original is not None)
            for tool in (self.look, self.zoom_in, self.zoom_out):
                tool.show()
            self.mail.setVisible(self._files and self.mails)
            self.mail.setEnabled(bool(ready.opened.raw))
            self.more.setVisible(self._files or ready.details is not None)
        self.header.setVisible(ready.details is not None)
        attached = ready.html and (ready.opened.pdfs or ready.opened.withheld)
        for act, action in self.acts.items():
            wanted = {
                DocumentAct.SAVE_ATTACHED: bool(attached),
                DocumentAct.MAIL: self.mails,
                DocumentAct.GIVE: self.gives,
            }
            action.setVisible(wanted.get(act, True))
            action.setEnabled(act not in _OF_BYTES or bool(ready.opened.raw))

    @property
    def checked(self) -> tuple[QToolButton | QAction, ...]:
        """What is laid out otherwise than at first."""
        return tuple(tool for tool in (self.contents, self.original, self.header) if tool.isChecked())

    def text_shown(self, text: bool) -> None:
        """What only a text has goes with it."""
        for tool in (self.contents, self.original):
            tool.setEnabled(text)
        self.header.setEnabled(text)

    def forget(self) -> None:
        for tool in (self.original, self.contents):
            tool.setChecked(False)
        self.header.setChecked(False)
        for tool in (self.contents, self.original, self.look, self.zoom_in, self.zoom_out, self.more):
            tool.hide()

    def key(self, event: QKeyEvent) -> bool:
        """Whether a key typed in the document asked for one of these."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        key = Qt.Key(event.key())
        if not control:
            return False
        if key is Qt.Key.Key_F and shift:
            self.find_asked.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoomed.emit(1)
        elif key is Qt.Key.Key_Minus:
            self.zoomed.emit(-1)
        elif key is Qt.Key.Key_P and self._files:
            self.act_asked.emit(DocumentAct.PRINT)
        elif key is Qt.Key.Key_S and self._files:
            self.act_asked.emit(DocumentAct.EXPORT_PDF)
        else:
            return False
        return True
