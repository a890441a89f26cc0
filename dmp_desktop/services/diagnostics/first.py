"""What must be put right before a card can be looked for: no card is asked for where one could not be seen."""

from __future__ import annotations

from typing import Final

from dmp_desktop.errors import CardError
from dmp_desktop.services.diagnostics.model import Seen, Told, after, seen
from dmp_desktop.services.diagnostics.site import Site

MISREAD: Final = after("Réglages", "Les réglages d’essai de ce poste ne se comprennent pas.")
"""Of what these settings would have told: what they leave out is not accused."""
NO_SERVICE: Final = after("Service des cartes à puce", "Les lecteurs ne peuvent pas être vus.")
NO_READER: Final = after("Lecteur de cartes", "Aucun lecteur utilisable n’est vu.")
FIRST: Final[dict[str, Told]] = {
    "no_service": NO_SERVICE,
    "no_reader": NO_READER,
    "mute": after("Carte dans le lecteur", "La carte en place ne répond pas."),
    "busy": after("Partage de la carte", "La carte est gardée par un autre logiciel."),
    "failing": after("Fonctionnement du lecteur", "Le lecteur ne communique pas avec la carte."),
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
