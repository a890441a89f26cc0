"""What is kept on this workstation, each kind under a seal of its own; what is read of records under who read it's."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from dmp_desktop.services.vault import Vault
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.arrivals import SealedArrivals
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.drafts import DraftStore
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.ins_accesses import InsAccessStore
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.outbox_move import move_former
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.proposals import ProposalStore
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.search import SearchStore
from dmp_desktop.storage.tray import TrayStore
from dmp_desktop.storage.wrapped_keys import WrappedKeyStore
from dmp_desktop.wiring.base import Base
from dmp_desktop.wiring.clinic import ClinicPlace, outbox_of, place_of


@dataclass(frozen=True, slots=True)
class Stores:
    accesses: AccessStore
    people: IdentityStore
    ins_accesses: InsAccessStore
    journal: Journal
    outbox: OutboxStore
    cache: CacheStore
    search: SearchStore
    preferences: PreferenceStore
    drafts: DraftStore
    tray: TrayStore
    proposals: ProposalStore
    vault: Vault
    arrivals: SealedArrivals
    clinic: ClinicPlace | None


def open_stores(base: Base, opened: ExitStack) -> Stores:
    database, key, clock = base.database, base.key, base.clock
    names, time_to_live = Seal(key, "cache"), timedelta(hours=base.settings.cache_hours)
    kept_keys = WrappedKeyStore(database, Seal(key, "vault"), clock)
    vault = Vault(kept_keys, lambda: base.practice_keys.keys().recovery_key)
    outbox_seal, clinic = Seal(key, "outbox"), place_of(base, opened)
    move_former(database, base.outbox_file, outbox_seal)
    return Stores(
        accesses=AccessStore(database, Seal(key, "access")),
        people=IdentityStore(database, Seal(key, "identity"), clock),
        ins_accesses=InsAccessStore(database, Seal(key, "ins-access")),
        journal=Journal(database, Seal(key, "journal"), key),
        outbox=outbox_of(base, outbox_seal, clinic),
        cache=CacheStore(database, names, vault.opened, clock, time_to_live),
        search=SearchStore(database, names, vault.opened, clock, time_to_live),
        drafts=DraftStore(database, Seal(key, "drafts"), clock),
        tray=TrayStore(database, Seal(key, "tray")),
        proposals=ProposalStore(database, Seal(key, "proposals")),
        preferences=PreferenceStore(database, Seal(key, "preference")),
        vault=vault,
        arrivals=SealedArrivals(database, Seal(key, "arrivals"), clock),
        clinic=clinic,
    )
