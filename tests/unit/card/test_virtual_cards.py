"""The emulated cards keep to T=0 (ISO 7816-3 §12.2), whatever is sent to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.sandbox.virtual_cards import AID_CPS3, AID_VITALE, CpsCard, VitaleCard
from tests.helpers.card_worlds import PATIENT

DER = bytes.fromhex("3003020105")


def test_a_command_with_data_carries_no_le() -> None:
    assert VitaleCard([PATIENT]).process(bytes.fromhex("00A40000023F0000")) == b"\x67\x00"


def test_a_wrong_length_is_answered_with_the_right_one() -> None:
    card = VitaleCard([PATIENT])
    left = card.process(bytes.fromhex("00B0820000"))
    assert left[0] == 0x6C
    assert len(card.process(bytes([0x00, 0xB0, 0x82, 0x00, left[1]]))) == left[1] + 2


def test_what_a_select_says_waits_for_get_response() -> None:
    card = CpsCard(DER, DER)
    waiting = card.process(bytes([0x00, 0xA4, 0x04, 0x00, len(AID_CPS3)]) + AID_CPS3)
    assert waiting[0] == 0x61
    assert card.process(bytes([0x00, 0xC0, 0x00, 0x00, waiting[1]]))[0] == 0x6F
    assert card.process(bytes([0x00, 0xC0, 0x00, 0x00, waiting[1]])) == b"\x69\x85"


def test_a_reset_forgets_what_was_selected() -> None:
    card = VitaleCard([PATIENT])
    names = card.process(bytes.fromhex("00B0820010"))
    card.process(bytes([0x00, 0xA4, 0x04, 0x00, len(AID_VITALE)]) + AID_VITALE)
    assert card.process(bytes.fromhex("00B0820010")) != names
    card.reset()
    assert card.process(bytes.fromhex("00B0820010")) == names
    card.reset()
    assert card.process(bytes.fromhex("00B0000001")) == b"\x69\x86"


@pytest.mark.parametrize(
    ("command", "answer"),
    [("", "6700"), ("00A400", "6700"), ("80A4000000", "6E00"), ("0020000100", "6D00"), ("00B0850010", "6A82")],
)
def test_what_it_does_not_know_is_refused(command: str, answer: str) -> None:
    assert VitaleCard([PATIENT]).process(bytes.fromhex(command)).hex() == answer.lower()


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_command_has_an_answer(commands: list[bytes]) -> None:
    for card in (VitaleCard([PATIENT]), CpsCard(DER, DER)):
        for command in commands:
            answer = card.process(command)
            assert len(answer) >= 2
            assert answer[-2] & 0xF0 in (0x60, 0x90)
