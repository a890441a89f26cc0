"""The page of scans: what is at which stage, one scan at a time, for the front desk and for doctors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from dmp_desktop.domain.proposals import NotesToValidate
from dmp_desktop.domain.tray import Scan
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.tray_desk import TrayOverview
from dmp_desktop.services.tray_sending import Batch
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.tray_ports import TrayPort
from dmp_desktop.ui.views.proposals.list import NotesList
from dmp_desktop.ui.views.tray.folder import RECEIVED, FolderPart
from dmp_desktop.ui.views.tray.lists import ScanList, SendPanel, filed_line, out_line
from dmp_desktop.ui.views.tray.pages import Pages
from dmp_desktop.ui.views.tray.prepare import PreparePanel
from dmp_desktop.ui.views.tray.sheet import Sheet
from dmp_desktop.ui.views.tray.stages import PREPARE, VALIDATE, StageBar
from dmp_desktop.ui.views.tray.validate import ValidatePanel
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage

BESIDE_CHARACTERS = 110
"""Width from which pages stand beside what is said of them."""


class TrayView(SidePage):
    """`acted` tells that something changed. Read anew each time it is shown and after each act; what is being typed stays."""

    acted = Signal()

    def __init__(
        self,
        port: TrayPort,
        pool: TaskRunner,
        parent: QWidget | None = None,
        proposed: Callable[[], NotesToValidate] | None = None,
    ) -> None:
        """`proposed` gives the notes that wait for the doctor who is there; it may block."""
        super().__init__(fr.TITLE, pool, parent)
        self._port, self._proposed = port, proposed or NotesToValidate
        self._overview: TrayOverview | None = None
        self._stage = PREPARE
        self._at: dict[int, str] = {}  # by stage, the scan before the eyes
        self._correcting: Scan | None = None
        self._failed = Batch()
        self._leaving: frozenset[str] = frozenset()  # the scans that `said` tells to be on their way
        self._asked_for = ""  # whose patients are proposed
        self._wanted = False  # the doctor's stage, once it is known what there is
        self.trouble = PlainLabel(role="danger", wrap=True)
        self.folder, self.received, self.sheet = FolderPart(), FolderPart(RECEIVED), Sheet()
        self._pages = Pages(self.sheet, lambda scan, then: self.ask(lambda: port.pages(scan), then, self._tell))
        self.prepare, self.validate, self.send = PreparePanel(), ValidatePanel(), SendPanel()
        self.at_doctors = ScanList(fr.AT_DOCTORS_NOTE, fr.NOTHING_AT_DOCTORS)
        self.out = ScanList(fr.OUT_NOTE, fr.NOTHING_OUT)
        self.filed = ScanList(fr.FILED_NOTE, fr.NOTHING_FILED)
        self.nothing = PlainLabel(role="muted", wrap=True)
        self.notes = NotesList()
        self.stage_bar = StageBar()
        self.panels = QWidget()
        self._stages: list[QWidget] = []
        self._lay_out()
        self._connect()
        self.empty()

    def _lay_out(self) -> None:
        self.column.insertWidget(self.column.indexOf(self.said), self.stage_bar)
        second = QWidget()
        column = QVBoxLayout(second)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.validate)
        column.addWidget(self.at_doctors)
        self._stages = [self.prepare, second, self.send, self.out, self.filed]
        lines = QVBoxLayout(self.panels)
        lines.setContentsMargins(0, 0, 0, 0)
        for panel in self._stages:
            lines.addWidget(panel)
        lines.addStretch(1)
        self._split = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._split.addWidget(self.sheet, 3)
        self._split.addWidget(self.panels, 2)
        self.rows.addWidget(self.trouble)
        self.rows.addWidget(self.notes)
        self.rows.addWidget(self.nothing)
        self.rows.addLayout(self._split, 20)
        self.rows.addWidget(self.folder)
        self.rows.addWidget(self.received)
        self.rows.addStretch(1)

    def _connect(self) -> None:
        port, prepare, validate, send = self._port, self.prepare, self.validate, self.send
        self.stage_bar.turned.connect(self.turn)
        prepare.prepared.connect(self._prepare)
        prepare.discarded.connect(lambda scan: self._do(lambda: port.discard(scan), fr.DISCARDED))
        prepare.searched.connect(self._search)
        prepare.failed.connect(self._tell)
        prepare.told_more.connect(self.trouble.hide)
        validate.asked_why.connect(self._show_reasons)
        for panel in (prepare, validate):
            panel.heading.moved.connect(self._move)
        validate.validated.connect(lambda scan, seen: self._do(lambda: port.validate(scan, seen), fr.VALIDATED))
        validate.filed.connect(lambda scan: self._do(lambda: port.file(scan), fr.FILED_DONE))
        validate.corrected.connect(self._correct)
        validate.returned.connect(lambda scan, why: self._do(lambda: port.give_back(scan, why), fr.GIVEN_BACK))
        self.at_doctors.chosen.connect(self._correct)
        self.out.chosen.connect(lambda scan: self._do(lambda: port.restore(scan), fr.RESTORED))
        self.filed.chosen.connect(lambda scan: self._do(lambda: port.reopen(scan), fr.REOPENED))
        send.send_asked.connect(self._send)
        send.retry_asked.connect(lambda scans: self._each(scans, port.retry, fr.RETRIED, _ids(scans)))
        send.back_asked.connect(lambda scans: self._each(scans, port.take_back, fr.TAKEN_BACK))
        self.folder.chosen.connect(lambda folder: self._do(lambda: port.watch(folder), ""))
        self.received.chosen.connect(lambda folder: self._do(lambda: port.watch_received(folder), ""))

    # -- what is shown ------------------------------------------------------------------------------------------------------

    def fill(self) -> None:
        self._say(fr.LOADING)
        self.look()

    def look(self) -> None:
        """What there is by now."""
        self.ask(self._all, lambda found: self._looked(*found), self._tell)

    def _all(self) -> tuple[TrayOverview, NotesToValidate]:
        return self._port.overview(), self._proposed()

    def empty(self) -> None:
        self._overview, self._correcting, self._asked_for = None, None, ""
        self._failed = Batch()
        self._at.clear()
        lists = (self.at_doctors, self.out, self.filed, self.notes)
        for part in (self.prepare, self.validate, self.send, *lists, self.folder, self.received):
            part.clear()
        self._pages.hide()
        self.trouble.hide()
        self.panels.hide()
        self.stage_bar.hide_all()

    def forget(self) -> None:
        self._stage = PREPARE

    def step_back(self) -> bool:
        if self.validate.step_back():
            return True
        correcting, self._correcting = self._correcting, None
        if correcting is not None:
            self.turn(VALIDATE)
        return correcting is not None

    def turn(self, stage: int) -> None:
        """To another stage."""
        self._stage, self._correcting = stage, None
        self.trouble.hide()
        self.said.clear()
        if self._overview is not None:
            self._show(self._overview)

    def turn_to_validate(self) -> None:
        """To what waits for a doctor, also where it is read only now."""
        self._wanted = True
        self.turn(VALIDATE)

    def _looked(self, overview: TrayOverview, notes: NotesToValidate) -> None:
        """Nothing is drawn again of what is as it was: the keyboard stays where it is."""
        if overview != self._overview or notes != self.notes.shown:
            self.notes.show_notes(notes)
            self._show(overview)

    def _show(self, overview: TrayOverview) -> None:
        first = self._overview is None
        self._overview = overview
        if self._leaving & {one.scan.id for one in overview.leaving if one.stopped}:
            self._leaving = frozenset()
            self.said.clear()  # it is true no more: what stopped is told by its cause
        if first and overview.sees_pages and (overview.to_validate or self.notes.shown.notes or self._wanted):
            self._stage, self._wanted = VALIDATE, False
        self.title.setText(fr.TITLE_AND_NOTES if overview.sees_pages else fr.TITLE)
        self.stage_bar.show_counts(overview, len(self.notes.shown.notes), self._stage)
        self.folder.show_report(overview.intake, overview.damaged)
        self.received.show_report(overview.received, 0)
        self.panels.show()
        self._show_stage(overview)

    def _show_stage(self, overview: TrayOverview) -> None:
        shown = PREPARE if self._correcting is not None else self._stage
        for number, panel in enumerate(self._stages):
            panel.setVisible(number == shown)
        nothing = ""
        if self._correcting is not None:
            self._show_prepare(self._correcting, 1, 1)
        elif self._stage == PREPARE:
            nothing = self._one_of(overview.to_prepare, self._show_prepare, fr.NOTHING_TO_PREPARE)
        elif self._stage == VALIDATE and overview.sees_pages:
            nothing = self._one_of(overview.to_validate, self._show_validate, fr.NOTHING_TO_VALIDATE)
            nothing = nothing if self.notes.empty else ""
        else:
            self._show_lists(overview)
        self._say(nothing)
        noted = shown == VALIDATE and overview.sees_pages and not self.notes.empty
        self.notes.setVisible(noted)
        if noted and not overview.to_validate:
            self._lead(self.notes)
        self.panels.setVisible(not nothing and not (noted and not overview.to_validate))
        self.validate.setVisible(overview.sees_pages)
        self.at_doctors.setVisible(not overview.sees_pages)
        if self.isVisible() and self.window().focusWidget() is None:
            self.stage_bar.buttons[self._stage].setFocus()  # what had the keyboard is done with

    def _show_lists(self, overview: TrayOverview) -> None:
        self._pages.hide()
        self.send.show_overview(overview, self._failed, self._line)
        self.at_doctors.show_scans(() if overview.sees_pages else overview.to_validate, self._line)
        self.out.show_scans(overview.out, out_line)
        self.filed.show_scans(overview.filed, lambda scan: filed_line(scan, self._type(scan)))

    def _one_of(self, scans: Sequence[Scan], show: Callable[[Scan, int, int], None], nothing: str) -> str:
        """The one that was before the eyes, else the first; what to say where there is none."""
        if not scans:
            self._pages.hide()
            self.prepare.clear()
            self.validate.clear()
            return nothing
        ids = [one.id for one in scans]
        place = ids.index(self._at[self._stage]) if self._at.get(self._stage) in ids else 0
        self._at[self._stage] = ids[place]
        show(scans[place], place + 1, len(scans))
        return ""

    def _show_prepare(self, scan: Scan, place: int, total: int) -> None:
        if self._overview is None:
            return
        self.prepare.show_scan(scan, self._overview, place, total)
        if self._asked_for != scan.id:
            self._asked_for = scan.id
            self.ask(lambda: self._port.candidates(scan), lambda found: self._propose(scan, found), self._tell)
        self._show_pages(scan, lambda: None)
        self._lead(self.prepare)

    def _show_validate(self, scan: Scan, place: int, total: int) -> None:
        alike = self._overview.alike(scan) if self._overview else 0
        self.validate.show_scan(scan, self._type(scan), alike, place, total)
        self._show_pages(scan, self.validate.ready)
        self._lead(self.validate)

    def _free_keyboard(self) -> None:
        """From the field it was in: what was typed there is done with, the next scan is told by keys again."""
        holder = self.window().focusWidget()
        if holder is not None and self.panels.isAncestorOf(holder):
            holder.clearFocus()

    def _show_reasons(self) -> None:
        """In a narrow window they are below what is in sight."""
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.validate.reasons[-1]))

    def _lead(self, panel: QWidget) -> None:
        """The keys of a panel work at once, unless something of it is being typed in."""
        holder = self.window().focusWidget()
        inside = holder is not None and panel.isAncestorOf(holder)
        if self.isVisible() and not (inside and holder is not None and holder.isVisible() and holder.isEnabled()):
            panel.setFocus()

    def _show_pages(self, scan: Scan, then: Callable[[], None]) -> None:
        """For who may see them."""
        if self._overview is not None and self._overview.sees_pages:
            self._pages.show(scan, then)

    # -- what is done -------------------------------------------------------------------------------------------------------

    def _prepare(self, scan: Scan, told: object) -> None:
        self._do(lambda: self._port.prepare(scan, told), fr.PREPARED)  # type: ignore[arg-type]

    def _correct(self, scan: Scan) -> None:
        self._correcting, self._asked_for = scan, ""
        self.prepare.clear()
        if self._overview is not None:
            self._show(self._overview)

    def _send(self, scans: tuple[Scan, ...]) -> None:
        def sent(batch: Batch) -> None:
            self._failed = batch
            leaving = _ids(scans) - {one.scan_id for one in batch.failures}
            self._done(fr.counted(fr.SENT, batch.queued) if batch.queued else "", leaving)

        self._failed = Batch()
        self._act(lambda: self._port.send(scans), sent)

    def _each(
        self, scans: tuple[Scan, ...], act: Callable[[Scan], object], words: str, leaving: frozenset[str] = frozenset()
    ) -> None:
        """One after the other; the first that is refused ends it, and is told."""

        def all_of_them() -> None:
            for scan in scans:
                act(scan)

        self._act(all_of_them, lambda _result: self._done(words, leaving))

    def _do(self, call: Callable[[], object], words: str) -> None:
        self._act(call, lambda _result: self._done(words))

    def _act(self, call: Callable[[], object], done: Callable[..., None]) -> None:
        """One act at a time: a second key meanwhile is none."""
        turn = self._turn
        self.trouble.hide()
        self.panels.setEnabled(False)

        def acted(result: object) -> None:
            self.panels.setEnabled(True)
            self.acted.emit()
            if turn == self._turn:
                done(result)

        def refused(error: DmpDesktopError) -> None:
            self.panels.setEnabled(True)
            if turn == self._turn:
                self._tell(error)
                self.look()
            else:
                self.failed.emit(error)

        self.act(call, acted, refused)

    def _done(self, words: str, leaving: frozenset[str] = frozenset()) -> None:
        self._correcting, self._asked_for, self._leaving = None, "", leaving
        self.prepare.clear()
        self._free_keyboard()
        self.said.setText(words)
        self.ask(self._all, lambda found: self._shown_anew(*found), self._tell)

    def _shown_anew(self, overview: TrayOverview, notes: NotesToValidate) -> None:
        self.notes.show_notes(notes)
        self._show(overview)

    def _move(self, by: int) -> None:
        if self._overview is None or self._correcting is not None:
            return
        scans = self._overview.to_prepare if self._stage == PREPARE else self._overview.to_validate
        ids = [one.id for one in scans]
        now = self._at.get(self._stage, "")
        place = (ids.index(now) if now in ids else 0) + by
        if 0 <= place < len(ids):
            self._at[self._stage] = ids[place]
            self.said.clear()
            self._show_stage(self._overview)

    def _search(self, born: object, start: str) -> None:
        scan = self.prepare.scan
        if scan is not None:
            call = lambda: self._port.search(born, start)  # type: ignore[arg-type] # noqa: E731
            self.ask(call, lambda found: self._propose(scan, found, searched=True), self._tell)

    def _propose(self, scan: Scan, found: object, *, searched: bool = False) -> None:
        if self.prepare.scan is not None and self.prepare.scan.id == scan.id:
            self.prepare.show_people(found, searched=searched)  # type: ignore[arg-type]

    def _tell(self, error: DmpDesktopError) -> None:
        self.trouble.setText(error.told_fr)
        self.trouble.show()

    def _say(self, words: str) -> None:
        self.nothing.setText(words)
        self.nothing.setVisible(bool(words))

    def _type(self, scan: Scan) -> str:
        types = self._overview.types if self._overview else ()
        return next((one.display for one in types if one.code == scan.type_code), scan.type_code)

    def _line(self, scan: Scan) -> str:
        patient = scan.patient
        doctors = self._overview.doctors if self._overview else ()
        doctor = next((one.name for one in doctors if one.national_id == scan.author_id), "")
        name, born = (patient.display_name, formats.born(patient)) if patient else ("", "")
        return fr.LINE.format(name=name, born=born, type=self._type(scan), doctor=doctor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= BESIDE_CHARACTERS * self.fontMetrics().averageCharWidth()
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._split.setDirection(direction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.step_back():
            self.left.emit()
        elif event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)


def _ids(scans: Sequence[Scan]) -> frozenset[str]:
    return frozenset(scan.id for scan in scans)
