"""What a matricule INS is, to the letter: it becomes a search key and an identifier."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.ins import is_ins, nir_key


def test_a_key_makes_it_whole() -> None:
    assert is_ins("279035121518989")
    assert not is_ins("279035121518988")


def test_corsica_in_capitals_only() -> None:
    value = "180032B020401" + nir_key("180032B020401")
    assert is_ins(value)
    assert not is_ins(value.lower())


@pytest.mark.parametrize("value", ["", "2790351215189", "٢79035121518989", "27903512151898９", "279035121518989 "])
def test_no_other_form(value: str) -> None:
    assert not is_ins(value)
