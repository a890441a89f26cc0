"""The page Envois: what did not leave, each with its act; the numbers of who is signed in, and their export."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.documents import BuiltDocument, DocumentFormat, DocumentKind
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.proposals import Proposal
from dmp_desktop.domain.tray import Scan, ScanState
from dmp_desktop.services.dashboard import Dashboard
from dmp_desktop.ui import formats, record_page
from dmp_desktop.ui import strings_dashboard_fr as fr
from dmp_desktop.ui.side_pages import _dashboard
from dmp_desktop.ui.strings_journal_fr import ASK_FEEDING
from dmp_desktop.ui.views.dashboard.rows import unsent_rows
from dmp_desktop.ui.views.dashboard.view import DashboardView
from tests.ui import fakes
from tests.ui.journal import JournalWorld

OTHER = "810000000001"
SCANS = [Scan("1", ScanState.TO_VALIDATE, fakes.NOW, fakes.NOW, 1, 1, "", author_id=fakes.DOCTOR.national_id)]
PROPOSED: list[Proposal] = []


@pytest.fixture
def proposed() -> Iterator[Proposal]:
    """A note that somebody in training proposed to who is signed in."""
    mine = fakes.DOCTOR.national_id
    PROPOSED.append(Proposal("a", 1, "i", "Interne", mine, "Dr", fakes.NOW, b"", {}, b"", ""))
    yield PROPOSED[0]
    PROPOSED.clear()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[JournalWorld]:
    world = JournalWorld(tmp_path)
    yield world
    world.close()


def put(outbox: fakes.FakeOutbox, title: str, state: OutboxState, **more: object) -> None:
    """One more document of the outbox."""
    built = BuiltDocument(f"2.25.{title}", b"", DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED, title)
    item = outbox.send(fakes.LEA, built, ())
    outbox.move(item.id, state=state, **{"waiting_for": WaitingFor.NOTHING, **more})


def fed(outbox: fakes.FakeOutbox) -> None:
    put(outbox, "Parti", OutboxState.SENT)
    put(outbox, "Parti avant", OutboxState.SENT, created_at=fakes.NOW - timedelta(days=40))
    put(outbox, "Retenu", OutboxState.WAITING, waiting_for=WaitingFor.HOLD)
    put(outbox, "Refus", OutboxState.REFUSED)
    put(outbox, "Annulé", OutboxState.CANCELLED)
    put(outbox, "Celui d'un autre", OutboxState.WAITING, author_id=OTHER)


@pytest.fixture
def opened(bench, qtbot, world):
    def show() -> DashboardView:
        if not bench.session.state().cps_present:
            bench.sign_in(qtbot)
        window = bench.window
        port = Dashboard(lambda: bench.outbox.items(None), lambda: (SCANS, 0), lambda: PROPOSED, world.acts, world._who)
        window.pages.offer(ASK_FEEDING, lambda: _dashboard(window, window.gate._services, port), of_patient=False)
        line = next(one for one in window.banner.acts.menu().actions() if one.text() == ASK_FEEDING)
        assert window.findChild(DashboardView) is None
        line.trigger()
        page = window.body.currentWidget()
        assert isinstance(page, DashboardView)
        qtbot.waitUntil(lambda: not page.model.loading and page.unsent.told.text() != fr.UNSENT_LOADING)
        return page

    return show


def ask(page: DashboardView, row: int) -> None:
    page.unsent.list.asked.emit(page.unsent.model.index(row, 0))


def test_one_s_own_numbers_and_nobody_named_in_them(bench, opened):
    fed(bench.outbox)
    page = opened()
    assert [row.cells[1:] for row in page.model.rows] == [
        ("11/2026", "1", "1", "1", "0", "0"),
        ("11/2026", "0", "0", "0", "0", "1"),
        ("10/2026", "1", "0", "0", "0", "0"),
    ]
    assert page.model.rows[0].card.detail == "1 envoyé · 1 refusé · 1 retenu"
    assert page.told.text() == fr.TOTAL.format("2 envoyés · 1 refusé · 1 retenu · 1 à valider")
    assert page.model.rows[1].cells[0] == "Document numérisé"
    assert page.model.rows[1].card.detail == "1 à valider"
    assert not any(fakes.LEA.birth_family in cell for row in page.model.rows for cell in row.cells)


def test_a_note_that_an_intern_proposed_is_to_be_validated(bench, opened, proposed):
    page = opened()
    note = next(row for row in page.model.rows if row.cells[0] == fr.PROPOSED)
    assert note.cells[1:] == ("11/2026", "0", "0", "0", "0", "1")
    assert page.told.text() == fr.TOTAL.format("2 à valider")


def test_what_did_not_leave_is_listed_what_was_refused_first(bench, opened):
    fed(bench.outbox)
    page = opened()
    rows = page.unsent.model.rows
    assert [(row.cells[1], row.cells[3], row.cells[4]) for row in rows] == [
        ("Refus", "Refusé", fr.SEE),
        ("Retenu", fr.HELD, fr.SEE),
    ]
    assert all(fakes.LEA.display_name in row.cells[0] for row in rows)
    assert all(row.card.title.endswith(row.card.kept) for row in rows)
    assert {row.card.kept for row in rows} == {
        formats.day(fakes.LEA.birth_date)
    }  # homonyms are told apart in the panel too
    assert page.unsent.told.text() == fr.UNSENT_COUNT[1].format(2)


def test_it_follows_the_outbox_while_it_is_looked_at(bench, qtbot, opened):
    fed(bench.outbox)
    page = opened()
    bench.outbox.move(4, state=OutboxState.SENT)
    qtbot.waitUntil(lambda: [row.cells[1] for row in page.unsent.model.rows] == ["Retenu"])


def test_a_document_is_opened_where_its_act_is(bench, opened):
    fed(bench.outbox)
    page = opened()
    ask(page, 0)
    window = bench.window
    assert window.body.currentWidget() is window.page
    assert window.page.stack.currentIndex() == record_page.OUTBOX
    assert page.unsent.model.rows == []
    assert page.model.rows == []


def test_a_draft_is_taken_up_where_it_was_left(bench, qtbot, opened):
    bench.open(qtbot)
    draft = bench.window.drafts.open_for(fakes.LEA, fakes.DOCTOR)
    draft.text = "Mots de la note"
    page = opened()
    (row,) = page.unsent.model.rows
    assert row.cells[3:] == (fr.DRAFT, fr.RESUME)
    assert draft.text not in " ".join(row.cells)
    ask(page, 0)
    assert bench.window.body.currentWidget() is bench.window.composer
    assert bench.window.composer.draft is draft


def test_nothing_is_said_to_wait_where_nothing_does_and_never_of_what_is_not_known(bench, qtbot, opened):
    page = opened()
    assert page.unsent.told.text() == fr.UNSENT_NONE
    bench.window.keeper.elsewhere = 2
    page.show_for(None)
    qtbot.waitUntil(lambda: "autre carte" in page.unsent.closed.text())
    assert fr.UNSENT_NONE not in page.unsent.told.text()


def test_who_may_not_see_patients_reads_no_name(bench):
    fed(bench.outbox)
    rows = unsent_rows(bench.outbox.items(None), (), named=False)
    told = " ".join(word for row in rows for word in (*row.cells, row.card.title, row.card.detail))
    assert fakes.LEA.birth_family not in told
    assert "Retenu " not in told.replace(fr.HELD, "")


def test_who_sends_nothing_has_their_drafts_and_the_reason(bench, qtbot, opened, world):
    world.role = bench.session.role = Role.TRAINEE
    bench.open(qtbot)
    bench.window.drafts.open_for(fakes.LEA, fakes.DOCTOR).text = "Mots"
    page = opened()
    assert "carte de formation" in page.told.text()
    assert (page.export.isEnabled(), page.export.toolTip()) == (False, page.told.text())
    assert [row.cells[3] for row in page.unsent.model.rows] == [fr.TO_VALIDATE]


def test_it_is_exported_where_asked(bench, qtbot, opened, tmp_path):
    fed(bench.outbox)
    page = opened()
    page.ask_file = lambda: str(tmp_path / "envois.csv")
    page.export.click()
    qtbot.waitUntil(lambda: page.said.text() == fr.EXPORTED[1].format(3))
    text = (tmp_path / "envois.csv").read_bytes().decode("utf-8-sig")
    assert text.count("\r\n") == 4
    assert fakes.LEA.birth_family not in text


def test_behind_a_cover_nothing_is_said_of_what_waits(bench, qtbot, opened):
    fed(bench.outbox)
    page = opened()
    bench.window.card_event(fakes.cps(inserted=False))
    qtbot.waitUntil(lambda: page.unsent.model.rows == [])
    with qtbot.waitSignal(bench.window.outbox.changed):
        bench.outbox.move(4, state=OutboxState.SENT)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert page.unsent.told.text() == ""
