"""What the rest is built on: who may look at whom, the outbox, the record and the search in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from dmp_desktop.cda.read import entry_from_cda, says_nothing, says_the_same
from dmp_desktop.cda.read.passages import passages_from_cda
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.printed import PrintedTrait
from dmp_desktop.services import documents
from dmp_desktop.services.access import AttendingService
from dmp_desktop.services.access_desk import AccessDesk, end_interrupted
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.former_documents import FormerDocuments
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.identity_desk import guarded
from dmp_desktop.services.identity_rights import IdentityRights
from dmp_desktop.services.identity_settings import IdentitySettings
from dmp_desktop.services.ins_accesses import InsAccessJournal
from dmp_desktop.services.known_numbers import known_numbers
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.outbox_barriers import Contents
from dmp_desktop.services.outbox_worker import OutboxWorker
from dmp_desktop.services.properties import DocumentProperties
from dmp_desktop.services.search import SearchService
from dmp_desktop.wiring.base import SOURCE_OID, Base
from dmp_desktop.wiring.entry import Entry
from dmp_desktop.wiring.stores import Stores


@dataclass(frozen=True, slots=True)
class Core:
    """`heard` are told each document whose state this process changed, and never wait."""

    rights: IdentityRights
    accesses: InsAccessJournal
    access: AccessDesk
    identities: IdentityService
    printed: frozenset[PrintedTrait]
    outbox: OutboxService
    heard: list[Callable[[OutboxItem], None]]
    worker: OutboxWorker
    search: SearchService
    dossier: DossierService
    attending: AttendingService
    properties: DocumentProperties


def open_core(base: Base, entry: Entry, stores: Stores, opened: ExitStack, undo_delay: timedelta | None) -> Core:
    """`undo_delay`: how long a document may be taken back before it is sent; as in the settings when None. Accesses that the
    program's end interrupted are ended, and what is no longer to be read is deleted."""
    clock, desk = base.clock, entry.desk
    decided = base.practice.identity if base.practice else IdentitySettings()
    rights = IdentityRights(decided, desk.signed_in)
    accessed = InsAccessJournal(stores.ins_accesses, clock, desk.actor)
    opened.callback(accessed.stop)
    numbers, noted = known_numbers(stores.people), accessed.note_all
    access = AccessDesk.open(
        stores.accesses, desk, clock, base.settings, numbers, barred=rights.ins_refusal, accessed=noted
    )
    identities = IdentityService(desk.insi, stores.people, stores.journal, clock, desk.actor, rights, noted)
    cache = documents.PatientCache(stores.cache)
    heard: list[Callable[[OutboxItem], None]] = [entry.acts.outbox]
    outbox = _outbox(base, entry, stores, access, identities, cache, undo_delay, heard)
    worker = OutboxWorker(outbox, clock)
    opened.callback(worker.stop)
    search = SearchService(stores.search, passages_from_cda)
    opened.callback(search.forget)
    stores.cache.purge()
    end_interrupted(stores.accesses, stores.cache.forget_patient, clock)
    may_read = identities.may_read
    dossier = DossierService(desk.repository, cache, documents.render, desk.national_id, clock, access.policy, may_read)
    access.join(dossier, outbox)
    attending = AttendingService(dossier, access.policy)
    properties = DocumentProperties(
        desk.repository, dossier, access.policy, access.visibility, desk.current, may_read, outbox.note_deleted
    )
    return Core(
        rights=rights,
        accesses=accessed,
        access=access,
        identities=identities,
        printed=decided.printed,
        outbox=outbox,
        heard=heard,
        worker=worker,
        search=search,
        dossier=dossier,
        attending=attending,
        properties=properties,
    )


def _outbox(
    base: Base,
    entry: Entry,
    stores: Stores,
    access: AccessDesk,
    identities: IdentityService,
    cache: documents.PatientCache,
    undo_delay: timedelta | None,
    heard: list[Callable[[OutboxItem], None]],
) -> OutboxService:
    desk = entry.desk

    def changed_here(item: OutboxItem) -> None:
        for told in heard:
            told(item)

    return OutboxService(
        stores.outbox,
        desk.repository_of,
        entry_from_cda,
        source_id=SOURCE_OID,
        clock=base.clock,
        entropy=base.entropy,
        liveness=base.liveness,
        undo_delay=timedelta(seconds=base.settings.undo_seconds) if undo_delay is None else undo_delay,
        may_handle=desk.may_handle,
        rules=guarded(access.feeding(), identities),
        acts=changed_here,
        skew=lambda: entry.server_clock.skew,
        contents=contents_of(FormerDocuments(stores.outbox, cache, entry_from_cda, desk.national_id)),
    )


def contents_of(former: FormerDocuments) -> Contents:
    """What the outbox asks of documents made by this program and by others."""
    return Contents(
        says_nothing, lambda one, other, same_act: says_the_same(one, other, same_act=same_act), former.find
    )
