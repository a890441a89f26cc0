"""Locks between processes of one workstation. The system drops them when their process dies, `kill -9` included."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who only asks whether a window is there does not wait for them
    from dmp_desktop.domain.ports import Clock, Entropy

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_SUFFIX = ".lock"
_LOOK_EVERY_S = 0.05
_FORGOTTEN_AFTER = 7 * 24 * 3600.0  # seconds: lock files of dead processes are swept a week later


class FileLock:
    """An exclusive lock on a file, which is created when missing and never removed by the lock. Who waits for one that its holder
    takes away with the file gets that of the new file: a lock on a file that is gone is nobody's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, *, wait: bool = True) -> bool:
        """Take the lock. Without `wait`, False at once when another has it. Raises OSError when the file cannot be
        opened."""
        while True:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
            try:
                _lock(descriptor, wait)
            except OSError:
                os.close(descriptor)
                if wait:
                    raise
                return False
            if _is_there(descriptor, self._path):
                self._descriptor = descriptor
                return True
            os.close(descriptor)

    def acquire_within(self, seconds: float) -> bool:
        """As `acquire`; False when another still has it after `seconds`."""
        until = time.monotonic() + seconds
        while not self.acquire(wait=False):
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK_EVERY_S)
        return True

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)  # closing drops the lock on every system
            self._descriptor = None

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class ProcessLiveness:
    """Implements the Liveness port: this process holds a lock named after its owner id for as long as it lives."""

    def __init__(self, folder: Path, entropy: Entropy, clock: Clock) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._owner = str(entropy.uuid())
        self._lock = FileLock(self._file(self._owner))
        self._lock.acquire()
        self._sweep(clock.now().timestamp() - _FORGOTTEN_AFTER)

    @property
    def owner(self) -> str:
        return self._owner

    def is_dead(self, owner: str) -> bool:
        """True when `owner` was a process of this workstation and is gone. False when alive, or unknown here."""
        if owner == self._owner or not self._file(owner).exists():
            return False
        probe = FileLock(self._file(owner))
        if not probe.acquire(wait=False):
            return False
        probe.release()
        return True

    def alone(self) -> bool:
        """True when no other process of this workstation is alive."""
        return all(self.is_dead(file.stem) or file.stem == self._owner for file in self._folder.glob(f"*{_SUFFIX}"))

    def close(self) -> None:
        """From now on this owner counts as dead."""
        self._lock.release()

    def _file(self, owner: str) -> Path:
        return self._folder / f"{owner}{_SUFFIX}"

    def _sweep(self, oldest: float) -> None:
        for file in self._folder.glob(f"*{_SUFFIX}"):
            if file.stat().st_mtime < oldest and self.is_dead(file.stem):
                file.unlink(missing_ok=True)


if sys.platform == "win32":

    def _lock(descriptor: int, wait: bool) -> None:
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    raise
            else:
                return

    def _is_there(_descriptor: int, _path: Path) -> bool:
        """Windows removes no file that is open as this one is."""
        return True

else:

    def _lock(descriptor: int, wait: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_there(descriptor: int, path: Path) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), path.stat())
        except FileNotFoundError:
            return False
