"""Documents that leave together: one submission set, whatever the line, the DMP or the doctor does to one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.documents import BuiltDocument, Visibility
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.services.outbox_intake import LONGEST_LOT
from dmp_desktop.storage.outbox_file import PUT_APART
from tests.helpers.fake_repository import FakeDmpRepository, Fault
from tests.helpers.outbox import PATIENT, built
from tests.helpers.tray_desk import DOCTOR
from tests.unit.services.test_outbox import Practice

NOW = timedelta(0)
OTHER = replace(PATIENT, ins=replace(PATIENT.ins, value="160012B02600045"))


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    practice = Practice(tmp_path / "a.db", FakeDmpRepository(refuse_duplicates=True))
    yield practice
    practice.database.close()


def send(practice: Practice, *numbers: int, patient: Patient = PATIENT) -> list[OutboxItem]:
    documents = [(patient, built(number, ins=patient.ins.value).cda) for number in numbers]
    return [item for lot in practice.outbox.enqueue_files(documents, undo_delay=NOW) for item in lot]


def sets(practice: Practice) -> list[list[str]]:
    """What was deposited together, in order."""
    return [[entry.unique_id for entry, _cda in one.documents] for one in practice.dmp.submissions]


def states(practice: Practice) -> list[OutboxState]:
    return [item.state for item in reversed(practice.outbox.items())]


def test_several_documents_are_one_lot_under_one_identifier(practice: Practice) -> None:
    queued = send(practice, 1, 2, 3)
    practice.outbox.deliver_due()
    assert sets(practice) == [["2.25.1", "2.25.2", "2.25.3"]]
    [submission] = practice.dmp.submissions
    assert {item.submission_id for item in queued} == {submission.unique_id}
    assert [item.proof for item in practice.outbox.items()] == [submission.unique_id] * 3
    assert practice.dmp.lookups == 0


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.DROPPED, Fault.CARD_GONE, Fault.LOCKED])
def test_what_did_not_arrive_leaves_again_as_it_was(practice: Practice, fault: Fault) -> None:
    [first, *_] = send(practice, 1, 2)
    practice.dmp.faults.append(fault)
    practice.outbox.deliver_due()
    assert len({(item.state, item.waiting_for, item.next_attempt_at) for item in practice.outbox.items()}) == 1
    assert states(practice) == [OutboxState.WAITING] * 2
    practice.clock.advance(600)
    practice.outbox.deliver_due()
    assert [(one.unique_id, len(one.documents)) for one in practice.dmp.submissions] == [(first.submission_id, 2)]


def test_after_a_lost_answer_each_document_is_asked_for_and_none_is_sent_again(practice: Practice) -> None:
    send(practice, 1, 2)
    practice.dmp.faults.append(Fault.ANSWER_LOST)
    practice.outbox.deliver_due()
    assert all(item.in_doubt for item in practice.outbox.items())
    practice.clock.advance(600)
    practice.outbox.deliver_due()
    assert sets(practice) == [["2.25.1", "2.25.2"]]
    assert [item.proof for item in practice.outbox.items()] == ["urn:uuid:2", "urn:uuid:1"]


def test_one_that_the_dmp_no_longer_has_is_shown_and_leaves_apart_when_asked(practice: Practice) -> None:
    """The answer was lost, and somebody deleted one of the two before it was looked for."""
    [first, second] = send(practice, 1, 2)
    practice.dmp.faults.append(Fault.ANSWER_LOST)
    practice.outbox.deliver_due()
    del practice.dmp.registered[1]
    practice.clock.advance(600)
    practice.outbox.deliver_due()
    assert states(practice) == [OutboxState.SENT, OutboxState.REFUSED]
    assert practice.item(2).code == "outbox-lot-apart"
    practice.outbox.retry(second.id)
    practice.clock.advance(10)
    practice.outbox.deliver_due()
    assert sets(practice) == [["2.25.1", "2.25.2"], ["2.25.2"]]
    assert practice.dmp.submissions[1].unique_id != first.submission_id
    assert states(practice) == [OutboxState.SENT] * 2


def test_one_that_the_dmp_has_already_does_not_keep_the_others_back(tmp_path: Path) -> None:
    """Sent from another workstation: the DMP refuses the lot for it, and the rest leaves in another."""
    dmp = FakeDmpRepository(refuse_duplicates=True)
    elsewhere, practice = (Practice(tmp_path / name, dmp) for name in ("other.db", "a.db"))
    send(elsewhere, 2)
    elsewhere.outbox.deliver_due()
    [first, *_] = send(practice, 1, 2, 3)
    practice.outbox.deliver_due()
    assert states(practice) == [OutboxState.SENT] * 3
    assert sorted(entry.unique_id for entry, _cda in dmp.registered) == ["2.25.1", "2.25.2", "2.25.3"]
    assert practice.item(1).submission_id == practice.item(3).submission_id != first.submission_id
    for one in (elsewhere, practice):
        one.database.close()


def test_a_refusal_is_that_of_the_lot_and_the_one_at_fault_may_be_taken_out(practice: Practice) -> None:
    [first, second, third] = send(practice, 1, 2, 3)
    practice.dmp.faults.append(Fault.REFUSED)
    practice.outbox.deliver_due()
    assert {(item.state, item.code) for item in practice.outbox.items()} == {
        (OutboxState.REFUSED, "DMPInvalidLotSignature")
    }
    practice.outbox.cancel(second.id)
    practice.outbox.retry(third.id)
    practice.outbox.deliver_due()
    assert sets(practice) == [["2.25.1", "2.25.3"]]
    assert practice.dmp.submissions[0].unique_id == first.submission_id


def test_one_that_is_cancelled_leaves_the_lot_and_comes_back_in_another(practice: Practice) -> None:
    [first, second] = send(practice, 1, 2)
    practice.outbox.cancel(first.id)
    practice.outbox.deliver_due()
    again = practice.send(1)
    practice.outbox.deliver_due()
    assert sets(practice) == [["2.25.2"], ["2.25.1"]]
    assert again.id == first.id
    assert again.submission_id != second.submission_id


def test_one_that_is_held_back_or_objected_to_keeps_the_lot_whole(practice: Practice) -> None:
    [first, second] = send(practice, 1, 2)
    practice.outbox.hold(second.id)
    practice.outbox.deliver_due()
    assert {item.waiting_for for item in practice.outbox.items()} == {WaitingFor.HOLD}
    assert sets(practice) == []
    practice.outbox.retry(first.id)
    practice.outbox.deliver_due()
    assert sets(practice) == [["2.25.1", "2.25.2"]]


def test_a_lack_of_right_parks_them_together(practice: Practice) -> None:
    [first, *_] = send(practice, 1, 2)
    practice.dmp.faults.append(Fault.DENIED)
    practice.outbox.deliver_due()
    assert {item.waiting_for for item in practice.outbox.items()} == {WaitingFor.RIGHT}
    practice.outbox.retry(first.id)
    practice.outbox.deliver_due()
    assert sets(practice) == [["2.25.1", "2.25.2"]]


def test_a_lot_is_of_one_patient_and_of_what_replaces_nothing(practice: Practice) -> None:
    practice.send(9)
    practice.outbox.deliver_due()
    documents = [
        (PATIENT, built(1).cda),
        (PATIENT, built(2).cda),
        (PATIENT, built(3, replaces="2.25.9").cda),
        (OTHER, built(4, ins=OTHER.ins.value).cda),
        (OTHER, built(5, ins=OTHER.ins.value).cda),
    ]
    lots = [[item.unique_id for item in lot] for lot in practice.outbox.enqueue_files(documents, undo_delay=NOW)]
    assert lots == [["2.25.1", "2.25.2"], ["2.25.3"], ["2.25.4", "2.25.5"]]
    practice.outbox.deliver_due()
    assert sets(practice)[1:] == lots


def test_a_lot_does_not_grow_without_bound(practice: Practice) -> None:
    send(practice, *range(1, LONGEST_LOT + 2))
    practice.outbox.deliver_due()
    assert [len(one) for one in sets(practice)] == [LONGEST_LOT, 1]


def test_what_was_kept_before_stays_with_what_it_was_to_leave_with(practice: Practice) -> None:
    practice.outbox.enqueue(PATIENT, built(1))
    send(practice, 1, 2)
    practice.clock.advance(31)
    practice.outbox.deliver_due()
    assert sorted(sets(practice)) == [["2.25.1"], ["2.25.2"]]


def test_a_lot_that_died_on_its_way_is_asked_for_as_a_whole(tmp_path: Path) -> None:
    dmp = FakeDmpRepository(refuse_duplicates=True)
    dead = Practice(tmp_path / "a.db", dmp, owner="dead")
    [first, *_] = send(dead, 1, 2)
    claimed = dead.store.claim(first.id, "dead", dead.clock.now(), timedelta(minutes=5))
    assert claimed is not None
    assert len(claimed[0]) == 2
    heir = Practice(tmp_path / "a.db", dmp)
    heir.liveness.dead.add("dead")
    heir.outbox.deliver_due()
    assert sets(heir) == [["2.25.1", "2.25.2"]]
    assert dmp.lookups == 1
    for one in (dead, heir):
        one.database.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE outbox SET subject = x'00' WHERE unique_id = '2.25.2'",
        "UPDATE outbox_document SET sealed = x'00' WHERE item_id = 2",
    ],
    ids=["row", "document"],
)
def test_one_that_does_not_open_any_more_does_not_keep_the_others_back(practice: Practice, damage: str) -> None:
    send(practice, 1, 2, 3)
    with practice.database.write() as connection:
        connection.exec_driver_sql(PUT_APART)
        connection.exec_driver_sql(damage)
    for _ in range(3):
        with suppress(StorageError):
            practice.outbox.deliver_due()
        practice.clock.advance(600)
    assert sets(practice) == [["2.25.1", "2.25.3"]]
    assert practice.store.unreadable() == 1
    listed = practice.outbox.items()
    assert practice.outbox.unreadable(listed) == 3 - len(listed), "told once: in the list, or beside it"


def click(practice: Practice, *seen: Visibility | None, first: int = 1) -> list[OutboxItem]:
    """As the composer does: one note a visibility, of one patient."""
    documents: list[tuple[Patient, BuiltDocument, tuple[Visibility, ...]]] = [
        (PATIENT, built(number), (one,) if one else ()) for number, one in enumerate(seen, first)
    ]
    return practice.outbox.send_together(documents, DOCTOR)


def test_each_document_of_a_lot_keeps_its_own_visibility(practice: Practice) -> None:
    items = click(practice, None, Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT)
    assert len({item.submission_id for item in items}) == 1
    practice.clock.advance(31)
    practice.outbox.deliver_due()
    [submission] = practice.dmp.submissions
    assert [entry.visibility for entry, _cda in submission.documents] == [
        frozenset(),
        frozenset({Visibility.MASQUE_PS}),
        frozenset({Visibility.INVISIBLE_PATIENT}),
    ]


def test_nothing_is_kept_of_what_may_not_leave_together(practice: Practice) -> None:
    practice.send(9)
    documents = [(PATIENT, built(1), ()), (OTHER, built(2, ins=OTHER.ins.value), ())]
    with pytest.raises(ContextError, match="lot-apart"):
        practice.outbox.send_together(documents, DOCTOR)
    with pytest.raises(ContextError, match="lot-apart"):
        practice.outbox.send_together([(PATIENT, built(1), ()), (PATIENT, built(3, replaces="2.25.9"), ())], DOCTOR)
    with pytest.raises(ContextError, match="lot-apart"):
        click(practice, None, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX)
    assert [item.unique_id for item in practice.outbox.items()] == ["2.25.9"]


def test_a_whole_lot_is_withdrawn_or_nothing_of_it(practice: Practice) -> None:
    first, second, third = click(practice, None, None, None)
    practice.outbox.cancel(second.id)
    practice.outbox.cancel_lot(first.id)
    assert states(practice) == [OutboxState.CANCELLED] * 3
    again = click(practice, None, None, first=4)
    practice.clock.advance(31)
    practice.dmp.faults.append(Fault.DROPPED)
    practice.outbox.deliver_due()
    with pytest.raises(ContextError, match="outbox-left"):
        practice.outbox.cancel_lot(again[1].id)
    assert states(practice)[3:] == [OutboxState.WAITING] * 2
    assert third.id == 3
