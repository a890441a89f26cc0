"""A card signs once for a TLS session, whatever the threads, and nothing is left of it once pulled."""

from __future__ import annotations

import contextlib
import gc
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dmp_desktop.dmp import external_key, tls_context, transport
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.dmp.xades import sign_lot
from dmp_desktop.errors import DmpDesktopError
from tests.helpers import signers
from tests.helpers.clock import START
from tests.helpers.slow_card import SlowCard
from tests.helpers.tls_server import tls_server

CPS3, CPS4 = False, True


@pytest.mark.parametrize(("can_pss", "kind"), [(CPS3, "PKCS#1"), (CPS4, "PSS")])
def test_first_connections_of_many_threads(
    identity_folder: Path, identity: Pkcs12Identity, can_pss: bool, kind: str
) -> None:
    card = SlowCard(identity.authentication, 0.2, can_pss=can_pss)
    with tls_server(identity_folder, newest=True) as server:
        transport = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        together = threading.Barrier(8)

        def call(_number: int) -> bytes:
            together.wait()
            return transport.post("/x", b"", {}).read()

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(call, range(8))) == [b"ok"] * 8
        transport.close()
    assert card.signed == [kind]
    assert [resumed for resumed, *_ in server.seen] == [False] + [True] * 7


@pytest.mark.parametrize("can_pss", [CPS3, CPS4])
def test_a_server_that_forgot_the_session_costs_one_signature_more(
    identity_folder: Path, identity: Pkcs12Identity, can_pss: bool
) -> None:
    card = SlowCard(identity.authentication, can_pss=can_pss)
    with tls_server(identity_folder, newest=True) as server:
        transport = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        transport.post("/x", b"", {}).read()
        server.forget()
        with ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(lambda _: transport.post("/x", b"", {}).read(), range(8)))
        transport.close()
    assert replies == [b"ok"] * 8
    assert len(card.signed) == 2
    assert [resumed for resumed, *_ in server.seen] == [False, False] + [True] * 7


@pytest.mark.alone
@pytest.mark.parametrize("can_pss", [CPS3, CPS4])
def test_fifty_calls_cost_one_signature_of_a_slow_card(
    identity_folder: Path, identity: Pkcs12Identity, can_pss: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    card = SlowCard(identity.authentication, 0.7, can_pss=can_pss)
    with tls_server(identity_folder, newest=True) as server:
        transport = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        start = time.monotonic()
        with ThreadPoolExecutor(5) as pool:
            replies = list(pool.map(lambda _: transport.post("/x", b"", {}).read(), range(50)))
        seconds = time.monotonic() - start
        transport.close()
    with capsys.disabled():
        print(f"\n50 calls, 50 connections, 5 threads, a card at 700 ms a signature: {seconds:.2f} s", end=" ")
    assert (replies, len(card.signed), len(server.seen)) == ([b"ok"] * 50, 1, 50)
    assert seconds < 2.1  # less than three signatures


@pytest.mark.parametrize("can_pss", [CPS3, CPS4])
@pytest.mark.alone
def test_the_time_of_a_signature_is_not_the_server_s(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch, can_pss: bool
) -> None:
    """Windows may be asking the PIN: longer than any server may keep us waiting."""
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(tls_context, "SHAKE_SECONDS", 0.5)
    card = SlowCard(identity.authentication, 0.8, can_pss=can_pss)
    with tls_server(identity_folder, newest=True) as server:
        sender = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        assert [sender.post("/x", b"", {}).read() for _ in range(2)] == [b"ok"] * 2
        sender.close()
    assert len(card.signed) == 1


@pytest.mark.alone
def test_the_wait_for_another_s_signature_has_an_end(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent: the call may be made again. It is not told that the DMP cannot be reached: Windows may be asking the PIN."""
    card = SlowCard(identity.authentication, 60)
    with tls_server(identity_folder, newest=True) as server, ThreadPoolExecutor(2) as pool:
        sender = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        first = pool.submit(_error, lambda: sender.post("/x", b"", {}))
        assert card.busy.wait(60)
        monkeypatch.setattr(transport, "LIMIT_SECONDS", 0.3)
        second = pool.submit(_error, lambda: sender.post("/x", b"", {}))
        try:
            assert second.result(60) == "CarteAttendue"
        finally:
            card.close()
        assert first.result(60) == "card.removed"
        sender.close()
    assert server.seen == []


@pytest.mark.alone
def test_a_server_silent_in_the_handshake(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_context, "SHAKE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = HttpsTransport(f"https://localhost:{listener.getsockname()[1]}", identity, identity_folder / "ca.pem")
        start = time.monotonic()
        assert _error(lambda: sender.post("/x", b"", {})) == "DmpInjoignable"
        assert time.monotonic() - start < 3
        sender.close()


def test_a_lot_is_one_signature(identity: Pkcs12Identity) -> None:
    card = SlowCard(identity.signature)
    sign_lot(card, "1.2.3", [("1.2.4", b"<a/>"), ("1.2.5", b"<b/>")], START, Algorithm.SHA1)
    assert card.signed == ["SHA-1"]


@pytest.mark.parametrize("can_pss", [CPS3, CPS4])
@pytest.mark.alone
def test_a_card_pulled_while_it_signs(identity_folder: Path, identity: Pkcs12Identity, can_pss: bool) -> None:
    """Every call ends at once, those that waited for their turn too, and says why."""
    card = SlowCard(identity.authentication, 60, can_pss=can_pss)
    with tls_server(identity_folder, newest=True) as server, ThreadPoolExecutor(4) as pool:
        transport = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        calls = [pool.submit(_error, lambda: transport.post("/x", b"", {})) for _ in range(4)]
        assert card.busy.wait(60)
        pulled = time.monotonic()
        card.close()
        codes = [call.result(60) for call in calls]
        seconds = time.monotonic() - pulled
        transport.close()
    assert codes == ["card.removed"] * 4
    assert seconds < 1
    assert server.seen == []


@pytest.mark.alone
def test_closing_while_the_card_signs(identity_folder: Path, identity: Pkcs12Identity) -> None:
    """The screen does not wait for the card: closing returns at once, the calls end when the card answers."""
    card = SlowCard(identity.authentication, 60)
    with tls_server(identity_folder, newest=True) as server, ThreadPoolExecutor(2) as pool:
        transport = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        calls = [pool.submit(_error, lambda: transport.post("/x", b"", {})) for _ in range(2)]
        assert card.busy.wait(60)
        start = time.monotonic()
        transport.close()
        assert time.monotonic() - start < 0.2
        card.close()
        codes = {call.result(60) for call in calls}
    assert codes <= {"card.removed", "SessionFermee"}
    assert server.seen == []


def test_nothing_is_left_of_a_closed_session(identity_folder: Path, identity: Pkcs12Identity) -> None:
    card = SlowCard(identity.authentication)
    gone = weakref.ref(card)
    before = len(external_key._keys)
    with _keeping_server(identity_folder) as (url, cut):
        transport = HttpsTransport(url, card, identity_folder / "ca.pem")
        context = transport._context
        assert transport.post("/x", b"", {}).read() == b"ok"
        assert context._sessions
        transport.close()
        assert cut.wait(60)
    assert not context._sessions
    assert len(external_key._keys) == before
    card.authentication = card.signature = None
    del card
    gc.collect()
    assert gone() is None


def test_a_refused_certificate_is_no_lost_answer(
    identity_folder: Path, identity: Pkcs12Identity, tmp_path: Path
) -> None:
    """TLS 1.3 tells after the handshake: the request must not have left."""
    stranger = signers._issue("TEST-AUTRE-AC", None)[1].public_bytes(signers.Encoding.PEM)
    for name in ("ca.pem", "server.pem"):
        (tmp_path / name).write_bytes(stranger if name == "ca.pem" else (identity_folder / name).read_bytes())
    with tls_server(tmp_path, newest=True) as server:
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        assert _error(lambda: transport.post("/x", b"secret", {})) == "Tls"
        transport.close()
    assert server.seen == []


@pytest.mark.parametrize(("can_pss", "code"), [(CPS3, "SignatureInconnue"), (CPS4, "Tls")])
def test_a_server_that_wants_more_than_the_card_can(
    identity_folder: Path, identity: Pkcs12Identity, can_pss: bool, code: str
) -> None:
    """TLS 1.3 needs PSS. The same alert to a card that can has another cause."""
    with tls_server(identity_folder, newest=True) as server:
        if can_pss:
            server.context.maximum_version = ssl.TLSVersion.TLSv1_2
            server.context.set_ciphers("AES256-SHA256")
        else:
            server.context.minimum_version = ssl.TLSVersion.TLSv1_3
        sender = HttpsTransport(
            server.url, SlowCard(identity.authentication, can_pss=can_pss), identity_folder / "ca.pem"
        )
        assert _error(lambda: sender.post("/x", b"secret", {})) == code
        sender.close()
    assert server.seen == []


@pytest.mark.parametrize("newest", [False, True])
def test_nothing_is_sent_to_a_server_that_does_not_ask_who_we_are(
    identity_folder: Path, identity: Pkcs12Identity, newest: bool
) -> None:
    with tls_server(identity_folder, newest=newest, asks=False) as server:
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        assert _error(lambda: transport.post("/x", b"secret", {})) == "Tls"
        transport.close()
    assert server.seen == []


def _error(call: Callable[[], object]) -> str:
    try:
        call()
    except DmpDesktopError as error:
        return error.code
    return ""


@contextlib.contextmanager
def _keeping_server(folder: Path) -> Iterator[tuple[str, threading.Event]]:
    """Answers one request and keeps the connection; the event is set when the client cuts it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    cut = threading.Event()

    def serve() -> None:
        plain, _ = listener.accept()
        with plain, contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            with contextlib.suppress(OSError):
                while secure.recv(1024):
                    pass
            cut.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}", cut
        thread.join(60)
