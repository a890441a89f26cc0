"""Keeps Python 3.11 alive under PySide6 6.12.

The wheels (cp310-abi3) are built with headers where None, True and False are immortal (Python 3.12, PEP 683): each Qt call
that returns one of them takes a reference it never took. Measured with PySide6 6.12.0 on Python 3.11.2: one reference of
None lost a call, `Fatal Python error: none_dealloc` after some 5 700 calls. Python 3.12 and later are not concerned.
"""

from __future__ import annotations

import ctypes
import sys

FIRST_IMMORTAL = (3, 12)
ENOUGH = 1 << 40
"""References given to each singleton: a million Qt calls a second for twelve days."""


def protect_singletons() -> None:
    """Gives the singletons more references than Qt can take. Does nothing where they are immortal."""
    if sys.version_info >= FIRST_IMMORTAL:
        return
    for singleton in (None, True, False):
        # CPython only: the first field of every object is its reference count (Include/object.h, ob_refcnt).
        ctypes.c_ssize_t.from_address(id(singleton)).value += ENOUGH
