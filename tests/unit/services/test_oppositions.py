"""What a patient objects to is recorded with who and when, stops what it must, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmp_desktop.domain.consent import AccessAct, Channel, Consent, Subject
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.domain.people import Facility, Patient, Professional, Role
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.services.feeding import FeedingRules
from dmp_desktop.services.oppositions import AccessTrace, OppositionService
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.sign_in import Account
from dmp_desktop.services.visibility import VisibilityRules
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.fake_repository import FakeDmpRepository, Fault
from tests.helpers.outbox import AUTHOR, KEY, PATIENT, SOURCE_ID, Everyone, built, open_store, read_metadata

CONSULTATION, FEEDING = Subject
SOMEBODY_ELSE = replace(PATIENT, ins=replace(PATIENT.ins, value="149052123190561"))


class Practice:
    """An outbox over a DMP in memory, and what the patients said."""

    def __init__(self, path: Path) -> None:
        professional = Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26", suffix="DR")
        facility = Facility("410002422979001", "Cabinet", "SA07")
        self.who: Account | None = Account(AUTHOR, professional, facility, Role.DOCTOR, lambda: None)  # type: ignore[arg-type, return-value]
        self.clock = FakeClock()
        self.dmp = FakeDmpRepository()
        self.discreet = FakeDmpRepository()
        self.database = Database.open(path, KEY)
        self.outbox_file, store = open_store(path.with_suffix(".outbox"))
        trace = AccessTrace(AccessStore(self.database, Seal(KEY, "access")), lambda: self.who, self.clock)
        self.oppositions = OppositionService(trace)
        self.strict = OppositionService(trace, unrecorded_allowed=False)
        self.signed_in = True
        self.outbox = OutboxService(
            store,
            lambda _author: self.dmp if self.signed_in else None,
            read_metadata,
            source_id=SOURCE_ID,
            clock=self.clock,
            entropy=SeededEntropy(),
            liveness=Everyone(),
            rules=FeedingRules(self.oppositions.may_feed, self.may_show, lambda _repository: self.discreet),
        )
        self.oppositions.follow(self.stop)

    def may_show(self, patient: Patient, visibility: frozenset[Visibility]) -> None:
        VisibilityRules().check(patient, visibility, self.clock.now().date())

    def stop(self, patient: InsIdentity, subject: Subject, opposed: bool) -> None:
        if subject is FEEDING and opposed:
            self.outbox.stop_feeding(patient)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    practice = Practice(tmp_path / "a.db")
    yield practice
    practice.database.close()


def test_each_decision_says_who_and_when(practice: Practice) -> None:
    assert practice.oppositions.consent(PATIENT.ins) == Consent()
    practice.oppositions.record(PATIENT, FEEDING, opposed=True)
    practice.clock.advance(60)
    told = practice.oppositions.record(PATIENT, CONSULTATION, opposed=False)
    assert (told.feeding.opposed, told.consultation.opposed) == (True, False)
    assert told.consultation.told
    assert (told.consultation.told.by, told.consultation.told.by_name) == (AUTHOR, "Dr Camille DUPONT")
    assert told.consultation.told.at == practice.clock.now()
    acts = [traced.act for traced in practice.oppositions.history(PATIENT.ins)]
    assert acts == [AccessAct.CONSULTATION_AGREED, AccessAct.FEEDING_OPPOSED]


@pytest.mark.parametrize("channel", [None, *Channel])
def test_how_it_was_said_is_kept(practice: Practice, channel: Channel | None) -> None:
    practice.oppositions.record(PATIENT, FEEDING, opposed=True, channel=channel)
    told = practice.oppositions.consent(PATIENT.ins).feeding.told
    assert told is not None
    assert told.reason == (channel or "")


def test_nobody_records_nothing(practice: Practice) -> None:
    practice.who = None
    with pytest.raises(DmpError, match="rien n'a été noté"):
        practice.oppositions.record(PATIENT, FEEDING, opposed=True)
    assert practice.oppositions.history(PATIENT.ins) == []


@given(st.lists(st.tuples(st.sampled_from(Subject), st.booleans()), max_size=6))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_last_word_on_each_subject_counts_and_stops_that_subject_alone(
    practice: Practice, said: list[tuple[Subject, bool]]
) -> None:
    for subject in Subject:  # one practice for all examples: begin with agreement
        practice.oppositions.record(PATIENT, subject, opposed=False)
    for subject, opposed in said:
        practice.oppositions.record(PATIENT, subject, opposed=opposed)
    last = {CONSULTATION: False, FEEDING: False, **dict(said)}
    asked = {CONSULTATION: practice.oppositions.may_consult, FEEDING: practice.oppositions.may_feed}
    for subject, may in asked.items():
        if last[subject]:
            with pytest.raises((DmpError, ContextError), match="opposé"):
                may(PATIENT.ins)
        else:
            may(PATIENT.ins)
        may(SOMEBODY_ELSE.ins)


def test_what_was_not_recorded_stops_only_where_that_is_chosen(practice: Practice) -> None:
    practice.oppositions.may_consult(PATIENT.ins)
    with pytest.raises(DmpError, match="n'est pas noté"):
        practice.strict.may_consult(PATIENT.ins)
    with pytest.raises(ContextError, match="n'est pas noté"):
        practice.strict.may_feed(PATIENT.ins)
    practice.strict.record(PATIENT, CONSULTATION, opposed=False)
    practice.strict.may_consult(PATIENT.ins)


def test_what_is_written_for_who_objects_waits_and_never_leaves_meanwhile(practice: Practice) -> None:
    practice.oppositions.record(PATIENT, FEEDING, opposed=True)
    item = practice.outbox.enqueue(PATIENT, built(1))
    assert (item.waiting_for, item.code) == (WaitingFor.OPPOSITION, "feeding-opposed")
    for _ in range(3):
        practice.clock.advance(3600)
        practice.outbox.flush()
        practice.outbox.deliver_due()
    assert practice.dmp.registered == []
    practice.oppositions.record(PATIENT, FEEDING, opposed=False)
    practice.clock.advance(3600)
    practice.outbox.deliver_due()
    assert len(practice.dmp.registered) == 1


def test_what_is_held_back_stays_held_whatever_the_patient_says(practice: Practice) -> None:
    item = practice.outbox.enqueue(PATIENT, built(1))
    practice.outbox.hold(item.id)
    for opposed in (True, False):
        practice.oppositions.record(PATIENT, FEEDING, opposed=opposed)
        practice.clock.advance(3600)
        practice.outbox.deliver_due()
    assert practice.outbox.items()[0].waiting_for is WaitingFor.HOLD
    assert practice.dmp.registered == []


def test_what_waits_stops_at_once_says_why_and_is_kept(practice: Practice) -> None:
    practice.signed_in = False  # not even a card is needed to stop
    practice.outbox.enqueue(PATIENT, built(1))
    practice.oppositions.record(PATIENT, FEEDING, opposed=True)
    [item] = practice.outbox.items()
    assert (item.state, item.waiting_for, item.code) == (OutboxState.WAITING, WaitingFor.OPPOSITION, "feeding-opposed")
    assert "s'est opposé" in item.message
    assert practice.outbox.document(item.id) == built(1).cda
    with pytest.raises(ContextError, match="opposé"):
        practice.outbox.retry(item.id)
    practice.signed_in = True
    practice.clock.advance(60)
    practice.outbox.deliver_due()
    assert practice.dmp.registered == []
    practice.oppositions.record(PATIENT, FEEDING, opposed=False)
    practice.outbox.retry(item.id)
    practice.outbox.deliver_due()
    assert len(practice.dmp.registered) == 1


def test_an_opposition_noted_by_another_window_is_seen_before_sending(practice: Practice) -> None:
    practice.outbox.enqueue(PATIENT, built(1))
    practice.clock.advance(60)
    practice.strict.record(PATIENT, FEEDING, opposed=True)  # nobody told this outbox
    practice.outbox.deliver_due()
    assert practice.dmp.registered == []
    assert practice.outbox.items()[0].code == "feeding-opposed"


def test_what_may_have_left_stays_in_doubt(practice: Practice) -> None:
    practice.dmp.faults.append(Fault.ANSWER_LOST)
    practice.outbox.enqueue(PATIENT, built(1))
    practice.clock.advance(60)
    practice.outbox.deliver_due()
    practice.oppositions.record(PATIENT, FEEDING, opposed=True)
    [item] = practice.outbox.items()
    assert (item.waiting_for, item.in_doubt) == (WaitingFor.OPPOSITION, True)


def test_opposed_to_consultation_alone_still_receives(practice: Practice) -> None:
    practice.oppositions.record(PATIENT, CONSULTATION, opposed=True)
    practice.outbox.enqueue(PATIENT, built(1))
    practice.clock.advance(60)
    practice.outbox.deliver_due()
    assert len(practice.dmp.registered) == 1


def test_an_impossible_visibility_is_refused_before_anything_is_kept(practice: Practice) -> None:
    with pytest.raises(ContextError, match="à la fois masqué"):
        practice.outbox.enqueue(PATIENT, built(1), [Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT])
    with pytest.raises(ContextError, match="majeur"):
        practice.outbox.enqueue(PATIENT, built(1), [Visibility.INVISIBLE_REPRESENTANTS_LEGAUX])
    assert practice.outbox.items() == []


def test_what_parents_must_not_see_leaves_by_the_secret_connection(practice: Practice) -> None:
    minor = replace(PATIENT, birth_date=practice.clock.now().date().replace(year=2012))
    practice.outbox.enqueue(minor, built(1), [Visibility.INVISIBLE_REPRESENTANTS_LEGAUX])
    practice.outbox.enqueue(minor, built(2))
    practice.clock.advance(60)
    practice.outbox.deliver_due()
    assert [entry.unique_id for entry, _ in practice.discreet.registered] == ["2.25.1"]
    assert [entry.unique_id for entry, _ in practice.dmp.registered] == ["2.25.2"]
