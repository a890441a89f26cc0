"""Who is signed in, for what begins with somebody and ends with them."""

from __future__ import annotations

from dataclasses import replace

from dmp_desktop.domain.people import Role
from dmp_desktop.services.session import Phase, SessionState
from dmp_desktop.ui.who_is_there import WhoIsThere
from tests.ui import fakes

NOBODY = SessionState(phase=Phase.MASKED)
DOCTOR = SessionState(phase=Phase.READY, professional=fakes.DOCTOR, facility=fakes.CABINET, role=Role.DOCTOR)
BY_ANOTHER_CARD = replace(DOCTOR, professional=replace(fakes.DOCTOR, given="TEST-AUTREMENT"), slot="other")
SECRETARY = replace(DOCTOR, professional=replace(fakes.DOCTOR, rpps="10009999999"), role=Role.SECRETARY)


def told(bench, *states: SessionState, **more) -> list[str]:
    there, found = WhoIsThere(bench.window.session, bench.window, **more), []
    there.left.connect(lambda: found.append("left"))
    there.came.connect(lambda state: found.append(state.role.value))
    for state in states:
        bench.window.session._publish(state)
    return found


def test_one_follows_the_other(bench) -> None:
    came = [Role.DOCTOR.value, "left", Role.SECRETARY.value, "left"]
    assert told(bench, DOCTOR, SECRETARY, NOBODY) == came


def test_the_same_person_goes_on_by_whatever_card(bench) -> None:
    assert told(bench, DOCTOR, BY_ANOTHER_CARD, replace(DOCTOR, notice="…")) == [Role.DOCTOR.value]


def test_who_is_not_concerned_is_nobody(bench) -> None:
    doctors = lambda state: state.role is Role.DOCTOR  # noqa: E731
    assert told(bench, DOCTOR, SECRETARY, concerned=doctors) == [Role.DOCTOR.value, "left"]
