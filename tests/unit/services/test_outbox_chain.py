"""A new version whose former one does not get to the DMP, or was taken away from it: told at once, with the one thing to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.errors import ContextError
from dmp_desktop.storage.outbox import Outcome
from tests.helpers.fake_repository import FakeDmpRepository, Fault
from tests.helpers.outbox import PATIENT, built
from tests.unit.services.test_outbox import NOW, Practice

REFUSAL = Outcome(OutboxState.REFUSED, code="identity.withdrawn")
REFUSED, WAITING, SENT = OutboxState.REFUSED, OutboxState.WAITING, OutboxState.SENT


class Chained(Practice):
    def replace(self, number: int, former: int) -> OutboxItem:
        return self.outbox.enqueue(PATIENT, built(number, replaces=f"2.25.{former}"), undo_delay=NOW)

    def refuse(self, number: int) -> None:
        self.dmp.faults.append(Fault.REFUSED)
        self.send(number)
        self.outbox.deliver_due()

    def told(self, number: int) -> tuple[OutboxState, str]:
        return self.item(number).state, self.item(number).code


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Chained]:
    practice = Chained(tmp_path / "a.db", FakeDmpRepository())
    yield practice
    practice.database.close()


def test_what_waits_behind_a_document_that_is_cancelled_says_so_at_once(practice: Chained) -> None:
    first = practice.send(1)
    practice.replace(2, 1)
    practice.replace(3, 2)
    practice.outbox.cancel(first.id)
    item = practice.item(2)
    assert (item.state, item.code) == (REFUSED, "outbox-replaced-cancelled")
    assert item.message == "Le document qu'il remplace n'est jamais parti : son envoi a été annulé."
    assert item.remedy == "Envoyez celui-ci comme nouveau document."
    assert practice.told(3) == (REFUSED, "outbox-replaced-refused"), "the whole chain stops"
    practice.outbox.deliver_due()
    assert (practice.dmp.lookups, practice.dmp.submissions) == (0, [])


def test_what_waits_behind_a_document_that_is_refused_follows_it_by_itself(practice: Chained) -> None:
    practice.refuse(1)
    practice.replace(2, 1)
    practice.replace(3, 2)
    assert practice.told(2) == practice.told(3) == (REFUSED, "outbox-replaced-refused")
    with pytest.raises(ContextError, match="outbox-replaced-refused"):
        practice.outbox.retry(practice.item(2).id)
    practice.outbox.retry(practice.item(1).id)
    assert practice.told(2) == practice.told(3) == (WAITING, "")
    practice.outbox.deliver_due()
    assert [practice.item(number).state for number in (1, 2, 3)] == [OutboxState.REPLACED, OutboxState.REPLACED, SENT]


def test_a_refusal_stops_what_waited_behind_it(practice: Chained) -> None:
    practice.dmp.faults.append(Fault.REFUSED)
    practice.send(1)
    practice.replace(2, 1)
    practice.outbox.deliver_due()
    assert practice.told(2) == (REFUSED, "outbox-replaced-refused")
    assert practice.dmp.lookups == 0, "the DMP was not asked for it"


def test_what_stopped_behind_a_cancelled_document_goes_on_once_that_one_is_sent_again(practice: Chained) -> None:
    first = practice.send(1)
    practice.replace(2, 1)
    practice.outbox.cancel(first.id)
    practice.clock.advance(1)
    practice.send(1)
    assert practice.told(2) == (WAITING, "")
    practice.outbox.deliver_due()
    assert practice.told(2) == (SENT, "")


def test_what_waits_while_its_former_version_is_deleted_says_so(practice: Chained) -> None:
    practice.send(1)
    practice.outbox.deliver_due()
    practice.signed_in.clear()
    practice.replace(2, 1)
    practice.outbox.note_deleted("2.25.1")
    item = practice.item(2)
    assert (item.code, item.message) == ("outbox-replaced-deleted", "Le document qu'il remplace a été supprimé du DMP.")


@pytest.mark.parametrize(("gone", "code"), [("cancelled", "cancelled"), ("deleted", "deleted")])
def test_what_nothing_can_bring_back_is_refused_before_it_is_kept(practice: Chained, gone: str, code: str) -> None:
    first = practice.send(1)
    if gone == "cancelled":
        practice.outbox.cancel(first.id)
    else:
        practice.outbox.deliver_due()
        practice.outbox.note_deleted("2.25.1")
    with pytest.raises(ContextError) as refused:
        practice.replace(2, 1)
    assert refused.value.code == f"outbox-replaced-{code}"
    assert refused.value.remedy_fr == "Envoyez celui-ci comme nouveau document."
    assert len(practice.outbox.items()) == 1
    practice.send(2)  # as a document of its own


def test_another_process_that_cancels_the_former_one_is_noticed_before_anything_leaves(practice: Chained) -> None:
    first = practice.send(1)
    practice.replace(2, 1)
    practice.store.cancel(first.id, practice.clock.now())
    assert practice.told(2) == (WAITING, "")
    practice.outbox.deliver_due()
    assert practice.told(2) == (REFUSED, "outbox-replaced-cancelled")
    assert practice.dmp.submissions == []


def test_one_that_may_be_in_the_dmp_is_looked_for_there(practice: Chained) -> None:
    practice.dmp.faults.append(Fault.ANSWER_LOST)
    practice.send(1)
    practice.outbox.deliver_due()
    practice.store.stop([practice.item(1).id], REFUSAL, practice.clock.now())
    assert (practice.item(1).state, practice.item(1).in_doubt) == (REFUSED, True)
    practice.replace(2, 1)
    practice.clock.advance(600)
    practice.outbox.deliver_due()
    assert practice.told(2) == (SENT, "")
