"""A note, its proposals, its patient: for good the one it was opened for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor

from dmp_desktop import notes
from dmp_desktop.domain.documents import DocumentFormat, Visibility
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import DmpError
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.views.compose.drafts import Draft, Drafts
from dmp_desktop.ui.views.compose.editor import _units
from tests.ui import fakes

RENAMED = replace(fakes.LEA, birth_given="Zoé Léa", first_given="Zoé")
NOW_NAMED = forms_fr.PATIENT_RENAMED.format(
    "Premier prénom : Léa, maintenant Zoé. Prénoms de naissance : Léa, maintenant Zoé Léa. "
)
UNREADABLE = ("1 caractère remplacé : relisez le texte.",)
NOTE = "TA 135/80. Pas de fièvre. Gorge rouge : angine."


@pytest.fixture
def composing(bench, qtbot):
    """A note under way for Léa, proposals shown."""
    bench.open(qtbot)
    bench.window.acts.write.click()
    bench.window.activateWindow()
    bench.window.composer.editor.setPlainText(NOTE)
    qtbot.waitUntil(lambda: len(bench.window.composer.proposals.model.proposals) == 3)
    return bench


def other_record(bench, qtbot) -> None:
    bench.session.vitale = (fakes.PAUL,)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)
    bench.window.picker.buttons[0].click()
    qtbot.waitUntil(lambda: bench.window.banner.name.text() == "TEST-BERNARD Paul")


def go_to(bench, words: str) -> None:
    editor = bench.window.composer.editor
    cursor = editor.textCursor()
    cursor.setPosition(NOTE.index(words) + 1)
    editor.setTextCursor(cursor)


def test_proposals_wait_for_a_pause_and_come_from_elsewhere(composing, qtbot):
    assert composing.compose.proposed == [NOTE]
    assert composing.window.composer.proposals.headline.text() == "Propositions cochées : 1 sur 3"


def test_words_are_underlined(composing):
    selections = composing.window.composer.editor.extraSelections()
    marked = {one.cursor.selectedText(): one.format.underlineStyle() for one in selections}
    style = QTextCharFormat.UnderlineStyle
    assert marked == {"TA 135/80": style.SingleUnderline, "Pas de fièvre": style.DotLine, "angine": style.DotLine}


def test_tab_accepts_under_the_caret_else_moves_on(composing, qtbot):
    composer = composing.window.composer
    composer.editor.setFocus()
    go_to(composing, "angine")
    assert composer.hint.text() == "Tab : cocher « Problème : Angine aiguë »"
    qtbot.keyClick(composer.editor, Qt.Key.Key_Tab)
    assert [one.accepted for one in composer.draft.proposals] == [True, False, True]
    assert composer.editor.hasFocus()
    qtbot.keyClick(composer.editor, Qt.Key.Key_Tab)
    assert not composer.editor.hasFocus()
    assert "\t" not in composer.editor.toPlainText()


def test_space_ticks_in_the_list(composing, qtbot):
    composer = composing.window.composer
    composer.proposals.list.setFocus()
    composer.proposals.list.setCurrentIndex(composer.proposals.model.index(1))
    qtbot.keyClick(composer.proposals.list, Qt.Key.Key_Space)
    assert composer.draft.proposals[1].accepted
    qtbot.keyClick(composer.proposals.list, Qt.Key.Key_Space)
    assert not composer.draft.proposals[1].accepted


def test_ticks_survive_what_is_typed_around(composing, qtbot):
    composer = composing.window.composer
    composer.proposals.model.tick(0, False)
    composer.proposals.model.tick(2, True)
    composer.editor.setPlainText("Vu ce jour. " + NOTE)
    qtbot.waitUntil(lambda: len(composing.compose.proposed) == 2 and composer.draft.proposals[0].start == 12)
    assert [one.accepted for one in composer.draft.proposals] == [False, False, True]


@pytest.fixture
def reading(bench, qtbot):
    """A note under way for Léa, read by the real rules. `write(words)` returns once its proposals are shown."""
    bench.compose.recognise = notes.propose
    bench.open(qtbot)
    bench.window.acts.write.click()

    def write(words: str) -> None:
        bench.window.composer.editor.setPlainText(words)
        qtbot.waitUntil(lambda: bench.compose.proposed[-1:] == [words] and not bench.window.tasks.general.busy)

    bench.write = write
    return bench


@pytest.mark.parametrize(("before", "after"), [("HTA ?", "HTA"), ("ATCD : HTA", "HTA"), ("HTA", "HTA : non")])
def test_a_tick_is_lost_with_the_meaning_it_approved_of(reading, before, after):
    reading.write(before)
    model = reading.window.composer.proposals.model
    model.tick(0, True)
    reading.write(after)
    assert [one.accepted for one in model.proposals] == [False]
    reading.write(before)
    assert [one.accepted for one in model.proposals] == [True]


def test_stale_proposals_are_dropped(composing, qtbot):
    composing.compose.gate.clear()
    composer = composing.window.composer
    composer.editor.setPlainText("TA 135/80")
    qtbot.waitUntil(lambda: composing.window.tasks.general.busy)
    composer.editor.setPlainText("Rien")
    composing.compose.gate.set()
    qtbot.waitUntil(lambda: composing.compose.proposed[-1] == "Rien" and not composing.window.tasks.general.busy)
    assert composer.proposals.model.proposals == ()


def test_control_enter_sends_what_was_ticked(composing, qtbot):
    composer = composing.window.composer
    composer.editor.setFocus()
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(composing.outbox.held))
    (order,) = composing.compose.orders
    assert (order.patient, order.text) == (fakes.LEA, NOTE)
    assert [one.label for one in order.proposals if one.accepted] == ["Pression artérielle"]
    qtbot.waitUntil(composing.window.notices.isVisible)
    assert composing.window.notices.what.text == fr.QUEUED
    assert composing.window.drafts.of(fakes.DOCTOR) == []
    assert composer.editor.toPlainText() == ""


def test_a_proposal_never_seen_is_never_accepted(composing, qtbot):
    """Text typed in the last instant: its proposals are made when sending, and none is taken."""
    composer = composing.window.composer
    composer.editor.setPlainText("Température 37,8. " + NOTE)
    composer.send()
    qtbot.waitUntil(lambda: bool(composing.compose.orders))
    taken = {one.label: one.accepted for one in composing.compose.orders[0].proposals}
    assert taken == {"Pression artérielle": True, "Température": False, "Fièvre": False, "Angine aiguë": False}


@pytest.mark.parametrize(
    ("before", "after"), [("HTA", "HTA : non"), ("Temp 38", "Temp 38,9"), ("TA 14/8", "TA 14/85"), ("HTA", "Rien")]
)
def test_what_was_accepted_and_is_no_longer_said_stops_the_sending(reading, qtbot, before, after):
    """The words of the old span may still be there: only the text that was read tells what they mean."""
    reading.write(before)
    window = reading.window
    window.composer.proposals.model.tick(0, True)
    window.composer.editor.setPlainText(after)
    window.conductor.send()
    qtbot.waitUntil(lambda: not window.tasks.general.busy)
    assert (reading.compose.orders, reading.outbox.held) == ([], [])
    assert window.notices.what.text == fr.PROPOSALS_CHANGED
    assert not window.composer.editor.isReadOnly()
    shown = [(one.value, one.status) for one in window.composer.proposals.model.proposals]
    assert shown == [(one.value, one.status) for one in notes.propose(after)]
    assert [one.text for one in window.composer.draft.proposals] == [one.text for one in notes.propose(after)]
    window.conductor.send()
    qtbot.waitUntil(lambda: bool(reading.outbox.held))
    assert [one.accepted for one in reading.compose.orders[0].proposals] == [
        one.accepted for one in notes.propose(after)
    ]


def test_a_preview_of_what_is_no_longer_said_shows_the_proposals(reading, qtbot):
    reading.write("HTA")
    composer = reading.window.composer
    composer.proposals.model.tick(0, True)
    composer.editor.setPlainText("HTA : non")
    composer.preview_button.click()
    qtbot.waitUntil(reading.window.notices.isVisible)
    assert reading.window.notices.what.text == fr.PROPOSALS_CHANGED
    assert composer.stack.currentWidget() is composer.splitter
    assert reading.compose.orders == []


def test_what_is_typed_elsewhere_at_the_last_moment_stops_nothing(reading, qtbot):
    reading.write("HTA")
    reading.window.composer.proposals.model.tick(0, True)
    reading.window.composer.editor.setPlainText("Vu ce jour. HTA")
    reading.window.conductor.send()
    qtbot.waitUntil(lambda: bool(reading.outbox.held))
    assert [(one.start, one.accepted) for one in reading.compose.orders[0].proposals] == [(12, True)]


def test_tab_never_ticks_for_an_older_text(reading, qtbot):
    reading.write("HTA")
    editor = reading.window.composer.editor
    editor.setPlainText("HTA : non")
    assert not editor.acceptable


def test_sending_twice_sends_once(composing, qtbot):
    composing.outbox.gate.clear()
    composing.window.conductor.send()
    composing.window.conductor.send()
    assert not composing.window.acts.send.isEnabled()
    assert composing.window.composer.editor.isReadOnly()
    composing.outbox.gate.set()
    qtbot.waitUntil(lambda: composing.window.composer.draft is None)
    assert len(composing.outbox.held) == 1


def test_nothing_of_a_note_on_its_way_can_be_changed(composing, qtbot):
    composing.outbox.gate.clear()
    window = composing.window
    composer = window.composer
    window.conductor.send()
    held_back = (composer.discard, composer.options, composer.proposals)
    assert not any(part.isEnabled() for part in held_back)
    composing.outbox.gate.set()
    qtbot.waitUntil(lambda: composer.draft is None)
    assert not any(part.isEnabled() for part in held_back)


def test_a_note_that_did_not_leave_can_be_changed_again(composing, qtbot):
    composer = composing.window.composer
    composing.compose.error = DmpError("cda-x", "Il manque le lieu de naissance.")
    composing.window.conductor.send()
    assert not composer.discard.isEnabled()
    qtbot.waitUntil(composing.window.notices.isVisible)
    assert all(part.isEnabled() for part in (composer.discard, composer.options, composer.proposals))


def test_what_leaves_is_the_note_of_the_click(composing, qtbot):
    composing.compose.gate.clear()
    composer = composing.window.composer
    composer.editor.setPlainText("Vu ce jour. " + NOTE)
    composing.window.conductor.send()
    draft = composer.draft
    draft.text, draft.format = "Autre texte", DocumentFormat.PDF
    draft.propose("Autre texte", ())
    composing.compose.gate.set()
    qtbot.waitUntil(lambda: bool(composing.outbox.held))
    (order,) = composing.compose.orders
    assert order.text == "Vu ce jour. " + NOTE
    assert [one.accepted for one in order.proposals] == [True, False, False]
    assert composing.outbox.held[0].kind is draft.kind


def test_a_note_that_leaves_does_not_take_the_next_one_off_the_screen(composing, qtbot):
    composing.outbox.gate.clear()
    other_record(composing, qtbot)
    composing.window.conductor.send()
    composing.window.acts.write.click()
    composing.window.composer.editor.setPlainText("Suite")
    composing.outbox.gate.set()
    qtbot.waitUntil(lambda: composing.window.notices.what.text == fr.QUEUED_OF.format(fakes.LEA.display_name))
    assert composing.window.body.currentWidget() is composing.window.composer
    assert composing.window.composer.draft.patient is fakes.PAUL


def test_a_draft_keeps_its_patient_when_another_record_opens(composing, qtbot):
    other_record(composing, qtbot)
    window = composing.window
    assert window.composer.draft.patient is fakes.LEA
    assert window.composer.editor.toPlainText() == NOTE
    assert window.acts.target.text().startswith("ATTENTION : cette note est pour TEST-MARTIN Léa, née le 12/03/1985")
    assert window.acts.target.property("role") == "danger"
    assert window.acts.send.property("danger") is True
    window.acts.send.click()
    qtbot.waitUntil(lambda: bool(composing.outbox.held))
    assert composing.outbox.held[0].patient is fakes.LEA
    assert composing.compose.orders[0].patient is fakes.LEA


def test_a_drafts_patient_cannot_be_changed():
    draft = Draft(fakes.LEA, fakes.DOCTOR, fakes.NOW)
    with pytest.raises(AttributeError):
        draft.patient = fakes.PAUL  # type: ignore[misc]


def test_a_draft_takes_other_traits_of_the_same_ins_only():
    draft = Draft(fakes.LEA, fakes.DOCTOR, fakes.NOW)
    draft.identify(RENAMED)
    assert draft.patient is RENAMED
    with pytest.raises(ValueError, match="never changes"):
        draft.identify(fakes.PAUL)


def test_a_patient_known_otherwise_by_now_is_read_before_the_note_leaves(composing, qtbot):
    window = composing.window
    composing.compose.traits[fakes.LEA.ins.value] = RENAMED
    window.conductor.send()
    qtbot.waitUntil(lambda: window.notices.what.text == NOW_NAMED)
    assert (composing.compose.orders, composing.outbox.held) == ([], [])
    assert "TEST-MARTIN Zoé" in window.composer.whose.text()
    assert "TEST-MARTIN Zoé" in window.acts.target.text()
    assert not window.composer.editor.isReadOnly()
    window.acts.send.click()
    qtbot.waitUntil(lambda: bool(composing.outbox.held))
    assert composing.compose.orders[-1].patient is composing.outbox.held[0].patient is RENAMED


def test_nor_is_it_previewed_by_its_former_traits(composing, qtbot):
    composing.compose.traits[fakes.LEA.ins.value] = RENAMED
    composing.window.composer.preview_button.click()
    qtbot.waitUntil(lambda: composing.window.notices.what.text == NOW_NAMED)
    assert composing.compose.orders == []
    assert not composing.window.composer.preview_button.isChecked()
    assert composing.window.composer.draft.patient is RENAMED


def test_writing_for_the_open_record_keeps_the_other_note(composing, qtbot):
    other_record(composing, qtbot)
    window = composing.window
    window.acts.write.click()
    assert window.composer.draft.patient is fakes.PAUL
    assert window.composer.editor.toPlainText() == ""
    window.composer.back.click()
    window.page.go(5)
    assert [card.whose.text() for card in window.page.outbox.draft_cards] == ["TEST-MARTIN Léa, née le 12/03/1985"]
    window.page.outbox.draft_cards[0].button.click()
    assert window.composer.editor.toPlainText() == NOTE


def test_drafts_are_seen_only_by_their_author(qapp):
    from dataclasses import replace

    drafts = Drafts(fakes.FixedClock())
    drafts.open_for(fakes.LEA, fakes.DOCTOR).text = "x"
    assert drafts.of(replace(fakes.DOCTOR, rpps="10000000001")) == []
    assert len(drafts.of(fakes.DOCTOR)) == 1
    assert drafts.of(None) == []
    one = replace(fakes.DOCTOR, rpps="", other_id="9/1")
    drafts.open_for(fakes.LEA, one).text = "y"
    assert [draft.text for draft in drafts.of(one)] == ["y"]
    nobody = replace(one, other_id="")
    drafts.open_for(fakes.LEA, nobody).text = "z"
    assert drafts.of(replace(one, other_id="9/2")) == drafts.of(nobody) == []


def test_a_note_is_signed_by_its_author_and_dated_when_it_was_begun(composing, qtbot):
    window = composing.window
    assert window.composer.whose.text() == "Compte rendu de consultation pour TEST-MARTIN Léa, née le 12/03/1985"
    composing.clock.moment += timedelta(days=1)
    window.composer.back.click()
    window.acts.write.click()
    window.composer.editor.insertPlainText("Suite. ")
    assert window.composer.whose.text().endswith("née le 12/03/1985\nConsultation du 20/11/2026")
    window.conductor.send()
    qtbot.waitUntil(lambda: bool(composing.outbox.held))
    assert [(order.author, order.started_at) for order in composing.compose.orders] == [(fakes.DOCTOR, fakes.NOW)]


def test_a_note_opened_and_never_written_begins_when_it_is_opened_again(bench, qtbot):
    bench.open(qtbot)
    bench.window.acts.write.click()
    bench.clock.moment += timedelta(days=1)
    bench.window.acts.write.click()
    assert bench.window.composer.draft.started_at == bench.clock.moment
    assert "\n" not in bench.window.composer.whose.text()


def test_name_and_birth_date_stand_beside_sending(composing):
    assert composing.window.acts.target.text() == "Pour TEST-MARTIN Léa, née le 12/03/1985"
    composing.window.page.go(2)
    assert not composing.window.acts.target.isVisible()
    assert not composing.window.acts.send.isEnabled()


def test_an_empty_note_is_not_sent(composing):
    composing.window.composer.editor.setPlainText("  \n ")
    assert not composing.window.acts.send.isEnabled()
    composing.window.conductor.send()
    assert composing.compose.orders == []


def test_what_cannot_be_built_leaves_the_note(composing, qtbot):
    composing.compose.error = DmpError("cda-x", "Il manque le lieu de naissance.", "Complétez l'identité.")
    composing.window.conductor.send()
    qtbot.waitUntil(composing.window.notices.isVisible)
    assert composing.window.notices.safe.text() == fr.BUILD_SAFE
    assert composing.window.composer.draft.text == NOTE
    assert not composing.window.composer.editor.isReadOnly()
    assert composing.outbox.held == []


def doubted(bench, qtbot) -> None:
    bench.compose.warnings = UNREADABLE
    bench.window.conductor.send()
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert bench.outbox.held == []


def test_what_the_document_says_otherwise_is_read_before_it_leaves(composing, qtbot):
    doubted(composing, qtbot)
    notices = composing.window.notices
    assert notices.what.text == "À vérifier : " + "\n".join(UNREADABLE)
    assert (notices.safe.text(), notices.button.text()) == (fr.BUILD_SAFE, fr.SEND_ANYWAY)
    assert not composing.window.composer.editor.isReadOnly()
    notices.button.click()
    qtbot.waitUntil(lambda: bool(composing.outbox.held))


def test_the_second_click_on_send_sends_too(composing, qtbot):
    doubted(composing, qtbot)
    composing.window.acts.send.click()
    qtbot.waitUntil(lambda: bool(composing.outbox.held))


def test_another_text_or_other_warnings_are_read_again(composing, qtbot):
    doubted(composing, qtbot)
    composing.window.composer.editor.insertPlainText("Suite. ")
    assert not composing.window.notices.isVisible()
    doubted(composing, qtbot)
    composing.compose.warnings = (*UNREADABLE, "« Ramipril » reste dans le texte sans être codé.")
    composing.window.conductor.send()
    qtbot.waitUntil(lambda: not composing.window.tasks.general.busy)
    assert composing.outbox.held == []


def test_warnings_are_not_left_on_screen_without_their_note(composing, qtbot):
    doubted(composing, qtbot)
    composing.window.composer.back.click()
    assert not composing.window.notices.isVisible()


def test_warnings_on_a_note_that_made_place_are_not_shown_beside_another(composing, qtbot):
    composing.compose.warnings = UNREADABLE
    other_record(composing, qtbot)
    composing.window.conductor.send()
    composing.window.acts.write.click()
    qtbot.waitUntil(composing.window.notices.isVisible)
    assert composing.window.composer.draft.patient is fakes.PAUL
    assert composing.window.notices.what.text == fr.NOTE_HELD
    assert (composing.outbox.held, len(composing.window.drafts.of(fakes.DOCTOR))) == ([], 2)


def test_warnings_stand_above_the_preview(composing, qtbot):
    composing.compose.warnings = UNREADABLE
    composer = composing.window.composer
    composer.preview_button.click()
    qtbot.waitUntil(lambda: composer.preview.ready is not None)
    assert composer.preview.heading.notices.text() == "\n".join(UNREADABLE)


def test_many_warnings_are_counted():
    assert fr.checks(tuple("abcdefg")) == "À vérifier : a\nb\nc\nd\ne\n… et 2 de plus."


def test_options_belong_to_the_draft(composing, qtbot):
    options = composing.window.composer.options
    options.format.setCurrentIndex(1)
    options.format.activated.emit(1)
    options.visibility.setCurrentIndex(2)
    options.visibility.activated.emit(2)
    draft = composing.window.composer.draft
    assert (draft.format, draft.visibility) == (DocumentFormat.PDF, Visibility.INVISIBLE_PATIENT)


def test_preview_shows_what_the_reader_will_see(composing, qtbot):
    composer = composing.window.composer
    composer.preview_button.click()
    qtbot.waitUntil(lambda: composer.preview.ready is not None)
    assert "Gorge rouge" in composer.preview.browser.toPlainText()
    assert composing.outbox.held == []
    composer.preview_button.click()
    assert composer.stack.currentWidget() is composer.splitter


def test_undo_brings_the_note_back(composing, qtbot):
    composing.window.conductor.send()
    notices = composing.window.notices
    qtbot.waitUntil(lambda: notices.button.text() == fr.UNDO)
    notices.button.click()
    qtbot.waitUntil(lambda: composing.outbox.held[0].state is OutboxState.CANCELLED)
    qtbot.waitUntil(lambda: [draft.text for draft in composing.window.drafts.of(fakes.DOCTOR)] == [NOTE])
    assert notices.what.text == fr.NOTE_BACK


def test_the_end_of_a_sending_is_told_once(composing, qtbot):
    composing.window.conductor.send()
    qtbot.waitUntil(composing.window.notices.isVisible)
    composing.outbox.move(1, state=OutboxState.SENDING, waiting_for=WaitingFor.NOTHING)
    qtbot.waitUntil(lambda: not composing.window.notices.isVisible())
    composing.outbox.move(1, state=OutboxState.SENT, proof="urn:uuid:1")
    qtbot.waitUntil(composing.window.notices.isVisible)
    assert composing.window.notices.what.text == fr.SENT_NOTICE


def test_discarding_can_be_taken_back(composing, qtbot):
    composing.window.composer.discard.click()
    assert composing.window.drafts.of(fakes.DOCTOR) == []
    composing.window.notices.button.click()
    assert [draft.text for draft in composing.window.drafts.of(fakes.DOCTOR)] == [NOTE]


@pytest.mark.parametrize("text", ["TA 135/80", "🙂 TA 135/80", "é\N{COMBINING ACUTE ACCENT}🙂🙂 x"])
def test_offsets_hold_behind_an_emoji(qtbot, bench, text):
    editor = bench.window.composer.editor
    editor.setPlainText(text)
    cursor = QTextCursor(editor.document())
    for position in range(len(text) + 1):
        cursor.setPosition(_units(text, position))
        editor.setTextCursor(cursor)
        assert editor.position == position
