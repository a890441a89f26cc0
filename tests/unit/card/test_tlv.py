from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.card.tlv import MAX_OBJECTS, TlvError, complete, first, parse


def encode(tag: int, value: bytes) -> bytes:
    """An independent writer: always the long form of three bytes where the short one is not enough."""
    tag_bytes = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
    length = bytes([len(value)]) if len(value) < 128 else b"\x83" + len(value).to_bytes(3, "big")
    return tag_bytes + length + value


TAGS = st.sampled_from([0x65, 0x80, 0x93, 0x30, 0x04, 0xA4, 0x5F37, 0x7F21, 0x7F8101])


@given(st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=8), st.integers(0, 5))
def test_what_was_written_is_read(objects: list[tuple[int, bytes]], padding: int) -> None:
    written = bytes(padding).join([b"", *(encode(tag, value) for tag, value in objects), b""])
    assert [(one.tag, one.value) for one in parse(written)] == objects


@given(st.lists(st.tuples(TAGS, st.binary(min_size=1, max_size=40)), min_size=1, max_size=4), st.data())
def test_a_cut_file_is_refused_or_ends_between_two_objects(
    objects: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    written = b"".join(encode(tag, value) for tag, value in objects)
    cut = written[: data.draw(st.integers(0, len(written) - 1))]
    whole = complete(cut)
    assert [(one.tag, one.value) for one in whole] == objects[: len(whole)]
    assert len(cut) - sum(len(one.encoded) for one in whole) < len(encode(*objects[len(whole)]))
    try:
        found = parse(cut)
    except TlvError:
        return
    assert [(one.tag, one.value) for one in found] == objects[: len(found)]
    assert b"".join(one.encoded for one in found) == cut


@given(st.binary(max_size=600))
def test_any_bytes_are_parsed_or_refused(untrusted: bytes) -> None:
    try:
        objects = parse(untrusted)
    except TlvError:
        return
    assert len(objects) <= MAX_OBJECTS
    assert sum(len(one.encoded) for one in objects) <= len(untrusted)


@pytest.mark.parametrize(
    "refused",
    ["65", "6580", "658401000000", "6581", "7F", "7F81818101", "6502AA", "65850000000001AA", "65FF"],
    ids=str,
)
def test_what_is_no_tlv_is_refused(refused: str) -> None:
    with pytest.raises(TlvError):
        parse(bytes.fromhex(refused))


def test_an_erased_tail_is_padding() -> None:
    assert [one.tag for one in parse(bytes.fromhex("0080 01 AA 00 FFFFFFFF"))] == [0x80]


def test_there_is_a_limit_to_objects() -> None:
    with pytest.raises(TlvError):
        parse(b"\x80\x00" * (MAX_OBJECTS + 1))


def test_first_finds_the_first_or_nothing() -> None:
    objects = parse(bytes.fromhex("800101 800102 810103"))
    assert first(objects, 0x80) is objects[0]
    assert first(objects, 0x82) is None


def test_a_value_never_shows() -> None:
    assert repr(parse(encode(0x80, b"TEST-PATIENTE"))) == "[Tlv(80, 13 bytes)]"
