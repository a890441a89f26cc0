"""The page Journal over a real journal: acts, filters, verification, export, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.domain.acts import ActFamily
from dmp_desktop.domain.people import Role
from dmp_desktop.ui import strings_journal_fr as fr
from dmp_desktop.ui.views.journal.view import JournalView
from tests.ui.journal import JournalWorld

ACTS = 9


@pytest.fixture
def world(tmp_path: Path) -> Iterator[JournalWorld]:
    world = JournalWorld(tmp_path)
    yield world
    world.close()


@pytest.fixture
def opened(bench, qtbot, world):
    def show() -> JournalView:
        page = JournalView(world.desk, bench.window.tasks.general, bench.window.body)
        bench.window.body.addWidget(page)
        bench.window.body.setCurrentWidget(page)
        page.show_for(None)
        qtbot.waitUntil(lambda: not page.model.loading)
        return page

    return show


def test_acts_are_listed_the_latest_first(opened):
    page = opened()
    assert page.told.text() == fr.COUNT[1].format(ACTS)
    titles = [row.card.title for row in page.model.rows]
    assert titles[0] == "Refus faute de droit"
    assert titles[-1] == "Connexion"
    assert page.model.rows[-1].card.detail.startswith("8100")
    assert page.model.rows[-2].card.detail.startswith(fr.ME)
    assert page.model.rows[1].card.tone == "warning"


def test_one_family_is_chosen(opened, qtbot):
    page = opened()
    page.family.choose(ActFamily.ACCESS.value)
    page.family.activated.emit(page.family.currentIndex())
    qtbot.waitUntil(lambda: not page.model.loading)
    assert [row.card.title for row in page.model.rows] == ["Accès en urgence"]


def test_a_sound_journal_is_told(opened, qtbot):
    page = opened()
    page.verify.click()
    qtbot.waitUntil(lambda: page.said.text() == fr.SOUND[1].format(ACTS))


def test_a_journal_that_was_changed_is_told_and_stays_told(opened, qtbot, world):
    with world.database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_update")
        connection.exec_driver_sql("UPDATE journal SET record = replace(record, '2.25', '2.26') WHERE number = 5")
    page = opened()
    page.verify.click()
    qtbot.waitUntil(lambda: "à partir de l'acte n° 5" in page.said.text())
    assert page.verify.isEnabled()


def test_it_is_exported_where_asked(opened, qtbot, tmp_path):
    page = opened()
    page.ask_file = lambda: str(tmp_path / "acts.csv")
    page.export.click()
    qtbot.waitUntil(lambda: page.said.text() == fr.EXPORTED[1].format(ACTS))
    assert (tmp_path / "acts.csv").read_bytes().count(b"\r\n") == ACTS + 1
    page.ask_file = str
    page.export.click()
    assert page.said.text() == fr.EXPORTED[1].format(ACTS)


def test_who_replaces_sees_their_own_and_is_told_so(opened, world):
    world.role = Role.REPLACEMENT
    page = opened()
    assert len(page.model.rows) == ACTS - 1
    assert "Vos actes seulement" in page.told.text()


def test_who_may_not_finds_everything_greyed_out_with_the_reason(opened, world):
    world.role = Role.SECRETARY
    page = opened()
    assert "secrétariat" in page.told.text()
    assert page.model.rows == []
    for part in (page.verify, page.export, page.list, page.family, page.period):
        assert not part.isEnabled()
    assert "secrétariat" in page.verify.toolTip()


def test_it_is_in_the_menu_of_the_program(bench, qtbot, world):
    """Built when it is first asked for."""
    from dmp_desktop.ui.side_pages import _journal

    bench.sign_in(qtbot)
    bench.window.pages.offer(fr.ASK, lambda: _journal(bench.window, world.desk), of_patient=False)
    assert bench.window.findChild(JournalView) is None
    line = next(one for one in bench.window.banner.acts.menu().actions() if one.text() == fr.ASK)
    line.trigger()
    page = bench.window.body.currentWidget()
    assert isinstance(page, JournalView)
    qtbot.waitUntil(lambda: not page.model.loading)
    page.left.emit()
    assert page.model.rows == []
