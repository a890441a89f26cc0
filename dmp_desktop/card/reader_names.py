"""Names of the readers straight from the system's PC/SC library, for when pyscard cannot: a name that is no UTF-8 (as an accent
is on a French Windows, where pyscard asks in the system's code page) makes it fail for all readers (pyscard #121)."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from typing import Any, Final

from dmp_desktop.card.failures import E_INSUFFICIENT_BUFFER, NO_LIBRARY, PcscError

_TRIES: Final = 3
"""A reader may be plugged in between asking how long the names are and asking for them."""


@dataclass(frozen=True, slots=True)
class _Library:
    """`call` is SCardListReaders; the types are those of `winscard.h` there."""

    call: Any
    context: Any
    length: Any
    wide: bool = False


def raw_names(context: int) -> list[str]:
    """Every reader, whatever its name; `context` is pyscard's. Raises PcscError."""
    library = _library()
    length = library.length(0)
    handle = library.context(context)
    status = E_INSUFFICIENT_BUFFER
    for _ in range(_TRIES):
        _check(library.call(handle, None, None, ctypes.byref(length)))
        room = length.value
        buffer: Any = ctypes.create_unicode_buffer(room) if library.wide else ctypes.create_string_buffer(room)
        status = library.call(handle, None, buffer, ctypes.byref(length)) & 0xFFFFFFFF
        if status != E_INSUFFICIENT_BUFFER:
            break
    _check(status)
    told = buffer[: length.value]
    return split(told if isinstance(told, str) else _text(told))


def split(names: str) -> list[str]:
    """A multi-string of PC/SC: each name ends with a NUL, and so does the whole."""
    return [name for name in names.split("\0") if name]


def _text(names: bytes) -> str:
    try:
        return names.decode()
    except UnicodeDecodeError:
        return names.decode("latin-1")  # for people to recognise their reader: any byte has a sign there


def _library() -> _Library:
    try:
        if sys.platform == "win32":
            winscard: Any = ctypes.WinDLL("winscard")
            return _Library(winscard.SCardListReadersW, ctypes.c_size_t, ctypes.c_uint32, wide=True)
        if sys.platform == "darwin":
            framework = ctypes.CDLL("/System/Library/Frameworks/PCSC.framework/PCSC")
            return _Library(framework.SCardListReaders, ctypes.c_int32, ctypes.c_uint32)
        return _Library(ctypes.CDLL("libpcsclite.so.1").SCardListReaders, ctypes.c_long, ctypes.c_ulong)
    except OSError:
        raise PcscError(NO_LIBRARY) from None


def _check(status: int) -> None:
    if status & 0xFFFFFFFF:
        raise PcscError(status)
