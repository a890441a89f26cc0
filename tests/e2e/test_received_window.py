"""What the practice software hands over, in the real window: it proposes; a note is a draft only of who it is of."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.drafts import FoundDrafts
from dmp_desktop.domain.ins import nir_key
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.panel_file import PanelFile
from dmp_desktop.services import context_desk, context_inbox
from dmp_desktop.services.act_words import result_words
from dmp_desktop.services.context_desk import ContextDesk
from dmp_desktop.services.presented import NOT_QUALIFIED
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import context_flow
from dmp_desktop.ui import strings_received_fr as fr
from dmp_desktop.ui.context_flow import ContextFlow
from dmp_desktop.ui.panel.panel import Panel
from dmp_desktop.ui.pasting import NOTICE
from tests.helpers.calls import Told, form, post
from tests.helpers.real_window import RealWindow, real_window
from tests.helpers.received import inbox, receive, told

NOTE = "Toux depuis trois jours. Auscultation claire."
READ_AGAIN = f"{NOTE} Pas de fièvre."
"""What its author made of it since."""


@pytest.fixture(scope="module")
def real(qapp, tmp_path_factory) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path_factory.mktemp("received")) as real:
        real.sign_in()
        yield real


@pytest.fixture(autouse=True)
def apart(request) -> Iterator[None]:
    """Each begins with nothing received, nothing open and no note."""
    yield
    if "real" in request.fixturenames:
        real = request.getfixturevalue("real")
        for one in inbox(real).waiting():
            inbox(real).drop(one.id)
        if real.window.session.state.vitale_present:
            real.stage.remove(1)
        real.window.conductor.close_patient()
        for draft in real.window.drafts.all:
            real.window.drafts.remove(draft)
        real.until(lambda: real.window.session.state.phase is Phase.READY and real.window.contexts.shown is None)
        real.until(lambda: not real.window.tasks.drafts.busy and not real.window.tasks.general.busy)


def flow(real: RealWindow) -> ContextFlow:
    assert real.window.contexts is not None
    return real.window.contexts


def acts(real: RealWindow) -> list[tuple[str, str]]:
    """What the journal holds of it, in the order it was done: act and result. Each is of the patient, by the doctor."""
    wiring = real.desktop._wiring
    wiring.acts.flush()
    of_it = {Act.CONTEXT_OPENED, Act.CONTEXT_IGNORED, Act.RECEIVED_NOTE_TAKEN, Act.RECEIVED_NOTE_IGNORED}
    found = [one for one in wiring.acts_kept.records() if one.action in of_it]
    assert {len(one.patient) for one in found} <= {32}, "a pseudonym"
    assert all(one.actor for one in found)
    return [(one.action, one.result) for one in found]


def press(real: RealWindow, button: str) -> None:
    """As the doctor does, once the answers may be given."""
    bar = flow(real).bar
    part = {"take": bar.take, "ignore": bar.ignore}[button]
    real.until(lambda: part.isVisible() and part.isEnabled())
    part.click()


def test_a_context_proposes_takes_no_focus_and_opens_at_one_click(real: RealWindow) -> None:
    focus, title = real.window.focusWidget(), real.window.windowTitle()
    receive(real, told(real, "ordinary"))
    bar, patient = flow(real).bar, inbox(real).waiting()[0].context.patient
    assert real.window.session.state.phase is Phase.READY, "nothing is opened by itself"
    assert patient.display_name in bar.title.text
    assert not bar.table.isVisible()
    assert (bar.take.text(), bar.why.isVisible(), bar.warnings.isVisible()) == (fr.OPEN, False, False)
    assert real.window.focusWidget() is focus
    assert real.window.windowTitle() == title
    press(real, "take")
    real.until(lambda: real.window.session.state.patient is not None and not bar.isVisible())
    assert real.window.session.state.patient.ins.value == patient.ins.value
    real.until(lambda: inbox(real).waiting() == ())
    assert acts(real)[-1] == (Act.CONTEXT_OPENED, "done")


def test_a_context_shows_the_window_that_was_minimised(real: RealWindow, tmp_path: Path) -> None:
    """Without the keyboard: tests/ui/test_panel_desk.py."""
    panel = real.window.panel = Panel(real.window, PanelFile(tmp_path / "fenetre.json"))
    try:
        panel._complete()
        real.window.showMinimized()
        real.until(real.window.isMinimized)
        receive(real, told(real, "ordinary"))
        real.until(lambda: flow(real).shown is not None)
        assert not real.window.isMinimized()
    finally:
        real.window.panel = None


def test_a_patient_beside_the_open_one_never_takes_their_place(real: RealWindow) -> None:
    """Side by side, and a choice asked for even then: a note under way stays its patient's."""
    real.open("ordinary")
    real.window.conductor.write()
    QTest.keyClicks(real.window.composer.editor, "Note du premier patient.")
    draft, first = real.window.composer.draft, real.window.session.state.patient
    receive(real, told(real, "chronic"))
    bar = flow(real).bar
    assert context_desk.OTHER_OPEN in bar.warnings.text()
    assert bar.table.isVisible()
    assert {one.trait for one in flow(real).shown.differences} >= {"Matricule INS", "Nom de naissance"}
    press(real, "take")
    real.until(lambda: real.window.session.state.phase is Phase.CHOOSING)
    assert real.window.session.state.patient == first
    assert draft.patient == first
    real.window.session.choose(None)
    real.until(lambda: real.window.session.state.phase is Phase.OPEN)
    assert real.window.session.state.patient == first


@pytest.mark.parametrize("status", ["qualifiee", "provisoire"])
def test_other_traits_under_the_same_number_open_nothing(real: RealWindow, status: str) -> None:
    receive(real, told(real, "ordinary", birth_family="TEST-AUTRE", identity_status=status))
    shown = flow(real).shown
    assert [one.trait for one in shown.differences] == ["Nom de naissance"]
    bar = flow(real).bar
    assert bar.why.text() == context_desk.DISCORDANT
    assert not bar.take.isVisible()
    real.open("ordinary")
    real.until(lambda: flow(real).shown and flow(real).shown.against == context_desk.OPEN_HERE)
    assert not bar.take.isVisible()


def test_somebody_nobody_qualified_is_told_so(real: RealWindow) -> None:
    ins = {
        "ins": "2790351215190" + nir_key("2790351215190"),
        "identity_status": "recuperee",
        "birth_family": "TEST-INCONNUE",
    }
    traits = {"birth_given": "MARIE", "first_given": "MARIE", "birth_date": "1979-03-12", "sex": "F"}
    receive(real, told(real, "ordinary", **ins, **traits))
    bar = flow(real).bar
    assert bar.why.text() == NOT_QUALIFIED
    assert not bar.take.isVisible()
    press(real, "ignore")
    real.until(lambda: inbox(real).waiting() == () and not bar.isVisible())
    real.until(lambda: acts(real)[-1:] == [(Act.CONTEXT_IGNORED, "done")])


def test_a_note_is_a_draft_of_its_patient_and_then_received_no_more(real: RealWindow) -> None:
    receive(real, told(real, "ordinary"), NOTE)
    (item,) = inbox(real).waiting()
    assert real.window.drafts.all == ()
    assert flow(real).bar.take.text() == fr.OPEN_AND_TAKE
    press(real, "take")
    real.until(lambda: real.window.composer.draft is not None and real.window.composer.draft.text == NOTE)
    draft = real.window.composer.draft
    assert draft.patient.ins.value == item.context.patient.ins.value
    assert draft.started_at == item.context.encounter.start
    real.until(lambda: inbox(real).waiting() == ())
    assert real.window.keeper.safe(draft), "it was received until it was on the disk"
    assert [one.text for one, _revision in real.desktop._wiring.drafts.mine().drafts] == [NOTE]
    real.until(lambda: acts(real)[-2:] == [(Act.CONTEXT_OPENED, "done"), (Act.RECEIVED_NOTE_TAKEN, "done")])


def test_a_note_for_the_open_record_waits_for_a_click_beside_the_one_under_way(real: RealWindow) -> None:
    real.open("ordinary")
    real.window.conductor.write()
    QTest.keyClicks(real.window.composer.editor, "Ma propre note.")
    own = real.window.composer.draft
    receive(real, told(real, "ordinary"), NOTE)
    assert real.window.composer.draft is own
    assert flow(real).bar.take.text() == fr.TAKE_NOTE
    press(real, "take")
    real.until(lambda: real.window.composer.draft is not own)
    assert {one.text for one in real.window.drafts.all} == {"Ma propre note.", NOTE}


def test_no_note_is_begun_where_the_gate_is_closed_by_now(real: RealWindow, monkeypatch) -> None:
    """While the drafts of the disk were asked for."""
    real.open("ordinary")
    receive(real, told(real, "ordinary"), NOTE)
    found = flow(real).shown
    monkeypatch.setattr(real.window.gate, "open", lambda _state: False)
    flow(real)._begin(found, FoundDrafts())
    monkeypatch.undo()
    assert not real.window.drafts.all
    flow(real).look()
    real.until(lambda: flow(real).shown is not None)


def test_a_note_of_somebody_else_waits_for_them(real: RealWindow) -> None:
    real.open("ordinary")
    receive(real, told(real, "ordinary", author="secretary"), NOTE)
    bar = flow(real).bar
    assert not bar.take.isVisible()
    name = inbox(real).waiting()[0].context.professional.display_name
    assert bar.why.text() == context_desk.OTHER_NOTE.format(name=name)
    assert real.window.drafts.all == ()


def test_an_ignored_note_may_be_called_back(real: RealWindow, monkeypatch) -> None:
    receive(real, told(real, "ordinary"), NOTE)
    press(real, "ignore")
    real.until(lambda: not flow(real).bar.isVisible())
    assert len(inbox(real).waiting()) == 1
    before = acts(real)
    notice = real.window.notices.notice
    assert (notice.text, notice.button) == (fr.NOTE_IGNORED, fr.UNDO)
    real.window.notices.button.click()
    real.until(lambda: flow(real).bar.isVisible())
    assert acts(real) == before, "called back in time: nothing was done"
    monkeypatch.setattr(context_flow, "UNDO_MS", 100)
    press(real, "ignore")
    real.until(lambda: inbox(real).waiting() == ())
    real.until(lambda: acts(real) == [*before, (Act.RECEIVED_NOTE_IGNORED, "done")])


def test_who_ignored_a_note_is_in_the_journal_though_they_have_left(real: RealWindow) -> None:
    receive(real, told(real, "ordinary"), NOTE)
    (item,) = inbox(real).waiting()
    wiring, there = real.desktop._wiring, ["810000000001"]
    desk = ContextDesk(inbox(real), wiring.identities, tuple, wiring.acts, lambda: there[-1])
    desk.answered(item.id)
    there.append("810000000002")
    desk.ignored((item.id,))
    wiring.acts.flush()
    ignored = [one.actor for one in wiring.acts_kept.records() if one.action == Act.RECEIVED_NOTE_IGNORED]
    assert ignored[-1] == "810000000001"


def test_a_twins_card_is_another_persons(real: RealWindow) -> None:
    """Same family name, same birth date, under the number of the same parent: the given name alone tells them apart."""
    receive(real, told(real, "ordinary"))
    patient = inbox(real).waiting()[0].context.patient
    parent, patients = "1680775123456" + nir_key("1680775123456"), real.desktop._services.contexts._patients

    def warned(given: str, number: str = parent) -> bool:
        card = (Beneficiary(patient.birth_family, given, f"{patient.birth_date:%Y%m%d}", number, 1),)
        desk = ContextDesk(inbox(real), patients, lambda: card, real.desktop._wiring.acts, lambda: None)
        return context_desk.OTHER_CARD in desk.proposed(None, None, frozenset()).warnings

    assert warned(f"{patient.first_given}-JUMEAU")
    assert warned("TEST-JUMEAU")
    assert not warned(patient.first_given.lower())
    assert not warned("TEST-JUMEAU", patient.ins.value)


def test_who_asked_for_a_patient_and_left_opens_them_for_nobody_else(real: RealWindow) -> None:
    """The worker comes to it once somebody else is there: nothing opens, and nobody is taken for qualified."""
    receive(real, told(real, "ordinary"))
    (item,) = inbox(real).waiting()
    desk = real.desktop._services.contexts
    desk.answered(item.id)
    inbox(real).forget()
    with pytest.raises(ContextError, match="n'est plus là"):
        desk.people(item)
    assert inbox(real).accepted == ()
    turn = inbox(real).turn
    inbox(real).forget()
    inbox(real).accept(item.context.patient, turn)
    assert inbox(real).accepted == ()
    desk.answered(item.id)
    assert len(desk.people(item)) == 1


def test_an_identity_that_is_another_is_refused_in_the_journal(real: RealWindow) -> None:
    receive(real, told(real, "ordinary", birth_family="TEST-AUTRE"))
    with pytest.raises(ContextError):
        real.desktop._services.contexts.people(inbox(real).waiting()[0])
    assert acts(real)[-1] == (Act.CONTEXT_OPENED, "context-discordant")
    assert result_words(*acts(real)[-1]) == "identité reçue différente de celle connue ici"


def cut_after_the_draft(real: RealWindow) -> None:
    """Killed between the draft and the end of what was received: both are on the disk, and a program started anew knows neither."""
    receive(real, told(real, "ordinary"), NOTE)
    (item,) = inbox(real).waiting()
    patient, who = real.window.session.state.patient, real.window.session.state.professional
    draft = real.window.drafts.receive(patient, who, NOTE, item.context.encounter.start, item.id)
    draft.text = READ_AGAIN
    real.window.keeper.save_now()
    real.until(lambda: real.window.keeper.safe(draft))
    real.window.drafts._drafts.clear()
    real.window.keeper._kept.clear()
    assert len(inbox(real).waiting()) == 1


def test_taken_before_a_cut_it_is_not_taken_twice(real: RealWindow) -> None:
    real.open("ordinary")
    cut_after_the_draft(real)
    press(real, "take")
    real.until(lambda: inbox(real).waiting() == () and real.window.drafts.all)
    assert [one.text for one in real.window.drafts.all] == [READ_AGAIN]
    assert len(real.desktop._wiring.drafts.mine().drafts) == 1


def test_taken_before_a_cut_it_waits_no_more_once_its_draft_is_back(real: RealWindow) -> None:
    real.open("ordinary")
    cut_after_the_draft(real)
    real.window.keeper.look()  # as at the sign-in
    real.until(lambda: inbox(real).waiting() == () and not flow(real).bar.isVisible())
    assert [one.text for one in real.window.drafts.all] == [READ_AGAIN]


def test_the_exchange_folder_feeds_it_and_is_emptied(real: RealWindow, tmp_path) -> None:
    files = real.desktop._wiring.settings_file
    files.save(replace(files.load(), exchange_folder=str(tmp_path)))
    (tmp_path / "patient.txt").write_text(NOTE, encoding="utf-8")
    (tmp_path / "patient.json").write_text(told(real, "ordinary"), encoding="utf-8")
    real.until(lambda: flow(real).shown is not None)
    assert flow(real).shown.received.note == NOTE
    real.until(lambda: list(tmp_path.iterdir()) == [])
    (tmp_path / "faux.json").write_text(told(real, "ordinary", birth_date="hier"), encoding="utf-8")
    notices = real.window.notices
    real.until(lambda: notices.notice is not None and "patient.birth_date" in notices.notice.text)
    assert [file.name for file in tmp_path.iterdir()] == ["faux.json"]
    files.save(replace(files.load(), exchange_folder=""))
    real.window.notices.clear()


def call(real: RealWindow, story: str, token: str, **headers: str) -> Told:
    """As a practice software on this workstation, with the national names."""
    patient = next(one["patient"] for one in real.stage.ready["patients"] if one["story"] == story)
    return post(
        real.desktop._wiring.exchange.door._door.port,
        form(
            Patient__identifier__value=patient["ins"],
            Patient__identifier__system=patient["ins_oid"],
            Patient__name__family=patient["birth_family"],
            Patient__name__given=patient["birth_given"],
            Patient__gender={"F": "female", "M": "male"}.get(patient["sex"], "unknown"),
            Patient__birthDate=patient["birth_date"],
            Address__district=patient["birth_place_cog"],
        ),
        token,
        **headers,
    )


@pytest.fixture
def listening(real: RealWindow) -> Iterator[str]:
    """Its token. Chosen in the settings, on a port that was free a moment ago, until one still is."""
    files, door = real.desktop._wiring.settings_file, real.desktop._wiring.exchange.door
    while door._door is None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        files.save(replace(files.load(), call_port=port))
        real.until(lambda port=port: door._door is not None or door._barred == port)
    yield real.desktop._wiring.call_token.renew()
    files.save(replace(files.load(), call_port=0))
    real.until(lambda: door._door is None)
    real.window.notices.clear()


def test_a_call_on_this_computer_proposes_and_opens_nothing(real: RealWindow, listening: str) -> None:
    for refused in (
        call(real, "ordinary", "faux"),
        call(real, "ordinary", listening, Host="attack.example"),
        call(real, "ordinary", listening, Origin="https://attack.example"),
    ):
        assert refused.status in (401, 403)
    assert inbox(real).waiting() == ()
    assert call(real, "ordinary", listening).status == 202
    real.until(lambda: flow(real).shown is not None)
    shown = flow(real).shown
    assert shown.received.context.professional.rpps == real.window.session.state.professional.rpps
    assert shown.warnings == (), "it is for who is signed in, and no other card is there"
    assert real.window.session.state.phase is Phase.READY
    assert real.window.session.state.patient is None


@pytest.mark.alone
def test_from_a_call_to_its_proposal_in_less_than_200_ms(real: RealWindow, listening: str) -> None:
    took = []
    for story in ("ordinary", "chronic") * 5:
        began = time.perf_counter()
        assert call(real, story, listening).status == 202
        received = inbox(real).waiting()[0].id
        real.until(lambda received=received: flow(real).shown is not None and flow(real).shown.received.id == received)
        took.append(1000 * (time.perf_counter() - began))
        inbox(real).drop(received)
        real.until(lambda: flow(real).shown is None)
    print(f"call to proposal, ms: {sorted(round(one) for one in took)}")
    assert sorted(took)[len(took) // 2] < 200, took


def copied(**forms: str | bytes) -> None:
    """By another program."""
    data = QMimeData()
    for name, value in forms.items():
        data.setData(
            {"text": "text/plain", "rtf": "text/rtf"}.get(name, name),
            value.encode() if isinstance(value, str) else value,
        )
    QApplication.clipboard().setMimeData(data)


def paste(real: RealWindow, words: str) -> str:
    """As by the menu; what is told."""
    line = next(one for one in real.window.banner.acts.menu().actions() if one.text().startswith(fr.PASTE))
    line.trigger()
    real.until(lambda: real.window.notices.notice is not None and words in real.window.notices.notice.text)
    told = real.window.notices.notice.text
    real.window.notices.clear(NOTICE)
    return told


def test_a_copied_note_is_a_draft_of_the_open_record_alone(real: RealWindow) -> None:
    copied(text=NOTE)
    paste(real, fr.PASTE_NO_PATIENT)
    assert real.window.drafts.all == ()
    real.open("ordinary")
    real.window.conductor.write()
    QTest.keyClicks(real.window.composer.editor, "Une note en cours.")
    QTest.keyClick(real.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    real.until(lambda: len(real.window.drafts.all) == 2)
    assert {one.text for one in real.window.drafts.all} == {"Une note en cours.", NOTE}
    assert {one.patient for one in real.window.drafts.all} == {real.window.session.state.patient}
    assert real.window.composer.draft.text == NOTE
    assert fr.PASTED_NOTE in real.window.notices.notice.text
    real.until(lambda: all(real.window.drafts.safe(one) for one in real.window.drafts.all))
    assert inbox(real).waiting() == ()
    copied(rtf=rb"{\rtf1\ansi Lombalgie.{\pict\pngblip 00}}")
    assert "image" in paste(real, fr.PASTED_NOTE)
    real.until(lambda: len(real.window.drafts.all) == 3)
    assert QApplication.clipboard().mimeData().hasFormat("text/rtf"), "it is the other program's, and left as it is"


def test_a_copied_patient_is_proposed_beside_the_open_one(real: RealWindow) -> None:
    real.open("ordinary")
    first = real.window.session.state.patient
    copied(text=told(real, "chronic"))
    paste(real, fr.PASTED_PATIENT)
    real.until(lambda: flow(real).shown is not None)
    assert {one.trait for one in flow(real).shown.differences} >= {"Matricule INS", "Nom de naissance"}
    assert real.window.session.state.patient == first
    assert real.window.drafts.all == ()


def test_nothing_to_paste_is_told_and_nothing_changes(real: RealWindow) -> None:
    real.open("ordinary")
    QApplication.clipboard().clear()
    paste(real, "ne contient ni patient ni note")
    copied(**{"text/uri-list": "file:///tmp/note.rtf"})
    paste(real, fr.PASTE_FILE)
    assert (real.window.drafts.all, inbox(real).waiting()) == ((), ())


def test_a_note_is_not_pasted_into_the_record_that_took_the_place_of_its_own(real: RealWindow) -> None:
    real.open("ordinary")
    copied(text=NOTE)
    held = threading.Event()
    for _ in range(8):  # every worker: what is asked waits
        real.window.tasks.general.submit(held.wait, lambda _done: None, lambda _error: None)
    line = next(one for one in real.window.banner.acts.menu().actions() if one.text().startswith(fr.PASTE))
    line.trigger()
    real.window.conductor.close_patient()
    real.until(lambda: real.window.session.state.patient is None)
    held.set()
    real.until(lambda: real.window.notices.notice is not None and real.window.notices.notice.text == fr.PASTE_OTHER)
    assert real.window.drafts.all == ()
    real.window.notices.clear(NOTICE)


def test_nothing_of_it_stays_over_a_covered_screen(real: RealWindow) -> None:
    receive(real, told(real, "ordinary"))
    bar = flow(real).bar
    words = bar.title.text
    real.window.session.lock()
    real.until(lambda: real.window.session.state.phase is not Phase.READY)
    assert bar.title.text == ""
    assert words
    real.stage.remove(0)
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    real.sign_in()
    real.until(lambda: bar.isVisible() and bar.title.text == words)


def leave(real: RealWindow) -> None:
    real.stage.remove(0)
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)


def test_a_covered_screen_says_that_a_call_waits_and_nothing_of_whom(real: RealWindow) -> None:
    real.window.session.lock()
    real.until(lambda: real.window.session.state.phase is not Phase.READY)
    call = real.window.strip.call
    assert not call.isVisible()
    inbox(real).receive(told(real, "ordinary"))
    real.until(call.isVisible)
    assert call.text() == fr.CALLS[0]
    leave(real)
    inbox(real).receive(told(real, "chronic"), NOTE.encode())
    real.until(lambda: call.text() == fr.CALLS[1].format(2))
    named = {one.context.patient.birth_family for one in inbox(real).waiting()}
    assert len(named) == 2
    assert not [name for name in named if name in real.shown()]
    real.sign_in()
    real.until(lambda: flow(real).bar.isVisible())
    assert not call.isVisible()


def test_a_call_that_is_stale_waits_no_more(real: RealWindow, monkeypatch) -> None:
    real.window.session.lock()
    inbox(real).receive(told(real, "ordinary"))
    real.until(real.window.strip.call.isVisible)
    monkeypatch.setattr(context_inbox, "FRESH", timedelta(0))
    real.window.contexts._hint._again.timeout.emit()
    real.until(lambda: not real.window.strip.call.isVisible())
    leave(real)
    real.sign_in()


def test_a_call_shows_a_covered_window_that_was_minimised(real: RealWindow, tmp_path: Path) -> None:
    panel = real.window.panel = Panel(real.window, PanelFile(tmp_path / "fenetre.json"))
    try:
        panel._complete()
        real.window.session.lock()
        real.until(lambda: real.window.session.state.phase is not Phase.READY)
        real.window.showMinimized()
        real.until(real.window.isMinimized)
        inbox(real).receive(told(real, "ordinary"))
        real.until(lambda: not real.window.isMinimized())
        assert real.window.strip.call.isVisible()
    finally:
        real.window.panel = None
        leave(real)
        real.sign_in()
