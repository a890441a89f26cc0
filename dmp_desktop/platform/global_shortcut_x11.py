"""Keys grabbed from the root window of X11, by libxcb: on a connection of our own, whose errors are answers and nobody else's.

libxcb-keysyms comes with Qt's own X11 platform. Caps lock and num lock are modifiers like others there: each grab is made
with and without them.
"""

from __future__ import annotations

import ctypes
import os
import select
import threading
from collections.abc import Callable
from typing import Any

from dmp_desktop.platform.global_shortcut import Keys, taken, unavailable

_MASKS = {"Shift": 1, "Ctrl": 4, "Alt": 8}
_CAPS_LOCK, _NUM_LOCK = 2, 16
_LOCKS = (0, _CAPS_LOCK, _NUM_LOCK, _CAPS_LOCK | _NUM_LOCK)
_ASYNCHRONOUS = 1
_KEY_PRESS, _KEY_RELEASE, _MAPPING = 2, 3, 34
_REPEAT_MS = 20
"""Between the release and the press that X11 makes of a key that is held; nobody is as fast."""
_CLIENT_MESSAGE, _PAGER = 33, 2
_TO_MANAGER = 0x80000 | 0x100000  # SubstructureNotify, SubstructureRedirect
_F1 = 0xFFBE  # keysymdef.h


class _Roots(ctypes.Structure):
    """xcb_screen_iterator_t; a screen begins with its root window."""

    _fields_ = (("data", ctypes.POINTER(ctypes.c_uint32)), ("rem", ctypes.c_int), ("index", ctypes.c_int))


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", ctypes.c_uint),)


class _Atom(ctypes.Structure):
    """xcb_intern_atom_reply_t."""

    _fields_ = (
        ("type", ctypes.c_uint8),
        ("pad", ctypes.c_uint8),
        ("sequence", ctypes.c_uint16),
        ("length", ctypes.c_uint32),
        ("atom", ctypes.c_uint32),
    )


class _Message(ctypes.Structure):
    """xcb_client_message_event_t of five words."""

    _fields_ = (
        ("type", ctypes.c_uint8),
        ("format", ctypes.c_uint8),
        ("sequence", ctypes.c_uint16),
        ("window", ctypes.c_uint32),
        ("kind", ctypes.c_uint32),
        ("words", ctypes.c_uint32 * 5),
    )


class _Event(ctypes.Structure):
    """xcb_key_press_event_t, as far as it matters here."""

    _fields_ = (
        ("type", ctypes.c_uint8),
        ("code", ctypes.c_uint8),
        ("sequence", ctypes.c_uint16),
        ("time", ctypes.c_uint32),
    )


def _load() -> tuple[ctypes.CDLL, ctypes.CDLL, ctypes.CDLL]:
    """libxcb, libxcb-keysyms, the C library. Raises ContextError("shortcut-unavailable")."""
    try:
        xcb, keysyms, system = ctypes.CDLL("libxcb.so.1"), ctypes.CDLL("libxcb-keysyms.so.1"), ctypes.CDLL(None)
    except OSError as error:
        raise unavailable() from error
    pointer, byte, word = ctypes.c_void_p, ctypes.c_uint8, ctypes.c_uint32
    signatures: tuple[tuple[Any, Any, Any], ...] = (
        (xcb.xcb_connect, pointer, [ctypes.c_char_p, pointer]),
        (xcb.xcb_connection_has_error, ctypes.c_int, [pointer]),
        (xcb.xcb_disconnect, None, [pointer]),
        (xcb.xcb_get_file_descriptor, ctypes.c_int, [pointer]),
        (xcb.xcb_get_setup, pointer, [pointer]),
        (xcb.xcb_setup_roots_iterator, _Roots, [pointer]),
        (xcb.xcb_grab_key_checked, _Cookie, [pointer, byte, word, ctypes.c_uint16, byte, byte, byte]),
        (xcb.xcb_ungrab_key_checked, _Cookie, [pointer, byte, word, ctypes.c_uint16]),
        (xcb.xcb_request_check, pointer, [pointer, _Cookie]),
        (xcb.xcb_poll_for_event, ctypes.POINTER(_Event), [pointer]),
        (xcb.xcb_intern_atom, _Cookie, [pointer, byte, ctypes.c_uint16, ctypes.c_char_p]),
        (xcb.xcb_intern_atom_reply, ctypes.POINTER(_Atom), [pointer, _Cookie, pointer]),
        (xcb.xcb_send_event, _Cookie, [pointer, byte, word, word, ctypes.POINTER(_Message)]),
        (xcb.xcb_flush, ctypes.c_int, [pointer]),
        (keysyms.xcb_key_symbols_alloc, pointer, [pointer]),
        (keysyms.xcb_key_symbols_free, None, [pointer]),
        (keysyms.xcb_key_symbols_get_keycode, ctypes.POINTER(ctypes.c_uint8), [pointer, word]),
        (system.free, None, [pointer]),
    )
    for function, answer, arguments in signatures:
        function.restype, function.argtypes = answer, arguments
    return xcb, keysyms, system


class X11Listening:
    """One set of keys. Raises ContextError("shortcut-taken") or ("shortcut-unavailable")."""

    def __init__(self, keys: Keys, words: str, pressed: Callable[[], None]) -> None:
        self._xcb, self._keysyms, self._c = _load()
        self._keys, self._pressed = keys, pressed
        self._held, self._when, self._released = False, 0, 0
        self._connection = self._xcb.xcb_connect(None, None)
        if self._xcb.xcb_connection_has_error(self._connection):
            self._xcb.xcb_disconnect(self._connection)
            raise unavailable()
        self._root = self._xcb.xcb_setup_roots_iterator(self._xcb.xcb_get_setup(self._connection)).data[0]
        self._mask = sum(_MASKS[one] for one in keys.modifiers)
        self._codes: tuple[int, ...] = ()
        if not self._grab():
            self._xcb.xcb_disconnect(self._connection)
            raise taken(words)
        self._ended, self._end = os.pipe()
        self._thread = threading.Thread(target=self._run, name="shortcut", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Grabs end with the connection."""
        if self._end >= 0:
            os.close(self._end)
            self._end = -1
            self._thread.join()

    def give_keyboard(self, window: int) -> None:
        """Asked of the window manager as of the moment of the press (EWMH, _NET_ACTIVE_WINDOW): Qt knows no such moment, and an
        older one is refused."""
        name = b"_NET_ACTIVE_WINDOW"
        asked = self._xcb.xcb_intern_atom(self._connection, 0, len(name), name)
        answer = self._xcb.xcb_intern_atom_reply(self._connection, asked, None)
        if not answer:
            return
        message = _Message(_CLIENT_MESSAGE, 32, 0, window, answer.contents.atom, (_PAGER, self._when, 0, 0, 0))
        self._free(answer)
        self._xcb.xcb_send_event(self._connection, 0, self._root, _TO_MANAGER, ctypes.byref(message))
        self._xcb.xcb_flush(self._connection)

    def _grab(self) -> bool:
        """The keys as this keyboard has them now; False where another program has one of them."""
        codes = self._found()
        if codes == self._codes:
            return True
        for code in self._codes:
            for lock in _LOCKS:
                self._free(
                    self._check(self._xcb.xcb_ungrab_key_checked(self._connection, code, self._root, self._mask | lock))
                )
        self._codes = codes
        refused = [self._grab_one(code, lock) for code in codes for lock in _LOCKS]
        return bool(codes) and not any(refused)

    def _grab_one(self, code: int, lock: int) -> bool:
        """Whether it was refused."""
        asked = self._xcb.xcb_grab_key_checked(
            self._connection, 1, self._root, self._mask | lock, code, _ASYNCHRONOUS, _ASYNCHRONOUS
        )
        error = self._check(asked)
        self._free(error)
        return bool(error)

    def _check(self, cookie: _Cookie) -> int | None:
        error: int | None = self._xcb.xcb_request_check(self._connection, cookie)
        return error

    def _free(self, memory: object) -> None:
        self._c.free(memory)

    def _found(self) -> tuple[int, ...]:
        """The codes of the key; there may be several."""
        symbols = self._keysyms.xcb_key_symbols_alloc(self._connection)
        symbol = _F1 + self._keys.function - 1 if self._keys.function else ord(self._keys.key.lower())
        codes = self._keysyms.xcb_key_symbols_get_keycode(symbols, symbol)
        found: list[int] = []
        while codes and codes[len(found)]:
            found.append(int(codes[len(found)]))
        self._free(codes)
        self._keysyms.xcb_key_symbols_free(symbols)
        return tuple(found)

    def _run(self) -> None:
        line = self._xcb.xcb_get_file_descriptor(self._connection)
        try:
            while not self._xcb.xcb_connection_has_error(self._connection):
                self._take()
                ready, _, _ = select.select([line, self._ended], [], [])
                if self._ended in ready:
                    return
        finally:
            os.close(self._ended)
            self._xcb.xcb_disconnect(self._connection)

    def _take(self) -> None:
        """A key that is held is released and pressed again at the same moment, as far as X11 tells."""
        while event := self._xcb.xcb_poll_for_event(self._connection):
            kind, time = event.contents.type & 0x7F, event.contents.time
            self._free(event)
            if kind == _MAPPING:
                self._grab()
            elif kind == _KEY_RELEASE:
                self._held, self._released = False, time
            elif kind == _KEY_PRESS:
                again = self._held or (time - self._released) % 2**32 <= _REPEAT_MS
                self._held, self._when = True, time
                if not again:
                    self._pressed()
