"""The panel around a window: its part of Réglages, what it keeps. With a window manager: test_panel_desk.py."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from dmp_desktop.platform import global_shortcut
from dmp_desktop.platform.panel_file import PanelFile
from dmp_desktop.ui import strings_panel_fr as fr
from dmp_desktop.ui.panel.choices import LAST
from dmp_desktop.ui.panel.panel import Panel
from dmp_desktop.ui.panel.tray import Tray
from dmp_desktop.ui.panel.tray_icon import Shown, draw
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.ui.test_dashboard import fed

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)  # this platform has no place for an icon


@pytest.fixture
def panel(bench, tmp_path) -> Iterator[Panel]:
    """Around a window that is ready."""
    bench.window.panel = Panel(bench.window, PanelFile(tmp_path / "fenetre.json"))
    bench.window.panel.show()
    bench.window.ready.emit()
    yield bench.window.panel
    bench.window.close()
    QApplication.setQuitOnLastWindowClosed(True)


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


@pytest.fixture
def tray(qtbot, panel) -> Tray:
    """The icon, on a system that would show it."""
    panel.offer_tray()
    return panel.tray


def test_quitting_from_the_icon_shows_the_window_and_says_what_is_still_to_leave(bench, panel, tray, qtbot):
    bench.open(qtbot)
    fed(bench.outbox)
    bench.window.outbox.refresh()
    qtbot.waitUntil(lambda: bench.window.outbox.pending > 0)
    panel.choices.change(to_tray=True)
    assert tray.put_away()
    assert bench.window.isHidden()
    tray.quit.trigger()
    assert bench.window.isVisible()
    assert bench.window.leaving.farewell.isActive()
    with qtbot.waitSignal(bench.window.closed):
        tray.quit.trigger()


def test_a_system_that_shuts_down_is_not_kept_waiting_by_a_hidden_window(bench, panel, tray, qtbot):
    panel.choices.change(to_tray=True)
    tray._end()
    assert not tray.put_away()
    assert bench.window.isVisible()


def test_the_icon_tells_card_dmp_and_what_waits_and_no_name(bench, panel, tray, qtbot):
    assert tray.icon.toolTip() == "DMP Desktop : pas de carte professionnelle ; DMP pas encore appelé ; rien à envoyer."
    assert not tray.write.isEnabled()
    assert not tray.mask.isEnabled()
    bench.open(qtbot)
    fed(bench.outbox)
    bench.window.outbox.refresh()
    qtbot.waitUntil(lambda: bench.window.outbox.pending > 0)
    tip = tray.icon.toolTip()
    assert tip.startswith("DMP Desktop : carte professionnelle présente ; le DMP répond ; ")
    assert tip.endswith(f"{bench.window.outbox.pending} documents à envoyer.")
    assert not {"TEST", "MARTIN", "DUPONT", "Léa"} & set(tip.replace(";", " ").split())
    tray.write.trigger()
    assert bench.window.body.currentWidget() is bench.window.composer
    tray.mask.trigger()
    qtbot.waitUntil(lambda: not tray.write.isEnabled() and not tray.mask.isEnabled())


def test_each_state_has_a_shape_of_its_own(qapp):
    """Without any colour: the pictures in black and white are all different."""
    states = [
        Shown(card, server, waiting)
        for card in (False, True)
        for server in (None, False, True)
        for waiting in (0, 3, 12)
    ]
    for size in (16, 32):
        pictures = {grey(draw(one), size) for one in states}
        assert len(pictures) == len(states)


def grey(icon: QIcon, size: int) -> bytes:
    image = icon.pixmap(size, size).toImage()
    points = (image.pixelColor(x, y) for y in range(image.height()) for x in range(image.width()))
    return bytes(int(point.alpha() > 127) + 2 * int(point.lightness() > 140) for point in points)


def test_where_there_is_no_place_beside_the_clock_the_settings_say_so(bench, qtbot, panel):
    section = panel.section(bench.window)
    section.fill()
    assert not section.closing.isEnabled()
    assert section.closing.chosen is False


def test_what_the_cross_does_is_chosen_in_the_settings(bench, qtbot, panel, tray):
    section = panel.section(bench.window)
    section.fill()
    section.closing.choose(True)
    section.closing.activated.emit(1)
    assert panel.choices.now.to_tray


def test_what_was_chosen_last_is_written_when_the_window_closes(bench, panel, tmp_path, monkeypatch):
    panel.choices.change(on_top=True)
    flushed: list[str] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda one: (flushed.append(threading.current_thread().name), real(one)))
    bench.window.close()
    written()
    assert PanelFile(tmp_path / "fenetre.json").load().on_top
    assert set(flushed) == {LAST}, "a slow disk is not waited for by the window"


def written() -> None:
    """As the process waits for it before it ends."""
    for one in threading.enumerate():
        if one.name == LAST:
            one.join(20)
            assert not one.is_alive()


class Keys:
    """A system that takes its time to give the keys, and who has them."""

    def __init__(self) -> None:
        self.asked, self.given, self.stopped = threading.Event(), threading.Event(), threading.Event()

    def listen(self, _words: str, _pressed: Callable[[], None], _system: str, _environment: object) -> Keys:
        self.asked.set()
        assert self.given.wait(20)
        return self

    def give_keyboard(self, _window: int) -> None: ...

    def stop(self) -> None:
        self.stopped.set()


def test_keys_that_are_given_while_the_window_closes_are_given_back(bench, qtbot, panel, monkeypatch):
    """They stayed ours, with no window to show, until the process ended."""
    qtbot.waitUntil(lambda: not panel.shortcut._busy)
    system = Keys()
    monkeypatch.setattr(global_shortcut, "listen", system.listen)
    panel.choices.change(shortcut="Ctrl+Alt+M")
    assert system.asked.wait(20)
    bench.window.closed.connect(system.given.set)
    bench.window.close()
    assert system.stopped.wait(20)


def test_a_shutdown_that_is_called_off_leaves_the_cross_as_it_was(bench, qtbot, panel, tray):
    tray._went_on.setInterval(1)
    panel.choices.change(to_tray=True)
    tray._end()
    assert not tray.put_away()
    qtbot.waitUntil(lambda: not tray._ending)
    assert tray.put_away()


def test_a_disk_that_refuses_does_not_keep_the_window_open(bench, panel, tmp_path, caplog):
    (tmp_path / "fenetre.json").mkdir()
    panel.choices.change(on_top=True)
    bench.window.close()
    written()
    assert "the window's place" in caplog.text
