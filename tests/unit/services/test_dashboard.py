"""The numbers of what was fed: whose, by month and type; names nobody, runs nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.proposals import Proposal
from dmp_desktop.domain.tray import Scan, ScanState
from dmp_desktop.errors import ContextError
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.dashboard import PROPOSED as NOTE
from dmp_desktop.services.dashboard import Dashboard, Fate, fate_of
from dmp_desktop.services.session_state import SignedIn
from tests.helpers.access_world import CABINET, DOCTOR
from tests.helpers.outbox import AUTHOR, PATIENT

OTHER = "810001234567"
SECRETARY = "3750000000001"
NOVEMBER, OCTOBER = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 10, 20, 9, tzinfo=UTC)


def item(state: OutboxState, at: datetime = NOVEMBER, kind: str = "consultation", author: str = AUTHOR) -> OutboxItem:
    return OutboxItem(
        1, "2.25.1", "2.25.2", PATIENT, "Titre", kind, state, WaitingFor.NOTHING, at, at, author_id=author
    )


def scan(state: ScanState, at: datetime = NOVEMBER, author: str = AUTHOR) -> Scan:
    return Scan("1", state, at, NOVEMBER, 1, 1, "", patient=PATIENT, type_code="11502-2", author_id=author)


ITEMS = [
    item(OutboxState.SENT),
    item(OutboxState.DELETED),
    item(OutboxState.REFUSED),
    item(OutboxState.CANCELLED),
    replace(item(OutboxState.WAITING), waiting_for=WaitingFor.HOLD),
    item(OutboxState.SENT, OCTOBER),
    item(OutboxState.WAITING, kind="=letter()"),
    item(OutboxState.SENT, author=OTHER),
    replace(item(OutboxState.SENT, kind="scan", author=SECRETARY), validated_by=OTHER),
]
SCANS = [
    scan(ScanState.TO_VALIDATE, OCTOBER),
    scan(ScanState.TO_VALIDATE, OCTOBER),
    scan(ScanState.VALIDATED, OCTOBER),
    scan(ScanState.TO_VALIDATE, author=OTHER),
    *(scan(state) for state in (ScanState.TO_PREPARE, ScanState.QUEUED, ScanState.SENT, ScanState.DISCARDED)),
]

PROPOSED: list[Proposal] = []


class Noted:
    def __init__(self) -> None:
        self.acts: list[tuple[Act, str]] = []

    def note(self, act: Act, *, result: str) -> None:
        self.acts.append((act, result))


def dashboard(role: Role | None, noted: Noted | None = None) -> Dashboard:
    who = SignedIn(DOCTOR, CABINET, role, AUTHOR) if role else None
    return Dashboard(
        lambda: ITEMS, lambda: (SCANS, 0), lambda: PROPOSED, cast("ActBook", noted or Noted()), lambda: who
    )


def test_one_s_own_by_month_and_type() -> None:
    lines = dashboard(Role.DOCTOR).lines()
    assert [(one.month, one.kind) for one in lines] == [
        ("2026-11", "=letter()"), ("2026-11", "consultation"), ("2026-10", "consultation"), ("2026-10", "scan"),
    ]  # fmt: skip
    assert lines[1].count == {Fate.SENT: 2, Fate.REFUSED: 1, Fate.HELD: 1, Fate.WAITING: 0, Fate.TO_VALIDATE: 0}
    assert {one.author for one in lines} == {AUTHOR}


def test_scans_to_validate_count_in_the_month_they_came_and_no_more_once_they_are_in_the_outbox() -> None:
    scans = [one for one in dashboard(Role.DOCTOR).lines() if one.kind == "scan"]
    assert [(one.month, one.count[Fate.TO_VALIDATE], one.count[Fate.WAITING]) for one in scans] == [("2026-10", 2, 1)]
    others = [one for one in dashboard(None).lines() if one.author == OTHER and one.kind == "scan"]
    assert [(one.month, one.count[Fate.TO_VALIDATE]) for one in others] == [("2026-11", 1)]


@pytest.mark.parametrize(("role", "counted"), [(Role.DOCTOR, [AUTHOR]), (None, [AUTHOR, OTHER])])
def test_a_proposed_note_is_to_be_validated_by_its_doctor_of_no_type_before_she_opens_it(
    role: Role | None, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of = [Proposal("a", 1, "i", "Interne", doctor, "Dr", OCTOBER, b"", {}, b"", "") for doctor in (AUTHOR, OTHER)]
    monkeypatch.setattr(f"{__name__}.PROPOSED", of)
    notes = [one for one in dashboard(role).lines() if one.kind == NOTE]
    assert [(one.month, one.author) for one in notes] == [("2026-10", author) for author in sorted(counted)]
    assert all(one.count == dict.fromkeys(Fate, 0) | {Fate.TO_VALIDATE: 1} for one in notes)


def test_what_the_front_desk_sent_is_of_the_doctor_who_validated_it() -> None:
    lines = dashboard(None).lines()
    assert SECRETARY not in {one.author for one in lines}
    assert [one.count[Fate.SENT] for one in lines if one.author == OTHER and one.kind == "scan"] == [1]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, None])
def test_everybody_s_numbers_for_who_looks_after_the_workstation(role: Role | None) -> None:
    assert {one.author for one in dashboard(role).lines()} == {AUTHOR, OTHER}


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.TRAINEE])
def test_not_for_who_sends_nothing_of_their_own(role: Role) -> None:
    with pytest.raises(ContextError, match="role-reserved"):
        dashboard(role).lines()


@pytest.mark.parametrize("state", OutboxState)
def test_every_state_is_counted_but_what_was_cancelled(state: OutboxState) -> None:
    assert (fate_of(item(state)) is None) is (state is OutboxState.CANCELLED)


def test_the_export_runs_nothing_names_nobody_and_is_an_act(tmp_path: Path) -> None:
    noted = Noted()
    assert dashboard(Role.DOCTOR, noted).export(tmp_path / "envois.csv") == 4
    text = (tmp_path / "envois.csv").read_bytes().decode("utf-8-sig")
    assert ";'=letter();0;0;0;1;0" in text
    assert PATIENT.ins.value not in text
    assert PATIENT.birth_family not in text
    assert noted.acts == [(Act.FEEDING_EXPORTED, "4")]
