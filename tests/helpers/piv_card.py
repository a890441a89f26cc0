"""A smart card that locks, in front of OpenSC's real PKCS#11 module: a PIV applet (NIST SP 800-73-4 part 2) with our professional's
keys. SoftHSM2 never locks its PIN and cannot be pulled out; Cryptolib CPS is not on this machine.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.helpers.cps_token import AUT, PIN, SIG, Holder, holder, tlv

OPENSC = Path("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so")
TRIES = 3
_AID = bytes.fromhex("A000000308000010000100")
# SP 800-73-4 part 1 table 3 (objects) and table 4b (keys): 9A authenticates, 9C signs.
_OBJECTS = {bytes.fromhex("5FC105"): AUT, bytes.fromhex("5FC10A"): SIG}
_KEYS = {0x9A: AUT, 0x9C: SIG}
_CHUID = bytes.fromhex("5FC102")
_DENIED, _BLOCKED, _NOT_FOUND, _UNKNOWN = b"\x69\x82", b"\x69\x83", b"\x6a\x82", b"\x6d\x00"

_CONFIGURATION = """app default {
    card_drivers = PIV-II;
    framework pkcs15 { use_file_caching = no; use_pin_caching = no; pin_cache_ignore_user_consent = yes; }
}
"""


def configure_opensc() -> None:
    """OpenSC reads its configuration at each start: only the PIV driver, no cache on disk or of the PIN. To be called before it is loaded."""
    file = Path(tempfile.gettempdir()) / f"opensc-{os.getpid()}.conf"
    file.write_text(_CONFIGURATION)
    os.environ["OPENSC_CONF"] = str(file)


class PivCard:
    """A CardApplication under T=1. `when_signing` is called in the middle of each signature, before the card answers."""

    atr = bytes.fromhex("3B 80 80 01 01")

    def __init__(self, who: Holder | None = None, *, sign_certificate: bool = True) -> None:
        self.tries = TRIES
        self.logins = 0
        self.when_signing: Callable[[], None] = lambda: None
        self.when_verifying: Callable[[], None] = lambda: None
        self._who = who or holder()
        self._objects = {
            tag: tlv(0x53, tlv(0x70, self._who.certificates[one]) + b"\x71\x01\x00\xfe\x00")
            for tag, one in _OBJECTS.items()
            if one == AUT or sign_certificate
        }
        self._objects[_CHUID] = tlv(
            0x53, tlv(0x30, bytes(25)) + tlv(0x34, b"TEST-DMP-DESKTOP") + tlv(0x35, b"20290101") + b"\x3e\x00\xfe\x00"
        )
        self.reset()

    def reset(self) -> None:
        """Power on: the PIN is forgotten."""
        self._open = False
        self._waiting = b""
        self._chain = b""

    def process(self, apdu: bytes) -> bytes:
        cla, ins, p1, p2 = apdu[:4]
        length = apdu[4] if len(apdu) > 5 else 0
        body = self._chain + apdu[5 : 5 + length]
        wanted = (apdu[-1] or 256) if len(apdu) in (5, 6 + length) else 256
        if cla & 0x10:  # command chaining, ISO 7816-4 §5.1.1.1
            self._chain = body
            return b"\x90\x00"
        self._chain = b""
        match ins:
            case 0xA4:
                return (
                    tlv(0x61, tlv(0x4F, _AID[5:]) + tlv(0x79, tlv(0x4F, _AID[:5]))) + b"\x90\x00"
                    if _AID.startswith(body)
                    else _NOT_FOUND
                )
            case 0xCB:
                found = self._objects.get(body[2:])
                return self._answer(found, wanted) if found else _NOT_FOUND
            case 0xC0:
                return self._answer(self._waiting, wanted)
            case 0x20:
                return self._verify(body, asked=p1 == 0 and not body)
            case 0x87 if p2 in _KEYS:
                return self._sign(_KEYS[p2], body, wanted)
        return _UNKNOWN

    def _answer(self, data: bytes, wanted: int = 256) -> bytes:
        sent, self._waiting = data[:wanted], data[wanted:]
        return sent + (bytes([0x61, min(len(self._waiting), 255)]) if self._waiting else b"\x90\x00")

    def _verify(self, body: bytes, *, asked: bool) -> bytes:
        if not self.tries:
            return _BLOCKED
        if asked:
            return b"\x90\x00" if self._open else bytes([0x63, 0xC0 | self.tries])
        self.logins += 1
        self.when_verifying()
        self._open = body.rstrip(b"\xff") == PIN.encode()
        self.tries = TRIES if self._open else self.tries - 1
        return b"\x90\x00" if self._open else bytes([0x63, 0xC0 | self.tries]) if self.tries else _BLOCKED

    def _sign(self, number: int, body: bytes, wanted: int) -> bytes:
        """7C { 82 (empty), 81 padded block } gives 7C { 82 signature }: the reader's side has padded (SP 800-73-4 part 2 §3.2.4)."""
        if not self._open:
            return _DENIED
        self.when_signing()
        key = self._who.keys[number].private_numbers()
        block = body[-256:]
        signature = pow(int.from_bytes(block, "big"), key.d, key.public_numbers.n).to_bytes(256, "big")
        return self._answer(tlv(0x7C, tlv(0x82, signature)), wanted)
