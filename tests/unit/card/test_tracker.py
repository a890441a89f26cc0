from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.card.pcsc import (
    MAX_STATES,
    PNP_NOTIFICATION,
    STATE_CHANGED,
    STATE_EMPTY,
    STATE_MUTE,
    STATE_PRESENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    ReaderState,
)
from dmp_desktop.card.tracker import ReaderTracker
from dmp_desktop.domain.cards import CardEvent, CardEventType
from dmp_desktop.sandbox.virtual_cards import ATR_CPS3
from tests.helpers.card_worlds import replay

ATR = bytes.fromhex("3B751300004309EA9000")
NAMES = st.sampled_from(["A", "B", "É"])
FLAGS = st.sampled_from(
    [
        STATE_EMPTY,
        STATE_PRESENT,
        STATE_PRESENT | STATE_MUTE,
        STATE_UNAVAILABLE,
        STATE_UNKNOWN,
        STATE_UNKNOWN | STATE_UNAVAILABLE,
        0,
    ]
)


@st.composite
def states(draw: st.DrawFn) -> ReaderState:
    flags = draw(FLAGS)
    atr = draw(st.sampled_from([ATR, ATR[:-2] + b"\x90\x01", b""])) if flags & STATE_PRESENT else b""
    return ReaderState(draw(NAMES), draw(st.integers(0, 0xFFFF)) << 16 | STATE_CHANGED | flags, atr)


NEWS = st.one_of(st.none(), st.lists(NAMES, unique=True), st.lists(states()))


@given(st.lists(NEWS, max_size=40))
def test_whatever_pcsc_says_the_stream_is_well_formed(news: list[list[str] | list[ReaderState] | None]) -> None:
    tracker = ReaderTracker()
    told: list[CardEvent] = []
    for one in news:
        if one is None:
            told += tracker.service_down()
        elif one and isinstance(one[0], ReaderState):
            told += tracker.states(one)  # type: ignore[arg-type]
        else:
            told += tracker.readers(one)  # type: ignore[arg-type]
    told += tracker.service_down()
    assert replay(told) == (False, {})


def test_the_service_is_told_down_once() -> None:
    tracker = ReaderTracker()
    assert [event.type for event in tracker.service_down()] == [CardEventType.SERVICE_DOWN]
    assert tracker.service_down() == []


def test_why_the_service_is_down_is_told_with_it() -> None:
    tracker = ReaderTracker()
    tracker.readers(["A"])
    assert [event.why for event in tracker.service_down("card.no_library")] == ["", "card.no_library"]


def test_the_query_acknowledges_what_was_reported() -> None:
    tracker = ReaderTracker()
    tracker.readers(["A"])
    assert tracker.has_unseen_reader
    assert tracker.query() == [ReaderState("A"), ReaderState(PNP_NOTIFICATION, 1 << 16)]
    tracker.states(
        [ReaderState("A", 3 << 16 | STATE_PRESENT | STATE_CHANGED, ATR), ReaderState(PNP_NOTIFICATION, 7 << 16 | 2)]
    )
    assert not tracker.has_unseen_reader
    assert tracker.query() == [ReaderState("A", 3 << 16 | STATE_PRESENT, ATR), ReaderState(PNP_NOTIFICATION, 7 << 16)]


def test_more_readers_than_pcsc_waits_on_are_left_out() -> None:
    tracker = ReaderTracker()
    tracker.readers([str(number) for number in range(40)])
    assert len(tracker.query()) == MAX_STATES


def test_a_reader_that_cannot_be_waited_on_comes_and_goes_and_is_never_asked() -> None:
    tracker = ReaderTracker()
    told = tracker.readers(["A", "Lecteur é"])
    added = CardEventType.READER_ADDED
    assert told[1:] == [CardEvent(added, "A"), CardEvent(added, "Lecteur é")]
    assert tracker.readers(["A", "Lecteur é"]) == []
    assert "Lecteur é" not in [state.reader for state in tracker.query()]
    assert tracker.states([ReaderState("Lecteur é", STATE_PRESENT, ATR)]) == []
    assert tracker.readers(["A"]) == [CardEvent(CardEventType.READER_REMOVED, "Lecteur é")]
    tracker.readers(["Lecteur é"])
    assert CardEvent(CardEventType.READER_REMOVED, "Lecteur é") in tracker.service_down()


def test_an_unavailable_reader_keeps_its_card_until_more_is_known() -> None:
    tracker = ReaderTracker()
    tracker.readers(["A"])
    tracker.states([ReaderState("A", 1 << 16 | STATE_PRESENT, ATR)])
    assert tracker.states([ReaderState("A", STATE_UNAVAILABLE | STATE_CHANGED)]) == []
    assert tracker.query()[0].state & STATE_UNAVAILABLE  # acknowledged: the next wait blocks
    assert tracker.states([ReaderState("A", 1 << 16 | STATE_PRESENT | STATE_CHANGED, ATR)]) == []
    assert [event.type for event in tracker.readers([])] == [CardEventType.CARD_REMOVED, CardEventType.READER_REMOVED]


def test_a_card_that_falls_silent_leaves_first() -> None:
    tracker = ReaderTracker()
    tracker.readers(["A"])
    tracker.states([ReaderState("A", 1 << 16 | STATE_PRESENT, ATR)])
    told = tracker.states([ReaderState("A", 1 << 16 | STATE_PRESENT | STATE_MUTE)])
    assert [event.type for event in told] == [CardEventType.CARD_REMOVED, CardEventType.CARD_MUTE]


def test_another_atr_is_another_card_even_when_the_counter_did_not_move() -> None:
    """The reader left and came back between two looks: its counter started again."""
    tracker = ReaderTracker()
    tracker.readers(["A"])
    tracker.states([ReaderState("A", 1 << 16 | STATE_PRESENT, ATR)])
    assert tracker.states([ReaderState("A", 1 << 16 | STATE_PRESENT, ATR)]) == []
    for other in (ATR[:5] + b"\x44" + ATR[6:], ATR_CPS3):  # another Vitale, another kind
        told = tracker.states([ReaderState("A", 1 << 16 | STATE_PRESENT, other)])
        assert [event.type for event in told] == [CardEventType.CARD_REMOVED, CardEventType.CARD_INSERTED]


def test_without_the_pseudo_reader_only_readers_are_asked_until_the_service_comes_back() -> None:
    tracker = ReaderTracker()
    tracker.readers(["A"])
    tracker.states([ReaderState("A", 1 << 16 | STATE_EMPTY), ReaderState(PNP_NOTIFICATION, STATE_UNKNOWN)])
    assert [asked.reader for asked in tracker.query()] == ["A"]
    tracker.service_down()
    tracker.readers(["A"])
    assert [asked.reader for asked in tracker.query()] == ["A", PNP_NOTIFICATION]
