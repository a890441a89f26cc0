"""A PKCS#11 module, loaded once in this process and spoken to by one thread of its own."""

from __future__ import annotations

import logging
import os
import queue
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeVar

import pkcs11

from dmp_desktop.card.failures import card_failure
from dmp_desktop.card.pkcs11.discovery import examine
from dmp_desktop.card.pkcs11.native import NativeModule
from dmp_desktop.errors import DmpDesktopError

# A call cannot be interrupted, and another program's transaction or a redirected reader may hold it (reference card.md §4,
# row 8). The longest honest one, a login with the reading of a CPS over T=0, takes a few seconds. In seconds.
PATIENCE: Final = 20.0

T = TypeVar("T")

log = logging.getLogger(__name__)


class Module:
    """The module's thread. python-pkcs11 initialises modules for one thread at a time, and PC/SC contexts like to keep theirs.

    Only `work` given to `call` may touch `library` and `native`, which are there from then on.
    """

    library: pkcs11._pkcs11.lib
    native: NativeModule

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[Module], Any]]] = queue.SimpleQueue()
        self._loaded = False
        # The end of the session that is logged in on each slot: a login belongs to the whole process (PKCS#11 v2.20 §6.7.4).
        self.ends: dict[int, Callable[[], None]] = {}
        threading.Thread(target=self._run, name="pkcs11", daemon=True).start()

    def call(
        self, work: Callable[[Module], T], *, patience: float = PATIENCE, undo: Callable[[T], None] | None = None
    ) -> T:
        """`work` done by the module's thread, after those asked before; `undo` takes back what comes when nobody waits any more.

        Raises CardError: card.module_missing, card.module_bits, card.module_broken, card.busy after `patience` seconds, and
        whatever `work` raises.
        """
        outcome = self.post(work)
        try:
            if outcome in wait([outcome], patience).done:
                return outcome.result()
            if not outcome.cancel() and undo is not None:  # it has begun: it is left to its thread
                outcome.add_done_callback(lambda done: self._take_back(done, undo))
            raise card_failure("busy")
        finally:
            # What was raised tells by its traceback of this frame, thus of `work`: named here, it would keep itself alive, and
            # the PIN with it, until a garbage collection.
            del outcome

    def post(self, work: Callable[[Module], T]) -> Future[T]:
        """`work` done in its turn, whether or not anybody waits for it."""
        outcome: Future[T] = Future()
        self._jobs.put((outcome, work))
        return outcome

    def _take_back(self, late: Future[T], undo: Callable[[T], None]) -> None:
        if late.exception() is None:
            self.post(lambda _module: undo(late.result()))

    def tokens(self) -> list[pkcs11.Token]:
        """The cards in the readers at this moment. Those the module does not know (a carte Vitale) are passed over."""
        found = []
        for slot in self.library.get_slots(token_present=True):
            with suppress(pkcs11.PKCS11Error):
                found.append(slot.get_token())
        return found

    def end_session(self, slot: int) -> None:
        """End the session logged in on this slot, and every other this program left there."""
        if end := self.ends.pop(slot, None):
            end()
        self.native.close_all_sessions(slot)

    def _run(self) -> None:
        while True:
            self._do(*self._jobs.get())  # nothing is named here: a PIN is not kept until the next call

    def _do(self, outcome: Future[Any], work: Callable[[Module], Any]) -> None:
        if outcome.set_running_or_notify_cancel():
            with _Handing(outcome):
                self._load()
                outcome.set_result(work(self))

    def _load(self) -> None:
        """Raises CardError. Tried again at the next call: the user may install the module meanwhile."""
        if self._loaded:
            return
        if why := examine(self._path).why:
            raise card_failure(why.removeprefix("card."))
        try:
            self.library = pkcs11.lib(str(self._path))
            self.native = NativeModule(self._path)
        except (pkcs11.PKCS11Error, OSError, AttributeError):
            raise card_failure("module_broken") from None
        self._loaded = True


class _Handing:
    """Hands whatever is raised inside to the thread that waits for the outcome, without the frames it comes from.

    They hold the PIN. Of what is no failure of a card the log keeps the place.
    """

    def __init__(self, outcome: Future[Any]) -> None:
        self._outcome = outcome

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None, _: TracebackType | None) -> bool:
        if raised is not None:
            if not isinstance(raised, DmpDesktopError):
                frame = traceback.extract_tb(raised.__traceback__)[-1]
                log.info("%s at %s:%s", type(raised).__name__, frame.filename, frame.lineno)
            raised.__traceback__ = raised.__cause__ = raised.__context__ = None
            self._outcome.set_exception(raised)
        return True


_modules: dict[str, Module] = {}
_loading = threading.Lock()


def module_at(path: Path) -> Module:
    """The one Module of this file in this process, whatever the way it is named."""
    real = os.path.realpath(path)
    with _loading:
        if real not in _modules:
            _modules[real] = Module(Path(real))
        return _modules[real]
