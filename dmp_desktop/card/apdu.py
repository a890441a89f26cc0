"""Commands to a card: what T=0 makes of them, and reading a file whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dmp_desktop.card.failures import unreadable
from dmp_desktop.card.pcsc import PROTOCOL_T0, PcscCard

# Instructions (ISO 7816-4 §7.1.1, §7.2.3, §7.6.1).
INS_SELECT: Final = 0xA4
INS_READ_BINARY: Final = 0xB0
INS_GET_RESPONSE: Final = 0xC0
# P1 of SELECT (ISO 7816-4 §7.1.1, table 39).
SELECT_FILE: Final = 0x00
SELECT_EF: Final = 0x02
SELECT_AID: Final = 0x04
SELECT_PATH_FROM_MF: Final = 0x08
SELECT_PATH: Final = 0x09
# P2 of SELECT: first occurrence, answer with the file's control parameters (ibid., table 40).
RETURN_FCP: Final = 0x04

SW_OK: Final = 0x9000
# READ BINARY addresses 15 bits (ISO 7816-4 §7.2.3); nothing we read comes near.
MAX_FILE: Final = 0x8000
# Longest chain of GET RESPONSE for one command: a short APDU never needs more than a few.
_MAX_CHAIN: Final = 256


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """What a card answered: data, and the status word SW1-SW2 (ISO 7816-4 §5.1.3)."""

    untrusted_data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        """Done, maybe with a warning on the data (62xx: end of file reached before Le)."""
        return self.sw == SW_OK or self.sw >> 8 == 0x62

    @property
    def broken(self) -> bool:
        """The card could not execute: 64xx, 65xx, 6Fxx (ISO 7816-4 §5.1.3, table 5). Anything else is a plain refusal."""
        return self.sw >> 8 in (0x64, 0x65, 0x6F)

    def __repr__(self) -> str:
        return f"Response({len(self.untrusted_data)} bytes, {self.sw:04X})"


class CardChannel:
    """Sends short APDUs over one connection and hides the protocol: 61xx is followed by GET RESPONSE, 6Cxx by the right Le.

    Every method may raise CardError: PcscError when the card or the reader left, `card.garbled` when answers make no sense.
    """

    def __init__(self, card: PcscCard) -> None:
        self._card = card

    def send(self, ins: int, p1: int, p2: int, data: bytes = b"", *, le: int | None = None) -> Response:
        """One command of class 00. `le` is the number of bytes expected, 256 for "all there is", None for none."""
        command = bytes([0x00, ins, p1, p2])
        if data:
            command += bytes([len(data)]) + data
            if le is not None and self._card.protocol != PROTOCOL_T0:  # T=0 has no Le here (ISO 7816-3 §12.2.5)
                command += bytes([le & 0xFF])
            return self._chained(self._transmit(command))
        return self._outgoing(command, le)

    def select(self, how: int, what: bytes, p2: int = 0x00) -> Response:
        """Select a file or an application; a refusal is an answer like another."""
        return self.send(INS_SELECT, how, p2, what, le=256 if p2 == RETURN_FCP else None)

    def read_file(self, short_id: int | None = None) -> bytes:
        """The whole of a transparent EF: the selected one, or the one with this short identifier (which selects it).

        Returns b"" when the card refuses. The file is read until the card has no more: the size it declares is not believed.
        """
        untrusted = b""
        while len(untrusted) < MAX_FILE:
            p1, p2 = divmod(len(untrusted), 0x100)
            if short_id is not None and not untrusted:
                p1 = 0x80 | short_id
            answer = self.send(INS_READ_BINARY, p1, p2, le=256)
            if answer.broken:
                raise unreadable("failing")
            if not answer.ok or not answer.untrusted_data:
                return untrusted
            untrusted += answer.untrusted_data
            if answer.sw != SW_OK:  # 6282: that was the end
                return untrusted
        raise unreadable("garbled")

    def _outgoing(self, command: bytes, le: int | None) -> Response:
        answer = self._transmit(command if le is None else command + bytes([le & 0xFF]))
        if answer.sw >> 8 == 0x6C:  # wrong Le, SW2 is the right one (ISO 7816-4 §5.1.3)
            answer = self._transmit(command + bytes([answer.sw & 0xFF]))
        return self._chained(answer)

    def _chained(self, answer: Response) -> Response:
        untrusted = answer.untrusted_data
        for _ in range(_MAX_CHAIN):
            if answer.sw >> 8 != 0x61:  # SW2 more bytes are waiting (ISO 7816-4 §5.1.3)
                return Response(untrusted, answer.sw)
            command = bytes([0x00, INS_GET_RESPONSE, 0x00, 0x00])
            answer = self._transmit(command + bytes([answer.sw & 0xFF]))
            if answer.sw >> 8 == 0x6C:
                answer = self._transmit(command + bytes([answer.sw & 0xFF]))
            untrusted += answer.untrusted_data
        raise unreadable("garbled")

    def _transmit(self, command: bytes) -> Response:
        untrusted = self._card.transmit(command)
        if len(untrusted) < 2:
            raise unreadable("garbled")
        return Response(untrusted[:-2], int.from_bytes(untrusted[-2:], "big"))
