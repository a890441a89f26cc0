"""« Dossier prêt »: what is left to do for each who comes, what a doctor is told, nothing asked or opened while it is not sure who."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.arrivals import Expected, Stage
from dmp_desktop.domain.consent import Consent, Decision
from dmp_desktop.domain.front_desk import Mark, Point, Told, next_check
from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.domain.tray import Scan, ScanState
from dmp_desktop.errors import ContextError
from dmp_desktop.services.arrivals_watch import WatchedAgendas
from dmp_desktop.services.front_desk import DeskLine, FrontDeskService
from dmp_desktop.services.identity_rights import IdentityRights
from dmp_desktop.services.identity_settings import IdentitySettings
from tests.helpers.arrivals import COLLEAGUE, DOCTOR, MARIE, Counter, counter
from tests.helpers.identities import number

TRAITS = StrictTraits("TEST-PATIENTE", "MARIE", "MARIE CLAUDE", Sex.FEMALE, date(1979, 3, 12), "51215")
SEEN = DocumentCheck(DocumentKind.CNI, datetime(2026, 11, 19, 9, 0, tzinfo=UTC), "8100")
INS = number("2790351215189")
AGREED = Decision(opposed=False)
OPPOSED = Decision(opposed=True)


@dataclass
class Desk:
    counter: Counter
    status: DossierStatus = field(default_factory=lambda: DossierStatus(True, authorization=Authorization.VALIDE))
    said: Consent = field(default_factory=Consent)
    scans: list[Scan] = field(default_factory=list)
    asked: list[Patient] = field(default_factory=list)
    allowed: frozenset[str] | None = None

    def __post_init__(self) -> None:
        here = self.counter
        rights = IdentityRights(IdentitySettings(), lambda: here.who)
        watched = WatchedAgendas(Path("/nowhere"), here.arrivals)
        self.service = FrontDeskService(
            here.arrivals, here.people, watched, here.clock, rights, self.ask, self.consent, lambda: self.scans
        )

    def ask(self, patient: Patient) -> DossierStatus:
        self.asked.append(patient)
        return self.status

    def consent(self, _ins: InsIdentity) -> Consent:
        return self.said

    @property
    def line(self) -> DeskLine:
        (line,) = self.service.day().lines
        return line

    def told(self) -> dict[Point, Told]:
        return {check.point: check.told for check in self.line.checks}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with counter(tmp_path) as here:
        yield Desk(here)


def test_from_somebody_unknown_to_a_record_that_is_ready(desk: Desk) -> None:
    """Each point in its turn, each by an act of somebody."""
    store, service = desk.counter.practice.store, desk.service
    service.add(MARIE)
    assert desk.told()[Point.PERSON] is Told.NEW
    kept = store.put(Identity(TRAITS))
    assert desk.told()[Point.PERSON] is Told.CONFIRM
    service.means(desk.line.arrival, kept)
    assert desk.told() == {
        Point.PERSON: Told.IDENTIFIED,
        Point.INS: Told.ASK_INSI,
        Point.DMP: Told.AFTER,
        Point.OPINIONS: Told.AFTER,
        Point.SCANS: Told.NO_SCAN,
    }
    recovered = store.put(replace(kept, matricule=INS), former=kept)
    assert desk.told()[Point.INS] is Told.SEE_DOCUMENT
    store.put(replace(recovered, check=SEEN), former=recovered)
    assert (desk.told()[Point.INS], desk.told()[Point.DMP]) == (Told.QUALIFIED, Told.NOT_ASKED)
    assert next_check(desk.line.checks).point is Point.DMP
    service.ask_dmp(desk.line.arrival)
    assert desk.told()[Point.DMP] is Told.AUTHORISED
    assert desk.told()[Point.OPINIONS] is Told.NOT_NOTED  # what nobody said is not an agreement
    assert not desk.line.ready
    desk.said = Consent(AGREED, AGREED)
    assert desk.line.ready
    assert next_check(desk.line.checks) is None


def qualified(desk: Desk) -> DeskLine:
    desk.counter.practice.store.put(Identity(TRAITS, SEEN, INS))
    desk.service.add(replace(MARIE, ins=INS.value))
    return desk.line


@pytest.mark.parametrize(
    ("consultation", "feeding", "told"),
    [
        (OPPOSED, OPPOSED, Told.OPPOSED),
        (OPPOSED, AGREED, Told.OPPOSED_CONSULTATION),
        (AGREED, OPPOSED, Told.OPPOSED_FEEDING),
        (AGREED, Decision(), Told.NOT_NOTED),
        (Decision(), OPPOSED, Told.NOT_NOTED),
    ],
)
def test_opinions(desk: Desk, consultation: Decision, feeding: Decision, told: Told) -> None:
    qualified(desk)
    desk.said = Consent(consultation, feeding)
    check = next(one for one in desk.line.checks if one.point is Point.OPINIONS)
    assert check.told is told
    assert check.mark is (Mark.TO_DO if told is Told.NOT_NOTED else Mark.TOLD)


@pytest.mark.parametrize(
    ("status", "told", "mark"),
    [
        (DossierStatus(False), Told.NO_DMP, Mark.TOLD),
        (DossierStatus(True, closed=True), Told.CLOSED, Mark.TOLD),
        (DossierStatus(True, authorization=Authorization.INTERDIT), Told.BARRED, Mark.TOLD),
        (DossierStatus(True, authorization=Authorization.EXPIRE), Told.EXISTS, Mark.DONE),
        (DossierStatus(True), Told.EXISTS, Mark.DONE),
    ],
)
def test_what_the_dmp_answers(desk: Desk, status: DossierStatus, told: Told, mark: Mark) -> None:
    line = qualified(desk)
    desk.status = status
    desk.service.ask_dmp(line.arrival)
    check = next(one for one in desk.line.checks if one.point is Point.DMP)
    assert (check.told, check.mark) == (told, mark)


def test_nothing_is_asked_nor_opened_while_it_is_not_sure_who(desk: Desk) -> None:
    desk.counter.practice.store.put(Identity(TRAITS, SEEN, INS))
    desk.service.add(MARIE)  # by name, birth and sex only
    for act in (desk.service.ask_dmp, desk.service.present):
        with pytest.raises(ContextError) as refused:
            act(desk.line.arrival)
        assert refused.value.code == "arrival.not_qualified"
    assert desk.asked == []


def test_somebody_in_doubt_or_of_another_number_is_never_ready(desk: Desk) -> None:
    store = desk.counter.practice.store
    doubted = store.put(Identity(TRAITS).doubted(Doubt.DOUBTFUL))
    desk.service.add(MARIE)
    desk.service.means(desk.line.arrival, doubted)
    assert desk.told()[Point.PERSON] is Told.DOUBTFUL
    store.put(Identity(replace(TRAITS, birth_family="TEST-AUTRE"), SEEN, INS))
    desk.service.add(Expected("TEST-INTRUS", "LOU", date(1979, 3, 12), ins=INS.value))
    other = next(one for one in desk.service.day().lines if one.arrival.expected.family == "TEST-INTRUS")
    assert other.checks[0].told is Told.DISCORDANT
    assert not other.ready


def test_an_identity_that_is_not_kept_is_nobody_s(desk: Desk) -> None:
    desk.service.add(MARIE)
    with pytest.raises(ContextError) as refused:
        desk.service.means(desk.line.arrival, Identity(TRAITS))
    assert refused.value.code == "arrival.unknown"


def test_homonyms_and_who_comes_twice_are_told(desk: Desk) -> None:
    nine = desk.counter.clock.now()
    desk.service.add(replace(MARIE, at=nine))
    assert (desk.line.homonyms, desk.line.again) == (0, False)
    desk.service.add(replace(MARIE, at=nine.replace(hour=15)))
    desk.service.add(replace(MARIE, birth_date=date(1980, 3, 12)))
    told = [(line.homonyms, line.again) for line in desk.service.day().lines]
    assert told == [(1, True), (1, True), (2, False)]


def test_scans_that_wait_are_counted_for_who_is_sure(desk: Desk) -> None:
    line = qualified(desk)
    patient = desk.counter.people.patient(line.arrival)
    now = desk.counter.clock.now()
    scan = Scan("a", ScanState.TO_PREPARE, now, now, 1, 1, "d", patient=patient)
    other = replace(
        scan, id="b", patient=replace(patient, ins=replace(patient.ins, value=number("1520710387045").value))
    )
    desk.scans = [scan, other, replace(scan, id="c", state=ScanState.SENT)]
    assert (desk.line.scans, desk.told()[Point.SCANS]) == (1, Told.SCANS_WAIT)


def test_the_waiting_room_is_one_doctor_s_who_is_there_first(desk: Desk) -> None:
    nine = desk.counter.clock.now()
    for place, (family, doctor) in enumerate((("A", "DUPONT"), ("B", "DUPONT"), ("C", "MARTIN"), ("D", ""))):
        desk.service.add(Expected(f"TEST-{family}", at=nine.replace(minute=place), doctor=doctor))
    by_name = {one.arrival.expected.family: one.arrival for one in desk.service.day().lines}
    desk.service.step(by_name["TEST-B"], Stage.ARRIVED)
    desk.service.step(by_name["TEST-D"], Stage.HANDED)

    def room(who) -> list[str]:
        return [one.arrival.expected.family for one in desk.service.waiting_room(who.professional).lines]

    assert room(DOCTOR) == ["TEST-D", "TEST-B", "TEST-A"]
    assert room(COLLEAGUE) == ["TEST-D", "TEST-C"]


def test_whom_the_doctor_opens_is_the_one_and_is_told_to_be_seen(desk: Desk) -> None:
    line = qualified(desk)
    (person,) = desk.service.present(line.arrival)
    assert person.nir == INS.value
    desk.counter.who = DOCTOR
    desk.service.seen_by(line.arrival)
    desk.service.seen_by(desk.line.arrival)
    assert [step.stage for step in desk.line.arrival.steps] == [Stage.SEEN]
