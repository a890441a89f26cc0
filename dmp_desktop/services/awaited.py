"""What was asked for the patient on screen, and whether they still are there when the answer comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import ContextError
from dmp_desktop.services.found_person import same_person
from dmp_desktop.services.special_words import CLOSED_MEANWHILE


def closed_meanwhile() -> ContextError:
    return ContextError("closed", CLOSED_MEANWHILE, "Rouvrez-le, puis recommencez s'il le faut.", field="patient")


class Awaited:
    """Accesses that were asked for and are not answered yet. Safe from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[object, InsIdentity] = {}

    @contextmanager
    def answer(self, patient: InsIdentity) -> Iterator[Callable[[], None]]:
        """While the DMP answers. What is given raises ContextError once this patient is no longer on screen."""
        request = object()
        with self._lock:
            self._asked[request] = patient

        def still() -> None:
            if request not in self._asked:
                raise closed_meanwhile()

        try:
            yield still
        finally:
            with self._lock:
                self._asked.pop(request, None)

    def keep(self, patient: InsIdentity | None) -> None:
        """Only this patient is on screen, or nobody."""
        with self._lock:
            kept = self._asked.items() if patient else ()
            self._asked = {request: ins for request, ins in kept if patient and same_person(ins, patient)}
