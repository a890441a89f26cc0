"""A practice with a tray over real stores: a doctor, a second one, a secretary, documents really built, a DMP in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.documents import BuiltDocument
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.people import Context, Encounter, Facility, Patient, Professional, Role
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.domain.tray import Scan, TrayDoctor
from dmp_desktop.platform.clock import SystemEntropy
from dmp_desktop.services.documents import builder
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.tray import Preparation, TrayService
from dmp_desktop.services.tray_sending import TraySending
from tests.helpers.clock import SeededEntropy
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import AUTHOR, PATIENT, SOURCE_ID, Everyone, open_store
from tests.helpers.scans import Desk, jpeg_of, paper

PLACE = Facility("410002422979001", "Cabinet des Lilas", "SA07")
DOCTOR = SignedIn(
    Professional("10002422979", "TEST-DUPONT", "Camille", "G15_10/SM26", suffix="DR"), PLACE, Role.DOCTOR, AUTHOR
)
OTHER = replace(
    DOCTOR,
    professional=replace(DOCTOR.professional, rpps="10002422987", family="TEST-AUTRE"),
    national_id="810002422987",
)
SECRETARY = SignedIn(
    Professional("", "TEST-SECRETAIRE", "ALICE", "SECRETARIAT_MEDICAL", other_id="410002422979001/CPET0001"),
    PLACE,
    Role.SECRETARY,
    "410002422979001/CPET0001",
)
REPORT, DAY = "11488-4", date(2026, 11, 2)


@dataclass
class Practice:
    place: Path
    who: SignedIn | None = SECRETARY
    acts: list[tuple[Act, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = Desk.at(self.place)
        self.clock, self.rows = self.desk.clock, self.desk.store
        self.dmp = FakeDmpRepository()
        self._outbox_file, self.outbox_store = open_store(self.place / "outbox.db")
        self.outbox = OutboxService(
            self.outbox_store,
            self._repository,
            entry_from_cda,
            source_id=SOURCE_ID,
            clock=self.clock,
            entropy=SeededEntropy(),
            liveness=Everyone(),
        )
        self._build = builder(self.clock, SystemEntropy())
        self.known: dict[str, Patient] = {}
        self.service = TrayService(
            self.rows,
            self.clock,
            lambda: self.who,
            self.build,
            lambda one: self.known.get(one.ins.value, one),
            self._note,
        )
        self.sending = TraySending(self.rows, self.outbox, self.clock, lambda: self.who, self._note)
        for one in (DOCTOR, OTHER):
            self.rows.meet(TrayDoctor(one.national_id, one.professional.display_name))

    def build(self, order: DocumentOrder, facility: Facility) -> BuiltDocument:
        context = Context(order.patient, order.author, facility, Encounter(order.started_at), extra=dict(order.extra))
        return self._build(order, context)

    def scanned(self, mark: int = 1) -> Scan:
        self.desk.drop(f"{mark}.jpg", jpeg_of(paper(mark=mark, dpi=20), dpi=20))
        assert self.desk.settle() == 1
        return max(self.rows.scans()[0], key=lambda one: one.received_at)

    def prepared(self, mark: int = 1, **told: object) -> Scan:
        usual = {"patient": PATIENT, "type_code": REPORT, "act_date": DAY, "author_id": AUTHOR}
        self.who = SECRETARY
        return self.service.prepare(self.scanned(mark), Preparation(**{**usual, **told}))  # type: ignore[arg-type]

    def validated(self, mark: int = 1) -> Scan:
        prepared = self.prepared(mark)
        self.who = DOCTOR
        return self.service.validate(prepared)

    def now(self, scan: Scan) -> Scan:
        found = self.rows.get(scan.id)
        assert found is not None
        return found

    def item(self, scan: Scan) -> OutboxItem:
        (item,) = [one for one in self.outbox.items() if one.unique_id == scan.unique_id]
        return item

    def deliver(self) -> None:
        self.clock.advance(31)
        self.outbox.deliver_due()

    def close(self) -> None:
        self.desk.database.close()
        self._outbox_file.close()

    def _repository(self, sender: str) -> DmpRepository | None:
        return self.dmp if self.who is not None and sender == self.who.national_id else None

    def _note(self, act: Act, scan: Scan, reason: str) -> None:
        self.acts.append((act, scan.patient.ins.value if scan.patient else "", reason))
