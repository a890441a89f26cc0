"""What the outbox does with each answer the DMP, the card and the network can give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Facility, Patient, Professional, Role
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.errors import CdaError, ContextError, DmpError, StorageError
from dmp_desktop.services.delivery import SUCCESS
from dmp_desktop.services.feeding import NO_RULES, FeedingRules
from dmp_desktop.services.outbox import LOOK_EVERY, OutboxService
from dmp_desktop.services.outbox_line import FIRST_GAP
from dmp_desktop.services.session_state import SignedIn
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.fake_repository import FakeDmpRepository, Fault
from tests.helpers.outbox import AUTHOR, PATIENT, SOURCE_ID, Everyone, built, open_store, read_metadata

NOW = timedelta(0)
BY = SignedIn(
    Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26"),
    Facility("410002422979001", "Cabinet des Lilas", "SA07"),
    Role.DOCTOR,
)


class Practice:
    """One workstation: its outbox, the DMP behind it, the clock, and who is signed in."""

    def __init__(self, path: Path, dmp: FakeDmpRepository, owner: str = "me", rules: FeedingRules = NO_RULES) -> None:
        self.clock = FakeClock()
        self.dmp = dmp
        self.signed_in: set[str] = {AUTHOR}
        self.liveness = Everyone(owner)
        self.skew: timedelta | None = None
        self.database, self.store = open_store(path)
        self.outbox = OutboxService(
            self.store,
            self.repository,
            read_metadata,
            source_id=SOURCE_ID,
            clock=self.clock,
            entropy=SeededEntropy(),
            liveness=self.liveness,
            rules=rules,
            skew=lambda: self.skew,
        )

    def repository(self, author_id: str) -> DmpRepository | None:
        return self.dmp if author_id in self.signed_in else None

    def send(self, number: int = 1) -> OutboxItem:
        return self.outbox.enqueue(PATIENT, built(number), undo_delay=NOW)

    def item(self, number: int = 1) -> OutboxItem:
        return next(item for item in self.outbox.items() if item.unique_id == f"2.25.{number}")


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    practice = Practice(tmp_path / "a.db", FakeDmpRepository())
    yield practice
    practice.database.close()


def test_a_document_is_sent_once_with_its_fixed_identifiers(practice: Practice) -> None:
    queued = practice.send()
    practice.outbox.deliver_due()
    practice.outbox.deliver_due()
    sent = practice.item()
    assert (sent.state, sent.proof, sent.in_doubt) == (OutboxState.SENT, queued.submission_id, False)
    [submission] = practice.dmp.submissions
    assert submission.unique_id == queued.submission_id
    assert submission.content_type.code == "SA07"
    assert submission.author.person_id == AUTHOR
    assert submission.source_id == SOURCE_ID
    [(entry, content)] = submission.documents
    assert (entry.unique_id, entry.size, content) == ("2.25.1", len(content), built(1).cda)
    assert practice.dmp.lookups == 0  # EX_3.1-2030: no query after feeding by itself


def test_what_went_over_to_the_clinic_meanwhile_stops_nothing(practice: Practice) -> None:
    """Its row is gone from here between two looks of the thread that sends; the thread died of it."""
    practice.send(1)
    practice.send(2)
    given, gone = practice.repository, "DELETE FROM outbox WHERE unique_id = '2.25.1'"

    def handed_over(author_id: str) -> DmpRepository | None:
        with practice.database.write() as connection:
            connection.exec_driver_sql(gone)
        return given(author_id)

    practice.outbox._repository = handed_over
    practice.outbox.deliver_due()
    assert [(item.unique_id, item.state) for item in practice.outbox.items()] == [("2.25.2", OutboxState.SENT)]


NO_ROOM = (
    "CREATE TRIGGER no_room BEFORE UPDATE ON outbox WHEN NEW.state != 'sending' BEGIN SELECT RAISE(FAIL, 'full'); END"
)


@pytest.mark.parametrize(("fault", "state"), [(Fault.NONE, OutboxState.SENT), (Fault.REFUSED, OutboxState.REFUSED)])
def test_what_the_disk_did_not_take_of_a_try_is_written_once_there_is_room(
    practice: Practice, fault: Fault, state: OutboxState
) -> None:
    """It was "being sent" for 90 minutes, by a program that was alive and knew better."""
    practice.send()
    practice.dmp.faults.append(fault)
    with practice.database.write() as connection:
        connection.exec_driver_sql(NO_ROOM)
    for _try in range(2):
        with pytest.raises(StorageError):
            practice.outbox.deliver_due()
        assert practice.item().state is OutboxState.SENDING
    with practice.database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER no_room")
    practice.outbox.deliver_due()
    assert practice.item().state is state
    assert len(practice.dmp.submissions) == (fault is Fault.NONE)
    practice.send(2)
    practice.outbox.deliver_due()
    assert practice.item(2).state is OutboxState.SENT


@pytest.mark.parametrize(("minutes", "told"), [(12, "retarde"), (-12, "avance")])
def test_what_a_wrong_clock_had_refused_leaves_by_itself_once_it_is_right(
    practice: Practice, minutes: int, told: str
) -> None:
    practice.send()
    practice.skew = timedelta(minutes=minutes)
    practice.dmp.faults.append(Fault.MISPRESENTED)
    practice.outbox.deliver_due()
    item = practice.item()
    assert (item.state, item.code, item.in_doubt) == (OutboxState.WAITING, "outbox-clock", False)
    assert item.message.startswith(f"L'horloge de cet ordinateur {told} ")
    assert item.next_attempt_at is not None
    practice.clock.advance(600)
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT


@pytest.mark.parametrize("skew", [None, timedelta(seconds=59), timedelta(seconds=-59)])
def test_who_is_presented_wrongly_at_the_right_time_is_refused(practice: Practice, skew: timedelta | None) -> None:
    practice.send()
    practice.skew = skew
    practice.dmp.faults.append(Fault.MISPRESENTED)
    practice.outbox.deliver_due()
    assert (practice.item().state, practice.item().code) == (OutboxState.REFUSED, "DMPInvalidVIHF")


def test_whose_document_leaves_is_told_when_it_leaves(tmp_path: Path) -> None:
    """INS/va1.39: each try is an access to the number, what stays here is none."""
    told: list[str] = []
    practice = Practice(
        tmp_path / "a.db", FakeDmpRepository(), rules=FeedingRules(leaving=lambda ins: told.append(ins.value))
    )
    waiting = practice.outbox.enqueue(PATIENT, built(1))
    practice.outbox.deliver_due()
    practice.outbox.cancel(waiting.id)
    practice.outbox.deliver_due()
    assert told == []
    practice.send(2)
    practice.outbox.deliver_due()
    assert told == [PATIENT.ins.value]
    practice.database.close()


def test_visibility_is_added_to_the_confidentiality_of_the_document(practice: Practice) -> None:
    practice.outbox.enqueue(PATIENT, built(1), [Visibility.INVISIBLE_PATIENT], undo_delay=NOW)
    practice.outbox.deliver_due()
    [(entry, _content)] = practice.dmp.registered
    assert [code.code for code in entry.confidentiality] == ["N", "INVISIBLE_PATIENT"]


def test_nothing_leaves_before_the_undo_delay_is_over(practice: Practice) -> None:
    item = practice.outbox.send(PATIENT, built(1), (), BY)
    assert (item.state, item.waiting_for) == (OutboxState.WAITING, WaitingFor.UNDO)
    assert practice.outbox.deliver_due() == 30
    practice.outbox.flush()
    practice.clock.advance(29.9)
    practice.outbox.deliver_due()
    assert practice.dmp.registered == []
    practice.clock.advance(0.2)
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT


def test_whoever_comes_after_the_click_refuses_nothing(practice: Practice) -> None:
    """The doctor's card is out by the time the document is kept, a secretary's in: it waits for the doctor's."""
    practice.signed_in.clear()
    practice.outbox.send(PATIENT, built(1), (), BY)
    practice.clock.advance(60)
    practice.outbox.deliver_due()
    assert (practice.item().waiting_for, practice.item().author_id) == (WaitingFor.CARD, AUTHOR)
    practice.signed_in.add(AUTHOR)
    practice.outbox.flush()
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT


@pytest.mark.parametrize(("role", "why"), [(Role.TRAINEE, "encadre"), (Role.SECRETARY, "Le professionnel")])
def test_who_may_not_send_keeps_nothing_for_sending(practice: Practice, role: Role, why: str) -> None:
    with pytest.raises(DmpError) as refused:
        practice.outbox.send(PATIENT, built(1), (), replace(BY, role=role))
    assert refused.value.code == "EnvoiReserve"
    assert why in refused.value.remedy_fr
    assert practice.outbox.items() == []


def test_a_card_of_unknown_type_is_told_how_to_be_known(practice: Practice) -> None:
    with pytest.raises(DmpError, match="ne dit pas si c'est une CPS"):
        practice.outbox.send(PATIENT, built(1), (), replace(BY, role=Role.TRAINEE, doubt="en doute"))


def test_a_document_can_be_cancelled_until_it_leaves_and_put_back(practice: Practice) -> None:
    item = practice.outbox.send(PATIENT, built(1), (), BY)
    practice.outbox.cancel(item.id)
    practice.outbox.cancel(item.id)
    practice.clock.advance(60)
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.CANCELLED
    assert practice.dmp.registered == []
    again = practice.send()
    assert (again.id, again.submission_id) == (item.id, item.submission_id)
    practice.outbox.deliver_due()
    with pytest.raises(ContextError) as refused:
        practice.outbox.cancel(item.id)
    assert refused.value.code == "outbox-left"


def test_what_may_have_arrived_cannot_be_cancelled(practice: Practice) -> None:
    practice.dmp.faults.append(Fault.ANSWER_LOST)
    item = practice.send()
    practice.outbox.deliver_due()
    with pytest.raises(ContextError, match="outbox-left"):
        practice.outbox.cancel(item.id)


def test_the_same_document_twice_is_one_item(practice: Practice) -> None:
    assert practice.send().id == practice.send().id
    with pytest.raises(ContextError, match="outbox-duplicate"):
        practice.outbox.enqueue(PATIENT, built(1, "other text"))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (built(1, ins="153078987658513"), "outbox-other-patient"),
        (built(1, author=""), "outbox-author"),
    ],
)
def test_a_document_of_someone_else_never_enters(practice: Practice, document: object, code: str) -> None:
    with pytest.raises((ContextError, CdaError), match=code):
        practice.outbox.enqueue(PATIENT, document)  # type: ignore[arg-type]
    assert practice.outbox.items() == []


@pytest.mark.parametrize("status", [status for status in InsStatus if status is not InsStatus.QUALIFIEE])
def test_only_a_qualified_ins_reaches_the_dmp(practice: Practice, status: InsStatus) -> None:
    unsure = replace(PATIENT, ins=replace(PATIENT.ins, status=status))
    item = practice.outbox.enqueue(unsure, built(1), undo_delay=NOW)
    assert (item.state, item.waiting_for, item.code) == (OutboxState.WAITING, WaitingFor.INS, "outbox-ins")
    assert item.remedy
    practice.outbox.flush()
    practice.outbox.deliver_due()
    with pytest.raises(ContextError, match="outbox-ins"):
        practice.outbox.retry(item.id)
    practice.outbox.deliver_due()
    assert practice.dmp.registered == []
    assert practice.item().waiting_for is WaitingFor.INS


def test_what_waits_for_an_identity_leaves_by_itself_once_it_is_qualified(tmp_path: Path) -> None:
    known: set[Patient] = set()
    practice = Practice(tmp_path / "a.db", FakeDmpRepository(), rules=FeedingRules(qualified=lambda one: one in known))
    unsure = replace(PATIENT, ins=replace(PATIENT.ins, status=InsStatus.RECUPEREE))
    practice.outbox.enqueue(unsure, built(1))
    practice.outbox.deliver_due()
    known.add(unsure)
    practice.outbox.deliver_due()  # within the time between two looks: not yet
    assert practice.dmp.registered == []
    practice.clock.advance(LOOK_EVERY)
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT
    known.clear()
    practice.outbox.enqueue(unsure, built(2))
    known.add(unsure)
    practice.outbox.look_again()
    known.clear()  # and qualified no more when its turn comes
    practice.outbox.deliver_due()
    assert practice.item(2).waiting_for is WaitingFor.INS
    assert len(practice.dmp.registered) == 1
    practice.database.close()


def test_a_right_that_lacks_is_waited_for(tmp_path: Path) -> None:
    given: list[datetime] = []
    rules = FeedingRules(authorised_at=lambda _patient: given[-1] if given else None)
    practice = Practice(tmp_path / "a.db", FakeDmpRepository(), rules=rules)
    given.append(practice.clock.now())  # before: it did not help
    practice.clock.advance(1)
    practice.dmp.faults.append(Fault.DENIED)
    practice.send()
    practice.outbox.deliver_due()
    waiting = practice.item()
    assert (waiting.state, waiting.waiting_for) == (OutboxState.WAITING, WaitingFor.RIGHT)
    assert (waiting.code, waiting.in_doubt) == ("DMPAccessDeniedByRightsService", False)
    practice.clock.advance(3600)
    practice.outbox.flush()
    practice.outbox.deliver_due()
    assert practice.item().attempts == 1
    given.append(practice.clock.now())
    practice.outbox.look_again()
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT
    practice.dmp.faults.append(Fault.DENIED)
    practice.send(2)
    practice.outbox.deliver_due()
    practice.outbox.retry(practice.item(2).id)  # another role, say: the doctor tries again
    practice.outbox.deliver_due()
    assert practice.item(2).state is OutboxState.SENT
    practice.database.close()


def test_an_identity_that_was_taken_away_is_refused_never_waited_for(tmp_path: Path) -> None:
    """Another number may come one day for the same person: what was built under this one must not follow it."""
    gone: list[str] = []

    def may_feed(ins: InsIdentity) -> None:
        if ins.value in gone:
            raise ContextError("identity.withdrawn", "L'identité n'est plus qualifiée.", "Vérifiez-la.")

    practice = Practice(tmp_path / "a.db", FakeDmpRepository(), rules=FeedingRules(may_feed))
    unsure = replace(PATIENT, ins=replace(PATIENT.ins, status=InsStatus.VALIDEE))
    practice.outbox.enqueue(unsure, built(1))
    practice.outbox.enqueue(PATIENT, built(2), undo_delay=NOW)
    gone.append(PATIENT.ins.value)
    practice.outbox.look_again()
    practice.outbox.deliver_due()
    assert [item.state for item in practice.outbox.items()] == [OutboxState.REFUSED] * 2
    with pytest.raises(ContextError, match=r"identity\.withdrawn"):
        practice.outbox.enqueue(PATIENT, built(3))
    gone.clear()
    practice.clock.advance(LOOK_EVERY)
    practice.outbox.deliver_due()
    assert practice.dmp.registered == []
    practice.database.close()


def test_what_is_held_back_stays_until_it_is_let_go(practice: Practice) -> None:
    item = practice.send()
    practice.outbox.hold(item.id)
    assert (practice.item().waiting_for, practice.item().parked) == (WaitingFor.HOLD, True)
    practice.outbox.flush()
    practice.outbox.look_again()
    practice.clock.advance(86400)
    assert practice.outbox.deliver_due() is None
    assert practice.dmp.registered == []
    practice.outbox.retry(item.id)
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT
    with pytest.raises(ContextError, match="outbox-left"):
        practice.outbox.hold(item.id)


def test_a_replacement_says_of_what_it_replaced_that_it_is_and_waits_its_turn_behind_it(practice: Practice) -> None:
    practice.send(1)
    held = practice.item().id
    practice.outbox.hold(held)
    practice.outbox.enqueue(PATIENT, built(2, replaces="2.25.1"), undo_delay=NOW)
    practice.outbox.deliver_due()
    assert practice.dmp.registered == []  # nothing to replace yet
    practice.outbox.retry(held)
    practice.outbox.deliver_due()
    assert (practice.item(1).state, practice.item(2).state) == (OutboxState.REPLACED, OutboxState.SENT)
    assert practice.item(1).sent_at is not None
    practice.outbox.note_deleted("2.25.2")
    practice.outbox.note_deleted("2.25.77")
    assert practice.item(2).state is OutboxState.DELETED


def test_after_an_outage_a_small_one_goes_first_then_they_follow_faster_and_faster(practice: Practice) -> None:
    for number in range(1, 9):
        practice.outbox.enqueue(PATIENT, built(number, "douleur " * (10 - number)), undo_delay=NOW)
    practice.dmp.faults.append(Fault.UNREACHABLE)
    practice.outbox.deliver_due()
    practice.clock.advance(400)
    gaps = []
    while (gap := practice.outbox.deliver_due()) is not None:
        gaps.append(gap)
        practice.clock.advance(gap)
    sent = [entry.unique_id for entry, _content in practice.dmp.registered]
    assert (sent[0], sorted(sent)) == ("2.25.8", [f"2.25.{number}" for number in range(1, 9)])
    assert sent[1:] == [f"2.25.{number}" for number in range(1, 8)]
    assert len(gaps) == 6
    for turn, gap in enumerate(gaps):
        assert FIRST_GAP / 2 < gap * 2**turn <= FIRST_GAP
    practice.send(20)
    assert practice.outbox.deliver_due() is None  # and all as before


def test_the_proof_says_what_was_acknowledged_when_and_how(practice: Practice) -> None:
    practice.send()
    practice.outbox.deliver_due()
    at = practice.clock.now()
    practice.clock.advance(60)
    sent = practice.item()
    assert (sent.proof, sent.sent_at, sent.answer) == (sent.submission_id, at, SUCCESS)


def test_a_network_failure_waits_longer_each_time_and_holds_the_others(practice: Practice) -> None:
    practice.dmp.faults.extend([Fault.UNREACHABLE] * 3)
    practice.send(1)
    practice.send(2)
    pauses = []
    for _ in range(3):
        pause = practice.outbox.deliver_due()
        assert pause is not None
        pauses.append(pause)
        assert len(practice.dmp.faults) == 3 - len(pauses)  # one try, the other document was left alone
        practice.clock.advance(pause)
    assert 1 <= pauses[0] <= 2
    assert 2 <= pauses[1] <= 4
    assert 4 <= pauses[2] <= 8
    practice.clock.advance(10)
    assert practice.outbox.deliver_due()  # one first
    practice.clock.advance(FIRST_GAP)
    practice.outbox.deliver_due()
    assert {item.state for item in practice.outbox.items()} == {OutboxState.SENT}
    assert practice.dmp.lookups == 0  # nothing had been sent: nothing to look for


def test_the_pause_never_exceeds_five_minutes(practice: Practice) -> None:
    practice.dmp.faults.extend([Fault.UNREACHABLE] * 30)
    practice.send()
    for _ in range(30):
        pause = practice.outbox.deliver_due()
        assert pause is not None
        assert pause <= 300
        practice.clock.advance(pause)
    assert practice.item().waiting_for is WaitingFor.NETWORK


def test_flush_tries_at_once(practice: Practice) -> None:
    practice.dmp.faults.extend([Fault.UNREACHABLE] * 5)
    practice.send()
    for _ in range(6):
        practice.outbox.flush()
        practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.DROPPED])
def test_an_ambiguous_outcome_is_looked_up_before_anything_is_sent_again(practice: Practice, fault: Fault) -> None:
    practice.dmp.faults.append(fault)
    practice.send()
    practice.outbox.deliver_due()
    assert practice.item().in_doubt
    practice.dmp.find_faults.append(Fault.UNREACHABLE)
    practice.outbox.flush()
    practice.outbox.deliver_due()
    assert practice.item().in_doubt
    practice.outbox.flush()
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT
    assert len(practice.dmp.registered) == 1
    if fault is Fault.ANSWER_LOST:
        assert practice.item().proof == "urn:uuid:1"


def test_a_refusal_is_told_with_its_cause_and_can_be_tried_again(practice: Practice) -> None:
    practice.dmp.faults.append(Fault.REFUSED)
    item = practice.send()
    practice.outbox.deliver_due()
    refused = practice.item()
    assert (refused.state, refused.code) == (OutboxState.REFUSED, "DMPInvalidLotSignature")
    assert refused.message
    assert refused.remedy
    practice.outbox.deliver_due()
    assert practice.item().attempts == 1
    practice.outbox.retry(item.id)
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT


def test_a_refused_document_can_be_withdrawn(practice: Practice) -> None:
    practice.dmp.faults.append(Fault.REFUSED)
    item = practice.send()
    practice.outbox.deliver_due()
    practice.outbox.cancel(item.id)
    assert practice.item().state is OutboxState.CANCELLED


def test_without_the_author_s_card_a_document_waits_and_another_doctor_never_sends_it(practice: Practice) -> None:
    practice.signed_in = {"810000000001"}
    practice.send(1)
    practice.outbox.enqueue(PATIENT, built(2, author="810000000001"), undo_delay=NOW)
    practice.outbox.deliver_due()
    assert (practice.item(1).state, practice.item(1).waiting_for) == (OutboxState.WAITING, WaitingFor.CARD)
    assert practice.item(1).attempts == 0
    assert practice.item(2).state is OutboxState.SENT
    assert practice.outbox.deliver_due() is None  # nothing to wake up for but the card
    practice.signed_in.add(AUTHOR)
    practice.outbox.flush()
    practice.outbox.deliver_due()
    assert practice.item(1).state is OutboxState.SENT


def test_a_card_pulled_while_signing_waits_for_it(practice: Practice) -> None:
    practice.dmp.faults.append(Fault.CARD_GONE)
    practice.send()
    practice.outbox.deliver_due()
    assert (practice.item().waiting_for, practice.item().code) == (WaitingFor.CARD, "card-gone")
    practice.outbox.flush()
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT


@pytest.mark.parametrize("fault", [Fault.CARD_GONE, Fault.LOCKED])
@pytest.mark.parametrize(
    "point", ["deposit", "lookup before a new try", "lookup of what it replaces", "after a duplicate"]
)
def test_a_session_that_ends_at_any_point_of_a_send_refuses_nothing(tmp_path: Path, fault: Fault, point: str) -> None:
    """Locked or pulled: what was under way waits for the card, and goes once when it is back."""
    dmp = FakeDmpRepository(refuse_duplicates=True)
    practice = Practice(tmp_path / "a.db", dmp)
    practice.outbox.enqueue(PATIENT, built(9), undo_delay=NOW)
    practice.outbox.deliver_due()
    if point == "deposit":
        dmp.faults.append(fault)
    elif point == "lookup before a new try":
        dmp.faults.append(Fault.ANSWER_LOST)
        dmp.find_faults.append(fault)
    elif point == "lookup of what it replaces":
        dmp.find_faults.append(fault)
    else:
        other = Practice(tmp_path / "b.db", dmp)
        other.send()
        other.outbox.deliver_due()
        other.database.close()
        dmp.find_faults.append(fault)
    replaces = "2.25.9" if point == "lookup of what it replaces" else ""
    document = built(1, replaces=replaces)
    practice.outbox.enqueue(PATIENT, document, undo_delay=NOW)
    practice.outbox.deliver_due()
    if point == "lookup before a new try":
        practice.outbox.flush()
        practice.outbox.deliver_due()
    item = practice.item()
    assert (item.state, item.waiting_for) == (OutboxState.WAITING, WaitingFor.CARD)
    assert item.in_doubt is (point in ("lookup before a new try", "after a duplicate"))
    practice.signed_in = set()
    practice.outbox.flush()
    practice.outbox.deliver_due()
    assert practice.item().waiting_for is WaitingFor.CARD
    practice.signed_in = {AUTHOR}
    practice.outbox.flush()
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT
    assert sum(entry.unique_id == "2.25.1" for entry, _content in dmp.registered) == 1
    practice.database.close()


def test_the_outbox_asks_whether_an_item_is_for_who_is_there_to_handle(tmp_path: Path) -> None:
    """Nothing of it changes when it is not."""
    practice = Practice(tmp_path / "a.db", FakeDmpRepository())
    asked: list[str] = []

    def never(author_id: str) -> None:
        asked.append(author_id)
        raise DmpError("EnvoiDUnAutre", "Ce document est celui d'un autre professionnel.")

    practice.dmp.faults.append(Fault.REFUSED)
    item = practice.send()
    practice.outbox.deliver_due()
    practice.outbox._may_handle = never
    for act in (practice.outbox.cancel, practice.outbox.retry):
        with pytest.raises(DmpError, match="EnvoiDUnAutre"):
            act(item.id)
    assert asked == [AUTHOR, AUTHOR]
    assert practice.item().state is OutboxState.REFUSED
    practice.database.close()


def test_our_own_duplicate_counts_as_sent_once_the_dmp_shows_the_same_bytes(tmp_path: Path) -> None:
    practice = Practice(tmp_path / "a.db", FakeDmpRepository(refuse_duplicates=True))
    other = Practice(tmp_path / "b.db", practice.dmp)
    other.send()
    other.outbox.deliver_due()
    practice.send()
    practice.outbox.deliver_due()
    assert (practice.item().state, practice.item().proof) == (OutboxState.SENT, "urn:uuid:1")
    other.database.close()
    practice.database.close()


def test_another_document_under_our_identifier_is_refused(tmp_path: Path) -> None:
    practice = Practice(tmp_path / "a.db", FakeDmpRepository(refuse_duplicates=True))
    other = Practice(tmp_path / "b.db", practice.dmp)
    other.outbox.enqueue(PATIENT, built(1, "other text"), undo_delay=NOW)
    other.outbox.deliver_due()
    practice.send()
    practice.outbox.deliver_due()
    assert (practice.item().state, practice.item().code) == (OutboxState.REFUSED, "outbox-other-document")
    other.database.close()
    practice.database.close()


def test_a_replacement_names_the_entry_it_replaces_as_the_registry_knows_it(practice: Practice) -> None:
    practice.send(1)
    practice.outbox.deliver_due()
    practice.outbox.enqueue(PATIENT, built(2, replaces="2.25.1"), undo_delay=NOW)
    practice.outbox.deliver_due()
    assert practice.dmp.submissions[1].replaced_entry_uuids == {"2.25.2": "urn:uuid:1"}


def test_a_replacement_of_nothing_is_refused(practice: Practice) -> None:
    practice.outbox.enqueue(PATIENT, built(2, replaces="2.25.1"), undo_delay=NOW)
    practice.outbox.deliver_due()
    assert practice.item(2).code == "outbox-replaced-unknown"


def test_what_a_dead_process_was_sending_is_looked_up_and_finished(practice: Practice, tmp_path: Path) -> None:
    item = practice.send()
    dead = Practice(tmp_path / "a.db", practice.dmp, owner="dead")
    assert dead.store.claim(item.id, "dead", practice.clock.now(), timedelta(minutes=5))
    dead.database.close()
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENDING  # alive as far as we know: hands off
    practice.liveness.dead.add("dead")
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT
    assert practice.dmp.lookups == 1


def test_a_lease_that_runs_out_is_taken_over(practice: Practice) -> None:
    item = practice.send()
    assert practice.store.claim(item.id, "elsewhere", practice.clock.now(), timedelta(minutes=5))
    assert practice.store.claim(item.id, "me", practice.clock.now(), timedelta(minutes=5)) is None
    practice.clock.advance(301)
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT
    assert practice.dmp.lookups == 1


@pytest.mark.parametrize("minutes", [6, 20, 3 * 24 * 60])
def test_a_clock_set_back_holds_nothing(practice: Practice, minutes: int) -> None:
    """Nothing is planned further ahead than six minutes: what is, was kept by a clock that was ahead."""
    practice.outbox.send(PATIENT, built(1), (), BY)
    practice.clock.set_back(minutes * 60)
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT


@pytest.mark.parametrize("seconds", [60, 299])
def test_a_clock_set_back_by_less_takes_no_delay_away(practice: Practice, seconds: int) -> None:
    practice.outbox.send(PATIENT, built(1), (), BY)
    practice.clock.set_back(seconds)
    practice.outbox.deliver_due()
    assert practice.item().waiting_for is WaitingFor.UNDO
    practice.clock.advance(seconds + 31)
    practice.outbox.deliver_due()
    assert practice.item().state is OutboxState.SENT


def test_a_fault_of_ours_is_told_and_never_sends_in_a_circle(practice: Practice) -> None:
    practice.send()
    practice.outbox._repository = lambda _author: 7  # type: ignore[assignment,return-value]
    with pytest.raises(AttributeError):
        practice.outbox.deliver_due()
    assert (practice.item().state, practice.item().code) == (OutboxState.REFUSED, "outbox-internal")
    assert practice.item().in_doubt
    practice.outbox.deliver_due()
    assert practice.item().attempts == 1


def test_old_sent_documents_are_forgotten_and_open_ones_kept(practice: Practice) -> None:
    practice.send(1)
    practice.outbox.deliver_due()
    practice.signed_in = set()
    practice.send(2)
    practice.clock.advance(31 * 24 * 3600)
    assert practice.outbox.purge() == 1
    assert [item.unique_id for item in practice.outbox.items()] == ["2.25.2"]
    with pytest.raises(ContextError, match="outbox-unknown"):
        practice.outbox.document(1)


def test_changes_are_told_to_subscribers(practice: Practice) -> None:
    seen: list[OutboxState] = []

    def changed() -> None:
        seen.append(practice.item().state)

    practice.outbox.subscribe(changed)
    practice.send()
    practice.outbox.deliver_due()
    practice.outbox.unsubscribe(changed)
    practice.send(2)
    assert seen == [OutboxState.WAITING, OutboxState.SENDING, OutboxState.SENT]


def test_items_of_one_patient(practice: Practice) -> None:
    practice.send()
    assert len(practice.outbox.items(PATIENT)) == 1
    assert "TEST-PATIENTE" not in repr(practice.outbox.items())


def masked(practice: Practice) -> OutboxItem:
    return practice.outbox.enqueue(PATIENT, built(1), [Visibility.MASQUE_PS], undo_delay=NOW)


def test_a_restriction_asked_for_while_the_document_waits_leaves_with_it(practice: Practice) -> None:
    first = practice.send()
    assert masked(practice).id == first.id
    practice.outbox.deliver_due()
    [(entry, _content)] = practice.dmp.registered
    assert "MASQUE_PS" in {code.code for code in entry.confidentiality}


def test_a_restriction_is_never_lifted_in_silence(practice: Practice) -> None:
    kept = masked(practice)
    with pytest.raises(ContextError) as caught:
        practice.send()
    assert (caught.value.code, practice.item().visibility) == ("outbox-visibility", kept.visibility)


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.ANSWER_LOST])
def test_another_visibility_is_refused_once_the_document_left_or_may_have(practice: Practice, fault: Fault) -> None:
    practice.dmp.faults.append(fault)
    practice.send()
    practice.outbox.deliver_due()
    with pytest.raises(ContextError) as caught:
        masked(practice)
    assert caught.value.code == "outbox-visibility"
    assert "dossier hide" in caught.value.remedy_fr
    assert practice.send().visibility == frozenset()  # the same again is the same item
