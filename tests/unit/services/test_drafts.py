"""Drafts on the disk: all of what was written comes back, to its author, under its patient."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection, ItemKind, Measure, Product
from dmp_desktop.domain.documents import (
    Attachment,
    Author,
    Code,
    DocumentEntry,
    DocumentFormat,
    DocumentKind,
    Visibility,
)
from dmp_desktop.domain.drafts import KeptDraft, KeptForm, KeptTick
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.domain.proposals import Prepared
from dmp_desktop.errors import StorageError
from dmp_desktop.services.draft_form import pack, unpack
from dmp_desktop.storage.schema import draft as table
from tests.helpers.drafts import COLLEAGUE, DOCTOR, NOW, OTHER, Desk, draft, key_id_of
from tests.helpers.outbox import PATIENT

FACT = ClinicalItem(
    ItemKind.TREATMENT,
    "Metformine",
    ProposalStatus.STOPPED,
    Code("A10BA02", "1.2.3", "metformine"),
    date(2020, 1, 2),
    value=1.5,
    dosage=Dosage("1 g", "1-0-1", 30),
    injection=Injection("LOT", rank=2),
    span=(3, 9),
    product=Product(substances=("metformine",)),
    measure=Measure("<= 1", bound=1.0),
)
WHOLE = KeptDraft(
    "a" * 32,
    PATIENT,
    DOCTOR,
    NOW,
    "Toux sèche 🫁\n\tTA 13/8.",
    DocumentKind.PRESCRIPTION,
    DocumentFormat.PDF,
    Visibility.INVISIBLE_PATIENT,
    (
        Proposal(ProposalKind.VITAL, "TA", 2, 5, "TA", value={"systolic": 130, "diastolic": 80}, unit="mm[Hg]"),
        Proposal(ProposalKind.PROBLEM, "Toux", 0, 4, "Toux", accepted=True, warnings=("à vérifier",)),
    ),
    "Toux",
    (KeptTick(("problem", "Toux"), 1, False),),
    True,
    True,
    (None, Visibility.MASQUE_PS),
    True,
    (
        KeptForm(DocumentKind.SCAN, {"type": "x"}, Attachment("application/pdf", b"%PDF\0", "TEST.pdf")),
        KeptForm(DocumentKind.VACCINATION, {"vaccines": [{"lot": "A", "rank": 1}]}),
    ),
    (FACT,),
    DocumentEntry("2.25.1", "CR", Code("1", "2"), Code("3", "4"), Code("5", "6"), NOW, authors=(Author("A", "B"),)),
    "Ancienne note",
    Prepared("b" * 32, 2, COLLEAGUE),
    hidden_with=(Visibility.INVISIBLE_PATIENT, Visibility.MASQUE_PS),
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "a.db")
    desk.keys.come(DOCTOR)
    yield desk
    desk.database.close()


def test_every_part_of_a_draft_comes_back(desk: Desk) -> None:
    assert all(getattr(WHOLE, name) for name in KeptDraft.__slots__), "a field the test says nothing of"
    desk.keep(WHOLE)
    ((found, revision),) = desk.service.mine().drafts
    assert (found, revision) == (WHOLE, 1)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_words(text: str) -> None:
    packed, _files = pack(replace(WHOLE, text=text))
    assert unpack(packed, lambda _name: b"%PDF\0").text == text


def test_what_a_former_version_did_not_tell_is_as_at_first_and_what_is_unknown_is_left_out() -> None:
    packed, _files = pack(draft(1, "Toux"))
    told = json.loads(packed)
    del told["former"], told["visibility"]
    told["of a later version"] = 1
    assert unpack(json.dumps(told).encode(), lambda _name: b"") == draft(1, "Toux")


def test_nobody_else_s_and_nobody_s_while_nobody_is_there(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    desk.keys.come(COLLEAGUE)
    assert desk.texts() == []
    assert desk.service.pen(DOCTOR.national_id) is None
    desk.keys.go()
    assert desk.texts() == []
    assert desk.service.mine().whose == "", "nothing is said of anybody: not that they have none"
    assert desk.service.pen(DOCTOR.national_id) is None
    desk.keys.come(DOCTOR)
    assert desk.texts() == ["Toux"]


def test_a_colleague_s_pen_keeps_nothing_of_mine(desk: Desk) -> None:
    desk.keys.come(COLLEAGUE)
    pen = desk.service.pen(COLLEAGUE.national_id)
    assert pen
    with pytest.raises(ValueError, match="author"):
        desk.service.keep(pen, draft(1, "Toux"))


def test_the_last_words_are_kept_with_the_pen_when_the_card_has_left(desk: Desk) -> None:
    pen = desk.service.pen(DOCTOR.national_id)
    assert pen
    desk.keys.go()
    desk.service.keep(pen, draft(1, "Dernier mo"))
    desk.keys.come(DOCTOR)
    assert desk.texts() == ["Dernier mo"]


def test_by_patient(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    desk.keep(draft(2, "Lombalgie", OTHER))
    assert (desk.texts(PATIENT), desk.texts(OTHER)) == (["Toux"], ["Lombalgie"])
    assert desk.texts() == ["Toux", "Lombalgie"]


def test_a_row_under_another_patient_s_name_is_not_shown(desk: Desk) -> None:
    """As sealed by a program in error: the place is right, the content is somebody else's."""
    store = desk.store
    content, _files = pack(draft(1, "Toux"))
    owner, patient = store.owner(DOCTOR.national_id), store.patient(f"{OTHER.ins.oid}/{OTHER.ins.value}")
    store.keep(desk.keys.seal("drafts"), "b", owner, patient, content, {}, revision=0)
    found = desk.service.mine(OTHER)
    assert (found.drafts, found.unread) == ((), 1)


def test_what_another_card_closed_is_told_and_kept(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    desk.keys.come(DOCTOR, "new card")
    desk.keep(draft(2, "Lombalgie"))
    found = desk.service.mine()
    assert ([one.text for one, _revision in found.drafts], found.elsewhere, found.unread) == (["Lombalgie"], 1, 0)
    desk.keys.known.add(key_id_of(DOCTOR.national_id, "card"))
    assert desk.texts() == ["Toux", "Lombalgie"]


def test_what_a_later_version_kept_is_told_and_stays(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    pen = desk.service.pen(DOCTOR.national_id)
    assert pen
    store = desk.store
    owner = store.owner(DOCTOR.national_id)
    patient = store.patient(f"{PATIENT.ins.oid}/{PATIENT.ins.value}")
    odd = pack(draft(2, "x"))[0].replace(b'"consultation"', b'"telepathy"')
    store.keep(pen.own, "z", owner, patient, odd, {}, revision=0)
    found = desk.service.mine()
    assert (len(found.drafts), found.unread) == (1, 1)
    assert len(store.of(owner)) == 2


def test_two_processes_never_overwrite_each_other(desk: Desk, tmp_path: Path) -> None:
    other = Desk(tmp_path / "a.db", desk.keys)
    with other.database:
        desk.keep(draft(1, "Toux"))
        assert other.texts() == ["Toux"]
        other.keep(draft(1, "Toux grasse"))
        kept = desk.keep(draft(1, "Toux sèche"))
        assert kept.draft_id != draft(1, "").draft_id
        assert sorted(desk.texts()) == sorted(other.texts()) == ["Toux grasse", "Toux sèche"]


def test_words_typed_here_after_it_was_forgotten_elsewhere_are_kept(desk: Desk, tmp_path: Path) -> None:
    other = Desk(tmp_path / "a.db", desk.keys)
    with other.database:
        desk.keep(draft(1, "Toux"))
        other.service.forget([draft(1, "").draft_id])
        desk.keep(draft(1, "Toux sèche"))
        assert other.texts() == ["Toux sèche"]


def test_what_was_forgotten_may_come_back_under_its_own_name(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    desk.service.forget([draft(1, "").draft_id])
    assert desk.texts() == []
    assert desk.keep(draft(1, "Toux")).draft_id == draft(1, "").draft_id


def test_a_document_that_was_put_away_just_before_the_end_is_not_offered_twice(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    desk.service.leaves(draft(1, "").draft_id, "2.25.7")
    assert desk.texts() == ["Toux"], "not in the outbox: it did not leave"
    desk.leaving.append("2.25.7")
    assert desk.texts() == []
    assert desk.store.of(desk.store.owner(DOCTOR.national_id)) == []


def test_a_note_that_was_sent_stays_beside_the_drafts_until_it_has_arrived(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    desk.service.leaves(draft(1, "").draft_id, "2.25.7")
    desk.under_way.append("2.25.7")
    found = desk.service.mine()
    assert found.drafts == ()
    assert [(kept.text, kept.patient, unique_id) for kept, _revision, unique_id in found.leaving] == [
        ("Toux", PATIENT, "2.25.7")
    ]
    desk.under_way.clear()  # withdrawn
    assert desk.texts() == ["Toux"]
    assert desk.service.mine().leaving == ()


def test_what_is_in_the_dmp_is_forgotten_whoever_is_there(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.keep(draft(number, "Toux"))
    for number in (1, 2):
        desk.service.leaves(draft(number, "").draft_id, f"2.25.{number}")
    desk.leaving.append("2.25.1")
    desk.under_way.append("2.25.2")
    desk.keys.go()
    desk.service.settle()
    kept = [row.draft_id for row in desk.store.of(desk.store.owner(DOCTOR.national_id))]
    assert kept == [draft(2, "").draft_id, draft(3, "").draft_id]


def test_what_may_be_with_a_server_that_does_not_answer_is_no_draft_meanwhile(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    desk.keep(draft(2, "Lombalgie"))
    desk.service.leaves(draft(1, "").draft_id, "2.25.7")
    desk.whole = False
    assert desk.texts() == ["Lombalgie"]
    desk.whole = True
    assert desk.texts() == ["Toux", "Lombalgie"]


def test_one_that_may_have_been_forgotten_there_comes_back_with_a_doubt(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    desk.keep(draft(2, "Lombalgie"))
    desk.service.leaves(draft(1, "").draft_id, "2.25.7")
    [row, _other] = desk.store.of(desk.store.owner(DOCTOR.national_id))
    desk.since = row.updated_at
    assert desk.service.mine().doubtful == frozenset()
    desk.since = row.updated_at + timedelta(seconds=1)
    assert desk.service.mine().doubtful == {draft(1, "").draft_id}
    assert desk.texts() == ["Toux", "Lombalgie"], "nothing is lost"


def test_a_damaged_row_is_told_and_the_others_come(desk: Desk) -> None:
    desk.keep(draft(1, "Toux"))
    desk.keep(draft(2, "Lombalgie"))
    with desk.database.write() as connection:
        connection.execute(table.update().where(table.c.draft_id == draft(1, "").draft_id).values(sealed=b"x" * 40))
    found = desk.service.mine()
    assert ([one.text for one, _revision in found.drafts], found.unread) == (["Lombalgie"], 1)


def test_a_store_that_refuses_says_so(desk: Desk) -> None:
    desk.database.close()
    with pytest.raises(StorageError):
        desk.keep(draft(1, "Toux"))
