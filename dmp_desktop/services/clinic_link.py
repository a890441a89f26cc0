"""The thread that keeps a workstation and its clinic's database together: it alone waits for a server that does not answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_outbox import ClinicOutbox

# Seconds between two looks, and between two tries to reach a server that did not answer.
LOOK, RETRY = 5.0, 20.0
STOP_WITHIN = 1.0

_log = logging.getLogger(__name__)


class ClinicLink:
    """Connects, tells what was missed, hands over, shares; between `start` and `stop`, or one `step` at a time."""

    def __init__(
        self,
        outbox: ClinicOutbox,
        is_here: Callable[[str], bool],
        clock: Clock,
        changed: Callable[[], None],
        share: Callable[[], None] = lambda: None,
    ) -> None:
        """`is_here`: whether this professional (PS_IdNat) can send from here. `share` does what else the workstations keep
        together; it may raise StorageError. `changed` is called, from this thread, after something was handed over, or when the
        server comes or goes."""
        self._outbox = outbox
        self._is_here = is_here
        self._clock = clock
        self._changed = changed
        self._share = share
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._stepping = threading.Lock()
        self._followers: tuple[Callable[[], None], ...] = ()
        self._listeners: tuple[Callable[[set[str]], None], ...] = ()
        self.trouble: StorageError | None = None
        """Why the clinic's database is not there, as the screen may say it; None when it is."""

    def follow(self, told: Callable[[], None]) -> None:
        """Have `told` called, from this thread, when the server comes or goes: `trouble` says which."""
        self._followers += (told,)

    def follow_kinds(self, told: Callable[[set[str]], None]) -> None:
        """Have `told` called with the names of the kinds others changed, from the thread that took what they said."""
        self._listeners += (told,)

    def came(self, kinds: set[str]) -> None:
        for told in self._listeners:
            told(kinds)

    def start(self) -> None:
        self._spawn(first_pause=0.0)

    def stop(self) -> None:
        """Ends within 1 s; a server that is still waited for is waited for in vain."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN)

    def connect(self) -> None:
        """One step, for who waits for it. Raises StorageError where the server is not there."""
        self.step()
        if self.trouble is not None:
            raise self.trouble

    def step(self) -> float:
        """Returns the seconds until the next one. One at a time."""
        with self._stepping:
            return self._step()

    def _step(self) -> float:
        before, moved = self.trouble, 0
        untold = self._outbox.untold
        try:
            self._outbox.connect(self._clock.now())
            moved = self._outbox.move(self._is_here, self._clock.now())
            self._share()
            self.trouble = None
        except StorageError as error:
            self.trouble = error
        after = self.trouble
        if (before and before.code) != (after and after.code):
            _log.warning("clinic's database: %s", after.code if after else "there")
            for told in self._followers:
                told()
        if moved or bool(before) != bool(after) or untold != self._outbox.untold:
            self._changed()
        return RETRY if after else LOOK

    def _spawn(self, first_pause: float) -> None:
        thread = threading.Thread(target=self._run, args=(first_pause,), name="clinic", daemon=True)
        thread.start()  # before `stop` may join it
        self._thread = thread

    def _run(self, first_pause: float) -> None:
        """A fault of ours ends this thread through the excepthook, and another takes over after a pause."""
        pause = first_pause
        try:
            while not self._stopping.wait(pause):
                pause = self.step()
        finally:
            if not self._stopping.is_set():
                self._spawn(RETRY)
