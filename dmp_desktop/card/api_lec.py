"""Cartes Vitale by the licensed component of the GIE SESAM-Vitale (API de lecture), checked against the card in the reader."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final
from unicodedata import normalize

from dmp_desktop.card.api_lec_failures import several_cards, vitale_left_in
from dmp_desktop.card.api_lec_process import ApiLecProcess
from dmp_desktop.card.api_lec_xml import beneficiaries
from dmp_desktop.card.inventory import Inventory, ReaderContent
from dmp_desktop.domain.cards import CardKind, VitaleIdentity
from dmp_desktop.domain.ports import VitaleReader
from dmp_desktop.errors import CardError

SOURCE: Final = "api_lec"
# Of the moment, not of the card: the component could say nothing more, and only the plain reading tells it apart.
_OF_THE_MOMENT: Final = frozenset({"card.busy", "card.removed", "card.reader_gone", "card.no_service"})
CARD_SECONDS: Final = 3
"""The card is in the reader already."""
APCV_SECONDS: Final = 30
"""The patient takes a telephone out; what open programs give the component."""
REST_SECONDS: Final = 15 * 60.0
"""About the time to the next patient: a component that hangs costs the first seconds of a consultation."""
_SLOW: Final = frozenset({"card.api_lec_timeout", "card.api_lec_crash", "card.api_lec_helper"})
_OTHER_CARD: Final = "Le composant de lecture SESAM-Vitale est réglé sur un autre lecteur."
_OTHER_PEOPLE: Final = (
    "Le composant de lecture SESAM-Vitale n’attribue pas les numéros aux mêmes personnes que la carte."
)


class ApiLecVitaleReader:
    """The licensed component alone. It reads in the reader of its own configuration (`api_lec.ini`), whatever is asked."""

    def __init__(self, process: ApiLecProcess) -> None:
        self._process = process

    def read(self, reader: str) -> VitaleIdentity:
        """Raises CardError; ApiLecUnusableError when the component is at fault, whatever the card."""
        del reader
        return self._read(CARD_SECONDS)

    def read_apcv(self) -> VitaleIdentity:
        """The appli carte Vitale, where the component is set up for it; waits for the patient, or until a card is read.

        Raises CardError.
        """
        return self._read(APCV_SECONDS, gives_way=True)

    def warm(self) -> None:
        """Be ready for the next card. Returns at once."""
        self._process.warm()

    def stop_reading(self) -> None:
        """End what is being read, from any thread: it fails at once."""
        self._process.stop_reading()

    def close(self) -> None:
        self._process.close()

    def _read(self, seconds: int, *, gives_way: bool = False) -> VitaleIdentity:
        return VitaleIdentity(beneficiaries(self._process.read(seconds, gives_way=gives_way)), SOURCE)


class _Rest:
    """A time in which the component is not asked, twice as long each time it fails again. `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seconds = REST_SECONDS
        self._until = clock()

    @property
    def on(self) -> bool:
        return self._clock() < self._until

    def begin(self) -> None:
        self._until = self._clock() + self._seconds
        self._seconds *= 2

    def interrupt(self) -> None:
        self._until = self._clock()

    def forget(self) -> None:
        """It works."""
        self._seconds = REST_SECONDS


class PreferredVitaleReader:
    """VitaleReader by the licensed component, when what it tells is what the card in the reader tells.

    It does not say which reader it reads, so the card that was inserted decides: it is read plainly as well, and when the
    component tells other people, or nobody, it is the plain reading that counts, and `source` says so in French. After a crash
    or an answer that never came that is said once, and cards are read plainly alone for a time, where they can be.
    """

    def __init__(
        self,
        licensed: ApiLecVitaleReader,
        plain: VitaleReader,
        inventory: Inventory,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._licensed = licensed
        self._plain = plain
        self._inventory = inventory
        self._rest = _Rest(clock)
        self._stops = 0  # a read that we ended ourselves fails like a crash

    def read(self, reader: str) -> VitaleIdentity:
        """Raises CardError: that of the plain reading, `card.vitale_several` when only the component could read the card.

        A card that another program holds is told so at once, and read again later (`Session.look_again`).
        """
        try:
            inserted = self._plain.read(reader)
        except CardError as error:
            if error.code in _OF_THE_MOMENT:
                raise
            self._check_alone(reader, error)
            told = self._licensed.read(reader)
            self._check_alone(reader, error)  # another card may have come meanwhile
            return told
        if self._rest.on:
            return inserted
        stops = self._stops
        try:
            told = self._licensed.read(reader)
        except CardError as error:
            why = error.message_fr
            if error.code in _SLOW and self._stops == stops:
                self._rest.begin()
        else:
            self._rest.forget()
            # All of them: the cards of two parents, or of a mother and her grown child, have people in common.
            if _people(told) == _people(inserted):
                return told
            why = _OTHER_PEOPLE if _numbers(told) == _numbers(inserted) else _OTHER_CARD
        return VitaleIdentity(inserted.beneficiaries, f"{why} La carte Vitale a été lue sans lui.")

    def read_apcv(self) -> VitaleIdentity:
        """The appli carte Vitale. Raises CardError: `card.apcv_vitale` when a carte Vitale could have answered in its place."""
        self._check_no_vitale()
        try:
            return self._licensed.read_apcv()
        finally:  # also when it failed: a card that came ended the wait
            self._check_no_vitale()

    def warm(self) -> None:
        """Be ready for the next card. Returns at once."""
        self._licensed.warm()

    def stop_reading(self) -> None:
        """End what the component is doing, from any thread: a card that is being read is read without it."""
        self._stops += 1
        self._licensed.stop_reading()

    def try_again(self) -> None:
        """Ask the component about the next card, whatever became of the last one: it may have been mended."""
        self._rest.interrupt()

    def close(self) -> None:
        self._licensed.close()

    def _check_alone(self, reader: str, why: CardError) -> None:
        """Raises `why` when no carte Vitale is in `reader`; CardError when the component may read another one."""
        present = [one for one in self._inventory.look() if one.present and one.kind is not CardKind.CPS]
        if not any(one.reader == reader and one.kind is CardKind.VITALE for one in present):
            raise why
        if len(present) > 1:
            raise several_cards()

    def _check_no_vitale(self) -> None:
        if any(map(self._is_vitale, self._inventory.look())):
            raise vitale_left_in()

    def _is_vitale(self, content: ReaderContent) -> bool:
        """A telephone on a contactless reader is a card of unknown kind, too: only reading it tells."""
        if content.kind is not CardKind.UNKNOWN or not content.present or content.mute:
            return content.kind is CardKind.VITALE
        try:
            self._plain.read(content.reader)
        except CardError:
            return False
        return True


def _numbers(identity: VitaleIdentity) -> set[str]:
    return {person.nir for person in identity.beneficiaries}


def _people(identity: VitaleIdentity) -> set[tuple[str, str, str]]:
    """Whose each NIR is. Twins have one birth date; family names are left out, of which a person may have two."""
    return {(person.nir, person.birth_date, _plain(person.given)) for person in identity.beneficiaries}


def _plain(name: str) -> str:
    """The letters alone: one source may write accents and hyphens, and the other not."""
    return "".join(filter(str.isalpha, normalize("NFD", name))).casefold()
