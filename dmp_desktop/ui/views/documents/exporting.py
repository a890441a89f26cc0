"""Documents on paper and in files, made off the GUI thread. No name of a patient stands in the name proposed."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CardError, CdaError, ContextError, DmpDesktopError, DmpError
from dmp_desktop.ui import asking, theme
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.dossier_ports import DossierPort
from dmp_desktop.ui.mail_ports import MailPort
from dmp_desktop.ui.models.documents import type_label
from dmp_desktop.ui.software_ports import GivingPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.documents.mailing import MailOpener
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from dmp_desktop.ui.widgets.document_tools import DocumentAct
from dmp_desktop.ui.widgets.ready_html import ReadyHtml, prepare

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from dmp_desktop.services.giving_desk import Given

_OTHER = re.compile(r"[^A-Za-z0-9]+")


def file_stem(entry: DocumentEntry) -> str:
    """`2026-11-20_CR-d-examens-biologiques`: its day and its type. Its title may name the patient."""
    plain = unicodedata.normalize("NFKD", type_label(entry)).encode("ascii", "ignore").decode()
    kind = _OTHER.sub("-", plain).strip("-")[:60] or "document"
    return f"{entry.creation_time.astimezone():%Y-%m-%d}_{kind}"


class Exporter(QObject):
    """Asks where, then writes. The two questions may be replaced. Several documents at once are told one by one in `progress`."""

    done = Signal(str)
    failed = Signal(object)  # DmpDesktopError
    progress = Signal(object, int, int)  # DocumentAct, the document under way, how many
    ended = Signal()
    copied = Signal()  # something of the open record goes to paper or to a file

    def __init__(
        self,
        pane: DocumentPane,
        dossier: DossierPort,
        pool: TaskRunner,
        window: QWidget,
        mail: MailPort | None = None,
        giving: GivingPort | None = None,
    ) -> None:
        super().__init__(window)
        self._mail, self._to, self._giving = mail, "", giving
        pane.bar.mails, pane.bar.gives = mail is not None, giving is not None
        self.opener = MailOpener(mail, pool, self) if mail is not None else None
        if self.opener is not None:
            self.opener.done.connect(self.done)
            self.opener.failed.connect(self.failed)
        self.ask_address: Callable[[str], str] = self._ask_address
        self._pane, self._dossier, self._pool, self._window = pane, dossier, pool, window
        self._stop: threading.Event | None = None
        self.ask_file: Callable[[str, str], str] = self._ask_file
        self.ask_folder: Callable[[], str] = self._ask_folder
        self.ask_printer: Callable[[], QPrinter | None] = lambda: asking.printer(self._window)
        pane.act_asked.connect(self.act)

    def act(self, act: DocumentAct) -> None:
        """For the document open in the pane, as it is laid out now."""
        if act is DocumentAct.PRINT:
            self._print()
        elif act is DocumentAct.EXPORT_PDF:
            self._export_pdf()
        elif act in (DocumentAct.MAIL, DocumentAct.MAIL_NOW):
            if not self.running:
                self._prepare_mail(act)
        elif act is DocumentAct.GIVE:
            if not self.running and (ready := self._pane.ready) is not None and ready.opened.raw:
                opened = ready.opened
                self._give((opened.entry,), lambda: [opened.raw])
        else:
            self._save(act)

    def export(
        self, patient: Patient, entries: Sequence[DocumentEntry], act: DocumentAct = DocumentAct.SAVE_ORIGINAL
    ) -> None:
        """Several documents into a folder, as deposited or as PDFs, on paper, or in one message; one such export at a time. What
        could not be fetched is told; a message is made of all or not at all."""
        if not entries or self.running:
            return
        if act in (DocumentAct.MAIL, DocumentAct.MAIL_NOW):
            dossier, chosen = self._dossier, tuple(entries)
            self._mail_of(act, chosen, lambda: [dossier.content(patient, entry) for entry in chosen])
            return
        if act is DocumentAct.GIVE:
            source, wished = self._dossier, tuple(entries)
            self._give(wished, lambda: [source.content(patient, entry) for entry in wished])
            return
        do = self._to_printer(patient) if act is DocumentAct.PRINT else self._to_folder(patient, act)
        if do is None:
            return
        self.copied.emit()
        wanted, work, stop = tuple(entries), do, threading.Event()

        def all_of_them() -> tuple[int, int]:
            saved = failed = 0
            for number, entry in enumerate(wanted, 1):
                if stop.is_set():
                    break
                self.progress.emit(act, number, len(wanted))
                try:
                    work(entry)
                    saved += 1
                except (DmpError, CardError, CdaError):  # a folder that cannot be written to ends it
                    failed += 1
            return saved, failed

        self._stop = stop
        self._pool.submit(all_of_them, lambda told: self._tell(act, len(wanted), *told), self._give_up)

    @property
    def running(self) -> bool:
        """Whether several documents are under way."""
        return self._stop is not None

    @property
    def stopping(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def stop(self) -> None:
        """After the document under way; what is written stays."""
        if self.opener is not None:
            self.opener.stop()
        if self._stop:
            self._stop.set()

    def _to_folder(self, patient: Patient, act: DocumentAct) -> Callable[[DocumentEntry], None] | None:
        """What writes one document; None when no folder is chosen."""
        folder, dossier = self.ask_folder(), self._dossier
        if not folder:
            return None

        def original(entry: DocumentEntry) -> None:
            _write(_free(Path(folder), file_stem(entry), ".xml"), dossier.content(patient, entry))

        def pdf(entry: DocumentEntry) -> None:
            from dmp_desktop.ui.widgets.printing import pdf_of

            narrative, files, withheld = _pages(dossier, patient, entry)
            for content in ([pdf_of(narrative)] if narrative else []) + files + withheld:
                _write(_free(Path(folder), file_stem(entry), ".pdf"), content)

        return pdf if act is DocumentAct.EXPORT_PDF else original

    def _to_printer(self, patient: Patient) -> Callable[[DocumentEntry], None] | None:
        """What prints one document; None when no printer is chosen."""
        printer, dossier = self.ask_printer(), self._dossier
        if printer is None:
            return None

        def paper(entry: DocumentEntry) -> None:
            from dmp_desktop.ui.widgets.pdf_pane import print_pdf
            from dmp_desktop.ui.widgets.printing import print_html

            narrative, files, withheld = _pages(dossier, patient, entry)
            if narrative:
                print_html(narrative, printer)
            for content in files:
                print_pdf(content, printer)
            if withheld:
                raise CdaError("pdf-non-imprime", fr.PDF_NOT_PRINTED, fr.PDF_NOT_PRINTED_REMEDY)

        return paper

    def _tell(self, act: DocumentAct, count: int, saved: int, failed: int) -> None:
        self._end()
        printed = act is DocumentAct.PRINT
        if saved + failed < count:
            stopped = fr.PRINTED_STOPPED if printed else fr.SAVED_STOPPED
            self.done.emit(stopped.format(saved=saved, count=count))
            return
        some, many = (fr.PRINTED_SOME, fr.PRINTED_MANY) if printed else (fr.SAVED_SOME, fr.SAVED_MANY)
        one = fr.PRINTED if printed else fr.SAVED
        self.done.emit((some if failed else one if saved == 1 else many).format(saved, saved=saved, failed=failed))

    def _give_up(self, error: DmpDesktopError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._stop = None
        self.ended.emit()

    def _print(self) -> None:
        pages, narrative = self._pane.pdf_shown, self._pane.narrative
        if not pages and narrative is None:
            return
        printer = self.ask_printer()
        if printer is None:
            return

        def draw() -> None:
            from dmp_desktop.ui.widgets.pdf_pane import print_pdf
            from dmp_desktop.ui.widgets.printing import print_html

            if pages:
                print_pdf(pages, printer)
            elif narrative:
                print_html(narrative, printer)

        self.copied.emit()
        self._pool.submit(draw, lambda _done: self.done.emit(fr.PRINTED), self.failed.emit)

    def _export_pdf(self) -> None:
        pane = self._pane
        pages, narrative = pane.pdf_shown, pane.narrative
        if pane.ready is None or not (pages or narrative):
            return
        file = self.ask_file(file_stem(pane.ready.opened.entry) + ".pdf", "PDF (*.pdf)")
        if not file:
            return

        def write() -> None:
            from dmp_desktop.ui.widgets.printing import pdf_of

            _write(Path(file), pages or (pdf_of(narrative) if narrative else b""))

        self.copied.emit()
        self._pool.submit(write, lambda _done: self.done.emit(fr.SAVED), self.failed.emit)

    def _save(self, act: DocumentAct) -> None:
        """The document as it was deposited, or the PDFs joined to it: the first as named, the others beside it."""
        ready = self._pane.ready
        if ready is None:
            return
        opened = ready.opened
        attached = [part.content for part in (*opened.pdfs, *opened.withheld)]
        contents, ending = (attached, ".pdf") if act is DocumentAct.SAVE_ATTACHED else ([opened.raw], ".xml")
        file = self.ask_file(file_stem(opened.entry) + ending, f"*{ending}")
        if not (file and any(contents)):
            return

        def write() -> None:
            _write(Path(file), contents[0])
            for content in contents[1:]:
                _write(_free(Path(file).parent, Path(file).stem, ending), content)

        self.copied.emit()
        self._pool.submit(write, lambda _done: self.done.emit(fr.SAVED), self.failed.emit)

    def _prepare_mail(self, act: DocumentAct) -> None:
        """Of the document open in the pane."""
        ready = self._pane.ready
        if ready is not None and ready.opened.raw:
            opened = ready.opened
            self._mail_of(act, (opened.entry,), lambda: [opened.raw])

    def _mail_of(self, act: DocumentAct, entries: Sequence[DocumentEntry], contents: Callable[[], list[bytes]]) -> None:
        """A message of MSSanté, opened in the mail client or in a file. An address that was refused is there again the next
        time."""
        if act is DocumentAct.MAIL_NOW:
            if self.opener is not None:
                self.copied.emit()
                self.opener.documents(entries, contents)
            return
        mail, to = self._mail, self.ask_address(self._to) if self._mail else ""
        file = self.ask_file(file_stem(entries[0]) + ".eml", "*.eml") if to else ""
        if mail is None or not file:
            return
        self._to = to
        desk, stop = mail, threading.Event()

        def write() -> tuple[str, ...] | None:
            draft = desk.prepare(entries, contents(), to)
            if stop.is_set():  # the record was left meanwhile
                return None
            _write(Path(file), draft.eml)
            return draft.warnings

        self.copied.emit()
        self._stop = stop
        self._pool.submit(write, self._mail_ready, self._give_up)

    def _mail_ready(self, warnings: tuple[str, ...] | None) -> None:
        self._end()
        if warnings is not None:
            self.done.emit(" ".join((fr.MAIL_READY, *warnings)))

    def _give(self, entries: Sequence[DocumentEntry], contents: Callable[[], list[bytes]]) -> None:
        """Into the folder of the practice software; kept for it while that is away."""
        giving = self._giving
        if giving is None:
            return
        desk, stop = giving, threading.Event()

        def give() -> Given | None:
            given = contents()
            return None if stop.is_set() else desk.give(entries, given)  # the record was left meanwhile

        self._stop = stop
        self._pool.submit(give, self._given, self._give_up)

    def _given(self, given: Given | None) -> None:
        self._end()
        if given is None:
            return
        count = given.documents
        words = (
            fr.GIVEN_LATER.format(given.waits)
            if given.waits
            else fr.GIVEN
            if count == 1
            else fr.GIVEN_MANY.format(count)
        )
        self.done.emit(" ".join((words, *given.warnings)))

    def _ask_address(self, typed: str) -> str:
        from dmp_desktop.ui.views.documents.addressing import AddressDialog

        dialog = AddressDialog(typed, self._window)
        return dialog.address if asking.accepted(dialog) else ""

    def _ask_file(self, name: str, kinds: str) -> str:
        return asking.file_to_save(self._window, fr.SAVE_TITLE, _documents() / name, kinds)

    def _ask_folder(self) -> str:
        return asking.folder(self._window, fr.FOLDER_TITLE, _documents())


def _pages(
    dossier: DossierPort, patient: Patient, entry: DocumentEntry
) -> tuple[ReadyHtml | None, list[bytes], list[bytes]]:
    """A document's narrative, in ink; the PDFs it holds; those that must not be drawn here."""
    ready = prepare(dossier.open(patient, entry, theme.LIGHT.roles()))
    opened = ready.opened
    return ready.html, [part.content for part in opened.pdfs], [part.content for part in opened.withheld]


def _documents() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))


def _free(folder: Path, stem: str, ending: str) -> Path:
    """Two documents of one day and one type do not write over each other, nor over what was there."""
    number, path = 1, folder / f"{stem}{ending}"
    while path.exists():
        number += 1
        path = folder / f"{stem}_{number}{ending}"
    return path


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ContextError("fichier-non-ecrit", fr.SAVE_FAILED, fr.SAVE_FAILED_REMEDY) from error
