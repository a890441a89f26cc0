"""The theme and the size of the text come with who signs in, and go with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.services.own_settings import OwnSettings
from dmp_desktop.services.session_state import Phase
from dmp_desktop.ui import appearance, theme
from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.ui import fakes
from tests.ui.test_startup import fake_services


class FakeOwn:
    """In memory, of whoever is there."""

    def __init__(self) -> None:
        self.why = ""
        self.kept = OwnSettings("dark", 130)

    def refusal(self) -> str:
        return self.why

    def load(self) -> OwnSettings:
        return self.kept

    def save(self, settings: OwnSettings) -> None:
        self.kept = settings


@pytest.fixture
def followed(qapp):
    """As in the program; taken back afterwards."""
    system = theme.SystemTheme(qapp)
    size = qapp.font().pointSizeF()
    yield system
    system.setParent(None)
    font = qapp.font()
    font.setPointSizeF(size)
    qapp.setFont(font)


@pytest.fixture
def window(qtbot, followed):
    own = FakeOwn()
    window = MainWindow(sandbox=True)
    window.furnish(replace(fake_services(), own_settings=own), fakes.FixedClock())
    window.complete()
    qtbot.addWidget(window)
    window.show()
    window.own = own
    yield window
    assert window.tasks.close()


def size() -> float:
    return QApplication.font().pointSizeF()


def test_they_come_with_who_signs_in_stay_over_a_lock_and_go_with_them(window, qtbot, monkeypatch):
    before = theme.current(), size()
    window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: theme.current() is theme.DARK)
    qtbot.waitUntil(lambda: size() == pytest.approx(before[1] * 1.3))
    window.session.lock()
    qtbot.waitUntil(lambda: window.session.state.phase is Phase.LOCKED)
    assert theme.current() is theme.DARK
    monkeypatch.setattr(appearance, "GO_AFTER_MS", 0)
    window.session.sign_out()
    qtbot.waitUntil(lambda: (theme.current(), size()) == before)


def test_what_is_chosen_is_seen_at_once_and_kept(window, qtbot, settings):
    window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: theme.current() is theme.DARK)
    page = SettingsView(settings, window.tasks.general, window.body, own=window.own, chosen=window.appearance.choose)
    window.pages.open("own", lambda: page)
    qtbot.waitUntil(page.own.theme.isEnabled)
    assert (page.own.theme.chosen, page.own.text.chosen) == ("dark", 130)
    page.own.theme.choose("high_contrast")
    page.own.theme.activated.emit(0)
    qtbot.waitUntil(lambda: theme.current() is theme.HIGH_CONTRAST)
    assert window.own.kept == OwnSettings("high_contrast", 130)
    assert page.own.told.text() == fr.OWN_SAVED


def test_who_has_none_is_told_why(window, qtbot, settings):
    window.own.why = "Ces réglages sont ceux de chaque médecin."
    window.card_event(fakes.cps())
    page = SettingsView(settings, window.tasks.general, window.body, own=window.own)
    window.pages.open("own", lambda: page)
    qtbot.waitUntil(page.form.isEnabled)
    assert not page.own.theme.isEnabled()
    assert page.own.told.text() == window.own.why


def test_who_is_back_in_a_moment_finds_the_window_as_it_was_and_who_comes_instead_their_own(window, qtbot):
    """Nothing is worked out anew for a card out and in again."""
    window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: theme.current() is theme.DARK)
    window.session.sign_out()
    qtbot.waitUntil(lambda: window.session.state.phase is Phase.MASKED)
    assert window.appearance._going.isActive()
    assert theme.current() is theme.DARK
    window.own.kept = OwnSettings("light", 100)
    window.card_event(fakes.cps(False))
    window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: theme.current() is theme.LIGHT)
    assert not window.appearance._going.isActive()
