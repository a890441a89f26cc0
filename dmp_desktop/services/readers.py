"""Which kind of card lies in which reader, and which carte Vitale nobody has read yet."""

from __future__ import annotations

from dmp_desktop.card.failures import E_READER_UNAVAILABLE, PcscError, card_failure
from dmp_desktop.domain.cards import CardKind
from dmp_desktop.domain.ports import ProfessionalCard, VitaleReader
from dmp_desktop.errors import CardError
from dmp_desktop.services.professional import told

CARD_REMOVED = told(card_failure("removed"))
READER_REMOVED = told(PcscError(E_READER_UNAVAILABLE))
CARD_BUSY = told(card_failure("busy"))
LEFT = frozenset({"card.removed", "card.reader_gone"})
"""What a card that is being used says when it, or its reader, has left."""


def probe(reader: str, cps: ProfessionalCard, vitale: VitaleReader) -> CardKind:
    """An ATR we do not know: the card itself says what it is. Raises CardError, `card.unknown` when it is neither."""
    try:
        cps.read_public(reader)
    except CardError as error:
        if error.code != "card.not_cps":
            raise
    else:
        return CardKind.CPS
    try:
        vitale.read(reader)
    except CardError as error:
        if error.code != "card.not_vitale":
            raise
        raise card_failure("unknown") from None
    return CardKind.VITALE


class Readers:
    """`waiting` is the reader of the carte Vitale to read as soon as somebody may; `unread` tells of each card that is in and
    could not be read the code of the CardError, by reader."""

    def __init__(self) -> None:
        self._slots: dict[str, CardKind] = {}
        self.waiting: str | None = None
        self.unread: dict[str, str] = {}

    def put(self, reader: str, kind: CardKind) -> None:
        self._slots[reader] = kind
        self.unread.pop(reader, None)
        if kind is CardKind.VITALE:
            self.waiting = reader

    def take(self, reader: str) -> CardKind | None:
        """What lay there and has gone."""
        self.unread.pop(reader, None)
        if reader == self.waiting:
            self.waiting = None
        return self._slots.pop(reader, None)

    def taken(self) -> str | None:
        """The carte Vitale that waits, which waits no more."""
        reader, self.waiting = self.waiting, None
        return reader

    def wait_again(self) -> None:
        """A carte Vitale that is still in is to be read again."""
        self.waiting = next((name for name, kind in self._slots.items() if kind is CardKind.VITALE), None)

    def hold(self, kind: CardKind) -> bool:
        return kind in self._slots.values()

    def kind(self, reader: str) -> CardKind:
        return self._slots.get(reader, CardKind.UNKNOWN)

    def unread_professional(self) -> str:
        """Why a professional's card that is in could not be read; empty when none is so."""
        return next((code for reader, code in self.unread.items() if self._slots.get(reader) is CardKind.CPS), "")

    def names(self) -> tuple[str, ...]:
        """The readers with a card in."""
        return tuple(self._slots)
