"""From the claims of UserInfo to a person: what is told is taken, what is not told is never made up."""

from __future__ import annotations

from typing import Any

import pytest

from dmp_desktop.dmp.psc_person import person_of
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import DmpError


def activity(structure: str = "410002422979001", **more: str) -> dict[str, Any]:
    return {
        "ancienIdentifiantDeLaStructure": structure,
        "codeSecteurDactivite": "SA07",
        "raisonSocialeSite": "Cabinet",
    } | more


def claims(*activities: dict[str, Any], **exercise: Any) -> dict[str, Any]:
    told = {"codeProfession": "10", "codeCategorieProfessionnelle": "C", "codeSavoirFaire": "SM26"} | exercise
    return {
        "SubjectNameID": "810002422979",
        "family_name": "DUPONT",
        "given_name": "Camille",
        "SubjectRefPro": {"exercices": [told | {"activities": list(activities)}]},
    }


def refusal(told: dict[str, Any], structure: str = "410002422979001") -> str:
    with pytest.raises(DmpError) as caught:
        person_of(told).at(structure)
    return caught.value.code


def test_what_is_told_and_no_more() -> None:
    place = person_of(claims(activity())).at("410002422979001")
    found = place.professional
    assert (found.rpps, found.family, found.given, found.specialty) == (
        "10002422979",
        "DUPONT",
        "Camille",
        "G15_10/SM26",
    )
    assert (found.prefix, found.suffix, found.phone) == (None, None, None)
    assert (place.activity.mode, place.role) == ("", Role.DOCTOR)


def test_titles_phone_and_mode_when_told() -> None:
    told = claims(
        activity(telephone="01 02 03 04 05", codeModeExercice="L"), codeCiviliteDexercice="DR", nomDexercice="DURAND"
    )
    told["SubjectRefPro"]["codeCivilite"] = "MME"
    place = person_of(told).at("410002422979001")
    found = place.professional
    assert (found.family, found.prefix, found.suffix, found.phone) == ("DURAND", "MME", "DR", "tel:0102030405")
    assert place.activity.mode == "00"


@pytest.mark.parametrize("phone", ["", "néant", "12", "01020304050607080910"])
def test_a_phone_that_is_none(phone: str) -> None:
    assert person_of(claims(activity(telephone=phone))).at("410002422979001").professional.phone is None


@pytest.mark.parametrize(
    ("exercise", "role", "specialty"),
    [
        ({"codeProfession": "60", "codeSavoirFaire": ""}, Role.OTHER_PROFESSIONAL, "G15_60"),
        ({"codeProfession": "21", "codeSavoirFaire": "SM54"}, Role.OTHER_PROFESSIONAL, "G15_21/SM54"),
    ],
)
def test_roles(exercise: dict[str, str], role: Role, specialty: str) -> None:
    place = person_of(claims(activity(), **exercise)).at("410002422979001")
    assert (place.role, place.professional.specialty) == (role, specialty)


def test_the_place_is_that_of_the_certificate_whatever_its_identifier() -> None:
    """SIRET and FINESS name the same structure: the certificate's is the one sent to the DMP."""
    told = claims(activity("1100000017"), activity(numeroSiretSite="31875127510002", numeroFinessSite="750000001"))
    person = person_of(told)
    for structure in ("410002422979001", "331875127510002", "1750000001"):
        place = person.at(structure)
        assert place.activity.number == 2
        assert place.facility_as(structure).id == structure
    assert person.at("1100000017").activity.number == 1


def test_an_exercise_that_cannot_serve_does_not_hide_one_that_can() -> None:
    told = claims(activity(), codeCategorieProfessionnelle="E")
    told["SubjectRefPro"]["exercices"] += claims(activity())["SubjectRefPro"]["exercices"]
    assert person_of(told).at("410002422979001").activity.number == 2


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "psc.no_identity"),
        (claims() | {"SubjectRefPro": None}, "psc.no_identity"),
        (claims(activity()) | {"SubjectNameID": "0750001234"}, "psc.no_identity"),
        (claims(activity()) | {"SubjectNameID": 810002422979}, "psc.no_identity"),
        (claims(activity()) | {"SubjectNameID": "910002422979"}, "psc.student"),
        (claims(activity()) | {"SubjectNameID": "3310000000017/000012"}, "psc.employee"),
        (claims(activity()) | {"SubjectNameID": "410002422979001/1"}, "psc.employee"),
        ({"SubjectNameID": "610002422979/SEC1", "family_name": "TEST-SECRETAIRE"}, "psc.employee"),
        (claims(activity()) | {"SubjectNameID": "3310000000017"}, "psc.no_identity"),
        (claims(activity(), codeProfession=""), "psc.no_identity"),
        (claims(activity(), codeSavoirFaire=""), "psc.no_specialty"),
        (claims(activity(), codeCategorieProfessionnelle="E"), "psc.student"),
        (claims(activity(codeSecteurDactivite="")), "psc.not_in_structure"),
        (claims(activity("")), "psc.not_in_structure"),
        (claims(activity("399999999900017")), "psc.not_in_structure"),
        (claims(activity()) | {"SubjectRefPro": {"exercices": ["x", {"activities": "y"}]}}, "psc.no_identity"),
    ],
)
def test_what_is_missing_is_refused(told: dict[str, Any], code: str) -> None:
    assert refusal(told) == code


@pytest.mark.parametrize(
    ("told", "regulates"),
    [({}, False), *(({"Acces_Regulation_Medicale": word}, word == "VRAI") for word in ("VRAI", "FAUX", "", None, 1))],
)
def test_who_regulates_is_who_is_told_to(told: dict[str, Any], regulates: bool) -> None:
    assert person_of(claims(activity()) | told).regulation is regulates
