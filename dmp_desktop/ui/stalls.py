"""How long the window stood still: the gaps between two ticks of a fast timer."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer

TICK_MS = 5
LIMIT_MS = 50.0


class StallMeter(QObject):
    """Records every gap above `floor_ms` milliseconds between ticks of 5 ms. A gap is the time nothing could be painted."""

    def __init__(self, parent: QObject | None = None, *, floor_ms: float = 16.0) -> None:
        super().__init__(parent)
        self.gaps_ms: list[float] = []
        self._floor = floor_ms
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.gaps_ms.clear()
        self._last = perf_counter()
        self._timer.start()

    def stop(self) -> float:
        """Stops, and returns the worst gap in milliseconds."""
        self._tick()
        self._timer.stop()
        return self.worst_ms

    @property
    def worst_ms(self) -> float:
        return max(self.gaps_ms, default=0.0)

    def over(self, limit_ms: float = LIMIT_MS) -> list[float]:
        return [gap for gap in self.gaps_ms if gap > limit_ms]

    def _tick(self) -> None:
        now = perf_counter()
        gap = (now - self._last) * 1000 - TICK_MS
        self._last = now
        if gap > self._floor:
            self.gaps_ms.append(gap)
