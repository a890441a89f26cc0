"""The page Réglages over the real settings file: limits told, values refused explained, saved at once."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from dmp_desktop.domain.people import Role
from dmp_desktop.domain.roles import Task, refusal
from dmp_desktop.errors import StorageError, UpdateError
from dmp_desktop.platform.settings import CHOICES, FOLDERS, LIMITS, Settings, SettingsFile
from dmp_desktop.services.installing import Installing
from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.views.settings.view import SettingsView


@pytest.fixture
def page(bench, qtbot) -> SettingsView:
    """Opened from the menu of the tab Documents, as read from the file."""
    bench.open(qtbot)
    bench.window.page.go(2)
    bench.window.page.documents.keeping.settings.trigger()
    view = bench.window.body.currentWidget()
    assert isinstance(view, SettingsView)
    qtbot.waitUntil(view.form.isEnabled)
    return view


def type_in(qtbot, page: SettingsView, name: str, words: str) -> None:
    line = page.numbers[name].line
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, words)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def test_every_setting_is_on_the_page(page):
    elsewhere = set(FOLDERS)  # the scanner's is chosen in the tray
    assert {*page.numbers, *page.choices} == {one.name for one in fields(Settings)} - elsewhere
    assert {name: tuple(words) for name, (_label, words, _what) in fr.CHOICES.items()} == CHOICES
    assert [field.line.text() for field in page.numbers.values()] == ["30", "30", "12", "60", "250", "10", "0"]
    assert all(field.line.accessibleName() for field in page.numbers.values())
    assert "heures (de 0 à 72 ; d'origine 12)" in page.numbers["cache_hours"].line.accessibleDescription()


def test_the_exchange_folder_is_off_chosen_and_taken_back(page, qtbot, settings, tmp_path, monkeypatch):
    section = page.exchange
    assert section.where.text() == fr.EXCHANGE_OFF
    assert not section.stop.isVisible()
    monkeypatch.setattr("dmp_desktop.ui.asking.folder", lambda *_asked: str(tmp_path))
    section.choose.click()
    qtbot.waitUntil(lambda: section.where.text() == fr.EXCHANGE_FOLDER.format(tmp_path))
    assert settings.load() == Settings(exchange_folder=str(tmp_path))
    assert page.said.text() == fr.EXCHANGE_SAVED
    type_in(qtbot, page, "cache_hours", "48")
    qtbot.waitUntil(lambda: settings.load() == Settings(exchange_folder=str(tmp_path), cache_hours=48))
    section.stop.click()
    qtbot.waitUntil(lambda: section.where.text() == fr.EXCHANGE_OFF)
    assert settings.load() == Settings(cache_hours=48)


def test_the_port_of_the_call_takes_effect_at_once(page, qtbot, settings):
    field = page.numbers["call_port"]
    assert page.call.isAncestorOf(field)
    assert not page.call.renew.isVisible(), "there is no key store behind this page"
    type_in(qtbot, page, "call_port", "70000")
    assert "de 0 à 65535 est attendu" in field.refused.text()
    type_in(qtbot, page, "call_port", "47653")
    qtbot.waitUntil(lambda: page.said.text() == fr.EXCHANGE_SAVED)
    assert settings.load() == Settings(call_port=47653)


class Tokens:
    """CallTokenPort."""

    def __init__(self) -> None:
        self.why, self.made_ones = "", 0
        self.fails = False

    def refusal(self) -> str:
        return self.why

    def made(self) -> bool:
        return self.made_ones > 0

    def renew(self) -> str:
        if self.fails:
            raise StorageError("keystore", "Le coffre à secrets du système ne répond pas.")
        self.made_ones += 1
        return f"jeton-{self.made_ones}"


@pytest.fixture
def with_tokens(bench, qtbot, settings) -> tuple[SettingsView, Tokens]:
    tokens = Tokens()
    view = SettingsView(settings, bench.window.tasks.general, call_token=tokens)
    qtbot.addWidget(view)
    view.resize(420, 900)
    view.show()
    view.show_for(None)
    qtbot.waitUntil(lambda: view.form.isEnabled() and bool(view.call.told.text()))
    return view, tokens


def test_a_token_is_shown_once_copied_and_gone_with_the_page(with_tokens, qtbot):
    view, _tokens = with_tokens
    call = view.call
    assert (call.told.text(), call.token.isVisible(), call.copy.isVisible()) == (fr.CALL_NONE, False, False)
    call.renew.click()
    qtbot.waitUntil(call.token.isVisible)
    assert (call.token.text(), call.told.text()) == ("jeton-1", fr.CALL_SHOWN)
    assert call.token.isReadOnly()
    call.copy.click()
    assert QGuiApplication.clipboard().text() == "jeton-1"
    assert call.told.text() == fr.CALL_COPIED
    view.clear()
    assert (call.token.text(), call.token.isVisible()) == ("", False)
    view.show_for(None)
    qtbot.waitUntil(lambda: call.told.text() == fr.CALL_MADE)
    assert call.token.text() == ""
    call.renew.click()
    qtbot.waitUntil(lambda: call.token.text() == "jeton-2")


def test_no_token_where_it_is_refused_or_the_key_store_fails(with_tokens, qtbot):
    view, tokens = with_tokens
    tokens.fails = True
    with qtbot.waitSignal(view.failed) as failed:
        view.call.renew.click()
    assert failed.args[0].code == "keystore"
    assert view.call.renew.isEnabled()
    assert not view.call.token.isVisible()
    tokens.why = "Réservé à qui s'occupe du poste."
    view.show_for(None)
    assert not view.call.renew.isEnabled()
    assert view.call.renew.toolTip() == tokens.why


def test_what_is_typed_is_saved_at_once_and_said(page, qtbot, settings):
    type_in(qtbot, page, "cache_hours", "48")
    qtbot.waitUntil(lambda: page.said.text() == fr.SAVED.format("Documents lus gardés sur ce poste"))
    assert settings.load() == Settings(cache_hours=48)
    assert "prochain démarrage" in page.said.text()


@pytest.mark.parametrize("typed", ["73", "-1", "12,5", "douze", "", "²"])
def test_what_cannot_be_is_explained_and_changes_nothing(page, qtbot, settings, tmp_path, typed):
    field = page.numbers["cache_hours"]
    field.line.setText(typed)
    field.line.editingFinished.emit()
    assert field.refused.isVisible()
    assert "de 0 à 72 heures" in field.refused.text()
    assert "La valeur reste 12." in field.refused.text()
    type_in(qtbot, page, "undo_seconds", "10")  # what is saved next does not bring it along
    qtbot.waitUntil((tmp_path / "settings.json").is_file)
    assert settings.load() == Settings(undo_seconds=10)
    type_in(qtbot, page, "cache_hours", "12")
    assert not field.refused.isVisible()


@pytest.mark.parametrize("name", LIMITS)
def test_both_limits_are_taken(page, qtbot, settings, name):
    for value in LIMITS[name]:
        type_in(qtbot, page, name, str(value))
        qtbot.waitUntil(lambda value=value: getattr(settings.load(), name) == value)


def test_changes_that_follow_each_other_are_all_written(page, qtbot, settings):
    type_in(qtbot, page, "preload_megabytes", "0")
    type_in(qtbot, page, "preload_kilobytes_per_second", "100")
    page.choices["report_form"].choose("pdf")
    page.choices["report_form"].activated.emit(2)
    wanted = Settings(preload_megabytes=0, preload_kilobytes_per_second=100, report_form="pdf")
    qtbot.waitUntil(lambda: settings.load() == wanted)


def test_what_was_written_meanwhile_is_shown_when_opened_again(page, qtbot, bench, tmp_path):
    page.back.click()
    assert bench.window.body.currentWidget() is bench.window.page
    (tmp_path / "settings.json").write_text(json.dumps({"cache_hours": 1}))
    bench.window.page.documents.keeping.settings.trigger()
    qtbot.waitUntil(lambda: page.form.isEnabled() and page.numbers["cache_hours"].line.text() == "1")
    qtbot.keyClick(page.numbers["cache_hours"].line, Qt.Key.Key_Escape)
    assert bench.window.body.currentWidget() is bench.window.page


def test_a_disk_that_refuses_is_told_and_the_page_shows_what_is_written(bench, qtbot, page, settings, tmp_path):
    type_in(qtbot, page, "cache_hours", "24")
    qtbot.waitUntil(lambda: settings.load().cache_hours == 24 and not bench.window.tasks.general.busy)
    away = tmp_path.rename(tmp_path.with_name("away"))
    type_in(qtbot, page, "cache_hours", "6")
    qtbot.waitUntil(bench.window.notices.isVisible)
    away.rename(tmp_path)
    assert bench.window.notices.code.text() == "code write-failed"
    assert page.numbers["cache_hours"].line.text() == "24"


@pytest.mark.parametrize("role", [Role.REPLACEMENT, Role.TRAINEE])
def test_who_may_not_change_the_workstation_finds_them_greyed_out_with_the_reason(bench, qtbot, settings, role):
    bench.session.role = role
    bench.open(qtbot)
    bench.window.page.documents.keeping.settings.trigger()
    page = bench.window.body.currentWidget()
    why = refusal(role, Task.WORKSTATION_SETTINGS)
    qtbot.waitUntil(lambda: page.said.text() == why)
    for part in (*page.numbers.values(), *page.choices.values()):
        assert not part.isEnabled()
        assert part.toolTip() == why
    assert page.numbers["cache_hours"].line.text() == "12"
    type_in(qtbot, page, "cache_hours", "48")
    assert settings.load() == Settings()


def test_the_file_gives_what_was_saved(tmp_path):
    file = SettingsFile(tmp_path / "s.json")
    assert file.load() == Settings()
    file.save(Settings(cache_hours=3))
    assert SettingsFile(tmp_path / "s.json").load() == Settings(cache_hours=3)


class Session:
    """The real entries of a user's session, in a folder of the test; a full disk on demand."""

    def __init__(self, home: Path) -> None:
        self.entries = Installing({}, home)
        self.full = False

    def opens_with_session(self) -> bool:
        return self.entries.opens_with_session()

    def open_with_session(self, *, wanted: bool) -> None:
        if self.full:
            raise UpdateError("install-entries", "x")
        self.entries.open_with_session(wanted=wanted)


@pytest.mark.skipif(sys.platform == "win32", reason="the entry of Windows is the real registry's")
def test_whether_it_opens_with_the_session_is_read_and_changed(bench, qtbot, settings, tmp_path):
    session = Session(tmp_path)
    page = SettingsView(settings, bench.window.tasks.general, bench.window.body, session_start=session)
    section = page.session_start
    page.show_for(None)
    qtbot.waitUntil(section.choice.isEnabled)
    assert section.choice.chosen is False
    for wanted in (True, False):
        section.choice.choose(wanted)
        section.choice.activated.emit(section.choice.currentIndex())
        qtbot.waitUntil(section.choice.isEnabled)
        assert session.opens_with_session() is wanted
    session.full = True
    section.choice.choose(True)
    with qtbot.waitSignal(page.failed):
        section.choice.activated.emit(section.choice.currentIndex())
    qtbot.waitUntil(section.choice.isEnabled)
    assert section.choice.chosen is False
