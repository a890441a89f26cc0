from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.fake import FakePcsc
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.domain.cards import VitaleIdentity
from dmp_desktop.domain.ins import nir_key
from dmp_desktop.errors import CardError
from dmp_desktop.sandbox.virtual_cards import AID_VITALE, ATR_VITALE_2, VitaleCard
from tests.helpers.card_worlds import PATIENT

CORSICAN = "2790320215189"


def read(card: object) -> VitaleIdentity:
    pcsc = FakePcsc()
    pcsc.plug("A")
    pcsc.insert("A", card)  # type: ignore[arg-type]
    return PlainPcscVitaleReader(CardAccess(pcsc)).read("A")


class Files:
    """A card of two files as written, over T=0."""

    atr = ATR_VITALE_2

    def __init__(self, names: str | bytes, numbers: str | bytes) -> None:
        self._files = [bytes.fromhex(one) if isinstance(one, str) else one for one in (names, numbers)]
        self._selected = 0

    def reset(self) -> None:
        self._selected = 0

    def process(self, apdu: bytes) -> bytes:
        if apdu[1] == 0xA4:
            self._selected = int(AID_VITALE in apdu)
            return b"\x90\x00"
        offset = apdu[3] if apdu[2] & 0x80 else apdu[2] << 8 | apdu[3]
        data = self._files[self._selected][offset : offset + 256]
        return data + b"\x90\x00" if data else b"\x6b\x00"


def test_lunar_dates_and_accents_are_kept_as_read() -> None:
    card = VitaleCard([("TEST-PÂTIENTE", "ZOÉ", "19790000", PATIENT[3])])
    (person,) = read(card).beneficiaries
    assert (person.family, person.given, person.birth_date) == ("TEST-PÂTIENTE", "ZOÉ", "19790000")


@pytest.mark.parametrize("department", ["2A", "2B"])
def test_a_corsican_nir(department: str) -> None:
    nir = f"27903{department}215189"
    (person,) = read(VitaleCard([(*PATIENT[:3], nir + nir_key(nir))])).beneficiaries
    assert person.nir.startswith(nir)
    (small,) = read(VitaleCard([(*PATIENT[:3], nir.lower() + nir_key(nir))])).beneficiaries
    assert small.nir == person.nir


def test_who_has_no_nir_is_left_out_and_keeps_the_rank() -> None:
    card = VitaleCard([PATIENT, ("TEST-PATIENTE", "BÉBÉ", "20261101", ""), ("TEST-PATIENTE", "LÉO", *PATIENT[2:])])
    assert [(person.given, person.rank) for person in read(card).beneficiaries] == [("MARIE", 1), ("LÉO", 3)]


def test_long_form_lengths() -> None:
    name = "54455354" + "41" * 40
    person = f"80812C{name} 8182000154 82 08 3139373930333132"
    names = f"65 81 {len(bytes.fromhex(person)):02X} {person}"
    numbers = "65 82 0011 93 0F" + PATIENT[3].encode().hex()
    (found,) = read(Files(names, numbers)).beneficiaries
    assert (found.family, found.given) == ("TEST" + "A" * 40, "T")


def test_a_field_is_made_fit_to_be_shown() -> None:
    (found,) = read(Files(PERSON.replace("54455354", "1B54000A"), NUMBER)).beneficiaries
    assert found.family == "T"


PERSON = "65 13 80 04 54455354 81 01 54 82 08 3139373930333132"
NUMBER = "65 11 93 0F " + PATIENT[3].encode().hex()


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        ("", ""),
        (PERSON, ""),
        (PERSON, NUMBER + NUMBER),
        (PERSON[:-2], NUMBER),
        (PERSON, "65 11 93 0F " + b"279035121518980".hex()),  # wrong key
        (PERSON, "65 10 93 0E " + b"27903512151898".hex()),
        (PERSON.replace("3139373930333132", "3139373930333141"), NUMBER),  # a letter in the date
        (PERSON.replace("54455354", "00000000"), NUMBER),  # no name
        (PERSON, "65 11 90 0F " + PATIENT[3].encode().hex()),  # no NIR at all
    ],
)
def test_a_card_is_never_half_believed(names: str, numbers: str) -> None:
    with pytest.raises(CardError) as caught:
        read(Files(names, numbers))
    assert caught.value.code == "card.vitale_data"


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_any_files_are_read_or_refused(names: bytes, numbers: bytes) -> None:
    with pytest.raises(CardError):
        read(Files(names, numbers))


@given(st.data())
def test_one_flipped_byte_never_gives_a_wrong_nir(data: st.DataObject) -> None:
    numbers = bytearray.fromhex(NUMBER)
    at = data.draw(st.integers(0, len(numbers) - 1))
    numbers[at] ^= data.draw(st.integers(1, 255))
    try:
        (person,) = read(Files(PERSON, bytes(numbers))).beneficiaries
    except CardError:
        return
    assert person.nir == PATIENT[3]


def test_an_error_never_holds_an_identity() -> None:
    with pytest.raises(CardError) as caught:
        read(Files(PERSON, "65 11 93 0F " + b"279035121518980".hex()))
    assert "279035" not in repr(caught.value)
    assert "TEST" not in repr(caught.value)
