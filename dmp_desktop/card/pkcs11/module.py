"""A PKCS#11 module, loaded once in this process and spoken to by one thread of its own."""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

import pkcs11

from dmp_desktop.card.failures import card_failure
from dmp_desktop.card.pkcs11.discovery import examine
from dmp_desktop.card.pkcs11.native import NativeModule
from dmp_desktop.errors import DmpDesktopError

# A call cannot be interrupted, and another program's transaction or a redirected reader may hold it (reference card.md §4,
# row 8). The longest honest one, a login with the reading of a CPS over T=0, takes a few seconds. In seconds.
PATIENCE: Final = 20.0
# What still keeps the module's thread after that is not waited for by the next ones as long again: they are told to start anew.
STUCK: Final = 60.0
_GLANCE: Final = 1.0

T = TypeVar("T")

log = logging.getLogger(__name__)


class _Call(Generic[T]):
    """`work` and its outcome. Who waits may give it up, until it is sealed: from then on the outcome has to be told."""

    def __init__(self, work: Callable[[Module], T]) -> None:
        self.work = work
        self.outcome: Future[T] = Future()
        self._deciding = threading.Lock()
        self._given_up = self._sealed = False

    def seal(self) -> None:
        """Raises CardError card.busy when it was given up: whoever asked has been told so."""
        with self._deciding:
            if self._given_up:
                raise card_failure("busy")
            self._sealed = True

    def give_up(self) -> bool:
        """Whether what is sealed can still be kept from being done. Nothing is sealed from then on."""
        with self._deciding:
            self._given_up = not self._sealed
            return self._given_up


class Module:
    """The module's thread. python-pkcs11 initialises modules for one thread at a time, and PC/SC contexts like to keep theirs.

    Only `work` given to `call` may touch `library` and `native`, which are there from then on.
    """

    library: pkcs11._pkcs11.lib
    native: NativeModule

    def __init__(self, path: Path) -> None:
        self._path = path
        self.patience, self.stuck_after = PATIENCE, STUCK
        self._calls: queue.SimpleQueue[_Call[Any]] = queue.SimpleQueue()
        self._under_way: tuple[_Call[Any], float] | None = None  # and since when
        self._loaded = False
        # Wrong PINs since the last good one, by the card's authentication certificate: Cryptolib CPS does not tell them. In
        # memory alone, and as long as the program runs: a card that is taken out and put back has no more tries than before.
        self.wrong_pins: Counter[bytes] = Counter()
        # Authentication certificates whose key was seen to sign by PSS: finding out costs a signature, thus up to a second a PIN.
        self.signs_pss: set[bytes] = set()
        # The end of the session that is logged in on each slot: a login belongs to the whole process (PKCS#11 v2.20 §6.7.4).
        self.ends: dict[int, Callable[[], None]] = {}
        threading.Thread(target=self._run, name="pkcs11", daemon=True).start()

    def call(
        self, work: Callable[[Module], T], *, patience: float | None = None, undo: Callable[[T], None] | None = None
    ) -> T:
        """`work` done by the module's thread, after those asked before; `undo` takes back what comes when nobody waits any more.

        Raises CardError: card.module_missing, card.module_bits, card.module_broken; card.busy after `patience` seconds, or
        `self.patience`; card.stuck when the thread has not come back from a call for very long; card.pin_unanswered after as
        many again for what is sealed; and whatever `work` raises.
        """
        patience = self.patience if patience is None else patience
        call = self._ask(work)
        outcome = call.outcome
        try:
            if outcome in wait([outcome], min(patience, _GLANCE) if self.stuck else patience).done:
                return outcome.result()
            if outcome.cancel():
                raise card_failure("stuck" if self.stuck else "busy")
            given_up = call.give_up()
            if not given_up and outcome in wait([outcome], patience).done:
                return outcome.result()
            if undo is not None:  # it has begun: it is left to its thread
                outcome.add_done_callback(lambda done: self._take_back(done, undo))
            raise card_failure("busy" if given_up else "pin_unanswered")
        finally:
            # What was raised tells by its traceback of this frame, thus of `work`: named here, it would keep itself alive, and
            # the PIN with it, until a garbage collection.
            del outcome, call

    def post(self, work: Callable[[Module], T]) -> Future[T]:
        """`work` done in its turn, whether or not anybody waits for it."""
        return self._ask(work).outcome

    def seal(self) -> None:
        """By `work`, just before it does what cannot be taken back: whoever asked waits for the outcome from now on.

        Raises CardError card.busy when they were told that before: it is not to be done.
        """
        if self._under_way is not None:
            self._under_way[0].seal()

    @property
    def stuck(self) -> bool:
        """Whether one call has kept the module's thread for so long that only another start of the program will free it."""
        under_way = self._under_way
        return under_way is not None and time.monotonic() - under_way[1] >= self.stuck_after

    def _ask(self, work: Callable[[Module], T]) -> _Call[T]:
        call = _Call(work)
        self._calls.put(call)
        return call

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

    def end_login(self, slot: int) -> None:
        """End the session logged in on this slot."""
        if end := self.ends.pop(slot, None):
            end()

    def end_sessions(self, slot: int) -> None:
        """End the session logged in on this slot, and every other this program has there."""
        self.end_login(slot)
        self.native.close_all_sessions(slot)

    def _run(self) -> None:
        while True:
            self._do(self._calls.get())  # nothing is named here: a PIN is not kept until the next call

    def _do(self, call: _Call[Any]) -> None:
        if call.outcome.set_running_or_notify_cancel():
            self._under_way = call, time.monotonic()
            with _Handing(call.outcome):
                self._load()
                call.outcome.set_result(call.work(self))
            self._under_way = None

    def _load(self) -> None:
        """Raises CardError. Tried again at the next call: the user may install the module meanwhile."""
        if self._loaded:
            return
        if why := examine(self._path).why:
            raise card_failure(why.removeprefix("card."))
        try:
            if sys.platform == "win32":  # what it asks for may lie beside it: nothing else is searched
                os.add_dll_directory(str(self._path.parent))
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
    """The one Module of this file in this process, whatever the way it is named.

    Raises CardError card.module_missing for a name without its folder: the working folder may be anybody's.
    """
    if not path.is_absolute():
        raise card_failure("module_missing")
    real = os.path.realpath(path)
    with _loading:
        if real not in _modules:
            _modules[real] = Module(Path(real))
        return _modules[real]
