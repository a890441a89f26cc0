"""What a clinic shares: its database where DMP_DESKTOP_DATABASE names one, under the practice key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.errors import StorageError
from dmp_desktop.services.clinic_link import ClinicLink
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.sign_in import SignInDesk
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_liveness import WorkstationLiveness
from dmp_desktop.storage.clinic_outbox import ClinicOutbox, ClinicSide
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.wiring.base import Base

DATABASE = "DMP_DESKTOP_DATABASE"
"""Address of the clinic's database, as `ClinicAddress.parse` reads it."""

PASSWORD = "clinic-password"  # noqa: S105 - its name in the key store


def outbox_of(base: Base, seal: Seal, opened: ExitStack) -> OutboxStore:
    """The outbox of this workstation, with the clinic's where there is one; nothing is connected yet.

    Asks for the password of the database where the key store has none. Raises ContextError("clinic-address"), StorageError.
    """
    url = base.environment.get(DATABASE)
    if not url:
        return OutboxStore(base.outbox_file, seal)
    address = ClinicAddress.parse(url)
    password = _password(base.keystore, base.ask)
    link = opened.enter_context(
        ExitStack()
    )  # filled later, by the thread that connects: closed after that thread ended

    def open_clinic() -> ClinicSide:
        keys = base.practice_keys.keys()
        try:
            database = ClinicDatabase.open(address, password, keys.fingerprint)
        except StorageError as error:
            if error.code == "clinic-refused":
                base.keystore.delete(PASSWORD)  # asked for again at the next start
            raise
        try:
            liveness = WorkstationLiveness(address, password, base.entropy)
        except StorageError:
            database.close()
            raise
        link.callback(database.close)
        link.callback(liveness.close)

        def check() -> None:
            with database.write(durable=False):
                liveness.ensure_held()

        return ClinicSide(OutboxStore(database, Seal(keys.key, "outbox")), liveness, check)

    return ClinicOutbox(base.outbox_file, seal, open_clinic)


def link_clinic(
    base: Base, store: OutboxStore, service: OutboxService, desk: SignInDesk, opened: ExitStack
) -> ClinicLink | None:
    """Keep the two together from now on; None where there is no clinic."""
    if not isinstance(store, ClinicOutbox):
        return None
    link = ClinicLink(store, lambda author: desk.repository_of(author) is not None, base.clock, service.wake.set)
    opened.callback(link.stop)
    link.start()
    return link


def _password(keystore: KeyStore, ask: Callable[[str], str]) -> str:
    kept = keystore.get(PASSWORD)
    if kept is None:
        kept = ask("Mot de passe de la base du cabinet : ")
        keystore.set(PASSWORD, kept)
    return kept
