"""A ticket opens one context, once, within a minute, and tells nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.services.tickets import LASTS, MOST, Tickets
from tests.helpers.clock import FakeClock
from tests.helpers.contexts import context

ROOT = Path(__file__).resolve().parents[3]
CONTEXT = json.dumps(context()).encode()


class Taken(list[tuple[bytes, bytes]]):
    def __call__(self, told: bytes, note: bytes) -> None:
        self.append((told, note))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def tickets(tmp_path, clock) -> Tickets:
    return Tickets(tmp_path / "tickets", clock)


def test_it_serves_once(tickets: Tickets, tmp_path) -> None:
    ticket, taken = tickets.put(CONTEXT, b"note"), Taken()
    (file,) = (tmp_path / "tickets").iterdir()
    assert ticket not in file.name
    assert b"TEST-PATIENTE" not in file.read_bytes()
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o077 == 0
    tickets.redeem(ticket, taken)
    assert taken == [(CONTEXT, b"note")]
    with pytest.raises(ContextError, match="a déjà servi"):
        tickets.redeem(ticket, taken)
    assert len(taken) == 1


def test_it_is_worth_nothing_after_a_minute(tickets: Tickets, clock: FakeClock, tmp_path) -> None:
    ticket, taken = tickets.put(CONTEXT), Taken()
    clock.advance(LASTS.total_seconds() + 1)
    with pytest.raises(ContextError):
        tickets.redeem(ticket, taken)
    assert (taken, list((tmp_path / "tickets").iterdir())) == ([], [])


def test_nor_after_the_clock_jumped_back(tickets: Tickets, clock: FakeClock) -> None:
    ticket = tickets.put(CONTEXT)
    clock.set_back(3600)
    with pytest.raises(ContextError):
        tickets.redeem(ticket, Taken())


def test_nobody_came_for_it_and_it_goes(tickets: Tickets, clock: FakeClock, tmp_path) -> None:
    tickets.put(CONTEXT)
    clock.advance(timedelta(minutes=3).total_seconds())
    tickets.purge()
    assert list((tmp_path / "tickets").iterdir()) == []


def test_what_is_not_taken_may_be_taken_again(tickets: Tickets) -> None:
    ticket = tickets.put(CONTEXT)

    def full(_told: bytes, _note: bytes) -> None:
        raise StorageError("write-failed", "Le disque est plein.")

    with pytest.raises(StorageError):
        tickets.redeem(ticket, full)
    taken = Taken()
    tickets.redeem(ticket, taken)
    assert taken == [(CONTEXT, b"")]


@pytest.mark.parametrize("hostile", ["", "a", "../../etc/passwd", "a" * 33, "é" * 32, "a" * 31 + "\n", "A" * 32])
def test_a_ticket_that_was_not_deposited_here_opens_nothing(tickets: Tickets, hostile: str) -> None:
    tickets.put(CONTEXT)
    with pytest.raises(ContextError, match="ne désigne aucun patient"):
        tickets.redeem(hostile, Taken())


def test_a_loop_of_deposits_is_ended(tickets: Tickets) -> None:
    for _one in range(MOST):
        tickets.put(CONTEXT)
    with pytest.raises(ContextError, match="en une minute"):
        tickets.put(CONTEXT)


def test_the_command_prints_an_address_that_tells_nothing(tmp_path) -> None:
    def put(given: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "dmp_desktop", "context", "put"],
            cwd=ROOT,
            env=os.environ | {"DMP_DESKTOP_HOME": str(tmp_path)},
            input=given,
            capture_output=True,
            timeout=300,
        )

    done = put(CONTEXT)
    assert done.returncode == 0, done.stderr
    address = done.stdout.decode().strip()
    assert address.startswith("dmp-desktop://open?ticket=")
    for told in ("279035121518989", "PATIENTE", "MARIE"):
        assert told not in address
    taken = Taken()
    from dmp_desktop.platform.clock import SystemClock

    Tickets(tmp_path / "tickets", SystemClock()).redeem(address.partition("=")[2], taken)
    assert taken == [(CONTEXT, b"")]
    wrong = put(json.dumps(context(ins="1")).encode())
    assert wrong.returncode == 1
    assert "« patient.ins »" in wrong.stderr.decode()
