"""Who hands over to the one window: where it is looked for, and what becomes of one that is not there, ends or hangs."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform import instance
from dmp_desktop.platform.instance import CONTEXT, LONGEST, SHOW, Message, address, answer, hand_over, read_message
from dmp_desktop.platform.locks import FileLock
from dmp_desktop.platform.paths import Paths

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets of files; Windows has pipes")


@pytest.fixture
def paths(tmp_path) -> Paths:
    return Paths(tmp_path).create()


@contextmanager
def answering(paths: Paths, *lines: bytes) -> Iterator[list[bytes]]:
    """A window that gives each caller the next of `lines`, and then ends: its socket stays, until the test is over."""
    heard: list[bytes] = []
    place = Path(
        address(paths)
    )  # outside of the test's folder where that has too long a name: of an earlier run, it may be there
    place.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()
        server.settimeout(20)

        def serve() -> None:
            for line in lines:
                caller, _from = server.accept()
                with caller, caller.makefile("rb") as said:
                    heard.append(said.readline())
                    caller.sendall(line)
            server.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield heard
            thread.join(timeout=60)
        finally:
            place.unlink(missing_ok=True)


def test_what_is_written_is_what_is_read() -> None:
    message = Message(CONTEXT, context='{"é": "\\n"}', note=bytes(range(256)))
    line = message.line()
    assert line.count(b"\n") == 1
    assert read_message(line) == message
    assert "é" not in repr(message)


def test_what_is_too_long_is_refused_before_it_is_sent(paths: Paths) -> None:
    with pytest.raises(ContextError, match="1 Mo"):
        hand_over(paths, Message(CONTEXT, context="x" * LONGEST, note=b"x"), FileLock(paths.instance_lock))
    told = {"v": 1, "act": CONTEXT, "context": "x" * LONGEST, "note": b64encode(b"x").decode()}
    with pytest.raises(ContextError, match="1 Mo"):
        read_message(json.dumps(told).encode())


def test_a_megabyte_is_one_whatever_it_becomes_on_its_way() -> None:
    """Base64 adds a third, JSON a bar to each quote."""
    for message in (
        Message(CONTEXT, context="x", note=bytes(LONGEST - 1)),
        Message(CONTEXT, context='"' * (LONGEST - 1), note=b"x"),
    ):
        assert read_message(message.line()) == message


def test_a_name_that_is_drawn_is_whole_for_all_who_meet(paths: Paths) -> None:
    """An earlier version could be cut between the file and its content."""
    (paths.locks / "fenetre.nom").write_bytes(b"")
    assert len(instance._drawn(paths)) == 32
    for round_ in range(20):
        (paths.locks / "fenetre.nom").unlink()
        meet, drawn = threading.Barrier(6), list[str]()

        def draw(meet: threading.Barrier = meet, drawn: list[str] = drawn) -> None:
            meet.wait(20)
            drawn.append(instance._drawn(paths))

        threads = [threading.Thread(target=draw) for _one in range(6)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(20)
        assert (len(drawn), len(set(drawn)), len(drawn[0])) == (6, 1, 32), round_
    assert [one.name for one in paths.locks.iterdir()] == ["fenetre.nom"]


def test_what_knows_no_limit_of_time_is_given_one(tmp_path) -> None:
    """As the pipes of Windows: here one that nobody answers, one that answers, and one that is not there."""
    silent = tmp_path / "tube"
    os.mkfifo(silent)
    heard = threading.Event()
    with pytest.raises(TimeoutError):
        instance.within(time.monotonic() + 0.1, lambda: (heard.wait(20), b"")[1])
    heard.set()
    assert instance.within(time.monotonic() + 20, lambda: instance.by_pipe(str(silent), b"a line\n")) == b"a line\n"
    with pytest.raises(FileNotFoundError):
        instance.within(time.monotonic() + 20, lambda: instance.by_pipe(str(tmp_path / "absent"), b"\n"))


def test_without_a_window_the_lock_is_ours(paths: Paths) -> None:
    lock = FileLock(paths.instance_lock)
    assert hand_over(paths, Message(SHOW), lock) is None
    assert not FileLock(paths.instance_lock).acquire(wait=False)
    lock.release()


def test_the_answer_is_given_back(paths: Paths) -> None:
    with answering(paths, answer("context-field", "Champ.")) as heard:
        told = hand_over(paths, Message(SHOW), FileLock(paths.instance_lock))
    assert told == {"code": "context-field", "text": "Champ."}
    assert heard == [Message(SHOW).line()]


def test_a_window_that_ends_before_it_has_answered_leaves_its_place(paths: Paths) -> None:
    """Half an answer is none: what was handed over is this start's again."""
    with answering(paths, b'{"v": 1, "co'):
        lock = FileLock(paths.instance_lock)
        assert hand_over(paths, Message(SHOW), lock) is None
        lock.release()


def test_a_window_that_hangs_is_told_of(paths: Paths, monkeypatch) -> None:
    monkeypatch.setattr(instance, "PATIENCE_S", 0.1)
    held = FileLock(paths.instance_lock)
    held.acquire()
    with pytest.raises(StorageError, match="ne répond pas"):
        hand_over(paths, Message(SHOW), FileLock(paths.instance_lock))
    held.release()


def test_two_data_folders_do_not_meet_however_long_their_names(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    long = [Paths(Path("/" + "d" * 90) / name) for name in ("a", "b")]
    places = [Path(address(one)) for one in long]
    assert len(set(places)) == 2
    assert {one.parent for one in places} == {next(iter(places)).parent}
    assert places[0].parent.stat().st_mode & 0o077 == 0
    assert address(Paths(Path("/c"))) == "/c/locks/fenetre.sock"


def test_a_folder_that_somebody_else_may_write_to_is_not_used(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = Path(address(Paths(Path("/" + "d" * 90)))).parent
    place.chmod(0o777)
    with pytest.raises(PermissionError):
        address(Paths(Path("/" + "d" * 90)))
    place.rmdir()
    place.symlink_to(tmp_path)
    with pytest.raises(PermissionError):
        address(Paths(Path("/" + "d" * 90)))
