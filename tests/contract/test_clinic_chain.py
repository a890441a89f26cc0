"""New versions in a clinic, whose former one another store has: they wait for it, and are refused for no version that is still to
come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.services.outbox import LOOK_EVERY
from dmp_desktop.storage.outbox import NewItem, Outcome
from dmp_desktop.storage.subject import Subject
from tests.contract.test_clinic_outbox import Workstation
from tests.helpers.clock import START, FakeClock
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import AUTHOR, PATIENT, built
from tests.helpers.postgres import Cluster

CANCELLED, REFUSED, SENT, WAITING = OutboxState.CANCELLED, OutboxState.REFUSED, OutboxState.SENT, OutboxState.WAITING
LEASE = timedelta(hours=1)
NO = Outcome(REFUSED, code="DMPInvalidLotSignature")


class Versions(Workstation):
    """With its own thread's work, a piece at a time."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        self.dmp, self.clock = FakeDmpRepository(), FakeClock()
        self.sending = self.service(self.dmp, self.clock)

    def version(self, number: int, former: int) -> int:
        replaces = f"2.25.{former}"
        subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
        cda = built(number, replaces=replaces).cda
        new = NewItem(f"2.25.{number}", f"2.25.9{number}", AUTHOR, subject, cda, replaces=replaces)
        return self.outbox.add(new, START, START).id

    def told(self, number: int) -> tuple[OutboxState, str]:
        found = self.outbox.named(f"2.25.{number}")
        assert found is not None
        return found.state, found.code

    @property
    def sent(self) -> list[str]:
        return [entry.unique_id for entry, _cda in self.dmp.registered]


@pytest.fixture
def stations(tmp_path: Path, url: str) -> Iterator[list[Versions]]:
    """Two of them, the doctor signed in on the second alone."""
    made = []
    for name in ("desk", "surgery"):
        (tmp_path / name).mkdir()
        made.append(Versions(tmp_path / name, url))
    made[1].signed_in.add(AUTHOR)
    yield made
    for one in made:
        one.end()


def test_a_new_version_kept_here_leaves_behind_the_one_the_clinic_has(stations: list[Versions]) -> None:
    desk, surgery = stations
    desk.add(1)
    desk.look()
    surgery.look()
    surgery.version(2, 1)
    surgery.version(3, 2)
    surgery.sending.deliver_due()
    assert surgery.sent == ["2.25.1", "2.25.2", "2.25.3"]
    assert [surgery.told(number)[0] for number in (1, 2, 3)] == [OutboxState.REPLACED, OutboxState.REPLACED, SENT]


def test_a_new_version_the_clinic_has_leaves_behind_the_one_kept_here(stations: list[Versions]) -> None:
    desk, surgery = stations
    desk.version(2, 1)
    desk.version(4, 3)
    desk.look()
    surgery.look()
    surgery.add(1)
    held = surgery.outbox.hold(surgery.add(3), START)
    surgery.sending.deliver_due()
    assert surgery.sent == ["2.25.1", "2.25.2"], "what is held back keeps the one behind it alone"
    surgery.outbox.resume(held, START)
    surgery.sending.deliver_due()
    assert surgery.sent[2:] == ["2.25.3", "2.25.4"]
    assert [surgery.told(number)[0] for number in (1, 3)] == [OutboxState.REPLACED] * 2


def test_a_new_version_whose_former_one_another_workstation_is_sending_waits_for_it(stations: list[Versions]) -> None:
    desk, surgery = stations
    number = desk.add(1)
    desk.look()
    surgery.look()
    [(_, number)] = desk.outbox.due(START)
    assert desk.outbox.claim(number, "local", START, LEASE) is not None
    surgery.version(2, 1)
    surgery.add(5)
    surgery.sending.deliver_due()
    assert (surgery.sent, surgery.told(2)) == (["2.25.5"], (WAITING, ""))
    desk.outbox.settle({number: Outcome(SENT)}, "local", START)
    surgery.dmp.registered.append((replace(surgery.dmp.registered[0][0], unique_id="2.25.1", entry_uuid="urn:1"), b""))
    surgery.sending.deliver_due()
    assert surgery.told(2) == (SENT, "")


def test_while_the_clinic_is_away_nothing_is_refused_for_what_it_may_have(
    stations: list[Versions], postgres: Cluster
) -> None:
    desk, surgery = stations
    desk.add(1)
    desk.look()
    surgery.look()
    surgery.version(2, 1)
    postgres.stop()
    try:
        surgery.sending.deliver_due()
        assert surgery.told(2) == (WAITING, "outbox-replaced-waiting")
    finally:
        postgres.start()
    surgery.look()
    surgery.clock.advance(10)
    surgery.sending.deliver_due()
    assert surgery.sent == ["2.25.1", "2.25.2"]


def test_what_stopped_behind_a_version_goes_on_once_another_workstation_set_that_right(
    stations: list[Versions],
) -> None:
    desk, surgery = stations
    desk.add(1)
    desk.add(3)
    desk.look()
    surgery.look()
    desk.outbox.stop([item.id for item in desk.outbox.items()], NO, START)
    surgery.version(2, 1)
    surgery.version(4, 3)
    surgery.sending.deliver_due()
    assert surgery.told(2) == surgery.told(4) == (REFUSED, "outbox-replaced-refused")
    first, third = desk.outbox.named("2.25.1"), desk.outbox.named("2.25.3")
    assert first is not None
    assert third is not None
    desk.outbox.retry(first.id, START)
    desk.outbox.cancel(third.id, START)
    surgery.clock.advance(LOOK_EVERY)
    surgery.sending.deliver_due()
    assert surgery.sent == ["2.25.1", "2.25.2"]
    assert surgery.told(4) == (REFUSED, "outbox-replaced-cancelled")
