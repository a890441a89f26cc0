"""Whom and what a row of the outbox is about, written and read again."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.people import Address, Patient, Sex
from dmp_desktop.storage.subject import Subject, decode, encode

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))  # a lone surrogate is no text
PATIENTS = st.builds(
    Patient,
    ins=st.builds(InsIdentity, st.just("279035121518989"), st.just(OID_INS_TEST), st.sampled_from(InsStatus)),
    birth_family=TEXTS,
    birth_given=TEXTS,
    first_given=TEXTS,
    sex=st.sampled_from(Sex),
    birth_date=st.dates(date(1, 1, 1)),
    birth_place_cog=TEXTS,
    birth_place=TEXTS,
    used_family=st.none() | TEXTS,
    used_given=st.none() | TEXTS,
    address=st.none() | st.builds(Address, TEXTS, TEXTS, TEXTS),
    phone=st.none() | TEXTS,
    email=st.none() | TEXTS,
)
SUBJECTS = st.builds(
    Subject, PATIENTS, TEXTS, TEXTS, st.frozensets(st.sampled_from(Visibility)), validated_by=TEXTS, author_id=TEXTS
)


@given(SUBJECTS)
def test_it_is_read_as_it_was_written(subject: Subject) -> None:
    written = encode(subject)
    assert decode(written) == subject
    told = json.loads(written)
    assert set(told["patient"]) == set(asdict(subject.patient)), "a trait is not written"
    assert told["patient"]["address"] == (subject.patient.address and asdict(subject.patient.address))


@given(SUBJECTS)
def test_who_sends_it_stands_in_the_place_of_who_was_named(subject: Subject) -> None:
    assert decode(encode(subject, "810002422979")).author_id == "810002422979"
