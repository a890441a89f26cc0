"""Asks for a secret over the window, for a worker that waits for it."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Lock

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QInputDialog, QLabel, QLineEdit, QWidget

from dmp_desktop.errors import ContextError
from dmp_desktop.ui import strings_window_fr as fr

_WIDE = 64
"""Characters of a line of the question, where the window is that wide."""
_FRAME = 60
"""Pixels around it."""


class SecretPrompt(QObject):
    """A dialog that belongs to `window`. Once closed it answers every question by a refusal: no thread waits for ever."""

    _asked = Signal(str, str, object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._lock = Lock()
        self._waiting: set[Future[str]] = set()
        self._closed = False
        self._asked.connect(self._show)

    def __call__(self, prompt: str, remedy: str) -> str:
        """What was typed. Call on a worker: the window's own thread would wait for itself.

        Raises ContextError when the question is dismissed (with `remedy`), or the window closed.
        """
        answer: Future[str] = Future()
        with self._lock:
            if self._closed:
                raise window_closed()
            self._waiting.add(answer)
            self._asked.emit(prompt, remedy, answer)
        return answer.result()

    def close(self) -> None:
        """Nothing is asked from now on, and what was asked is refused. On the window's thread."""
        with self._lock:
            self._closed = True
        for answer in tuple(self._waiting):
            self._refuse(answer, window_closed())
        for dialog in self._window.findChildren(QInputDialog):
            dialog.reject()

    @Slot(str, str, object)
    def _show(self, prompt: str, remedy: str, answer: Future[str]) -> None:
        if answer not in self._waiting:
            return
        dialog = QInputDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(fr.APPLICATION)
        dialog.setLabelText(prompt)
        for label in dialog.findChildren(QLabel):  # a question may be a paragraph
            label.setWordWrap(True)
            label.setMinimumWidth(
                min(_WIDE * self._window.fontMetrics().averageCharWidth(), self._window.width() - _FRAME)
            )
        dialog.setTextEchoMode(QLineEdit.EchoMode.Password)
        dialog.textValueSelected.connect(lambda secret: self._answer(answer, secret))
        dialog.rejected.connect(lambda: self._refuse(answer, _cancelled(remedy)))
        dialog.open()

    def _answer(self, answer: Future[str], secret: str) -> None:
        self._waiting.discard(answer)
        answer.set_result(secret)

    def _refuse(self, answer: Future[str], refusal: ContextError) -> None:
        if answer in self._waiting:
            self._waiting.discard(answer)
            answer.set_exception(refusal)


def window_closed() -> ContextError:
    """For who works on for a window that is no more."""
    return ContextError("FenetreFermee", fr.WINDOW_CLOSED)


def _cancelled(remedy: str) -> ContextError:
    return ContextError("SaisieAnnulee", fr.INPUT_CANCELLED, remedy)
