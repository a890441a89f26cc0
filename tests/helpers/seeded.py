"""A folder where the stand-in server has already been started once: its keys and its records are made once a process, not once a test.

Making them takes 1.5 s of processor. Not for tests of the first start, of two servers that must not know each other (all have the
same authority here), nor of a clock of their own: the documents are dated by the first start.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.directory import CARDS


@cache
def _made_once() -> Path:
    """Removed with the process."""
    kept = Path(tempfile.mkdtemp(prefix="dmp-seeded-"))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    with Sandbox(kept, cards=tuple(CARDS)):
        pass
    return kept


def seeded(folder: Path) -> Path:
    """`folder`, filled."""
    return Path(shutil.copytree(_made_once(), folder, dirs_exist_ok=True))
