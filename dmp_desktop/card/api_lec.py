"""Cartes Vitale by the licensed component of the GIE SESAM-Vitale (API de lecture); by plain PC/SC when it is out of order."""

from __future__ import annotations

from typing import Final

from dmp_desktop.card.api_lec_failures import ApiLecUnusableError
from dmp_desktop.card.api_lec_process import ApiLecProcess
from dmp_desktop.card.api_lec_xml import beneficiaries
from dmp_desktop.domain.cards import VitaleIdentity
from dmp_desktop.domain.ports import VitaleReader

SOURCE: Final = "api_lec"
CARD_SECONDS: Final = 3
"""The card is in the reader already."""
APCV_SECONDS: Final = 30
"""The patient takes a telephone out; what open programs give the component."""


class ApiLecVitaleReader:
    """VitaleReader by the licensed component. It reads in the reader of its own configuration (`api_lec.ini`)."""

    def __init__(self, process: ApiLecProcess) -> None:
        self._process = process

    def read(self, reader: str) -> VitaleIdentity:
        """Raises CardError; ApiLecUnusableError when the component is at fault, whatever the card."""
        del reader
        return self._read(CARD_SECONDS)

    def read_apcv(self) -> VitaleIdentity:
        """The appli carte Vitale, where the component is set up for it; waits for the patient. Raises CardError."""
        return self._read(APCV_SECONDS)

    def warm(self) -> None:
        """Be ready for the next card. Returns at once."""
        self._process.warm()

    def close(self) -> None:
        self._process.close()

    def _read(self, seconds: int) -> VitaleIdentity:
        return VitaleIdentity(beneficiaries(self._process.read(seconds)), SOURCE)


class PreferredVitaleReader:
    """VitaleReader by the licensed component; by plain PC/SC when that one is out of order, and then `source` says so in French.

    A card that the component refuses is not read otherwise: its refusal means something.
    """

    def __init__(self, licensed: ApiLecVitaleReader, plain: VitaleReader) -> None:
        self._licensed = licensed
        self._plain = plain

    def read(self, reader: str) -> VitaleIdentity:
        """Raises CardError."""
        try:
            return self._licensed.read(reader)
        except ApiLecUnusableError as error:
            why = error.message_fr
        return VitaleIdentity(self._plain.read(reader).beneficiaries, f"{why} La carte Vitale a été lue sans lui.")
