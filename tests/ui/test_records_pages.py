"""« Mes dossiers », the professionals of a record and the Web DMP in the window."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QElapsedTimer, QObject, Qt, QUrl, Slot
from PySide6.QtGui import QAccessible, QDesktopServices, QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.people import Professional
from dmp_desktop.errors import DmpError
from dmp_desktop.services.session_state import Phase
from dmp_desktop.ui import strings_fr as window_fr
from dmp_desktop.ui import strings_records_fr as fr
from dmp_desktop.ui import strings_window_fr as notices_fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.records_menu import PAGES, offer_records
from dmp_desktop.ui.stalls import LIMIT_MS
from dmp_desktop.ui.views.my_records.view import MyRecordsView
from dmp_desktop.ui.views.professionals.view import ProfessionalsView
from dmp_desktop.ui.web_dmp import WebDmpView
from dmp_desktop.ui.widgets.row_painting import title_in
from tests.ui import fakes
from tests.ui.records_desk import DOSSIERS, SITE, FakeRecords
from tests.ui.test_accessibility import letters, names


@pytest.fixture
def records(bench) -> FakeRecords:
    return FakeRecords()


@pytest.fixture
def offered(bench, records) -> Iterator[None]:
    offer_records(bench.window, bench.window.pages, records)
    yield
    records.gate.set()


class Browser(QObject):
    """Takes what Qt would give the default browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def browser() -> Iterator[Browser]:
    taken = Browser()
    QDesktopServices.setUrlHandler("https", taken, "take")
    yield taken
    QDesktopServices.unsetUrlHandler("https")


def line(bench, words: str):
    return next(one for one in bench.window.banner.acts.menu().actions() if one.text() == words)


def opened(bench, qtbot, words: str, kind: type):
    line(bench, words).trigger()
    page = bench.window.body.currentWidget()
    assert isinstance(page, kind)
    if kind is not WebDmpView:
        qtbot.waitUntil(lambda: not page.model.loading)
    return page


def titles(page) -> list[str]:
    return [row.card.title for row in page.model.rows]


def test_my_records_without_a_patient_and_off_the_window_s_thread(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    records.gate.clear()
    line(bench, fr.RECORDS).trigger()
    page = bench.window.body.currentWidget()
    assert page.model.loading
    assert page.model.rowCount() > 0
    assert page.told.text() == fr.RECORDS_LOADING
    records.gate.set()
    qtbot.waitUntil(lambda: not page.model.loading)
    assert titles(page) == ["TEST-MARTIN Léa", "TEST-BERNARD Paul", "TEST-ÉTRANGER Luc"]
    assert records.asked == [("document", 30)]
    assert threading.get_ident() not in records.threads
    cards = [row.card for row in page.model.rows]
    assert [card.mark for card in cards] == ["médecin traitant", "", ""]
    assert cards[0].date == "document 18/11/2026"
    assert cards[1].detail == "né(e) le 01/07/1952 · accès 19/11/2026 · Fermeture prévue"
    assert cards[2].detail == "né(e) le 04/05/1990 · accès non communiqué"
    assert page.told.text() == "3 dossiers."


def test_another_order_or_period_asks_anew_and_the_late_answer_is_dropped(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    page.order.choose(fr.BY_ACCESS)
    page.order.activated.emit(1)
    qtbot.waitUntil(lambda: not page.model.loading)
    assert titles(page)[0] == "TEST-BERNARD Paul"
    assert page.model.rows[0].card.date == "accès 19/11/2026"
    records.gate.clear()
    page.period.choose(365)
    page.period.activated.emit(2)
    qtbot.waitUntil(lambda: len(records.asked) == 3)
    records.dossiers = []
    page.period.choose(7)
    page.period.activated.emit(0)
    records.gate.set()
    qtbot.waitUntil(lambda: not page.model.loading)
    assert set(records.asked[2:]) == {("access", 365), ("access", 7)}
    assert page.told.text() == fr.RECORDS_NONE[fr.BY_ACCESS]


def test_typing_narrows_by_name_and_enter_opens_the_only_one(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    bench.window.activateWindow()
    qtbot.waitUntil(page.filter.hasFocus)
    qtbot.keyClicks(page.filter, "test etr")
    assert titles(page) == ["TEST-ÉTRANGER Luc"]
    assert page.told.text() == "1 sur 3 dossiers."
    page.filter.setText("lea mar")
    assert titles(page) == ["TEST-MARTIN Léa"]
    bench.session.vitale = ()
    qtbot.keyClick(page.filter, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.window.record.patient == fakes.LEA)
    assert bench.window.body.currentWidget() is bench.window.page
    assert page.model.rows == []
    assert page.filter.text() == ""


def test_down_goes_to_the_rows_and_enter_opens(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    bench.window.activateWindow()
    qtbot.waitUntil(page.filter.hasFocus)
    qtbot.keyClick(page.filter, Qt.Key.Key_Down)
    assert page.list.view.hasFocus()
    qtbot.keyClick(page.list.view, Qt.Key.Key_Down)
    qtbot.keyClick(page.list.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.window.record.patient == fakes.PAUL)


def test_who_is_not_qualified_here_is_not_opened_and_it_is_said_how(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    page.list.asked.emit(page.model.index(2, 0))
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert "n'est pas qualifié ici" in bench.window.notices.what.text
    assert bench.window.session.state.patient is None
    assert bench.window.body.currentWidget() is page


def test_over_an_open_record_it_is_asked_which_one(bench, qtbot, records, offered):
    bench.open(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    page.list.asked.emit(page.model.index(1, 0))
    qtbot.waitUntil(lambda: bench.window.session.state.phase is Phase.CHOOSING)
    assert bench.window.picker.isVisible()
    assert bench.window.record.patient == fakes.LEA


def test_nothing_stays_once_the_screen_is_covered(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    page.filter.setText("martin")
    bench.window.session.lock()
    assert page.model.rows == []
    assert page.model.total == 0
    assert page.filter.text() == ""


def test_nor_for_a_colleague_who_comes_while_nothing_is_covered(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    colleague = Professional("10009999999", "AUTRE", "Alex", "G15_10/SM26")
    bench.session._state = replace(bench.session.state(), professional=colleague)
    bench.window.session.close_patient()  # any call: its answer tells who is there
    qtbot.waitUntil(lambda: bench.window.session.state.professional == colleague)
    assert bench.window.body.currentWidget() is bench.window.page
    assert page.model.total == 0


def test_nothing_stays_behind_a_note(bench, qtbot, records, offered):
    bench.open(qtbot)
    page = opened(bench, qtbot, fr.PROFESSIONALS, ProfessionalsView)
    bench.window.conductor.write()
    assert bench.window.body.currentWidget() is bench.window.composer
    assert page.model.total == 0
    assert page.patient is None


@pytest.mark.parametrize("words", [fr.RECORDS, fr.PROFESSIONALS])
def test_what_rights_refuse_is_greyed_out_with_its_reason(bench, qtbot, records, offered, words):
    bench.open(qtbot)
    records.why = "Ce n'est possible qu'en accès normal."
    page = opened(bench, qtbot, words, MyRecordsView if words == fr.RECORDS else ProfessionalsView)
    assert page.told.text() == records.why
    assert not page.list.isEnabled()
    assert records.asked == []
    records.why = None
    page = opened(bench, qtbot, words, type(page))
    assert page.list.isEnabled()
    assert page.model.rows


def test_a_dmp_that_refuses_is_told(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    records.error = DmpError("DMPAccessDenied", "Le DMP refuse cette demande.", "Réessayez plus tard.")
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    notices = bench.window.notices
    assert "Le DMP refuse cette demande. Réessayez plus tard." in notices.what.text
    assert (notices.code.text(), page.told.text()) == ("code DMPAccessDenied", fr.UNLISTED)  # said once
    assert notices.button.text() == notices_fr.RETRY
    records.error = None
    notices.button.click()
    qtbot.waitUntil(lambda: bool(page.model.rows))
    assert not notices.isVisible()


def test_what_failed_is_not_told_any_more_once_the_list_came_or_the_page_was_left(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    for put_right in (lambda page: page.order.activated.emit(0), lambda page: page.back.click()):
        records.error = DmpError("DMPAccessDenied", "Le DMP refuse cette demande.")
        page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
        assert bench.window.notices.isVisible()
        records.error = None
        put_right(page)
        qtbot.waitUntil(lambda page=page: not page.model.loading)
        assert not bench.window.notices.isVisible()


def longest_turn(count: int = 40) -> int:
    """Milliseconds of the longest of so many turns of the event loop."""
    clock, worst = QElapsedTimer(), 0
    for _ in range(count):
        clock.restart()
        QApplication.processEvents()
        worst = max(worst, clock.elapsed())
    return worst


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize("width", [420, 1400])
def test_two_thousand_rows_never_hold_the_window(bench, qtbot, records, offered, width):
    """Shown, then narrowed at each key: every turn of the event loop within the limit of the window."""
    bench.sign_in(qtbot)
    bench.window.resize(width, 900)
    records.dossiers = [
        replace(DOSSIERS[0], family=f"TEST-NOM{n}", birth_family=f"TEST-NOM{n}", given=f"Prénom{n % 37}")
        for n in range(2000)
    ]
    records.gate.clear()
    line(bench, fr.RECORDS).trigger()
    page = bench.window.body.currentWidget()
    longest_turn()  # the page itself, the first time that it is shown
    records.gate.set()
    worst = [0]
    qtbot.waitUntil(lambda: not worst.append(longest_turn(1)) and not page.model.loading)
    worst.append(longest_turn())
    assert len(page.model.rows) == 2000
    clock = QElapsedTimer()
    for typed in ("test n", "test no", "test nom1", "test nom199"):
        clock.start()
        page.filter.setText(typed)
        worst += [clock.elapsed(), longest_turn(10)]
    assert {row.card.title[:11] for row in page.model.rows} == {"TEST-NOM199"}
    assert max(worst) < LIMIT_MS


def test_professionals_of_the_open_record(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    assert not line(bench, fr.PROFESSIONALS).isEnabled()
    bench.open(qtbot)
    page = opened(bench, qtbot, fr.PROFESSIONALS, ProfessionalsView)
    told = [(row.card.title, row.cells[1], row.card.mark) for row in page.model.rows]
    assert told == [
        ("DUPONT Camille", "Médecin - Qualifié en Médecine Générale (SM)", "médecin traitant"),
        ("PETIT Anne", "spécialité de code G15_99/ZZ99", ""),
        ("Cabinet des Lilas", "structure de soins", ""),
    ]
    assert page.model.rows[0].card.date == "depuis le 20/11/2026"
    page.which.choose("INTERDITE")
    page.which.activated.emit(1)
    qtbot.waitUntil(lambda: titles(page) == ["LEROY Hugo"])
    assert page.model.rows[0].card.mark == "bloqué par le patient"
    page.which.choose("TOUTE")
    page.which.activated.emit(2)
    qtbot.waitUntil(lambda: len(page.model.rows) == 4)
    bench.window.conductor.close_patient()
    qtbot.waitUntil(lambda: bench.window.body.currentWidget() is bench.window.page)
    assert page.model.total == 0


def test_the_dashboard_and_the_record_open_in_the_browser(bench, qtbot, records, offered, browser):
    bench.sign_in(qtbot)
    assert not line(bench, fr.WEB_PATIENT).isEnabled()
    line(bench, fr.WEB_DASHBOARD).trigger()
    assert browser.opened == [f"{SITE}/AccesDirect/TableauDeBord"]
    bench.open(qtbot)
    line(bench, fr.WEB_PATIENT).trigger()
    assert browser.opened[1:] == [f"{SITE}/AccesDirect/DossierPatient/{fakes.LEA.ins.value}"]
    records.why = "Ce n'est possible qu'en accès normal."
    line(bench, fr.WEB_PATIENT).trigger()
    assert len(browser.opened) == 2
    assert records.why in bench.window.notices.what.text


def test_the_other_pages_and_nothing_of_the_patient_for_one_s_own(bench, qtbot, records, offered, browser):
    bench.open(qtbot)
    page = opened(bench, qtbot, fr.WEB_PAGES, WebDmpView)
    for button in page.buttons.values():
        button.click()
    told = {url.split("/")[4]: url.split("/")[5:] for url in browser.opened}
    assert len(told) == 9
    assert all(told[name] == [fakes.LEA.ins.value] for name in fr.PATIENT_PAGES)
    assert all(told[name] == [] for name in fr.OWN_PAGES)
    page.back.click()
    records.why = "Raison."
    page = opened(bench, qtbot, fr.WEB_PAGES, WebDmpView)
    assert page.why.isVisible()
    assert not any(button.isEnabled() for button in page.buttons.values())


def test_without_an_address_the_web_dmp_is_greyed_out_and_says_so(bench, qtbot, records):
    records.has_site = False
    offer_records(bench.window, bench.window.pages, records)
    assert not line(bench, fr.WEB_OFF).isEnabled()
    assert not any(
        one.text() in (fr.WEB_DASHBOARD, fr.WEB_PATIENT) for one in bench.window.banner.acts.menu().actions()
    )


def test_a_browser_that_does_not_open_is_told(bench, qtbot, records, offered, monkeypatch):
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    bench.sign_in(qtbot)
    line(bench, fr.WEB_DASHBOARD).trigger()
    assert bench.window.notices.code.text() == "code web.navigateur"


def test_every_page_is_named_lettered_once_and_its_rows_are_spoken(bench, qtbot, records, offered):
    bench.open(qtbot)
    for words, kind in ((fr.RECORDS, MyRecordsView), (fr.PROFESSIONALS, ProfessionalsView), (fr.WEB_PAGES, WebDmpView)):
        opened(bench, qtbot, words, kind)
        shown = {widget: name for widget, name in names(bench.window).items() if widget.isVisible()}
        assert [type(widget).__name__ for widget, name in shown.items() if not name] == []
        found = letters(bench.window)
        assert found == sorted(set(found))
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    spoken = QAccessible.queryAccessibleInterface(page.list.cards).child(0).text(QAccessible.Text.Name)
    assert spoken == "TEST-MARTIN Léa, 12/03/1985, 18/11/2026, 11/10/2026, médecin traitant"
    QTest.keyClick(page.filter, Qt.Key.Key_Escape)
    assert bench.window.body.currentWidget() is bench.window.page


def test_what_the_dmp_tells_is_never_read_as_markup_by_a_tool_tip(bench, qtbot, records, offered):
    records.dossiers = [replace(DOSSIERS[0], message="<h1>DÉCÉDÉ</h1>")]
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    index = page.model.index(0, 0)
    assert "<h1>" not in page.model.data(index, Qt.ItemDataRole.ToolTipRole)
    assert "<h1>DÉCÉDÉ</h1>" in page.model.data(index, Qt.ItemDataRole.AccessibleTextRole)


@pytest.mark.parametrize(
    ("family", "given"),
    [
        ("TEST-MARTIN", "Léa Anne-Sophie Marie-Charlotte Églantine"),
        ("TEST-DURAND", "Marie-Charlotte-Églantine Jeanne Louise"),
        ("TEST-DE LA ROCHEFOUCAULD-MONTMORENCY-LAVAL", "Berthe"),
        ("TEST-DE LA ROCHEFOUCAULD-MONTMORENCY-LAVAL (TEST-NÉE)", "Jean-Baptiste Alexandre"),
    ],
)
def test_a_long_name_keeps_its_family_name_and_its_first_given_name(bench, qtbot, records, offered, family, given):
    metrics = bench.window.fontMetrics()
    wide = metrics.horizontalAdvance
    records.dossiers = [replace(DOSSIERS[0], family=family, birth_family=family, given=given)]
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    [row] = page.model.rows
    card, first, beginning = row.card, given.split()[0], family[:11].rstrip()
    room = wide(f"{beginning}… {first}…")
    cut = title_in(metrics, card, room)
    assert cut.startswith(beginning)
    assert first in cut
    assert wide(cut) <= room
    least = title_in(metrics, card, wide(f"{beginning}… Be…"))
    assert least.startswith(beginning), "the given name gives way to the family name"
    assert title_in(metrics, card, wide(card.title)) == card.title
    titles_of = page.list.table.itemDelegateForColumn(0)
    assert titles_of.words(metrics, page.model.index(0, 0), room) == cut


def test_of_two_siblings_with_a_long_name_the_given_names_are_not_cut(bench, qtbot, records, offered):
    metrics = bench.window.fontMetrics()
    family = "TEST-DE LA ROCHEFOUCAULD-MONTMORENCY-LAVAL"
    records.dossiers = [
        replace(DOSSIERS[0], family=family, birth_family=family, given=name) for name in ("Paul", "Paule")
    ]
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    cards = [row.card for row in page.model.rows]
    cuts = [title_in(metrics, card, metrics.horizontalAdvance(card.title) // 2) for card in cards]
    assert [cut.split("… ")[1] for cut in cuts] == ["Paul", "Paule"]


@pytest.mark.parametrize("percent", [100, 130, 150])
def test_large_text_in_the_docked_panel_cuts_no_name(bench, qtbot, records, offered, percent):
    """In the picture itself: two names that differ by their last letter do; beside the date they were « TEST-MART… » at 150 %."""
    before = QApplication.font()
    font = QFont(before)
    font.setPointSizeF(before.pointSizeF() * percent / 100)
    try:
        QApplication.setFont(font)
        theme.apply(QApplication.instance(), theme.LIGHT)
        bench.window.resize(420, 900)
        one = replace(DOSSIERS[0], family="TEST-BERNARD", birth_family="TEST-BERNARD", given="Paul")
        records.dossiers = [one, replace(one, given="Paula"), replace(one, given="Paul")]
        bench.sign_in(qtbot)
        page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
        cards = page.list.cards
        qtbot.waitUntil(
            lambda: page.list.currentWidget() is cards and cards.visualRect(page.model.index(2, 0)).isValid()
        )
        assert cards.font().pointSizeF() == pytest.approx(font.pointSizeF())
        first, other, same = (
            cards.viewport().grab(cards.visualRect(page.model.index(row, 0))).toImage() for row in range(3)
        )
        assert first == same
        assert first != other
        bench.window.resize(1400, 900)
        bench.window.resize(420, 900)
        qtbot.waitUntil(lambda: page.list.currentWidget() is cards)
    finally:
        QApplication.setFont(before)


def test_back_from_a_page_leads_to_the_note_that_was_being_written(bench, qtbot, records, offered):
    bench.open(qtbot)
    bench.window.conductor.write()
    draft = bench.window.composer.draft
    bench.window.composer.editor.setPlainText("Toux.")
    page = opened(bench, qtbot, fr.PROFESSIONALS, ProfessionalsView)
    assert page.back.text() == window_fr.BACK_TO_NOTE
    found = letters(bench.window)
    assert found == sorted(set(found))
    opened(bench, qtbot, fr.RECORDS, MyRecordsView)  # one page after another
    bench.window.body.currentWidget().back.click()
    assert bench.window.body.currentWidget() is bench.window.composer
    assert bench.window.composer.draft is draft
    bench.window.composer.back.click()
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    assert page.back.text() == window_fr.BACK_TO_RECORD
    page.back.click()
    assert bench.window.body.currentWidget() is bench.window.page


def test_but_to_the_record_once_another_one_is_chosen_or_the_screen_was_covered(bench, qtbot, records, offered):
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("Toux.")
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    bench.window.session.lock()
    assert bench.window.composer.draft is None
    page.back.click()
    assert bench.window.body.currentWidget() is bench.window.page


def test_tab_goes_through_the_page_as_the_eye_does(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    bench.window.activateWindow()
    qtbot.waitUntil(page.filter.hasFocus)
    met = []
    for _ in range(4):
        met.append(QApplication.focusWidget())
        QTest.keyClick(met[-1], Qt.Key.Key_Tab)
    assert met == [page.filter, page.period, page.order, page.list.view]


def test_nothing_said_takes_no_room(bench, qtbot, records, offered):
    bench.sign_in(qtbot)
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    assert page.said.isHidden()
    page.said.setText("Fait.")
    assert page.said.isVisible()
    page.clear()
    assert page.said.isHidden()


def test_pages_are_loaded_before_they_are_asked_for(bench, qtbot, records, monkeypatch):
    for name in PAGES:
        monkeypatch.delitem(sys.modules, name)
    offer_records(bench.window, bench.window.pages, records)
    qtbot.waitUntil(lambda: all(name in sys.modules for name in PAGES))


def test_the_keyboard_is_in_a_page_that_opens(bench, qtbot, records, offered):
    bench.open(qtbot)
    bench.window.activateWindow()
    bench.window.acts.write.setFocus()
    page = opened(bench, qtbot, fr.WEB_PAGES, WebDmpView)
    assert page.isAncestorOf(QApplication.focusWidget())
    page = opened(bench, qtbot, fr.RECORDS, MyRecordsView)
    qtbot.waitUntil(page.filter.hasFocus)
