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
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services import documents
from dmp_desktop.services.acts import Opened
from dmp_desktop.services.backup import Backups
from dmp_desktop.services.clinic_preferences import SharedPreferences
from dmp_desktop.services.compose import ComposeService
from dmp_desktop.services.current_traits import current_traits
from dmp_desktop.services.digest import DigestService
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.facts import AHEAD, FactsReader
from dmp_desktop.services.habits import HabitStore
from dmp_desktop.services.indexing import RecordIndexer
from dmp_desktop.services.journal import JournalBook
from dmp_desktop.services.kept_facts import KeptFacts
from dmp_desktop.services.late import LateDeposits
from dmp_desktop.services.own_settings import OwnSettingsStore
from dmp_desktop.services.own_terms import OwnTerms
from dmp_desktop.services.preload import Limits, Preloader, PreloadWorker
from dmp_desktop.services.reading import ReadingService
from dmp_desktop.services.rounds import Round, Rounds
from dmp_desktop.services.summary import SummaryService
from dmp_desktop.wiring.administrators import administrators_of
from dmp_desktop.wiring.arrivals import ArrivalsWiring, join_arrivals
from dmp_desktop.wiring.base import Base, open_base
from dmp_desktop.wiring.clinic import Clinic, link_clinic
from dmp_desktop.wiring.core import Core, open_core
from dmp_desktop.wiring.drafts import drafts_of
from dmp_desktop.wiring.entry import Entry, open_entry
from dmp_desktop.wiring.exchange import exchange_of
from dmp_desktop.wiring.joined import Wiring
from dmp_desktop.wiring.mail import mail_of
from dmp_desktop.wiring.outgoing import outgoing_of
from dmp_desktop.wiring.proposals import proposals_of
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
    clock, desk = base.clock, entry.desk
    if base.repair:
        journal.note_repair(base.repair.at, base.repair.why)
    core = open_core(base, entry, stores, opened, undo_delay)
    dossier, outbox = core.dossier, core.outbox
    dossier.follow(Opened(entry.acts))
    backups = backups_of(base, entry.acts)
    preload = _preload(base, dossier, opened)
    arrivals = join_arrivals(base, entry, stores, core.identities, preload)
    rounds = _background(base, core, journal, backups, arrivals, opened)
    clinic = link_clinic(base, stores, entry, core, arrivals.arrivals, opened)
    fetching = ThreadPoolExecutor(AHEAD, thread_name_prefix="facts")
    opened.callback(fetching.shutdown, wait=False, cancel_futures=True)
    kept_facts = KeptFacts(stores.cache, desk.national_id)
    facts = FactsReader(dossier.content, executor=fetching, at_hand=dossier.kept, store=kept_facts)
    compose = _compose(base, stores, core, facts, _terms(stores, entry, clinic))
    tray = tray_of(base, stores, entry, compose, outbox, opened)
    tray.sending.settle()  # before what was sent is forgotten
    proposals = proposals_of(base, stores, entry)
    proposals.settle()
    proposals.purge()
    drafts, outgoing = drafts_of(base, stores, entry), outgoing_of(base, entry, core, opened)
    outbox.purge(timedelta(days=base.settings.keep_sent_days))
    return Wiring(
        base=base,
        entry=entry,
        core=core,
        compose=compose,
        digest=DigestService(desk.national_id, clock, facts, LateDeposits(dossier.deposited, fetching)),
        reading=ReadingService(facts, clock, items_of),
        habits=HabitStore(stores.preferences, desk.national_id),
        journal=journal,
        acts_kept=stores.journal,
        preload=preload,
        rounds=rounds,
        joined_clinic=clinic,
        drafts=drafts,
        tray=tray,
        proposals=proposals,
        backups=backups,
        arrivals=arrivals,
        administrators=administrators_of(base, entry, stores),
        outgoing=outgoing,
        mailing=mail_of(base, entry, core, opened),
        exchange=exchange_of(base, desk.signed_in, opened),
        own_settings=OwnSettingsStore(stores.preferences, entry.acts, desk.signed_in),
    )


def _terms(stores: Stores, entry: Entry, clinic: Clinic | None) -> OwnTerms:
    """What whoever is signed in calls things by; another workstation may change it."""
    terms = OwnTerms(stores.preferences, entry.desk.national_id)
    if clinic:
        clinic.link.follow_kinds(lambda kinds: terms.changed_elsewhere() if SharedPreferences.name in kinds else None)
    return terms


def _compose(base: Base, stores: Stores, core: Core, facts: FactsReader, terms: OwnTerms) -> ComposeService:
    """What makes documents of notes."""
    return ComposeService(
        base.clock,
        documents.builder(base.clock, base.entropy, core.printed),
        documents.preview,
        record=core.dossier,
        summary=SummaryService(core.dossier.entries, facts),
        terms=terms,
        traits=current_traits(stores.people),
        report_form=base.settings.report_form,
        sandbox=base.endpoint.sandbox,
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
    core: Core,
    journal: JournalBook,
    backups: Backups,
    arrivals: ArrivalsWiring,
    opened: ExitStack,
) -> Rounds:
    """What else is done while nobody asks: the index, the regular looks."""
    special = Round(SPECIAL_SECONDS, core.access.special.look)
    dossier = core.dossier
    seldom = Round(PURGE_SECONDS, dossier.purge), Round(HEAD_SECONDS, journal.note_head)
    rounds = Rounds(base.clock, special, *arrivals.rounds, *seldom, Round(BACKUP_SECONDS, backups.look))
    opened.callback(rounds.stop)
    ending = threading.Event()
    executor = ThreadPoolExecutor(2, thread_name_prefix="index")
    opened.callback(executor.shutdown, cancel_futures=True)
    opened.callback(ending.set)
    dossier.follow(RecordIndexer(core.search, dossier.fetch, executor, ending.wait))
    dossier.follow(arrivals.coming)
    return rounds
