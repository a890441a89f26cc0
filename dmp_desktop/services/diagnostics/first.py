"""What must be put right before a card can be looked for: no card is asked for where one could not be seen."""

from __future__ import annotations

from typing import Final

from dmp_desktop.errors import CardError
from dmp_desktop.services.diagnostics.model import Seen, Told, seen, unverifiable
from dmp_desktop.services.diagnostics.site import Site

NO_SERVICE: Final = unverifiable(
    "Les lecteurs ne peuvent pas être vus.", "Réglez d’abord « Service des cartes à puce »."
)
NO_READER: Final = unverifiable("Aucun lecteur utilisable n’est vu.", "Réglez d’abord « Lecteur de cartes ».")
FIRST: Final[dict[str, Told]] = {
    "no_service": NO_SERVICE,
    "no_reader": NO_READER,
    "mute": unverifiable("La carte en place ne répond pas.", "Réglez d’abord « Carte dans le lecteur »."),
    "busy": unverifiable("La carte est gardée par un autre logiciel.", "Réglez d’abord « Partage de la carte »."),
    "failing": unverifiable(
        "Le lecteur ne communique pas avec la carte.", "Réglez d’abord « Fonctionnement du lecteur »."
    ),
}
"""Outcomes of a check that needs a card, by what keeps it from one."""
TO_SEE_A_CARD: Final = ("pcsc.service", "reader.present", "card.inserted", "card.sharing", "reader.usable")
"""What a check that reads a card needs (`Check.needs`): those that FIRST sends to."""
MUTE: Final = ("card.mute", "card.removed", "card.reader_gone")
"""Codes of a card that does not answer in a reader that does."""


def first_to_settle(site: Site) -> Seen | None:
    """One of FIRST, None where nothing keeps a card from being seen."""
    try:
        readers, touches = site.readers(), site.touches()
    except CardError:
        return seen("no_service")
    if not readers:
        return seen("no_reader")
    if any(reader.present and reader.mute for reader in readers):
        return seen("mute")
    for touch in touches:
        if touch.error is None:
            continue
        if touch.error.code in MUTE:
            return seen("mute")
        return seen("busy" if touch.error.code == "card.busy" and not touch.stuck else "failing")
    return None
