"""A page shown for the first time never holds the window: neither its loading, nor its making, nor its first paint."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop.ui.stalls import LIMIT_MS
from tests.ui.first_showing import PAGES
from tests.ui.timing import best

ROOT = Path(__file__).resolve().parents[2]


def stalls() -> dict[str, float]:
    """Milliseconds by page, in a program that has shown none of them before."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.first_showing"],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    lines = [line.rpartition(": ") for line in done.stdout.splitlines()]
    return {page: float(figure) for page, _colon, figure in lines}


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.timeout(320)
def test_the_first_showing_of_a_page_never_holds_the_window():
    figures: list[dict[str, float]] = []

    def worst() -> float:
        figures.append(stalls())
        assert tuple(figures[-1]) == PAGES
        return max(figures[-1].values())

    assert best(worst, LIMIT_MS) <= LIMIT_MS, figures
    print(*figures, sep="\n")
