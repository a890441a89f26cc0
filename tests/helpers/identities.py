"""An identity service over a real encrypted store, a real journal and any INSi."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dmp_desktop.domain.dmp_ports import InsiService
from dmp_desktop.domain.identity import Identity, StrictTraits
from dmp_desktop.domain.ins import OID_INS_TEST, nir_key
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, InsiTraits, Matricule, TraitQuery, VitaleQuery
from dmp_desktop.domain.people import Facility, Professional, Role, Sex
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.identity_rights import IdentityRights
from dmp_desktop.services.identity_settings import IdentitySettings
from dmp_desktop.services.ins_accesses import InsAccessJournal
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.ins_accesses import InsAccessStore
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock

KEY = bytes(range(32))
ACTOR = "810002422979"


@dataclass
class Practice:
    service: IdentityService
    store: IdentityStore
    journal: Journal
    clock: FakeClock
    database: Database
    accesses: InsAccessJournal
    actor: str | None = ACTOR
    name: tuple[str, str] = ("TEST-MEDECIN", "CLAIRE")

    @property
    def who(self) -> SignedIn | None:
        """Who is signed in, as `actor` and `name` say."""
        person = Professional("", *self.name, "G15_10/SM26", other_id=self.actor or "")
        return SignedIn(person, Facility("1", "Cabinet", "SA07"), Role.DOCTOR, self.actor or "") if self.actor else None

    def kept(self, traits: StrictTraits) -> Identity | None:
        """The one kept with exactly these traits."""
        people = [one for one in self.store.born_on(traits.birth_date) if one.traits.exactly(traits)]
        return people[0] if people else None

    @property
    def acts(self) -> list[tuple[str, str]]:
        """(action, result) of all that was traced."""
        return [(record.action, record.result) for record in self.journal.records()]


@contextmanager
def practice(folder: Path, insi: InsiService, settings: IdentitySettings | None = None) -> Iterator[Practice]:
    with Database.open(folder / "a.db", KEY) as database:
        clock = FakeClock()
        store, journal = IdentityStore(database, Seal(KEY, "identity"), clock), Journal(database, Seal(KEY, "j"), KEY)
        desk: Practice
        accesses = InsAccessJournal(InsAccessStore(database, Seal(KEY, "a")), clock, lambda: desk.actor)
        rights = IdentityRights(settings or IdentitySettings(), lambda: desk.who)
        service = IdentityService(lambda: insi, store, journal, clock, lambda: desk.actor, rights, accesses.note_all)
        desk = Practice(service, store, journal, clock, database, accesses)
        try:
            yield desk
        finally:
            accesses.stop()


class ScriptedInsi:
    """An INSi that says what a test decides: `answer` gets each question."""

    def __init__(self, answer: Callable[[TraitQuery], InsiAnswer]) -> None:
        self.answer = answer
        self.asked: list[TraitQuery | VitaleQuery] = []

    def by_traits(self, query: TraitQuery) -> InsiAnswer:
        self.asked.append(query)
        return self.answer(query)

    def by_vitale(self, query: VitaleQuery) -> InsiAnswer:
        self.asked.append(query)
        return self.answer(TraitQuery("", (), Sex.UNKNOWN, date.min))


def number(matricule: str) -> Matricule:
    """A matricule of the test authority from its 13 characters."""
    return Matricule(matricule + nir_key(matricule), OID_INS_TEST)


def found(traits: InsiTraits | None, matricule: str = "297022A020778", *history: str) -> InsiAnswer:
    return InsiAnswer(InsiOutcome.FOUND, "OK", number(matricule), tuple(map(number, history)), traits)


def told(traits: StrictTraits) -> InsiTraits:
    """The same traits as INSi tells them."""
    given = tuple(traits.birth_given.split())
    return InsiTraits(
        traits.birth_family, given[0], given, traits.sex, traits.birth_date.isoformat(), traits.birth_place_cog
    )
