"""Keys registered with Windows (RegisterHotKey), on a thread with a message queue of its own. Not tried on a real Windows.

A filter of the window's own messages would cost a call of Python for each of them.
"""

from __future__ import annotations

import ctypes
import queue
import threading
from collections.abc import Callable
from typing import Any

from dmp_desktop.platform.global_shortcut import Keys, taken

_MODIFIERS = {"Alt": 0x0001, "Ctrl": 0x0002, "Shift": 0x0004}
_NO_REPEAT = 0x4000
_F1 = 0x70
_HOTKEY, _QUIT = 0x0312, 0x0012  # WM_HOTKEY, WM_QUIT
_ID = 1


class _Message(ctypes.Structure):
    """MSG."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("message", ctypes.c_uint32),
        ("w", ctypes.c_size_t),
        ("l", ctypes.c_ssize_t),
        ("time", ctypes.c_uint32),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
        ("private", ctypes.c_uint32),
    )


class WindowsListening:
    """One set of keys. Raises ContextError("shortcut-taken")."""

    def __init__(self, keys: Keys, words: str, pressed: Callable[[], None]) -> None:
        self._keys, self._pressed = keys, pressed
        libraries = getattr(ctypes, "windll")  # noqa: B009 - typeshed has it on Windows only
        self._user: Any = libraries.user32
        self._kernel: Any = libraries.kernel32
        self._begun: queue.SimpleQueue[int] = queue.SimpleQueue()
        thread = threading.Thread(target=self._run, name="shortcut", daemon=True)
        thread.start()
        self._id = self._begun.get()
        self._thread = thread
        if not self._id:
            raise taken(words)

    def give_keyboard(self, _window: int) -> None:
        """Who gets the message of a registered key may come forward: Qt's own way does it."""

    def stop(self) -> None:
        """The registration ends with its thread's."""
        self._user.PostThreadMessageW(self._id, _QUIT, 0, 0)
        self._thread.join()

    def _run(self) -> None:
        modifiers = sum(_MODIFIERS[one] for one in self._keys.modifiers) | _NO_REPEAT
        key = _F1 + self._keys.function - 1 if self._keys.function else ord(self._keys.key)
        message = _Message()
        self._user.PeekMessageW(ctypes.byref(message), None, 0, 0, 0)  # makes the queue
        registered = self._user.RegisterHotKey(None, _ID, modifiers, key)
        self._begun.put(self._kernel.GetCurrentThreadId() if registered else 0)
        if not registered:
            return
        while self._user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            if message.message == _HOTKEY:
                self._pressed()
        self._user.UnregisterHotKey(None, _ID)
