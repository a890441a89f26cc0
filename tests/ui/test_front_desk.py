"""The front desk's page over the real list: one key an act, the cursor kept, an agenda dropped or pasted, nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.consent import DECISIONS, Channel, Consent, Decision, Subject, TracedAct
from dmp_desktop.domain.front_desk import Told
from dmp_desktop.domain.identity import Identity
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.front_desk.room import WaitingRoomView
from dmp_desktop.ui.views.front_desk.rows import room_rows_of
from dmp_desktop.ui.views.front_desk.view import FrontDeskView
from dmp_desktop.ui.widgets.front_desk import FrontDesk
from tests.helpers.arrivals import DOCTOR, MARIE, SECRETARY, counter
from tests.unit.services.test_front_desk import INS, SEEN, TRAITS, Desk, qualified

AGENDA = "Heure;Nom;Prénom;Motif\n9:00;TEST-A;Léa;x\n9:20;TEST-B;Noé;x\n9:40;TEST-C;Lou;x\n99:00;TEST-D;Zoé;x\n"


class Page:
    def __init__(self, desk: Desk, qtbot) -> None:
        self.desk, self.pool, self.qtbot = desk, TaskRunner(2), qtbot
        self.view = FrontDeskView(desk.service, self.pool)
        qtbot.addWidget(self.view)
        self.view.resize(420, 900)
        self.view.show()
        self.view.show_for(None)
        self.settle()

    def settle(self) -> None:
        """Acts, then the list that is read again after them."""
        self.qtbot.waitUntil(lambda: not self.pool.busy)

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.view.list.view, key)
        self.settle()

    @property
    def stages(self) -> list[Stage]:
        return [row.of.arrival.stage for row in self.view.list.model.rows]

    @property
    def chosen(self) -> str:
        return self.view.list.line.arrival.expected.family


@pytest.fixture
def page(tmp_path: Path, qtbot) -> Iterator[Page]:
    with counter(tmp_path) as here:
        page = Page(Desk(here), qtbot)
        yield page
        page.pool.close()


@pytest.fixture
def full(page: Page) -> Page:
    page.view.take(AGENDA.encode())
    page.settle()
    page.view.list.lead()
    return page


def test_an_empty_list_says_what_to_do(page: Page) -> None:
    assert page.view.empty_words.isVisible()
    assert "aucun patient" in page.view.count.text()
    assert not page.view.list.isVisible()


def test_an_agenda_is_told_line_by_line_and_its_reasons_are_nowhere(full: Page) -> None:
    said = full.view.said.text()
    assert "3 ajoutés" in said
    assert "Ligne 5 non reprise" in said
    assert "Motif" in said
    assert "3 patients" in full.view.count.text()


def test_one_key_an_act_and_the_cursor_stays(full: Page) -> None:
    full.press(Qt.Key.Key_Down)
    assert full.chosen == "TEST-B"
    full.press(Qt.Key.Key_A)
    assert (full.stages[1], full.chosen) == (Stage.ARRIVED, "TEST-B")
    full.press(Qt.Key.Key_P)
    assert full.stages[1] is Stage.HANDED
    assert full.view.said.text() == fr.HANDED
    full.press(Qt.Key.Key_P)
    assert full.stages[1] is Stage.ARRIVED
    full.press(Qt.Key.Key_Delete)
    assert full.stages == [Stage.EXPECTED, Stage.ABSENT, Stage.EXPECTED]
    full.press(Qt.Key.Key_Delete)
    assert full.stages[1] is Stage.EXPECTED
    assert full.chosen == "TEST-B"


def test_the_cursor_stays_with_its_person_when_others_come_before(full: Page) -> None:
    full.press(Qt.Key.Key_Down)
    full.view.take(b"Heure;Nom\n8:00;TEST-TOT\n")
    full.settle()
    assert full.view.list.model.rows[0].cells[0].startswith("TEST-TOT")
    assert full.chosen == "TEST-B"


def test_c_confirms_the_only_one_it_may_be_and_enter_never_does(page: Page) -> None:
    page.desk.counter.practice.store.put(Identity(TRAITS, SEEN, INS))
    page.desk.service.add(MARIE)
    page.view.look_again()
    page.settle()
    page.view.list.lead()
    led: list[object] = []
    page.view.identity_asked.connect(led.append)
    page.press(Qt.Key.Key_Return)
    assert page.view.list.line.identity is None
    assert led == []  # who they are is asked here, by a key of its own
    assert page.view.detail.candidates.isVisible()
    page.press(Qt.Key.Key_C)
    assert page.view.list.line.identity is not None
    page.press(Qt.Key.Key_Return)  # what is left first: the DMP
    assert len(page.desk.asked) == 1
    assert page.view.list.line.arrival.dmp.exists


def test_what_is_typed_is_added_or_told(page: Page) -> None:
    view, form = page.view, page.view.form_panel
    view.add.click()
    form.family.setText("TEST-NOUVEAU")
    form.born.setText("31/02/1980")
    form.add.click()
    assert form.wrong.text() == fr.WRONG_BIRTH
    form.born.setText("")
    form.time.setText("25h")
    form.add.click()
    assert form.wrong.text() == fr.WRONG_TIME
    form.time.setText("9h30")
    form.add.click()
    page.settle()
    assert page.view.list.model.rows[0].cells[:3] == ("TEST-NOUVEAU", fr.NO_BIRTH, "09:30")
    assert form.family.text() == ""
    form.family.setText("TEST-NOUVEAU")
    form.time.setText("9:30")
    form.add.click()
    page.settle()
    assert "déjà dans la liste" in view.trouble.text()
    assert form.family.text() == "TEST-NOUVEAU"  # nothing typed is lost


def test_a_file_is_dropped_and_text_is_pasted(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "agenda.csv"
    file.write_text(AGENDA)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    actions, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    page.view.dropEvent(QDropEvent(QPointF(5, 5), actions, data, Qt.MouseButton.LeftButton, none))
    page.settle()
    assert len(page.stages) == 3
    QApplication.clipboard().setText("Nom\nTEST-COLLE\n")
    page.qtbot.keyClick(page.view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    page.settle()
    assert len(page.stages) == 4
    QApplication.clipboard().clear()
    file.unlink()
    page.view.dropEvent(QDropEvent(QPointF(5, 5), actions, data, Qt.MouseButton.LeftButton, none))
    page.settle()
    assert fr.UNREADABLE_FILE in page.view.trouble.text()
    page.view.take(b"rien;de;tel\n")
    page.settle()
    assert "agenda" in page.view.trouble.text()


def test_nothing_of_anybody_stays_in_a_page_that_was_left(full: Page) -> None:
    full.press(Qt.Key.Key_Down)
    full.view.form_panel.family.setText("TEST-DEMI")
    full.view.clear()
    words = [one.text() for one in full.view.findChildren(QLabel)]
    assert not any("TEST" in one for one in words)
    assert full.view.list.model.rows == []
    assert full.view.form_panel.family.text() == ""


def test_a_failure_is_told_beside_the_list(full: Page) -> None:
    full.desk.counter.who = None
    full.press(Qt.Key.Key_A)
    assert "Personne n'est connecté" in full.view.trouble.text()
    assert full.stages[0] is Stage.EXPECTED
    full.desk.counter.who = SECRETARY


def test_the_waiting_room_opens_by_one_click_or_enter(full: Page, qtbot) -> None:
    full.press(Qt.Key.Key_A)
    room = WaitingRoomView(full.desk.service, full.pool, lambda: DOCTOR.professional)
    qtbot.addWidget(room)
    room.resize(420, 900)
    room.show()
    room.show_for(None)
    full.settle()
    assert "1 en salle d'attente" in room.count.text()
    opened: list[str] = []
    room.chosen.connect(lambda line: opened.append(line.arrival.expected.family))
    where = room.list.cards.visualRect(room.list.model.index(1, 0)).center()
    qtbot.mouseClick(room.list.cards.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.keyClick(room.list.cards, Qt.Key.Key_Return)
    assert opened == ["TEST-B", "TEST-B"]
    assert room.list.model.rows[0].card.mark == fr.READINESS[False]
    assert fr.READINESS[False] in room.list.model.rows[0].cells[3]  # the wide table says it too


def test_two_homonyms_are_told_apart_in_the_table_and_in_the_cards(page: Page) -> None:
    page.view.take("Nom;Prénom;Date de naissance\nTEST-A;Léa;01/02/1980\nTEST-A;Léa;03/04/1990\n".encode())
    page.settle()
    rows = page.view.list.model.rows
    assert [row.cells[1] for row in rows] == ["01/02/1980", "03/04/1990"]
    assert all(row.card.detail.startswith(row.cells[1]) and fr.HOMONYM in row.card.detail for row in rows)


def test_of_several_works_at_the_desk_one_is_in_front(qtbot) -> None:
    desk = FrontDesk()
    qtbot.addWidget(desk)
    first, second = QLabel("a"), QLabel("b")
    desk.show()
    desk.give(second, "B")
    assert second.isVisible()
    assert not desk.tabs.isVisible()
    desk.give(first, "A", first=True)
    assert desk.tabs.isVisible()
    assert second.isVisible()
    desk.front(first)
    assert (first.isVisible(), second.isVisible()) == (True, False)
    desk.take_back(first)
    assert second.isVisible()
    assert not desk.tabs.isVisible()


@pytest.mark.parametrize("day_last", [False, True])
@pytest.mark.parametrize("inside", [False, True])
def test_tab_goes_through_what_stands_above_before_the_work(qtbot, *, day_last: bool, inside: bool) -> None:
    """However early the page was made, and whichever came first."""
    desk = FrontDesk()
    qtbot.addWidget(desk)
    works = {name: QPushButton(name, desk if inside else None) for name in ("jour", "personnes")}
    desk.show()
    for name in reversed(works) if day_last else works:
        desk.give(works[name], name.upper(), first=name == "jour")
    desk.offer("Numérisations", lambda: None).show()
    for name, work in works.items():
        desk.front(work)
        met, now = [], desk.nextInFocusChain()
        while now is not desk:
            if now.isVisible() and now.focusPolicy() & Qt.FocusPolicy.TabFocus:
                met.append(now.text())
            now = now.nextInFocusChain()
        assert met == ["Numérisations", "JOUR", "PERSONNES", name]


def of_homonyms() -> str:
    """Two people of one name among thirty."""
    lines = ["Heure;Nom;Prénom;Date de naissance"]
    lines += [f"{8 + n // 6:02}:{n % 6}0;TEST-P{n};Léa;01/01/1980" for n in range(30)]
    return "\n".join([*lines, "12:50;TEST-A;Léa;01/02/1980", "12:55;TEST-A;Léa;03/04/1990"])


def test_who_is_chosen_is_in_sight_and_told_with_what_tells_them_apart(page: Page) -> None:
    page.view.take(of_homonyms().encode())
    page.settle()
    last = page.view.list.model.rows[-1].of
    page.view.list.choose(last.arrival.arrival_id)
    page.view.look_again()
    page.settle()
    view, detail = page.view.list.view, page.view.detail
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()).center())
    assert detail.name.text() == "TEST-A Léa · né(e) le 03/04/1990 · 12:55"
    assert detail.homonym.isVisible()
    page.view.list.choose(page.view.list.model.rows[0].of.arrival.arrival_id)
    assert not detail.homonym.isVisible()


def test_who_is_late_and_since_when_somebody_waits(full: Page) -> None:
    clock = full.desk.counter.clock
    clock.advance(
        (datetime.combine(clock.now().astimezone().date(), time(9, 11)).astimezone() - clock.now()).total_seconds()
    )
    full.view.look_again()
    full.settle()
    rows = full.view.list.model.rows
    assert [fr.LATE in row.cells[3] for row in rows] == [True, False, False]
    full.press(Qt.Key.Key_A)
    rows = full.view.list.model.rows
    assert (rows[0].card.mark, fr.LATE in rows[0].cells[3]) == (fr.ARRIVED_AT.format("09:11"), False)


SAID = datetime(2026, 11, 12, 9, tzinfo=UTC)


def decided(subject: Subject, opposed: bool, channel: str) -> Decision:
    return Decision(opposed, TracedAct(DECISIONS[subject, opposed], SAID, "", "", channel))


def test_each_opposition_is_told_with_its_day_and_its_way_to_both(page: Page, qtbot) -> None:
    qualified(page.desk)
    consultation = decided(Subject.CONSULTATION, True, Channel.PHONE)
    page.desk.said = Consent(consultation, decided(Subject.FEEDING, False, Channel.COUNTER))
    page.view.look_again()
    page.settle()
    page.view.list.lead()
    told = " ".join(check.text for check in page.view.detail.checks if check.isVisible())
    by_phone = "s'oppose à la consultation (noté le 12/11/2026, par téléphone)"
    assert by_phone[1:] in told
    assert "envois acceptés (noté le 12/11/2026, au comptoir)" in told
    (row,) = room_rows_of(page.desk.service.day())
    assert by_phone in row.cells[4]
    assert "acceptés" not in row.cells[4]


def test_an_opposition_is_told_though_the_other_opinion_is_not_noted(page: Page) -> None:
    qualified(page.desk)
    page.desk.said = Consent(feeding=decided(Subject.FEEDING, True, "autrefois"))
    page.view.look_again()
    page.settle()
    page.view.list.lead()
    told = " ".join(check.text for check in page.view.detail.checks if check.isVisible())
    assert f"{fr.TOLD[Told.NOT_NOTED]} ; s'oppose aux envois (noté le 12/11/2026)" in told


def test_the_list_has_all_the_width_there_is_and_words_do_not(qtbot) -> None:
    desk = FrontDesk()
    qtbot.addWidget(desk)
    desk.resize(1400, 900)
    desk.show()
    listing, words = QLabel("a"), QLabel("b")
    desk.give(listing, "A", table=True)
    desk.give(words, "B")
    qtbot.waitUntil(lambda: listing.width() > 900)
    desk.front(words)
    qtbot.waitUntil(lambda: words.width() < 700)


def test_who_is_chosen_stays_in_sight_when_many_come_before_them(full: Page) -> None:
    full.press(Qt.Key.Key_Down)
    earlier = "\n".join(f"07:{minute};TEST-TOT{minute};Léa" for minute in range(10, 50))
    full.view.take(f"Heure;Nom;Prénom\n{earlier}".encode())
    full.settle()
    view = full.view.list.view
    assert full.chosen == "TEST-B"
    assert view.currentIndex().row() == 41
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()).center())


def test_who_scrolled_away_from_the_cursor_is_not_brought_back_to_it(full: Page) -> None:
    full.view.take(of_homonyms().encode())
    full.settle()
    bar = full.view.list.view.verticalScrollBar()
    bar.setValue(bar.maximum())
    full.view.look_again()
    full.settle()
    assert bar.value() == bar.maximum() > 0
