from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.sealing import Seal, derive
from tests.helpers.outbox import KEY

SEAL = Seal(KEY, "outbox")


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_in_its_place_only(clear: bytes, place: str) -> None:
    sealed = SEAL.seal(clear, place)
    assert SEAL.open(sealed, place) == clear
    with pytest.raises(StorageError, match="storage-damaged"):
        SEAL.open(sealed, place + "x")


@given(st.binary(min_size=1, max_size=50), st.data())
def test_any_changed_bit_is_found(clear: bytes, data: st.DataObject) -> None:
    sealed = bytearray(SEAL.seal(clear, "place"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(StorageError, match="storage-damaged"):
        SEAL.open(bytes(sealed), "place")


def test_another_key_or_purpose_opens_nothing() -> None:
    sealed = SEAL.seal(b"clear", "place")
    for other in (Seal(KEY, "cache"), Seal(bytes(32), "outbox")):
        with pytest.raises(StorageError):
            other.open(sealed, "place")


@pytest.mark.parametrize("cut", [b"", b"short"])
def test_what_is_too_short_is_damaged(cut: bytes) -> None:
    with pytest.raises(StorageError, match="storage-damaged"):
        SEAL.open(cut, "place")


def test_the_same_twice_never_looks_the_same_but_a_pseudonym_does() -> None:
    assert SEAL.seal(b"clear", "place") != SEAL.seal(b"clear", "place")
    assert SEAL.pseudonym("279035121518989") == SEAL.pseudonym("279035121518989")
    assert SEAL.pseudonym("279035121518989") != Seal(KEY, "cache").pseudonym("279035121518989")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_pseudonym_is_the_hmac_of_earlier_versions(value: str) -> None:
    expected = hmac.digest(derive(KEY, "pseudonym outbox"), value.encode(), "sha256")
    assert SEAL.pseudonym(value) == expected.hex()[:32]
