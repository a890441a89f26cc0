"""Keeps Python's garbage collector from stopping the window.

A full collection walks every object with the interpreter locked, whatever thread set it off: 86 to 168 ms measured here
with Qt, lxml and fontTools loaded. So nothing is collected while the program starts; what is loaded by then is set aside
for good (`gc.freeze`), and later collections walk only what came after.
"""

from __future__ import annotations

import gc


def hold() -> None:
    """Collect nothing until `settle`. Call first."""
    gc.disable()


def settle() -> None:
    """Set aside everything loaded so far, and collect again."""
    gc.freeze()
    gc.enable()
