"""Codes of the INSi teleservice's faults (reference §7). Its answers 00, 01 and 02 are no errors."""

from __future__ import annotations

from typing import Final

from dmp_desktop.dmp.catalogue_entry import SUPPORT, Known

CODES: Final = {
    "siram_100": Known(
        "Le service des identités (INSi) a refusé la demande.", SUPPORT, "Elle n'a pas la forme qu'il attend."
    ),
    "desir_550": Known(
        "Le service des identités (INSi) ne connaît pas ce logiciel.",
        "Prévenez le support : le numéro d'autorisation du logiciel est à vérifier.",
    ),
    "desir_560": Known(
        "Le service des identités (INSi) refuse le certificat de la structure.",
        "Installez le certificat prévu pour ce service (INSI-AUTO ou INSI-MANU), ou utilisez une carte CPS.",
        "Ce n'est pas un certificat prévu pour lui.",
    ),
}
