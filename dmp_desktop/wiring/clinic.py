"""What a clinic shares: its database where DMP_DESKTOP_DATABASE names one, under the practice key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.domain.proposals import KEPT as NOTES_KEPT
from dmp_desktop.domain.tray import KEPT
from dmp_desktop.errors import StorageError
from dmp_desktop.services.arrivals import Arrivals
from dmp_desktop.services.clinic_acts import SharedActs
from dmp_desktop.services.clinic_arrivals import SharedArrivals
from dmp_desktop.services.clinic_conflicts import ClinicConflicts
from dmp_desktop.services.clinic_identities import SharedIdentities
from dmp_desktop.services.clinic_journal import PracticeBook
from dmp_desktop.services.clinic_link import ClinicLink
from dmp_desktop.services.clinic_preferences import SharedPreferences
from dmp_desktop.services.clinic_proposals import SharedProposals
from dmp_desktop.services.clinic_scans import SharedDoctors, SharedScans
from dmp_desktop.services.clinic_share import ClinicShare
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_journal import PracticeJournal
from dmp_desktop.storage.clinic_liveness import WorkstationLiveness
from dmp_desktop.storage.clinic_outbox import ClinicOutbox, ClinicSide
from dmp_desktop.storage.clinic_rows import SharedRows
from dmp_desktop.storage.clinic_rows_server import ClinicRows
from dmp_desktop.storage.clinic_scans import ClinicScans
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.wiring.base import Base

if TYPE_CHECKING:
    from dmp_desktop.wiring.core import Core
    from dmp_desktop.wiring.entry import Entry
    from dmp_desktop.wiring.stores import Stores

DATABASE = "DMP_DESKTOP_DATABASE"
"""Address of the clinic's database, as `ClinicAddress.parse` reads it."""

PASSWORD, REFUSED = "clinic-password", "clinic-password-refused"
"""The password; whether the server refused this workstation with it, so that it is asked for again at the next start."""

_NOT_ASKED = (
    "clinic-password",
    "Le mot de passe de la base du cabinet n'est pas connu de ce poste, et personne ne peut le saisir ici.",
    "Ouvrez DMP Desktop, ou lancez dmp outbox list dans un terminal, et saisissez-le : il sera gardé.",
)


class ClinicPlace:
    """The clinic's database for this workstation: opened once, by the thread that connects."""

    def __init__(self, base: Base, opened: ExitStack) -> None:
        """Asks for the password of the database where the key store has none, or the server refused this workstation; where
        nobody can be asked, `open` says so. Raises ContextError("clinic-address"), StorageError."""
        self._base = base
        self._address = ClinicAddress.parse(base.environment[DATABASE])
        self._password = _password(base.keystore, base.ask)
        self._opened = opened.enter_context(ExitStack())  # closed after the thread that fills it ended
        self.rows: ClinicRows | None = None
        self.journal: PracticeJournal | None = None
        self.scans: ClinicScans | None = None

    def open(self) -> ClinicSide:
        """Raises StorageError, ("clinic-password") where none is known."""
        if self._password is None:
            raise StorageError(*_NOT_ASKED)
        keystore, keys = self._base.keystore, self._base.practice_keys.keys()
        try:
            database = ClinicDatabase.open(self._address, self._password, keys.fingerprint)
        except StorageError as error:
            if error.code == "clinic-refused":
                keystore.set(REFUSED, "1")
            raise
        if keystore.get(REFUSED) is not None:
            keystore.delete(REFUSED)
        try:
            liveness = WorkstationLiveness(self._address, self._password, self._base.entropy)
        except StorageError:
            database.close()
            raise
        self._opened.callback(database.close)
        self._opened.callback(liveness.close)
        self.journal = PracticeJournal(database, keys.key)
        self.rows = ClinicRows(database, Seal(keys.key, "shared"))
        self.scans = ClinicScans(database, Seal(keys.key, "scan"))

        def check() -> None:
            with database.write(durable=False):
                liveness.ensure_held()

        return ClinicSide(OutboxStore(database, Seal(keys.key, "outbox")), liveness, check)


@dataclass(frozen=True, slots=True)
class Clinic:
    """What joins this workstation to the others."""

    link: ClinicLink
    book: PracticeBook
    conflicts: ClinicConflicts


def place_of(base: Base, opened: ExitStack) -> ClinicPlace | None:
    """None where there is no clinic. Nothing is connected yet. Raises as ClinicPlace."""
    return ClinicPlace(base, opened) if base.environment.get(DATABASE) else None


def outbox_of(base: Base, seal: Seal, place: ClinicPlace | None) -> OutboxStore:
    """The outbox of this workstation, with the clinic's where there is one."""
    return ClinicOutbox(base.outbox_file, seal, place.open) if place else OutboxStore(base.outbox_file, seal)


def link_clinic(
    base: Base,
    stores: Stores,
    entry: Entry,
    core: Core,
    arrivals: Arrivals,
    opened: ExitStack,
) -> Clinic | None:
    """Keep this workstation and the others together from now on, their journals too; None where there is no clinic."""
    store, place, desk = stores.outbox, stores.clinic, entry.desk
    if not isinstance(store, ClinicOutbox) or place is None:
        return None

    def is_here(author: str) -> bool:
        return desk.repository_of(author) is not None

    def came(kinds: set[str]) -> None:
        if kinds & {SharedActs.name, SharedIdentities.name}:
            core.outbox.look_again()
        if SharedArrivals.name in kinds:
            arrivals.changed_elsewhere()
        conflicts.came(kinds)
        link.came(kinds)

    scans = SharedScans(stores.tray, base.clock, KEPT)
    kinds = (
        SharedIdentities(stores.people, core.identities.heard),  # before who came: arrivals name them
        SharedActs(stores.accesses, core.access.oppositions.heard),
        SharedArrivals(stores.arrivals, arrivals.today),
        SharedPreferences(stores.preferences, desk.national_id),
        SharedDoctors(stores.tray),
        SharedProposals(stores.proposals, NOTES_KEPT),
        scans,
    )
    shared = ClinicShare(SharedRows(base.database, Seal(base.key, "shared")), kinds, base.clock, came)
    conflicts = _conflicts(shared, stores, entry, core, arrivals)

    def share() -> None:
        if place.rows is not None:
            shared.step(place.rows)
            book.copy()
            book.look()
        if place.scans is not None and scans.bring(place.scans):
            shared.take()

    link = ClinicLink(store, is_here, base.clock, core.outbox.changed_elsewhere, share)
    book = PracticeBook(stores.journal, base.keystore, lambda: place.journal, link.connect)
    opened.callback(link.stop)
    link.start()
    return Clinic(link, book, conflicts)


def _conflicts(shared: ClinicShare, stores: Stores, entry: Entry, core: Core, arrivals: Arrivals) -> ClinicConflicts:
    def who() -> tuple[str, Role] | None:
        there = entry.desk.signed_in()
        return (there.national_id, there.role) if there else None

    def note(act: Act, patient: InsIdentity | None, reason: str) -> None:
        entry.acts.note(act, patient, reason=reason)

    return ClinicConflicts(shared, stores.people.of, arrivals.today, who, core.rights, core.accesses.note_all, note)


def _password(keystore: KeyStore, ask: Callable[[str], str]) -> str | None:
    """The one that is kept. It is never deleted: a server that refuses a workstation may mean something else by it. None where
    there is none and nobody can be asked (no terminal)."""
    kept = keystore.get(PASSWORD)
    if kept is not None and keystore.get(REFUSED) is None:
        return kept
    why = "refusé la dernière fois ; Entrée : garder le même" if kept else ""
    try:
        typed = ask(f"Mot de passe de la base du cabinet{f' ({why})' if why else ''} : ")
    except (EOFError, OSError):
        return kept
    if kept and typed in ("", kept):
        return kept
    keystore.set(PASSWORD, typed)
    return typed
