"""A note proposed on one workstation and validated on another, over a real PostgreSQL: once, whatever is cut; carried by who knows it not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.proposals import KEPT, Proposal, ProposalState
from dmp_desktop.errors import ContextError
from dmp_desktop.services.clinic_preferences import SharedPreferences
from dmp_desktop.services.clinic_proposals import SharedProposals
from dmp_desktop.services.clinic_share import ClinicShare
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_rows import SharedRows
from dmp_desktop.storage.clinic_rows_server import ClinicRows
from dmp_desktop.storage.outbox import NewItem
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject
from tests.helpers.breaking import Breaking, Cut
from tests.helpers.outbox import FINGERPRINT, KEY, PATIENT
from tests.helpers.postgres import PASSWORD, Cluster
from tests.helpers.proposals import DOCTOR, INTERN, PRACTICE, Post
from tests.unit.services.test_proposals import DRAFT, ID, NOTE

STRIDE = int(os.environ.get("DMP_STRIDE", "4"))
"""Of the writes that are cut: each one with 1 (three minutes)."""


@dataclass
class Station:
    """`knows`: whether its version has notes to validate."""

    post: Post
    server: ClinicRows
    knows: bool = True

    def __post_init__(self) -> None:
        self.again()

    def again(self) -> None:
        """As a program that was killed and began again."""
        self.rows = SharedRows(self.post.database, Seal(KEY, "shared"))
        preferences = SharedPreferences(
            self.post.preferences, lambda: self.post.who.national_id if self.post.who else None
        )
        kinds = (preferences, SharedProposals(self.post.store, KEPT)) if self.knows else (preferences,)
        self.share = ClinicShare(self.rows, kinds, self.post.clock, lambda _kinds: None)

    def look(self) -> None:
        self.share.step(self.server)

    @property
    def only(self) -> Proposal:
        [one], damaged = self.post.store.all()
        assert damaged == 0
        return one


@pytest.fixture
def server(postgres: Cluster) -> Iterator[ClinicDatabase]:
    with ClinicDatabase.open(ClinicAddress.parse(postgres.database()), PASSWORD, FINGERPRINT) as database:
        yield database


@pytest.fixture
def make(tmp_path: Path, server: ClinicDatabase) -> Iterator[Callable[..., Station]]:
    made: list[Station] = []

    def station(name: str, *, knows: bool = True) -> Station:
        (tmp_path / name).mkdir()
        made.append(Station(Post(tmp_path / name), ClinicRows(server, Seal(PRACTICE, "shared")), knows))
        return made[-1]

    yield station
    for one in made:
        one.post.close()


@pytest.fixture
def doctor(make: Callable[..., Station]) -> Station:
    one = make("medecin")
    one.post.come(DOCTOR)
    one.look()
    return one


@pytest.fixture
def intern(make: Callable[..., Station], doctor: Station) -> Station:
    one = make("interne")
    one.look()
    one.post.come(INTERN)
    return one


def meet(*stations: Station) -> None:
    for _ in range(2):
        for one in stations:
            one.look()


def sent(one: Station, unique_id: str) -> int:
    post = one.post
    new = NewItem(
        unique_id, "2.25.9", DOCTOR.national_id, Subject(PATIENT, "CR", "11488-4", frozenset()), unique_id.encode()
    )
    return post.outbox.add(new, post.clock.now(), post.clock.now() + timedelta(seconds=30)).id


def test_proposed_on_one_given_back_and_validated_on_the_other(
    intern: Station, doctor: Station, server: ClinicDatabase
) -> None:
    intern.post.service.propose(DRAFT, DOCTOR.national_id)
    meet(intern, doctor)
    prepared = doctor.post.service.open(ID).prepared
    assert prepared is not None
    with server.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM shared_change").all()
    told = repr([tuple(bytes(part) if isinstance(part, memoryview) else part for part in row) for row in rows])
    for word in (NOTE, "zézaiement", PATIENT.birth_family, PATIENT.ins.value, INTERN.professional.family, ID):
        assert word not in told
    doctor.post.service.give_back(prepared, "La posologie manque.")
    meet(doctor, intern)
    assert intern.post.service.mine()[ID].reason == "La posologie manque."
    intern.post.service.propose(replace(DRAFT, text="Corrigée."), DOCTOR.national_id)
    meet(intern, doctor)
    again = doctor.post.service.open(ID)
    assert (again.text, again.patient) == ("Corrigée.", PATIENT)
    assert again.prepared is not None
    sent(doctor, doctor.post.service.claim(again.prepared))
    doctor.post.service.settle()
    meet(doctor, intern)
    assert intern.post.service.mine()[ID].state is ProposalState.VALIDATED


def test_her_card_opens_it_on_a_workstation_where_it_was_never_sealed_to(
    intern: Station, doctor: Station, make: Callable[..., Station]
) -> None:
    """The pair follows the card: a second one is not made, and what was proposed before she came there opens."""
    intern.post.service.propose(DRAFT, DOCTOR.national_id)
    meet(intern, doctor)
    elsewhere = make("visite")
    meet(elsewhere)
    elsewhere.post.come(DOCTOR)
    assert elsewhere.post.keys.private() == doctor.post.keys.private()
    assert elsewhere.post.service.open(ID).text == NOTE
    meet(elsewhere, doctor)
    assert len(doctor.post.keys.of(DOCTOR.national_id)) == 1


def test_a_pair_made_on_each_of_two_that_do_not_hear_each_other_both_open(
    intern: Station, doctor: Station, make: Callable[..., Station]
) -> None:
    elsewhere = make("visite")
    elsewhere.post.come(DOCTOR)  # before it heard of anybody
    meet(elsewhere, doctor, intern)
    assert len(intern.post.keys.of(DOCTOR.national_id)) == 2
    intern.post.service.propose(DRAFT, DOCTOR.national_id)
    meet(intern, doctor, elsewhere)
    assert [one.post.service.open(ID).text for one in (doctor, elsewhere)] == [NOTE, NOTE]


def test_validated_on_two_that_do_not_hear_each_other_it_is_one_document(
    intern: Station, doctor: Station, make: Callable[..., Station]
) -> None:
    intern.post.service.propose(DRAFT, DOCTOR.national_id)
    elsewhere = make("visite")
    meet(intern, doctor, elsewhere)
    elsewhere.post.come(DOCTOR)
    ids = []
    for one in (doctor, elsewhere):
        prepared = one.post.service.open(ID).prepared
        assert prepared is not None
        ids.append(one.post.service.claim(prepared))
        sent(one, ids[-1])
        one.post.service.settle()
    assert len(set(ids)) == 1
    meet(doctor, elsewhere, intern)
    assert {one.only.state for one in (doctor, elsewhere, intern)} == {ProposalState.VALIDATED}
    with pytest.raises(ContextError, match="proposal-changed"):
        elsewhere.post.service.claim(prepared)


def test_taken_back_while_it_is_validated_elsewhere_its_document_is_not_forgotten(
    intern: Station, doctor: Station
) -> None:
    intern.post.service.propose(DRAFT, DOCTOR.national_id)
    meet(intern, doctor)
    prepared = doctor.post.service.open(ID).prepared
    assert prepared is not None
    sent(doctor, doctor.post.service.claim(prepared))
    doctor.post.service.settle()
    intern.post.service.withdraw(ID)  # without having heard it
    meet(intern, doctor)
    assert {one.only.state for one in (doctor, intern)} == {ProposalState.VALIDATED}


def test_a_former_version_carries_it_and_shows_it_once_it_is_brought_up_to_date(
    doctor: Station, make: Callable[..., Station]
) -> None:
    """It knows neither the kind nor the value of the practice: both are kept, and nothing of it fails."""
    former = make("ancien", knows=False)
    intern = make("interne")
    meet(former, intern)
    intern.post.come(INTERN)
    intern.post.service.propose(DRAFT, DOCTOR.national_id)
    meet(intern, former, doctor, former)
    assert former.post.store.all() == ([], 0)
    assert doctor.only.state is ProposalState.WAITING
    former.knows = True
    former.again()
    former.look()
    former.post.come(DOCTOR)
    assert former.post.service.open(ID).text == NOTE


def test_what_a_later_version_says_waits_and_holds_nothing_up(intern: Station, doctor: Station) -> None:
    now = intern.post.clock.now()
    intern.rows.say("proposal", "b" * 32, {"proposed": {"round": "x"}, "answer": None}, "", now)
    intern.post.service.propose(DRAFT, DOCTOR.national_id)
    meet(intern, doctor)
    assert doctor.only.id == ID


@pytest.mark.slow
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("who", ["intern", "doctor"])
def test_cut_at_any_write_nothing_is_lost_or_doubled(
    intern: Station, doctor: Station, who: str, *, before: bool
) -> None:
    """Each write of a workstation on the whole way (proposed, shared, given back, proposed again, in the outbox, told) is the last one of a process, once."""
    cut = {"intern": intern, "doctor": doctor}[who]
    for at in range(1 + STRIDE // 2, 200, STRIDE):
        log = cut.rows
        breaking = Breaking(cut.post.database, at, before=before)
        cut.post.store._database = breaking  # type: ignore[assignment]
        cut.rows._database = breaking  # type: ignore[assignment]
        name = f"{at:032x}"
        whole = False
        with suppress(Cut):
            way(intern, doctor, name)
            whole = breaking._left > 0
        cut.post.store._database, log._database = cut.post.database, cut.post.database
        for one in (intern, doctor):
            one.again()
        way(intern, doctor, name)
        for one in (intern, doctor):
            found = [row for row in one.post.store.all()[0] if row.id == name]
            assert [row.state for row in found] == [ProposalState.VALIDATED], (at, one is doctor)
        documents = [item for item in doctor.post.outbox.items() if item.title == name]
        assert len(documents) == 1, at
        if whole:
            break
    else:
        pytest.fail("it never got to its end")
    assert at > 8, "nothing was cut"


def way(intern: Station, doctor: Station, name: str) -> None:
    """What is left of it: each does what there is to do, as they find it."""
    told = intern.post.service.mine().get(name)
    if told is None:
        intern.post.service.propose(replace(DRAFT, draft_id=name), DOCTOR.national_id)
    meet(intern, doctor)
    _doctor(doctor, name, give_back=True)
    meet(doctor, intern)
    if intern.post.service.mine()[name].state is ProposalState.RETURNED:
        intern.post.service.propose(replace(DRAFT, draft_id=name, text="Corrigée."), DOCTOR.national_id)
    meet(intern, doctor)
    _doctor(doctor, name, give_back=False)
    meet(doctor, intern)


def _doctor(doctor: Station, name: str, *, give_back: bool) -> None:
    service = doctor.post.service
    if name not in {one.id for one in service.to_validate().notes}:
        return
    draft = service.open(name)
    assert draft.prepared is not None
    if give_back and draft.text != "Corrigée.":
        service.give_back(draft.prepared, "À revoir.")
    elif not give_back:
        unique_id = service.claim(draft.prepared)
        subject = Subject(PATIENT, name, "11488-4", frozenset())
        now = doctor.post.clock.now()
        doctor.post.outbox.add(NewItem(unique_id, "2.25.9", DOCTOR.national_id, subject, unique_id.encode()), now, now)
        service.settle()
