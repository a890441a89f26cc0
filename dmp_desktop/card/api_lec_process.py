"""Holds the process that calls the licensed component (`api_lec_helper`): started ahead, one card each, killed when late."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from dmp_desktop.card import api_lec_helper
from dmp_desktop.card.api_lec_failures import told, unusable
from dmp_desktop.card.api_lec_helper import BUFFER_BYTES, DATA, FAILED, READY
from dmp_desktop.card.handing import Handing
from dmp_desktop.own_program import helper_command, start_helper

START_SECONDS: Final = 10.0
"""To start and to load the component. Ours takes 0.1 s; a virus scanner may look at both first."""
GRACE_SECONDS: Final = 4.0
"""Given to the component beyond the time it was told to wait for a card: an honest reading takes one or two seconds."""
_END_SECONDS: Final = 3.0  # for the component to let go of the reader, once it has answered
_LENGTH: Final = struct.Struct(">I")
_OWN_SETTINGS: Final = "DMP_DESKTOP_"


@dataclass(eq=False, slots=True)
class _Read:
    """One read. `over`: it is to end at once, wherever it is; `process` has its card."""

    gives_way: bool
    over: Future[None] = field(default_factory=Future)
    process: subprocess.Popen[bytes] | None = None

    def end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)
        if self.process is not None:
            self.process.kill()


class ApiLecProcess:
    """Reads through a helper process. Thread-safe; one read at a time.

    `helper` is another program that speaks the same protocol, for a component of 32 bits; by default this one.
    """

    def __init__(
        self,
        library: Path,
        folder: Path,
        helper: Path | None = None,
        *,
        start_seconds: float = START_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._place = {"library": str(library), "folder": os.path.join(folder, "")}  # noqa: PTH118 — it ends with a separator
        self._command = [str(helper)] if helper else _own_command()
        self._start_seconds, self._grace_seconds = start_seconds, grace_seconds
        self._reading, self._changing = threading.Lock(), threading.Lock()
        self._spare: Future[subprocess.Popen[bytes]] | None = None
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._under_way: set[_Read] = set()
        self._closed = False
        atexit.register(self.close)

    def warm(self) -> None:
        """Have a process ready for the next card. Returns at once; a failure is told by the next read."""
        with self._changing:
            if self._spare is None:
                self._follow(None)

    def read(self, seconds: int, *, gives_way: bool = False) -> bytes:
        """The component's untrusted XML, at most 64 KiB. It may wait `seconds` for a card.

        One that `gives_way` is ended by the next one that does not, as by a crash; so is any by `stop_reading`.
        Raises CardError: ApiLecUnusableError when the component is at fault, else its refusal of the card.
        """
        one = _Read(gives_way)
        with self._changing:
            if not gives_way:
                self._end_reads(lambda other: other.gives_way)
            self._under_way.add(one)
        with self._reading:
            try:
                return self._read(one, seconds)
            finally:
                with self._changing:
                    self._under_way.discard(one)

    def stop_reading(self) -> None:
        """End every read under way, from any thread: nobody waits for it any more."""
        with self._changing:
            self._end_reads(lambda _one: True)

    def _end_reads(self, which: Callable[[_Read], bool]) -> None:
        for one in filter(which, self._under_way):
            one.end()

    def _read(self, one: _Read, seconds: int) -> bytes:
        process = None
        with self._changing:
            if one.gives_way and any(not other.gives_way for other in self._under_way):
                one.end()
        self.warm()
        if (spare := self._spare) is None:
            raise unusable("helper")
        try:
            process = self._taken(spare, one)
            return self._ask(process, {"seconds": seconds}, seconds + self._grace_seconds, DATA)
        finally:  # also when it could not be started: the next card may find it mended
            with self._changing:
                if process is not None or spare.done():
                    self._follow(process)

    def close(self) -> None:
        """End every process; later reads fail. Nothing is left behind."""
        with self._changing:
            self._closed, self._spare = True, None
            processes = list(self._processes)
        for process in processes:
            process.kill()
            self._drop(process)
        atexit.unregister(self.close)

    def _taken(self, spare: Future[subprocess.Popen[bytes]], one: _Read) -> subprocess.Popen[bytes]:
        """The process that is ready, or will be: a read that ends meanwhile leaves it to the next one."""
        either: tuple[Future[Any], ...] = (spare, one.over)
        wait(either, self._start_seconds + self._grace_seconds, FIRST_COMPLETED)
        if one.over.done():
            raise unusable("crash")
        if not spare.done():
            raise unusable("helper")
        process = spare.result()
        if process.poll() is not None:  # it ended while it waited: of old age, or killed
            self._drop(process)
            process = self._start()
        with self._changing:
            one.process = process
            if one.over.done():
                one.end()
        return process

    def _follow(self, former: subprocess.Popen[bytes] | None) -> None:
        """Start the next one behind whoever waits for this, once the former has ended: the component may bear no company."""
        if not self._closed:
            self._spare = Future()
            threading.Thread(target=self._prepare, args=(former, self._spare), name="api-lec", daemon=True).start()

    def _prepare(self, former: subprocess.Popen[bytes] | None, spare: Future[subprocess.Popen[bytes]]) -> None:
        if former is not None:
            self._drop(former)
        with Handing(spare):
            spare.set_result(self._start())

    def _start(self) -> subprocess.Popen[bytes]:
        """A process that has loaded the component. Raises ApiLecUnusableError."""
        with self._changing:
            if self._closed:
                raise unusable("helper")
            try:
                process = start_helper(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={name: value for name, value in os.environ.items() if not name.startswith(_OWN_SETTINGS)},
                )
            except (OSError, ValueError):
                raise unusable("helper") from None
            self._processes.add(process)
        try:
            self._ask(process, self._place, self._start_seconds, READY)
        except BaseException:
            self._drop(process)
            raise
        return process

    def _ask(self, process: subprocess.Popen[bytes], request: dict[str, Any], seconds: float, wanted: bytes) -> bytes:
        """What follows `wanted` in the answer. Kills the process after `seconds`."""
        with (
            _deadline(process, seconds) as late,
            contextlib.suppress(OSError, ValueError),
        ):  # closed meanwhile: ValueError
            requests, answers = _streams(process)
            message = json.dumps(request).encode()
            requests.write(_LENGTH.pack(len(message)) + message)
            requests.flush()
            untrusted = _receive(answers)
            if untrusted.startswith(wanted):
                return untrusted[1:]
            if untrusted.startswith(FAILED):
                raise told(_object(untrusted[1:]))
        if late.is_set():
            raise unusable("timeout")
        raise unusable("crash" if wanted == DATA else "helper")

    def _drop(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for its end, then bring it about. Its input stays open: the end of that would cut the component short."""
        with self._changing:
            self._processes.discard(process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
        process.kill()
        with contextlib.suppress(OSError):
            process.__exit__(None, None, None)


@contextlib.contextmanager
def _deadline(process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Kills the process after `seconds`, then the event is set: whoever reads from it meets the end."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _streams(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """(its input, its output)."""
    if process.stdin is None or process.stdout is None:
        raise OSError("the helper has no pipes")
    return process.stdin, process.stdout


def _receive(stream: IO[bytes]) -> bytes:
    """The next message; b'' at the end of the stream, or when it is cut or longer than any answer."""
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return b""
    (length,) = _LENGTH.unpack(header)
    message = stream.read(length) if length <= BUFFER_BYTES + 1 else b""
    return message if len(message) == length else b""


def _object(untrusted: bytes) -> dict[str, Any]:
    try:
        found = json.loads(untrusted)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _own_command() -> Sequence[str]:
    """The helper alone, isolated from the user's settings; a packaged program has no other Python than itself."""
    return helper_command(api_lec_helper.FLAG, [api_lec_helper.__file__])
