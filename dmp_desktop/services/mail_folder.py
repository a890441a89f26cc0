"""Messages on their way to the doctor's mail client: plain files, which cannot be otherwise, for as short a time as it takes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.keystore import write_durably

log = logging.getLogger(__name__)

LIFE = timedelta(minutes=15)
"""Ours: a client reads the file when it opens it; reading the message again before it is sent may take a while."""
SUFFIX = ".eml"


class MailFolder:
    """A folder of this user alone. No name of a patient stands in a file's. What another program holds open goes at a later
    look."""

    def __init__(self, folder: Path, clock: Clock, entropy: Entropy) -> None:
        self._folder = folder
        self._clock = clock
        self._entropy = entropy
        self._until: dict[Path, float] = {}
        self._lock = threading.Lock()

    def lay(self, eml: bytes) -> Path:
        """There for LIFE at most. Raises ContextError("mail-folder"), StorageError("write-failed")."""
        path = self._folder / f"message-{self._entropy.uuid().hex[:12]}{SUFFIX}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ContextError(
                "mail-folder",
                "Le message ne peut pas être écrit sur ce poste.",
                "Vérifiez l'espace du disque et les droits du dossier des données.",
            ) from error
        with self._lock:
            self._until[path] = self._clock.monotonic() + LIFE.total_seconds()
            write_durably(path, eml)
        return path

    def look(self) -> None:
        """What is over, and what a former start has left, goes."""
        now = self._clock.monotonic()
        self._sweep(lambda path: self._until.get(path, now) <= now)

    def forget(self) -> None:
        """Who had them written leaves: all go."""
        self._sweep(lambda _path: True)

    def drop(self, path: Path) -> None:
        """Nobody is to open it."""
        self._sweep(lambda one: one == path)

    def _sweep(self, goes: Callable[[Path], bool]) -> None:
        with self._lock:
            for path in [*self._folder.glob(f"*{SUFFIX}"), *self._folder.glob(f".*{SUFFIX}.*")]:
                if goes(path):
                    try:
                        path.unlink(missing_ok=True)
                    except OSError as error:  # held by the mail client: at the next look
                        log.warning("a message stays: %s", type(error).__name__)
                        self._until[path] = 0.0
                        continue
                    self._until.pop(path, None)
