"""Notes proposed to a doctor: their keys, what is kept of them, and what follows them in the outbox."""

from __future__ import annotations

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.services.doctor_keys import DoctorKeys
from dmp_desktop.services.proposals import ProposalService
from dmp_desktop.wiring.base import Base
from dmp_desktop.wiring.entry import Entry
from dmp_desktop.wiring.stores import Stores


def proposals_of(base: Base, stores: Stores, entry: Entry) -> ProposalService:
    acts, who = entry.acts, entry.desk.signed_in

    def note(act: Act, patient: InsIdentity | None, document: str, actor: str | None) -> None:
        acts.note(act, patient, document=document, actor=actor)

    keys = DoctorKeys(
        stores.preferences,
        stores.vault,
        who,
        lambda: base.practice_keys.keys().key,
        lambda: acts.note(Act.DOCTOR_KEY),
    )
    return ProposalService(
        stores.proposals,
        keys,
        stores.vault,
        stores.preferences,
        base.clock,
        who,
        stores.tray.doctors,
        stores.outbox.items,
        note,
    )
