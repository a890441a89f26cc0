"""The server's time, by the Date of its answers: nothing is asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from dmp_desktop.domain.ports import Clock, Transport, TransportReply


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

    None for a header that is absent or no date.
    """
    try:
        told = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    if told.tzinfo is None:
        return None
    return told + timedelta(milliseconds=500) - (before + (after - before) / 2)


class _Watched:
    def __init__(self, transport: Transport, clock: ServerClock) -> None:
        self._transport, self._clock = transport, clock

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        before = self._clock.now()
        reply = self._transport.post(path, body, headers)
        self._clock.hear(reply.headers.get("Date"), before)
        return reply

    def close(self) -> None:
        self._transport.close()
