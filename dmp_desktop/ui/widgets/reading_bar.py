"""How far a page made of the whole record goes: what it stands on, how to stop reading or go on."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.reading import Reach, Reading
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.reading import Reader
from dmp_desktop.ui.widgets.labels import PlainLabel


class ProgressLine(QWidget):
    """A share of a line. QProgressBar would draw the whole window again at each step, at once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.share = 0.0
        self.setFixedHeight(max(self.fontMetrics().height() // 3, 4))
        self.setAccessibleName(fr.PROGRESS_NAME)

    def show_share(self, share: float) -> None:
        """From 0 to 1."""
        self.share = share
        self.setAccessibleDescription(f"{share:.0%}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours, whole = theme.current(), QRectF(self.rect())
        painter = QPainter(self)
        painter.fillRect(whole, QColor(colours.border))
        painter.fillRect(QRectF(0, 0, whole.width() * self.share, whole.height()), QColor(colours.accent))


class ReadingBar(QWidget):
    """Follows one Reader. Nothing stands here while there is no record."""

    def __init__(self, reader: Reader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self.words = PlainLabel(role="muted", wrap=True)
        self.progress = ProgressLine()
        self.button = QPushButton(fr.STOP)
        self.button.clicked.connect(self._press)
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.fontMetrics().averageCharWidth() // 3)
        column.addLayout(row)
        column.addWidget(self.progress)
        reader.started.connect(self._start)
        reader.advanced.connect(self._advance)
        reader.changed.connect(lambda reading: self._advance(reading.reach))
        reader.ended.connect(self._end)
        reader.failed.connect(self._break)
        reader.cleared.connect(self.hide)
        self.hide()

    def _start(self) -> None:
        self.words.set_role("muted")
        self.words.setText(fr.BEGINS)
        self.progress.show_share(0)
        self.progress.show()
        self._offer(fr.STOP, fr.STOP_NAME)
        self.show()

    def _advance(self, reach: Reach) -> None:
        if self._reader.busy:
            self.words.setText(fr.READING.format(read=reach.read, structured=reach.structured))
            self.progress.show_share(reach.read / max(reach.structured, 1))

    def _end(self) -> None:
        reading: Reading[object] | None = self._reader.reading
        if reading is None:
            return
        reach = reading.reach
        self.progress.hide()
        if reach.complete:
            self.button.hide()
            self.words.setText(reach_words(reach))
            self.words.set_role("warning" if reach.failed else "muted")
        else:
            self._offer(fr.RESUME, fr.RESUME_NAME)
            self.words.setText(fr.STOPPED.format(read=reach.read, structured=reach.structured))
            self.words.set_role("warning")

    def _break(self, error: DmpDesktopError) -> None:
        self.progress.hide()
        self._offer(fr.RESUME, fr.RESUME_NAME)
        self.words.setText(fr.BROKEN.format(error.why_fr))
        self.words.set_role("danger")

    def _offer(self, text: str, name: str) -> None:
        self.button.setText(text)
        self.button.setAccessibleName(name)
        self.button.show()

    def _press(self) -> None:
        if self._reader.busy:
            self._reader.pause()
        else:
            self._reader.read()


def reach_words(reach: Reach) -> str:
    """What a whole page stands on."""
    parts = list(fr.reach(reach.read - len(reach.failed), reach.structured, reach.documents - reach.structured))
    if reach.failed:
        parts.append(fr.FAILED.format(len(reach.failed)))
    return " · ".join(parts)
