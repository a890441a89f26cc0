"""The recovery code of the practice within Réglages: shown on demand only, printed, forgotten once copied, typed back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QLabel

from dmp_desktop.domain.people import Facility, Role
from dmp_desktop.domain.recovery_code import recovery_code
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.ui import strings_practice_fr as fr
from dmp_desktop.ui.practice_reminder import REMINDER_NOTICE, PracticeReminder
from dmp_desktop.ui.views.settings.practice import PracticeCodeSection
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.ui import fakes
from tests.ui.practice import FakePracticeCode


@pytest.fixture
def port() -> FakePracticeCode:
    return FakePracticeCode()


@pytest.fixture
def view(bench, qtbot, settings, port) -> SettingsView:
    """As `side_pages` shows it."""
    bench.open(qtbot)
    pages = bench.window.pages
    pages.open(
        "with code",
        lambda: SettingsView(settings, bench.window.tasks.general, bench.window.body, practice_code=port),
    )
    view = bench.window.body.currentWidget()
    assert isinstance(view, SettingsView)
    qtbot.waitUntil(lambda: view.code.status.text() == fr.TO_PRINT and view.form.isEnabled())
    return view


@pytest.fixture
def section(view) -> PracticeCodeSection:
    return view.code


def words(widget) -> str:
    return "\n".join(label.text() + label.accessibleName() for label in widget.findChildren(QLabel))


def type_in(qtbot, section: PracticeCodeSection, code: str) -> None:
    section.typed.setFocus()
    section.typed.clear()
    qtbot.keyClicks(section.typed, code)


def test_it_is_shown_on_demand_only_and_hidden_again(section, port, qtbot):
    groups = port.code().split("-")
    assert not [one for one in groups if one in words(section.window())]
    qtbot.mouseClick(section.show_code, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: section.code.isVisible())
    shown = section.code.text()
    assert [shown.index(f"{number:>2}. {group}") for number, group in enumerate(groups, 1)]
    assert " ".join(groups[12]) in section.code.accessibleName()
    qtbot.mouseClick(section.show_code, Qt.MouseButton.LeftButton)
    assert not [one for one in groups if one in words(section.window())]


def test_it_leaves_the_screen_with_the_page_and_with_who_is_there(section, view, bench, port, qtbot):
    code = port.code()
    section.show_code.click()
    qtbot.waitUntil(section.code.isVisible)
    type_in(qtbot, section, code)
    view.back.click()
    assert (section.code.text(), section.typed.text(), section.code.accessibleName()) == ("", "", "")
    port.gate.clear()
    bench.window.pages.open("with code", lambda: view)
    section.show_code.click()
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.stack.currentIndex() != 1)
    port.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert section.code.text() == ""


def test_printed_on_paper_then_forgotten_once_its_last_group_is_copied(section, port, qtbot, tmp_path):
    last = port.code()[-5:]
    paper = QPrinter()
    paper.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    paper.setOutputFileName(str(tmp_path / "paper.pdf"))
    section.ask_printer = lambda: paper
    section.print_code.click()
    qtbot.waitUntil(lambda: section.answer.text() == fr.SENT_TO_PRINTER)
    assert (tmp_path / "paper.pdf").stat().st_size > 1000
    assert not section.printed.isEnabled(), "not before the last group is copied"
    qtbot.keyClicks(section.last, "AAAAA")
    section.printed.click()
    qtbot.waitUntil(lambda: "Ce n'est pas le dernier groupe" in section.answer.text())
    assert port.to_print()
    section.last.clear()
    qtbot.keyClicks(section.last, last.lower())
    section.printed.click()
    qtbot.waitUntil(lambda: section.answer.text() == fr.DONE)
    qtbot.waitUntil(lambda: section.status.text() == fr.ON_PAPER)
    assert not section.unprinted.isVisible()
    assert not port.to_print()


def test_no_printer_chosen_changes_nothing(section, qtbot):
    section.ask_printer = lambda: None
    section.print_code.click()
    assert section.answer.text() == ""


def test_a_wrong_group_is_named_and_a_good_code_opens_again(section, bench, port, qtbot):
    bench.window.resize(420, 640)
    code = port.code()
    assert not section.recover.isEnabled()
    type_in(qtbot, section, code[:6] + ("0" if code[6] != "0" else "1") + code[7:])
    section.recover.click()
    qtbot.waitUntil(lambda: "groupe 2" in section.answer.text())
    qtbot.waitUntil(lambda: section.answer.visibleRegion().boundingRect().height() == section.answer.height())
    assert section.typed.text(), "to be corrected, not typed again"
    for lost, told in ((2, fr.RECOVERED_SEVERAL.format(2)), (1, fr.RECOVERED.format(1)), (0, fr.NOTHING_MORE)):
        port.vault.lost = lost
        type_in(qtbot, section, code.lower().replace("-", " "))
        section.recover.click()
        qtbot.waitUntil(lambda told=told: section.answer.text() == told)
        assert section.typed.text() == ""


def test_another_practice_is_joined_by_its_code(section, port, qtbot):
    before = port.keyring.keys()
    type_in(qtbot, section, recovery_code(bytes(32)))
    section.join.click()
    qtbot.waitUntil(lambda: section.answer.text() == fr.JOINED)
    qtbot.waitUntil(lambda: section.status.text() == fr.ON_PAPER)
    assert port.keyring.keys() != before


def test_a_secretary_is_refused_in_words(section, port, qtbot):
    port.who = SignedIn(fakes.DOCTOR, Facility("1", "Cabinet", "SA07"), Role.SECRETARY, "1/1")
    section.show_code.click()
    qtbot.waitUntil(lambda: "professionnel de santé" in section.answer.text())
    assert section.code.text() == ""


def test_every_part_has_its_name_and_the_keyboard_reaches_it(section, qtbot):
    for field in (section.last, section.typed):
        assert field.accessibleName()
        assert field.focusPolicy() & Qt.FocusPolicy.TabFocus
    for button in (section.show_code, section.print_code, section.printed, section.recover, section.join):
        assert button.text()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


# The reminder


def reminded(bench, qtbot, port: FakePracticeCode) -> list[str]:
    """The pages it opened."""
    shown: list[str] = []
    PracticeReminder(bench.window, port, lambda: shown.append("settings"))
    return shown


def doctor() -> SignedIn:
    return SignedIn(fakes.DOCTOR, Facility("1", "Cabinet", "SA07"), Role.DOCTOR, "8")


def settle(bench, qtbot) -> None:
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)


def test_who_signs_in_is_told_once_and_led_there(bench, qtbot, port):
    port.who = doctor()
    shown = reminded(bench, qtbot, port)
    bench.sign_in(qtbot)
    notices = bench.window.notices
    qtbot.waitUntil(lambda: notices.notice is not None and notices.notice.key == REMINDER_NOTICE)
    assert notices.notice.tone == "accent"
    notices.notice.act()
    assert shown == ["settings"]
    notices.clear(REMINDER_NOTICE)
    bench.open(qtbot)
    settle(bench, qtbot)
    assert notices.notice is None or notices.notice.key != REMINDER_NOTICE


def test_led_to_the_code_the_eyes_and_the_keyboard_are_there(bench, qtbot, settings, port):
    bench.open(qtbot)
    bench.window.resize(420, 640)
    pages, view = bench.window.pages, None

    def make() -> SettingsView:
        return SettingsView(settings, bench.window.tasks.general, bench.window.body, practice_code=port)

    pages.open("with code", make)
    view = bench.window.body.currentWidget()
    view.open_at_code()
    qtbot.waitUntil(lambda: view.code.show_code.hasFocus() and view.form.isEnabled())
    qtbot.waitUntil(lambda: not view.code.show_code.visibleRegion().isEmpty())
    view.back.click()
    pages.open("with code", make)
    qtbot.waitUntil(view.form.isEnabled)
    settle(bench, qtbot)
    assert not view.code.show_code.hasFocus(), "opened otherwise, the page begins at its beginning"


@pytest.mark.parametrize("why", ["training", "on paper", "secretary"])
def test_nobody_is_reminded_in_vain(bench, qtbot, why):
    port = FakePracticeCode(training=why == "training")
    port.who = doctor()
    if why == "on paper":
        port.keyring.printed()
    if why == "secretary":
        port.who = SignedIn(fakes.DOCTOR, Facility("1", "Cabinet", "SA07"), Role.SECRETARY, "1/1")
    reminded(bench, qtbot, port)
    bench.sign_in(qtbot)
    settle(bench, qtbot)
    assert bench.window.notices.notice is None


def test_nothing_of_the_code_is_written(section, port, qtbot, tmp_path: Path):
    code = port.code()
    section.show_code.click()
    qtbot.waitUntil(section.code.isVisible)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or code[:5].encode() not in file.read_bytes()
