"""Everything is opened here, in the order in which one thing needs another, and closed in the opposite one."""

from __future__ import annotations

import contextlib
import getpass
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

from dmp_desktop.cda.build.proposed import items_of
from dmp_desktop.cda.read import entry_from_cda, says_nothing, says_the_same
from dmp_desktop.cda.read.passages import passages_from_cda
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services import documents
from dmp_desktop.services.access import AttendingService
from dmp_desktop.services.access_desk import AccessDesk, end_interrupted
from dmp_desktop.services.acts import Opened
from dmp_desktop.services.backup import Backups
from dmp_desktop.services.clinic_preferences import SharedPreferences
from dmp_desktop.services.compose import ComposeService
from dmp_desktop.services.current_traits import current_traits
from dmp_desktop.services.digest import DigestService
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.facts import AHEAD, FactsReader
from dmp_desktop.services.former_documents import FormerDocuments
from dmp_desktop.services.habits import HabitStore
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.identity_desk import guarded
from dmp_desktop.services.identity_rights import IdentityRights
from dmp_desktop.services.identity_settings import IdentitySettings
from dmp_desktop.services.indexing import RecordIndexer
from dmp_desktop.services.ins_accesses import InsAccessJournal
from dmp_desktop.services.journal import JournalBook
from dmp_desktop.services.kept_facts import KeptFacts
from dmp_desktop.services.known_numbers import known_numbers
from dmp_desktop.services.late import LateDeposits
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.outbox_barriers import Contents
from dmp_desktop.services.outbox_worker import OutboxWorker
from dmp_desktop.services.own_settings import OwnSettingsStore
from dmp_desktop.services.own_terms import OwnTerms
from dmp_desktop.services.preload import Limits, Preloader, PreloadWorker
from dmp_desktop.services.properties import DocumentProperties
from dmp_desktop.services.reading import ReadingService
from dmp_desktop.services.rounds import Round, Rounds
from dmp_desktop.services.search import SearchService
from dmp_desktop.services.summary import SummaryService
from dmp_desktop.wiring.administrators import administrators_of
from dmp_desktop.wiring.arrivals import ArrivalsWiring, join_arrivals
from dmp_desktop.wiring.base import SOURCE_OID, Base, open_base
from dmp_desktop.wiring.clinic import link_clinic
from dmp_desktop.wiring.drafts import drafts_of
from dmp_desktop.wiring.entry import Entry, open_entry
from dmp_desktop.wiring.joined import Wiring
from dmp_desktop.wiring.safety import backups_of
from dmp_desktop.wiring.stores import Stores, open_stores
from dmp_desktop.wiring.tray import tray_of

PURGE_SECONDS, SPECIAL_SECONDS, HEAD_SECONDS, BACKUP_SECONDS = 600.0, 5.0, 300.0, 600.0
"""How long what is no longer to be read may still be on the disk, how late the end of an access in emergency is noticed while
nobody asks anything, how much of the journal may be cut off, how late a daily backup is."""


@contextlib.contextmanager
def open_wiring(
    environment: Mapping[str, str] | None = None,
    *,
    ask: Callable[[str], str] = getpass.getpass,
    undo_delay: timedelta | None = None,
) -> Iterator[Wiring]:
    """Open everything and close it again. `ask` gets a French prompt and returns a secret.

    Raises DmpDesktopError when the data folder, its key or the environment's settings cannot be used.
    """
    with contextlib.ExitStack() as opened:
        base = open_base(os.environ if environment is None else environment, ask, opened)
        stores = open_stores(base, opened)
        journal = JournalBook(stores.journal, base.keystore)
        opened.callback(journal.stop)  # after all acts are written
        entry = open_entry(base, stores.vault, stores.journal, opened)
        stores.accesses.follow(entry.acts.access)
        wiring = _join(base, entry, stores, journal, opened, undo_delay)
        try:
            yield wiring
        except DmpDesktopError as error:
            entry.acts.refused(error)
            raise


def _join(
    base: Base, entry: Entry, stores: Stores, journal: JournalBook, opened: ExitStack, undo_delay: timedelta | None
) -> Wiring:
    clock, desk, settings = base.clock, entry.desk, base.settings
    if base.repair:
        journal.note_repair(base.repair.at, base.repair.why)
    decided = base.practice.identity if base.practice else IdentitySettings()
    rights = IdentityRights(decided, desk.signed_in)
    accessed = InsAccessJournal(stores.ins_accesses, clock, desk.actor)
    opened.callback(accessed.stop)
    numbers = known_numbers(stores.people)
    access = AccessDesk.open(
        stores.accesses, desk, clock, settings, numbers, barred=rights.ins_refusal, accessed=accessed.note_all
    )
    identities = IdentityService(desk.insi, stores.people, stores.journal, clock, desk.actor, rights, accessed.note_all)
    cache = documents.PatientCache(stores.cache)
    former = FormerDocuments(stores.outbox, cache, entry_from_cda, desk.national_id)
    outbox = OutboxService(
        stores.outbox,
        desk.repository_of,
        entry_from_cda,
        source_id=SOURCE_OID,
        clock=clock,
        entropy=base.entropy,
        liveness=base.liveness,
        undo_delay=timedelta(seconds=settings.undo_seconds) if undo_delay is None else undo_delay,
        may_handle=desk.may_handle,
        rules=guarded(access.feeding(), identities),
        acts=entry.acts.outbox,
        skew=lambda: entry.server_clock.skew,
        contents=contents_of(former),
    )
    worker = OutboxWorker(outbox, clock)
    opened.callback(worker.stop)
    search = SearchService(stores.search, passages_from_cda)
    opened.callback(search.forget)
    stores.cache.purge()
    end_interrupted(stores.accesses, stores.cache.forget_patient, clock)
    dossier = DossierService(
        desk.repository,
        cache,
        documents.render,
        desk.national_id,
        clock,
        access.policy,
        identities.may_read,
    )
    access.join(dossier, outbox)
    dossier.follow(Opened(entry.acts))
    backups = backups_of(base, entry.acts)
    preload = _preload(base, dossier, opened)
    arrivals = join_arrivals(base, entry, stores, identities, preload)
    rounds = _background(base, access, dossier, search, journal, backups, arrivals, opened)
    clinic = link_clinic(base, stores, entry, outbox, arrivals.arrivals, access.oppositions, rights, accessed, opened)
    terms = OwnTerms(stores.preferences, desk.national_id)
    if clinic:
        clinic.link.follow_kinds(lambda kinds: terms.changed_elsewhere() if SharedPreferences.name in kinds else None)
    fetching = ThreadPoolExecutor(AHEAD, thread_name_prefix="facts")
    opened.callback(fetching.shutdown, wait=False, cancel_futures=True)
    kept_facts = KeptFacts(stores.cache, desk.national_id)
    facts = FactsReader(dossier.content, executor=fetching, at_hand=dossier.kept, store=kept_facts)
    compose = ComposeService(
        clock,
        documents.builder(clock, base.entropy, decided.printed),
        documents.preview,
        record=dossier,
        summary=SummaryService(dossier.entries, facts),
        terms=terms,
        traits=current_traits(stores.people),
        report_form=settings.report_form,
        sandbox=base.endpoint.sandbox,
    )
    tray = tray_of(base, stores, entry, compose, outbox, opened)
    tray.sending.settle()  # before what was sent is forgotten
    drafts = drafts_of(base, stores, entry)
    outbox.purge(timedelta(days=settings.keep_sent_days))
    return Wiring(
        base=base,
        entry=entry,
        access=access,
        attending=AttendingService(dossier, access.policy),
        properties=DocumentProperties(
            desk.repository,
            dossier,
            access.policy,
            access.visibility,
            desk.current,
            identities.may_read,
            outbox.note_deleted,
        ),
        dossier=dossier,
        compose=compose,
        digest=DigestService(desk.national_id, clock, facts, LateDeposits(dossier.deposited, fetching)),
        reading=ReadingService(facts, clock, items_of),
        search=search,
        habits=HabitStore(stores.preferences, desk.national_id),
        identities=identities,
        accesses=accessed,
        journal=journal,
        acts_kept=stores.journal,
        preload=preload,
        rounds=rounds,
        outbox=outbox,
        worker=worker,
        clinic=clinic.link if clinic else None,
        practice_journal=clinic.book if clinic else None,
        conflicts=clinic.conflicts if clinic else None,
        drafts=drafts,
        tray=tray,
        backups=backups,
        arrivals=arrivals,
        administrators=administrators_of(base, entry, stores),
        own_settings=OwnSettingsStore(stores.preferences, entry.acts, desk.signed_in),
    )


def contents_of(former: FormerDocuments) -> Contents:
    """What the outbox asks of documents made by this program and by others."""
    return Contents(
        says_nothing, lambda one, other, same_act: says_the_same(one, other, same_act=same_act), former.find
    )


def _preload(base: Base, dossier: DossierService, opened: ExitStack) -> PreloadWorker:
    """The next patients' records, fetched while nobody asks."""
    settings = base.settings
    limits = Limits(
        total_bytes=settings.preload_megabytes * 1_000_000,
        bytes_per_second=settings.preload_kilobytes_per_second * 1000,
    )
    preload = PreloadWorker(Preloader(dossier, base.clock, limits))
    opened.callback(preload.stop)
    dossier.follow(preload)
    return preload


def _background(
    base: Base,
    access: AccessDesk,
    dossier: DossierService,
    search: SearchService,
    journal: JournalBook,
    backups: Backups,
    arrivals: ArrivalsWiring,
    opened: ExitStack,
) -> Rounds:
    """What else is done while nobody asks: the index, the regular looks."""
    special = Round(SPECIAL_SECONDS, access.special.look)
    seldom = Round(PURGE_SECONDS, dossier.purge), Round(HEAD_SECONDS, journal.note_head)
    rounds = Rounds(base.clock, special, *arrivals.rounds, *seldom, Round(BACKUP_SECONDS, backups.look))
    opened.callback(rounds.stop)
    ending = threading.Event()
    executor = ThreadPoolExecutor(2, thread_name_prefix="index")
    opened.callback(executor.shutdown, cancel_futures=True)
    opened.callback(ending.set)
    dossier.follow(RecordIndexer(search, dossier.fetch, executor, ending.wait))
    dossier.follow(arrivals.coming)
    return rounds
