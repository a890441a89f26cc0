"""A page on its way from the worker that made it to the window that paints it."""

from __future__ import annotations

from threading import Event


def test_a_worker_that_no_longer_waits_for_the_paint_leaves_nothing_to_crash_on(bench, qtbot):
    told: list[bool] = []

    class Painted(Event):
        def set(self) -> None:
            super().set()
            told.append(True)

    bench.window.page.synthesis.reader._show_part(-1, None, Painted())  # nobody else holds it
    qtbot.waitUntil(lambda: told == [True])
