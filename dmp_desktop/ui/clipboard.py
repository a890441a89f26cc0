"""What of a record goes to the clipboard: out of the histories of the system, and gone when the screen is covered."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QClipboard, QGuiApplication

_OURS = "application/x-dmp-desktop-record"
_PUT = "recordCopied"
_NOT_KEPT = {
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"\0",
    'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"': bytes(4),
    'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"': bytes(4),
    "x-kde-passwordManagerHint": b"secret",
}
"""Windows ("Clipboard Formats", cloud clipboard and clipboard history) and KDE (Klipper) keep no copy of what has them."""


def put(text: str) -> None:
    """From a record."""
    data = QMimeData()
    data.setText(text)
    data.setData(_OURS, b"1")
    for kind, value in _NOT_KEPT.items():
        data.setData(kind, value)
    clipboard = QGuiApplication.clipboard()
    clipboard.setProperty(_PUT, True)
    clipboard.setMimeData(data)


def forget() -> None:
    """What a window of the program copied, by `put` or otherwise, or selected (X11). What another program put there stays."""
    clipboard = QGuiApplication.clipboard()
    if clipboard.ownsClipboard() or (clipboard.property(_PUT) and _still_there(clipboard)):
        clipboard.clear()
    clipboard.setProperty(_PUT, False)
    if clipboard.ownsSelection():
        clipboard.clear(QClipboard.Mode.Selection)


def _still_there(clipboard: QClipboard) -> bool:
    """Where the system does not tell whose it is. Asks the program that copied last, which may be slow: not without need."""
    data: QMimeData | None = clipboard.mimeData()
    return data is not None and data.hasFormat(_OURS)
