"""What one line of the error catalogue holds, and the remedies many of them share."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """One code: what happened, why where the sentence does not tell it, the one thing to do, whether the same request may
    succeed later by itself, and whether it may have been carried out."""

    message_fr: str
    remedy_fr: str
    cause_fr: str = ""
    retryable: bool = False
    ambiguous: bool = False


CHECK_CARD = "Vérifiez que votre carte CPS est valide et qu'elle est bien la vôtre, puis réessayez."
SUPPORT = "Transmettez le rapport de diagnostic au support."
LATER = "Réessayez dans quelques minutes ; ce qui attend d'être envoyé repartira seul."
REFRESH = "Actualisez la liste des documents, puis recommencez."
UPDATE_SOFTWARE = "Mettez DMP Desktop à jour ; si cela persiste, transmettez le rapport de diagnostic au support."
