"""From the tray to the outbox and back: one document, one uniqueId, whatever is cut, cancelled, refused or done at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.tray import Reason, Scan, ScanState
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.tray_sending import TraySending
from tests.helpers.fake_repository import Fault
from tests.helpers.outbox import AUTHOR
from tests.helpers.tray_desk import DOCTOR, OTHER, SECRETARY, Practice


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    practice = Practice(tmp_path)
    yield practice
    practice.close()


def sent(practice: Practice) -> list[str]:
    return [entry.unique_id for entry, _content in practice.dmp.registered]


def test_the_desk_sends_what_doctors_validated_and_nothing_else(practice: Practice) -> None:
    prepared, validated = practice.prepared(1), practice.validated(2)
    practice.who = SECRETARY
    batch = practice.sending.send([prepared, validated])
    assert batch.queued == 1
    assert [(one.scan_id, one.why.code) for one in batch.failures] == [(prepared.id, "scan-state")]
    item = practice.item(validated)
    assert (item.author_id, item.validated_by) == (SECRETARY.national_id, AUTHOR)
    practice.deliver()
    practice.sending.settle()
    assert sent(practice) == [validated.unique_id]
    assert practice.now(validated).state is ScanState.SENT


def test_a_doctor_sends_their_own_and_no_other(practice: Practice) -> None:
    validated = practice.validated()
    practice.who = OTHER
    assert [one.why.code for one in practice.sending.send([validated]).failures] == ["EnvoiDUnAutre"]
    assert practice.now(validated).state is ScanState.VALIDATED
    practice.who = DOCTOR
    assert practice.sending.send([practice.now(validated)]).queued == 1
    assert practice.item(validated).author_id == AUTHOR


def test_asked_twice_it_leaves_once(practice: Practice) -> None:
    validated = practice.validated()
    practice.who = SECRETARY
    assert practice.sending.send([validated, validated]).queued == 1
    assert practice.sending.send([validated]).queued == 0
    practice.deliver()
    assert sent(practice) == [validated.unique_id]


def test_cancelled_in_the_outbox_it_is_back_in_the_tray_and_may_leave_again(practice: Practice) -> None:
    validated = practice.validated()
    practice.who = SECRETARY
    practice.sending.send([validated])
    practice.outbox.cancel(practice.item(validated).id)
    assert practice.sending.settle()
    back = practice.now(validated)
    assert (back.state, back.unique_id) == (ScanState.VALIDATED, validated.unique_id)
    assert practice.sending.send([back]).queued == 1
    practice.deliver()
    assert sent(practice) == [validated.unique_id]


def test_refused_it_is_told_and_sent_again_under_the_same_name(practice: Practice) -> None:
    validated = practice.validated()
    practice.who = SECRETARY
    practice.sending.send([validated])
    practice.dmp.faults.append(Fault.REFUSED)
    practice.deliver()
    practice.sending.settle()
    (leaving,) = practice.sending.leaving()
    assert leaving.stopped
    assert leaving.item is not None
    assert leaving.item.code == "DMPInvalidLotSignature"
    practice.sending.retry(leaving.scan)
    practice.deliver()
    practice.sending.settle()
    assert (sent(practice), practice.sending.leaving()) == ([validated.unique_id], [])


def test_refused_it_may_go_back_to_the_desk_and_become_another_document(practice: Practice) -> None:
    validated = practice.validated()
    practice.who = SECRETARY
    practice.sending.send([validated])
    practice.outbox_store.hold(practice.item(validated).id, practice.clock.now())
    back = practice.sending.take_back(practice.now(validated))
    assert (back.state, back.unique_id) == (ScanState.TO_PREPARE, "")
    assert practice.item(validated).state is OutboxState.CANCELLED
    practice.deliver()
    assert sent(practice) == []


def test_what_may_have_left_is_not_taken_back(practice: Practice) -> None:
    validated = practice.validated()
    practice.who = SECRETARY
    practice.sending.send([validated])
    practice.dmp.faults.append(Fault.ANSWER_LOST)
    practice.deliver()
    with pytest.raises(DmpDesktopError, match="outbox-left"):
        practice.sending.take_back(practice.now(validated))
    assert practice.now(validated).state is ScanState.QUEUED


def test_another_senders_document_is_not_taken_back(practice: Practice) -> None:
    """The outbox's own rule holds: it is asked first, and nothing changes in the tray."""
    validated = practice.validated()
    practice.who = SECRETARY
    practice.sending.send([validated])

    def refuse(_author: str) -> None:
        raise DmpDesktopError("EnvoiDUnAutre", "Non.", "Demandez-lui.")

    practice.outbox._may_handle = refuse
    with pytest.raises(DmpDesktopError, match="EnvoiDUnAutre"):
        practice.sending.take_back(practice.now(validated))
    assert practice.now(validated).state is ScanState.QUEUED


class Killed(BaseException):
    """The end of the process."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_while_it_is_handed_over_it_is_neither_lost_nor_doubled(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    validated = practice.validated()
    practice.who = SECRETARY
    real = practice.outbox_store.add_lot

    def add(*args: object) -> object:
        if when == "after":
            real(*args)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(practice.outbox_store, "add_lot", add)
        with pytest.raises(Killed):
            practice.sending.send([validated])
    again = TraySending(practice.rows, practice.outbox, practice.clock, lambda: practice.who, practice._note)
    again.settle()
    (leaving,) = again.leaving()
    assert leaving.stopped == (when == "before")  # told, as long as nobody knows
    if leaving.stopped:
        again.retry(leaving.scan)
    practice.deliver()
    again.settle()
    assert (sent(practice), practice.now(validated).state) == ([validated.unique_id], ScanState.SENT)


def test_while_it_is_handed_over_nobody_gives_it_back(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor finds that it is of the wrong patient at the very moment the desk sends it: one of both, never both."""
    validated = practice.validated()
    practice.who = SECRETARY
    real, refused = practice.outbox.enqueue_for_structure, []

    def meanwhile(*args: object, **named: object) -> object:
        practice.who = DOCTOR
        for seen in (validated, practice.now(validated)):
            with pytest.raises(DmpDesktopError) as error:
                practice.service.give_back(seen, Reason.WRONG_PATIENT)
            refused.append(error.value.code)
        practice.who = SECRETARY
        return real(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(practice.outbox, "enqueue_for_structure", meanwhile)
    assert practice.sending.send([validated]).queued == 1
    assert refused == ["scan-changed", "scan-state"]


def test_given_back_first_it_does_not_leave(practice: Practice) -> None:
    validated = practice.validated()
    practice.service.give_back(validated, Reason.WRONG_PATIENT)
    practice.who = SECRETARY
    assert [one.why.code for one in practice.sending.send([validated]).failures] == ["scan-changed"]
    assert practice.outbox.items() == []


def test_one_refused_at_the_door_keeps_no_other_and_is_still_validated(practice: Practice) -> None:
    first, second = practice.validated(1), practice.validated(2)
    practice.who = SECRETARY
    elsewhere = practice.rows.change(_by(first, "899999999999"))
    assert elsewhere is not None
    batch = practice.sending.send([elsewhere, second])
    assert (batch.queued, [one.why.code for one in batch.failures]) == (1, ["DocumentNonValide"])
    assert practice.now(first).state is ScanState.VALIDATED


def _by(scan: Scan, validated_by: str) -> Scan:
    return replace(scan, validated_by=validated_by)
