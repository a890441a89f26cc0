"""Contexts deposited for an address `dmp-desktop://open?ticket=…`: a browser and its history see the address, a ticket tells
nothing, opens one context once, and is worth nothing after a minute.

Each is a file of the data folder, this user's alone, sealed under its ticket: neither the file nor its name leads back to it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.storage.sealing import Seal

log = logging.getLogger(__name__)

LASTS = timedelta(seconds=60)
MOST = 100
"""Deposited within a minute: more come from a loop in the practice software."""
_BYTES = 24
_TICKET = re.compile(r"[A-Za-z0-9_-]{32}")
_SUFFIX = ".ticket"


class Tickets:
    """Safe between processes: who deposits is another one than who redeems."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def put(self, context: bytes, note: bytes = b"") -> str:
        """Its ticket. What has been validated is on the disk when this returns. Raises ContextError, StorageError."""
        self.purge()
        ticket = secrets.token_urlsafe(_BYTES)
        told = {
            "context": b64encode(context).decode(),
            "note": b64encode(note).decode(),
            "at": self._clock.now().isoformat(),
        }
        file = self._file(ticket)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if sum(1 for _one in self._folder.glob(f"*{_SUFFIX}")) >= MOST:
                raise ContextError(
                    "ticket-many",
                    f"Plus de {MOST} patients ont été déposés en une minute : celui-ci ne l'est pas.",
                    "Vérifiez le réglage du logiciel métier.",
                )
        except OSError as error:
            raise _disk() from error
        write_durably(file, _seal(ticket).seal(json.dumps(told).encode(), file.stem))
        return ticket

    def redeem(self, untrusted_ticket: str, take: Callable[[bytes, bytes], object]) -> None:
        """Give its context and note to `take`; once that has them, the ticket is worth nothing. Raises StorageError, what `take`
        raises, and ContextError("ticket-unknown") for one that was not deposited here, served already or is older than LASTS."""
        if not _TICKET.fullmatch(untrusted_ticket):
            raise _unknown()
        file = self._file(untrusted_ticket)
        try:
            told = json.loads(_seal(untrusted_ticket).open(file.read_bytes(), file.stem))
        except FileNotFoundError as error:
            raise _unknown() from error
        except OSError as error:
            raise _disk() from error
        if self._over(datetime.fromisoformat(told["at"])):
            _remove(file)
            raise _unknown()
        take(b64decode(told["context"]), b64decode(told["note"]))
        _remove(file)

    def purge(self) -> None:
        """What nobody came for goes. Raises StorageError."""
        try:
            for file in self._folder.glob(f"*{_SUFFIX}"):
                written = datetime.fromtimestamp(file.stat().st_mtime, self._clock.now().tzinfo)
                if self._over(written):
                    file.unlink(missing_ok=True)
        except FileNotFoundError:
            return  # redeemed meanwhile: the others go next time
        except OSError as error:
            raise _disk() from error

    def _over(self, deposited: datetime) -> bool:
        """Also where the clock has jumped back: what is of the future has no age."""
        return abs(self._clock.now() - deposited) > LASTS

    def _file(self, ticket: str) -> Path:
        return self._folder / f"{hashlib.sha256(f'name {ticket}'.encode()).hexdigest()[:32]}{_SUFFIX}"


def _seal(ticket: str) -> Seal:
    return Seal(hashlib.sha256(ticket.encode()).digest(), "ticket")


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise _disk() from error


def _unknown() -> ContextError:
    return ContextError(
        "ticket-unknown",
        "Cette adresse dmp-desktop:// ne désigne aucun patient transmis à ce poste : elle a déjà servi, a plus d'une minute, ou "
        "ne vient pas de votre logiciel métier.",
        "Recommencez depuis le logiciel métier.",
    )


def _disk() -> StorageError:
    return StorageError(
        "ticket-disk",
        "Un patient transmis par une adresse dmp-desktop:// ne peut pas être gardé ou relu.",
        "Vérifiez l'espace du disque et les droits du dossier des données.",
    )
