from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.card.pkcs11.objects import activity, texts
from dmp_desktop.domain.cards import CpsActivity
from dmp_desktop.domain.people import Facility
from tests.helpers.cps_token import activity as encoded
from tests.helpers.cps_token import tlv

SURGERY = Facility("1750000001", "CABINET TEST", "SA07")


def field(tag: int, text: str) -> bytes:
    return tlv(tag, text.encode())


FIELDS = field(0x84, "CABINET TEST") + field(0x85, "1750000001") + field(0x86, "SA07")


@pytest.mark.parametrize(
    "untrusted",
    [
        encoded("CABINET TEST", "1750000001", "SA07"),
        FIELDS,
        tlv(0xE0, tlv(0xA0, field(0x80, "other") + FIELDS)),
        tlv(0x30, field(0x86, "SA07") + tlv(0x30, field(0x85, "1750000001")) + field(0x84, "CABINET TEST")),
        FIELDS + bytes(40),
        FIELDS + b"\xff" * 40,
        tlv(0x30, field(0x84, "CABINET  TEST\x00\x00") + field(0x85, " 1750000001 ") + field(0x86, "SA07")),
        FIELDS + field(0x85, "9999999999"),  # the first one counts
    ],
)
def test_the_shapes_that_are_read(untrusted: bytes) -> None:
    assert activity(3, untrusted) == CpsActivity(3, SURGERY)


def test_latin_1_of_old_cards() -> None:
    found = activity(1, tlv(0x84, "Cabinet médical".encode("latin-1")) + field(0x85, "1750000001"))
    assert found
    assert found.facility == Facility("1750000001", "Cabinet médical", "")


@pytest.mark.parametrize("sector", ["", "07", "SA7", "SA077", "XX07"])
def test_a_sector_that_is_none_stays_empty(sector: str) -> None:
    found = activity(1, encoded("CABINET TEST", "1750000001", sector))
    assert found
    assert found.facility.sector == ""


@pytest.mark.parametrize(
    "untrusted",
    [
        b"",
        b"\x00" * 16,
        b"\xff" * 16,
        b"\x30\x05odd",
        b"\x30\x80",
        field(0x84, "CABINET"),
        encoded("A", "", "SA07"),
        encoded("A", "?!", ""),
    ],
)
def test_nothing_is_invented(untrusted: bytes) -> None:
    assert activity(1, untrusted) is None


@given(st.binary(max_size=300))
def test_no_bytes_break_it(untrusted: bytes) -> None:
    found = activity(1, untrusted)
    assert found is None or found.facility.id
    assert all(one.isprintable() for one in texts(untrusted))


def test_a_card_cannot_make_us_dig_for_ever() -> None:
    deep = FIELDS
    for _ in range(2000):
        deep = tlv(0x30, deep) if len(deep) < 60000 else deep
    assert activity(1, deep) is None


def test_texts_in_their_order() -> None:
    assert texts(tlv(0x30, field(0x0C, "TEST-FICTIF") + tlv(0x02, b"\x01") + field(0x80, "CLAIRE"))) == (
        "TEST-FICTIF",
        "CLAIRE",
    )
