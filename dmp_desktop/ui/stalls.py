"""How long the window stood still: the gaps between two ticks of a fast timer."""

from __future__ import annotations

from time import perf_counter, process_time

from PySide6.QtCore import QObject, Qt, QTimer

TICK_MS = 5
LIMIT_MS = 50.0


class StallMeter(QObject):
    """Records every gap above `floor_ms` milliseconds between ticks of 5 ms. A gap is the time nothing could be painted."""

    def __init__(self, parent: QObject | None = None, *, floor_ms: float = 16.0) -> None:
        super().__init__(parent)
        self.gaps_ms: list[float] = []
        self._worked_ms: list[float] = []
        self._floor = floor_ms
        self._last = self._last_work = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.gaps_ms.clear()
        self._worked_ms.clear()
        self._last, self._last_work = perf_counter(), process_time()
        self._timer.start()

    def stop(self) -> float:
        """Stops, and returns the worst gap in milliseconds."""
        self._tick()
        self._timer.stop()
        return self.worst_ms

    @property
    def worst_ms(self) -> float:
        return max(self.gaps_ms, default=0.0)

    @property
    def worst_worked_ms(self) -> float:
        """The most that this process worked in one gap, whatever its thread: other work on the machine adds nothing to it."""
        pairs = zip(self.gaps_ms, self._worked_ms, strict=True)
        return max((min(pair) for pair in pairs), default=0.0)

    def over(self, limit_ms: float = LIMIT_MS) -> list[float]:
        return [gap for gap in self.gaps_ms if gap > limit_ms]

    def ours(self, limit_ms: float = LIMIT_MS) -> list[float]:
        """The gaps above `limit_ms` in which this process worked at least half of the time, whatever its thread.

        In the others it was not given a processor (a busy machine), or waited: a window that waits on something slow is what
        the tests with slow services look for.
        """
        pairs = zip(self.gaps_ms, self._worked_ms, strict=True)
        return [gap for gap, worked in pairs if gap > limit_ms and worked >= gap / 2]

    def _tick(self) -> None:
        now, work = perf_counter(), process_time()
        gap = (now - self._last) * 1000 - TICK_MS
        if gap > self._floor:
            self.gaps_ms.append(gap)
            self._worked_ms.append((work - self._last_work) * 1000)
        self._last, self._last_work = now, work
