"""The day's list: typed and imported side by side, read again without a surprise, forgotten once the day is over for sure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.arrivals import DmpTold, Expected, Stage
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import ContextError
from dmp_desktop.services.days_over import JUMP, STEADY
from dmp_desktop.storage.schema import arrival as table
from tests.helpers.arrivals import COLLEAGUE, DOCTOR, MARIE, SECRETARY, Counter, counter

HEADER = "Heure;Nom;Prénom;Date de naissance;Sexe;Médecin"
TWO = f"{HEADER}\n9:00;TEST-A;Léa;01/02/1980;F;DUPONT\n9:20;TEST-B;Noé;03/04/1990;M;DUPONT"
DAY = 24 * 3600.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Counter]:
    with counter(tmp_path) as desk:
        yield desk


def test_who_is_typed_stands_in_the_list_after_those_with_a_time(desk: Counter) -> None:
    added = desk.arrivals.add(MARIE)
    desk.take(TWO)
    assert desk.names == ["TEST-A", "TEST-B", "TEST-PATIENTE"]
    assert added in desk.listed
    assert {one.stage for one in desk.listed} == {Stage.EXPECTED}


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        (Expected("  "), "arrival.name"),
        (replace(MARIE, birth_date=date(2030, 1, 1)), "arrival.birth"),
        (replace(MARIE, birth_date=date(1850, 1, 1)), "arrival.birth"),
    ],
)
def test_what_is_typed_wrong_is_told(desk: Counter, expected: Expected, code: str) -> None:
    with pytest.raises(ContextError) as refused:
        desk.arrivals.add(expected)
    assert refused.value.code == code
    assert desk.listed == ()


def test_one_patient_may_come_twice_but_not_at_the_same_time(desk: Counter) -> None:
    nine = desk.clock.now().replace(hour=9)
    desk.arrivals.add(replace(MARIE, at=nine))
    desk.arrivals.add(replace(MARIE, at=nine + timedelta(hours=5)))
    with pytest.raises(ContextError) as refused:
        desk.arrivals.add(replace(MARIE, at=nine))
    assert refused.value.code == "arrival.already"
    assert len(desk.listed) == 2


def test_homonyms_are_two_people(desk: Counter) -> None:
    taken = desk.take(f"{HEADER}\n9:00;TEST-A;Léa;01/02/1980;F;\n9:00;TEST-A;Léa;01/02/1981;F;\n9:00;TEST-A;Léa;;F;")
    assert taken.added == len(desk.listed) == 3


def test_an_agenda_read_again_adds_nothing_and_keeps_what_was_done(desk: Counter) -> None:
    assert desk.take(TWO).added == 2
    desk.arrivals.step(desk.listed[0], Stage.ARRIVED)
    before = desk.listed
    again = desk.take(TWO)
    assert (again.added, again.already, again.moved) == (0, 2, 0)
    assert desk.listed == before


def test_the_same_line_twice_is_told(desk: Counter) -> None:
    taken = desk.take(f"{TWO}\n9:00;TEST-A;LÉA;01/02/1980;F;Dupont")
    assert taken.added == 2
    assert [(one.number, one.why) for one in taken.refused] == [(4, "c'est le même rendez-vous qu'à la ligne 2.")]


def test_an_appointment_that_moves_stays_the_same_and_says_so(desk: Counter) -> None:
    text = "Id;Heure;Nom;Prénom;Sexe\n1;9:00;TEST-A;Léa;F"
    desk.take(text)
    arrived = desk.arrivals.step(desk.listed[0], Stage.ARRIVED)
    assert desk.take(text.replace("9:00", "9:30")).moved == 1
    (now,) = desk.listed
    assert (now.arrival_id, now.stage) == (arrived.arrival_id, Stage.ARRIVED)
    assert now.moved_from == arrived.expected.at
    assert now.expected.at == arrived.expected.at + timedelta(minutes=30)


def test_another_person_under_the_same_appointment_comes_beside_the_first(desk: Counter) -> None:
    """Else what was done for one would be done for the other."""
    text = "Id;Heure;Nom;Prénom;Sexe\n1;9:00;TEST-A;Léa;F"
    desk.take(text, "agenda.csv", whole=True)
    first = desk.arrivals.step(desk.listed[0], Stage.HANDED)
    desk.take(text.replace("TEST-A;Léa", "TEST-A;Luc"), "agenda.csv", whole=True)
    by_name = {one.expected.given: one for one in desk.listed}
    assert by_name["Léa"].arrival_id == first.arrival_id
    assert (by_name["Léa"].withdrawn, by_name["Léa"].stage) == (True, Stage.HANDED)
    assert (by_name["Luc"].withdrawn, by_name["Luc"].stage) == (False, Stage.EXPECTED)


def test_who_is_not_in_the_file_any_more_is_told_and_comes_back_with_it(desk: Counter) -> None:
    desk.arrivals.add(MARIE)
    desk.take(TWO, "agenda.csv", whole=True)
    first_only = "\n".join(TWO.split("\n")[:2])
    assert desk.take(first_only, "agenda.csv").withdrawn == 0  # half a file proves nothing
    assert desk.take(first_only, "agenda.csv", whole=True).withdrawn == 1
    assert [one.expected.family for one in desk.listed if one.withdrawn] == ["TEST-B"]
    assert len(desk.listed) == 3
    desk.take(TWO, "agenda.csv", whole=True)
    assert not any(one.withdrawn for one in desk.listed)


def test_other_days_are_kept_for_their_day_or_told(desk: Counter) -> None:
    taken = desk.take("Date;Nom\n19/11/2026;TEST-HIER\n21/11/2026;TEST-DEMAIN\n20/11/2027;TEST-LOIN\n;TEST-AUJOURDHUI")
    assert taken.added == 2
    assert [one.number for one in taken.refused] == [2, 4]
    assert desk.names == ["TEST-AUJOURDHUI"]
    desk.clock.advance(DAY)
    assert desk.names == ["TEST-DEMAIN"]


def test_steps_say_who_told_them_when_and_nobody_tells_them_for_nobody(desk: Counter) -> None:
    arrival = desk.arrivals.add(MARIE)
    desk.arrivals.step(arrival, Stage.ARRIVED)
    desk.who = DOCTOR
    now = desk.arrivals.step(arrival, Stage.SEEN)  # the list as it was shown is older by one step
    assert [(step.stage, step.by) for step in now.steps] == [
        (Stage.ARRIVED, SECRETARY.national_id),
        (Stage.SEEN, DOCTOR.national_id),
    ]
    desk.who = None
    with pytest.raises(ContextError) as refused:
        desk.arrivals.step(arrival, Stage.ABSENT)
    assert refused.value.code == "arrival.nobody"


def test_an_answer_about_somebody_else_is_not_noted(desk: Counter) -> None:
    arrival = desk.arrivals.add(MARIE)
    told = DmpTold(desk.clock.now(), exists=True)
    desk.arrivals.means(arrival, "a")
    assert desk.arrivals.dmp_told(arrival, told, "a").dmp == told
    assert desk.arrivals.means(arrival, "b").dmp is None
    assert desk.arrivals.dmp_told(arrival, told, "a").dmp is None


def test_followers_are_told_of_each_change(desk: Counter) -> None:
    told: list[None] = []
    desk.arrivals.follow(lambda: told.append(None))
    desk.arrivals.step(desk.arrivals.add(MARIE), Stage.ARRIVED)
    assert len(told) == 2


def test_a_list_is_forgotten_after_its_day_only(desk: Counter) -> None:
    desk.arrivals.add(MARIE)
    pace = STEADY.total_seconds() / 2
    for _ in range(4):
        desk.clock.advance(pace)
        desk.arrivals.purge()
    assert desk.names
    desk.clock.advance(DAY)
    desk.arrivals.purge()
    assert desk.store.days() == []


def test_a_clock_that_jumps_forgets_nobody(desk: Counter) -> None:
    """Somebody sets it to next year, and right again within the hour."""
    desk.arrivals.add(MARIE)
    desk.clock.advance(2 * STEADY.total_seconds())
    desk.skew = timedelta(seconds=1)
    desk.arrivals.purge()
    desk.clock.set_back(-400 * DAY)
    for _ in range(5):
        desk.arrivals.purge()
        desk.clock.advance(600)
    desk.clock.set_back(400 * DAY)
    desk.arrivals.purge()
    assert desk.names == ["TEST-PATIENTE"]


def test_what_the_server_tells_goes_before_our_clock(desk: Counter) -> None:
    desk.arrivals.add(MARIE)
    desk.clock.advance(2 * DAY)
    desk.skew = timedelta(days=-2)  # ours is two days ahead
    desk.arrivals.purge()
    assert desk.store.days()
    desk.skew = timedelta(seconds=1)
    desk.arrivals.purge()
    assert desk.store.days() == []


def test_a_slow_correction_is_no_jump(desk: Counter) -> None:
    desk.arrivals.add(MARIE)
    desk.clock.advance(DAY)
    desk.clock.set_back(JUMP.total_seconds() / 2)
    desk.arrivals.purge()
    assert desk.store.days() == []


def test_nothing_of_it_is_in_clear_and_a_damaged_row_bars_nobody_else(desk: Counter) -> None:
    desk.take(TWO)
    with desk.practice.database.write() as connection:
        rows = connection.execute(sa.select(table)).all()
        assert not any(b"TEST" in value for row in rows for value in map(lambda one: str(one).encode(), row))
        assert not any(b"TEST" in row.sealed for row in rows)
        one, other = rows
        moved = table.update().where(table.c.arrival_id == one.arrival_id)
        connection.execute(moved.values(sealed=other.sealed))
    told = desk.arrivals.listed()
    assert (len(told.arrivals), told.unreadable) == (1, 1)
    assert "TEST" not in repr(told)


@pytest.mark.parametrize(
    ("doctor", "rpps", "mine", "theirs"),
    [
        ("", "", None, None),
        ("Dr DUPONT", "", True, False),
        ("Camille Dupont", "", True, False),
        ("C. DUPONT", "", True, False),
        ("DUPONT Louise", "", False, False),
        ("MARTIN", "10002422979", True, False),
        ("", "10009999999", False, False),
    ],
)
def test_whom_they_come_to_see(doctor: str, rpps: str, mine: bool | None, theirs: bool | None) -> None:
    told = Expected("TEST-A", doctor=doctor, rpps=rpps)
    assert told.is_with(DOCTOR.professional) is mine
    assert told.is_with(COLLEAGUE.professional) is theirs


def test_times_are_those_of_the_practice(desk: Counter) -> None:
    desk.take("Heure;Nom;Sexe\n9:00;TEST-A;")
    (one,) = desk.listed
    assert one.expected.at == datetime.combine(desk.arrivals.today(), datetime.min.time()).astimezone() + timedelta(
        hours=9
    )
    assert one.expected.sex is Sex.UNKNOWN


def test_what_is_done_to_the_list_is_an_act_of_who_did_it(desk: Counter) -> None:
    """A watched agenda is the program's; read again without a change it is no act."""
    desk.arrivals.add(MARIE)
    desk.take(TWO)
    for _ in range(2):
        desk.take(TWO, "agenda.csv", whole=True)
    desk.take(HEADER, "agenda.csv", whole=True)
    one = desk.listed[0]
    desk.arrivals.step(one, Stage.ARRIVED)
    desk.arrivals.means(one, "somebody")
    desk.clock.advance(2 * DAY)
    desk.arrivals.purge()
    me = SECRETARY.national_id
    imported = [(result, by) for act, result, _, by in desk.acts if act is Act.ARRIVALS_IMPORTED]
    assert imported[0] == ("2/0/0/0", None)
    assert all(by == "" for _, by in imported[1:])
    others = [act for act in desk.acts if act[0] is not Act.ARRIVALS_IMPORTED]
    assert others == [
        (Act.ARRIVAL_ADDED, "done", "", None),
        (Act.ARRIVAL_STEP, "done", "arrived", me),
        (Act.ARRIVAL_MEANT, "done", "", me),
        (Act.ARRIVALS_FORGOTTEN, "1", "", ""),
    ]
    assert len(imported) <= 3
