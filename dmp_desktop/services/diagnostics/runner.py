"""Runs checks beside each other, each within its time: one that hangs is told as such and delays no other."""

from __future__ import annotations

import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace

from dmp_desktop.card.handing import Handing
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.diagnostics.model import Check, Result, Seen, Verdict
from dmp_desktop.services.diagnostics.site import Site

BESIDE = 16
"""Checks under way at once: enough for all that wait for the readers (12) to wait together, and the others to go on."""
_LOOK_SECONDS = 0.05
"""How often a stop is looked for."""
LATE = "Cette vérification n’a pas répondu en {:.0f} s."
LATE_ACTION = "L’ordinateur est peut-être très occupé : attendez une minute, puis relancez-la."
FAILED = "Cette vérification n’a pas pu aboutir."
FAILED_ACTION = "Relancez-la ; si cela revient, joignez ce rapport à votre demande d’assistance."

Tell = Callable[[Result], None]

log = logging.getLogger(__name__)


def run(checks: Iterable[Check], site: Site, tell: Tell, stopped: Callable[[], bool] = lambda: False) -> None:
    """Run all, and `tell` each result as it comes, one at a time, from worker threads. Returns when all are told.

    Once `stopped` says so nothing more is begun nor told, and it returns at once: what hangs is left to its thread.
    """
    waiting: queue.SimpleQueue[Check] = queue.SimpleQueue()
    for check in checks:
        waiting.put(check)
    telling = threading.Lock()

    def work() -> None:
        while not stopped():
            try:
                check = waiting.get_nowait()
            except queue.Empty:
                return
            result = run_one(check, site)
            with telling:
                if not stopped():
                    tell(result)

    workers = [threading.Thread(target=work, name="diagnostic", daemon=True) for _ in range(BESIDE)]
    for worker in workers:
        worker.start()
    for worker in workers:
        while worker.is_alive() and not stopped():
            worker.join(_LOOK_SECONDS)


def run_one(check: Check, site: Site) -> Result:
    """The result of one check, within its time. Never raises."""
    topic, begun = check.topic, time.monotonic()
    outcome: Future[Seen] = Future()

    def look() -> None:
        with Handing(outcome):
            outcome.set_result(check.look(site))

    # A call into a driver cannot be interrupted: one that hangs is left to its thread, which ends with the process.
    threading.Thread(target=look, name=topic.id, daemon=True).start()
    try:
        error = outcome.exception(topic.seconds)
    except TimeoutError:
        late = LATE.format(topic.seconds)
        return _result(check, begun, Verdict.UNVERIFIABLE, late, LATE_ACTION, code="diagnostic.late")
    if isinstance(error, DmpDesktopError):
        return _result(check, begun, Verdict.PROBLEM, error.message_fr, error.remedy_fr, code=error.code)
    if error is not None:
        # Says where, never what: an exception's text may hold what it was given.
        place = traceback.extract_tb(error.__traceback__)[-1]
        log.error("%s: %s at %s:%s", topic.id, type(error).__name__, place.filename, place.lineno)
        code = f"inattendu-{type(error).__name__}"
        return _result(check, begun, Verdict.UNVERIFIABLE, FAILED, FAILED_ACTION, code=code)
    found = outcome.result()
    told = topic.outcomes[found.outcome]
    cause, action, detail = (words.format(**found.fields) for words in (told.cause, told.action, told.detail))
    result = _result(check, begun, told.verdict, cause, action, missing=told.missing)
    return replace(result, detail=detail, first=told.first)


def _result(
    check: Check, begun: float, verdict: Verdict, cause: str, action: str, *, code: str = "", missing: bool = False
) -> Result:
    spent = round((time.monotonic() - begun) * 1000)
    return Result(check.topic.id, check.topic.title, verdict, cause, action, code, missing, spent)
