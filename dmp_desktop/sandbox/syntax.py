"""Syntax of the values of XDS metadata: HL7 v2 types as ITI TF-3 §4.2.3 restricts them, and the French identifiers."""

from __future__ import annotations

import re

_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_DTM = re.compile(
    r"\d{4}(?:(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d)?)?)?)?)?"
)
_AUTHORITY = re.compile(r"&[0-2](?:\.\d+)+&ISO")
_PID = re.compile(r"PID-\d{1,2}\|")
_MIME = re.compile(r"[a-z]+/[A-Za-z0-9.+-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def is_oid(text: str, longest: int = 64) -> bool:
    """An ISO object identifier of at most `longest` characters."""
    return len(text) <= longest and bool(_OID.fullmatch(text))


def is_dtm(text: str) -> bool:
    """HL7 DTM in UTC, year to second."""
    return bool(_DTM.fullmatch(text))


def is_cx(text: str) -> bool:
    """CX with an identifier and an assigning authority `&OID&ISO`, no namespace id."""
    parts = text.split("^")
    return len(parts) >= 4 and bool(parts[0]) and not any(parts[1:3]) and bool(_AUTHORITY.fullmatch(parts[3]))


def is_cxi(text: str) -> bool:
    """CXi of referenceIdList: CX whose fifth component is the type of the identifier."""
    parts = text.split("^")
    authority = parts[3] if len(parts) > 3 else ""
    return (
        len(parts) >= 5
        and bool(parts[0])
        and bool(parts[4])
        and (not authority or bool(_AUTHORITY.fullmatch(authority)))
    )


def is_xcn(text: str) -> bool:
    """XCN: an identifier or a name; with an identifier, its authority in component 9."""
    parts = text.split("^")
    authority = parts[8] if len(parts) > 8 else ""
    if authority and (not parts[0] or not _AUTHORITY.fullmatch(authority)):
        return False
    return bool(parts[0] or (len(parts) > 1 and parts[1]))


def is_xon(text: str) -> bool:
    """XON: a name; with an identifier in component 10, its authority in component 6."""
    parts = text.split("^")
    authority = parts[5] if len(parts) > 5 else ""
    if authority and not _AUTHORITY.fullmatch(authority):
        return False
    identifier = parts[9] if len(parts) > 9 else ""
    return bool(parts[0]) and (not identifier or bool(authority) or is_oid(identifier))


def is_xtn(text: str) -> bool:
    """XTN: an Internet address in component 4, or another equipment with some part of a number."""
    parts = text.split("^") + [""] * 4
    kind, address, number = parts[2], parts[3], parts[5:]
    return bool(address) if kind == "Internet" else bool(kind) and not address and any(number)


def is_recipient(text: str) -> bool:
    """intendedRecipient: `XON|XCN|XTN`, of which an organisation or a person (ITI TF-3 §4.2.3.3.7)."""
    place, person, telecom, *more = text.split("|") + [""] * 2
    return (
        bool(place or person)
        and not any(more)
        and (not place or is_xon(place))
        and (not person or is_xcn(person))
        and (not telecom or is_xtn(telecom))
    )


def is_uri(text: str) -> bool:
    """An address with its scheme; a long one comes in numbered pieces, `1|http://…`, `2|…` (ITI TF-3 §4.2.3.2.26)."""
    rank, mark, rest = text.partition("|")
    if mark and rank.isdecimal():
        return bool(rest)
    return bool(_URI.fullmatch(text))


def is_pid_field(text: str) -> bool:
    """One field of sourcePatientInfo."""
    return bool(_PID.match(text))


def is_mime(text: str) -> bool:
    return bool(_MIME.fullmatch(text))


def is_language(text: str) -> bool:
    """RFC 5646 in its plain form."""
    return bool(_LANGUAGE.fullmatch(text))


def is_version(text: str) -> bool:
    """Number of a version of metadata: 1, 2, …"""
    return text.isascii() and text.isdecimal() and not text.startswith("0")


def is_uuid(text: str) -> bool:
    """`urn:uuid:` in lower case."""
    return bool(_UUID.fullmatch(text))
