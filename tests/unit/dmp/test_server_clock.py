"""The Date of an answer comes from elsewhere: whatever it holds, the answer stays what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dmp_desktop.dmp.server_clock import ServerClock, skew_of
from tests.helpers.clock import FakeClock

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class Reply:
    status = 200

    def __init__(self, date: str) -> None:
        self.headers = {"Date": date}


class Deposited:
    """A transport whose every request was carried out."""

    def __init__(self, date: str) -> None:
        self.reply = Reply(date)

    def post(self, *_arguments: object) -> Reply:
        return self.reply


@given(
    st.text(max_size=40) | st.from_regex(r"\w{3}, \d{1,2} Jan \d{1,11} \d{1,3}:\d\d:\d\d [+-]?\w{3,6}", fullmatch=True)
)
@example("Mon, 01 Jan 99999999999 00:00:00 GMT")
@example("Fri, 31 Dec 9999 23:59:59 GMT")
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("Mon, 01 Jan 2026 00:00:00 +999999999999")
def test_no_date_undoes_a_deposit(date: str) -> None:
    transport = Deposited(date)
    heard = ServerClock(FakeClock(NOW))
    assert heard.watch(transport).post("/x", b"", {}) is transport.reply  # type: ignore[arg-type]
    assert heard.skew is None or abs(heard.skew) < timedelta(days=36_525)


@pytest.mark.parametrize(("years", "told"), [(-56, True), (0, True), (99, True), (101, False), (7900, False)])
def test_a_century_is_absurd(years: int, told: bool) -> None:
    """A clock that starts again in 1970 is not."""
    date = format_datetime(NOW.replace(year=NOW.year + years), usegmt=True)
    assert (skew_of(date, NOW, NOW) is not None) is told
