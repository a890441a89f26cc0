"""What Windows is told of a window that stays above others: Qt tells it when a window is made, and not when the wish changes.

Not tried on a real Windows.
"""

from __future__ import annotations

import ctypes
import sys

_TOPMOST, _NOT_TOPMOST = -1, -2
_NO_SIZE, _NO_MOVE, _NO_ACTIVATE = 0x0001, 0x0002, 0x0010


def set_topmost(window: int, *, on_top: bool) -> bool:
    """`window` is its handle; it keeps its place and size, and gets no keyboard. True where Windows did it; elsewhere the window
    manager was told by Qt, and nothing is done."""
    if sys.platform == "win32":
        behind = ctypes.c_void_p(_TOPMOST if on_top else _NOT_TOPMOST)
        flags = _NO_SIZE | _NO_MOVE | _NO_ACTIVATE
        return bool(ctypes.windll.user32.SetWindowPos(ctypes.c_void_p(window), behind, 0, 0, 0, 0, flags))
    return False
