"""The page Journal over a real journal: acts, filters, verification, export, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.domain.acts import ActFamily
from dmp_desktop.domain.people import Role
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.services.clinic_journal import PracticeBook
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_journal import PracticeJournal
from dmp_desktop.storage.journal import JournalRecord
from dmp_desktop.ui import strings_journal_fr as fr
from dmp_desktop.ui.views.journal.view import JournalView
from tests.helpers.clock import START
from tests.helpers.outbox import FINGERPRINT, KEY
from tests.helpers.postgres import PASSWORD, Cluster
from tests.ui.journal import COLLEAGUE, JournalWorld

ACTS = 9


@pytest.fixture
def world(tmp_path: Path) -> Iterator[JournalWorld]:
    world = JournalWorld(tmp_path)
    yield world
    world.close()


@pytest.fixture
def practice(postgres: Cluster) -> Iterator[ClinicDatabase]:
    with ClinicDatabase.open(ClinicAddress.parse(postgres.database()), PASSWORD, FINGERPRINT) as database:
        yield database


@pytest.fixture
def opened(bench, qtbot, world):
    def show(world: JournalWorld = world) -> JournalView:
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


def test_what_another_workstation_lost_on_the_server_is_told_until_it_is_verified(opened, qtbot, tmp_path, practice):
    server, kept = PracticeJournal(practice, KEY), MemoryKeyStore()
    send = JournalRecord(START, COLLEAGUE, "send", result="sent")
    server.append("abcdef0123456789", 0, [send] * 3)
    (tmp_path / "shared").mkdir()
    world = JournalWorld(tmp_path / "shared", lambda journal: PracticeBook(journal, kept, lambda: server, lambda: None))
    assert world.practice is not None
    page = opened(world)
    assert page.found.isHidden()
    world.practice.look()
    with practice.write() as connection:
        connection.exec_driver_sql("ALTER TABLE practice_journal DISABLE TRIGGER USER")
        connection.exec_driver_sql("DELETE FROM practice_journal WHERE number = 3")
        connection.exec_driver_sql("ALTER TABLE practice_journal ENABLE TRIGGER USER")
    world.practice.look()
    page.show_for(None)
    assert not page.found.isHidden()
    assert "poste abcdef01 (n° 3) ont été retirés du journal du cabinet" in page.found.text()
    page.verify.click()
    qtbot.waitUntil(lambda: "il en avait 3, il en reste 2" in page.said.text())
    assert not page.found.isHidden()
    server.append("abcdef0123456789", 2, [send])  # its workstation put it back
    page.verify.click()
    qtbot.waitUntil(lambda: "n° 3" in page.said.text())
    page.verify.click()
    qtbot.waitUntil(lambda: page.said.text().endswith(fr.SOUND_TOO.removeprefix("{}")))
    assert page.found.isHidden()
    world.close()


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
