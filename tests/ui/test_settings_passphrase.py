"""Within Réglages: another passphrase for the workstation, over a real file of secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from dmp_desktop.services.passphrase import Strength
from dmp_desktop.ui import strings_passphrase_fr as fr
from dmp_desktop.ui.views.settings.passphrase import PassphraseSection
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.unit.services.test_passphrase import COMING, FORMER, World, workstation


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with workstation(tmp_path) as made:
        yield made


@pytest.fixture
def section(bench, qtbot, world) -> PassphraseSection:
    bench.open(qtbot)
    services, window = bench.window.gate._services, bench.window
    page = SettingsView(services.settings, window.tasks.general, window.body, passphrase=world.desk)
    window.pages.open("passphrase", lambda: page)
    qtbot.waitUntil(page.form.isEnabled)
    return page.passphrase


def type_in(section: PassphraseSection, *texts: str) -> None:
    for line, text in zip((section.former, section.coming, section.again), texts, strict=True):
        line.clear()
        QTest.keyClicks(line, text)


def test_it_is_changed_and_what_was_typed_leaves_the_screen(section, world, qtbot) -> None:
    assert not section.change.isEnabled()
    assert {line.echoMode() for line in (section.former, section.coming, section.again)} == {
        QLineEdit.EchoMode.Password
    }
    type_in(section, FORMER, COMING, COMING)
    section.change.click()
    assert not section.change.isEnabled(), "not twice"
    qtbot.waitUntil(lambda: section.answer.text() == fr.CHANGED)
    assert [section.former.text(), section.coming.text(), section.again.text()] == ["", "", ""]
    assert world.opens(COMING)


def test_how_strong_it_is_is_told_while_it_is_typed(section) -> None:
    for typed, told in (("court", Strength.SHORT), ("a" * 20, Strength.WEAK), (COMING, Strength.GOOD)):
        type_in(section, FORMER, typed, typed)
        assert section.strength.text() == fr.STRENGTH[told][0]
    type_in(section, FORMER, COMING, COMING[:-1])
    assert fr.DIFFERS in section.strength.text()


def test_a_wrong_former_one_is_told_and_asked_again(section, world, qtbot) -> None:
    type_in(section, "pas la bonne", COMING, COMING)
    section.change.click()
    qtbot.waitUntil(lambda: "n'est pas la bonne" in section.answer.text())
    assert section.change.isEnabled()
    assert world.opens(FORMER)
    section._page.empty()
    assert section.coming.text() == ""


def test_who_may_not_is_told_why(section, world) -> None:
    world.desk._given = True
    section.fill()
    assert not section.former.isEnabled()
    assert section.answer.text() == world.desk.refusal()
