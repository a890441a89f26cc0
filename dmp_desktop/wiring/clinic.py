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

PASSWORD, REFUSED = "clinic-password", "clinic-password-refused"
"""The password; whether the server refused this workstation with it, so that it is asked for again at the next start."""


def outbox_of(base: Base, seal: Seal, opened: ExitStack) -> OutboxStore:
    """The outbox of this workstation, with the clinic's where there is one; nothing is connected yet.

    Asks for the password of the database where the key store has none, or the server refused this workstation.
    Raises ContextError("clinic-address"), StorageError.
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
                base.keystore.set(REFUSED, "1")
            raise
        if base.keystore.get(REFUSED) is not None:
            base.keystore.delete(REFUSED)
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
    link = ClinicLink(
        store, lambda author: desk.repository_of(author) is not None, base.clock, service.changed_elsewhere
    )
    opened.callback(link.stop)
    link.start()
    return link


def _password(keystore: KeyStore, ask: Callable[[str], str]) -> str:
    """The one that is kept. It is never deleted: a server that refuses a workstation may mean something else by it."""
    kept = keystore.get(PASSWORD)
    if kept is not None and keystore.get(REFUSED) is None:
        return kept
    why = "refusé la dernière fois ; Entrée : garder le même" if kept else ""
    typed = ask(f"Mot de passe de la base du cabinet{f' ({why})' if why else ''} : ")
    if kept and typed in ("", kept):
        return kept
    keystore.set(PASSWORD, typed)
    return typed
