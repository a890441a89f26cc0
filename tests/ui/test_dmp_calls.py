"""Calls to the DMP from the window's threads, which lose what Python keeps for a thread after each task."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.ui.tasks import TaskRunner
from tests.helpers import signers
from tests.helpers.keeping_server import KeepingServer, keeping_server
from tests.helpers.slow_card import SlowCard

CALLS = 40


@pytest.fixture
def runner(qapp):
    runner = TaskRunner(4)
    yield runner
    assert runner.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return signers.write_identity(tmp_path)


@pytest.fixture(params=[True, False], ids=["tickets", "no ticket"])
def server(folder: Path, request: pytest.FixtureRequest) -> Iterator[KeepingServer]:
    with keeping_server(folder, tickets=request.param) as running:
        yield running


def sockets() -> int:
    found = 0
    for held in Path("/proc/self/fd").iterdir():
        try:
            found += str(held.readlink()).startswith("socket:")
        except OSError:
            continue  # closed meanwhile: the one of this listing, at least
    return found


def ask(sender: HttpsTransport) -> bytes:
    return sender.post("/x", b"x", {}).read()


def test_calls_one_after_the_other_keep_one_connection(qtbot, runner, folder: Path, server: KeepingServer) -> None:
    card = SlowCard(Pkcs12Identity(folder, signers.PASSWORD).authentication)
    sender = HttpsTransport(server.url, card, folder / "ca.pem")
    answers: list[object] = []
    before = sockets()
    for number in range(CALLS):
        runner.submit(lambda: ask(sender), answers.append, answers.append)
        qtbot.waitUntil(lambda: len(answers) > number)  # noqa: B023 - waited for at once
    assert answers == [b"ok"] * CALLS
    assert (len(server.shaken), len(card.signed), sockets() - before) == (1, 1, 2)  # both ends are here
    sender.close()


def test_calls_at_once_keep_no_more_connections_than_threads(
    qtbot, runner, folder: Path, server: KeepingServer
) -> None:
    sender = HttpsTransport(server.url, Pkcs12Identity(folder, signers.PASSWORD), folder / "ca.pem")
    answers: list[object] = []
    for _ in range(CALLS):
        runner.submit(lambda: ask(sender), answers.append, answers.append)
    qtbot.waitUntil(lambda: len(answers) == CALLS, timeout=20_000)
    assert answers == [b"ok"] * CALLS
    assert len(server.shaken) <= 4
    sender.close()
