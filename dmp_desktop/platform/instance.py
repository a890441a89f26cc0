"""The one running window of a data folder, and how a second start hands it what it was started with: one line there, one back.

The standard library alone, and nothing of Qt: who hands over must be done within 200 ms. The window's side is `ui/instance.py`.
A line is a JSON object in UTF-8 with its version, LONGEST_LINE bytes at most: `{"v": 1, "act": "show"}`, `{"v": 1, "act":
"context", "context": text, "note": base64 of the file}`, `{"v": 1, "act": "ticket", "ticket": text}`. The answer: `{"v": 1,
"code": "ok"}`, or the code and the French sentences of an error, without any patient data.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import socket
import stat
import sys
import tempfile
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.locks import FileLock
from dmp_desktop.platform.paths import FOLDER_MODE, Paths

VERSION = 1
LONGEST = 1_000_000
"""Bytes of a context and its note, as they are."""
LONGEST_LINE = 2_200_000
"""Bytes of the line that holds them, its end included: base64 adds a third to a note, JSON a bar to each quote of a context."""
ANSWER_LONGEST = 65_536
PATIENCE_S, LOOK_EVERY_S = 10.0, 0.02
"""How long a window that is being opened, or busy, is waited for; how often one that does not listen yet is looked for."""
SHOW, CONTEXT, TICKET = "show", "context", "ticket"
OK = "ok"
_DRAWN = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 80
"""A socket's name has 108 bytes on Linux, 104 on macOS, and Qt makes a longer one first."""


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """What a start hands over. Never shown: it may hold a patient and a note. `came`: when this process had it, in the seconds of
    `time.monotonic`."""

    act: str
    context: str = ""
    note: bytes = b""
    ticket: str = ""
    came: float = field(default_factory=time.monotonic, compare=False)

    def line(self) -> bytes:
        """Raises ContextError("handover-size")."""
        told: dict[str, Any] = {"v": VERSION, "act": self.act}
        note = b64encode(self.note).decode()
        told |= {"context": self.context, "note": note, "ticket": self.ticket}
        line = json.dumps(told, ensure_ascii=False).encode() + b"\n"
        if len(line) > LONGEST_LINE:
            raise too_long()
        self.check_size()
        return line

    def check_size(self) -> None:
        """Raises ContextError("handover-size")."""
        if len(self.context.encode(errors="surrogatepass")) + len(self.note) > LONGEST:
            raise too_long()


def read_message(untrusted_line: bytes) -> Message:
    """Raises ContextError("handover-version") for what another version wrote, ContextError("handover") for what is no message."""
    try:
        told = json.loads(untrusted_line)
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(told, dict):
        raise _unreadable()
    if type(told.get("v")) is not int or told["v"] != VERSION:
        raise ContextError(
            "handover-version",
            "La fenêtre ouverte de DMP Desktop et le programme qui l'appelle ne sont pas de la même version.",
            "Fermez la fenêtre de DMP Desktop, puis recommencez.",
        )
    values = {name: told.get(name, "") for name in ("act", "context", "note", "ticket")}
    if values["act"] not in (SHOW, CONTEXT, TICKET) or not all(isinstance(one, str) for one in values.values()):
        raise _unreadable()
    try:
        note = b64decode(values["note"], validate=True)
    except ValueError as error:
        raise _unreadable() from error
    message = Message(values["act"], values["context"], note, values["ticket"])
    message.check_size()
    return message


def hand_over(paths: Paths, message: Message, lock: FileLock) -> dict[str, str] | None:
    """The answer of the running window: its `code`, and `text` where it refused. None where there is none: `lock`, which is then
    held, is the window's to be. Raises ContextError, StorageError("instance-silent") for a window that does not answer."""
    line, until = message.line(), time.monotonic() + PATIENCE_S
    while True:
        try:
            return _read_answer(_exchange(address(paths), line, until))
        except OSError as error:
            if lock.acquire(wait=False):
                return None
            if time.monotonic() > until:
                raise _silent() from error
        time.sleep(LOOK_EVERY_S)


def address(paths: Paths) -> str:
    """Where the window of this data folder listens: a socket in its folder of locks, which is this user's alone, or where that
    name is too long in one like it; on Windows a pipe whose name only who reads that folder can know."""
    place = paths.locks / "fenetre.sock"
    if sys.platform == "win32":
        return rf"\\.\pipe\dmp-desktop-{hashlib.sha256(f'{place} {_drawn(paths)}'.encode()).hexdigest()[:32]}"
    if len(os.fsencode(place)) <= _LONGEST_NAME:
        return str(place)
    return str(_own_folder() / hashlib.sha256(os.fsencode(place)).hexdigest()[:16])


def _own_folder() -> Path:
    """Raises OSError where somebody else has made it."""
    folder = Path(tempfile.gettempdir()) / f"dmp-desktop-{os.getuid()}"
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != FOLDER_MODE:
        raise PermissionError(folder)
    return folder


def _drawn(paths: Paths) -> str:
    """Drawn once for this data folder, and there whole or not at all: two starts that meet have the same. Raises OSError."""
    file = paths.locks / "fenetre.nom"
    while (drawn := _read(file)) is None or not _DRAWN.fullmatch(drawn):
        new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        new.write_text(secrets.token_hex(16), "ascii")
        try:
            if drawn is not None:  # an older version was cut in the midst of it
                new.replace(file)
            elif sys.platform == "win32":  # where a name that is taken refuses
                new.rename(file)
            else:
                os.link(new, file)
        except FileExistsError:
            continue
        finally:
            new.unlink(missing_ok=True)
    return drawn


def _read(file: Path) -> str | None:
    try:
        return file.read_text("ascii", errors="replace")
    except FileNotFoundError:
        return None


def _exchange(place: str, line: bytes, until: float) -> bytes:
    """Raises OSError where nobody listens, stops to, or does not answer in time."""
    if sys.platform == "win32":
        return within(until, lambda: by_pipe(place, line))
    with closing(socket.socket(socket.AF_UNIX)) as line_to:
        line_to.settimeout(max(until - time.monotonic(), LOOK_EVERY_S))
        line_to.connect(place)
        line_to.sendall(line)
        answer = b""
        while len(answer) < ANSWER_LONGEST and not answer.endswith(b"\n"):
            line_to.settimeout(max(until - time.monotonic(), LOOK_EVERY_S))
            part = line_to.recv(ANSWER_LONGEST)
            if not part:
                break
            answer += part
        return answer


def by_pipe(place: str, line: bytes) -> bytes:
    """A pipe of Windows is a file, and knows no limit of time. Raises OSError."""
    with open(place, "r+b", buffering=0) as pipe:  # noqa: PTH123 - no path of a file
        left = memoryview(line)
        while left:
            left = left[pipe.write(left) or 0 :]
        return pipe.readline(ANSWER_LONGEST)


def within(until: float, work: Callable[[], bytes]) -> bytes:
    """What `work` gives before that time of `time.monotonic`; it is left behind where it does not, and ends with the process.
    Raises TimeoutError, and its OSError."""
    done: list[bytes | OSError] = []

    def play() -> None:
        try:
            done.append(work())
        except OSError as error:
            done.append(error)

    thread = threading.Thread(target=play, name="hands-over", daemon=True)
    thread.start()
    thread.join(max(until - time.monotonic(), LOOK_EVERY_S))
    if not done:
        raise TimeoutError
    if isinstance(done[0], OSError):
        raise done[0]
    return done[0]


def _read_answer(untrusted: bytes) -> dict[str, str]:
    """Raises OSError for half an answer: that window has ended."""
    if not untrusted.endswith(b"\n"):
        raise ConnectionError
    try:
        told = json.loads(untrusted)
    except ValueError:
        raise ConnectionError from None
    return {name: str(told.get(name, "")) for name in ("code", "text")} if isinstance(told, dict) else {"code": ""}


def answer(code: str = OK, text: str = "") -> bytes:
    """The line back."""
    return json.dumps({"v": VERSION, "code": code, "text": text}, ensure_ascii=False).encode() + b"\n"


def too_long() -> ContextError:
    return ContextError(
        "handover-size",
        "Ce que le logiciel métier transmet dépasse 1 Mo : rien n'est repris.",
        "Transmettez un seul patient et une seule note à la fois.",
    )


def _unreadable() -> ContextError:
    return ContextError(
        "handover",
        "Ce qui est transmis à la fenêtre de DMP Desktop n'est pas compris : rien n'est repris.",
        "Vérifiez le réglage du logiciel métier (guide, « Avec le logiciel métier »).",
    )


def _silent() -> StorageError:
    return StorageError(
        "instance-silent",
        "DMP Desktop est déjà ouvert, mais ne répond pas.",
        "Attendez un instant ; s'il ne répond toujours pas, fermez-le et ouvrez-le de nouveau.",
    )
