"""BER-TLV as cards hold it (ISO 7816-4 §5.2.2, ISO 8825-1 §8.1): bounded, definite lengths only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

# No file we read holds more: a certificate is 2 KiB, a list of beneficiaries 1 KiB.
MAX_OBJECTS: Final = 256
# ISO 7816-4 §5.2.2.1: tags of one to three bytes. §5.2.2.2: lengths of one to five bytes; three hold any file of a card.
_MAX_TAG: Final = 3
_MAX_LENGTH_BYTES: Final = 3


class TlvError(ValueError):
    """Not a sequence of complete BER-TLV objects. Never tells the bytes."""


@dataclass(frozen=True, slots=True, repr=False)
class Tlv:
    """One data object: its whole tag as a number (0x65, 0x7F21), its value, and its bytes with tag and length."""

    tag: int
    value: bytes
    encoded: bytes

    def children(self) -> list[Tlv]:
        """The objects in the value. Raises TlvError."""
        return parse(self.value)

    def __repr__(self) -> str:
        """Never shows a value: it may be an identity."""
        return f"Tlv({self.tag:X}, {len(self.value)} bytes)"


def parse(untrusted: bytes) -> list[Tlv]:
    """The objects one after the other; 00 bytes before, between and after them are padding (ISO 7816-4 §5.2.2), as is a tail of
    FF, which is what an erased memory reads. Raises TlvError.
    """
    return list(_objects(untrusted))


def complete(untrusted: bytes) -> list[Tlv]:
    """As `parse`, of a file that may be cut short: without the first object that is not whole, and what follows it."""
    objects: list[Tlv] = []
    with suppress(TlvError):
        objects.extend(_objects(untrusted))
    return objects


def first(objects: list[Tlv], tag: int) -> Tlv | None:
    """The first object with this tag, or None."""
    return next((one for one in objects if one.tag == tag), None)


def _objects(untrusted: bytes) -> Iterator[Tlv]:
    at = count = 0
    while at < len(untrusted):
        if untrusted[at] == 0x00:
            at += 1
            continue
        if untrusted[at] == 0xFF and not untrusted[at:].strip(b"\xff"):
            break
        if count == MAX_OBJECTS:
            raise TlvError("too many objects")
        tag_end = _tag_end(untrusted, at)
        value_at, length = _length(untrusted, tag_end)
        end = value_at + length
        if end > len(untrusted):
            raise TlvError("truncated value")
        tag = int.from_bytes(untrusted[at:tag_end], "big")
        yield Tlv(tag, untrusted[value_at:end], untrusted[at:end])
        at, count = end, count + 1


def _tag_end(untrusted: bytes, at: int) -> int:
    end = at + 1
    if untrusted[at] & 0x1F == 0x1F:  # the number goes on in the next bytes, as long as their bit 8 is set
        while end < len(untrusted) and untrusted[end] & 0x80:
            end += 1
        end += 1
    if end > len(untrusted) or end - at > _MAX_TAG:
        raise TlvError("bad tag")
    return end


def _length(untrusted: bytes, at: int) -> tuple[int, int]:
    """Where the value begins, and its length."""
    if at >= len(untrusted):
        raise TlvError("no length")
    first_byte = untrusted[at]
    if first_byte < 0x80:
        return at + 1, first_byte
    count = first_byte & 0x7F
    end = at + 1 + count
    if not 1 <= count <= _MAX_LENGTH_BYTES or end > len(untrusted):
        raise TlvError("bad length")
    return end, int.from_bytes(untrusted[at + 1 : end], "big")
