"""The folder of what others send, watched as the scanner's is (`tray_intake`): what differs, and loads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dmp_desktop.services.tray_reading import Examined


class ReceivedExaminer:
    """An Examiner: a file may hold messages about several people. A bare PDF is a paper like another."""

    several = True
    faults: Mapping[str, tuple[str, str]] = {
        "scan-folder-full": (
            "Le dossier des documents reçus contient trop d'éléments : rien n'y est pris.",
            "Choisissez un dossier réservé à ce que vous recevez.",
        ),
        "scan-folder": (
            "Le dossier des documents reçus ne peut pas être lu.",
            "Vérifiez qu'il existe et que le réseau du cabinet répond, ou choisissez-en un autre.",
        ),
        "scan-folder-rights": (
            "Le dossier des documents reçus est en lecture seule : rien n'y est pris.",
            "Donnez à votre compte le droit d'y écrire, ou choisissez-en un autre.",
        ),
        "scan-big": ("Ce fichier dépasse 20 Mo.", "Demandez à son expéditeur de l'envoyer en plusieurs fois."),
        "scan-empty": ("Ce fichier est vide.", "Demandez-le de nouveau à son expéditeur, puis supprimez celui-ci."),
    }

    def __call__(self, untrusted: bytes, now: datetime) -> Sequence[Examined]:
        from dmp_desktop.services.tray_received import examine_received

        return examine_received(untrusted, now)
