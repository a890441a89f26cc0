"""What is copied from paper by hand is told wrong by its group, or gives back the very secret."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.recovery_code import GROUPS, recovery_code, secret_of
from dmp_desktop.errors import ContextError

SECRETS = st.binary(min_size=32, max_size=32)
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(SECRETS)
def test_a_code_gives_its_secret_back(secret: bytes) -> None:
    code = recovery_code(secret)
    assert re.fullmatch(rf"([0-9A-HJKMNP-TV-Z]{{5}}-){{{GROUPS - 1}}}[0-9A-HJKMNP-TV-Z]{{5}}", code)
    assert secret_of(code) == secret


@given(SECRETS)
def test_it_is_read_as_people_write_it(secret: bytes) -> None:
    code = recovery_code(secret)
    assert secret_of(code.lower().replace("-", " ").replace("0", "o").replace("1", "l") + "\n") == secret
    assert secret_of(code.replace("-", "\u00a0").replace("1", "I")) == secret


@given(SECRETS, st.integers(0, GROUPS - 1), st.integers(0, 4), st.sampled_from(DIGITS))
def test_a_wrong_digit_is_told_by_its_group_or_at_worst_refused(
    secret: bytes, group: int, place: int, digit: str
) -> None:
    groups = recovery_code(secret).split("-")
    if groups[group][place] == digit:
        return
    groups[group] = groups[group][:place] + digit + groups[group][place + 1 :]
    assert _read("-".join(groups)) != secret


def test_few_wrong_digits_slip_through() -> None:
    code = recovery_code(bytes(range(32)))
    wrong = [
        code[:at] + digit + code[at + 1 :] for at in range(0, 70, 7) for digit in DIGITS if digit != code[at] != "-"
    ]
    assert sum(_read(one) is not None for one in wrong) <= len(wrong) / 32


def test_the_wrong_groups_are_named() -> None:
    groups = recovery_code(bytes(range(32))).split("-")
    groups[2], groups[6], groups[7] = "UUUUU", groups[7], groups[6]
    with pytest.raises(ContextError, match=r"groupes 3, .*8\."):
        secret_of("-".join(groups))


@pytest.mark.parametrize("code", ["", "ABCDE", "0" * 64, "0" * 66])
def test_the_wrong_length_is_told(code: str) -> None:
    with pytest.raises(ContextError, match="il en faut 65"):
        secret_of(code)


def test_no_error_repeats_the_code() -> None:
    code = recovery_code(bytes(range(32)))
    with pytest.raises(ContextError) as refused:
        secret_of(code[:-1] + ("0" if code[-1] != "0" else "2"))
    assert not any(group in str(refused.value) for group in code.split("-"))


def _read(code: str) -> bytes | None:
    try:
        return secret_of(code)
    except ContextError:
        return None
