"""The page « À propos »: what the DMP is told of the program, and the notice for patients on paper or in a file."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QLabel

from dmp_desktop.services.about import About, AboutDesk
from dmp_desktop.ui import strings_about_fr as fr
from dmp_desktop.ui.views.about.view import AboutView

ABOUT = About("DMP Desktop", "9.8.7", "BAC-A-SABLE", "2.25.1", sandbox=True)


@pytest.fixture
def view(bench, qtbot) -> AboutView:
    bench.open(qtbot)
    pages, port = bench.window.pages, AboutDesk(ABOUT, lambda: "Cabinet des Lilas")
    pages.open("about", lambda: AboutView(port, bench.window.tasks.general, bench.window.body))
    view = bench.window.body.currentWidget()
    assert isinstance(view, AboutView)
    return view


def words(view: AboutView) -> str:
    return "\n".join(label.text() for label in view.findChildren(QLabel))


def test_it_tells_what_the_dmp_is_told(view):
    for value in ("DMP Desktop 9.8.7", "BAC-A-SABLE", "2.25.1", "bac à sable"):
        assert value in words(view)


def test_without_homologation_no_number_is_shown(bench, view):
    real = AboutDesk(About("DMP Desktop", "1", "", "2.25.1", sandbox=False), str)
    page = AboutView(real, bench.window.tasks.general, bench.window.body)
    assert fr.NO_APPROVAL in words(page)
    assert "bac à sable" not in words(page)


def test_a_version_that_was_announced_is_told_quietly(bench, view, qtbot):
    assert not view.newer.isVisibleTo(view)
    told = ["9.9.0"]
    desk = AboutDesk(ABOUT, str, lambda: told[0])
    page = AboutView(desk, bench.window.tasks.general, bench.window.body)
    page.show_for(None)
    qtbot.waitUntil(lambda: page.newer.text() == fr.NEWER.format("9.9.0"))
    assert page.newer.isVisibleTo(page)
    told[0] = ""
    page.show_for(None)
    qtbot.waitUntil(lambda: not page.newer.isVisibleTo(page))


def test_the_notice_goes_to_a_file(view, qtbot, tmp_path: Path):
    file = tmp_path / "notice.pdf"
    view.ask_file = lambda: str(file)
    view.save_notice.click()
    qtbot.waitUntil(lambda: view.said.text() == fr.SAVED)
    assert "Cabinet des Lilas" in pypdfium2.PdfDocument(file)[0].get_textpage().get_text_bounded()


def test_a_folder_that_takes_nothing_is_told(view, qtbot, tmp_path: Path):
    view.ask_file = lambda: str(tmp_path / "absent" / "notice.pdf")
    with qtbot.waitSignal(view.failed) as told:
        view.save_notice.click()
    assert told.args[0].code == "NoticeNonEcrite"
    assert not view.said.text()


def test_the_notice_goes_to_paper(view, qtbot, tmp_path: Path):
    paper = tmp_path / "paper.pdf"
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(paper))
    view.ask_printer = lambda: printer
    view.print_notice.click()
    qtbot.waitUntil(lambda: view.said.text() == fr.PRINTED)
    assert len(pypdfium2.PdfDocument(paper)) == 1


def test_neither_printer_nor_file_chosen_does_nothing(view):
    view.ask_printer, view.ask_file = lambda: None, str
    view.print_notice.click()
    view.save_notice.click()
    assert not view.said.text()
