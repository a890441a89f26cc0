"""SHA-1 and SHA-256 taken up again from their state between two blocks (FIPS 180-4 §6.1 and §6.2), which `hashlib` cannot do."""

from __future__ import annotations

import struct
from itertools import count, islice
from math import isqrt
from typing import Final

BLOCK: Final = 64
_WORD: Final = 0xFFFFFFFF
_PRIMES: Final = list(islice((n for n in count(2) if all(n % other for other in range(2, isqrt(n) + 1))), 64))


def _cube_root(number: int) -> int:
    root = round(number ** (1 / 3))
    while root**3 > number:
        root -= 1
    while (root + 1) ** 3 <= number:
        root += 1
    return root


# FIPS 180-4 §4.2.2 and §5.3.3: 32 bits after the point of the roots of the first primes.
_ROUND: Final = [_cube_root(prime << 96) & _WORD for prime in _PRIMES]
INITIAL: Final = {
    "sha1": (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0),  # FIPS 180-4 §5.3.1
    "sha256": tuple(isqrt(prime << 64) & _WORD for prime in _PRIMES[:8]),
}


def _right(word: int, by: int) -> int:
    return (word >> by | word << 32 - by) & _WORD


def _sha1(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    words = list(struct.unpack(">16I", block))
    for at in range(16, 80):
        words.append(_right(words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16], 31))
    a, b, c, d, e = state
    for at, word in enumerate(words):
        mixed, constant = (
            (b & c | ~b & d, 0x5A827999),
            (b ^ c ^ d, 0x6ED9EBA1),
            (b & c | b & d | c & d, 0x8F1BBCDC),
            (b ^ c ^ d, 0xCA62C1D6),
        )[at // 20]
        a, b, c, d, e = (_right(a, 27) + mixed + e + constant + word) & _WORD, a, _right(b, 2), c, d
    return tuple(old + new & _WORD for old, new in zip(state, (a, b, c, d, e), strict=True))


def _sha256(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    words = list(struct.unpack(">16I", block))
    for at in range(16, 64):
        before, last = words[at - 15], words[at - 2]
        low = _right(before, 7) ^ _right(before, 18) ^ before >> 3
        high = _right(last, 17) ^ _right(last, 19) ^ last >> 10
        words.append(words[at - 16] + low + words[at - 7] + high & _WORD)
    a, b, c, d, e, f, g, h = state
    for constant, word in zip(_ROUND, words, strict=True):
        first = h + (_right(e, 6) ^ _right(e, 11) ^ _right(e, 25)) + (e & f ^ ~e & g) + constant + word
        second = (_right(a, 2) ^ _right(a, 13) ^ _right(a, 22)) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = first + second & _WORD, a, b, c, d + first & _WORD, e, f, g
    return tuple(old + new & _WORD for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True))


_COMPRESS: Final = {"sha1": _sha1, "sha256": _sha256}


def advance(hash_name: str, state: tuple[int, ...], blocks: bytes) -> tuple[int, ...]:
    """The state after these whole blocks."""
    for at in range(0, len(blocks), BLOCK):
        state = _COMPRESS[hash_name](state, blocks[at : at + BLOCK])
    return state


def finish(hash_name: str, state: tuple[int, ...], done: int, rest: bytes) -> bytes:
    """The digest of a message whose first `done` octets, whole blocks, led to `state`, and which ends with `rest`."""
    padding = b"\x80" + bytes((55 - len(rest)) % BLOCK) + ((done + len(rest)) * 8).to_bytes(8, "big")
    return b"".join(word.to_bytes(4, "big") for word in advance(hash_name, state, rest + padding))
