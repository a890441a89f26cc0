"""The way in of a technical administrator, and the part of Réglages where a doctor names one: nothing that was typed stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from dmp_desktop.domain.people import Role
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.administrators import Administrators
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui.views.settings.administrators import AdministratorsSection
from dmp_desktop.ui.views.settings.view import SettingsView
from dmp_desktop.ui.widgets.administrator_panel import AdministratorPanel
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import KEY
from tests.ui import fakes


class World:
    def __init__(self, folder: Path) -> None:
        self.database = Database.open(folder / "a.db", KEY)
        self.acts = ActBook(Journal(self.database, Seal(KEY, "journal"), KEY), FakeClock(), lambda: None)
        self.role = Role.DOCTOR
        store = PreferenceStore(self.database, Seal(KEY, "preference"))
        self.people = Administrators(
            store, self.acts, FakeClock(), self.who, lambda: fakes.CABINET, lambda _account: self.who()
        )

    def who(self) -> SignedIn:
        return SignedIn(fakes.DOCTOR, fakes.CABINET, self.role, fakes.DOCTOR.national_id)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.acts.stop()
    world.database.close()


@pytest.fixture
def section(bench, qtbot, settings, world) -> AdministratorsSection:
    bench.open(qtbot)
    window = bench.window
    view = SettingsView(settings, window.tasks.general, window.body, administrators=world.people)
    window.pages.open("settings with administrators", lambda: view)
    qtbot.waitUntil(view.form.isEnabled)
    return view.administrators


def test_a_person_is_named_told_their_code_once_and_withdrawn(section, world, qtbot):
    qtbot.waitUntil(lambda: section.status.text() == fr.NOBODY)
    assert not section.name.isEnabled()
    section.family.setText("TEST-LEROY")
    section.given.setText("Aurélie")
    qtbot.keyClick(section.given, Qt.Key.Key_Return)
    qtbot.waitUntil(section.code.isVisible)
    code = section.code.text()
    assert world.people.account("Aurélie TEST-LEROY", code)
    assert section.family.text() == ""
    qtbot.waitUntil(lambda: len(section.withdrawing) == 1)
    section._page.show_for(None)
    qtbot.waitUntil(lambda: len(section.withdrawing) == 1)
    assert section.code.text() == ""
    assert section.code.accessibleName() == ""
    section.withdrawing[0].click()
    qtbot.waitUntil(lambda: section.status.text() == fr.NOBODY)
    assert "n'est plus" in section.answer.text()
    assert not world.people.any()


def test_what_is_no_person_is_refused_where_it_was_typed(section, qtbot):
    qtbot.waitUntil(lambda: section.status.text() == fr.NOBODY)
    section.family.setText("Poste 2")
    section.given.setText("Accueil")
    section.name.click()
    qtbot.waitUntil(lambda: "est une personne" in section.answer.text())
    assert section.family.text() == "Poste 2"
    assert section.name.isEnabled()


def test_who_may_name_nobody_is_told_why(section, world):
    world.role = Role.REPLACEMENT
    section._page.show_for(None)
    assert "remplacez" in section.status.text()
    assert not section.family.isVisible()


def test_the_panel_keeps_nothing_of_what_was_typed(qtbot):
    panel = AdministratorPanel()
    qtbot.addWidget(panel)
    panel.show()
    asked: list[tuple[str, str]] = []
    panel.asked.connect(lambda named, code: asked.append((named, code)))
    panel.open.click()
    panel.enter.click()
    assert (asked, panel.told.text()) == ([], fr.MISSING)
    panel.named.setText("TEST-LEROY Aurélie")
    panel.code.setText("ABCDE")
    qtbot.keyClick(panel.code, Qt.Key.Key_Return)
    assert asked == [("TEST-LEROY Aurélie", "ABCDE")]
    assert (panel.code.text(), panel.enter.isEnabled()) == ("", False)
    panel.show_answered()
    assert panel.enter.isEnabled()
    assert panel.named.text() == "TEST-LEROY Aurélie"
    panel.cancel.click()
    assert (panel.named.text(), panel.form.isVisible(), panel.open.isVisible()) == ("", False, True)
