"""The door on 127.0.0.1: nothing but a valid token from a valid host ever gets through, and nobody holds it for long."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.loopback import FORM, HOST, JSON, MAX_BODY, MAX_HEAD, PATH, Answer, Door
from tests.helpers.calls import post, raw

TOKEN = "un-jeton-pour-les-tests"


class Inside:
    """What got through."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.locked = False

    def known(self, token: str) -> bool:
        if self.locked:
            raise StorageError("keystore", "Le coffre ne répond pas.")
        return token == TOKEN

    def take(self, kind: str, body: bytes) -> Answer:
        self.taken.append((kind, body))
        return Answer(202, "ok", "Repris.")


@pytest.fixture(scope="module")
def there() -> Iterator[tuple[Inside, Door]]:
    inside = Inside()
    door = Door(0, inside.known, inside.take, seconds=60)
    yield inside, door
    door.close()


@pytest.fixture
def inside(there) -> Inside:
    there[0].taken.clear()
    return there[0]


@pytest.fixture
def port(there) -> int:
    return there[1].port


def test_an_honest_call_is_taken_whole(inside: Inside, port: int) -> None:
    told = post(port, b"a=1", TOKEN)
    assert (told.status, told.code, inside.taken) == (202, "ok", [(FORM, b"a=1")])
    assert told.headers["Cache-Control"] == "no-store"
    assert not any(name.lower().startswith("access-control") for name in told.headers)
    assert post(port, b"{}", TOKEN, kind='application/json; charset="UTF-8"', Host=f"LocalHost:{port}").status == 202
    assert inside.taken[1:] == [(JSON, b"{}")]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"Host": "attack.example"}, 403, "call-host"),
        ({"Host": "127.0.0.1"}, 403, "call-host"),
        ({"Host": "127.0.0.1.attack.example:{port}"}, 403, "call-host"),
        ({"Host": None}, 403, "call-host"),
        ({"Origin": "https://attack.example"}, 403, "call-origin"),
        ({"Origin": "null"}, 403, "call-origin"),
        ({"Origin": "http://127.0.0.1:{port}"}, 403, "call-origin"),
        ({"Sec_Fetch_Site": "cross-site"}, 403, "call-origin"),
        ({"method": "GET"}, 405, "call-method"),
        ({"method": "OPTIONS", "Access_Control_Request_Method": "POST"}, 405, "call-method"),
        ({"method": "PUT"}, 405, "call-method"),
        ({"path": f"{PATH}?Patient.identifier.value=1"}, 400, "call-query"),
        ({"path": f"{PATH}#x"}, 400, "call-query"),
        ({"path": "/"}, 404, "call-address"),
        ({"path": f"http://attack.example{PATH}"}, 404, "call-address"),
        ({"Authorization": None}, 401, "call-token"),
        ({"Authorization": "Bearer faux"}, 401, "call-token"),
        ({"Authorization": f"Basic {TOKEN}"}, 401, "call-token"),
        ({"Content_Length": None}, 411, "call-length"),
        ({"Content_Length": "-1"}, 411, "call-length"),
        ({"Content_Length": "²"}, 411, "call-length"),
        ({"Content_Length": None, "Transfer_Encoding": "chunked"}, 411, "call-length"),
        ({"Content_Length": str(MAX_BODY + 1)}, 413, "call-size"),
        ({"Content_Length": "9" * 5000}, 413, "call-size"),
        ({"kind": "text/plain"}, 415, "call-type"),
        ({"kind": "application/x-www-form-urlencoded; charset=iso-8859-1"}, 415, "call-type"),
        ({"Content_Type": None}, 415, "call-type"),
        ({"X_Long": "x" * MAX_HEAD * 2}, 431, "call-head"),
        ({"path": "/" + "x" * MAX_HEAD * 2}, 414, "call-head"),
    ],
)
def test_what_is_not_an_honest_call_is_refused_with_its_reason(
    inside: Inside, port: int, changed, status, code
) -> None:
    told = post(
        port,
        b"a=1",
        TOKEN,
        **{
            name: value.replace("{port}", str(port)) if isinstance(value, str) else value
            for name, value in changed.items()
        },
    )
    assert (told.status, told.code) == (status, code)
    assert told.said["message"].endswith(".")
    assert inside.taken == []
    assert "Allow" not in told.headers or told.headers["Allow"] == "POST"


def test_a_header_given_twice_is_no_header(inside: Inside, port: int) -> None:
    """What one reader of a request takes for its host, another does not."""
    one = f"Host: {HOST}:{port}\r\n"
    others = f"Authorization: Bearer {TOKEN}\r\nContent-Type: {FORM}\r\nContent-Length: 1\r\n"
    line = f"POST {PATH} HTTP/1.1\r\n"
    assert b" 202 " in raw(port, f"{line}{one}{others}\r\na".encode())
    inside.taken.clear()
    assert b" 403 " in raw(port, f"{line}{one}Host: attack.example\r\n{others}\r\na".encode())
    assert b" 401 " in raw(port, f"{line}{one}{others}Authorization: Bearer x\r\n\r\na".encode())
    assert b" 411 " in raw(port, f"{line}{one}{others}Content-Length: 0\r\n\r\na".encode())
    assert inside.taken == []


def test_a_body_that_is_cut_is_not_taken_and_one_of_the_whole_size_is(inside: Inside, port: int) -> None:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: {FORM}\r\n"
    )
    assert b"call-cut" in raw(port, f"{head}Content-Length: 10\r\n\r\n123456789".encode())
    assert inside.taken == []
    assert b" 202 " in raw(port, f"{head}Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc".encode())
    whole = b"x" * MAX_BODY
    assert post(port, whole, TOKEN).status == 202
    assert inside.taken == [(FORM, b"abc"), (FORM, whole)]


def test_a_key_store_that_does_not_answer_is_told(inside: Inside, port: int) -> None:
    inside.locked = True
    try:
        assert (told := post(port, b"a=1", TOKEN)).status == 503
        assert told.code == "keystore"
    finally:
        inside.locked = False
    assert inside.taken == []


def test_who_sends_nothing_or_a_drop_at_a_time_is_told_and_others_come_after(caplog) -> None:
    inside = Inside()
    door = Door(0, inside.known, inside.take, seconds=0.3)
    try:
        with socket.create_connection((HOST, door.port), timeout=10) as idle:
            assert b" 408 " in idle.recv(1000)
        with socket.create_connection((HOST, door.port), timeout=20) as slow:
            slow.sendall(b"POST ")
            slow.settimeout(0.02)
            got = b""
            for _ in range(500):
                with contextlib.suppress(TimeoutError):
                    got = slow.recv(1000)
                    break
                with contextlib.suppress(OSError):  # answered since
                    slow.sendall(b"x")
            assert b" 408 " in got
        door._server.seconds = 60
        assert post(door.port, b"a=1", TOKEN).status == 202
    finally:
        door.close()
    assert not caplog.records


def test_it_listens_on_this_computer_alone_and_no_more_once_closed() -> None:
    inside = Inside()
    door = Door(0, inside.known, inside.take, seconds=60)
    assert door._server.socket.getsockname()[0] == "127.0.0.1"
    with pytest.raises(OSError):  # noqa: PT011 - its words are the system's
        Door(door.port, inside.known, inside.take, seconds=60)
    with socket.create_connection((HOST, door.port), timeout=20):  # one that is being read holds nothing up
        door.close()
    assert not door._thread.is_alive()
    assert door._server.socket.fileno() == -1


def test_a_program_that_starts_again_finds_its_port() -> None:
    """The last caller's line is not forgotten by the system for a minute."""
    inside, again = Inside(), None
    for _ in range(5):  # somebody else's program may take a port that was free
        door = Door(0, inside.known, inside.take, seconds=60)
        with socket.create_connection((HOST, door.port), timeout=20) as line:
            line.sendall(b"POST / HTTP/1.1\r\n\r\n")
            while line.recv(65_536):  # the door closes first: it is its port that the system remembers
                pass
        door.close()
        with contextlib.suppress(OSError):
            again = Door(door.port, inside.known, inside.take, seconds=60)
            break
    assert again is not None
    assert post(again.port, b"a=1", TOKEN).status == 202
    again.close()


def test_a_fault_of_ours_is_told_by_its_kind_alone_and_ends_nothing(caplog) -> None:
    caplog.set_level(logging.DEBUG)

    def fail(_kind: str, body: bytes) -> Answer:
        raise RuntimeError(body)

    door = Door(0, lambda _token: True, fail, seconds=60)
    try:
        for _ in range(2):
            assert raw_post(door.port, b"TEST-PATIENTE") == b""
    finally:
        door.close()
    assert [record.getMessage() for record in caplog.records] == ["contextual call: RuntimeError"] * 2
    assert "TEST" not in caplog.text


def raw_post(port: int, body: bytes) -> bytes:
    head = f"POST {PATH} HTTP/1.1\r\nHost: {HOST}:{port}\r\nAuthorization: Bearer x\r\nContent-Type: {FORM}\r\n"
    return raw(port, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


LINES = st.sampled_from(
    [
        b"POST /patient HTTP/1.1",
        b"POST /patient HTTP/1.0",
        b"POST /patient",
        b"GET / HTTP/1.1",
        b"POST  /patient HTTP/9.9",
        b"\0",
    ]
)
NAMES = st.sampled_from(
    [b"Host", b"Authorization", b"Content-Length", b"Content-Type", b"Origin", b"Expect", b"Transfer-Encoding"]
)
VALUES = st.sampled_from(
    [TOKEN.encode(), b"127.0.0.1:1", b"100-continue", b"chunked", b"3", b"99999999", FORM.encode()]
)
HEADERS = st.lists(
    st.builds(lambda name, value: name + b": " + value, NAMES, VALUES | st.binary(max_size=40)), max_size=8
)


@settings(max_examples=150)
@given(
    st.binary(max_size=300)
    | st.builds(lambda line, rest, body: b"\r\n".join([line, *rest, b"", body]), LINES, HEADERS, st.binary(max_size=60))
)
@example(b"")
@example(b"\r\n\r\n")
@example(b"POST /patient HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n")
@example(b"POST /patient HTTP/1.1\r\n\xff\xfe: \x80\r\n : x\r\n\r\n")
def test_whatever_is_sent_is_answered_and_gets_nowhere(there, sent: bytes) -> None:
    """No host of ours is among it."""
    inside, door = there
    inside.taken.clear()
    faults: list[object] = []
    door._server.handle_error, kept = (lambda *_asked: faults.append(1)), door._server.handle_error
    try:
        got = raw(door.port, sent)
    finally:
        door._server.handle_error = kept
    assert got.startswith(b"HTTP/1.1 4") or got.startswith(b"HTTP/1.1 505")
    assert set(json.loads(got.split(b"\r\n\r\n", 1)[1] or b'{"code":1,"message":1,"field":1}')) == {
        "code",
        "message",
        "field",
    }
    assert (inside.taken, faults) == ([], [])


@settings(max_examples=150)
@given(
    host=st.sampled_from(["{host}", "localhost:{port}", "attack.example:{port}", "127.0.0.1", "[::1]:{port}", None]),
    origin=st.sampled_from([None, None, "null", "http://{host}", "https://attack.example"]),
    token=st.sampled_from([TOKEN, TOKEN, TOKEN[:-1], TOKEN + "x", ""]) | st.text("abc-é", max_size=20),
    method=st.sampled_from(["POST", "POST", "GET", "PUT", "HEAD"]),
    path=st.sampled_from([PATH, PATH, f"{PATH}?a=1", f"{PATH}/", "/"]),
)
def test_only_a_valid_token_from_a_valid_host_gets_through(there, host, origin, token, method, path) -> None:
    inside, door = there
    inside.taken.clear()
    here = f"{HOST}:{door.port}"
    given_host, given_origin = (one and one.format(host=here, port=door.port) for one in (host, origin))
    status = post(
        door.port,
        b"a=1",
        token=token.encode().decode("latin-1"),
        method=method,
        path=path,
        Host=given_host,
        Origin=given_origin,
    ).status
    valid = (
        given_host in (here, f"localhost:{door.port}")
        and origin is None
        and token == TOKEN
        and method == "POST"
        and path == PATH
    )
    assert (status == 202, bool(inside.taken)) == (valid, valid)


def test_two_at_once_are_both_answered(inside: Inside, port: int) -> None:
    told: list[int] = []
    callers = [threading.Thread(target=lambda: told.append(post(port, b"a=1", TOKEN).status)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert told == [202] * 4
    assert len(inside.taken) == 4
