from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.card.fake_service import first_protocol
from dmp_desktop.card.identify import classify
from dmp_desktop.card.pcsc import PROTOCOL_T0, PROTOCOL_T1
from dmp_desktop.domain.cards import CardKind

# Reference card.md §3.1.
VITALE = [
    *(f"3B 75 13 00 00 {byte} 09 EA 90 00" for byte in ("43", "44", "45", "46", "47", "48", "49", "4B", "4C")),
    "3B 75 13 00 00 45 09 FA 90 00",
    "3F 65 25 00 22 09 69 90 00",
    "3F 65 25 00 2C 09 F9 90 00",
    "3F 65 25 00 52 09 6A 90 00",
    "3F 65 25 00 A3 09 6A 90 00",
    "3F 65 25 00 A4 09 6A 90 00",
]
CPS = [
    "3B AC 00 40 2A 00 12 25 00 64 80 00 03 10 00 90 00",
    "3B AC 00 40 2A 00 12 25 00 64 80 82 02 12 00 90 00",
    "3B DC 18 FF 00 00 12 25 00 64 80 00 04 01 00 90 00",
    "3B 9B 18 80 01 00 12 25 00 64 80 00 04 01 00 90 44",
    "3B 9B 18 80 01 00 12 25 00 64 80 04 01 00 00 90 44",
    "3B 8F 80 01 00 31 B8 64 04 B0 EC C1 73 94 01 80 82 90 00 0E",
]
OTHERS = [
    "",
    "3B",
    "3B 8F 80 01 00 31 B8 64 04 B0 EC C1 73 94 01 80 FF FF FF E3",  # a hospital's card
    "3B 6E 00 00 80 31 80 66 B0 84 0C 01 6E 01 83 00 90 00",  # a bank card
    "3B 75 13 00 00 53 09 EA 90 00",
    "3F 65 25 00 22 09 79 90 00",
]


@pytest.mark.parametrize("atr", VITALE)
def test_vitale(atr: str) -> None:
    assert classify(bytes.fromhex(atr)) is CardKind.VITALE


@pytest.mark.parametrize("atr", CPS)
def test_cps(atr: str) -> None:
    assert classify(bytes.fromhex(atr)) is CardKind.CPS


@pytest.mark.parametrize("atr", OTHERS)
def test_others(atr: str) -> None:
    assert classify(bytes.fromhex(atr)) is CardKind.UNKNOWN


@given(st.binary(max_size=40))
def test_any_bytes_have_a_kind_and_a_protocol(untrusted: bytes) -> None:
    assert classify(untrusted) in CardKind
    assert first_protocol(untrusted) in (PROTOCOL_T0, PROTOCOL_T1)


@pytest.mark.parametrize(
    ("atr", "protocol"),
    [
        (VITALE[0], PROTOCOL_T0),
        (CPS[0], PROTOCOL_T0),
        (CPS[3], PROTOCOL_T0),
        ("3B 80 01", PROTOCOL_T1),
        ("3B 81 01 00", PROTOCOL_T1),
    ],
)
def test_the_first_protocol(atr: str, protocol: int) -> None:
    assert first_protocol(bytes.fromhex(atr)) == protocol
