"""Drafts on the disk, under the own key of who is signed in."""

from __future__ import annotations

from datetime import timedelta

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.services.drafts import Departures, DraftService
from dmp_desktop.storage.clinic_outbox import ClinicOutbox
from dmp_desktop.wiring.base import Base
from dmp_desktop.wiring.entry import Entry
from dmp_desktop.wiring.stores import Stores

ARRIVED = (OutboxState.SENT, OutboxState.REPLACED, OutboxState.DELETED)


def drafts_of(base: Base, stores: Stores, entry: Entry) -> DraftService:
    """What arrived is forgotten at once: before the outbox forgets it."""
    shared = stores.outbox if isinstance(stores.outbox, ClinicOutbox) else None
    kept = timedelta(days=base.settings.keep_sent_days)

    def departures() -> Departures:
        """What is the practice's, another workstation may have forgotten."""
        whole = shared is None or shared.connected
        items = stores.outbox.items()
        return Departures(
            frozenset(item.unique_id for item in items if item.state in ARRIVED),
            frozenset(item.unique_id for item in items if item.state not in (*ARRIVED, OutboxState.CANCELLED)),
            whole,
            base.clock.now() - kept if shared else None,
        )

    drafts = DraftService(stores.drafts, stores.vault, entry.desk.national_id, departures)
    drafts.settle()
    return drafts
