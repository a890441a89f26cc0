"""Emulated cards for the demo and the tests: a carte Vitale 2 and a CPS3 that answer APDUs as the real ones do over T=0.

Written from the reference (card.md §3), never from our readers. Every identity put in them is fictitious.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Final

# Reference card.md §3.1.
ATR_VITALE_2: Final = bytes.fromhex("3B 75 13 00 00 43 09 EA 90 00")
ATR_CPS3: Final = bytes.fromhex("3B AC 00 40 2A 00 12 25 00 64 80 00 03 10 00 90 00")
ATR_CPS4: Final = bytes.fromhex("3B DC 18 FF 00 00 12 25 00 64 80 00 04 01 00 90 00")
# Reference card.md §3.2 and §3.4.
AID_VITALE: Final = bytes.fromhex("D2 50 00 00 02 56 49 54 41 4C 45")
AID_MF_VITALE: Final = bytes.fromhex("D2 50 00 00 02 4D 46 5F 56 49 54 41 4C 45")
AID_CPS3: Final = bytes.fromhex("E8 28 BD 08 0F 80 25 00 00 01 FF 00 10")
AID_CPS4: Final = bytes.fromhex("80 25 00 00 01 FF 01 00")
# Path of the PKCS#15 application of a CPS (reference card.md §2.3).
_DF: Final = "3F005015"

# Status words: ISO 7816-4 §5.1.3, tables 5 and 6.
OK: Final = b"\x90\x00"
WRONG_LENGTH: Final = b"\x67\x00"
NO_CURRENT_EF: Final = b"\x69\x86"
FILE_NOT_FOUND: Final = b"\x6a\x82"
WRONG_OFFSET: Final = b"\x6b\x00"
UNKNOWN_INSTRUCTION: Final = b"\x6d\x00"
UNKNOWN_CLASS: Final = b"\x6e\x00"

SELECT, READ_BINARY, GET_RESPONSE = 0xA4, 0xB0, 0xC0


class _T0Card(ABC):
    """A card under T=0: what a command with data has to say waits for GET RESPONSE (61xx), a wrong Le is refused with the right
    one (6Cxx), and a command with data carries no Le (ISO 7816-3 §12.2)."""

    def __init__(self, atr: bytes) -> None:
        self._atr = atr
        self._file: bytes | None = None
        self._waiting = b""

    @property
    def atr(self) -> bytes:
        return self._atr

    def reset(self) -> None:
        """Power on: nothing is selected, no answer is pending."""
        self._file, self._waiting = None, b""

    def process(self, apdu: bytes) -> bytes:
        """Answer one command: data and status word. Any bytes are accepted."""
        if len(apdu) < 4:
            return WRONG_LENGTH
        cla, ins, p1, p2 = apdu[:4]
        p3 = apdu[4] if len(apdu) > 4 else 0
        if cla != 0x00:
            return UNKNOWN_CLASS
        if ins == GET_RESPONSE:
            return self._get_response(p3 or 256)
        self._waiting = b""
        if ins == READ_BINARY:
            return self._read_binary(p1, p2, p3 or 256)
        if ins == SELECT:
            if len(apdu) != 5 + p3:
                return WRONG_LENGTH
            return self._select(p1, p2, apdu[5:])
        return UNKNOWN_INSTRUCTION

    @abstractmethod
    def _select(self, p1: int, p2: int, what: bytes) -> bytes:
        """Answer SELECT of `what`."""

    def _by_short_id(self, short_id: int) -> bytes | None:
        """The content of an EF under the current DF."""
        del short_id
        return None

    def _read_binary(self, p1: int, p2: int, wanted: int) -> bytes:
        offset = p1 << 8 | p2
        if p1 & 0x80:  # ISO 7816-4 §7.2.3: P1 names the EF, which becomes the current one
            self._file, offset = self._by_short_id(p1 & 0x1F), p2
            if self._file is None:
                return FILE_NOT_FOUND
        if self._file is None:
            return NO_CURRENT_EF
        left = self._file[offset:]
        if not left:
            return WRONG_OFFSET
        if wanted > len(left):
            return bytes([0x6C, len(left)])
        return left[:wanted] + OK

    def _later(self, data: bytes) -> bytes:
        self._waiting = data
        return bytes([0x61, min(len(data), 255)])

    def _get_response(self, wanted: int) -> bytes:
        if not self._waiting:
            return b"\x69\x85"
        if wanted > len(self._waiting):
            return bytes([0x6C, len(self._waiting)])
        data, self._waiting = self._waiting[:wanted], self._waiting[wanted:]
        return data + (bytes([0x61, min(len(self._waiting), 255)]) if self._waiting else OK)


class VitaleCard(_T0Card):
    """A carte Vitale 2. A beneficiary is (family, given, birth date YYYYMMDD, NIR of 15 characters)."""

    def __init__(self, beneficiaries: Sequence[tuple[str, str, str, str]], *, atr: bytes = ATR_VITALE_2) -> None:
        super().__init__(atr)
        names = b"".join(
            _tlv(0x65, _tlv(0x80, _padded(family)), _tlv(0x81, _padded(given)), _tlv(0x82, birth_date.encode()))
            for family, given, birth_date, _ in beneficiaries
        )
        card = _tlv(0x66, _tlv(0x80, b"20200101"))
        numbers = b"".join(_tlv(0x65, _tlv(0x90, b"FR"), _tlv(0x93, nir.encode())) for *_, nir in beneficiaries)
        # An EF has a fixed size, zeros after what it holds.
        self._names, self._numbers = names + card + bytes(48), numbers + bytes(48)
        self._application = False

    def reset(self) -> None:
        super().reset()
        self._application = False

    def _select(self, p1: int, p2: int, what: bytes) -> bytes:
        del p2
        if (p1, what) in ((0x00, b"\x3f\x00"), (0x04, AID_MF_VITALE)):
            self._application, self._file = False, None
            return OK
        if (p1, what) == (0x04, AID_VITALE):
            self._application, self._file = True, None
            return OK
        return FILE_NOT_FOUND

    def _by_short_id(self, short_id: int) -> bytes | None:
        if short_id != 2:
            return None
        return self._numbers if self._application else self._names


class CpsCard(_T0Card):
    """A CPS whose public part is PKCS#15: the directory of certificates and both certificates, free to read.

    Layout: the emulation that ANS's Cryptolib CPS accepts (reference card.md §2.3). It holds no key and knows no PIN.
    """

    def __init__(
        self,
        auth_certificate_der: bytes,
        sign_certificate_der: bytes,
        *,
        atr: bytes = ATR_CPS3,
        aid: bytes = AID_CPS3,
    ) -> None:
        super().__init__(atr)
        self._aid = aid
        directory = _certificate_entry("Certificat de Signature CPS", 1, "8001")
        directory += _certificate_entry("Certificat d'Authentification CPS", 2, "8002")
        self._files: Mapping[str, bytes] = {
            "3F002F00": _tlv(0x61, _tlv(0x4F, aid), _tlv(0x50, b"CPS-PKCS15"), _tlv(0x51, bytes.fromhex(_DF))),
            # EF.SN.ICC, with the issuer's prefix by which software recognises a CPS.
            "3F00D003": bytes.fromhex("5A0A 8025000001 9999999999"),
            # EF.ODF: where the directories are (PKCS#15 §6.2); [0] private keys, [4] certificates.
            _DF + "5031": _tlv(0xA0, _path(_DF + "7001")) + _tlv(0xA4, _path(_DF + "7002")),
            _DF + "7002": directory,
            _DF + "8001": sign_certificate_der,
            _DF + "8002": auth_certificate_der,
        }
        self._directory = "3F00"

    def reset(self) -> None:
        super().reset()
        self._directory = "3F00"

    def _select(self, p1: int, p2: int, what: bytes) -> bytes:
        path = self._resolve(p1, what)
        if path in ("3F00", _DF):
            self._directory, self._file = path, None
            parameters = bytes.fromhex(f"820138 8302{path[-4:]} 8A0105")
        elif path in self._files:
            self._file = self._files[path]
            parameters = (
                b"\x80\x02" + len(self._file).to_bytes(2, "big") + bytes.fromhex(f"820101 8302{path[-4:]} 8A0105")
            )
        else:
            return FILE_NOT_FOUND
        # P2: 0C asks for no answer, 04 and 00 for the control parameters (ISO 7816-4 §7.1.1, table 40).
        return OK if p2 == 0x0C else self._later(_tlv(0x6F, parameters))

    def _resolve(self, p1: int, what: bytes) -> str:
        """The absolute path meant by a SELECT; any string when there is none."""
        name = what.hex().upper()
        if p1 == 0x04:
            return _DF if what == self._aid else ""
        if p1 == 0x09:
            return name if name.startswith("3F00") else self._directory + name
        if p1 == 0x08:
            return "3F00" + name
        return name if name == "3F00" else self._directory + name


def _tlv(tag: int, *values: bytes) -> bytes:
    value = b"".join(values)
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def _padded(name: str) -> bytes:
    return name.encode("latin-1").ljust(27, b"\0")


def _path(path: str) -> bytes:
    """PKCS#15 Path: SEQUENCE { OCTET STRING }."""
    return _tlv(0x30, _tlv(0x04, bytes.fromhex(path)))


def _certificate_entry(label: str, number: int, file_id: str) -> bytes:
    """PKCS#15 §6.6 CertificateObject: common attributes, the iD shared with the key, and [1] the X.509 value's path."""
    common = _tlv(0x30, _tlv(0x0C, label.encode()), _tlv(0x03, b"\x00"))
    certificate = _tlv(0x30, _tlv(0x04, bytes([number])))
    return _tlv(0x30, common, certificate, _tlv(0xA1, _tlv(0x30, _path(_DF + file_id))))
