"""What the three tabs made of the whole record share: the bar, the rows that wait, the words when there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.reading import OnReach, Reading
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as common_fr
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.models.digest import DigestModel
from dmp_desktop.ui.models.documents import author_label, type_label
from dmp_desktop.ui.reading import Ask, Reader, Stop
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.widgets.card_list import CardList
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.offline_mark import OfflineMark
from dmp_desktop.ui.widgets.reading_bar import ReadingBar


def prepared(ask: Ask, prepare: Callable[[Any], Any]) -> Ask:
    """The same readings, each page made ready for the screen on the thread that made it."""

    def asked(
        patient: Patient,
        entries: list[DocumentEntry],
        stop: Stop,
        on_page: Callable[[Reading[Any]], None],
        on_reach: OnReach,
    ) -> Reading[Any]:
        def ready(reading: Reading[Any]) -> Reading[Any]:
            return Reading(prepare(reading.page), reading.reach)

        return ready(ask(patient, entries, stop, lambda reading: on_page(ready(reading)), on_reach))

    return asked


class ReadingTab(QWidget):
    """Reads when it is looked at. `chosen` asks for a document; `prepare` makes a page ready, on a worker thread."""

    chosen = Signal(object)  # DocumentEntry

    def __init__(
        self,
        record: RecordController,
        ask: Ask,
        prepare: Callable[[Any], Any],
        pool: TaskRunner,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.reader = Reader(record, prepared(ask, prepare), pool, self)
        self.bar = ReadingBar(self.reader)
        self.offline = OfflineMark(record)
        self.message = PlainLabel(common_fr.NO_PATIENT_HINT, role="muted", wrap=True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.waiting = CardList()
        skeleton = DigestModel(self)
        skeleton.show((), loading=True)
        self.waiting.setModel(skeleton)
        self.waiting.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(self.waiting)
        gap = self.fontMetrics().averageCharWidth()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(gap, gap // 2, gap, 0)
        self.column.setSpacing(gap // 2)
        self.column.addWidget(self.offline)
        self.column.addWidget(self.bar)
        self.column.addWidget(self.stack, 1)
        self._unopened = ""  # why who is signed in opens no document
        record.unread.connect(self._explain)
        record.list_complete.connect(lambda _entries: self._say_unopened())
        self.reader.started.connect(self._wait)
        self.reader.changed.connect(self._show)
        self.reader.failed.connect(self._failed)
        self.reader.cleared.connect(self._clear)

    def show_page(self, page: Any) -> None:
        """What `prepare` made of the page, in the tab's own widget; more may come while the reader is busy."""
        raise NotImplementedError

    def forget(self) -> None:
        """Nothing of the record stays in the widgets."""
        raise NotImplementedError

    def put(self, content: QWidget) -> None:
        """The tab's own widget."""
        self._content = content
        self.stack.addWidget(content)

    def say(self, words: str) -> None:
        """Words instead of a page."""
        self.message.setText(words)
        self.stack.setCurrentWidget(self.message)

    def bar_reading(self, why: str) -> None:
        """Who is signed in opens no document, for this reason; empty: they do."""
        self._unopened = why
        self.reader.bar(bool(why))
        self._say_unopened()

    def _say_unopened(self) -> None:
        if self._unopened and self.reader.listed:
            self.say(self._unopened)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reader.want()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.reader.unwant()

    def _explain(self, words: str) -> None:
        if self.reader.reading is None:
            self.say(words)

    def _wait(self) -> None:
        if self.reader.reading is None:
            self.stack.setCurrentWidget(self.waiting)

    def _show(self, reading: Reading[Any]) -> None:
        self.stack.setCurrentWidget(self._content)
        self.show_page(reading.page)

    def _failed(self, error: DmpDesktopError) -> None:
        if self.reader.reading is None:
            self.say(error.why_fr)

    def _clear(self) -> None:
        self.forget()
        self.say(common_fr.NEWS_LOADING)


def offer_sources(
    owner: QWidget, entries: Iterable[DocumentEntry], at: QPoint, chosen: Callable[[DocumentEntry], None]
) -> QMenu | None:
    """Opens the one document, or asks which of several at the global point `at`: the menu shown, None for the one."""
    documents = list({entry.unique_id: entry for entry in entries}.values())
    if len(documents) == 1:
        chosen(documents[0])
    if len(documents) < 2:
        return None
    menu = QMenu(owner)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName(fr.SOURCES_OF)
    for entry in documents:
        parts = (formats.day(entry.creation_time), entry.title or type_label(entry), author_label(entry))
        act = menu.addAction(formats.button_text(" · ".join(part for part in parts if part)))
        act.triggered.connect(lambda _checked=False, entry=entry: chosen(entry))
    menu.setActiveAction(menu.actions()[0])
    menu.popup(at)
    return menu
