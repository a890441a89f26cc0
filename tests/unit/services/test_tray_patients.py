"""Whose a scan may be: by the code, then by the words; homonyms side by side, doubts told, nobody chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop.card.ins_datamatrix import read_scanned
from dmp_desktop.cda.build.datamatrix import ins_message
from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Identity, StrictTraits
from dmp_desktop.domain.ins import OID_INS_TEST, nir_key
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.domain.scanned import ScannedIdentity
from dmp_desktop.domain.tray import By
from dmp_desktop.errors import ContextError
from dmp_desktop.services.directory import IdentifiedPatients, KnownPatients
from dmp_desktop.services.identity_settings import IdentitySettings
from dmp_desktop.services.tray_patients import Candidate, TrayPatients, day_typed, days_in
from tests.helpers.identities import Practice, ScriptedInsi, practice
from tests.helpers.outbox import PATIENT

TRAITS = StrictTraits.of(PATIENT)
CODE = read_scanned(ins_message(PATIENT))


def nobody(_query: object) -> object:
    raise AssertionError("INSi is not asked")


@pytest.fixture
def known(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, ScriptedInsi(nobody)) as known:  # type: ignore[arg-type]
        yield known


def qualified(known: Practice, traits: StrictTraits = TRAITS, number: str = PATIENT.ins.value) -> Identity:
    found = Identity(traits).found(traits, Matricule(number, OID_INS_TEST), ())
    check = DocumentCheck(DocumentKind.CNI, known.clock.now(), "1")
    return known.store.put(found.seen(check))


def patients(known: Practice, *given: Patient) -> TrayPatients:
    directory = IdentifiedPatients(KnownPatients(given), known.service)
    return TrayPatients(known.service, directory.look)


def told(candidates: tuple[Candidate, ...]) -> list[tuple[str, By, bool]]:
    return [(one.number, one.by, one.patient is not None) for one in candidates]


def test_the_code_proposes_whom_it_names_and_they_are_known_as(known: Practice) -> None:
    qualified(known)
    assert told(patients(known).propose([CODE], "")) == [(PATIENT.ins.value, By.CODE, True)]


def test_the_code_of_a_patient_of_the_practice_software(known: Practice) -> None:
    (one,) = patients(known, PATIENT).propose([CODE], "")
    assert (one.patient, one.by) == (PATIENT, By.CODE)


@pytest.mark.parametrize(
    "change", [{"birth_family": "TEST-AUTRE"}, {"birth_given": "ZOE"}, {"sex": Sex.MALE}, {"birth_date": "19790313"}]
)
def test_a_code_with_other_traits_is_a_doubt_nothing_is_sent_by(known: Practice, change: dict[str, object]) -> None:
    qualified(known)
    code: ScannedIdentity = replace(CODE, **change)  # type: ignore[arg-type]
    (one,) = (found for found in patients(known).propose([code], "") if found.by is By.CODE)
    assert (one.patient, one.discordant, one.unknown) == (None, True, False)


def test_a_code_of_somebody_unknown_is_told_as_such(known: Practice) -> None:
    (one,) = patients(known).propose([CODE], "")
    assert (one.patient, one.unknown, one.traits.birth_family) == (None, True, PATIENT.birth_family)


def test_codes_of_two_people_are_both_told(known: Practice) -> None:
    qualified(known)
    other = replace(CODE, birth_family="TEST-AUTRE", ins=replace(CODE.ins, value=_number("1850351454123")))
    found = patients(known).propose([CODE, other], "")
    assert [(one.traits.birth_family, one.patient is not None) for one in found] == [
        (PATIENT.birth_family, True),
        ("TEST-AUTRE", False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Mme Marie TEST-PATIENTE, née le 12/03/1979",
        "Patiente : Test Patiente   MARIE\nDDN 12.03.1979, consultation du 02/11/2026",
        "TEST-PATIENTE Marie née le 12 mars 1979",
    ],
)
def test_name_and_day_of_birth_in_the_words(known: Practice, text: str) -> None:
    qualified(known)
    assert told(patients(known).propose([], text)) == [(PATIENT.ins.value, By.TEXT, True)]


@pytest.mark.parametrize(
    "text",
    [
        "Mme Marie TEST-PATIENTE, née le 13/03/1979",  # another day
        "Mme Zoé TEST-PATIENTE, née le 12/03/1979",  # another first name
        "Mme Marie PATIENTETTE, née le 12/03/1979",  # another name
        "Mme Marie TEST-PATIENTE",  # no day
        "",
    ],
)
def test_less_than_name_first_name_and_day_proposes_nobody(known: Practice, text: str) -> None:
    qualified(known)
    assert patients(known).propose([], text) == ()


def test_homonyms_stand_side_by_side(known: Practice) -> None:
    qualified(known)
    twin = replace(TRAITS, birth_given="MARIE ANNE", birth_place_cog="75101")
    qualified(known, twin, _number("2790351215190"))
    found = patients(known).propose([CODE], "Mme Marie TEST-PATIENTE née le 12/03/1979")
    assert sorted(told(found)) == sorted(
        [(PATIENT.ins.value, By.CODE, True), (_number("2790351215190"), By.TEXT, True)]
    )
    assert found[0].by is By.CODE  # the surest first
    assert {one.by for one in patients(known).propose([CODE], "")} == {By.CODE, By.HOMONYM}


def test_who_is_not_qualified_is_shown_and_cannot_be_chosen(known: Practice) -> None:
    known.store.put(Identity(TRAITS))
    assert told(patients(known).propose([], "Marie TEST-PATIENTE 12/03/1979")) == [("", By.TEXT, False)]


def test_looked_for_by_hand(known: Practice) -> None:
    qualified(known)
    assert told(patients(known).search(date(1979, 3, 12), "pat")) == []
    assert told(patients(known).search(date(1979, 3, 12), "test-p")) == [(PATIENT.ins.value, By.SEARCH, True)]


def test_who_is_shown_is_traced_and_who_may_not_see_an_ins_sees_nobody(tmp_path: Path) -> None:
    with practice(tmp_path, ScriptedInsi(nobody), IdentitySettings(ins_allowed=frozenset())) as barred:  # type: ignore[arg-type]
        with pytest.raises(ContextError, match=r"identity\.ins_not_allowed"):
            patients(barred).propose([CODE], "")
        with pytest.raises(ContextError, match=r"identity\.ins_not_allowed"):
            patients(barred).search(date(1979, 3, 12))


def test_the_display_of_a_number_is_traced(known: Practice) -> None:
    qualified(known)
    patients(known).propose([CODE], "")
    known.accesses.stop()
    assert len(known.accesses.accesses(PATIENT.ins.value)) == 1


def test_days_as_they_are_written() -> None:
    text = (
        "le 1er août 2020, 3/4/2021 puis 03-04-2021 ; 31/02/2020 ; tél. 01.02.03.04.05 ; 12/13/2020 ; 5 décembre 1999"
    )
    assert days_in(text) == (date(2021, 4, 3), date(2020, 8, 1), date(1999, 12, 5))
    assert len(days_in(" ".join(f"{1 + n % 28:02}/01/{1900 + n}" for n in range(1000)))) == 200


@pytest.mark.parametrize("typed", ["12/03/1985", "12 03 1985", "12031985", "12.03.1985", "12-03-1985"])
def test_a_day_typed(typed: str) -> None:
    assert day_typed(typed) == date(1985, 3, 12)


@pytest.mark.parametrize("typed", ["", "31/02/1985", "12/03/85", "1985-03-12T", "١٢٠٣١٩٨٥", "hier"])
def test_a_day_that_is_none(typed: str) -> None:
    with pytest.raises(ContextError, match="scan-day"):
        day_typed(typed)


def _number(body: str) -> str:
    return body + nir_key(body)
