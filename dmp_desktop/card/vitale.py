"""Identities on a carte Vitale 2, by plain APDU: no PIN, no licensed component.

File map and tags: reference card.md §3.2 (facts published by two open programs; no official specification). Rights, ALD and the
attending physician need the licensed API de lecture, which will be another VitaleReader.
"""

from __future__ import annotations

import re
from typing import Final

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.apdu import SELECT_AID, SELECT_FILE, CardChannel
from dmp_desktop.card.failures import unreadable
from dmp_desktop.card.text import printable
from dmp_desktop.card.tlv import Tlv, TlvError, first, parse
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.ins import is_ins
from dmp_desktop.errors import CardError

MASTER_FILE: Final = bytes.fromhex("3F00")
AID_VITALE: Final = bytes.fromhex("D250000002") + b"VITALE"
# EF with short identifier 2, under the master file: names; under the VITALE application: NIR.
EF_IDENTITY: Final = 2
TAG_BENEFICIARY: Final = 0x65
TAG_FAMILY: Final = 0x80
TAG_GIVEN: Final = 0x81
TAG_BIRTH_DATE: Final = 0x82
TAG_NIR: Final = 0x93

SOURCE: Final = "pcsc"

_EIGHT_DIGITS: Final = re.compile(r"[0-9]{8}")


class PlainPcscVitaleReader:
    """VitaleReader by plain PC/SC."""

    def __init__(self, access: CardAccess) -> None:
        self._access = access

    def read(self, reader: str) -> VitaleIdentity:
        """All beneficiaries, each with a NIR whose key is right.

        Raises CardError: `card.not_vitale`, `card.vitale_data` when names and NIR do not add up (a card is never half believed),
        and every failure of PC/SC.
        """
        names, nirs = self._access.visit(reader, _read_files)
        try:
            return VitaleIdentity(_beneficiaries(parse(names), parse(nirs)), SOURCE)
        except TlvError:
            raise unreadable("vitale_data") from None


def _read_files(channel: CardChannel) -> tuple[bytes, bytes]:
    """The file of names, the file of NIR."""
    untrusted = b""
    if channel.select(SELECT_FILE, MASTER_FILE).ok:
        untrusted = channel.read_file(EF_IDENTITY)
    if not channel.select(SELECT_AID, AID_VITALE).ok:
        raise CardError("card.not_vitale", "Cette carte n’est pas une carte Vitale.", "Insérez la carte Vitale.")
    return untrusted, channel.read_file(EF_IDENTITY)


def _beneficiaries(untrusted_names: list[Tlv], untrusted_nirs: list[Tlv]) -> tuple[Beneficiary, ...]:
    """Join both files: the n-th of one is the n-th of the other. One whom the card gives no NIR is left out, its rank unused."""
    people = [one.children() for one in untrusted_names if one.tag == TAG_BENEFICIARY]
    numbers = [one.children() for one in untrusted_nirs if one.tag == TAG_BENEFICIARY]
    if len(people) != len(numbers):
        raise unreadable("vitale_data")
    found = [
        Beneficiary(
            family=_text(person, TAG_FAMILY),
            given=_text(person, TAG_GIVEN),
            birth_date=_text(person, TAG_BIRTH_DATE),
            nir=nir,
            rank=rank,
        )
        for rank, (person, number) in enumerate(zip(people, numbers, strict=True), start=1)
        if (nir := _text(number, TAG_NIR).upper())
    ]
    if not found or not all(map(_is_sound, found)):
        raise unreadable("vitale_data")
    return tuple(found)


def _is_sound(person: Beneficiary) -> bool:
    return bool(person.family) and is_ins(person.nir) and bool(_EIGHT_DIGITS.fullmatch(person.birth_date))


def _text(objects: list[Tlv], tag: int) -> str:
    """A field, padded with zeros or spaces on the card; empty when absent."""
    found = first(objects, tag)
    return printable(found.value.decode("latin-1")) if found else ""
