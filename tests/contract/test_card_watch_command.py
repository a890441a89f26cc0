"""How `dmp card watch --json` ends: quickly and quietly, whoever ends it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.helpers.card_worlds import PATIENCE, World, open_world, vitale

QUICK = 3.0
"""Seconds, far more than it takes."""


@pytest.fixture
def world() -> Iterator[World]:
    with open_world("libpcsclite") as opened:
        yield opened


@contextmanager
def watching() -> Iterator[subprocess.Popen[str]]:
    """The command, its first event read."""
    command = [sys.executable, "-m", "dmp_desktop", "card", "watch", "--json"]
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # what a shell has ignored, its children ignore too
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    signal.signal(signal.SIGINT, before)
    try:
        assert process.stdout
        assert json.loads(process.stdout.readline())["event"] == "service_up"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
@pytest.mark.alone
def test_a_signal_ends_it(world: World, sent: signal.Signals, status: int) -> None:
    with watching() as process:
        began = time.monotonic()
        process.send_signal(sent)
        assert process.wait(PATIENCE) == status
        assert time.monotonic() - began < QUICK
        assert process.stderr
        assert process.stderr.read() == ""


@pytest.mark.alone
def test_nobody_reads_any_more(world: World) -> None:
    with watching() as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        began = time.monotonic()
        world.hand.plug("Lecteur")
        world.hand.insert("Lecteur", vitale())
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - began < QUICK
        assert process.stderr.read() == ""


def test_each_event_is_told_at_once_and_in_order_when_the_service_stops(world: World) -> None:
    with watching() as process:
        assert process.stdout
        for number in range(2):
            world.hand.plug(f"Lecteur {number}")
            assert json.loads(process.stdout.readline())["event"] == "reader_added"
            world.hand.insert(f"Lecteur {number}", vitale())
            assert json.loads(process.stdout.readline())["event"] == "card_inserted"
        world.hand.stop_service()
        told = [json.loads(process.stdout.readline()) for _ in range(5)]
        assert [f"{one['event']} {one['reader']}".strip() for one in told] == [
            *("card_removed Lecteur 0", "reader_removed Lecteur 0"),
            *("card_removed Lecteur 1", "reader_removed Lecteur 1"),
            "service_down",
        ]
