"""What stays when somebody leaves: the clipboard, questions, menus, habits; and what has to stay."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind
from dmp_desktop.errors import ContextError
from dmp_desktop.services.habits import Habits
from dmp_desktop.services.session_state import Phase, SessionState
from dmp_desktop.ui import clipboard
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.secret_prompt import SecretPrompt
from dmp_desktop.ui.tasks import TaskRunner
from tests.ui import fakes
from tests.ui.test_sign_in import OTHER, card_out

COPIED = "- potassium : 5,9 mmol/L (TEST)"


def pasted() -> str:
    return QGuiApplication.clipboard().text()


def lock(bench, _qtbot) -> None:
    bench.window.gate.lock()


def another_signs_in(bench, qtbot) -> None:
    card_out(bench, qtbot)
    bench.session.who = OTHER
    bench.sign_in(qtbot)


def close(bench, _qtbot) -> None:
    assert bench.window.close()


# The clipboard


@pytest.mark.parametrize("leave", [lock, card_out, another_signs_in, close], ids=lambda act: act.__name__)
def test_what_was_copied_from_a_record_goes_with_the_session(bench, qtbot, leave):
    bench.open(qtbot)
    clipboard.put(COPIED)
    assert pasted() == COPIED
    leave(bench, qtbot)
    assert pasted() == ""


@pytest.mark.parametrize("leave", [lock, card_out, another_signs_in, close], ids=lambda act: act.__name__)
def test_what_another_program_copied_stays(bench, qtbot, leave):
    bench.open(qtbot)
    clipboard.put(COPIED)
    QGuiApplication.clipboard().setText("rendez-vous du 12")
    leave(bench, qtbot)
    assert pasted() == "rendez-vous du 12"


def test_another_record_of_the_same_doctor_leaves_what_is_to_be_pasted(bench, qtbot):
    bench.open(qtbot)
    clipboard.put(COPIED)
    bench.window.conductor.close_patient()
    qtbot.waitUntil(lambda: bench.window.session.state.patient is None)
    assert pasted() == COPIED
    clipboard.forget()


def test_the_views_copy_for_no_history(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(1)
    view = bench.window.page.synthesis
    qtbot.waitUntil(lambda: bool(view.model.rows))
    view.copy_all()
    data = QGuiApplication.clipboard().mimeData()
    assert data.text()
    kept = 'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"'
    assert data.hasFormat(kept)
    assert bytes(data.data("x-kde-passwordManagerHint")) == b"secret"
    lock(bench, qtbot)
    assert pasted() == ""


# Questions


def dialogs() -> list[QDialog]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]


@pytest.fixture
def prompt(bench) -> Iterator[SecretPrompt]:
    prompt = SecretPrompt(bench.window)
    yield prompt
    prompt.close()


def test_a_password_asked_for_a_card_goes_with_it(bench, qtbot, prompt):
    """Nobody is signed in yet: what is shown does not change, and the card's worker waits for the answer."""
    refused: list[str] = []
    follow = bench.session.handle

    def handle(event: CardEvent) -> SessionState:
        if event.type is CardEventType.CARD_INSERTED:
            try:
                prompt("Mot de passe du certificat", "Remettez votre carte.")
            except ContextError as error:
                refused.append(error.code)
        return follow(event)

    bench.session.handle = handle
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: bool(dialogs()))
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: not bench.window.tasks.card.busy)
    assert refused == ["SaisieAnnulee"]
    assert dialogs() == []


def test_a_question_of_no_session_outlives_a_card(bench, qtbot, prompt):
    """A carte Vitale, or a reader plugged in, while nobody is signed in."""

    def ask() -> None:
        with suppress(ContextError):
            prompt("Mot de passe", "")

    thread = threading.Thread(target=ask)
    thread.start()
    qtbot.waitUntil(lambda: bool(dialogs()))
    bench.session._set(notice="Carte Vitale présente.", readers=("Lecteur A", "Lecteur B", "Lecteur C"))
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: bench.window.masked.notice.text() == "Carte Vitale présente.")
    assert len(dialogs()) == 1
    prompt.close()
    thread.join(60)


def menu_over(bench, qtbot) -> QMenu:
    menu = QMenu(bench.window)
    menu.addAction("Exporter ce document")
    menu.popup(bench.window.mapToGlobal(QPoint(5, 5)))
    qtbot.waitUntil(menu.isVisible)
    return menu


def test_a_menu_of_a_record_goes_with_it(bench, qtbot):
    bench.open(qtbot)
    menu = menu_over(bench, qtbot)
    bench.session._set(patient=fakes.PAUL)  # the patient's phone answered
    bench.window.card_event(CardEvent(CardEventType.READER_ADDED, "Lecteur C"))
    qtbot.waitUntil(lambda: bench.window.session.state.patient == fakes.PAUL)
    assert not menu.isVisible()


def test_a_menu_of_the_same_record_stays(bench, qtbot):
    bench.open(qtbot)
    menu = menu_over(bench, qtbot)
    bench.session._set(readers=("Lecteur A", "Lecteur B", "Lecteur C"))
    bench.window.card_event(CardEvent(CardEventType.READER_ADDED, "Lecteur C"))
    qtbot.waitUntil(lambda: len(bench.window.session.state.readers) == 3)
    assert menu.isVisible()
    menu.close()


# A session that failed


def failing(bench) -> Callable[[CardEvent], SessionState]:
    def handle(_event: CardEvent) -> SessionState:
        bench.session._mask(Phase.MASKED)  # as a session that lets somebody leave, first of all
        raise RuntimeError("driver")

    return handle


def test_the_window_shows_what_a_session_that_failed_is(bench, qtbot):
    bench.open(qtbot)
    bench.session.handle = failing(bench)
    bench.window.card_event(CardEvent(CardEventType.CARD_INSERTED, "Lecteur C", b"\x3b", CardKind.UNKNOWN))
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.masked)
    assert bench.window.notices.what.text.startswith(window_fr.UNEXPECTED)


def test_a_failure_of_before_unmasks_nothing(bench, qtbot):
    """The card left after the call was made: the session, which has not heard of it, still has somebody."""
    bench.open(qtbot)
    follow, going_on = bench.session.handle, threading.Event()

    def handle(event: CardEvent) -> SessionState:
        if event.reader == "Lecteur C":
            raise RuntimeError("driver")
        going_on.wait(120)
        return follow(event)

    bench.session.handle = handle
    bench.window.card_event(CardEvent(CardEventType.CARD_INSERTED, "Lecteur C", b"\x3b", CardKind.UNKNOWN))
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.notices.what.text.startswith(window_fr.UNEXPECTED))
    assert bench.session.state().professional == fakes.DOCTOR
    assert bench.window.stack.currentWidget() is bench.window.masked
    going_on.set()


# Habits


class KeptHabits:
    """Of A and of B; writing waits for `gate`."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.who: str | None = "A"
        self.kept = {"A": Habits(), "B": Habits(pins=("de-B",))}
        self.log: list[tuple[str | None, tuple[str, ...]]] = []

    def owner(self) -> str | None:
        return self.who

    def load(self, owner: str | None) -> Habits:
        return self.kept[owner or ""]

    def save(self, owner: str | None, habits: Habits) -> None:
        self.gate.wait(120)
        self.log.append((owner, habits.pins))
        self.kept[owner or ""] = habits


@pytest.mark.parametrize("chosen", [False, True], ids=["reads", "chooses"])
def test_what_one_chose_is_kept_for_nobody_else(qtbot, chosen):
    port, pool = KeptHabits(), TaskRunner(4)
    keeper = HabitsKeeper(port, pool)
    keeper.load()
    qtbot.waitUntil(lambda: not pool.busy)
    keeper.change(pins=("1",))
    keeper.change(pins=("1", "2"))  # waits for the first
    port.who = "B"
    keeper.load()
    assert keeper.current == Habits()
    qtbot.waitUntil(lambda: keeper.current.pins == ("de-B",))
    if chosen:
        keeper.change(pins=("de-B", "3"))
    port.gate.set()
    qtbot.waitUntil(lambda: not pool.busy)
    assert port.log[0] == ("A", ("1",))
    assert port.kept["A"].pins == ("1", "2")
    assert port.kept["B"].pins == (("de-B", "3") if chosen else ("de-B",))
    assert pool.close()


def test_what_another_workstation_changed_is_read_again_once_what_is_chosen_here_is_written(qtbot):
    port, pool = KeptHabits(), TaskRunner(4)
    keeper = HabitsKeeper(port, pool)
    keeper.again()
    assert not pool.busy, "nobody's are read"
    keeper.load()
    qtbot.waitUntil(lambda: not pool.busy)
    port.kept["A"] = Habits(pins=("elsewhere",))
    keeper.again()
    qtbot.waitUntil(lambda: keeper.current.pins == ("elsewhere",))
    keeper.change(folded=("11450-4",))
    keeper.again()
    port.gate.set()
    qtbot.waitUntil(lambda: not pool.busy)
    assert port.kept["A"] == keeper.current == Habits(pins=("elsewhere",), folded=("11450-4",))
    port.who = "B"
    keeper.again()
    assert keeper.current.pins == ("elsewhere",), "somebody else's are read with their first record"
    assert pool.close()
