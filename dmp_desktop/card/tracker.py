"""From the states PC/SC reports to the events people understand. No thread, no PC/SC call, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dmp_desktop.card.identify import classify
from dmp_desktop.card.pcsc import (
    MAX_STATES,
    PNP_NOTIFICATION,
    STATE_CHANGED,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    ReaderState,
)
from dmp_desktop.domain.cards import CardEvent, CardEventType, usable_reader


class ReaderTracker:
    """What is known of the service, its readers and their cards; each method returns the events that follow from news.

    The stream is always well formed: a card is inserted (or mute) only in an added reader, removed before another one comes
    in, and everything is told removed before the service is told down.
    """

    def __init__(self) -> None:
        self._service: bool | None = None
        self._known: dict[str, ReaderState] = {}
        self._unusable: set[str] = set()
        self._announced = 0
        self._told_of_readers = True

    def query(self) -> list[ReaderState]:
        """What to ask PC/SC to wait on: each reader as last seen, and the list itself where the service tells of it."""
        if not self._told_of_readers:
            return [*self._known.values()]
        # The upper half of the pseudo-reader's state is the number of known readers on Windows (where 0 makes the call return
        # at once: reference card.md §4, row 7) and a counter on recent pcsc-lite: what it last said is the right answer to both.
        announced = self._announced or len(self._known)
        return [*self._known.values(), ReaderState(PNP_NOTIFICATION, announced << 16)]

    @property
    def told_of_readers(self) -> bool:
        """The service is believed to tell when a reader comes or goes (the pseudo-reader works)."""
        return self._told_of_readers

    def do_without_news_of_readers(self) -> None:
        """The pseudo-reader is refused, or answers at once for ever: readers are listed again from time to time instead."""
        self._told_of_readers = False

    @property
    def has_unseen_reader(self) -> bool:
        """A reader was added whose state has never been asked."""
        return any(not known.state for known in self._known.values())

    def service_down(self, why: str = "") -> list[CardEvent]:
        """The service does not answer; `why` is the code of the error. Told once."""
        if self._service is False:
            return []
        events = self.readers(()) if self._service else []
        self._service, self._announced, self._told_of_readers = False, 0, True
        return [*events, CardEvent(CardEventType.SERVICE_DOWN, why=why)]

    def out_of_sight(self) -> list[CardEvent]:
        """Nobody looks for a while. Readers stay; a card is told removed, and told again once it is seen.

        Until then its reader may leave and come back under the same name, its counter started again, with the card of someone
        else: all Vitale 2 have one ATR.
        """
        events = [event for known in self._known.values() for event in self._card_out(known)]
        self._known = {name: ReaderState(name) for name in self._known}
        return events

    def readers(self, names: Sequence[str]) -> list[CardEvent]:
        """The service answered with the list of its readers. Those beyond what PC/SC can wait on are left out; one whose name
        cannot be waited on is told as added, and no card of it ever is."""
        unusable = [name for name in names if not usable_reader(name)]
        names = [name for name in names if usable_reader(name)][: MAX_STATES - 1]
        events = [] if self._service else [CardEvent(CardEventType.SERVICE_UP)]
        self._service = True
        for name in [known for known in self._known if known not in names]:
            events += self._card_out(self._known.pop(name))
            events.append(CardEvent(CardEventType.READER_REMOVED, name))
        for name in names:
            if name not in self._known:
                self._known[name] = ReaderState(name)
                events.append(CardEvent(CardEventType.READER_ADDED, name))
        gone, come = self._unusable - {*unusable}, {*unusable} - self._unusable
        self._unusable = {*unusable}
        events += [CardEvent(CardEventType.READER_REMOVED, name) for name in sorted(gone)]
        return events + [CardEvent(CardEventType.READER_ADDED, name) for name in sorted(come)]

    def states(self, reported: Iterable[ReaderState]) -> list[CardEvent]:
        """The service answered with new states."""
        events: list[CardEvent] = []
        for state in reported:
            if state.reader == PNP_NOTIFICATION:
                self._announced = state.counter
                self._told_of_readers &= not state.state & STATE_UNKNOWN
            elif state.reader in self._known:
                events += self._seen(state)
        return events

    def _seen(self, state: ReaderState) -> list[CardEvent]:
        before = self._known[state.reader]
        if blind := state.state & (STATE_UNAVAILABLE | STATE_UNKNOWN):
            # Nothing can be said of its card: wait for the reader to come back, or leave. One left behind in the registry of
            # Windows is listed, and unknown for ever.
            self._known[state.reader] = replace(before, state=before.state | blind)
            return []
        atr = b"" if state.mute else state.atr
        now = replace(state, state=state.state & ~STATE_CHANGED, atr=atr)
        # A counter that moved while a card is there before and after: it was taken out and one was put in between two looks.
        # Another ATR too, even where only a reset by another program changed it: the reader itself may have left and come back,
        # its counter started again. A card read once more costs little; a record left open for another card does not.
        if before.present and now.present and _same_card(before, now):
            self._known[state.reader] = now
            return []
        self._known[state.reader] = now
        events = self._card_out(before)
        if now.present:
            kind = CardEventType.CARD_MUTE if now.mute else CardEventType.CARD_INSERTED
            events.append(CardEvent(kind, now.reader, now.atr, classify(now.atr)))
        return events

    @staticmethod
    def _card_out(state: ReaderState) -> list[CardEvent]:
        if not state.present:
            return []
        return [CardEvent(CardEventType.CARD_REMOVED, state.reader, state.atr, classify(state.atr))]


def _same_card(before: ReaderState, now: ReaderState) -> bool:
    return (before.counter, before.mute, before.atr) == (now.counter, now.mute, now.atr)
