from __future__ import annotations

import contextlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.card.apdu import INS_READ_BINARY, MAX_FILE, RETURN_FCP, SELECT_AID, SELECT_FILE, CardChannel
from dmp_desktop.card.pcsc import PROTOCOL_T0, PROTOCOL_T1
from dmp_desktop.errors import CardError

AID = bytes.fromhex("D250000002")


class Scripted:
    """A card that knows its lines: each command is the one expected, and gets the answer written beside it."""

    def __init__(self, *lines: tuple[str, str], protocol: int = PROTOCOL_T0) -> None:
        self.protocol = protocol
        self._lines = [(bytes.fromhex(command), bytes.fromhex(answer)) for command, answer in lines]

    def transmit(self, apdu: bytes) -> bytes:
        command, answer = self._lines.pop(0)
        assert apdu.hex(" ").upper() == command.hex(" ").upper()
        return answer

    def begin(self) -> None: ...
    def end(self) -> None: ...
    def reconnect(self) -> None: ...
    def disconnect(self) -> None: ...

    def over(self) -> bool:
        return not self._lines


class Babbling(Scripted):
    """A card that answers anything."""

    def __init__(self, answers: Sequence[bytes], protocol: int) -> None:
        super().__init__(protocol=protocol)
        self._answers = list(answers)
        self.commands = 0

    def transmit(self, apdu: bytes) -> bytes:
        assert 4 <= len(apdu) <= 261
        self.commands += 1
        return self._answers[self.commands % len(self._answers)]


def test_what_waits_is_asked_for() -> None:
    card = Scripted(
        ("00A40404 05 D250000002", "61 04"),
        ("00C00000 04", "6C 03"),
        ("00C00000 03", "AABBCC 61 01"),
        ("00C00000 01", "DD 9000"),
    )
    answer = CardChannel(card).select(SELECT_AID, AID, RETURN_FCP)
    assert (answer.untrusted_data.hex(), answer.sw, answer.ok) == ("aabbccdd", 0x9000, True)
    assert card.over()


def test_256_bytes_wait_as_6100() -> None:
    card = Scripted(("00A40000 02 3F00", "61 00"), ("00C00000 00", "AA" * 256 + "9000"))
    assert len(CardChannel(card).select(SELECT_FILE, b"\x3f\x00").untrusted_data) == 256


def test_t1_says_how_much_it_expects() -> None:
    card = Scripted(("00A40404 05 D250000002 00", "6F00 9000"), protocol=PROTOCOL_T1)
    assert CardChannel(card).select(SELECT_AID, AID, RETURN_FCP).untrusted_data == b"\x6f\x00"


def test_the_right_length_is_asked_for_once() -> None:
    card = Scripted(("00B00000 00", "6C 02"), ("00B00000 02", "AABB 9000"))
    assert CardChannel(card).send(INS_READ_BINARY, 0, 0, le=256).untrusted_data == b"\xaa\xbb"
    card = Scripted(("00B00000 00", "6C 02"), ("00B00000 02", "6C 02"))
    assert not CardChannel(card).send(INS_READ_BINARY, 0, 0, le=256).ok


def test_a_file_is_read_to_its_end() -> None:
    card = Scripted(
        ("00B08200 00", "AA" * 256 + "9000"),
        ("00B00100 00", "6C 02"),
        ("00B00100 02", "BBBB 9000"),
        ("00B00102 00", "6B00"),
    )
    assert CardChannel(card).read_file(2) == b"\xaa" * 256 + b"\xbb\xbb"
    assert card.over()


def test_a_file_may_tell_its_end() -> None:
    card = Scripted(("00B00000 00", "AABB 6282"))
    assert CardChannel(card).read_file() == b"\xaa\xbb"


def test_a_file_may_come_by_get_response() -> None:
    """The other T=0 way, seen in the programs the reference cites."""
    card = Scripted(
        ("00B08200 00", "61 FF"),
        ("00C00000 FF", "AA" * 255 + "61 01"),
        ("00C00000 01", "BB 9000"),
        ("00B00100 00", "6B00"),
    )
    assert len(CardChannel(card).read_file(2)) == 256


def test_a_refused_file_is_empty() -> None:
    assert CardChannel(Scripted(("00B08200 00", "6A82"))).read_file(2) == b""


@pytest.mark.parametrize("failure", ["6400", "6581", "6F00"])
def test_a_card_that_breaks_down_is_not_the_end_of_a_file(failure: str) -> None:
    card = Scripted(("00B00000 00", "AA" * 256 + "9000"), ("00B00100 00", failure))
    with pytest.raises(CardError, match="illisibles"):
        CardChannel(card).read_file()


@pytest.mark.parametrize("answers", [[b"\x61\x10"], [b"\xaa\x61\x01"], [b""], [b"\x90"]])
def test_an_endless_or_empty_answer_is_refused(answers: list[bytes]) -> None:
    card = Babbling(answers, PROTOCOL_T0)
    with pytest.raises(CardError):
        CardChannel(card).select(SELECT_AID, AID)
    assert card.commands < 1000


def test_an_endless_file_is_refused() -> None:
    card = Babbling([b"\xaa" * 256 + b"\x90\x00"], PROTOCOL_T0)
    with pytest.raises(CardError):
        CardChannel(card).read_file()
    assert card.commands == MAX_FILE // 256


@given(st.lists(st.binary(max_size=258), min_size=1, max_size=6), st.sampled_from([PROTOCOL_T0, PROTOCOL_T1]))
def test_any_answers_end_in_bytes_or_a_card_error(answers: list[bytes], protocol: int) -> None:
    card = Babbling(answers, protocol)
    channel = CardChannel(card)
    with contextlib.suppress(CardError):
        channel.select(SELECT_AID, AID, RETURN_FCP)
        assert len(channel.read_file(2)) <= MAX_FILE + 0x10000


def test_a_response_never_shows_its_data() -> None:
    assert repr(CardChannel(Scripted(("00B00000 02", "AABB9000"))).send(0xB0, 0, 0, le=2)) == "Response(2 bytes, 9000)"
