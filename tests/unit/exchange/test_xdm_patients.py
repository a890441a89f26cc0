"""Whom an archive is about: documents are together only where number and identity agree, and days are those written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from dmp_desktop.exchange import xdm
from tests.unit.exchange.test_xdm import INS, Told, archive, code


@dataclass
class Named(Told):
    """With an identity of its own; `ins` empty where METADATA.XML gives no patientId, `family` where it gives no names."""

    family: str = "TEST-DUPONT"

    def xml(self) -> str:
        told = super().xml().replace("TEST-DUPONT", self.family)
        if not self.family:
            start, end = told.index('<Slot name="sourcePatientInfo">'), told.index("<Name>")
            told = told[:start] + told[end:]
        return told if self.ins else told.replace("58a6f841-87b3-4a3e-92fd-a8ffeff98427", "0")


def second(ins: str = INS, family: str = "TEST-DUPONT") -> Named:
    return Named("DOC00002.PDF", b"autre", "1.2.4", ins, id="document2", family=family)


def read(*told: Told) -> list[tuple[str, list[str]]]:
    return [(one.patient.family, [held.unique_id for held in one.documents]) for one in xdm.read(archive(*told))]


def test_documents_without_a_number_are_told_apart_by_their_names() -> None:
    messages = xdm.read(archive(Named(ins=""), second(ins="", family="TEST-AUTRE")))
    assert [(one.patient.family, one.documents[0].unique_id) for one in messages] == [
        ("TEST-DUPONT", "1.2.3"),
        ("TEST-AUTRE", "1.2.4"),
    ]
    assert all(xdm.SEVERAL_PATIENTS in one.warnings for one in messages)


def test_without_names_the_senders_own_number_tells_them_apart() -> None:
    other = second(ins="", family="")
    other.slots = {"sourcePatientId": "43^^^&amp;1.9&amp;ISO^PI"}
    messages = xdm.read(archive(Named(ins="", family=""), other))
    assert [one.patient.file_number for one in messages] == ["42", "43"]
    assert all(xdm.SEVERAL_PATIENTS in one.warnings for one in messages)


def test_two_identities_under_one_number_are_two_messages_and_the_number_is_nobodys() -> None:
    messages = xdm.read(archive(Named(), second(family="TEST-AUTRE")))
    assert [one.patient.family for one in messages] == ["TEST-DUPONT", "TEST-AUTRE"]
    assert [one.patient.ins for one in messages] == [None, None]
    assert all(xdm.SHARED_INS in one.warnings for one in messages)


def test_documents_of_one_patient_stay_together() -> None:
    assert read(Named(), second()) == [("TEST-DUPONT", ["1.2.3", "1.2.4"])]
    assert read(Named(ins=""), second(ins="")) == [("TEST-DUPONT", ["1.2.3", "1.2.4"])]


@pytest.mark.parametrize("bare_first", [True, False])
def test_what_tells_no_names_goes_with_its_number(bare_first: bool) -> None:
    first, bare = Named(), second(family="")
    assert read(*((bare, first) if bare_first else (first, bare))) == [
        ("TEST-DUPONT", ["1.2.4", "1.2.3"] if bare_first else ["1.2.3", "1.2.4"])
    ]
    (message,) = xdm.read(archive(first, bare))
    assert message.patient.ins is not None
    assert message.patient.ins.value == INS


def test_a_signature_that_tells_nobody_makes_no_message_of_its_own() -> None:
    signature = second(ins="", family="")
    signature.codes = code("41a5887f-8865-4c09-adf7-e362475b143a", "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1")
    (message,) = xdm.read(archive(Named(), signature))
    assert [one.unique_id for one in message.documents] == ["1.2.3"]
    assert message.warnings == (xdm.SIGNED,)


@pytest.fixture(params=["America/Martinique", "Pacific/Noumea", "Europe/Paris"])
def somewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with monkeypatch.context() as here:
        here.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def test_a_day_is_the_day_written_wherever_it_is_read(somewhere: str) -> None:
    (message,) = xdm.read(archive(Named(slots={"serviceStartTime": "20261101"})))
    assert message.act_date == date(2026, 11, 1), somewhere


def test_a_moment_is_of_the_day_it_was_here(somewhere: str) -> None:
    (message,) = xdm.read(archive(Named(slots={"serviceStartTime": "20261101020000"})))
    assert message.act_date == date(
        2026, 10 if somewhere.startswith("America") else 11, 31 if somewhere.startswith("America") else 1
    )
