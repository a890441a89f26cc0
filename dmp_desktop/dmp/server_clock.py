"""The server's time, by the Date of its answers: nothing is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from dmp_desktop.domain.ports import Clock, Transport, TransportReply

_ABSURD = timedelta(days=36_500)
"""A century: more than any battery that ran out takes a clock back."""


class ServerClock:
    """`skew` is the server's clock minus ours at the last answer that told the time, None before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.skew: timedelta | None = None

    def watch(self, transport: Transport) -> Transport:
        """The same transport, heard on its way."""
        return _Watched(transport, self)

    def hear(self, date: str | None, before: datetime) -> None:
        """`date`: the header as it came, an answer to what was asked at `before`."""
        found = skew_of(date, before, self._clock.now())
        self.skew = self.skew if found is None else found

    def now(self) -> datetime:
        return self._clock.now()


def skew_of(date: str | None, before: datetime, after: datetime) -> timedelta | None:
    """Against the middle of the exchange; the header is cut to the second (RFC 9110 §5.6.7), half of which is given back.

    None for a header that is absent, no date, or one a century away: nothing it holds may undo what the answer says.
    """
    try:
        told = parsedate_to_datetime(date or "")
        if told.tzinfo is None:
            return None
        skew = told + timedelta(milliseconds=500) - (before + (after - before) / 2)
    except (ValueError, OverflowError, TypeError):
        return None
    return skew if abs(skew) < _ABSURD else None


class _Watched:
    def __init__(self, transport: Transport, clock: ServerClock) -> None:
        self._transport, self._clock = transport, clock

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        return self._heard(lambda: self._transport.post(path, body, headers))

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        return self._heard(lambda: self._transport.send(method, path, body, headers))

    def _heard(self, exchange: Callable[[], TransportReply]) -> TransportReply:
        before = self._clock.now()
        reply = exchange()
        self._clock.hear(reply.headers.get("Date"), before)
        return reply

    def close(self) -> None:
        self._transport.close()
