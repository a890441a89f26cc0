"""What is alive set aside from Python's collections of garbage: each walks everything that is not."""

from __future__ import annotations

import gc


def set_aside() -> None:
    """Collects, then freezes what is left (modules, collected tests, caches). On a thread where Qt objects may end."""
    gc.collect()
    gc.freeze()


def put_back() -> None:
    """As `set_aside`, for what froze a world of its own that is over by now: that is let go first."""
    gc.unfreeze()
    set_aside()
