"""What a token holds, read one object at a time: cards have odd objects, and one of them must not hide the others."""

from __future__ import annotations

import re
from typing import Final

import pkcs11
from pkcs11 import Attribute, ObjectClass

from dmp_desktop.card.pkcs11.faults import LOST, ODD
from dmp_desktop.card.pkcs15 import MAX_CERTIFICATES, CertificateFile
from dmp_desktop.card.text import printable
from dmp_desktop.card.tlv import Tlv, TlvError, parse
from dmp_desktop.domain.cards import CpsActivity
from dmp_desktop.domain.people import Facility

# Reference card.md §3.4: numbered from 01 to 16, with holes.
ACTIVITIES: Final = range(1, 17)
# Tags of an activity (reference dmp-transactions.md §1). The official ASN.1 of the objects was not obtained.
NAME, STRUCTURE, SECTOR = 0x84, 0x85, 0x86
_STRUCTURE: Final = re.compile(r"[0-9A-Z][0-9A-Z/.-]{1,39}", re.IGNORECASE)
_SECTOR: Final = re.compile(r"SA\d\d")
# The end of CPS_INFO_PS for a doctor, a TRE_R38 code (reference dmp-transactions.md §1).
_SPECIALTY: Final = re.compile(r"SM\d\d\Z")
_DEPTH: Final = 8
# Strings of ASN.1 (ISO 8825-1 §8.23), beside which cards use context tags.
_STRINGS: Final = frozenset({0x0C, 0x13, 0x14, 0x16, 0x1E})


def certificates(session: pkcs11.Session) -> list[CertificateFile]:
    """The certificates with their CKA_ID, which is that of their private key."""
    found = []
    for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        try:
            # Some modules give the whole file of the card, which may be longer than the certificate in it.
            certificate = parse(bytes(one[Attribute.VALUE]))[0].encoded
            found.append(CertificateFile("", bytes(one[Attribute.ID]), b"", certificate))
        except LOST:
            raise
        except ODD:
            continue
    return found[:MAX_CERTIFICATES]


def data(session: pkcs11.Session, label: str) -> bytes:
    """The value of the data object of this name; empty when it is absent or cannot be read."""
    try:
        for one in session.get_objects({Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: label}):
            return bytes(one[Attribute.VALUE])
    except LOST:
        raise
    except ODD:
        pass
    return b""


def texts(untrusted: bytes) -> tuple[str, ...]:
    """Every text in a data object (CPS_NAME_PS, CPS_ID_CARD), in its order: what they mean is not told by the card."""
    found = [_text(one.value) for one in _leaves(untrusted) if one.tag in _STRINGS or one.tag & 0xE0 == 0x80]
    return tuple(one for one in found if one)


def activities(session: pkcs11.Session) -> tuple[CpsActivity, ...]:
    """The places of practice the card tells once its PIN is given. One that cannot be read or names no structure is left out."""
    specialty = _specialty(data(session, "CPS_INFO_PS"))
    read = (activity(number, data(session, f"CPS_ACTIVITY_{number:02}_PS"), specialty) for number in ACTIVITIES)
    return tuple(one for one in read if one is not None)


def activity(number: int, untrusted: bytes, specialty: str = "") -> CpsActivity | None:
    """BER-TLV of any shape and depth in which a tag 0x85 holds a Struct_IdNat, 0x84 its name and 0x86 its sector (`SA07`).

    What is absent stays empty; without a structure there is no activity. Nothing tells the mode of practice in what we know.
    """
    fields: dict[int, str] = {}
    for leaf in _leaves(untrusted):
        if leaf.tag in (NAME, STRUCTURE, SECTOR):
            fields.setdefault(leaf.tag, _text(leaf.value))
    structure, sector = fields.get(STRUCTURE, ""), fields.get(SECTOR, "")
    if not _STRUCTURE.fullmatch(structure):
        return None
    known = sector if _SECTOR.fullmatch(sector) else ""
    return CpsActivity(number, Facility(structure, fields.get(NAME, ""), known), specialty)


def _specialty(untrusted_info: bytes) -> str:
    """`G15_10/SM26` (TRE_A01) of a doctor whose CPS_INFO_PS ends with `SM26`, else empty."""
    found = _SPECIALTY.search(untrusted_info.rstrip(b"\x00 \xff").decode("latin-1"))
    return f"G15_10/{found[0]}" if found else ""


def _leaves(untrusted: bytes, depth: int = 0) -> list[Tlv]:
    """The primitive objects, in their order; nothing of what is not BER-TLV."""
    try:
        objects = parse(untrusted)
    except TlvError:
        return []
    found: list[Tlv] = []
    for one in objects:
        constructed = one.encoded[0] & 0x20
        if constructed and depth < _DEPTH:
            found += _leaves(one.value, depth + 1)
        elif not constructed:
            found.append(one)
    return found


def _text(untrusted: bytes) -> str:
    """UTF-8, else Latin-1: old cards write the second."""
    try:
        return printable(untrusted.decode("utf-8"))
    except UnicodeDecodeError:
        return printable(untrusted.decode("latin-1"))
