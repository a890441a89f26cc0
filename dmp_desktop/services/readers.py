"""Which kind of card lies in which reader, and which carte Vitale nobody has read yet."""

from __future__ import annotations

from dmp_desktop.card.failures import card_failure
from dmp_desktop.domain.cards import CardKind
from dmp_desktop.domain.ports import ProfessionalCard, VitaleReader
from dmp_desktop.errors import CardError


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
    """`waiting` is the reader of the carte Vitale to read as soon as somebody may."""

    def __init__(self) -> None:
        self._slots: dict[str, CardKind] = {}
        self.waiting: str | None = None

    def put(self, reader: str, kind: CardKind) -> None:
        self._slots[reader] = kind
        if kind is CardKind.VITALE:
            self.waiting = reader

    def take(self, reader: str) -> CardKind | None:
        """What lay there and has gone."""
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

    def names(self) -> tuple[str, ...]:
        """The readers with a card in."""
        return tuple(self._slots)
