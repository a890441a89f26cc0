"""What was sent is its author's from the click on, and what became of it is told to them, not to who came after."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.domain.people import Facility, Role
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_window_fr as window_fr
from tests.ui import fakes

OTHER = replace(fakes.DOCTOR, rpps="10003333333", family="MARTIN", given="Sacha")
ELSEWHERE = Facility("410002422979002", "Clinique TEST des Tilleuls", "SA01")
REFUSAL = ContextError("motif", "Le traitement n'a pas de date.", "Ajoutez-la.", field="items")
NOBODY = None


@pytest.fixture
def sent(bench, qtbot):
    """A note of the doctor's that was sent, and is still being read."""
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("TEST toux")
    bench.compose.gate.clear()
    bench.window.conductor.send()
    assert bench.window.composer.busy
    return bench


def leave(bench, qtbot) -> None:
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.session.state.phase is Phase.MASKED)


def come(bench, qtbot, who=fakes.DOCTOR, role=Role.DOCTOR) -> None:
    bench.session.who, bench.session.role = who, role
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: bench.window.session.state.professional == who)


def answered(bench, qtbot) -> None:
    bench.compose.gate.set()
    qtbot.waitUntil(lambda: not bench.window.composer.busy)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)


def followed(bench, qtbot, item_id: int, state: OutboxState) -> None:
    qtbot.waitUntil(lambda: any(one.id == item_id and one.state is state for one in bench.window.outbox.all))


AFTER = pytest.mark.parametrize(("who", "role"), [(NOBODY, None), (OTHER, Role.DOCTOR), (OTHER, Role.SECRETARY)])


def replaced_by(bench, qtbot, who, role) -> None:
    leave(bench, qtbot)
    if who:
        come(bench, qtbot, who, role)


@AFTER
def test_a_note_leaves_for_its_author_from_where_they_were_at_the_click(sent, qtbot, who, role):
    replaced_by(sent, qtbot, who, role)
    answered(sent, qtbot)
    (order,) = sent.compose.orders
    assert (order.author, order.patient, sent.compose.places) == (fakes.DOCTOR, fakes.LEA, [fakes.CABINET])
    (by,) = sent.outbox.clicked
    assert (by.professional, by.role) == (fakes.DOCTOR, Role.DOCTOR)
    assert [item.author_id for item in sent.outbox.held] == [fakes.DOCTOR.national_id]
    assert sent.window.notices.notice is None
    assert sent.window.drafts.unsent == 0


def test_another_place_chosen_after_the_click_is_for_the_next_note(sent, qtbot):
    window = sent.window
    sent.session._state = replace(sent.session._state, facility=ELSEWHERE)
    window.session.close_patient()
    qtbot.waitUntil(lambda: window.session.state.facility == ELSEWHERE)
    answered(sent, qtbot)
    assert sent.compose.places == [fakes.CABINET]
    sent.open(qtbot)
    window.conductor.write()
    window.composer.editor.setPlainText("TEST rhume")
    window.conductor.send()
    qtbot.waitUntil(lambda: sent.compose.places == [fakes.CABINET, ELSEWHERE])


@AFTER
def test_a_refusal_waits_for_the_author(sent, qtbot, who, role):
    sent.compose.error = REFUSAL
    replaced_by(sent, qtbot, who, role)
    answered(sent, qtbot)
    window = sent.window
    assert window.notices.notice is None
    assert window.page.outbox.draft_cards == []
    if who:
        leave(sent, qtbot)
    come(sent, qtbot)
    assert window.notices.what.text == "Le traitement n'a pas de date. Ajoutez-la."
    assert window.notices.safe.text() == fr.BUILD_SAFE
    (card,) = window.page.outbox.draft_cards
    assert card.cause.text() == "Le traitement n'a pas de date. Ajoutez-la."
    window.notices.button.click()
    assert (window.composer.draft.patient, window.composer.draft.text) == (fakes.LEA, "TEST toux")


def test_a_refusal_is_told_once_and_forgotten_with_the_next_sending(sent, qtbot):
    sent.compose.error = REFUSAL
    leave(sent, qtbot)
    answered(sent, qtbot)
    come(sent, qtbot)
    window = sent.window
    window.notices.close_notice.click()
    leave(sent, qtbot)
    come(sent, qtbot)
    assert window.notices.notice is None
    sent.compose.error = None
    window.page.outbox.draft_cards[0].button.click()
    window.conductor.send()
    qtbot.waitUntil(lambda: len(sent.outbox.held) == 1)


def test_a_draft_of_a_colleague_is_told_to_nobody_else_on_the_way(sent, qtbot):
    sent.compose.error = REFUSAL
    leave(sent, qtbot)
    answered(sent, qtbot)
    come(sent, qtbot, OTHER)
    assert sent.window.notices.notice is None
    leave(sent, qtbot)
    come(sent, qtbot)
    assert sent.window.notices.notice.text.startswith("Le traitement")


def test_several_notes_that_did_not_leave_are_counted(sent, qtbot):
    window = sent.window
    sent.compose.error = REFUSAL
    sent.compose.gate.set()
    qtbot.waitUntil(lambda: not window.composer.busy)
    sent.open(qtbot, fakes.PAUL)
    qtbot.waitUntil(window.picker.isVisible)
    window.picker.buttons[0].click()
    qtbot.waitUntil(lambda: window.session.state.patient == fakes.PAUL)
    window.conductor.write()
    window.composer.editor.setPlainText("TEST rhume")
    sent.compose.gate.clear()
    window.conductor.send()
    window.composer.show_draft(window.drafts.of(fakes.DOCTOR)[0])
    window.conductor.send()
    leave(sent, qtbot)
    answered(sent, qtbot)
    come(sent, qtbot)
    assert window.notices.what.text == forms_fr.NOTES_HELD.format(2)


@AFTER
def test_a_question_on_a_note_waits_for_the_author(sent, qtbot, who, role):
    """Who may see it is asked of nobody else; the note does not leave without the answer."""
    sent.compose.topics = {"toux": "sujet TEST"}
    replaced_by(sent, qtbot, who, role)
    answered(sent, qtbot)
    window = sent.window
    assert window.notices.notice is None
    assert not window.composer.sensitive.isVisible()
    if who:
        leave(sent, qtbot)
    come(sent, qtbot)
    assert window.notices.what.text == forms_fr.HELD_SENSITIVE
    window.notices.button.click()
    window.conductor.send()
    qtbot.waitUntil(window.composer.sensitive.isVisible)
    window.composer.sensitive.chosen.emit(Visibility.MASQUE_PS)
    qtbot.waitUntil(lambda: len(sent.outbox.held) == 1)


@AFTER
@pytest.mark.parametrize("state", [OutboxState.REFUSED, OutboxState.SENT])
def test_how_a_sending_ended_waits_for_the_author(sent, qtbot, who, role, state):
    answered(sent, qtbot)
    replaced_by(sent, qtbot, who, role)
    window = sent.window
    refusal = {"message": "Le DMP a refusé.", "code": "x"} if state is OutboxState.REFUSED else {}
    sent.outbox.move(1, state=state, waiting_for=WaitingFor.NOTHING, **refusal)
    followed(sent, qtbot, 1, state)
    assert window.notices.notice is None
    if who:
        leave(sent, qtbot)
    come(sent, qtbot)
    told = "Le DMP a refusé." if refusal else fr.SENT_NOTICE
    qtbot.waitUntil(lambda: window.notices.notice is not None)
    assert window.notices.what.text == told


@pytest.mark.parametrize(
    "first",
    [
        {"waiting_for": WaitingFor.NETWORK},
        {"waiting_for": WaitingFor.NOTHING, "state": OutboxState.SENDING},
    ],
)
def test_what_was_sent_before_takes_no_undoing_away(sent, qtbot, first):
    """While the line is down, each note that is sent may still be withdrawn."""
    answered(sent, qtbot)
    window = sent.window
    sent.outbox.move(1, **first)
    qtbot.waitUntil(lambda: any(one.waiting_for is first["waiting_for"] for one in window.outbox.all))
    window.conductor.write()
    window.composer.editor.setPlainText("TEST rhume")
    window.conductor.send()
    qtbot.waitUntil(lambda: len(window.outbox.all) == 2 and not window.tasks.general.busy)
    assert window.notices.button.text() == fr.UNDO
    assert window.notices.isVisible()
    window.notices.button.click()
    followed(sent, qtbot, 2, OutboxState.CANCELLED)
    assert [one.state for one in window.outbox.all if one.id == 1] == [first.get("state", OutboxState.WAITING)]


@pytest.mark.parametrize("end", [OutboxState.SENT, OutboxState.REFUSED])
def test_the_end_of_another_leaves_the_undoing_at_hand(sent, qtbot, end):
    """Notes sent one after the other: each leaves while the next may still be withdrawn."""
    answered(sent, qtbot)
    window = sent.window
    window.conductor.write()
    window.composer.editor.setPlainText("TEST rhume")
    window.conductor.send()
    qtbot.waitUntil(lambda: len(window.outbox.all) == 2 and not window.tasks.general.busy)
    refusal = {"message": "Le DMP a refusé.", "code": "x"} if end is OutboxState.REFUSED else {}
    sent.outbox.move(1, state=end, waiting_for=WaitingFor.NOTHING, **refusal)
    followed(sent, qtbot, 1, end)
    if refusal:
        assert window.notices.what.text == "Le DMP a refusé."
        window.notices.close_notice.click()
        qtbot.waitUntil(window.notices.button.isEnabled)
    assert window.notices.button.text() == fr.UNDO
    window.notices.button.click()
    followed(sent, qtbot, 2, OutboxState.CANCELLED)


def test_a_refusal_nobody_read_is_not_covered_by_what_went_well(sent, qtbot):
    answered(sent, qtbot)
    window = sent.window
    for words in ("TEST rhume", "TEST angine"):
        window.conductor.write()
        window.composer.editor.setPlainText(words)
        window.conductor.send()
        qtbot.waitUntil(lambda: window.composer.draft is None and not window.tasks.general.busy)
    qtbot.waitUntil(lambda: len(window.outbox.all) == 3)
    sent.outbox.move(1, state=OutboxState.REFUSED, waiting_for=WaitingFor.NOTHING, message="Refus 1.", code="x")
    sent.outbox.move(2, state=OutboxState.REFUSED, waiting_for=WaitingFor.NOTHING, message="Refus 2.", code="x")
    followed(sent, qtbot, 2, OutboxState.REFUSED)
    sent.outbox.move(3, state=OutboxState.SENT, waiting_for=WaitingFor.NOTHING)
    followed(sent, qtbot, 3, OutboxState.SENT)
    sent.outbox.retry(1)  # in "À envoyer": what was said of it is over
    followed(sent, qtbot, 1, OutboxState.WAITING)
    read = []
    while window.notices.notice is not None:
        read.append(window.notices.what.text)
        qtbot.waitUntil(window.notices.close_notice.isEnabled)
        window.notices.close_notice.click()
    assert read == ["Refus 2."]


def test_a_refusal_about_another_patient_than_the_one_on_screen_says_so(sent, qtbot):
    """ "Ce DMP est fermé." was read as that of the open record."""
    answered(sent, qtbot)
    window = sent.window
    window.conductor.close_patient()
    qtbot.waitUntil(lambda: window.session.state.patient is None)
    sent.open(qtbot, fakes.PAUL)
    sent.outbox.move(
        1, state=OutboxState.REFUSED, waiting_for=WaitingFor.NOTHING, message="Ce DMP est fermé.", code="x"
    )
    qtbot.waitUntil(lambda: "Ce DMP est fermé." in window.notices.what.text)
    assert window.notices.what.text.startswith(fr.OF_ANOTHER)


def test_a_note_that_comes_back_beside_another_patient_says_so(sent, qtbot):
    answered(sent, qtbot)
    window = sent.window
    undo = window.notices.notice
    window.conductor.close_patient()
    qtbot.waitUntil(lambda: window.session.state.patient is None)
    sent.open(qtbot, fakes.PAUL)
    undo.act()
    qtbot.waitUntil(lambda: fr.NOTE_OF_ANOTHER in window.notices.what.text)
    assert window.notices.what.text.startswith(fr.NOTE_BACK)
    assert not any(word in window.notices.what.text for word in (fakes.LEA.birth_family, fakes.PAUL.birth_family))
    window.notices.button.click()
    assert [card.whose.text() for card in window.page.outbox.draft_cards if fakes.LEA.birth_family in card.whose.text()]


def test_a_note_that_came_back_is_taken_up_from_its_notice(sent, qtbot):
    answered(sent, qtbot)
    window = sent.window
    window.notices.button.click()
    qtbot.waitUntil(lambda: window.notices.what.text == fr.NOTE_BACK)
    assert window.body.currentWidget() is not window.composer
    assert window.notices.button.text() == fr.RESUME
    window.notices.button.click()
    assert window.body.currentWidget() is window.composer
    assert window.composer.editor.toPlainText() == "TEST toux"


def test_a_note_that_came_back_is_not_taken_up_beside_another_patient_who_came_since(sent, qtbot):
    answered(sent, qtbot)
    window = sent.window
    window.notices.button.click()
    qtbot.waitUntil(lambda: window.notices.what.text == fr.NOTE_BACK)
    resume = window.notices.notice.act
    window.conductor.close_patient()
    qtbot.waitUntil(lambda: window.session.state.patient is None)
    sent.open(qtbot, fakes.PAUL)
    resume()
    assert window.composer.draft is None
    assert [card.whose.text() for card in window.page.outbox.draft_cards if fakes.LEA.birth_family in card.whose.text()]


def test_the_delay_to_withdraw_counts_down_without_moving_or_being_announced(sent, qtbot):
    window = sent.window
    announced: list[str] = []
    window.announcer.said.connect(announced.append)
    answered(sent, qtbot)
    left = window.notices.left
    qtbot.waitUntil(left.isVisible)
    first, name, height = left.text(), left.accessibleName(), window.notices.height()
    assert first in {window_fr.LEAVES_IN.format(seconds) for seconds in (29, 30)}
    qtbot.waitUntil(lambda: left.text() != first)
    assert int("".join(filter(str.isdigit, left.text()))) < int("".join(filter(str.isdigit, first)))
    assert (left.accessibleName(), window.notices.height(), announced) == (name, height, [fr.QUEUED])
    window.notices.close_notice.click()
    assert not left.isVisible()


def test_the_notice_names_the_patient_where_another_or_none_is_on_screen(sent, qtbot):
    answered(sent, qtbot)
    window = sent.window
    assert window.notices.what.text == fr.QUEUED
    window.conductor.close_patient()
    named = fr.QUEUED_OF.format(fakes.LEA.display_name)
    qtbot.waitUntil(lambda: window.notices.what.text == named)
    sent.open(qtbot, fakes.PAUL)
    assert window.notices.what.text == named
    assert fakes.LEA.birth_family not in window.windowTitle() + repr(window.notices.notice)
    window.notices.button.click()
    followed(sent, qtbot, 1, OutboxState.CANCELLED)
    leave(sent, qtbot)
    assert fakes.LEA.birth_family not in window.notices.what.text


def test_the_name_goes_with_who_may_read_it(sent, qtbot):
    answered(sent, qtbot)
    sent.window.conductor.close_patient()
    qtbot.waitUntil(lambda: fakes.LEA.birth_family in sent.window.notices.what.text)
    leave(sent, qtbot)
    come(sent, qtbot, OTHER, Role.SECRETARY)
    assert (sent.window.notices.notice, sent.window.notices.what.text) == (None, "")


def test_what_was_deposited_is_listed_once_the_doctor_asks(sent, qtbot):
    """The DMP is asked nothing by itself after a deposit."""
    answered(sent, qtbot)
    window, asked = sent.window, list(sent.dossier.calls)
    sent.outbox.move(1, state=OutboxState.SENT, waiting_for=WaitingFor.NOTHING)
    qtbot.waitUntil(lambda: window.notices.what.text == fr.SENT_NOTICE)
    assert sent.dossier.calls == asked
    assert window.notices.button.text() == fr.REFRESH_RECORD
    window.notices.button.click()
    qtbot.waitUntil(lambda: "entries" in sent.dossier.calls[len(asked) :])


def test_read_again_by_its_key_the_deposit_has_nothing_left_to_offer(sent, qtbot):
    answered(sent, qtbot)
    window = sent.window
    sent.outbox.move(1, state=OutboxState.SENT, waiting_for=WaitingFor.NOTHING)
    qtbot.waitUntil(lambda: window.notices.what.text == fr.SENT_NOTICE)
    window.record.refresh()
    assert window.notices.notice is None


def test_undoing_is_told_to_who_asked_for_it(sent, qtbot):
    answered(sent, qtbot)
    held, cancel = threading.Event(), sent.outbox.cancel

    def slowly(item_id: int) -> None:
        held.wait(120)
        cancel(item_id)

    sent.outbox.cancel = slowly
    sent.window.notices.button.click()
    replaced_by(sent, qtbot, OTHER, Role.DOCTOR)
    held.set()
    qtbot.waitUntil(lambda: not sent.window.tasks.general.busy)
    assert sent.window.notices.notice is None
    leave(sent, qtbot)
    come(sent, qtbot)
    assert sent.window.notices.what.text == fr.NOTE_BACK


def test_an_undoing_that_failed_is_not_told_to_who_came_after(sent, qtbot):
    answered(sent, qtbot)
    held = threading.Event()

    def refused(_item_id: int) -> None:
        held.wait(120)
        raise DmpError("outbox-left", "Ce document est déjà parti.")

    sent.outbox.cancel = refused
    sent.window.notices.button.click()
    replaced_by(sent, qtbot, OTHER, Role.DOCTOR)
    held.set()
    qtbot.waitUntil(lambda: not sent.window.tasks.general.busy)
    assert sent.window.notices.notice is None


def test_a_draft_is_put_away_when_somebody_else_comes_without_a_masked_moment(bench, qtbot):
    bench.open(qtbot)
    window = bench.window
    window.conductor.write()
    window.composer.editor.setPlainText("TEST toux")
    bench.session._state = replace(bench.session._state, professional=OTHER)
    window.session.close_patient()
    qtbot.waitUntil(lambda: window.session.state.professional == OTHER)
    assert window.composer.draft is None
    assert window.body.currentWidget() is window.page
    assert [draft.text for draft in window.drafts.of(fakes.DOCTOR)] == ["TEST toux"]


def test_a_document_that_could_not_be_opened_is_not_told_on_the_masked_screen(bench, qtbot):
    bench.open(qtbot)
    leave(bench, qtbot)
    bench.window.page.documents.failed.emit(DmpError("x", "Ce document est illisible."), None)
    assert bench.window.notices.notice is None


def test_nobody_sends_the_note_of_somebody_else(bench, qtbot):
    """Whatever let a colleague click: nothing is built in a name that is not theirs."""
    bench.open(qtbot)
    window = bench.window
    window.conductor.write()
    window.composer.editor.setPlainText("TEST toux")
    window.composer.by = replace(window.composer.by, professional=OTHER)
    window.conductor.send()
    qtbot.waitUntil(lambda: not window.composer.busy)
    assert window.notices.notice.code == "AuteurChange"
    assert (bench.compose.orders, bench.outbox.held) == ([], [])


def test_a_note_that_cannot_leave_yet_says_why_at_once(sent, qtbot):
    why = "Le patient s'est opposé à l'alimentation de son DMP."
    barred = {
        "waiting_for": WaitingFor.OPPOSITION,
        "next_attempt_at": None,
        "message": why,
        "remedy": "Notez son accord.",
    }
    sent.outbox.barred = barred
    answered(sent, qtbot)
    followed(sent, qtbot, 1, OutboxState.WAITING)
    notice = sent.window.notices.notice
    assert notice is not None
    assert (notice.tone, why in notice.text, "Notez son accord." in notice.text) == ("warning", True, True)


@pytest.mark.parametrize("in_doubt", [False, True])
def test_the_note_of_a_refused_document_is_taken_back_to_be_corrected(sent, qtbot, in_doubt):
    answered(sent, qtbot)
    window = sent.window
    qtbot.waitUntil(lambda: not window.drafts.all)
    refused = {"state": OutboxState.REFUSED, "waiting_for": WaitingFor.NOTHING, "code": "DMPInvalidData"}
    sent.outbox.move(1, **refused, in_doubt=in_doubt, message="Refusé.", remedy="Corrigez la note.")
    window.page.go(5)
    qtbot.waitUntil(lambda: 1 in window.page.outbox.cards)
    card = window.page.outbox.cards[1]
    qtbot.waitUntil(lambda: card.state.text == "Refusé")
    assert (card.again.isVisible(), card.button.isVisible()) == (True, not in_doubt)
    if in_doubt:
        return  # it may be in the DMP
    assert card.button.text() == "Reprendre"
    card.button.click()
    qtbot.waitUntil(lambda: window.composer.draft is not None)
    assert (window.composer.draft.text, window.composer.draft.patient) == ("TEST toux", fakes.LEA)
    assert sent.outbox.held[0].state is OutboxState.CANCELLED


def test_one_sent_by_nobody_here_has_no_note_to_take_back(sent, qtbot):
    answered(sent, qtbot)
    sent.window.conductor._news._watched.clear()  # as after a sending from a shell
    refused = {"state": OutboxState.REFUSED, "waiting_for": WaitingFor.NOTHING, "code": "DMPInvalidData"}
    sent.outbox.move(1, **refused, message="Refusé.")
    sent.window.page.go(5)
    qtbot.waitUntil(lambda: 1 in sent.window.page.outbox.cards)
    card = sent.window.page.outbox.cards[1]
    qtbot.waitUntil(lambda: card.state.text == "Refusé")
    assert not card.button.isVisible()
