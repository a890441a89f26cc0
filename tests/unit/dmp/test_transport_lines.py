"""Connections are shared between calls, and cost as few signatures as the server lets them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dmp_desktop.dmp import tls_context, transport, transport_lines
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.errors import CardError, DmpError
from tests.helpers import signers
from tests.helpers.keeping_server import keeping_server, server_context
from tests.helpers.slow_card import SlowCard

MEGABYTE = 1024 * 1024


@pytest.mark.alone
def test_fifty_calls_to_a_server_without_tickets_cost_one_signature(
    identity_folder: Path, identity: Pkcs12Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    card = SlowCard(identity.authentication, 0.7)
    with keeping_server(identity_folder, tickets=False) as server:
        sender = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        start = time.monotonic()
        with ThreadPoolExecutor(5) as pool:
            replies = list(pool.map(lambda _: sender.post("/x", b"x", {}).read(), range(50)))
        seconds = time.monotonic() - start
        sender.close()
    with capsys.disabled():
        print(f"\n50 calls, 5 threads, no ticket, a card at 700 ms a signature: {seconds:.2f} s", end=" ")
    assert (replies, len(card.signed), server.shaken) == ([b"ok"] * 50, 1, [False])
    assert seconds < 1.5


@pytest.mark.alone
def test_no_wait_for_a_ticket_that_does_not_come(identity_folder: Path, identity: Pkcs12Identity) -> None:
    with keeping_server(identity_folder, tickets=False) as server:
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        start = time.monotonic()
        sender.post("/x", b"x", {}).read()
        seconds = time.monotonic() - start
        sender.close()
    assert seconds < 0.4


def test_tickets_open_as_many_connections_as_there_are_calls(identity_folder: Path, identity: Pkcs12Identity) -> None:
    """Nobody waits for another's answer: three that take their time take it together."""
    card = SlowCard(identity.authentication)
    with keeping_server(identity_folder) as server:
        sender = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        server.thinks = 0.3
        with ThreadPoolExecutor(3) as pool:
            assert list(pool.map(lambda _: sender.post("/x", b"x", {}).read(), range(6))) == [b"ok"] * 6
        sender.close()
    assert (len(card.signed), server.shaken) == (1, [False, True, True])


@pytest.mark.alone
def test_a_long_call_does_not_hold_the_others_back(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without tickets they wait a while, then have the card sign; one does, for all."""
    monkeypatch.setattr(transport_lines, "PATIENCE_SECONDS", 0.2)
    card = SlowCard(identity.authentication)
    with keeping_server(identity_folder, tickets=False) as server, ThreadPoolExecutor(4) as pool:
        sender = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        server.enough = MEGABYTE
        long = pool.submit(lambda: sender.post("/x", bytes(20 * MEGABYTE), {}))
        while not server.shaken:
            time.sleep(0.01)
        assert list(pool.map(lambda _: sender.post("/x", b"x", {}).read(), range(3))) == [b"ok"] * 3
        assert not long.done()
        sender.close()
        with pytest.raises((DmpError, CardError)):
            long.result(60)
    assert (len(card.signed), server.shaken) == (2, [False, False])


def test_a_call_that_waits_for_a_connection_ends_with_the_session(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_lines, "PATIENCE_SECONDS", 60)
    with keeping_server(identity_folder, tickets=False) as server, ThreadPoolExecutor(2) as pool:
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        server.thinks = 60
        calls = [pool.submit(lambda: sender.post("/x", b"x", {}).read()) for _ in range(2)]
        while not server.received:
            time.sleep(0.01)
        sender.close()
        codes = {call.exception(60).code for call in calls}  # type: ignore[union-attr]
    assert codes == {"ReponsePerdue", "SessionFermee"}
    assert server.shaken == [False]


@pytest.mark.alone
def test_connections_the_server_cut_are_not_lent(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would have the card sign again; two calls that find two of them dead share a new one."""
    monkeypatch.setattr(transport_lines, "PATIENCE_SECONDS", 0.1)
    card = SlowCard(identity.authentication)
    with keeping_server(identity_folder, tickets=False) as server, ThreadPoolExecutor(2) as pool:
        sender = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        server.thinks = 0.5
        assert list(pool.map(lambda _: sender.post("/x", b"x", {}).read(), range(2))) == [b"ok"] * 2
        assert len(card.signed) == 2
        server.cut()
        server.thinks = 0
        monkeypatch.setattr(transport_lines, "PATIENCE_SECONDS", 60)
        assert list(pool.map(lambda _: sender.post("/x", b"x", {}).read(), range(2))) == [b"ok"] * 2
        sender.close()
    assert (len(card.signed), server.shaken) == (3, [False] * 3)


def test_calls_take_turns_on_one_connection(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who gives it back and wants it again comes after who waited."""
    monkeypatch.setattr(transport_lines, "PATIENCE_SECONDS", 60)
    served: list[int] = []
    together = threading.Barrier(3)

    def calls(number: int) -> None:
        together.wait()
        for _ in range(8):
            sender.post("/x", b"x", {}).read()
            served.append(number)

    with keeping_server(identity_folder, tickets=False) as server, ThreadPoolExecutor(3) as pool:
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        server.thinks = 0.02
        list(pool.map(calls, range(3)))
        sender.close()
    assert server.shaken == [False]
    assert all(len(set(served[start : start + 3])) > 1 for start in range(len(served) - 3)), served


@pytest.mark.alone
def test_a_server_that_gave_no_ticket_is_not_waited_for_again(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_context, "TICKET_SLACK", 0.5)
    with keeping_server(identity_folder, tickets=False) as server:
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        seconds = []
        for _ in range(2):
            start = time.monotonic()
            sender.post("/x", b"x", {"Connection": "close"}).read()
            seconds.append(time.monotonic() - start)
        sender.close()
    assert seconds[0] > 0.5
    assert seconds[1] < 0.4


def test_a_refusal_that_comes_after_the_request_is_no_lost_answer(
    identity_folder: Path, identity: Pkcs12Identity, tmp_path: Path
) -> None:
    """The server gave no ticket, so nothing is waited for; then it takes our certificate no more."""
    stranger = tmp_path / "other.pem"
    stranger.write_bytes(signers._issue("TEST-AUTRE-AC", None)[1].public_bytes(signers.Encoding.PEM))
    with keeping_server(identity_folder, tickets=False) as server:
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        sender.post("/x", b"x", {"Connection": "close"}).read()
        server.context = server_context(identity_folder, tickets=False, ca=stranger)
        for body in (b"secret", bytes(MEGABYTE)):
            with pytest.raises(DmpError) as caught:
                sender.post("/x", body, {})
            assert (caught.value.code, caught.value.ambiguous) == ("Tls", False)
        sender.close()
    assert len(server.received) == 1


@pytest.mark.alone
def test_a_body_that_leaves_slowly_arrives(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than the time a connection may take, and than the server may stop reading for."""
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.4)
    monkeypatch.setattr(tls_context, "SEND_SECONDS", 0.6)
    with keeping_server(identity_folder) as server:
        server.pace = 12 * MEGABYTE
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        start = time.monotonic()
        assert sender.post("/x", bytes(20 * MEGABYTE), {}).read() == b"ok"
        assert time.monotonic() - start > 1.2
        sender.close()
    assert server.received == [20 * MEGABYTE]


@pytest.mark.alone
def test_a_long_body_has_more_time(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Than a call may otherwise take, as long as the line carries it."""
    monkeypatch.setattr(transport, "LIMIT_SECONDS", 0.8)
    with keeping_server(identity_folder, narrow=True) as server:
        server.pace = 4 * MEGABYTE
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        start = time.monotonic()
        assert sender.post("/x", bytes(8 * MEGABYTE), {}).read() == b"ok"
        assert time.monotonic() - start > 1.6
        sender.close()
    assert server.received == [8 * MEGABYTE]


@pytest.mark.alone
def test_the_answer_is_waited_for_when_the_body_has_left(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not from when the system took it all, which is at once for a scanned page: at 50 kB/s 1 MB was given up after 20 s."""
    monkeypatch.setattr(transport, "READ_SECONDS", 1.0)
    monkeypatch.setattr(transport, "FLOOR_RATE", MEGABYTE)
    with keeping_server(identity_folder, narrow=True) as server:
        server.pace = MEGABYTE
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        assert sender.post("/x", bytes(3 * MEGABYTE), {}).read() == b"ok"
        sender.close()
    assert server.received == [3 * MEGABYTE]


@pytest.mark.parametrize("limit", ["server", "call"])
@pytest.mark.alone
def test_a_server_that_stops_reading(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    if limit == "server":
        monkeypatch.setattr(tls_context, "SEND_SECONDS", 0.4)
    else:
        monkeypatch.setattr(transport, "LIMIT_SECONDS", 0.4)
        monkeypatch.setattr(tls_context, "FLOOR_RATE", 100 * MEGABYTE)
    with keeping_server(identity_folder) as server:
        server.enough = MEGABYTE
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        start = time.monotonic()
        with pytest.raises(DmpError) as caught:
            sender.post("/x", bytes(20 * MEGABYTE), {})
        assert time.monotonic() - start < 3
        sender.close()
    assert (caught.value.code, caught.value.retryable, caught.value.ambiguous) == ("EnvoiInterrompu", True, True)
    assert server.received == []


@pytest.mark.alone
def test_a_thread_s_troubles_are_its_own(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one call met does not colour the next one's error."""
    monkeypatch.setattr(tls_context, "SEND_SECONDS", 0.3)
    with keeping_server(identity_folder) as server:
        server.enough = MEGABYTE
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        with pytest.raises(DmpError):
            sender.post("/x", bytes(20 * MEGABYTE), {})
        server.enough, server.thinks = 1 << 40, 60
        monkeypatch.setattr(transport, "READ_SECONDS", 0.3)
        with pytest.raises(DmpError) as caught:
            sender.post("/x", b"x", {})
        sender.close()
    assert caught.value.code == "ReponsePerdue"
