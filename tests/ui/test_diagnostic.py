"""The page Diagnostic over the real checks, with readers in memory: problems first, one action, nothing that blocks."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from dmp_desktop.card import FakePcsc, open_fake
from dmp_desktop.card.failures import card_failure
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.platform.storage_key import KEY_NAME
from dmp_desktop.sandbox.virtual_cards import CpsCard
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.diagnostics.model import Check, Seen, Topic, Verdict, fine, problem, seen
from dmp_desktop.services.diagnostics.service import CHECKS, Diagnostics
from dmp_desktop.services.diagnostics.site import Site
from dmp_desktop.services.professional import told
from dmp_desktop.services.session_state import Phase
from dmp_desktop.storage.database import Database
from dmp_desktop.ui import strings_diagnostic_fr as fr
from dmp_desktop.ui.assembly import offer_diagnostic
from dmp_desktop.ui.stalls import LIMIT_MS
from dmp_desktop.ui.views.diagnostic.view import DiagnosticView
from dmp_desktop.ui.widgets.notice_bar import of_error
from tests.helpers.card_worlds import vitale
from tests.helpers.cps_certificates import certificate
from tests.helpers.outbox import KEY
from tests.helpers.stations import station
from tests.ui import fakes
from tests.ui.timing import worst_stall

READER = "Lecteur 0"
# Those that take no time: the others have their own tests.
QUICK = tuple(
    one for one in CHECKS if not one.topic.id.startswith(("tls.", "server.", "storage.keystore", "software."))
)


def kept_key() -> MemoryKeyStore:
    keystore = MemoryKeyStore()
    keystore.set(KEY_NAME, KEY.hex())
    return keystore


@dataclass
class Page:
    view: DiagnosticView
    pcsc: FakePcsc

    def verdicts(self) -> list[Verdict]:
        return [card.result.verdict for card in self.in_order()]

    def in_order(self):
        rows = self.view._rows
        cards = [rows.itemAt(at).widget() for at in range(rows.count())]
        return [card for card in cards if card is not None]


def open_page(bench, qtbot) -> DiagnosticView:
    bench.window.strip.more.setChecked(True)
    qtbot.mouseClick(bench.window.strip.diagnostic, Qt.MouseButton.LeftButton)
    return bench.window.findChild(DiagnosticView)


@pytest.fixture
def page(bench, qtbot, tmp_path: Path) -> Page:
    """Opened from the strip, while the screen is masked: no card is in."""
    pcsc = FakePcsc()
    pcsc.start_service()
    offer_diagnostic(bench.window, lambda: Diagnostics(station(tmp_path, open_fake(pcsc)), QUICK))
    view = open_page(bench, qtbot)
    qtbot.waitUntil(lambda: len(view.cards) == len(QUICK) and view.again.isEnabled())
    return Page(view, pcsc)


def test_every_check_is_there_and_problems_come_first(page, bench):
    assert page.view.isVisible()
    assert not bench.window.stack.isVisible()
    assert set(page.view.cards) == {check.topic.id for check in QUICK}
    order = [list(fr.STATE).index(verdict) for verdict in page.verdicts()]
    assert order == sorted(order)
    card = page.view.cards["reader.present"]
    assert card.state.text == "Problème · Lecteur de cartes"
    assert card.action.text().startswith("À faire : Branchez le lecteur")
    assert "1 problème" in page.view.progress.text() or "problèmes" in page.view.progress.text()


def test_one_check_is_run_again_and_takes_its_new_place(page, qtbot):
    page.pcsc.plug(READER)
    before = page.view.cards["storage.disk"].result
    card = page.view.cards["reader.present"]
    card.again.setFocus()
    qtbot.mouseClick(card.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.result.verdict is Verdict.OK and card.again.isEnabled())
    assert READER in card.cause.text()
    assert card.action.isHidden()
    assert page.view.cards["storage.disk"].result is before  # what has nothing to do with it was left alone
    order = [list(fr.STATE).index(verdict) for verdict in page.verdicts()]
    assert order == sorted(order)


def test_what_depends_on_it_is_run_again_with_it(page, qtbot):
    """A reader is plugged with a card in: no card of the page goes on saying that there is none."""
    stale = {"card.inserted", "card.sharing", "reader.usable", "cps.recognised", "cps.validity", "vitale.readable"}
    assert all("Aucun lecteur" in page.view.cards[check].cause.text() for check in stale)
    page.pcsc.plug(READER)
    page.pcsc.insert(READER, CpsCard(certificate(serial=2, signs=False), certificate(serial=1, signs=True)))
    card = page.view.cards["reader.present"]
    qtbot.mouseClick(card.again, Qt.MouseButton.LeftButton)
    assert page.view.cards["cps.recognised"].again.text() == fr.UNDER_WAY
    assert page.view.cards["storage.disk"].again.text() == fr.RUN_ONE
    qtbot.waitUntil(lambda: page.view.cards["cps.recognised"].result.verdict is Verdict.OK and card.again.isEnabled())
    assert not any("Aucun lecteur" in page.view.cards[check].cause.text() for check in stale)
    assert {one.again.text() for one in page.view.cards.values()} == {fr.RUN_ONE}
    page.pcsc.remove(READER)  # from the other end: what it needs is looked at anew too, once it is known not to be fine
    page.view.open()
    qtbot.waitUntil(lambda: page.view.again.isEnabled())
    page.pcsc.insert(READER, vitale())
    qtbot.mouseClick(page.view.cards["vitale.readable"].again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.view.cards["vitale.readable"].result.verdict is Verdict.OK and card.again.isEnabled())
    assert page.view.cards["card.inserted"].result.verdict is Verdict.OK


def test_the_tab_key_follows_the_page(page, qtbot):
    """Checks end in any order, and one that is run again moves."""

    def reached() -> list:
        page.view.copy.setFocus()
        found = []
        for _card in page.view.cards:
            qtbot.keyClick(page.view.window().focusWidget(), Qt.Key.Key_Tab)
            found.append(page.view.window().focusWidget())
        return found

    page.view.window().activateWindow()
    assert reached() == [card.again for card in page.in_order()]
    page.pcsc.plug(READER)
    page.view.open()
    qtbot.waitUntil(
        lambda: page.view.cards["reader.present"].result.verdict is Verdict.OK and page.view.again.isEnabled()
    )
    assert reached() == [card.again for card in page.in_order()]


def test_it_is_one_button_away_where_a_card_fails(page, bench, qtbot):
    """On the masked screen and in the record; not beside what only waits for the doctor."""
    page.view.leave()
    window, masked = bench.window, bench.window.masked
    busy = told(card_failure("busy"))
    for notice, offered in (
        (busy, True),
        (notices.NO_SERVICE, True),
        (notices.MUTE, True),
        (notices.VITALE_WAITS[Phase.MASKED], False),
        (notices.CARD_LEFT, False),
        ("", False),
    ):
        window.conductor.show_session(replace(bench.session.state(), notice=notice))
        assert (notice, masked.diagnostic.isVisible()) == (notice, offered)
    window.conductor.show_session(replace(bench.session.state(), notice=busy))
    qtbot.mouseClick(masked.diagnostic, Qt.MouseButton.LeftButton)
    assert page.view.isVisible()
    page.view.leave()
    bench.open(qtbot)
    window.conductor.show_session(replace(bench.session.state(), notice=busy))
    assert window.notices.diagnostic.isVisible()
    window.conductor.show_session(replace(bench.session.state(), notice="Doute.", doubt="Doute."))
    assert not window.notices.diagnostic.isVisible()


def test_all_again_by_its_key(page, qtbot):
    page.pcsc.plug(READER)
    page.view.back.setFocus()
    qtbot.keyClick(page.view.back, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: page.view.cards["reader.present"].result.verdict is Verdict.OK)
    qtbot.waitUntil(page.view.again.isEnabled)


def test_the_report_is_copied_without_anybody_in_it(page, qtbot):
    page.pcsc.plug(READER)
    page.pcsc.insert(READER, CpsCard(certificate(serial=2, signs=False), certificate(serial=1, signs=True)))
    page.pcsc.plug("Lecteur 1")
    page.pcsc.insert("Lecteur 1", vitale())
    page.view.open()
    qtbot.waitUntil(lambda: page.view.cards["vitale.readable"].result.verdict is Verdict.OK)
    qtbot.waitUntil(page.view.copy.isEnabled)
    qtbot.mouseClick(page.view.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert page.view.said.text() == fr.COPIED
    assert text.startswith("Diagnostic DMP Desktop")
    assert "reconnue" in text
    shown = "\n".join(label.text() for label in page.view.findChildren(QLabel))
    for trace in ("TEST-", "CLAIRE", "899700000001", "MARIE", "279035121518989"):
        assert trace not in text + shown


def test_what_is_for_the_one_who_looks_after_the_computer_is_in_the_report_alone(page, qtbot):
    page.pcsc.stop_service()
    qtbot.mouseClick(page.view.cards["pcsc.service"].again, Qt.MouseButton.LeftButton)
    card = page.view.cards["pcsc.service"]
    qtbot.waitUntil(lambda: card.result.verdict is Verdict.PROBLEM and page.view.copy.isEnabled())
    assert card.code.text() == fr.IN_REPORT
    assert not any("systemctl" in label.text() for label in page.view.findChildren(QLabel))
    qtbot.mouseClick(page.view.copy, Qt.MouseButton.LeftButton)
    assert "Pour qui gère l’ordinateur : sudo systemctl start pcscd.socket" in QGuiApplication.clipboard().text()


def test_keys_of_the_record_do_nothing_behind_it(bench, qtbot, page):
    """Ctrl+W closes the patient: not one that is out of sight."""
    qtbot.keyClick(page.view, Qt.Key.Key_Escape)
    assert bench.window.stack.isVisible()
    assert not page.view.isVisible()
    bench.open(qtbot)
    assert open_page(bench, qtbot) is page.view  # made once
    bench.window.activateWindow()
    page.view.back.setFocus()
    qtbot.keyClick(page.view.back, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not bench.window.tasks.card.busy)
    assert bench.session.state().patient is not None
    page.view.leave()
    qtbot.keyClick(bench.window.page, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bench.session.state().patient is None)


def test_errors_of_cards_and_connection_lead_to_it(page, bench, qtbot):
    for error, offered in (
        (CardError("card.busy", "Occupée."), True),
        (DmpError("DmpInjoignable", "Injoignable.", retryable=True), True),
        (DmpError("XDSRepositoryError", "Refusé."), False),
        (ContextError("x", "Non."), False),
    ):
        page.view.leave()
        bench.window.notices.tell(of_error(error))
        assert bench.window.notices.diagnostic.isVisible() is offered
        if offered:
            qtbot.mouseClick(bench.window.notices.diagnostic, Qt.MouseButton.LeftButton)
            assert page.view.isVisible()


def test_a_check_that_hangs_keeps_neither_the_window_nor_the_others(bench, qtbot, tmp_path):
    release = threading.Event()
    outcomes = {"ok": fine("Bien."), "bad": problem("Mal.", "Faites mieux.")}

    def hang(_site: Site) -> Seen:
        release.wait(120)
        return seen("ok")

    checks = (
        Check(Topic("slow", "Lente", outcomes, 20.0), hang),
        Check(Topic("quick", "Rapide", outcomes), lambda _site: seen("bad")),
    )
    offer_diagnostic(bench.window, lambda: Diagnostics(station(tmp_path), checks))
    view = open_page(bench, qtbot)
    qtbot.waitUntil(lambda: set(view.cards) == {"quick"})
    assert view.progress.text() == fr.RUNNING.format(done=1, all=2)
    assert not view.again.isEnabled()
    view.leave()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)  # it is left to its thread
    release.set()
    assert set(view.cards) == {"quick"}


def test_what_cannot_be_loaded_is_told(bench, qtbot):
    def broken() -> Diagnostics:
        raise ContextError("diagnostic", "Le diagnostic ne se charge pas.")

    offer_diagnostic(bench.window, broken)
    open_page(bench, qtbot)
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert bench.window.notices.code.text() == "code diagnostic"


def test_everything_has_a_name_and_fits_in_the_panel(page, bench, qtbot):
    bench.window.resize(420, 900)
    qtbot.waitUntil(lambda: bench.window.width() == 420)
    names = [card.again.accessibleName() for card in page.view.cards.values()]
    assert len(set(names)) == len(names)
    assert all(card.accessibleName() for card in page.view.cards.values())
    assert page.view.list.width() <= 420
    for card in page.view.cards.values():
        assert card.width() <= 420
    bench.window.card_event(fakes.cps())  # a card comes in behind: the page stays before the eyes
    qtbot.waitUntil(lambda: bench.session.state().cps_present)
    assert page.view.isVisible()


@pytest.mark.alone
def test_the_whole_diagnosis_never_holds_the_window(bench, qtbot, tmp_path):
    """All checks, their database of some megabytes included, and a card for each."""
    place = station(tmp_path, keystore=kept_key)
    place.paths.create()
    with Database.open(place.paths.database, KEY) as database, database.write() as connection:
        for number in range(200):
            row = "INSERT INTO preference VALUES ('a', ?, zeroblob(20000))"
            connection.exec_driver_sql(row, (str(number),))
    offer_diagnostic(bench.window, lambda: Diagnostics(place))

    def look() -> None:
        view = open_page(bench, qtbot)
        qtbot.waitUntil(lambda: len(view.cards) == len(CHECKS) and view.again.isEnabled(), timeout=20000)
        assert view.cards["storage.database"].result.verdict is Verdict.OK
        view.leave()

    assert worst_stall(look) < LIMIT_MS
