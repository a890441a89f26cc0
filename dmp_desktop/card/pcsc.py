"""The seam with PC/SC: what this application uses of it, and the real thing over pyscard's `smartcard.scard`.

pyscard's CardMonitor and ReaderMonitor die with the PC/SC service, and its global PCSCContext goes stale (reference card.md
§0.2 and §4): none of them is used. Every thread establishes its own context, as pcsc-lite asks.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from dmp_desktop.card.failures import E_NO_READERS_AVAILABLE, NO_LIBRARY, PcscError
from dmp_desktop.card.reader_names import raw_names

# SCARDSTATE flags: pcsc-lite `pcsclite.h`, Microsoft `winscard.h`. The upper 16 bits count insertions and removals.
STATE_UNAWARE: Final = 0x0000
STATE_CHANGED: Final = 0x0002
STATE_UNKNOWN: Final = 0x0004
STATE_UNAVAILABLE: Final = 0x0008
STATE_EMPTY: Final = 0x0010
STATE_PRESENT: Final = 0x0020
STATE_EXCLUSIVE: Final = 0x0080
STATE_MUTE: Final = 0x0200

# The pseudo-reader whose state changes with the list of readers (SCardGetStatusChange, Microsoft and pcsc-lite).
PNP_NOTIFICATION: Final = "\\\\?PnP?\\Notification"
# pcsc-lite refuses more states in one call (PCSCLITE_MAX_READERS_CONTEXTS).
MAX_STATES: Final = 16

PROTOCOL_T0: Final = 1
PROTOCOL_T1: Final = 2

# libpcsclite establishes under a lock of its own, which pyscard waits for with the interpreter in hand when it gives back the
# memory of a list of readers (SCardFreeMemory, in its typemap): a service slow to answer would freeze the window. Never both.
_ESTABLISHING: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class ReaderState:
    """State of one reader: SCARDSTATE flags with the event counter in the upper 16 bits, and the ATR of its card."""

    reader: str
    state: int = STATE_UNAWARE
    atr: bytes = b""

    @property
    def counter(self) -> int:
        return self.state >> 16

    @property
    def present(self) -> bool:
        return bool(self.state & STATE_PRESENT)

    @property
    def mute(self) -> bool:
        """A card that gave no answer to reset: upside down, or not a smart card."""
        return self.present and (bool(self.state & STATE_MUTE) or not self.atr)


class PcscCard(Protocol):
    """A connection to the card in a reader, shared with the other programs. Every method may raise PcscError."""

    @property
    def protocol(self) -> int:
        """PROTOCOL_T0 or PROTOCOL_T1, as negotiated."""
        ...

    def begin(self) -> None:
        """Wait for, then hold, the exclusive use of the card. Keep it short: other programs wait."""
        ...

    def end(self) -> None:
        """Let the other programs in again, leaving the card as it is."""
        ...

    def transmit(self, apdu: bytes) -> bytes:
        """Send one command, return data and status word."""
        ...

    def reconnect(self) -> None:
        """Acknowledge a reset made by another program (W_RESET_CARD)."""
        ...

    def disconnect(self) -> None:
        """Let go of the card, left powered and as it is: another program may have shown it a PIN."""
        ...


class PcscContext(Protocol):
    """A conversation with the PC/SC service, for one thread (`cancel` apart). Every method may raise PcscError."""

    def readers(self) -> list[str]:
        """Names of the readers plugged in, maybe none; `wait` takes those that are `usable_reader` only."""
        ...

    def wait(self, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        """Block until a state differs from what is known, and return the new states.

        Raises PcscError E_TIMEOUT after `timeout_ms`, E_CANCELLED after `cancel`, E_UNKNOWN_READER when one is unplugged.
        """
        ...

    def cancel(self) -> None:
        """Make the `wait` of another thread return; no effect when none is under way."""
        ...

    def connect(self, reader: str) -> PcscCard:
        """Connect in shared mode, never exclusive."""
        ...

    def release(self) -> None:
        """Free the context. Never raises: it is called on the way out of a failure."""
        ...


class Pcsc(Protocol):
    """The PC/SC service of this machine, or a stand-in."""

    def establish(self) -> PcscContext:
        """Raises PcscError when the service, or the library itself, is not there."""
        ...


class ScardPcsc:
    """PC/SC of the operating system: winscard on Windows, pcsc-lite on Linux, PCSC.framework on macOS."""

    def establish(self) -> PcscContext:
        scard = _load()
        with _ESTABLISHING:
            return _ScardContext(scard, _checked(scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)))


class _ScardContext:
    def __init__(self, scard: Any, handle: int) -> None:
        self._scard = scard
        self._handle = handle

    def readers(self) -> list[str]:
        try:
            return self._listed()
        except PcscError as error:
            if error.status == E_NO_READERS_AVAILABLE:
                return []
            raise

    def _listed(self) -> list[str]:
        with _ESTABLISHING:
            try:
                return list(_checked(self._scard.SCardListReaders(self._handle, [])))
            except (UnicodeDecodeError, SystemError):  # pyscard #121: a name that is no UTF-8
                return raw_names(self._handle)

    def wait(self, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        asked = [(reader.reader, reader.state) for reader in known]
        states = _checked(self._scard.SCardGetStatusChange(self._handle, timeout_ms, asked))
        return [ReaderState(name, state & 0xFFFFFFFF, bytes(atr)) for name, state, atr in states]

    def cancel(self) -> None:
        _check(self._scard.SCardCancel(self._handle))

    def connect(self, reader: str) -> PcscCard:
        scard = self._scard
        code, handle, protocol = scard.SCardConnect(
            self._handle, reader, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        )
        _check(code)
        return _ScardCard(scard, handle, protocol)

    def release(self) -> None:
        self._scard.SCardReleaseContext(self._handle)


class _ScardCard:
    def __init__(self, scard: Any, handle: int, protocol: int) -> None:
        self._scard = scard
        self._handle = handle
        self._protocol = protocol

    @property
    def protocol(self) -> int:
        return self._protocol

    def begin(self) -> None:
        _check(self._scard.SCardBeginTransaction(self._handle))

    def end(self) -> None:
        _check(self._scard.SCardEndTransaction(self._handle, self._scard.SCARD_LEAVE_CARD))

    def transmit(self, apdu: bytes) -> bytes:
        return bytes(_checked(self._scard.SCardTransmit(self._handle, self._protocol, list(apdu))))

    def reconnect(self) -> None:
        scard = self._scard
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        self._protocol = _checked(
            scard.SCardReconnect(self._handle, scard.SCARD_SHARE_SHARED, protocols, scard.SCARD_LEAVE_CARD)
        )

    def disconnect(self) -> None:
        _check(self._scard.SCardDisconnect(self._handle, self._scard.SCARD_LEAVE_CARD))


def _load() -> Any:
    """pyscard, only when it can work: on Linux it prints on stdout and goes on when libpcsclite is absent."""
    try:
        if sys.platform.startswith("linux"):
            ctypes.CDLL("libpcsclite.so.1")
        return importlib.import_module("smartcard.scard")
    except (ImportError, OSError):
        raise PcscError(NO_LIBRARY) from None


def _check(code: int) -> None:
    if code:
        raise PcscError(code)


def _checked(result: Any) -> Any:
    """The value of pyscard's `(return code, value)`; a bare return code is what it gives on some failures."""
    code, value = result if isinstance(result, list | tuple) else (result, None)
    _check(code)
    return value
