"""The page Réglages over the real settings file: limits told, values refused explained, saved at once."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from PySide6.QtCore import Qt

from dmp_desktop.domain.people import Role
from dmp_desktop.domain.roles import Task, refusal
from dmp_desktop.platform.settings import CHOICES, FOLDERS, LIMITS, Settings, SettingsFile
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
    assert [field.line.text() for field in page.numbers.values()] == ["30", "30", "12", "60", "250", "10"]
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
