"""The composition root, Qt-free: the only module that chooses and joins implementations, for the command line and the window."""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dmp_desktop import version
from dmp_desktop.card.failures import card_failure
from dmp_desktop.cda.build.proposed import items_of
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.cda.read.passages import passages_from_cda
from dmp_desktop.dmp.server_clock import ServerClock
from dmp_desktop.dmp.trace import Trace
from dmp_desktop.dmp.vihf import Software
from dmp_desktop.domain.cards import PinState
from dmp_desktop.domain.ports import CardOpener, ClientIdentity, Clock, Entropy, Transport
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.platform import logging as logs
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.endpoint import Endpoint, find_endpoint, is_traced, wire_protocol
from dmp_desktop.platform.locks import ProcessLiveness
from dmp_desktop.platform.paths import Paths, find_paths
from dmp_desktop.platform.places import LastPlaces
from dmp_desktop.platform.settings import Settings, load_settings
from dmp_desktop.platform.storage_key import choose_keystore, storage_key
from dmp_desktop.services import documents
from dmp_desktop.services.access import AttendingService
from dmp_desktop.services.access_desk import AccessDesk, end_interrupted
from dmp_desktop.services.accounts import PRACTICE_FILE, configured_practice, software_account
from dmp_desktop.services.card_accounts import CardDesk
from dmp_desktop.services.card_modules import CardModule, WindowsStore, only_card, readers, windows_calls
from dmp_desktop.services.compose import ComposeService
from dmp_desktop.services.current_traits import current_traits
from dmp_desktop.services.digest import DigestService
from dmp_desktop.services.dmp_wire import connect_to, speaker
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.facts import AHEAD, FactsReader
from dmp_desktop.services.habits import HabitStore
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.identity_desk import guarded
from dmp_desktop.services.indexing import RecordIndexer
from dmp_desktop.services.insi_desk import insi_opener
from dmp_desktop.services.kept_facts import KeptFacts
from dmp_desktop.services.known_numbers import known_numbers
from dmp_desktop.services.late import LateDeposits
from dmp_desktop.services.next_patients import FILE_NAME as NEXT_PATIENTS
from dmp_desktop.services.next_patients import NextPatients
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.outbox_worker import OutboxWorker
from dmp_desktop.services.own_terms import OwnTerms
from dmp_desktop.services.preload import Limits, Preloader, PreloadWorker
from dmp_desktop.services.properties import DocumentProperties
from dmp_desktop.services.reading import ReadingService
from dmp_desktop.services.rounds import Round, Rounds
from dmp_desktop.services.search import SearchService
from dmp_desktop.services.session_state import PlacesAsked, SignedIn
from dmp_desktop.services.sign_in import Account, SignInDesk
from dmp_desktop.services.summary import SummaryService
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.search import SearchStore

if TYPE_CHECKING:
    from dmp_desktop.card import Cards
    from dmp_desktop.services.diagnostics.service import Diagnostics
    from dmp_desktop.services.psc_sign_in import PscSignIn

SOURCE_OID = f"2.25.{uuid.UUID('8d7c1f0e-63b5-4f0a-9a41-1d4f6a0c2e57').int}"
"""OID of this software (ITU-T X.667, from a UUID drawn once): sourceId of its lots, sender of its messages."""

SANDBOX_APPROVAL = "BAC-A-SABLE"
"""Stands for the homologation number, which only the real DMP's approval gives."""


LAST_PLACES = "lieux.json"

LOOK_SECONDS, PURGE_SECONDS, SPECIAL_SECONDS = 15.0, 600.0, 5.0
"""How often the list of next patients is looked at, how long what is no longer to be read may still be on the disk, and how late
the end of an access in emergency is noticed while nobody asks anything."""


PSC_BROWSER = "navigateur"
"""DMP_DESKTOP_IDENTITY=psc:navigateur; anything else after `psc:` is the number of a person."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """The services, joined. `notices` are French sentences to show at start."""

    environment: Mapping[str, str]
    database: Database
    server_clock: ServerClock
    clock: Clock
    entropy: Entropy
    paths: Paths
    settings: Settings
    endpoint: Endpoint
    accounts: tuple[Account, ...]
    desk: SignInDesk
    access: AccessDesk
    attending: AttendingService
    properties: DocumentProperties
    dossier: DossierService
    compose: ComposeService
    digest: DigestService
    reading: ReadingService
    search: SearchService
    habits: HabitStore
    identities: IdentityService
    preload: PreloadWorker
    rounds: Rounds
    outbox: OutboxService
    worker: OutboxWorker
    psc: PscSignIn | None
    ask: Callable[[str], str]
    notices: tuple[str, ...] = ()

    def card_desk(self, reset: Callable[[], None] = lambda: None) -> CardDesk:
        """The desk for who comes with a card: by the module the environment names, else by the one found on this machine.

        Where the environment names a software certificate, its card is the only one. `reset` as CardDesk's.
        """
        return self._card_desk(None if self.accounts else self._card_module(), self._store(), reset)

    def _store(self) -> WindowsStore | None:
        """Where the window and the command line find the keys of a card whose module does not work: CardDesk chooses."""
        return WindowsStore(self.clock, windows_calls) if sys.platform == "win32" else None

    def _card_module(self) -> CardModule:
        spec = self.endpoint.identity
        return CardModule(spec.pkcs11_module, spec.token) if spec else CardModule()

    def _card_desk(
        self, opener: CardOpener | None, store: WindowsStore | None = None, reset: Callable[[], None] = lambda: None
    ) -> CardDesk:
        practice = self.paths.home / PRACTICE_FILE
        last = LastPlaces(self.paths.home / LAST_PLACES)
        return CardDesk(self.desk, opener, last, lambda: configured_practice(practice), store=store, reset=reset)

    def diagnostics(self, cards: Cards) -> Diagnostics:
        """The checks of this workstation, with its open database. What they need is loaded here: not on the window's thread."""
        from dmp_desktop.services.diagnostics.service import Diagnostics, workstation

        told = self.server_clock
        here = workstation(self.environment, cards, self.clock, database=self.database, server_skew=lambda: told.skew)
        return Diagnostics(here)

    def sign_in_software(self) -> None:
        """Sign in as the environment says, as the command line does: a software certificate, a card or Pro Santé Connect."""
        spec = self.endpoint.identity
        if spec and spec.psc:
            self._sign_in_by_psc(spec.psc)
            return
        if spec and spec.pkcs11_module:
            self._sign_in_by_card(self._store(), readers)
            return
        if not self.accounts:
            raise DmpError(
                "IdentiteAbsente",
                "Aucune identité n'est configurée pour se connecter au DMP.",
                "Indiquez DMP_DESKTOP_IDENTITY=pkcs11:MODULE, ou insérez votre carte CPS dans la fenêtre.",
            )
        self.desk.sign_in(self.accounts[0])

    def _sign_in_by_card(self, store: WindowsStore | None, cards: Callable[[], Cards]) -> None:
        """One login with the card that is in. Raises CardError, DmpError when its holder has to say where they practise."""
        module = self._card_module()
        card = only_card(module, cards if store else None)
        desk = self._card_desk(module, store)
        met = desk.meet(card)
        if isinstance(met, SignedIn):
            return
        if met.refused:
            raise card_failure("pin_locked") if met.state is PinState.LOCKED else CardError("card.refused", met.said)
        pin = self.endpoint.secrets.pin or self.ask(f"Code de la carte de {card.given} {card.family} : ")
        if isinstance(desk.enter(card, pin), PlacesAsked):
            desk.sign_out()
            raise DmpError(
                "LieuAChoisir",
                "Votre carte connaît plusieurs lieux d'exercice.",
                "Choisissez le vôtre une fois dans la fenêtre de DMP Desktop : il est retenu sur ce poste.",
            )

    def _sign_in_by_psc(self, asked: str) -> None:
        """`asked`: PSC_BROWSER, or the number of the person whose phone is to ring. What to do is told on the error output."""
        from dmp_desktop.dmp.psc_errors import psc_error
        from dmp_desktop.services.psc_sign_in import psc_teller

        if self.psc is None:
            raise psc_error("psc.absent")
        told = psc_teller(sys.stderr)
        opening = self.psc.browser(told) if asked == PSC_BROWSER else self.psc.phone(asked, told)
        opening()


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
    environment = os.environ if environment is None else environment
    clock, entropy = SystemClock(), SystemEntropy()
    paths = find_paths(environment, Path.home()).create()
    with contextlib.ExitStack() as opened:
        opened.callback(logs.configure(paths.logs).close)
        settings, settings_notice = load_settings(paths.settings)
        endpoint, protocol = find_endpoint(environment), wire_protocol(environment)
        secret = endpoint.secrets.storage
        keystore = choose_keystore(paths, lambda why: secret or ask(f"{why}\nPhrase de passe : "))
        key = storage_key(keystore, paths.database)
        liveness = ProcessLiveness(paths.locks, entropy, clock)
        opened.callback(liveness.close)
        database = opened.enter_context(Database.open(paths.database, key))
        accounts = tuple(_accounts(endpoint, ask, paths.home / PRACTICE_FILE))
        server_clock = ServerClock(clock)
        trace = Trace(paths.logs, clock) if is_traced(environment) else None
        if trace:
            opened.callback(trace.close)

        def connect(identity: ClientIdentity) -> Transport:
            transport = server_clock.watch(connect_to(endpoint, protocol, identity))
            return trace.watch(transport) if trace else transport

        software = Software("DMP Desktop", version(), SANDBOX_APPROVAL if endpoint.sandbox else "")
        converse = speaker(protocol, software, clock, entropy, SOURCE_OID)
        desk = SignInDesk(accounts, connect, converse, insi_opener(endpoint, software, clock, entropy))
        opened.callback(desk.sign_out)
        psc = _psc(endpoint, ask, desk, clock)
        if psc is not None:
            opened.callback(psc.cancel)
        accesses = AccessStore(database, Seal(key, "access"))
        people = IdentityStore(database, Seal(key, "identity"), clock)
        numbers = known_numbers(people)
        access = AccessDesk.open(accesses, desk, clock, settings, numbers)
        identities = IdentityService(
            desk.insi,
            people,
            Journal(database, Seal(key, "journal"), key),
            clock,
            desk.national_id,
        )
        outbox = OutboxService(
            OutboxStore(database, Seal(key, "outbox")),
            desk.repository_of,
            entry_from_cda,
            source_id=SOURCE_OID,
            clock=clock,
            entropy=entropy,
            liveness=liveness,
            undo_delay=timedelta(seconds=settings.undo_seconds) if undo_delay is None else undo_delay,
            may_handle=desk.may_handle,
            rules=guarded(access.feeding(), identities),
        )
        worker = OutboxWorker(outbox)
        opened.callback(worker.stop)
        cached, cache_ttl = Seal(key, "cache"), timedelta(hours=settings.cache_hours)
        cache = CacheStore(database, cached, clock, cache_ttl)
        preferences = PreferenceStore(database, Seal(key, "preference"))
        search = SearchService(SearchStore(database, cached, clock, cache_ttl), passages_from_cda)
        opened.callback(search.forget)
        outbox.purge(timedelta(days=settings.keep_sent_days))
        cache.purge()
        end_interrupted(accesses, cache.forget_patient, clock)
        dossier = DossierService(
            desk.repository,
            documents.PatientCache(cache),
            documents.render,
            desk.national_id,
            clock,
            access.policy,
            identities.may_read,
        )
        access.join(dossier, outbox)
        limits = Limits(
            total_bytes=settings.preload_megabytes * 1_000_000,
            bytes_per_second=settings.preload_kilobytes_per_second * 1000,
        )
        preload = PreloadWorker(Preloader(dossier, clock, limits))
        opened.callback(preload.stop)
        coming = NextPatients(paths.home / NEXT_PATIENTS, preload.plan, lambda: desk.reads_records() or None, clock)
        often = Round(LOOK_SECONDS, coming.look), Round(SPECIAL_SECONDS, access.special.look)
        rounds = Rounds(clock, *often, Round(PURGE_SECONDS, dossier.purge))
        opened.callback(rounds.stop)
        ending = threading.Event()
        executor = ThreadPoolExecutor(2, thread_name_prefix="index")
        opened.callback(executor.shutdown, cancel_futures=True)
        opened.callback(ending.set)
        dossier.follow(RecordIndexer(search, dossier.fetch, executor, ending.wait))
        dossier.follow(preload)
        dossier.follow(coming)
        fetching = ThreadPoolExecutor(AHEAD, thread_name_prefix="facts")
        opened.callback(fetching.shutdown, wait=False, cancel_futures=True)
        kept_facts = KeptFacts(cache, desk.national_id)
        facts = FactsReader(dossier.content, executor=fetching, at_hand=dossier.kept, store=kept_facts)
        yield Wiring(
            environment=environment,
            database=database,
            server_clock=server_clock,
            clock=clock,
            entropy=entropy,
            paths=paths,
            settings=settings,
            endpoint=endpoint,
            accounts=accounts,
            desk=desk,
            access=access,
            attending=AttendingService(dossier, access.policy),
            properties=DocumentProperties(
                desk.repository, dossier, access.policy, access.visibility, desk.current, identities.may_read
            ),
            dossier=dossier,
            compose=ComposeService(
                clock,
                documents.builder(clock, entropy),
                documents.preview,
                record=dossier,
                summary=SummaryService(dossier.entries, facts),
                terms=OwnTerms(preferences, desk.national_id),
                traits=current_traits(people),
                report_form=settings.report_form,
                sandbox=endpoint.sandbox,
            ),
            digest=DigestService(desk.national_id, clock, facts, LateDeposits(dossier.deposited, fetching)),
            reading=ReadingService(facts, clock, items_of),
            search=search,
            identities=identities,
            habits=HabitStore(preferences, desk.national_id),
            preload=preload,
            rounds=rounds,
            outbox=outbox,
            worker=worker,
            psc=psc,
            ask=ask,
            notices=tuple(filter(None, (settings_notice, *endpoint.notices))),
        )


def _accounts(endpoint: Endpoint, ask: Callable[[str], str], practice: Path) -> Sequence[Account]:
    """`practice` is the file of the workstation's place: a software certificate, like a card, does not tell who regulates."""
    spec = endpoint.identity
    if spec is None or spec.p12_folder is None:
        return ()
    password = endpoint.secrets.p12
    account = software_account(spec.p12_folder, lambda: password or ask("Mot de passe des certificats : "))
    here = configured_practice(practice)
    return (replace(account, regulation=here is not None and here.regulation),)


def _psc(endpoint: Endpoint, ask: Callable[[str], str], desk: SignInDesk, clock: Clock) -> PscSignIn | None:
    """Pro Santé Connect where it is configured; its modules are loaded there only."""
    spec, password = endpoint.psc, endpoint.secrets.p12
    if spec is None:
        return None
    from dmp_desktop.dmp.identity import Pkcs12Identity
    from dmp_desktop.dmp.psc_provider import Registration
    from dmp_desktop.services.psc_sign_in import PscSetup, PscSignIn

    registration = Registration(spec.discovery, spec.client_id, spec.client_secret, spec.redirect_port)
    folder = spec.structure_folder

    def open_structure() -> ClientIdentity:
        return Pkcs12Identity(folder, password or ask("Mot de passe des certificats de la structure : "))

    return PscSignIn(PscSetup(registration, spec.ca_file, open_structure), desk.sign_in, clock)
