"""What the checks look at: the workstation as given by the composition root, and what several of them share in one run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Generic, TypeVar

from dmp_desktop.card import Cards
from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.handing import Handing
from dmp_desktop.card.inventory import ReaderContent
from dmp_desktop.dmp.probe import Handshake, shake
from dmp_desktop.domain.cards import CardKind, PublicCps
from dmp_desktop.domain.ports import CardOpener, ClientIdentity, Clock, KeyStore
from dmp_desktop.errors import CardError, DmpDesktopError
from dmp_desktop.platform.endpoint import Endpoint
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.storage_key import kept_key, key_lost
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox_file import OutboxFile

T = TypeVar("T")

READERS_SECONDS = 4.0
"""How long the service may take to tell its readers: one wait for all the checks of a run, within the time of each."""
TOUCH_SECONDS = 3.0
"""How long a card may be held by another program, or its reader silent, before the diagnosis says so."""


@dataclass(frozen=True, slots=True)
class Module:
    """One PKCS#11 module (Cryptolib CPS) found: `bits` is 32 or 64, 0 when unknown; `version` is told by the module once loaded,
    `error` is why it could not be (`card.module_bits`, `card.module_broken`)."""

    path: Path
    bits: int = 0
    version: str = ""
    error: CardError | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """The workstation. `root` is where the system's own folders are (`C:\\`, `/`), `platform` is `sys.platform`.

    `open_identity` gives the software identity of the environment without a question, None when there is none; the caller
    closes it. `database` is the one the program has open, if it has; else `keystore` gives what opens it, None when that would
    take a question. `proxies` are those of the system, by scheme. `modules` loads what it finds. `server_skew` is what
    the answers of the DMP told of its clock. `settings_error` is what
    the environment has that cannot be understood.
    """

    environment: Mapping[str, str]
    paths: Paths
    endpoint: Endpoint
    clock: Clock
    cards: Cards
    root: Path
    platform: str
    proxies: Callable[[], Mapping[str, str]]
    settings_error: DmpDesktopError | None = None
    open_identity: Callable[[], ClientIdentity | None] = lambda: None
    keystore: Callable[[], KeyStore | None] = lambda: None
    server_skew: Callable[[], timedelta | None] = lambda: None
    database: Database | None = None
    opener: CardOpener | None = None
    modules: Callable[[], list[Module]] | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """A card that was connected to and let go; `error` is why it could not be, `stuck` that nothing answered in time."""

    reader: ReaderContent
    error: CardError | None = None
    stuck: bool = False


class Once(Generic[T]):
    """A call made once however many ask for its outcome, its DmpDesktopError included."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._outcome: Future[T] | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._outcome is None:
                outcome: Future[T] = Future()
                try:
                    outcome.set_result(self._call())
                except DmpDesktopError as error:
                    outcome.set_exception(error)
                self._outcome = outcome
        return self._outcome.result()


class ServiceSilentError(CardError):
    """The service of the cards, or a driver behind it, does not give the readers."""

    def __init__(self) -> None:
        super().__init__("card.service_silent", "Le service des cartes ne répond pas.", "Redémarrez l’ordinateur.")


def within(call: Callable[[], T], seconds: float) -> T:
    """What `call` gives. Raises ServiceSilentError when it takes longer: it is then left to its thread."""
    outcome: Future[T] = Future()

    def work() -> None:
        with Handing(outcome):
            outcome.set_result(call())

    threading.Thread(target=work, name="readers", daemon=True).start()
    if not wait((outcome,), seconds).done:
        raise ServiceSilentError
    return outcome.result()


class Site:
    """One run's view of the station: what was read for one check is not read again for another."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self._seen = Once(lambda: within(station.cards.inventory.look, READERS_SECONDS))
        self.touches = Once(self._touch_all)
        self.professional = Once(self._professional)
        self.handshake = Once(self._shake)
        self.software_identity = Once(self._software_identity)
        self.modules = Once(station.modules or list)

    def readers(self) -> list[ReaderContent]:
        """Those that can be used. Raises CardError when none can be seen."""
        return [reader for reader in self._seen() if reader.usable]

    def unusable(self) -> list[str]:
        """Names of the readers that cannot be used because of them. Raises CardError as `readers`."""
        return [reader.reader for reader in self._seen() if not reader.usable]

    def identity_error(self) -> DmpDesktopError | None:
        """Why the software identity cannot be used; None where it can, or where there is none."""
        try:
            self.software_identity()
        except DmpDesktopError as error:
            return error
        return None

    @property
    def without_card(self) -> bool:
        """Whether this workstation is set to connect by something else than a card: certificates in files, Pro Santé Connect."""
        identity = self.station.endpoint.identity
        return identity is not None and bool(identity.p12_folder or identity.psc)

    def chain(self) -> tuple[bytes, ...]:
        """Authorities (DER) that came along with the software identity; a card brings none. Not those of one out of order: the
        check of that identity says so."""
        try:
            return self.software_identity() or ()
        except DmpDesktopError:
            return ()

    def cards(self) -> list[ReaderContent]:
        """Readers with a card that answered its reset. Raises CardError as `readers`."""
        return [reader for reader in self.readers() if reader.present and not reader.mute]

    def database(self) -> AbstractContextManager[Database] | None:
        """The local database as it is, None where there is none yet or its key cannot be asked for without a question.

        Raises StorageError, "storage-key-lost" when the place of its key can be looked at and does not hold it.
        """
        if self.station.database is not None:
            return nullcontext(self.station.database)
        keystore = self.station.keystore() if self.station.paths.database.exists() else None
        if keystore is None:
            return None
        key = kept_key(keystore)
        if key is None:
            raise key_lost()
        return Database.open_as_is(self.station.paths.database, key)

    def outbox(self) -> OutboxFile | None:
        """The outbox's file as it is, None where there is none yet. Raises StorageError."""
        path = self.station.paths.outbox
        return OutboxFile.as_is(path) if path.exists() else None

    def _touch_all(self) -> list[Touch]:
        return [self._touch(reader) for reader in self.cards()]

    def _touch(self, reader: ReaderContent) -> Touch:
        """Connect, begin a transaction, end it: no command is sent to the card."""
        begun = time.monotonic()
        try:
            CardAccess(self.station.cards.pcsc, patience=TOUCH_SECONDS).visit(reader.reader, lambda _channel: None)
        except CardError as error:
            return Touch(reader, error, time.monotonic() - begun >= TOUCH_SECONDS)
        return Touch(reader)

    def _professional(self) -> PublicCps | None:
        """The first professional's card, read without its PIN; None where there is none. Raises the CardError of reading it."""
        usable = [touch.reader for touch in self.touches() if touch.error is None]
        for content in sorted(usable, key=lambda one: one.kind is not CardKind.CPS):
            if content.kind is CardKind.VITALE:
                continue
            try:
                return self.station.cards.professional.read_public(content.reader)
            except CardError as error:
                if error.code != "card.not_cps":
                    raise
        return None

    def _software_identity(self) -> tuple[bytes, ...] | None:
        """The authorities that come along with it, None where there is none. Raises the DmpError of opening it."""
        identity = self.station.open_identity()
        if identity is None:
            return None
        try:
            return (*identity.authentication.chain_der, *identity.signature.chain_der)
        finally:
            identity.close()

    def _shake(self) -> Handshake | None:
        """None where no server is known. A software identity out of order is done without."""
        endpoint = self.station.endpoint
        if not endpoint.base_url or endpoint.ca_file is None:
            return None
        identity = self.station.open_identity() if self.identity_error() is None else None
        try:
            return shake(endpoint.base_url, endpoint.ca_file, self.station.clock, identity)
        finally:
            if identity is not None:
                identity.close()
