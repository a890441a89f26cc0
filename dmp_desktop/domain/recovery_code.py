"""The recovery code of a practice: 256 bits as somebody copies them from paper, with a check that names the wrong group.

Digits are Crockford's base 32 (https://www.crockford.com/base32.html: no I, L, O nor U; I and L read as 1, O as 0). The 256 bits
and 4 bits of a digest fill 52 digits, in 13 groups of 4; the fifth digit of each group is taken from a digest of the group and
its place. A wrong group is named 31 times in 32, a wrong code refused 511 times in 512; what slips through opens nothing.
"""

from __future__ import annotations

import hashlib

from dmp_desktop.errors import ContextError

SECRET_BYTES = 32
GROUPS = 13
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of every code that somebody copies from paper here."""
_DATA, _GROUP = 4, 5
_BITS = 5
_SPARE = GROUPS * _DATA * _BITS - SECRET_BYTES * 8
_MISREAD = str.maketrans(
    {"I": "1", "L": "1", "O": "0", "-": "", " ": "", "\u00a0": "", "\u202f": "", "\t": "", "\n": "", "\r": ""}
)


def recovery_code(secret: bytes) -> str:
    """13 groups of 5 digits, with hyphens. `secret` has 32 bytes."""
    if len(secret) != SECRET_BYTES:
        raise ValueError("the practice's secret has 32 bytes")
    number = int.from_bytes(secret) << _SPARE | _spare(secret)
    digits = "".join(DIGITS[number >> shift & 31] for shift in range((GROUPS * _DATA - 1) * _BITS, -1, -_BITS))
    groups = [digits[start : start + _DATA] for start in range(0, len(digits), _DATA)]
    return "-".join(group + _check(place, group) for place, group in enumerate(groups))


def as_typed(code: str) -> str:
    """The digits of a code however it was copied: small letters, spaces, hyphens and the letters that look like digits."""
    return code.upper().translate(_MISREAD)


def secret_of(code: str) -> bytes:
    """The 32 bytes that a code, as typed, stands for. Raises ContextError("recovery-code"), which names the wrong groups."""
    digits = as_typed(code)
    if len(digits) != GROUPS * _GROUP:
        raise _wrong(f"Ce code a {len(digits)} signes : il en faut {GROUPS * _GROUP}, en {GROUPS} groupes de {_GROUP}.")
    groups = [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]
    wrong = [place + 1 for place, group in enumerate(groups) if not _sound(place, group)]
    if wrong:
        which = ", ".join(map(str, wrong))
        raise _wrong(f"Ce code n'est pas bon : groupe{'s' if len(wrong) > 1 else ''} {which}.")
    number = 0
    for digit in "".join(group[:_DATA] for group in groups):
        number = number << _BITS | DIGITS.index(digit)
    secret = (number >> _SPARE).to_bytes(SECRET_BYTES)
    if number & (1 << _SPARE) - 1 != _spare(secret):
        raise _wrong("Ce code n'est pas bon.")
    return secret


def _sound(place: int, group: str) -> bool:
    return all(digit in DIGITS for digit in group) and _check(place, group[:_DATA]) == group[_DATA]


def _check(place: int, group: str) -> str:
    return DIGITS[hashlib.sha256(f"dmp-desktop recovery code {place} {group}".encode()).digest()[0] & 31]


def _spare(secret: bytes) -> int:
    return hashlib.sha256(b"dmp-desktop recovery code" + secret).digest()[0] & (1 << _SPARE) - 1


def _wrong(what: str) -> ContextError:
    return ContextError("recovery-code", what, "Comparez-le, groupe par groupe, au code de secours imprimé du cabinet.")
