"""Drafts on the disk, under the own key of who is signed in."""

from __future__ import annotations

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.services.drafts import DraftService
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.wiring.entry import Entry
from dmp_desktop.wiring.stores import Stores


def drafts_of(stores: Stores, entry: Entry, outbox: OutboxService) -> DraftService:
    def leaving() -> set[str]:
        return {item.unique_id for item in outbox.items() if item.state is not OutboxState.CANCELLED}

    return DraftService(stores.drafts, stores.vault, entry.desk.national_id, leaving)
