"""A card pulled out fails before anything says that it left: what failed is explained once that could be seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

# pcscd asks a reader for its card every 400 ms (reference card.md §1.3): until then a card just pulled still counts as present.
NOTICED: Final = 0.7


def noticed(gone: Callable[[float], bool], within: float = NOTICED) -> bool:
    """Whether `gone` says so within so many seconds: asked once at least, it is told how many are left, and may wait as long."""
    end = time.monotonic() + within
    left = within
    while not gone(left):
        if (left := end - time.monotonic()) <= 0:
            return False
    return True
