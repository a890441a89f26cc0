"""The searcher of the grep test finds what is planted, in each way of writing it, and nothing in noise."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from datetime import date

import pytest

from tests.helpers.leaks import Searcher, dates

WORD = "zézaiement"
WAYS: dict[str, Callable[[bytes], bytes]] = {
    "as-is": bytes,
    "base64": base64.b64encode,
    "base64-url": base64.urlsafe_b64encode,
    "hex": lambda raw: raw.hex().encode(),
    "HEX": lambda raw: raw.hex().upper().encode(),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("spelling", [WORD, "ZÉZAIEMENT", "Zézaiement", "zezaiement", "ZEZAIEMENT"])
@pytest.mark.parametrize("before", range(3))
def test_a_planted_leak_is_found(way: str, encoding: str, spelling: str, before: int) -> None:
    noise = random.Random(7)
    around = noise.randbytes(before), noise.randbytes(5)
    data = noise.randbytes(999) + WAYS[way](around[0] + spelling.encode(encoding) + around[1]) + noise.randbytes(999)
    assert Searcher([WORD, "279035121518989"]).found(data) == {WORD}


def test_nothing_is_found_in_noise() -> None:
    noise = random.Random(8)
    assert Searcher([WORD, "279035121518989"]).found(noise.randbytes(1_000_000)) == set()


def test_a_word_too_short_to_mean_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Searcher(["DUPON"])


@pytest.mark.parametrize("text", ["code 0917", "pin='0917'", '{"pin": "0917"}', "0917", "[0917]\n"])
def test_a_code_is_found_in_a_text(text: str) -> None:
    assert Searcher([], ["0917"]).found(text.encode()) == {"0917"}


@pytest.mark.parametrize("data", [b"at 09171", b"2026-0917a", b"\xff 0917 ", b"aGVs0917bG8="])
def test_four_digits_of_something_else_are_no_code(data: bytes) -> None:
    assert Searcher([], ["0917"]).found(data) == set()


def test_a_day_is_looked_for_as_each_writes_it() -> None:
    assert dates(date(1949, 5, 3)) == {"03/05/1949", "1949-05-03", "19490503", "03051949"}
