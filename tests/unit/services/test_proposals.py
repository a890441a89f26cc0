"""A note goes from an intern to her doctor, and back: read by nobody else, lost or doubled by nothing, of one patient for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.documents import Attachment, DocumentKind
from dmp_desktop.domain.drafts import KeptDraft, KeptForm
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.proposals import ProposalState
from dmp_desktop.errors import ContextError, DmpDesktopError, DmpError, StorageError
from dmp_desktop.services import proposal_box
from dmp_desktop.services.clinic_preferences import PRACTICE as OF_PRACTICE
from dmp_desktop.services.doctor_keys import PRIVATE, PUBLIC
from dmp_desktop.storage.outbox import NewItem
from dmp_desktop.storage.subject import Subject
from tests.helpers.drafts import NOW
from tests.helpers.drafts import OTHER as OTHER_PATIENT
from tests.helpers.outbox import PATIENT
from tests.helpers.proposals import ADMINISTRATOR, DOCTOR, INTERN, OTHER, REPLACEMENT, SECRETARY, Post

NOTE = "Motif : zézaiement postprandial."
PICTURE = Attachment("image/jpeg", b"\xff\xd8" + bytes(range(256)) * 20)
DRAFT = KeptDraft(
    "a" * 32,
    PATIENT,
    INTERN.professional,
    NOW,
    NOTE,
    forms=(KeptForm(DocumentKind.LETTER, {"recipient": {"family": "TEST-PETIT"}}, PICTURE),),
)
ID = DRAFT.draft_id


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Post]]:
    made: list[Post] = []

    def post(name: str = "poste") -> Post:
        (tmp_path / name).mkdir(exist_ok=True)
        made.append(Post(tmp_path / name))
        return made[-1]

    yield post
    for one in made:
        one.close()


@pytest.fixture
def post(make: Callable[..., Post]) -> Post:
    """The doctor was there once: a note may be proposed to her."""
    one = make()
    one.come(DOCTOR)
    return one


def proposed(post: Post, draft: KeptDraft = DRAFT) -> None:
    post.come(INTERN)
    post.service.propose(draft, DOCTOR.national_id)


def sent(post: Post, unique_id: str) -> int:
    new = NewItem(
        unique_id,
        "2.25.9",
        DOCTOR.national_id,
        Subject(PATIENT, "CR", "11488-4", frozenset()),
        b"cda " + unique_id.encode(),
    )
    return post.outbox.add(new, post.clock.now(), post.clock.now() + timedelta(seconds=30)).id


def test_counted_for_everybody_s_numbers_as_long_as_it_waits_and_no_more_once_its_document_leaves(post: Post) -> None:
    proposed(post)
    post.come(ADMINISTRATOR)
    assert [one.doctor_id for one in post.service.unanswered()] == [DOCTOR.national_id]
    post.come(DOCTOR)
    prepared = post.service.open(ID).prepared
    assert prepared
    sent(post, post.service.claim(prepared))
    assert post.service.unanswered() == []


def test_proposed_it_is_on_her_doctor_s_list_and_opens_as_a_draft_of_the_doctor(post: Post) -> None:
    proposed(post)
    assert post.service.mine()[ID].state is ProposalState.WAITING
    assert post.service.validators().chosen == DOCTOR.national_id, "she is asked once"
    post.come(DOCTOR)
    (one,) = post.service.to_validate().notes
    assert (one.patient, one.author, one.kind) == (PATIENT, "Jeanne TEST-INTERNE", DocumentKind.CONSULTATION)
    opened = post.service.open(one.id)
    assert opened.author == DOCTOR.professional
    assert opened.prepared is not None
    assert (opened.prepared.author, opened.prepared.round) == (INTERN.professional, 1)
    assert replace(opened, author=DRAFT.author, draft_id=ID, prepared=None) == DRAFT
    assert (opened.draft_id, post.service.open(one.id).draft_id) == (one.draft_id, one.draft_id), (
        "opened twice, it is one"
    )
    named = [(act, patient) for act, patient, _actor in post.acts if patient]
    assert named == [(Act.NOTE_PROPOSED, PATIENT.ins.value)] + [(Act.NOTE_OPENED, PATIENT.ins.value)] * 2


@pytest.mark.parametrize("who", [SECRETARY, ADMINISTRATOR, REPLACEMENT, OTHER, None], ids=str)
def test_nobody_else_opens_it(post: Post, who: object) -> None:
    proposed(post)
    if who is None:
        post.go()
    else:
        post.come(who)  # type: ignore[arg-type]
    with pytest.raises(DmpDesktopError):
        post.service.open(ID)
    assert post.service.to_do() == 0
    assert post.keys.private() == {} or who == OTHER
    if who == OTHER:
        with pytest.raises(StorageError):
            proposal_box.opened(post.store.all()[0][0], post.keys.private())


def test_who_holds_the_workstation_s_key_and_the_practice_s_opens_nothing(post: Post) -> None:
    """The technical administrator with every key of the key store: what is in the rows is sealed to a card."""
    proposed(post)
    post.go()
    (row,) = post.store.all()[0]
    told = (
        repr(row.keys)
        + repr(row.box)
        + repr(post.preferences.of(OF_PRACTICE))
        + repr(post.preferences.of(DOCTOR.national_id))
    )
    assert "zézaiement" not in told
    assert PATIENT.ins.value not in told
    with pytest.raises(StorageError):
        proposal_box.opened(row, post.keys.private())
    raw = b"".join(file.read_bytes() for file in sorted(post.place.glob("*.db*")))
    for word in (NOTE, PATIENT.birth_family, PATIENT.ins.value, INTERN.professional.family):
        assert word.encode() not in raw


def test_given_back_with_a_reason_that_its_author_alone_reads(post: Post) -> None:
    proposed(post)
    post.come(DOCTOR)
    prepared = post.service.open(ID).prepared
    assert prepared is not None
    with pytest.raises(ContextError, match="proposal-reason"):
        post.service.give_back(prepared, "  ")
    post.service.give_back(prepared, "La posologie manque.")
    assert post.service.to_validate().notes == ()
    assert "posologie" not in repr(post.store.all()[0][0].answer.words)  # type: ignore[union-attr]
    post.come(INTERN)
    told = post.service.mine()[ID]
    assert (told.state, told.reason, told.doctor) == (
        ProposalState.RETURNED,
        "La posologie manque.",
        "Dr Camille TEST-DUPONT",
    )
    post.service.propose(replace(DRAFT, text="Corrigée."), DOCTOR.national_id)
    assert post.service.mine()[ID].state is ProposalState.WAITING
    post.come(DOCTOR)
    assert post.service.open(ID).text == "Corrigée."
    with pytest.raises(ContextError, match="proposal-changed"):
        post.service.claim(prepared)  # of the first round: it does not leave


def test_its_document_is_validated_once_it_is_in_the_outbox_and_waits_again_once_withdrawn(post: Post) -> None:
    proposed(post)
    post.come(DOCTOR)
    prepared = post.service.open(ID).prepared
    assert prepared is not None
    first = post.service.claim(prepared)
    assert post.service.claim(prepared) == first, "asked twice, it is one document"
    number = sent(post, first)  # killed here: nothing else was written
    assert post.service.settle()
    assert not post.service.settle()
    assert post.service.to_validate().notes == ()
    with pytest.raises(ContextError, match="proposal-changed"):
        post.service.claim(prepared)
    with pytest.raises(ContextError, match="proposal-changed"):
        post.service.give_back(prepared, "Trop tard.")
    post.come(INTERN)
    assert post.service.mine()[ID].state is ProposalState.VALIDATED
    for act in (lambda: post.service.withdraw(ID), lambda: post.service.propose(DRAFT, DOCTOR.national_id)):
        with pytest.raises(ContextError, match="proposal-validated"):
            act()
    post.outbox.cancel(number, post.clock.now())
    post.come(DOCTOR)
    assert [one.id for one in post.service.to_validate().notes] == [ID]
    second = post.service.claim(prepared)
    assert second != first, "the next document of it is another one"
    sent(post, second)
    post.service.settle()
    assert post.store.all()[0][0].state is ProposalState.VALIDATED
    assert [act for act, _patient, _actor in post.acts].count(Act.NOTE_VALIDATED) == 2


def test_withdrawn_it_is_on_no_list(post: Post) -> None:
    proposed(post)
    post.come(DOCTOR)
    prepared = post.service.open(ID).prepared
    assert prepared is not None
    post.come(INTERN)
    post.service.withdraw(ID)
    post.service.withdraw(ID)
    assert post.service.mine()[ID].state is ProposalState.WITHDRAWN
    post.come(DOCTOR)
    assert post.service.to_do() == 0
    with pytest.raises(ContextError, match="proposal-changed"):
        post.service.claim(prepared)


def test_a_doctor_who_never_signed_in_is_told_and_the_note_stays(make: Callable[..., Post]) -> None:
    post = make()
    post.come(DOCTOR, card=None)  # Pro Santé Connect: what she could open would be gone with her session
    post.come(INTERN)
    (doctor,) = post.service.validators().doctors
    assert "ne s'est pas encore identifié" in doctor.why
    with pytest.raises(ContextError, match="validator-no-key") as refused:
        post.service.propose(DRAFT, DOCTOR.national_id)
    assert "reste chez vous" in str(refused.value.remedy_fr)
    assert post.store.all() == ([], 0)


def test_a_key_that_was_swapped_is_seen(post: Post) -> None:
    """By who may write the workstation's rows, and not the practice's key."""
    kept = post.preferences.get(OF_PRACTICE, PUBLIC)
    ((which, told),) = kept.items()
    post.come(OTHER)
    others = post.preferences.get(OF_PRACTICE, PUBLIC)
    (theirs,) = [one for name, one in others.items() if name != which]
    theirs_id = next(name for name in others if name != which)
    for swapped in (
        {theirs_id: {**theirs, "doctor": told["doctor"], "name": told["name"]}},
        {which: {**told, "public": theirs["public"]}},
    ):
        assert post.preferences.replace(OF_PRACTICE, PUBLIC, post.preferences.get(OF_PRACTICE, PUBLIC), swapped)
        post.come(INTERN)
        with pytest.raises(ContextError, match="validator-no-key") as refused:
            post.service.propose(DRAFT, DOCTOR.national_id)
        assert "n'est pas celle" in refused.value.message_fr
    post.come(DOCTOR)  # she puts hers back
    proposed(post)
    post.come(DOCTOR)
    assert post.service.open(ID).text == NOTE


@pytest.mark.parametrize("change", ["author_id", "doctor_id", "round", "id"])
def test_a_row_made_another_s_does_not_open(post: Post, change: str) -> None:
    proposed(post)
    post.come(DOCTOR)
    (row,) = post.store.all()[0]
    private = post.keys.private()
    assert proposal_box.opened(row, private).text == NOTE
    moved = {"author_id": "x", "doctor_id": OTHER.national_id, "round": 2, "id": "b" * 32}[change]
    with pytest.raises(StorageError):
        proposal_box.opened(replace(row, **{change: moved}), private)


def test_the_note_of_one_patient_never_comes_out_of_the_box_of_another(post: Post) -> None:
    proposed(post)
    (one,) = post.store.all()[0]
    proposed(post, replace(DRAFT, patient=OTHER_PATIENT, draft_id="b" * 32))
    other = next(row for row in post.store.all()[0] if row.id != ID)
    post.come(DOCTOR)
    assert post.service.open(other.id).patient == OTHER_PATIENT
    for mixed in (
        replace(one, box=other.box),
        replace(one, keys=other.keys),
        replace(one, box=other.box, keys=other.keys),
    ):
        with pytest.raises(StorageError):
            proposal_box.opened(mixed, post.keys.private())


def test_a_new_card_makes_a_new_key_and_the_paper_code_opens_what_waited(post: Post) -> None:
    from tests.helpers.proposals import SECRET

    proposed(post)
    post.come(DOCTOR, card="-neuve")
    assert (post.service.to_validate().notes, post.service.to_validate().closed) == ((), 1)
    with pytest.raises(StorageError, match="proposal-other-key"):
        post.service.open(ID)
    assert post.vault.recover(SECRET) == 1
    assert [one.id for one in post.service.to_validate().notes] == [ID]
    post.come(INTERN)
    post.service.propose(DRAFT, DOCTOR.national_id)  # to both cards by now
    post.come(DOCTOR, card="-neuve")
    assert post.service.open(ID).text == NOTE


def test_the_private_half_is_sealed_twice_and_the_pair_is_made_once(post: Post) -> None:
    first = post.keys.private()
    post.come(DOCTOR)
    assert post.keys.private() == first
    assert len(post.preferences.get(DOCTOR.national_id, PRIVATE)) == 2
    assert [act for act, _patient, _actor in post.acts] == [Act.DOCTOR_KEY]
    assert not [key for key in first.values() if key.hex() in repr(post.preferences.of(DOCTOR.national_id))]


def test_who_may_not_propose_or_validate_is_told_why(post: Post) -> None:
    with pytest.raises(DmpError, match="ValidationReservee"):
        post.service.propose(DRAFT, DOCTOR.national_id)
    post.come(INTERN)
    with pytest.raises(DmpError, match="ValidationReservee"):
        post.service.to_validate()
    with pytest.raises(ValueError, match="its author"):
        post.service.propose(replace(DRAFT, author=OTHER.professional), DOCTOR.national_id)


def test_a_file_too_large_is_told_and_nothing_is_proposed(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposal_box, "LARGEST", 100)
    post.come(INTERN)
    with pytest.raises(ContextError, match="proposal-large"):
        post.service.propose(DRAFT, DOCTOR.national_id)
    assert post.service.mine() == {}


def test_what_is_over_is_forgotten_after_a_while_and_nothing_else(post: Post) -> None:
    proposed(post)
    proposed(post, replace(DRAFT, draft_id="b" * 32))
    post.service.withdraw(ID)
    post.clock.advance(31 * 86400)
    assert post.service.purge() == 1
    assert [one.id for one in post.store.all()[0]] == ["b" * 32]


def test_an_item_that_was_refused_is_validated_all_the_same(post: Post) -> None:
    """It is in the doctor's outbox, where its refusal is told: nobody proposes it again meanwhile."""
    proposed(post)
    post.come(DOCTOR)
    prepared = post.service.open(ID).prepared
    assert prepared is not None
    sent(post, post.service.claim(prepared))
    (item,) = post.outbox.items()
    assert item.state is OutboxState.WAITING
    post.service.settle()
    assert post.store.all()[0][0].state is ProposalState.VALIDATED


def test_what_was_sealed_as_another_patient_s_or_another_author_s_is_refused(post: Post) -> None:
    """Whoever sealed it so: what is in the note has to be what it was sealed as."""
    proposed(post)
    post.come(DOCTOR)
    (row,) = post.store.all()[0]
    public, own = post.keys.of(DOCTOR.national_id), post.vault.seal("proposals")
    for draft, patient in ((DRAFT, OTHER_PATIENT), (replace(DRAFT, author=OTHER.professional), PATIENT)):
        mixed = proposal_box.sealed(row, proposal_box.packed(draft), proposal_box.name_of(patient.ins), public, own)
        with pytest.raises(StorageError):
            proposal_box.opened(mixed, post.keys.private())
    honest = proposal_box.sealed(row, proposal_box.packed(DRAFT), proposal_box.name_of(PATIENT.ins), public, own)
    assert proposal_box.opened(honest, post.keys.private()) == DRAFT
