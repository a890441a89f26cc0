"""The tab Nouveautés: what others put in the record since the last visit, the urgent first."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.services.digest import LABELS, Digest
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.models.digest import DigestModel, place_of
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.views.news.rows import NewsList
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.laid_out_once import laid_out_once
from dmp_desktop.ui.widgets.offline_mark import OfflineMark


class NewsView(QWidget):
    """One click on a line opens its document. Nothing new is one quiet line."""

    chosen = Signal(object, object)  # DocumentEntry, Place
    counted = Signal(int)

    def __init__(self, record: RecordController, habits: HabitsKeeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._habits = habits
        self._digest: Digest | None = None
        self.model = DigestModel(self)
        self.offline = OfflineMark(record)
        self.headline = PlainLabel(wrap=True)
        self.headline.setProperty("strong", True)
        self.counts = PlainLabel(role="muted", wrap=True)
        self.partial = PlainLabel(viewer_fr.NEWS_PARTIAL, role="warning", wrap=True)
        self.reading = PlainLabel(viewer_fr.NEWS_READING, role="muted")
        self.mark = QPushButton(viewer_fr.MARK_SEEN)
        self.mark.setToolTip(viewer_fr.MARK_SEEN_TIP)
        self.mark.clicked.connect(self._mark_seen)
        self.types = QToolButton()
        self.types.setText(viewer_fr.COUNTED)
        self.types.setToolTip(viewer_fr.COUNTED_TIP)
        self.types.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._offer_types)
        self.types.setMenu(self._menu)
        self.list = NewsList()
        self.list.setModel(self.model)
        self.list.setAccessibleName(fr.NEWS_NAME)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        gap = self.fontMetrics().averageCharWidth()
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, 0)
        column.addWidget(self.offline)
        column.addWidget(self.headline)
        counted = QHBoxLayout()
        counted.addWidget(self.counts, 1)
        counted.addWidget(self.types)
        column.addLayout(counted)
        column.addWidget(self.partial)
        column.addWidget(self.reading)
        column.addWidget(self.list, 1)
        self._rest = QWidget()
        column.addWidget(self._rest, 1)
        column.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignRight)
        record.unread.connect(self._say)
        record.opened.connect(lambda _patient: self._wait())
        record.digest_ready.connect(self.show_digest)
        self._say(fr.NO_PATIENT_HINT)

    def show_digest(self, digest: Digest) -> None:
        """The whole; or a part, until a whole is shown: nothing is said to be new no more, or seen, before all is read."""
        if not digest.complete and self._digest is not None and self._digest.complete:
            return
        if not digest.complete and not digest.lines:
            self._wait()
            return
        self._digest = digest
        self.model.show(digest.lines)
        total = sum(digest.counts.values())
        since = formats.day(digest.since) if digest.since else ""
        if total and digest.seen == total:
            self.headline.setText(viewer_fr.news_seen(total, since))
        elif total:
            counted = fr.documents(total)
            headline = fr.NEWS_SINCE if since else fr.NEWS_EVER
            self.headline.setText(headline.format(day=since, counts=counted))
        else:
            self.headline.setText(fr.NEWS_NONE_SINCE.format(since) if since else fr.NEWS_NONE)
        self.counts.setText(" · ".join(f"{name} {count}" for name, count in digest.counts.items()))
        unseen = total - digest.seen
        with laid_out_once(self):
            for widget in (self.counts, self.types):
                widget.setVisible(unseen > 0)
            self.mark.setVisible(unseen > 0 and digest.complete)
            self.reading.setVisible(not digest.complete)
            self.partial.setVisible(digest.partial)
            self._show_list(bool(digest.lines))
        self.counted.emit(unseen)

    def show_unopened(self, why: str) -> None:
        """Why who is signed in opens no document; empty: they do."""
        self.partial.setText(why or viewer_fr.NEWS_PARTIAL)

    def _wait(self) -> None:
        self._say(fr.NEWS_LOADING)
        self.model.show((), loading=True)
        self._show_list(True)

    def _say(self, text: str) -> None:
        self.model.show(())
        self.headline.setText(text)
        self._digest = None
        for widget in (self.counts, self.types, self.mark, self.partial, self.reading):
            widget.hide()
        self.counts.clear()
        self._show_list(False)
        self.counted.emit(0)

    def _show_list(self, shown: bool) -> None:
        """Without a list, empty room keeps the sentence at the top."""
        with laid_out_once(self):
            self.list.setVisible(shown)
            self._rest.setVisible(not shown)

    def _choose(self, index: QModelIndex) -> None:
        line = self.model.lines[index.row()]
        if line.entry:
            self.chosen.emit(line.entry, place_of(line))

    def _mark_seen(self) -> None:
        """All that is told now; what comes later is new again."""
        if self._digest is None:
            return
        seen = self._habits.current.seen
        new = sorted(self._digest.marked(frozenset()) - set(seen))
        self._habits.change(seen=(*seen, *new))

    def _offer_types(self) -> None:
        """What is counted apart, the rest together."""
        self._menu.clear()
        chosen = self._habits.current.counted
        for label in LABELS:
            action = self._menu.addAction(formats.button_text(label))
            action.setCheckable(True)
            action.setChecked(chosen is None or label in chosen)
            action.toggled.connect(lambda on, label=label: self._count(label, on))

    def _count(self, label: str, on: bool) -> None:
        chosen = LABELS if self._habits.current.counted is None else self._habits.current.counted
        kept = tuple(one for one in LABELS if (one in chosen and one != label) or (one == label and on))
        self._habits.change(counted=None if kept == LABELS else kept)
