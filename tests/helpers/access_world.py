"""A DMP in memory that notes in which mode it is spoken to, and the services of access over it, as wiring joins them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from dmp_desktop.domain.access import (
    AccessMode,
    Administrative,
    Authorization,
    DossierStatus,
    FoundPerson,
    PersonQuery,
)
from dmp_desktop.domain.documents import Availability, Code, DocumentEntry, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Facility, Professional, Role
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.access import AttendingService
from dmp_desktop.services.access_desk import AccessDesk, end_interrupted
from dmp_desktop.services.documents import PatientCache
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.properties import DocumentProperties
from dmp_desktop.services.sign_in import Account
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START, FakeClock, SeededEntropy
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import AUTHOR, KEY, SOURCE_ID, Everyone, open_store, read_metadata
from tests.helpers.owned import seals_of

DOCTOR = Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26", suffix="DR")
CABINET = Facility("410002422979001", "Cabinet", "SA07")
CODE = Code("10", "1.2.250.1.213.1.1.4.1", "Compte rendu")


def account(role: Role = Role.DOCTOR, professional: Professional = DOCTOR, *, regulation: bool = True) -> Account:
    return Account(AUTHOR, professional, CABINET, role, lambda: None, regulation=regulation)  # type: ignore[arg-type, return-value]


class ModalDmp(FakeDmpRepository):
    """`asked` is what was asked, in which mode, over all modes of this DMP."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.answers: dict[str, DossierStatus] = {}  # by INS
        self.told = Administrative(opposes_break_glass=False, opposes_emergency=False)
        self.found: list[FoundPerson] = []
        self.refuses: DmpError | None = None
        self.mode = ""
        entry = DocumentEntry("2.25.1", "Document", CODE, CODE, CODE, START, entry_uuid="urn:uuid:1")
        self.registered.append((entry, b"lu"))

    def in_mode(self, access: AccessMode, *, secret: bool = False) -> Self:
        other = copy.copy(self)
        other.mode = f"{access.value}{' secret' if secret else ''} "
        return other

    def note(self, what: str) -> None:
        self.asked.append(f"{self.mode}{what}")
        if self.refuses:
            raise self.refuses

    def status(self, patient: InsIdentity) -> DossierStatus:
        self.note("status")
        return self.answers.get(patient.value, DossierStatus(exists=True, authorization=Authorization.NON_EXISTE))

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        self.note(f"authorise {attending}")
        self.answers[patient.value] = DossierStatus(True, authorization=Authorization.VALIDE, attending=attending)

    def withdraw(self, patient: InsIdentity) -> None:
        self.note("withdraw")
        self.answers.pop(patient.value)

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        self.note("find")
        return super().find(patient, criteria)

    def retrieve(self, patient: InsIdentity, entry: DocumentEntry) -> bytes:
        self.note("retrieve")
        return super().retrieve(patient, entry)

    def administrative(self, patient: InsIdentity) -> Administrative:
        self.note("administrative")
        return self.told

    def search_person(self, query: PersonQuery) -> list[FoundPerson]:
        self.note("search")
        return list(self.found)

    def set_visibility(self, patient: InsIdentity, entry: DocumentEntry, visibility: frozenset[Visibility]) -> None:
        self.note(f"visibility {sorted(one.value for one in visibility)}")

    def set_status(self, patient: InsIdentity, entry: DocumentEntry, status: Availability) -> None:
        self.note(f"status {status.name}")


class World:
    """One workstation: who is signed in (`who`), the DMP behind (`dmp`), a clock that moves when told."""

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        self.who: Account | None = account()
        self.clock = FakeClock()
        self.dmp = ModalDmp()
        self.database = Database.open(path, KEY)
        self.outbox_file, store = open_store(path.with_suffix(".outbox"))
        self.accesses = AccessStore(self.database, Seal(KEY, "access"))
        self.cache = CacheStore(self.database, Seal(KEY, "cache"), seals_of(KEY), self.clock, timedelta(hours=12))
        self.access = AccessDesk.open(self.accesses, self, self.clock, settings or Settings())  # type: ignore[arg-type]
        self.outbox = OutboxService(
            store,
            lambda _author: self.repository(),
            read_metadata,
            source_id=SOURCE_ID,
            clock=self.clock,
            entropy=SeededEntropy(),
            liveness=Everyone(),
            rules=self.access.feeding(),
        )
        end_interrupted(self.accesses, self.cache.forget_patient, self.clock)
        self.dossier = DossierService(
            self.repository,
            PatientCache(self.cache),
            lambda entry, content, *_: OpenedDocument(entry, content.decode()),
            lambda: AUTHOR if self.who else None,
            self.clock,
            self.access.policy,
        )
        self.access.join(self.dossier, self.outbox)
        self.attending = AttendingService(self.dossier, self.access.policy)
        policy, rules = self.access.policy, self.access.visibility
        self.properties = DocumentProperties(
            self.repository, self.dossier, policy, rules, self.current, deleted=self.outbox.note_deleted
        )

    def current(self) -> Account | None:
        return self.who

    def repository(self) -> ModalDmp | None:
        return self.dmp if self.who else None

    def sign_in(self, role: Role, specialty: str = "G15_10/SM26") -> None:
        self.who = account(role, replace(DOCTOR, specialty=specialty))
