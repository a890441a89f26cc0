"""What Qt asks in a window of its own (a file, a folder, a printer): each question ends with the session it was asked in.

Never the static functions of QFileDialog: nobody can end what they ask, it would stay above the screen once that is masked.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

_ENDED = "sessionEnded"


def accepted(dialog: QDialog) -> bool:
    """Waits for the answer. False also where the session ended meanwhile, whatever was answered: nothing may be written then."""
    answer = dialog.exec()
    ended = dialog.property(_ENDED)
    dialog.deleteLater()
    return answer == QDialog.DialogCode.Accepted and not ended


def end_questions() -> None:
    """Another session begins, or none: what is asked goes from the screen. A question of the system that cannot be taken away
    is answered in vain."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog):
            widget.setProperty(_ENDED, True)
            widget.reject()


def printer(parent: QWidget) -> QPrinter | None:
    """None when none was chosen."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # left out of the start

    chosen = QPrinter(QPrinter.PrinterMode.HighResolution)
    return chosen if accepted(QPrintDialog(chosen, parent)) else None


def file_to_save(parent: QWidget, title: str, proposed: Path, kinds: str) -> str:
    """Empty when none was chosen; so are the next two."""
    dialog = QFileDialog(parent, title, str(proposed.parent), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.selectFile(proposed.name)
    return _chosen(dialog)


def file_to_open(parent: QWidget, title: str, kinds: str) -> str:
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _chosen(dialog)


def folder(parent: QWidget, title: str, start: Path) -> str:
    dialog = QFileDialog(parent, title, str(start))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return _chosen(dialog)


def _chosen(dialog: QFileDialog) -> str:
    return dialog.selectedFiles()[0] if accepted(dialog) and dialog.selectedFiles() else ""
