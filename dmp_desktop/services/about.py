"""What the program says of itself: the very values the DMP is told (EX_GEN-1180), and the page for patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PUBLISHER = "Les contributeurs de DMP Desktop (licence MIT)"
PROFILES = "Alimentation, Consultation"
"""Of DMP-compatibility, whose transactions are here."""


@dataclass(frozen=True, slots=True)
class About:
    """`name`, `version` and `approval` are LPS_Nom, LPS_Version and LPS_ID_HOMOLOGATION_DMP of the VIHF; `approval` is empty
    without homologation. `identifier` is the OID the program signs its lots with."""

    name: str
    version: str
    approval: str
    identifier: str
    sandbox: bool
    publisher: str = PUBLISHER
    profiles: str = PROFILES


class AboutDesk:
    """`place` names the practice, or nothing; `newer` the version that was announced and is not installed, or nothing."""

    def __init__(self, about: About, place: Callable[[], str], newer: Callable[[], str] = str) -> None:
        self.about = about
        self._place = place
        self._newer = newer

    def newer(self) -> str:
        """As it was last looked for: nothing is asked of the network."""
        return self._newer()

    def notice(self) -> bytes:
        """The page for patients, as a PDF."""
        from dmp_desktop.services.patient_notice import patient_notice  # the PDF library is left out of the start

        return patient_notice(self._place())
