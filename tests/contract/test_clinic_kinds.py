"""What goes from the stores of one workstation to those of another: identities, objections, arrivals, preferences; real stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.arrivals import Arrival, Expected, Stage, Step
from dmp_desktop.domain.consent import AccessAct, TracedAct
from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Role, Sex
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.platform.clock import SystemEntropy
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.administrators import Administrators
from dmp_desktop.services.arrivals import Arrivals, Naming
from dmp_desktop.services.clinic_acts import SharedActs
from dmp_desktop.services.clinic_arrivals import SharedArrivals
from dmp_desktop.services.clinic_conflicts import ClinicConflicts
from dmp_desktop.services.clinic_identities import SharedIdentities
from dmp_desktop.services.clinic_preferences import SharedPreferences
from dmp_desktop.services.clinic_share import ClinicShare
from dmp_desktop.services.days_over import DaysOver
from dmp_desktop.services.habits import Habits, HabitStore
from dmp_desktop.services.identity_rights import BY_ROLE
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.arrivals import SealedArrivals
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_rows import SharedRows
from dmp_desktop.storage.clinic_rows_server import ClinicRows
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.access_world import CABINET
from tests.helpers.clock import START, FakeClock
from tests.helpers.outbox import FINGERPRINT, INS, KEY, PATIENT
from tests.helpers.postgres import PASSWORD, Cluster

DESK, DOCTOR = "399700000000001", "810002422979"
TRAITS = StrictTraits("TEST-PATIENTE", "MARIE", "MARIE CLAUDE", Sex.FEMALE, date(1979, 3, 12), "51215")
NUMBER = Matricule(INS, OID_INS_TEST)
SEEN = DocumentCheck(DocumentKind.CNI, START, DESK)
OPPOSED = TracedAct(AccessAct.FEEDING_OPPOSED, START, DESK, "TEST-SECRETAIRE", "phone", words="mot libre")
DAY = START.date()


@dataclass
class Station:
    people: IdentityStore
    accesses: AccessStore
    arrivals: SealedArrivals
    preferences: PreferenceStore
    habits: HabitStore
    rows: SharedRows
    clock: FakeClock
    server: ClinicRows
    share: ClinicShare
    signed_in: list[str]

    def look(self) -> None:
        self.share.step(self.server)


@pytest.fixture
def server(postgres: Cluster) -> Iterator[ClinicRows]:
    address = ClinicAddress.parse(postgres.database())
    with ClinicDatabase.open(address, PASSWORD, FINGERPRINT) as database:
        yield ClinicRows(database, Seal(KEY, "shared"))


def station(folder: Path, number: int, server: ClinicRows) -> Station:
    key, clock = bytes([number]) * 32, FakeClock()
    database = Database.open(folder / f"{number}.db", key)
    people = IdentityStore(database, Seal(key, "identity"), clock)
    accesses, arrivals = AccessStore(database, Seal(key, "access")), SealedArrivals(database, Seal(key, "a"), clock)
    preferences, rows = PreferenceStore(database, Seal(key, "preference")), SharedRows(database, Seal(key, "shared"))
    signed_in: list[str] = []

    def owner() -> str | None:
        return signed_in[-1] if signed_in else None

    kinds = (
        SharedIdentities(people),
        SharedActs(accesses),
        SharedArrivals(arrivals, lambda: DAY),
        SharedPreferences(preferences, owner),
    )
    share = ClinicShare(rows, kinds, clock, lambda _kinds: None)
    habits = HabitStore(preferences, owner)
    return Station(people, accesses, arrivals, preferences, habits, rows, clock, server, share, signed_in)


@pytest.fixture
def desk(tmp_path: Path, server: ClinicRows) -> Iterator[Station]:
    made = station(tmp_path, 1, server)
    yield made
    made.people._database.close()


@pytest.fixture
def doctor(tmp_path: Path, server: ClinicRows) -> Iterator[Station]:
    made = station(tmp_path, 2, server)
    yield made
    made.people._database.close()


def meet(*stations: Station) -> None:
    for _ in range(2):
        for one in stations:
            one.look()


def test_who_was_qualified_at_the_desk_is_at_the_doctors(desk: Station, doctor: Station) -> None:
    kept = desk.people.put(Identity(TRAITS, SEEN, NUMBER))
    meet(desk, doctor)
    [there] = doctor.people.with_matricule(INS)
    assert (there.status, there.person, there.check) == (InsStatus.QUALIFIEE, kept.person, SEEN)
    desk.people.put(there.refused(START), former=there)  # INSi no longer knows them
    meet(desk, doctor)
    assert doctor.people.with_matricule(INS) == []
    assert [one.person for one in doctor.people.formerly(INS)] == [kept.person]


def test_one_person_known_on_both_is_one_on_both_as_far_along_as_anywhere(desk: Station, doctor: Station) -> None:
    doctor.people.put(Identity(TRAITS))
    desk.people.put(Identity(TRAITS, SEEN, NUMBER))
    meet(desk, doctor, desk)
    people = [one.people.born_on(TRAITS.birth_date) for one in (desk, doctor)]
    assert [[one.status for one in found] for found in people] == [[InsStatus.QUALIFIEE]] * 2
    assert people[0][0].person == people[1][0].person


@pytest.mark.parametrize("unlike", ["number", "doubt", "name"])
def test_who_may_be_somebody_else_stands_beside(desk: Station, doctor: Station, unlike: str) -> None:
    other = {
        "number": Identity(TRAITS, None, Matricule("279035121518888", OID_INS_TEST)),
        "doubt": Identity(TRAITS).doubted(Doubt.DOUBTFUL),
        "name": Identity(replace(TRAITS, birth_given="MARIE CLAIRE")),
    }[unlike]
    doctor.people.put(other)
    desk.people.put(Identity(TRAITS, SEEN, NUMBER))
    meet(desk, doctor, desk)
    assert [len(one.people.born_on(TRAITS.birth_date)) for one in (desk, doctor)] == [2, 2]


def test_an_opposition_noted_at_the_desk_is_known_at_the_doctors_without_its_free_words(
    desk: Station, doctor: Station
) -> None:
    desk.accesses.append(PATIENT.ins, OPPOSED)
    meet(desk, doctor, desk)
    assert doctor.accesses.latest(PATIENT.ins, [AccessAct.FEEDING_OPPOSED]) == replace(OPPOSED, words="")
    assert len(desk.accesses.acts(PATIENT.ins)) == 1
    assert desk.accesses.acts(PATIENT.ins)[0].words == "mot libre"


def test_the_latest_word_counts_wherever_it_was_said_and_whenever_it_came(desk: Station, doctor: Station) -> None:
    desk.accesses.append(PATIENT.ins, OPPOSED)
    agreed = TracedAct(AccessAct.FEEDING_AGREED, START + timedelta(hours=1), DOCTOR, "TEST-MEDECIN")
    doctor.accesses.append(PATIENT.ins, agreed)
    meet(desk, doctor)
    both = (AccessAct.FEEDING_AGREED, AccessAct.FEEDING_OPPOSED)
    assert [one.accesses.latest_act(PATIENT.ins, both) for one in (desk, doctor)] == [AccessAct.FEEDING_AGREED] * 2


def test_a_special_access_is_of_its_workstation(desk: Station, doctor: Station) -> None:
    doctor.accesses.append(PATIENT.ins, TracedAct(AccessAct.GLASS_BROKEN, START, DOCTOR, "TEST-MEDECIN"))
    meet(doctor, desk)
    assert desk.accesses.acts(PATIENT.ins) == []


def arrival() -> Arrival:
    return Arrival(
        "a1", DAY, Expected("TEST-PATIENTE", "Marie", date(1979, 3, 12), at=datetime(2026, 11, 20, 10, tzinfo=UTC))
    )


def test_who_arrives_at_the_desk_is_in_the_doctors_waiting_room(desk: Station, doctor: Station) -> None:
    desk.arrivals.update(DAY, lambda _known: [arrival().stepped(Step(Stage.ARRIVED, START, DESK, "TEST-SECRETAIRE"))])
    meet(desk, doctor)
    [there] = doctor.arrivals.of(DAY).arrivals
    assert (there.stage, there.expected) == (Stage.ARRIVED, arrival().expected)


def test_steps_told_on_both_without_the_server_are_all_kept_in_their_order(desk: Station, doctor: Station) -> None:
    desk.arrivals.update(DAY, lambda _known: [arrival()])
    meet(desk, doctor)
    for number, (one, stage, by) in enumerate(((desk, Stage.ARRIVED, DESK), (doctor, Stage.SEEN, DOCTOR))):
        step = Step(stage, START + timedelta(minutes=number), by)
        one.arrivals.update(DAY, lambda known, step=step: [known[0].stepped(step)])
    meet(desk, doctor, desk)
    for one in (desk, doctor):
        [there] = one.arrivals.of(DAY).arrivals
        assert [step.stage for step in there.steps] == [Stage.ARRIVED, Stage.SEEN]
        assert not one.share.conflicts()


def test_habits_follow_the_doctor_and_nobody_else(desk: Station, doctor: Station) -> None:
    doctor.signed_in.append(DOCTOR)
    doctor.habits.save(DOCTOR, Habits(folded=("11450-4",), pins=("2.25.1",)))
    meet(doctor, desk)
    assert desk.habits.load(DOCTOR) == Habits(folded=("11450-4",), pins=("2.25.1",))
    desk.signed_in.append(DOCTOR)
    desk.habits.save(DOCTOR, replace(desk.habits.load(DOCTOR), suggesting=False))
    meet(desk, doctor)
    assert doctor.habits.load(DOCTOR) == Habits(folded=("11450-4",), pins=("2.25.1",), suggesting=False)
    assert desk.habits.load(DESK) == Habits()


def administrators(at: Station) -> Administrators:
    """Of a workstation where nobody is signed in: its own command line."""
    acts = ActBook(Journal(at.people._database, Seal(KEY, "journal"), KEY), at.clock, lambda: None)
    return Administrators(at.preferences, acts, at.clock, lambda: None, lambda: CABINET, lambda _account: None)  # type: ignore[arg-type,return-value]


def test_an_administrator_named_anywhere_is_known_everywhere_until_withdrawn(desk: Station, doctor: Station) -> None:
    here, there = administrators(desk), administrators(doctor)
    first = here.name("TEST-LEROY", "Aurélie")
    second = there.name("TEST-PETIT", "Jean")  # before the two have met
    meet(desk, doctor)
    for one in (here, there):
        assert [person.family for person in one.names()] == ["TEST-LEROY", "TEST-PETIT"]
        assert one.account("Aurélie TEST-LEROY", first)
        assert one.account("Jean TEST-PETIT", second)
    there.withdraw(there.names()[0])
    doctor.clock.advance(60)
    meet(doctor, desk)
    assert [person.family for person in here.names()] == ["TEST-PETIT"]
    with pytest.raises(DmpError, match="administrator-unknown"):
        here.account("Aurélie TEST-LEROY", first)
    assert there.account("Jean TEST-PETIT", second)


def test_what_was_chosen_here_before_the_practice_was_met_does_not_win_over_it(desk: Station, doctor: Station) -> None:
    doctor.signed_in.append(DOCTOR)
    doctor.habits.save(DOCTOR, Habits(folded=("11450-4",)))
    doctor.look()
    desk.habits.save(DOCTOR, Habits(order=("46241-6",)))
    desk.clock.advance(60)
    desk.look()
    desk.signed_in.append(DOCTOR)
    meet(desk, doctor)
    assert desk.habits.load(DOCTOR) == doctor.habits.load(DOCTOR) == Habits(folded=("11450-4",))


def test_the_newest_choice_of_two_made_apart_counts(desk: Station, doctor: Station) -> None:
    for one in (desk, doctor):
        one.signed_in.append(DOCTOR)
    meet(desk, doctor)
    desk.preferences.put(DOCTOR, "usual", {"kind": "first"})
    meet(desk, doctor)
    for seconds, one, value in ((20, doctor, "later"), (10, desk, "sooner")):
        one.clock.advance(seconds)
        one.preferences.put(DOCTOR, "usual", {"kind": value})
        for kind in one.share._kinds:
            one.share.share(kind)
        one.clock.set_back(seconds)
    meet(desk, doctor)
    assert [one.preferences.get(DOCTOR, "usual") for one in (desk, doctor)] == [{"kind": "later"}] * 2


def apart(one: Station, other: Station, make: Callable[[Identity], tuple[Identity, Identity]]) -> None:
    """Both know the same person, then each says otherwise without the server."""
    kept = one.people.put(Identity(TRAITS, SEEN, NUMBER))
    meet(one, other)
    for station, said in zip((one, other), make(kept), strict=True):
        station.clock.advance(10)
        station.people.put(said, former=kept)
    meet(one, other, one)


def conflicts_of(station: Station, role: Role = Role.SECRETARY) -> ClinicConflicts:
    noted: list[tuple[Act, str]] = []

    def note(act: Act, _patient: InsIdentity | None, reason: str) -> None:
        noted.append((act, reason))

    made = ClinicConflicts(
        station.share, station.people.of, lambda: DAY, lambda: (DESK, role), BY_ROLE, lambda *_: None, note
    )
    made.noted = noted  # type: ignore[attr-defined]
    return made


def test_an_identity_said_otherwise_on_two_is_shown_on_both_and_settled_once_for_all(
    desk: Station, doctor: Station
) -> None:
    other = replace(TRAITS, birth_given="MARIE CLAUDE ANNE")
    apart(desk, doctor, lambda kept: (kept.refused(START), replace(kept, traits=other)))
    both = conflicts_of(desk), conflicts_of(doctor)
    assert [one.count() for one in both] == [1, 1]
    [point] = both[0].pending()
    shown, former = point.versions
    assert desk.people.of(point.row) == shown.value
    both[0].settle(point, former)
    assert desk.people.of(point.row) == former.value, "before any server hears of it"
    assert both[0].pending() == ()
    assert both[0].noted == [(Act.CONFLICT_SETTLED, "identity")]  # type: ignore[attr-defined]
    meet(desk, doctor, desk)
    assert [one.count() for one in both] == [0, 0]
    assert doctor.people.of(point.row) == desk.people.of(point.row) == former.value
    with pytest.raises(ContextError, match="conflict-gone"):
        both[1].settle(point, shown)


def test_what_is_shown_may_be_what_holds(desk: Station, doctor: Station) -> None:
    apart(desk, doctor, lambda kept: (kept.refused(START), replace(kept, check=None)))
    [point] = conflicts_of(doctor).pending()
    shown, former = point.versions
    conflicts_of(doctor).settle(point, shown)
    meet(doctor, desk)
    assert conflicts_of(desk).pending() == conflicts_of(doctor).pending() == ()
    assert desk.people.of(point.row) == shown.value != former.value


def test_settled_otherwise_on_both_it_is_asked_again(desk: Station, doctor: Station) -> None:
    apart(desk, doctor, lambda kept: (kept.refused(START), replace(kept, check=None)))
    for one, number in ((desk, 0), (doctor, 1)):
        [point] = conflicts_of(one).pending()
        conflicts_of(one).settle(point, point.versions[number])
    meet(desk, doctor, desk)
    [[there], [here]] = conflicts_of(desk).pending(), conflicts_of(doctor).pending()
    assert there == here
    assert desk.people.of(there.row) == doctor.people.of(there.row)


def test_the_same_document_seen_on_two_is_asked_of_nobody(desk: Station, doctor: Station) -> None:
    again = replace(SEEN, at=START + timedelta(hours=1), by=DOCTOR)
    apart(desk, doctor, lambda kept: (replace(kept, check=replace(SEEN, by="1")), replace(kept, check=again)))
    assert desk.share.conflicts()
    assert conflicts_of(desk).count() == 0


def test_an_arrival_edited_twice_is_settled_by_who_looks(desk: Station, doctor: Station) -> None:
    desk.arrivals.update(DAY, lambda _known: [arrival()])
    meet(desk, doctor)
    times = datetime(2026, 11, 20, 11, tzinfo=UTC), datetime(2026, 11, 20, 12, tzinfo=UTC)
    for one, at in zip((desk, doctor), times, strict=True):
        one.clock.advance(10)
        one.arrivals.update(DAY, lambda known, at=at: [replace(known[0], expected=replace(known[0].expected, at=at))])
    meet(desk, doctor, desk)
    [point] = conflicts_of(desk).pending()
    assert (point.about, {version.value.at for version in point.versions}) == ("expected", set(times))  # type: ignore[union-attr]
    [chosen] = [version for version in point.versions if version.value.at == times[0]]  # type: ignore[union-attr]
    conflicts_of(desk).settle(point, chosen)
    meet(desk, doctor)
    assert [one.arrivals.of(DAY).arrivals[0].expected.at for one in (desk, doctor)] == [times[0]] * 2
    assert conflicts_of(doctor).pending() == ()


def test_who_may_see_no_patient_is_told_of_none(desk: Station, doctor: Station) -> None:
    apart(desk, doctor, lambda kept: (kept.refused(START), replace(kept, check=None)))
    technical = conflicts_of(desk, Role.ADMINISTRATOR)
    assert technical.count() == 0
    with pytest.raises(DmpError):
        technical.pending()


AGENDA = "Nom;Prénom;Naissance;Heure;Médecin\nTEST-MARTIN;Jean;01/07/1950;09:00;Dr DUPONT\nTEST-BLANC;Zoé;02/03/1990;09:20;Dr DUPONT\n"
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//TEST//FR
BEGIN:VEVENT
UID:rdv-1@test
DTSTAMP:20261120T060000Z
DTSTART:20261120T{hour}0000Z
SUMMARY:TEST-MARTIN Jean
END:VEVENT
END:VCALENDAR
"""


def takes(one: Station, text: str, name: str, station: str) -> Arrivals:
    """As a workstation that watches a file."""
    naming = Naming(station, lambda: Seal(KEY, "arrival").pseudonym)
    desk = Arrivals(
        one.arrivals, one.clock, SystemEntropy(), lambda: None, DaysOver(one.clock, lambda: None), naming=naming
    )
    desk.take(desk.read(text.encode(), DAY), name, whole=True, days=(DAY,))
    return desk


@pytest.mark.parametrize(("text", "name"), [(AGENDA, "agenda.csv"), (ICS.format(hour="10"), "agenda.ics")])
def test_an_agenda_watched_on_two_is_on_the_list_once(desk: Station, doctor: Station, text: str, name: str) -> None:
    takes(desk, text, name, "1")
    takes(doctor, text, name, "2")
    count = len(desk.arrivals.of(DAY).arrivals)
    assert count
    meet(desk, doctor, desk)
    takes(doctor, text, name, "2")
    meet(desk, doctor)
    assert [len(one.arrivals.of(DAY).arrivals) for one in (desk, doctor)] == [count] * 2
    assert not any(one.withdrawn for one in desk.arrivals.of(DAY).arrivals)
    assert conflicts_of(desk).count() == 0


def test_an_appointment_that_moved_in_one_of_the_files_is_one_all_the_same(desk: Station, doctor: Station) -> None:
    takes(desk, ICS.format(hour="10"), "agenda.ics", "1")
    desk.clock.advance(60)
    doctor.clock.advance(60)
    takes(doctor, ICS.format(hour="11"), "agenda.ics", "2")
    meet(desk, doctor, desk)
    assert [len(one.arrivals.of(DAY).arrivals) for one in (desk, doctor)] == [1, 1]


def test_each_doctor_s_own_agenda_takes_nobody_off_the_other_s(desk: Station, doctor: Station) -> None:
    lines = AGENDA.splitlines(keepends=True)
    takes(desk, lines[0] + lines[1], "agenda.csv", "1")
    meet(desk, doctor)
    takes(doctor, lines[0] + lines[2], "agenda.csv", "2")
    meet(desk, doctor, desk)
    for one in (desk, doctor):
        assert [arrival.withdrawn for arrival in one.arrivals.of(DAY).arrivals] == [False, False]
    takes(desk, lines[0], "agenda.csv", "1")
    assert sorted(arrival.withdrawn for arrival in desk.arrivals.of(DAY).arrivals) == [False, True]


def test_twice_the_same_words_of_two_appointments_are_two(desk: Station) -> None:
    takes(desk, ICS.format(hour="10"), "agenda.ics", "1")
    other = ICS.format(hour="10").replace("Jean", "Paul")  # the agenda names somebody else under the same id
    takes(desk, other, "agenda.ics", "1")
    assert {one.expected.given for one in desk.arrivals.of(DAY).arrivals} == {"Jean", "Paul"}
