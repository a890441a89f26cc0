"""Who is the same person as whom."""

from __future__ import annotations

from dataclasses import replace

from dmp_desktop.domain.cards import CardType
from dmp_desktop.domain.people import Professional
from dmp_desktop.services.accounts import Practice
from dmp_desktop.services.card_accounts import card_account
from tests.helpers import session_desk

DOCTOR = Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26")


def test_a_person_is_their_national_identifier() -> None:
    assert DOCTOR.national_id == "810002422979"
    assert DOCTOR.is_also(replace(DOCTOR, family="DUPONT-MARTIN"))
    assert not DOCTOR.is_also(replace(DOCTOR, rpps="10002422987"))
    assert not DOCTOR.is_also(None)


def test_who_has_no_identifier_is_nobody_else_nor_themselves() -> None:
    nobody = replace(DOCTOR, rpps="")
    assert nobody.national_id == ""
    assert not nobody.is_also(nobody)


def test_two_trainees_without_rpps_are_two() -> None:
    """As their cards tell them."""
    one, two = (
        card_account(
            replace(session_desk.card("ELEVE", "0", CardType.CPF), national_id=number),
            None,
            Practice(session_desk.LILAS),
            lambda: None,  # type: ignore[arg-type, return-value]
        ).professional
        for number in ("900000001", "900000002")
    )
    assert one.is_also(one)
    assert not one.is_also(two)
    assert one != two
