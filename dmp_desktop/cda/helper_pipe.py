"""What the processes that read PDFs and scans have in common: their messages, and the limits they are held to.

A message is its length on four bytes, then its bytes. Imports nothing of the application: they start fast.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from collections.abc import Callable
from typing import IO, Final

READ: Final = b"R"
PAGE: Final = b"+"
END: Final = b"."
_LENGTH: Final = struct.Struct(">I")
_MAX_CPU_SECONDS: Final = 600  # of a life; should its master die while it hangs


def serve(handle: Callable[[bytes, IO[bytes]], None], max_memory: int) -> None:
    """Be such a process until its master leaves: says END when ready, and after `handle` has answered a request.

    `max_memory`: bytes of address space, where the system can hold a process to it (not on Windows: there the deadline of the
    master alone contains it).
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nothing a library prints is an answer
    _limit(max_memory)
    send(answers, END)
    while request := receive(sys.stdin.buffer, sys.maxsize):
        handle(request, answers)
        send(answers, END)


def send(stream: IO[bytes], message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()


def receive(stream: IO[bytes], longest: int) -> bytes:
    """The next message; b'' at the end of the stream, or when it is cut or longer than `longest` bytes."""
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return b""
    (length,) = _LENGTH.unpack(header)
    message = stream.read(length) if length <= longest else b""
    return message if len(message) == length else b""


def _limit(max_memory: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (max_memory, max_memory))
        resource.setrlimit(resource.RLIMIT_CPU, (_MAX_CPU_SECONDS, _MAX_CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no clinical document in a core file
