"""Which characters of the note are already spoken for."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]


class Mask:
    """One byte a character: taking and asking cost the length of the span, however many were taken."""

    def __init__(self, length: int, spans: Iterable[Span] = ()) -> None:
        self._taken = bytearray(length)
        for start, end in spans:
            self.take(start, end)

    def take(self, start: int, end: int) -> None:
        self._taken[start:end] = b"\1" * len(self._taken[start:end])

    def free(self, start: int, end: int) -> bool:
        """Is no character of the span taken?"""
        return self._taken.find(1, start, end) < 0
