"""Distinguished names compared by meaning, not by spelling (reference §3: `GN=` and `2.5.4.42=#…` are the same attribute)."""

from __future__ import annotations

import re
from collections import Counter

from cryptography import x509

# RFC 4519 short names, and the spellings French software writes.
_OIDS = {
    "C": "2.5.4.6",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "CN": "2.5.4.3",
    "SN": "2.5.4.4",
    "SURNAME": "2.5.4.4",
    "GN": "2.5.4.42",
    "G": "2.5.4.42",
    "GIVENNAME": "2.5.4.42",
    "T": "2.5.4.12",
    "TITLE": "2.5.4.12",
    "ST": "2.5.4.8",
    "L": "2.5.4.7",
    "SERIALNUMBER": "2.5.4.5",
    "STREET": "2.5.4.9",
    "DC": "0.9.2342.19200300.100.1.25",
    "UID": "0.9.2342.19200300.100.1.1",
}
_TYPE = r"\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*"
_VALUE = r'\s*("(?:\\.|[^"\\])*"|(?:\\.|[^,+;\\])*)\s*'
_ATTRIBUTE = re.compile(f"{_TYPE}={_VALUE}(?:[,+;]|$)", re.DOTALL)
_DER_STRINGS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}

Dn = Counter[tuple[str, str]]


def parse(text: str) -> Dn:
    """Attributes of an RFC 2253 name as (OID, folded value), order aside. Raises ValueError when it cannot be read."""
    found: Dn = Counter()
    position = 0
    while position < len(text):
        match = _ATTRIBUTE.match(text, position)
        if not match:
            raise ValueError("not an RFC 2253 name")
        name, value = match.groups()
        oid = name if name[0].isdigit() else _OIDS.get(name.upper())
        if oid is None:
            raise ValueError("unknown attribute in a name")
        found[oid, _fold(_value(value))] += 1
        position = match.end()
    return found


def of(name: x509.Name) -> Dn:
    """The same, of a certificate's name."""
    return Counter((attribute.oid.dotted_string, _fold(str(attribute.value))) for attribute in name)


def _fold(value: str) -> str:
    return " ".join(value.split()).casefold()


def _value(text: str) -> str:
    if text.startswith("#"):
        return _der_string(bytes.fromhex(text[1:].strip()))
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    out = bytearray()
    position = 0
    while position < len(text):
        char = text[position]
        if char != "\\":
            out += char.encode()
            position += 1
        elif re.fullmatch(r"[0-9A-Fa-f]{2}", text[position + 1 : position + 3]):
            out.append(int(text[position + 1 : position + 3], 16))
            position += 3
        else:
            out += text[position + 1].encode()
            position += 2
    return out.decode()


def _der_string(der: bytes) -> str:
    """Text of a DER string of less than 128 bytes (X.690 §8.1.3.4), as RFC 2253 §2.4 writes after `#`."""
    if len(der) < 2 or der[0] not in _DER_STRINGS or der[1] != len(der) - 2:
        raise ValueError("not a short DER string")
    return der[2:].decode(_DER_STRINGS[der[0]])
