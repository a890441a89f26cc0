"""Drafts on a real database under real keys; `Keys` stands for cards that come and go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from dmp_desktop.domain.drafts import KeptDraft
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.errors import StorageError
from dmp_desktop.services.drafts import Departures, DraftService
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.drafts import DraftStore
from dmp_desktop.storage.sealing import OwnedSeal, Seal
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import KEY, PATIENT

DOCTOR = Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26", "MME", "DR")
COLLEAGUE = Professional("10003333333", "MARTIN", "Luc", "G15_10/SM26", "M", "DR")
OTHER = Patient(
    InsIdentity("152071038704559", OID_INS_TEST, InsStatus.QUALIFIEE),
    "TEST-BERNARD",
    "Paul",
    "Paul",
    PATIENT.sex,
    PATIENT.birth_date,
    "10387",
)
NOW = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)


def key_id_of(who: str, card: str) -> str:
    return sha256(f"{who}-{card}".encode()).hexdigest()[:16]


@dataclass
class Keys:
    """The key of who is there, each card its own; with `known`, their former keys too."""

    who: str | None = None
    card: str = "card"
    known: set[str] = field(default_factory=set)
    awaits_pin: bool = False

    def me(self) -> str | None:
        return self.who

    def come(self, who: Professional, card: str = "card") -> None:
        self.who, self.card = who.national_id, card

    def go(self) -> None:
        self.who = None

    def seal(self, purpose: str, key_id: str = "") -> OwnedSeal:
        if self.who is None:
            raise StorageError("vault-closed", "Fermé.", "Insérez la carte.")
        own = key_id_of(self.who, self.card)
        which = key_id or own
        if which != own and which not in self.known:
            raise StorageError("vault-other-key", "Autre carte.", "Code de secours.")
        return OwnedSeal(which, Seal(which.encode().ljust(32, b"-"), purpose))


@dataclass
class Desk:
    """One process: its database, its drafts; of what its outbox holds, `leaving` is in the DMP, `under_way` not yet."""

    path: Path
    keys: Keys = field(default_factory=Keys)
    leaving: list[str] = field(default_factory=list)
    under_way: list[str] = field(default_factory=list)
    whole: bool = True
    since: datetime | None = None

    def __post_init__(self) -> None:
        self.database = Database.open(self.path, KEY)
        self.store = DraftStore(self.database, Seal(KEY, "drafts"), FakeClock())
        self.service = DraftService(self.store, self.keys, self.keys.me, lambda: self.departures())

    def departures(self) -> Departures:
        return Departures(self.leaving, self.under_way, self.whole, self.since)

    def keep(self, draft: KeptDraft):
        pen = self.service.pen(draft.author.national_id)
        assert pen
        return self.service.keep(pen, draft)

    def texts(self, patient: Patient | None = None) -> list[str]:
        return [draft.text for draft, _revision in self.service.mine(patient).drafts]


def draft(number: int, text: str, patient: Patient = PATIENT, author: Professional = DOCTOR) -> KeptDraft:
    return KeptDraft(f"{number:032x}", patient, author, NOW, text)
