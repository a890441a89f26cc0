"""Notes under way on the disk: kept while they are written, back with their author, forgotten when they are sent or given up.

The drafts are those of the program, on a real database; only the cards are played.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest

from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import Attachment, DocumentKind, Visibility
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.services.drafts import Departures
from dmp_desktop.ui import draft_keeper, leaving
from dmp_desktop.ui import strings_drafts_fr as drafts_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_together_fr as together_fr
from dmp_desktop.ui.draft_keeper import DISCARD_NOTICE, KEEP_NOTICE, DraftKeeper
from dmp_desktop.ui.draft_news import BACK_NOTICE
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.models.facts import NO_KNOWN_ALLERGY
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.stalls import StallMeter
from dmp_desktop.ui.views.compose.forms.base import Filled
from tests.helpers.drafts import Desk
from tests.ui import fakes
from tests.ui.access import FakeAccess
from tests.ui.conftest import Bench
from tests.ui.record import FakeReading
from tests.ui.sign_in import FakeEntries, FakePsc

COLLEAGUE = replace(fakes.DOCTOR, rpps="10003333333", family="MARTIN")


SENT = {"state": OutboxState.SENT, "waiting_for": WaitingFor.NOTHING}


class SlowDisk:
    """The drafts, on a disk that may wait, or refuse."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.service = desk, desk.service
        self.gate = threading.Event()
        self.gate.set()
        self.error: StorageError | None = None
        self.threads: set[int] = set()
        self.pen, self.mine = self.service.pen, self.service.mine
        self.leaves, self.forget = self.service.leaves, self.service.forget
        self.pins: list[int] = []

    @property
    def awaits_pin(self) -> bool:
        return self.service.awaits_pin

    def ask_pen(self, national_id):
        """The PIN is given at once."""
        self.pins.append(threading.get_ident())
        self.desk.keys.awaits_pin = False
        return self.service.ask_pen(national_id)

    def keep(self, pen, draft):
        self.threads.add(threading.get_ident())
        self.gate.wait(120)
        if self.error:
            raise self.error
        return self.service.keep(pen, draft)


class SharedOutbox(fakes.FakeOutbox):
    """That of the workstation, as one window sees it: told of its own changes alone."""

    def __init__(self, place: Place) -> None:
        self._place, held = place, place.held
        super().__init__()
        self.held = held

    @property
    def held(self):
        return self._place.held

    @held.setter
    def held(self, items) -> None:
        self._place.held = items


class Place:
    """A workstation: one database, and windows over it one after the other, or beside each other."""

    def __init__(self, qtbot, folder, dossier, settings) -> None:
        self.qtbot, self.folder, self.dossier, self.settings = qtbot, folder, dossier, settings
        self.reading = Desk(folder / "a.db")
        self.reading.departures = self.departures
        self.held = []  # what the outbox of the workstation holds
        self.benches: list[tuple[Bench, SlowDisk]] = []

    def departures(self) -> Departures:
        """Of the outbox on the disk, whichever window put it there."""
        arrived = {item.unique_id for item in self.held if item.state is OutboxState.SENT}
        withdrawn = {item.unique_id for item in self.held if item.state is OutboxState.CANCELLED}
        return Departures(arrived, {item.unique_id for item in self.held} - arrived - withdrawn)

    def window(self, access: FakeAccess | None = None) -> Bench:
        disk = SlowDisk(Desk(self.folder / "a.db"))
        disk.desk.departures = self.departures
        session, compose, outbox = fakes.FakeSession(), fakes.FakeCompose(), SharedOutbox(self)
        search, habits, reading, digest = fakes.FakeSearch(), fakes.FakeHabits(), FakeReading(), fakes.FakeDigest()
        psc, entries = FakePsc(), FakeEntries()
        services = Services(
            session,
            self.dossier,
            compose,
            outbox,
            digest,
            search,
            habits,
            reading,
            self.settings,
            access=access,
            drafts=disk,
        )
        clock = fakes.FixedClock()
        window = MainWindow(sandbox=True)
        window.furnish(services, clock)
        window.complete()
        self.qtbot.addWidget(window)
        window.show()
        bench = Bench(
            window, session, self.dossier, compose, outbox, clock, search, habits, reading, digest, psc, entries
        )
        self.benches.append((bench, disk))
        return bench

    def disk(self, bench: Bench) -> SlowDisk:
        return next(disk for one, disk in self.benches if one is bench)

    def sign_in(self, bench: Bench, who=fakes.DOCTOR) -> None:
        """As with the vault: the key is open before the window is told."""
        bench.session.who = who
        self.disk(bench).desk.keys.come(who)
        bench.sign_in(self.qtbot)

    def write(self, bench: Bench, text: str) -> None:
        bench.open(self.qtbot)
        bench.window.acts.write.click()
        bench.window.composer.editor.setPlainText(text)

    def pull_card(self, bench: Bench) -> None:
        """The key goes first, from the watcher's own thread; the window is told after."""
        self.disk(bench).desk.keys.go()
        bench.window.card_event(fakes.cps(False))
        self.qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.masked)

    def on_disk(self, who=fakes.DOCTOR, patient=None) -> list[str]:
        self.reading.keys.come(who)
        return self.reading.texts(patient)

    def sent_on_disk(self, who=fakes.DOCTOR) -> list[str]:
        """The notes that were sent and may come back."""
        self.reading.keys.come(who)
        return [draft.text for draft, _revision, _unique_id in self.reading.service.mine().leaving]

    def rows(self, who=fakes.DOCTOR) -> int:
        return len(self.reading.store.of(self.reading.store.owner(who.national_id)))

    def kill(self, bench: Bench) -> None:
        """The window goes without a word of goodbye."""
        bench.window.keeper._port = None
        bench.window.tasks.close()
        bench.window.hide()


@pytest.fixture
def place(qtbot, tmp_path, dossier, settings, monkeypatch):
    monkeypatch.setattr(draft_keeper, "AFTER_KEY_MS", 30)
    monkeypatch.setattr(draft_keeper, "AGAIN_MS", 30)
    place = Place(qtbot, tmp_path, dossier, settings)
    yield place
    for bench, disk in place.benches:
        disk.gate.set()
        bench.window.tasks.close()
        disk.desk.database.close()
    place.reading.database.close()


def test_what_is_typed_is_on_the_disk_within_two_seconds_without_a_pause() -> None:
    assert draft_keeper.AFTER_KEY_MS + 500 <= 2000


def test_a_note_is_kept_while_it_is_written(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    QTest.keyClicks(bench.window.composer.editor, "Toux. ")
    qtbot.waitUntil(lambda: place.on_disk() == ["Toux. Gorge rouge."])
    kept = bench.window.composer.kept
    assert kept.text() == drafts_fr.KEPT_AT.format(f"{fakes.NOW.astimezone():%H:%M}")
    assert kept.isVisible()


def test_who_never_pauses_is_kept_all_the_same(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "G")
    editor = bench.window.composer.editor

    def typed_on() -> bool:
        """A key each 10 ms, which is how often this is asked: until it is kept."""
        QTest.keyClicks(editor, "x")
        return bool(place.on_disk())

    qtbot.waitUntil(typed_on)


@pytest.mark.alone
def test_the_window_never_waits_for_the_disk(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge." * 2000)
    disk = place.disk(bench)
    disk.gate.clear()
    meter = StallMeter()
    meter.start()
    for _key in range(20):
        QTest.keyClicks(bench.window.composer.editor, "x")
        qtbot.wait(10)
    meter.stop()
    disk.gate.set()
    qtbot.waitUntil(lambda: bool(disk.threads))
    assert threading.get_ident() not in disk.threads
    assert not meter.ours(50.0)


def test_the_last_word_is_kept_when_the_card_is_pulled_in_the_middle_of_it(place, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(draft_keeper, "AFTER_KEY_MS", 60_000)
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rou")
    place.pull_card(bench)
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rou"])
    qtbot.waitUntil(lambda: not bench.window.keeper._pens.has(fakes.DOCTOR.national_id))


@pytest.mark.parametrize("act", ["lock", "deactivate", "flush"])
def test_it_is_kept_at_once(place, qtbot, monkeypatch, act) -> None:
    monkeypatch.setattr(draft_keeper, "AFTER_KEY_MS", 60_000)
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rou")
    if act == "lock":
        bench.window.gate.lock()
    elif act == "deactivate":
        QCoreApplication.sendEvent(bench.window, QEvent(QEvent.Type.WindowDeactivate))
    else:
        bench.window.flush()
        assert place.on_disk() == ["Gorge rou"]
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rou"])


def test_closing_keeps_and_asks_nothing(place, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(draft_keeper, "AFTER_KEY_MS", 60_000)
    monkeypatch.setattr(leaving, "FAREWELL_MS", 30)
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    bench.window.leaving.farewell.setInterval(1)
    assert not bench.window.close(), "it is being kept"
    qtbot.waitUntil(lambda: not bench.window.isVisible())
    assert place.on_disk() == ["Gorge rouge."]


def test_closing_asks_when_the_disk_refuses(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    disk = place.disk(bench)
    disk.error = StorageError("storage-full", "Le disque est plein.", "Libérez de la place.")
    place.write(bench, "Gorge rouge.")
    bench.window.close()
    qtbot.waitUntil(lambda: bench.window.notices.what.text == fr.NOTE_LOST)
    assert bench.window.isVisible()
    bench.window.notices.button.click()
    assert not bench.window.isVisible()


def test_a_disk_that_refuses_is_said_once_with_what_is_safe_and_tried_again(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    disk = place.disk(bench)
    disk.error = StorageError("storage-full", "Le disque est plein.", "Libérez de la place.")
    place.write(bench, "Gorge rouge.")
    notices = bench.window.notices
    qtbot.waitUntil(lambda: notices.notice is not None and notices.notice.key == KEEP_NOTICE)
    assert notices.safe.text() == drafts_fr.KEPT_SAFE
    assert bench.window.composer.kept.text() == drafts_fr.NOT_KEPT
    place.pull_card(bench)
    assert notices.notice is None, "it is of somebody: nothing of it over a covered screen"
    place.sign_in(bench)
    qtbot.waitUntil(lambda: notices.notice is not None and notices.notice.key == KEEP_NOTICE)
    disk.error = None
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    qtbot.waitUntil(lambda: notices.notice is None or notices.notice.key != KEEP_NOTICE)
    assert bench.window.composer.kept.text() != drafts_fr.NOT_KEPT


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_real_refusal_of_the_disk_leaves_every_word_before_the_eyes(place, qtbot) -> None:
    """The system takes no more bytes in any file; once it does again, all that was typed meanwhile is kept."""
    import resource

    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    notices, editor = bench.window.notices, bench.window.composer.editor
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = next(place.folder.glob("a.db-wal")).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (log, limits[1]))
    try:
        editor.moveCursor(editor.textCursor().MoveOperation.End)
        QTest.keyClicks(editor, " Fievre depuis hier.")
        qtbot.waitUntil(lambda: notices.notice is not None and notices.notice.key == KEEP_NOTICE)
        assert "place" in notices.what.text
        assert bench.window.composer.draft.text == "Gorge rouge. Fievre depuis hier."
        assert place.on_disk() == ["Gorge rouge."], "what was kept before is not touched"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge. Fievre depuis hier."], timeout=20_000)
    qtbot.waitUntil(lambda: bench.window.composer.kept.text() != drafts_fr.NOT_KEPT)


def test_after_a_crash_the_draft_is_where_it_was(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "HTA. Gorge rouge.")
    composer = bench.window.composer
    draft = composer.draft
    qtbot.waitUntil(lambda: draft.proposals_hold)
    if draft.proposals:
        draft.tick(0, True)
    draft.kind, draft.visibility, draft.visibility_chosen = DocumentKind.LETTER, Visibility.INVISIBLE_PATIENT, True
    draft.filled[DocumentKind.SCAN] = Filled({"type": "x"}, Attachment("application/pdf", b"%PDF", "TEST.pdf"))
    bench.window.keeper.save_now()
    qtbot.waitUntil(lambda: bench.window.keeper.safe(draft))
    place.kill(bench)

    again = place.window()
    place.sign_in(again)
    qtbot.waitUntil(lambda: len(again.window.drafts.all) == 1)
    (back,) = again.window.drafts.all
    assert (back.text, back.kind, back.visibility) == (draft.text, draft.kind, draft.visibility)
    assert (back.proposals, back.ticks, back.filled) == (draft.proposals, draft.ticks, draft.filled)
    assert [card.whose.text() for card in again.window.page.outbox.draft_cards]
    again.open(qtbot)
    notice = again.window.notices
    qtbot.waitUntil(lambda: notice.notice is not None and notice.notice.key == BACK_NOTICE)
    assert notice.button.text() == fr.RESUME
    notice.button.click()
    assert again.window.composer.draft is back
    assert again.window.composer.editor.toPlainText() == "HTA. Gorge rouge."
    assert notice.notice is None
    qtbot.waitUntil(lambda: again.window.keeper.safe(back))


def test_two_patients_are_never_mixed(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Note de Léa.")
    bench.session.vitale = (fakes.PAUL,)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: bench.window.picker.isVisible())
    bench.session.choose(fakes.beneficiary(fakes.PAUL, 1))
    bench.window.session.choose(fakes.beneficiary(fakes.PAUL, 1))
    qtbot.waitUntil(lambda: bench.window.session.state.patient == fakes.PAUL)
    bench.window.acts.write.click()
    assert bench.window.composer.editor.toPlainText() == ""
    bench.window.composer.editor.setPlainText("Note de Paul.")
    qtbot.waitUntil(lambda: len(place.on_disk()) == 2)
    place.kill(bench)
    assert place.on_disk(patient=fakes.LEA) == ["Note de Léa."]
    assert place.on_disk(patient=fakes.PAUL) == ["Note de Paul."]
    again = place.window()
    place.sign_in(again)
    qtbot.waitUntil(lambda: len(again.window.drafts.all) == 2)
    found = {draft.patient.ins.value: draft.text for draft in again.window.drafts.all}
    assert found == {fakes.LEA.ins.value: "Note de Léa.", fakes.PAUL.ins.value: "Note de Paul."}
    cards = again.window.page.outbox.draft_cards
    shown = " ".join(label.text() for card in cards for label in (card.whose, card.title, card.detail, card.cause))
    assert "Note de" not in shown, "another patient may be before the screen"
    again.session.vitale = (fakes.PAUL,)
    again.open(qtbot, fakes.PAUL)
    again.window.acts.write.click()
    assert again.window.composer.editor.toPlainText() == "Note de Paul."


@pytest.mark.parametrize(("who", "role"), [(COLLEAGUE, Role.DOCTOR), (COLLEAGUE, Role.SECRETARY)])
def test_nobody_else_sees_them(place, qtbot, who, role) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    place.kill(bench)
    again = place.window()
    again.session.who, again.session.role = who, role
    if role is not Role.SECRETARY:
        place.disk(again).desk.keys.come(who)
    again.window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: again.window.session.state.professional == who)
    qtbot.wait(50)
    assert not again.window.drafts.all
    assert not again.window.page.outbox.draft_cards


def test_a_sent_note_is_forgotten_once_the_outbox_has_it(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    bench.outbox.gate.clear()
    bench.window.conductor.send()
    qtbot.wait(50)
    assert place.on_disk() == ["Gorge rouge."], "not durable yet"
    bench.outbox.gate.set()
    qtbot.waitUntil(lambda: place.on_disk() == [])
    assert len(bench.outbox.held) == 1
    assert place.sent_on_disk() == ["Gorge rouge."], "it may be withdrawn"
    place.pull_card(bench)
    bench.outbox.move(1, **SENT)
    qtbot.waitUntil(lambda: place.rows() == 0)


def test_a_program_killed_between_outbox_and_drafts_offers_nothing_twice(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    disk = place.disk(bench)
    disk.forget = lambda _ids: None  # the program does not live to do it
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(bench.outbox.held) == 1)
    place.kill(bench)
    again = place.window()
    place.sign_in(again)
    qtbot.waitUntil(lambda: place.on_disk() == [] and not again.window.tasks.drafts.busy)
    assert not again.window.drafts.all
    assert place.on_disk() == []


def test_a_withdrawn_document_is_a_draft_on_the_disk_before_it_leaves_the_outbox(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(bench.outbox.held) == 1 and place.on_disk() == [])
    seen: list[list[str]] = []
    cancel = bench.outbox.cancel
    bench.outbox.cancel = lambda item_id: (seen.append(place.sent_on_disk()), cancel(item_id))[1]
    qtbot.waitUntil(lambda: bench.window.notices.button.text() == fr.UNDO)
    bench.window.notices.button.click()
    qtbot.waitUntil(lambda: len(bench.window.drafts.all) == 1)
    assert seen == [["Gorge rouge."]]
    qtbot.waitUntil(lambda: bench.window.keeper.safe(bench.window.drafts.all[0]))
    assert place.on_disk() == ["Gorge rouge."]


def test_undone_before_the_list_shows_it_what_has_left_does_not_come_back(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    bench.outbox.items = lambda _patient: []  # not read yet
    place.write(bench, "Gorge rouge.")
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(bench.outbox.held) == 1 and place.on_disk() == [])

    def left(item_id: int) -> None:
        bench.outbox.move(item_id, **SENT)
        raise ContextError("outbox-left", "Ce document est déjà parti.")

    bench.outbox.cancel = left
    qtbot.waitUntil(lambda: bench.window.notices.button.text() == fr.UNDO)
    bench.window.notices.button.click()
    qtbot.waitUntil(lambda: bench.window.notices.what.text.startswith("Ce document est déjà parti."))
    assert not bench.window.drafts.all
    place.kill(bench)
    again = place.window()
    place.sign_in(again)
    qtbot.waitUntil(lambda: place.rows() == 0 and not again.window.tasks.drafts.busy)
    assert not again.window.drafts.all


@pytest.mark.parametrize("typed_at_once", [True, False])
def test_a_note_sent_just_before_the_program_was_killed_can_still_be_withdrawn(place, qtbot, typed_at_once) -> None:
    """Were it sent before it was ever kept."""
    bench = place.window()
    place.sign_in(bench)
    if typed_at_once:
        bench.window.keeper._soon.setInterval(100_000)
        bench.window.keeper._touched = lambda: None
    place.write(bench, "Gorge rouge.")
    if not typed_at_once:
        qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(place.held) == 1)
    place.kill(bench)
    again = place.window()
    place.sign_in(again)
    notices = again.window.notices
    qtbot.waitUntil(lambda: notices.isVisible() and notices.button.text() == fr.UNDO)
    assert notices.what.text == drafts_fr.LEFT_BEFORE_OF.format(fakes.LEA.display_name)
    assert not again.window.drafts.all, "not offered to be sent twice"
    notices.button.click()
    qtbot.waitUntil(lambda: len(again.window.drafts.all) == 1)
    [draft] = again.window.drafts.all
    assert (draft.text, draft.patient.ins, draft.author) == ("Gorge rouge.", fakes.LEA.ins, fakes.DOCTOR)
    assert [item.state for item in place.held] == [OutboxState.CANCELLED]
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."] and place.sent_on_disk() == [])


def test_notes_that_left_together_before_the_program_was_killed_come_back_together(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    bench.window.conductor.write(DocumentKind.LETTER)
    bench.window.composer.editor.setPlainText("Avis, merci.")
    bench.window.composer.together.boxes[0].click()
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(place.held) == 2)
    assert len({item.submission_id for item in place.held}) == 1
    place.kill(bench)
    again = place.window()
    place.sign_in(again)
    notices = again.window.notices
    told = together_fr.LEFT_BEFORE_OF.format(2).format(fakes.LEA.display_name)
    qtbot.waitUntil(lambda: notices.isVisible() and notices.what.text == told)
    assert not again.window.drafts.all, "not offered to be sent twice"
    notices.button.click()
    qtbot.waitUntil(lambda: len(again.window.drafts.all) == 2)
    assert {draft.text for draft in again.window.drafts.all} == {"Gorge rouge.", "Avis, merci."}
    assert [item.state for item in place.held] == [OutboxState.CANCELLED] * 2
    qtbot.waitUntil(lambda: len(place.on_disk()) == 2 and place.sent_on_disk() == [])


def test_it_is_withdrawn_from_its_line_too_and_by_its_author_only(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(place.held) == 1)
    place.kill(bench)
    again = place.window()
    place.sign_in(again, COLLEAGUE)
    qtbot.waitUntil(lambda: len(again.window.outbox.all) == 1 and not again.window.tasks.drafts.busy)
    assert (again.window.notices.notice, again.window.page.outbox.cards) == (None, {})
    place.pull_card(again)
    place.sign_in(again)
    qtbot.waitUntil(lambda: 1 in again.window.page.outbox.cards and not again.window.tasks.drafts.busy)
    qtbot.waitUntil(lambda: again.window.notices.notice is not None)
    again.window.page.outbox.cards[1].button.click()
    qtbot.waitUntil(lambda: [draft.text for draft in again.window.drafts.all] == ["Gorge rouge."])


def test_one_withdrawn_from_a_shell_is_a_draft_again(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(place.held) == 1 and not bench.window.drafts.all)
    bench.outbox.move(1, state=OutboxState.CANCELLED, waiting_for=WaitingFor.NOTHING)
    qtbot.waitUntil(lambda: [item.state for item in bench.window.outbox.all] == [OutboxState.CANCELLED])
    bench.window.keeper.look()
    qtbot.waitUntil(lambda: [draft.text for draft in bench.window.drafts.all] == ["Gorge rouge."])


def test_what_was_asked_of_the_disk_before_a_note_left_does_not_bring_it_back(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    before = place.reading.service.mine()
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(place.held) == 1 and not bench.window.drafts.all)
    bench.window.keeper._take(fakes.DOCTOR.national_id, set(), before)
    assert not bench.window.drafts.all


def _delete(bench: Bench) -> None:
    (card,) = bench.window.page.outbox.draft_cards
    card.delete.click()


def test_a_deleted_draft_goes_after_its_delay_and_comes_back_within(place, qtbot, monkeypatch) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    bench.window.conductor.show_record()
    _delete(bench)
    assert not bench.window.drafts.all
    assert bench.window.notices.notice.key == DISCARD_NOTICE
    qtbot.wait(50)
    assert place.on_disk() == ["Gorge rouge."], "it may still be taken back"
    bench.window.notices.button.click()
    assert [draft.text for draft in bench.window.drafts.all] == ["Gorge rouge."]
    monkeypatch.setattr(draft_keeper, "UNDO_MS", 50)
    _delete(bench)
    qtbot.waitUntil(lambda: place.on_disk() == [])
    assert bench.window.notices.notice is None
    assert not bench.window.drafts.all


def test_a_new_key_s_doctor_is_told_what_only_the_recovery_code_opens(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    place.kill(bench)
    again = place.window()
    place.disk(again).desk.keys.come(fakes.DOCTOR, "new card")
    again.session.who = fakes.DOCTOR
    again.sign_in(qtbot)
    drafts = again.window.page.outbox.drafts
    qtbot.waitUntil(lambda: drafts.elsewhere.text() == drafts_fr.elsewhere(1))
    assert not drafts.cards
    assert not drafts.isHidden()
    assert place.on_disk() == ["Gorge rouge."]


def test_what_is_left_of_the_day_is_one_quiet_line(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    bench.window.conductor.show_record()
    drafts = bench.window.page.outbox.drafts
    assert drafts.today.text() == drafts_fr.today(1)
    bench.window.drafts.all[0].started_at = fakes.NOW.replace(day=19)
    bench.window.conductor.show_record()
    assert drafts.today.text() == ""


def test_what_was_written_in_a_secret_connection_comes_back_hidden_from_the_parents(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    draft = bench.window.composer.draft
    draft.hide_from_parents()
    refused = draft.refused
    bench.window.keeper.save_now()
    qtbot.waitUntil(lambda: bench.window.keeper.safe(draft))
    place.kill(bench)
    again = place.window()
    place.sign_in(again)
    qtbot.waitUntil(lambda: len(again.window.drafts.all) == 1)
    (back,) = again.window.drafts.all
    assert (back.secret, back.visibility, back.refused) == (True, draft.visibility, refused)
    assert back.note().secret


def test_nothing_read_in_an_emergency_reaches_the_disk(place, qtbot) -> None:
    access = FakeAccess()
    bench = place.window(access)
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    draft = bench.window.composer.draft
    allergy = ClinicalItem(ItemKind.ALLERGY, "Pénicilline")
    draft.review.ticked |= {allergy, NO_KNOWN_ALLERGY}
    bench.window.keeper.save_now()
    qtbot.waitUntil(lambda: bench.window.keeper.safe(draft))
    assert _facts(place) == {allergy, NO_KNOWN_ALLERGY}, "of a record that is read as usual"
    access.begin(fakes.LEA, AccessMode.BRIS_DE_GLACE)
    bench.window.access.look()
    draft.review.ticked |= {allergy, NO_KNOWN_ALLERGY}
    bench.window.keeper.save_now()
    qtbot.waitUntil(lambda: _facts(place) == {NO_KNOWN_ALLERGY})
    assert place.on_disk() == ["Gorge rouge."]


def _facts(place) -> set[ClinicalItem]:
    place.reading.keys.come(fakes.DOCTOR)
    ((draft, _revision),) = place.reading.service.mine().drafts
    return {*draft.facts}


def test_a_pin_that_the_system_asks_waits_for_a_record_and_holds_no_window(place, qtbot) -> None:
    bench = place.window()
    disk = place.disk(bench)
    disk.desk.keys.awaits_pin = True
    place.sign_in(bench)
    qtbot.wait(50)
    assert disk.pins == [], "no PIN before a record is opened"
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    assert len(disk.pins) == 1
    assert threading.get_ident() not in disk.pins


def test_two_windows_of_one_doctor_lose_nothing(place, qtbot) -> None:
    one, two = place.window(), place.window()
    place.sign_in(one)
    place.write(one, "Gorge rouge.")
    draft = one.window.composer.draft
    qtbot.waitUntil(lambda: draft.proposals_hold and one.window.keeper.safe(draft))
    place.sign_in(two)
    qtbot.waitUntil(lambda: len(two.window.drafts.all) == 1)
    two.window.conductor.show_draft(two.window.drafts.all[0])
    two.window.composer.editor.setPlainText("Gorge rouge et toux.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge et toux."])
    one.window.composer.editor.setPlainText("Gorge très rouge.")
    qtbot.waitUntil(lambda: sorted(place.on_disk()) == ["Gorge rouge et toux.", "Gorge très rouge."])
    qtbot.waitUntil(lambda: len(one.window.drafts.all) == 2)
    assert one.window.notices.what.text == drafts_fr.TWICE


def test_a_draft_sent_by_another_window_is_not_offered_here(place, qtbot) -> None:
    one, two = place.window(), place.window()
    place.sign_in(one)
    place.write(one, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    place.sign_in(two)
    qtbot.waitUntil(lambda: len(two.window.drafts.all) == 1)
    one.window.conductor.send()
    qtbot.waitUntil(lambda: place.on_disk() == [])
    two.window.keeper.look()
    qtbot.waitUntil(lambda: not two.window.drafts.all)


def test_what_was_emptied_and_left_is_forgotten(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    qtbot.waitUntil(lambda: place.on_disk() == ["Gorge rouge."])
    bench.window.composer.editor.setPlainText("")
    qtbot.waitUntil(lambda: place.on_disk() == [""])
    place.kill(bench)
    again = place.window()
    place.sign_in(again)
    qtbot.waitUntil(lambda: place.on_disk() == [])
    assert not again.window.drafts.all


def test_who_has_no_key_is_asked_before_words_are_lost(place, qtbot) -> None:
    bench = place.window()
    bench.sign_in(qtbot)
    place.write(bench, "Gorge rouge.")
    qtbot.wait(60)
    assert place.on_disk() == []
    assert bench.window.composer.kept.text() == ""
    assert not bench.window.close()
    assert bench.window.notices.what.text == fr.NOTE_LOST


def test_the_keyboard_deletes_and_resumes(place, qtbot) -> None:
    bench = place.window()
    place.sign_in(bench)
    place.write(bench, "Gorge rouge.")
    bench.window.conductor.show_record()
    (card,) = bench.window.page.outbox.draft_cards
    for button in (card.delete, card.button):
        assert button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert isinstance(bench.window.keeper, DraftKeeper)
