"""What an export in open formats reads: every store of this workstation, for who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmp_desktop.services.backup import FILES
from dmp_desktop.services.export_all import Kept, WholeExport
from dmp_desktop.services.export_practice import PracticeKept
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.arrivals import SealedArrivals
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.proposals import ProposalStore
from dmp_desktop.storage.sealing import Seal

if TYPE_CHECKING:
    from dmp_desktop.wiring.joined import Wiring


def whole_export(wiring: Wiring) -> WholeExport:
    """For who asks for it."""
    database, key, people = wiring.database, wiring.base.key, wiring.identities
    practice = PracticeKept(
        scans=wiring.tray.store,
        arrivals=SealedArrivals(database, Seal(key, "arrivals"), wiring.clock),
        identities=IdentityStore(database, Seal(key, "identity"), wiring.clock),
        opinions=AccessStore(database, Seal(key, "access")),
        calls=people.calls,
        accesses=wiring.accesses.accesses,
        accessed=people.accessed,
        refusal=people.rights.ins_refusal,
        proposals=ProposalStore(database, Seal(key, "proposals")),
        opened=wiring.proposals.open,
    )
    kept = Kept(
        outbox=wiring.outbox,
        damaged=wiring.outbox.unreadable,
        drafts=wiring.drafts.mine,
        journal=wiring.journal_desk,
        settings=tuple(wiring.paths.home / name for name in FILES),
        own=PreferenceStore(database, Seal(key, "preference")).of,
        practice=practice,
    )
    return WholeExport(kept, wiring.acts, wiring.clock, wiring.desk.signed_in)
