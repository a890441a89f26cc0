"""The other process that calls the licensed Vitale reading component: what hangs or crashes it there harms nobody.

Run as a program: reads one card, then ends, and its memory with it. Imports nothing of the application, to start fast.
A message is its length on four bytes, then its bytes, as with `cda.helper_pipe` (neither may import the other). What it is told
comes by its input, never by its command line or its environment, and nothing of a card is written anywhere but to its output.

Entry points: reference card.md §3.3 (published by two open programs; the licensed manual was not at hand).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import struct
import sys
import threading
from pathlib import Path
from typing import Any, Final

FLAG: Final = "--vitale-helper"
"""What a packaged program is run with to become this one."""
READY: Final = b"+"
DATA: Final = b"="
FAILED: Final = b"!"
"""Followed by JSON: `stage`, and for the component's own refusals what it returned, its error code and the card's state."""
BUFFER_BYTES: Final = 64 * 1024
_MAX_REQUEST: Final = 64 * 1024
_MAX_LIFE_SECONDS: Final = 12 * 3600  # ready ahead of a card, a whole day of practice; the next read starts another
_LENGTH: Final = struct.Struct(">I")
_SYMBOLS: Final = ("Hn_Init", "Hn_LectureVitaleDonneesIdentification", "Hn_Finir")
# Windows, winerror.h: ERROR_BAD_EXE_FORMAT, a library of the other word size.
_BAD_EXE_FORMAT: Final = 193
_OTHER_BITS: Final = ("wrong ELF class", "wrong architecture", "incompatible architecture")


def main() -> None:
    """Told where the component is, loads it and says READY. Told how long to wait for a card, says DATA and its XML, and ends.

    FAILED ends it as well; so does the end of its input, at any moment: its master is gone.
    """
    source, sink = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):  # nothing the component prints is an answer
        os.dup2(nowhere, descriptor)
    _contain()
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(source, requests), daemon=True).start()
    place = requests.get()
    try:
        library = _load(place["library"])
    except OSError as error:
        _give_up(sink, stage="bits" if _other_bits(error) else "load")
    except AttributeError:
        _give_up(sink, stage="symbols")
    else:
        _send(sink, READY)
        _read(library, os.fsencode(place["folder"]), requests.get()["seconds"], sink)
    os._exit(0)


def _listen(source: int, requests: queue.SimpleQueue[dict[str, Any]]) -> None:
    """On a thread of its own, so that the end of the input is seen even while the component hangs."""
    with contextlib.suppress(ValueError, OSError):
        while (header := _exactly(source, _LENGTH.size)) and _LENGTH.unpack(header)[0] <= _MAX_REQUEST:
            requests.put(json.loads(_exactly(source, _LENGTH.unpack(header)[0])))
    os._exit(0)


def _exactly(source: int, size: int) -> bytes:
    """The next `size` bytes, or b'' at the end of the stream."""
    taken = b""
    while len(taken) < size:
        more = os.read(source, size - len(taken))
        if not more:
            return b""
        taken += more
    return taken


def _load(library: str) -> ctypes.CDLL:
    """Raises OSError, for a name without its folder too, or AttributeError when an entry point is missing."""
    if not Path(library).is_absolute():
        raise OSError("not looked for in the working folder")
    if sys.platform == "win32":  # what it asks for lies beside it
        os.add_dll_directory(str(Path(library).parent))
    component = ctypes.CDLL(str(Path(library).resolve()))
    for name in _SYMBOLS:
        getattr(component, name).restype = ctypes.c_ushort
    short, code = ctypes.POINTER(ctypes.c_short), ctypes.POINTER(ctypes.c_ushort)
    component.Hn_Init.argtypes = [ctypes.c_char_p, code, code]
    component.Hn_LectureVitaleDonneesIdentification.argtypes = [
        ctypes.c_short,
        ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_uint),
        short,
        code,
    ]
    component.Hn_Finir.argtypes = [code]
    return component


def _read(component: ctypes.CDLL, folder: bytes, seconds: int, sink: int) -> None:
    """One card, `seconds` being how long the component may wait for it."""
    mode, code = ctypes.c_ushort(), ctypes.c_ushort()
    returned = component.Hn_Init(folder, ctypes.byref(mode), ctypes.byref(code))
    if returned:
        _give_up(sink, stage="init", returned=returned, code=code.value)
        return
    buffer = ctypes.create_string_buffer(BUFFER_BYTES)
    length, state = ctypes.c_uint(BUFFER_BYTES), ctypes.c_short()
    returned = component.Hn_LectureVitaleDonneesIdentification(
        seconds, buffer, ctypes.byref(length), ctypes.byref(state), ctypes.byref(code)
    )
    if returned:
        _give_up(sink, stage="read", returned=returned, code=code.value, state=state.value)
    elif length.value > BUFFER_BYTES:
        _give_up(sink, stage="answer")
    else:
        _send(sink, DATA, memoryview(buffer).cast("B")[: length.value])  # no copy of an identity is made here
    ctypes.memset(buffer, 0, BUFFER_BYTES)
    component.Hn_Finir(ctypes.byref(code))  # behind the answer: nobody waits for it


def _give_up(sink: int, **why: int | str) -> None:
    _send(sink, FAILED, json.dumps(why).encode())


def _send(sink: int, kind: bytes, content: bytes | memoryview = b"") -> None:
    for part in (_LENGTH.pack(len(kind) + len(content)) + kind, content):
        left = memoryview(part)
        while left:
            left = left[os.write(sink, left) :]


def _other_bits(error: OSError) -> bool:
    return getattr(error, "winerror", 0) == _BAD_EXE_FORMAT or any(words in str(error) for words in _OTHER_BITS)


def _contain() -> None:
    """No identity in a core file, no box of the system over the window when the component crashes, no life without end."""
    if sys.platform == "win32":
        # Microsoft errhandlingapi.h: SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX.
        ctypes.windll.kernel32.SetErrorMode(0x0001 | 0x0002 | 0x8000)
    else:
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if (
            sys.platform == "linux"
        ):  # prctl(PR_SET_DUMPABLE, 0): that limit does not hold for a core that a program receives
            ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    end = threading.Timer(_MAX_LIFE_SECONDS, os._exit, args=(0,))
    end.daemon = True
    end.start()


if __name__ == "__main__":
    main()
