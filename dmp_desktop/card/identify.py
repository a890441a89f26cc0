"""What an ATR lets guess of a card. No APDU is sent: only reading the card confirms it."""

from __future__ import annotations

from typing import Final

from dmp_desktop.domain.cards import CardKind


def _pattern(atr: str, mask: str = "") -> tuple[bytes, bytes]:
    value = bytes.fromhex(atr)
    return value, bytes.fromhex(mask) if mask else b"\xff" * len(value)


# Reference card.md §3.1: pcsc-tools' smartcard_list.txt, the strings of Cryptolib CPS and the masks it writes in the Windows
# registry (Calais\SmartCards). A CPS, CPF, CPE and CPA share an ATR: their certificates tell them apart.
_PATTERNS: Final = (
    (CardKind.VITALE, *_pattern("3B 75 13 00 00 40 09 EA 90 00", "FF FF FF FF FF F0 FF EF FF FF")),  # Vitale 2
    (CardKind.VITALE, *_pattern("3F 65 25 00 20 09 69 90 00", "FF FF FF FF F0 FF FF FF FF")),  # Vitale 1: 22, 2C
    (CardKind.VITALE, *_pattern("3F 65 25 00 20 09 F9 90 00", "FF FF FF FF F0 FF FF FF FF")),  # Vitale 1: 22, 2C
    (CardKind.VITALE, *_pattern("3F 65 25 00 52 09 6A 90 00")),  # Vitale 1
    (CardKind.VITALE, *_pattern("3F 65 25 00 A0 09 6A 90 00", "FF FF FF FF F8 FF FF FF FF")),  # Vitale 1: A3, A4
    (
        CardKind.CPS,  # CPS2ter, CPS3 and CPS4, contact
        *_pattern(
            "3B 00 00 00 00 00 12 25 00 64 80 00 00 00 00 90 00", "FF 00 00 00 00 FF FF FF FF FF FF 00 00 00 FF FF FF"
        ),
    ),
    (
        CardKind.CPS,
        *_pattern("3B 9B 18 80 01 00 12 25 00 64 80 00 04 01 00 90 44"),
    ),  # CPS4, variants named by Cryptolib
    (CardKind.CPS, *_pattern("3B 9B 18 80 01 00 12 25 00 64 80 04 01 00 00 90 44")),
    (
        CardKind.CPS,  # CPS3, contactless
        *_pattern(
            "3B 8F 80 01 00 31 B8 64 00 00 EC C0 73 94 01 80 82 90 00 0E",
            "FF FF FF FF FF FF FF FF 00 00 FF C0 FF FF FF FF FF FF FF FF",
        ),
    ),
)


def classify(untrusted_atr: bytes) -> CardKind:
    """The kind of card this ATR suggests, UNKNOWN when none does."""
    for kind, value, mask in _PATTERNS:
        if len(untrusted_atr) == len(value) and all(
            byte & bits == expected & bits for byte, bits, expected in zip(untrusted_atr, mask, value, strict=True)
        ):
            return kind
    return CardKind.UNKNOWN
