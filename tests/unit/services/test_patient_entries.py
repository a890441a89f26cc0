from __future__ import annotations

from dataclasses import replace

import pytest

from dmp_desktop.cda.build.datamatrix import ins_message
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.ins import OID_INS_NIR, InsIdentity, InsStatus
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.errors import CardError
from dmp_desktop.services.directory import KnownPatients
from dmp_desktop.services.patient_entries import PatientEntries
from tests.helpers.card_worlds import PATIENT as ON_CARD
from tests.unit.card.test_ins_datamatrix import NIR, PATIENT


def scan(known: Patient | None, printed: Patient = PATIENT) -> tuple[Beneficiary, ...]:
    directory = KnownPatients([known] if known else [])
    return PatientEntries(directory, None).from_scanner(ins_message(printed))


def test_a_patient_of_the_practice():
    (person,) = scan(PATIENT)
    assert KnownPatients([PATIENT]).match(person) == PATIENT


def test_somebody_unknown_is_handed_on_and_not_qualified():
    """The session says what it says of an unknown carte Vitale."""
    (person,) = scan(None)
    assert (person.nir, person.family) == (NIR, "TEST-D'ARTOIS")
    assert KnownPatients([]).match(person) is None


@pytest.mark.parametrize(
    "known",
    [
        replace(PATIENT, birth_family="Test d’Artois"),
        replace(PATIENT, birth_given="Marie", used_family="TEST-AUTRE"),
        replace(PATIENT, sex=Sex.UNKNOWN, birth_place_cog=""),
    ],
)
def test_the_same_person_written_otherwise(known: Patient):
    assert len(scan(known)) == 1


@pytest.mark.parametrize(
    "known",
    [
        replace(PATIENT, birth_family="TEST-DARTAGNAN"),
        replace(PATIENT, first_given="Zoé"),
        replace(PATIENT, sex=Sex.MALE),
        replace(PATIENT, birth_place_cog="75056"),
        replace(PATIENT, ins=InsIdentity(NIR, OID_INS_NIR, InsStatus.QUALIFIEE)),
    ],
)
def test_traits_that_disagree_open_nothing(known: Patient):
    with pytest.raises(CardError) as caught:
        scan(known)
    assert caught.value.code == "card.scan_discordant"
    assert "TEST" not in str(caught.value)


def test_the_appli_needs_the_licensed_component():
    entries = PatientEntries(KnownPatients([]), None)
    assert not entries.apcv_ready
    with pytest.raises(CardError) as caught:
        entries.from_apcv()
    assert caught.value.code == "card.apcv_absent"
    assert "API de lecture" in caught.value.message_fr


def test_the_appli_by_the_licensed_component():
    person = Beneficiary(*ON_CARD, rank=1)

    class Licensed:
        def read_apcv(self) -> VitaleIdentity:
            return VitaleIdentity((person,), "api_lec")

    entries = PatientEntries(KnownPatients([]), Licensed())
    assert entries.apcv_ready
    assert entries.from_apcv() == (person,)


@pytest.mark.parametrize("family", ["TEST-" + "LONG" * 40, "TEST-" + "L’ŒUVRE DE " * 15, "TEST " * 30])
def test_a_name_too_long_for_the_code(family: str):
    known = replace(PATIENT, birth_family=family)
    assert len(scan(known, replace(known, birth_family=family.replace("Œ", "OE")))) == 1
