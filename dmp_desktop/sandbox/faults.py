"""Refusals of the server, and failures ordered by a test."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from dmp_desktop.sandbox import names


class SoapFault(Exception):  # noqa: N818  # the word of SOAP 1.2
    """A SOAP fault, sent with HTTP 500. `code` becomes the Subcode (`soap:DMPxxxx`), `reason` its French sentence.

    Codes marked [R] in the modules that raise them are ours: the reference knows only some of the DMP's names.
    """

    def __init__(self, code: str, reason: str, namespace: str = names.SOAP12) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason
        self.namespace = namespace


@dataclass(frozen=True, slots=True)
class RegistryProblem:
    """One `rs:RegistryError`."""

    code: str
    context: str
    location: str = ""


class RegistryRefusal(Exception):  # noqa: N818  # an answer, not a failure of ours
    """A `rs:RegistryResponse` of status Failure, with all its errors."""

    def __init__(self, *problems: RegistryProblem) -> None:
        super().__init__(*(problem.code for problem in problems))
        self.problems = problems


class ConnectionDropped(Exception):  # noqa: N818  # an order, not an error
    """The server must close the connection without a word (ordered by `Faults`)."""


@dataclass(slots=True)
class OrderedFaults:
    """Failures a test orders: a field each, of the name the stand-in asks for. Counters are consumed one by one.

    `watch` is told each of these names where it is asked for, from the thread that answers, which waits for it.
    """

    watch: Callable[[str], None] = field(default=lambda _name: None, init=False, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def take(self, name: str) -> bool:
        """Consume one failure of that name; False when none is ordered."""
        self.watch(name)
        with self._lock:
            left = int(getattr(self, name))
            if left > 0:
                setattr(self, name, left - 1)
            return left > 0


@dataclass(slots=True)
class Faults(OrderedFaults):
    """Those of the DMP. `delay_seconds` and `clock_off_seconds` last until they are set back to 0.

    `drop_before_commit` and `drop_after_commit` concern submissions: the connection is closed before anything is
    stored, or once the lot is durable but before its answer. `drop_answer` concerns any request, `unavailable`
    answers HTTP 503. `clock_off_seconds` is how far its clock, which answers tell (`Date`) and VIHF are judged by, is ahead.
    """

    drop_before_commit: int = 0
    drop_after_commit: int = 0
    drop_answer: int = 0
    unavailable: int = 0
    delay_seconds: float = 0.0
    clock_off_seconds: float = 0.0
