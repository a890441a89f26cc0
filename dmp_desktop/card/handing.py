"""What a thread raises, brought to the one that waits for it."""

from __future__ import annotations

from concurrent.futures import Future
from types import TracebackType
from typing import Any


class Handing:
    """Hands whatever is raised inside to the thread that waits for the outcome."""

    def __init__(self, outcome: Future[Any]) -> None:
        self._outcome = outcome

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None, _: TracebackType | None) -> bool:
        if raised is not None:
            self._outcome.set_exception(raised)
        return True
