"""The card is pulled while what a long note holds is being found: the screen masks at once all the same."""

from __future__ import annotations

import os
from statistics import median
from time import monotonic

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from dmp_desktop.services.session import Phase
from tests.helpers.real_window import RealWindow, real_window
from tests.ui.timing import slowness

pytestmark = [pytest.mark.slow, pytest.mark.alone]

NOTE = "TEST. Toux depuis 3 jours, HTA ?, TA 13/8. Paracétamol 1 g x 3 pendant 5 jours. Diabète de type 2. " * 150
PULLS = 5
WITHIN = 0.1
"""Seconds from the card's leaving to the mask."""


def pulled(real: RealWindow) -> float:
    """How long it took, in seconds; the card is back afterwards, the note on screen again."""
    real.window.composer.editor.setPlainText(NOTE)
    real.window.composer.draft.visibility_chosen = True
    real.window.conductor.send()
    began = monotonic()
    real.stage.remove(0)
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    took = monotonic() - began
    real.until(lambda: not real.window.composer.busy)
    real.sign_in()
    return took


def test_the_mask_does_not_wait_for_the_worker(qapp, tmp_path) -> None:
    with real_window(qapp, tmp_path) as real:
        real.sign_in()
        real.open("ordinary")
        took = []
        for _ in range(PULLS):
            real.window.conductor.write()
            took.append(pulled(real))
            real.stage.remove(1)
            real.pause(0.3)
            real.open("ordinary")
            for draft in [*real.window.drafts._drafts]:
                real.window.composer.show_draft(None)
                real.window.drafts.remove(draft)
    print("masked after " + ", ".join(f"{one * 1e3:.0f} ms" for one in took))
    assert median(took) / slowness() < WITHIN
