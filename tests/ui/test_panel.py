"""The panel around a window: its part of Réglages, what it keeps. With a window manager: test_panel_desk.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmp_desktop.platform.panel_file import PanelFile
from dmp_desktop.ui import strings_panel_fr as fr
from dmp_desktop.ui.panel.panel import Panel
from dmp_desktop.ui.views.settings.view import SettingsView


@pytest.fixture
def panel(bench, tmp_path) -> Iterator[Panel]:
    """Around a window that is ready."""
    bench.window.panel = Panel(bench.window, PanelFile(tmp_path / "fenetre.json"))
    bench.window.panel.show()
    bench.window.ready.emit()
    yield bench.window.panel
    bench.window.close()


def test_the_shortcut_is_chosen_in_the_settings_and_what_refuses_it_is_said(bench, qtbot, panel, tmp_path):
    """Here the system has none."""
    bench.open(qtbot)
    bench.window.page.documents.settings_asked.emit()
    page = bench.window.body.currentWidget()
    assert isinstance(page, SettingsView)
    qtbot.waitUntil(page.form.isEnabled)
    section = page.window_part
    qtbot.waitUntil(lambda: "ne permet pas de raccourci" in section.told.text())
    assert section.keys.chosen == "Ctrl+Alt+D"
    section.keys.choose("Ctrl+Alt+M")
    section.keys.activated.emit(1)
    qtbot.waitUntil(lambda: PanelFile(tmp_path / "fenetre.json").load().shortcut == "Ctrl+Alt+M")
    section.keys.choose("")
    section.keys.activated.emit(4)
    qtbot.waitUntil(lambda: not section.told.isVisible())
    assert section.keys.currentText() == fr.NO_SHORTCUT


def test_what_was_chosen_last_is_written_when_the_window_closes(bench, panel, tmp_path):
    panel.choices.change(on_top=True)
    bench.window.close()
    assert PanelFile(tmp_path / "fenetre.json").load().on_top


def test_a_disk_that_refuses_does_not_keep_the_window_open(bench, panel, tmp_path, caplog):
    (tmp_path / "fenetre.json").mkdir()
    panel.choices.change(on_top=True)
    bench.window.close()
    assert "the window's place" in caplog.text
