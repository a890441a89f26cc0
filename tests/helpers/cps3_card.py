"""A CPS3 in front of the ANS's real Cryptolib CPS: PKCS#15 files and the IAS-ECC commands it sends (reference card.md §2.3).

Written to satisfy that module, not from a real card: layout of the files, key references and counters may differ on one.
"""

from __future__ import annotations

from typing import Final

from dmp_desktop.sandbox.virtual_cards import AID_CPS3, ATR_CPS3
from tests.helpers.cps_token import AUT, DATA, PIN, SIG, Holder, holder, tlv
from tests.helpers.resumed_hash import INITIAL, finish

TRIES: Final = 3
_SERIAL: Final = bytes.fromhex("8025000001 9999999999")
_DF: Final = "3F005015"
_KEYS, _CERTIFICATES, _DATA, _PINS = (f"{_DF}700{one}" for one in range(1, 5))
# DigestInfo without its digest (RFC 8017 §9.2, note 1), and the length of the digest.
_DIGEST_INFO: Final = {
    "sha1": (bytes.fromhex("3021300906052B0E03021A05000414"), 20),
    "sha256": (bytes.fromhex("3031300D060960864801650304020105000420"), 32),
}
_COUNTER: Final = 8  # octets of the count of bits hashed so far, which follows the state of a hash under way
_SHA256_TEMPLATES: Final = (b"\x40", b"\x42")  # last octet of the hash template, when there is no state to tell
_OK, _DENIED, _BLOCKED = b"\x90\x00", b"\x69\x82", b"\x69\x83"
_NO_FILE, _NO_DATA, _BAD_DATA, _UNKNOWN, _NO_CHANNEL = b"\x6a\x82", b"\x6a\x88", b"\x6a\x80", b"\x6d\x00", b"\x68\x81"


def _sequence(*values: bytes) -> bytes:
    return tlv(0x30, b"".join(values))


def _bits(*on: int) -> bytes:
    """BIT STRING with these named bits (ISO 8825-1 §8.6)."""
    octets = bytearray(1 + max(on, default=-1) // 8)
    for one in on:
        octets[one // 8] |= 0x80 >> one % 8
    unused = len(octets) * 8 - max(on) - 1 if on else 0
    return tlv(0x03, bytes([unused]) + bytes(octets))


def _path(path: str) -> bytes:
    return _sequence(tlv(0x04, bytes.fromhex(path)))


def _common(label: str, *, private: bool) -> bytes:
    """CommonObjectAttributes (PKCS#15 §6.1.1): a private object names the PIN that opens it."""
    flags = _bits(0) + tlv(0x04, b"\x01") if private else _bits()
    return _sequence(tlv(0x0C, label.encode()), flags)


def _key(label: str, number: int, *usage: int) -> bytes:
    shared = _sequence(tlv(0x04, bytes([number])), _bits(*usage), _bits(0, 2, 3, 4), tlv(0x02, bytes([number])))
    length = tlv(0x02, (2048).to_bytes(2, "big"))
    return _sequence(_common(label, private=True), shared, tlv(0xA1, _sequence(_path(_DF), length)))


def _certificate(label: str, number: int, path: str) -> bytes:
    return _sequence(
        _common(label, private=False), _sequence(tlv(0x04, bytes([number]))), tlv(0xA1, _sequence(_path(path)))
    )


class Cps3Card:
    """A CardApplication. `logins` counts the PINs that were sent to it."""

    atr = ATR_CPS3

    def __init__(self, who: Holder | None = None) -> None:
        self.tries = TRIES
        self.logins = 0
        self._who = who or holder()
        directory = b""
        self._files: dict[str, bytes] = {}
        self._private: set[str] = set()
        for position, (label, (value, private)) in enumerate(DATA.items()):
            path = f"{_DF}90{position:02X}"
            self._files[path] = value
            self._private |= {path} if private else set()
            directory += _sequence(
                _common(label, private=private), _sequence(tlv(0x0C, b"CPS")), tlv(0xA1, _path(path))
            )
        flags = _bits(0, 4) + b"\x0a\x01\x01" + b"\x02\x01\x04" * 3 + tlv(0x80, b"\x01")  # ascii-numeric, of 4 to 4
        pin = _sequence(
            _sequence(tlv(0x0C, b"Code porteur"), _bits(0, 1)),
            _sequence(tlv(0x04, b"\x01")),
            tlv(0xA1, _sequence(flags, _path("3F00"))),
        )
        odf = ((0xA0, _KEYS), (0xA4, _CERTIFICATES), (0xA7, _DATA), (0xA8, _PINS))
        self._files |= {
            "3F00D003": tlv(0x5A, _SERIAL),
            "3F002F00": tlv(0x61, tlv(0x4F, AID_CPS3) + tlv(0x50, b"CPS-PKCS15") + tlv(0x51, bytes.fromhex(_DF))),
            f"{_DF}5031": b"".join(tlv(tag, _path(path)) for tag, path in odf),
            f"{_DF}5032": _sequence(
                b"\x02\x01\x00", tlv(0x04, _SERIAL), tlv(0x0C, b"ASIP SANTE"), tlv(0x80, b"CPS3v3"), _bits(1, 2)
            ),
            _KEYS: _key("CPS_PRIV_SIG", SIG, 9) + _key("CPS_PRIV_AUT", AUT, 1, 2),
            _CERTIFICATES: _certificate("Certificat de Signature CPS", SIG, f"{_DF}8001")
            + _certificate("Certificat d'Authentification CPS", AUT, f"{_DF}8002"),
            _DATA: directory,
            _PINS: pin,
            f"{_DF}8001": self._who.certificates[SIG],
            f"{_DF}8002": self._who.certificates[AUT],
        }
        self.reset()

    def reset(self) -> None:
        """Power on."""
        self._folder, self._file, self._open, self._hash, self._template = "3F00", "", False, b"", b""

    def process(self, apdu: bytes) -> bytes:
        cla, ins, p1, p2 = apdu[:4]
        length = apdu[4] if len(apdu) > 5 else 0
        body, wanted = apdu[5 : 5 + length], (apdu[-1] or 256 if len(apdu) in (5, 6 + length) else 256)
        if cla & 0x0F:  # CPS4 are looked for on another logical channel
            return _NO_CHANNEL
        match ins, p1, p2:
            case 0xA4, _, _:
                return self._select(p1, body)
            case 0xB0, _, _:
                return self._read(p1 << 8 | p2, wanted)
            case 0x20, _, _:
                return self._verify(body)
            case 0xCB, _, _:  # the tries left (tag 9B) of the PIN that was asked for
                left = tlv(0x9A, b"\x03") + tlv(0x9B, bytes([self.tries]))
                return tlv(0x70, b"\xbf\x81\x01" + tlv(0xA0, left)[1:]) + _OK if body[:1] == b"\x4d" else _NO_DATA
            case 0x22, _, _:
                self._template = body if p2 == 0xAA else self._template
                return _OK
            case 0x88, _, _:
                return self._sign(AUT, body)
            case 0x2A, 0x90, 0xA0:
                self._hash = body
                return _OK
            case 0x2A, 0x9E, 0x9A:
                held = self._digest_info()
                return self._sign(SIG, held) if held else _BAD_DATA
        return _UNKNOWN

    def _digest_info(self) -> bytes:
        """Of what 2A90A0 brought: 90 length digest, or 90 length (state, count of bits) 80 length (end of the message)."""
        values, rest = {}, self._hash
        while len(rest) > 1:
            values[rest[0]], rest = rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
        state, end = values.get(0x90, b""), values.get(0x80)
        for name, (prefix, length) in _DIGEST_INFO.items():
            if end is None and len(state) == length:
                return prefix + state
            if end is not None and len(state) == length + _COUNTER:
                words = tuple(int.from_bytes(state[at : at + 4], "big") for at in range(0, length, 4))
                return prefix + finish(name, words, int.from_bytes(state[length:], "big") // 8, end)
        if end is None or state:
            return b""
        name = "sha256" if self._template[-1:] in _SHA256_TEMPLATES else "sha1"
        return _DIGEST_INFO[name][0] + finish(name, INITIAL[name], 0, end)

    def _select(self, p1: int, body: bytes) -> bytes:
        name = body.hex().upper()
        if p1 == 0x04:
            path = _DF if AID_CPS3.startswith(body) else ""
        elif p1 in (0x08, 0x09):
            path = name if name.startswith("3F00") else f"3F00{name}"
        else:
            near = self._folder + name
            path = "3F00" if name == "3F00" else near if near in (*self._files, _DF) else f"3F00{name}"
        if path in ("3F00", _DF):
            self._folder, self._file = path, ""
            return tlv(0x6F, bytes.fromhex(f"820138 8302{path[-4:]} 8A0105")) + _OK
        if path not in self._files:
            return _NO_FILE
        self._file = path
        size = len(self._files[path]).to_bytes(2, "big")
        return tlv(0x6F, b"\x81\x02" + size + bytes.fromhex(f"820101 8302{path[-4:]} 8A0105")) + _OK

    def _read(self, offset: int, wanted: int) -> bytes:
        if not self._file:
            return b"\x69\x86"
        if self._file in self._private and not self._open:
            return _DENIED
        return self._files[self._file][offset : offset + wanted] + _OK

    def _verify(self, body: bytes) -> bytes:
        if not self.tries:
            return _BLOCKED
        if not body:
            return _OK if self._open else bytes([0x63, 0xC0 | self.tries])
        self.logins += 1
        self._open = body.rstrip(b"\x00\xff") == PIN.encode()
        self.tries = TRIES if self._open else self.tries - 1
        return _OK if self._open else bytes([0x63, 0xC0 | self.tries]) if self.tries else _BLOCKED

    def _sign(self, number: int, digest_info: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 padding is the card's (RFC 8017 §9.2)."""
        if not self._open:
            return _DENIED
        key = self._who.keys[number].private_numbers()
        block = b"\x00\x01" + b"\xff" * (256 - 3 - len(digest_info)) + b"\x00" + digest_info
        return pow(int.from_bytes(block, "big"), key.d, key.public_numbers.n).to_bytes(256, "big") + _OK
