"""The PC/SC seam: in memory and behind the real libpcsclite, the same answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest

from dmp_desktop.card import failures
from dmp_desktop.card.failures import SERVICE_LOST, PcscError
from dmp_desktop.card.inventory import Inventory
from dmp_desktop.card.pcsc import PNP_NOTIFICATION, PROTOCOL_T0, PROTOCOL_T1, PcscContext, ReaderState
from dmp_desktop.card.reader_names import raw_names, split
from dmp_desktop.sandbox.virtual_cards import VitaleCard
from tests.helpers.card_worlds import PATIENCE, PATIENT, WORLDS, World, open_world, vitale, watching

READER = "Lecteur bifente 00 00"
SELECT_MF = bytes.fromhex("00A40000023F00")
LONG_MS = 20_000


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with open_world(request.param) as opened:
        yield opened


@pytest.fixture
def context(world: World) -> Iterator[PcscContext]:
    established = world.pcsc.establish()
    yield established
    established.release()


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@contextmanager
def failing(*statuses: int) -> Iterator[None]:
    with pytest.raises(PcscError) as caught:
        yield
    assert caught.value.status in statuses


def look(context: PcscContext, reader: str = READER) -> ReaderState:
    return context.wait([ReaderState(reader)], 0)[0]


class TestReaders:
    def test_there_may_be_none(self, context: PcscContext) -> None:
        assert context.readers() == []

    def test_they_are_listed_in_the_order_they_were_plugged(self, world: World, context: PcscContext) -> None:
        world.hand.plug("B")
        world.hand.plug("A")
        assert context.readers() == ["B", "A"]
        world.hand.unplug("B")
        assert context.readers() == ["A"]


class TestStates:
    def test_an_empty_reader(self, world: World, context: PcscContext) -> None:
        world.hand.plug(READER)
        state = look(context)
        assert (state.reader, state.present, state.mute, state.atr) == (READER, False, False, b"")

    def test_a_card_is_seen_with_its_atr(self, world: World, context: PcscContext) -> None:
        world.hand.plug(READER)
        world.hand.insert(READER, vitale())
        state = look(context)
        assert (state.present, state.mute, state.atr) == (True, False, vitale().atr)

    def test_a_mute_card_has_no_atr(self, world: World, context: PcscContext) -> None:
        world.hand.plug(READER)
        world.hand.insert(READER, vitale(), mute=True)
        state = look(context)
        assert (state.present, state.mute, state.atr) == (True, True, b"")

    def test_each_move_is_counted(self, world: World, context: PcscContext) -> None:
        world.hand.plug(READER)
        world.hand.insert(READER, vitale())
        before = look(context)
        world.hand.remove(READER)
        world.hand.insert(READER, vitale())
        assert context.wait([before], 0)[0].counter == before.counter + 2

    def test_nothing_new_times_out(self, world: World, context: PcscContext) -> None:
        world.hand.plug(READER)
        with failing(failures.E_TIMEOUT):
            context.wait([look(context)], 5)

    def test_an_unplugged_reader_is_unknown(self, world: World, context: PcscContext) -> None:
        world.hand.plug(READER)
        known = look(context)
        world.hand.unplug(READER)
        with failing(failures.E_UNKNOWN_READER):
            context.wait([known], 0)


class TestWaiting:
    def test_an_insertion_ends_the_wait(self, world: World, context: PcscContext, thread: ThreadPoolExecutor) -> None:
        world.hand.plug(READER)
        pending = thread.submit(context.wait, [look(context)], LONG_MS)
        world.hand.insert(READER, vitale())
        assert pending.result(PATIENCE)[0].present

    def test_a_new_reader_ends_the_wait(self, world: World, context: PcscContext, thread: ThreadPoolExecutor) -> None:
        pending = thread.submit(context.wait, [ReaderState(PNP_NOTIFICATION)], LONG_MS)
        names = itertools.count()
        self.insist(pending, lambda: self.plug_another(world, next(names)))
        assert pending.result(PATIENCE)[0].reader == PNP_NOTIFICATION

    def test_cancel_ends_the_wait(self, world: World, context: PcscContext, thread: ThreadPoolExecutor) -> None:
        world.hand.plug(READER)
        pending = thread.submit(context.wait, [look(context)], LONG_MS)
        self.insist(pending, context.cancel)
        with failing(failures.E_CANCELLED):
            pending.result(PATIENCE)

    def test_cancel_without_a_wait_is_forgotten(self, world: World, context: PcscContext) -> None:
        world.hand.plug(READER)
        context.cancel()
        with failing(failures.E_TIMEOUT):
            context.wait([look(context)], 5)

    def test_a_stopped_service_ends_the_wait(
        self, world: World, context: PcscContext, thread: ThreadPoolExecutor
    ) -> None:
        world.hand.plug(READER)
        pending = thread.submit(context.wait, [look(context)], LONG_MS)
        world.hand.stop_service()
        with failing(*SERVICE_LOST):
            pending.result(PATIENCE)

    def test_a_failure_on_demand(self, world: World, context: PcscContext) -> None:
        world.hand.plug(READER)
        known = look(context)
        world.hand.fail("wait", failures.F_COMM_ERROR)
        with failing(failures.F_COMM_ERROR):
            context.wait([known], LONG_MS)

    @staticmethod
    def insist(pending: Future[list[ReaderState]], act: Callable[[], None]) -> None:
        """What comes before the wait began has no effect on it: do it again until it ends."""
        for _ in range(1000):
            act()
            if wait([pending], 0.01).done:
                return

    @staticmethod
    def plug_another(world: World, number: int) -> None:
        """One more reader each time; pcsc-lite knows 16 at most, so the one before leaves."""
        world.hand.plug(f"{READER} {number}")
        if number:
            world.hand.unplug(f"{READER} {number - 1}")


class TestService:
    def test_stopped_it_is_told(self, world: World) -> None:
        world.hand.stop_service()
        with failing(failures.E_NO_SERVICE):
            world.pcsc.establish()

    def test_a_context_dies_with_it(self, world: World, context: PcscContext) -> None:
        world.hand.plug(READER)
        known = look(context)
        world.hand.stop_service()
        world.hand.start_service()
        with failing(*SERVICE_LOST):
            context.wait([known], LONG_MS)
        fresh = world.pcsc.establish()
        assert fresh.readers() == [READER]
        fresh.release()

    def test_it_may_refuse_a_context(self, world: World) -> None:
        world.hand.fail("establish", failures.E_NO_SERVICE)
        with failing(failures.E_NO_SERVICE):
            world.pcsc.establish()
        world.pcsc.establish().release()


class TestConnection:
    @pytest.fixture(autouse=True)
    def reader(self, world: World) -> None:
        world.hand.plug(READER)

    def test_a_card_answers(self, world: World, context: PcscContext) -> None:
        world.hand.insert(READER, vitale())
        card = context.connect(READER)
        assert card.protocol == PROTOCOL_T0
        assert card.transmit(SELECT_MF) == b"\x90\x00"
        card.disconnect()

    def test_the_protocol_is_the_first_the_atr_offers(self, world: World, context: PcscContext) -> None:
        contactless = bytes.fromhex("3B 88 81 11 49 49 49 49 49 49 49 49 49 90")  # TD1 names T=1
        world.hand.insert(READER, VitaleCard([PATIENT], atr=contactless))
        card = context.connect(READER)
        assert card.protocol == PROTOCOL_T1
        card.disconnect()

    def test_no_card(self, context: PcscContext) -> None:
        with failing(failures.E_NO_SMARTCARD):
            context.connect(READER)

    def test_no_such_reader(self, context: PcscContext) -> None:
        with failing(failures.E_UNKNOWN_READER):
            context.connect("absent")

    def test_a_mute_card(self, world: World, context: PcscContext) -> None:
        world.hand.insert(READER, vitale(), mute=True)
        with failing(failures.W_UNRESPONSIVE_CARD):
            context.connect(READER)

    def test_a_card_held_by_another_program(self, world: World, context: PcscContext) -> None:
        world.hand.insert(READER, vitale())
        world.hand.hold(READER)
        with failing(failures.E_SHARING_VIOLATION):
            context.connect(READER)
        world.hand.hold(READER, held=False)
        context.connect(READER).disconnect()

    def test_a_removed_card_never_comes_back(self, world: World, context: PcscContext) -> None:
        world.hand.insert(READER, vitale())
        card = context.connect(READER)
        world.hand.remove(READER)
        with failing(failures.W_REMOVED_CARD):
            card.transmit(SELECT_MF)
        world.hand.insert(READER, vitale())
        with failing(failures.W_REMOVED_CARD):
            card.transmit(SELECT_MF)

    def test_an_unplugged_reader(self, world: World, context: PcscContext) -> None:
        world.hand.insert(READER, vitale())
        card = context.connect(READER)
        world.hand.unplug(READER)
        with failing(failures.E_READER_UNAVAILABLE):
            card.transmit(SELECT_MF)

    def test_a_reset_must_be_acknowledged(self, world: World, context: PcscContext) -> None:
        world.hand.insert(READER, vitale())
        card = context.connect(READER)
        world.hand.reset_card(READER)
        with failing(failures.W_RESET_CARD):
            card.transmit(SELECT_MF)
        card.reconnect()
        assert card.transmit(SELECT_MF) == b"\x90\x00"
        card.disconnect()

    def test_the_card_is_left_as_it_was(self, world: World, context: PcscContext) -> None:
        world.hand.insert(READER, vitale())
        first = context.connect(READER)
        first.transmit(SELECT_MF)
        first.transmit(bytes.fromhex("00B0820000"))
        first.disconnect()
        second = context.connect(READER)
        assert second.transmit(bytes.fromhex("00B0000001")) == b"\x65\x90\x00"  # the file is still selected
        second.disconnect()

    def test_a_transaction_keeps_the_others_out(self, world: World, thread: ThreadPoolExecutor) -> None:
        world.hand.insert(READER, vitale())
        mine, theirs = world.pcsc.establish(), world.pcsc.establish()
        first, second = mine.connect(READER), theirs.connect(READER)
        first.begin()
        pending = thread.submit(second.begin)
        assert not wait([pending], 0.05).done
        first.end()
        pending.result(PATIENCE)
        second.end()
        for one in (first, second):
            one.disconnect()
        mine.release()
        theirs.release()

    @pytest.mark.parametrize("call", ["connect", "begin", "transmit"])
    def test_a_failure_on_demand(self, call: str, world: World, context: PcscContext) -> None:
        world.hand.insert(READER, vitale())
        world.hand.fail(call, failures.F_COMM_ERROR)
        with failing(failures.F_COMM_ERROR):
            card = context.connect(READER)
            card.begin()
            card.transmit(SELECT_MF)


class CodePage(str):
    """A name as a driver of another code page gives it to the service: no UTF-8."""

    def encode(self, *_how: str) -> bytes:
        return super().encode("cp1252")


@pytest.mark.parametrize("name", ["Lecteur intégré®", CodePage("Lecteur intégré®")], ids=["utf-8", "cp1252"])
def test_a_reader_pyscard_cannot_wait_on_is_told_and_hides_no_other(name: str) -> None:
    """pyscard #106 (wait) and #121 (list: SystemError for all readers)."""
    with open_world("libpcsclite") as world:
        world.hand.plug(name)
        world.hand.plug(READER)
        context = world.pcsc.establish()
        try:
            assert context.readers() == ["Lecteur intégré®", READER]
            with pytest.raises(UnicodeEncodeError):  # when this no longer fails, such readers can be used
                context.wait([ReaderState("Lecteur intégré®")], 0)
        finally:
            context.release()
        with watching(world) as told:
            told.expect("service_up", f"reader_added {READER}", "reader_added Lecteur intégré®")
            world.hand.insert(name, vitale())
            world.hand.insert(READER, vitale())
            told.expect(f"card_inserted {READER}")
            world.hand.unplug(name)
            told.expect("reader_removed Lecteur intégré®")
        contents = Inventory(world.pcsc).look()
        assert [(one.reader, one.usable, one.present) for one in contents] == [(READER, True, True)]
        world.hand.plug(name)
        assert [one.usable for one in Inventory(world.pcsc).look()] == [True, False]


def test_a_list_of_names_as_the_system_gives_it() -> None:
    assert split("A 0\0B 1\0\0") == ["A 0", "B 1"]
    assert split("\0") == split("") == []


def test_names_asked_of_a_context_that_is_dead() -> None:
    with open_world("libpcsclite") as world:
        world.hand.plug(READER)
        context = world.pcsc.establish()
        assert raw_names(context._handle) == context.readers() == [READER]  # type: ignore[attr-defined]
        world.hand.unplug(READER)
        with failing(failures.E_NO_READERS_AVAILABLE):
            raw_names(context._handle)  # type: ignore[attr-defined]
        context.release()
        with failing(failures.E_INVALID_HANDLE):
            raw_names(context._handle)  # type: ignore[attr-defined]
