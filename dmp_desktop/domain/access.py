"""How a professional may open a patient's record, and what the DMP says of it (TD0.2, TD0.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class AccessMode(StrEnum):
    """VIHF purposeofuse, TRE_R248 1.2.250.1.213.1.1.4.248."""

    NORMAL = "normal"
    BRIS_DE_GLACE = "bris_de_glace"
    CENTRE_15 = "centre_15"


class AuthenticationMode(StrEnum):
    """VIHF Authentification_Mode: card, structure certificate, Pro Santé Connect."""

    DIRECTE = "DIRECTE"
    INDIRECTE = "INDIRECTE"
    INDIRECTE_RENFORCEE = "INDIRECTE_RENFORCEE"


class Authorization(StrEnum):
    """State of the professional's access authorisation, 1.2.250.1.213.4.1.2.6.2."""

    VALIDE = "VALIDE"
    NON_EXISTE = "NON_EXISTE"
    INTERDIT = "INTERDIT"
    EXPIRE = "EXPIRE"


@dataclass(frozen=True, slots=True)
class DossierStatus:
    """Answer of TD0.2. `authorization` is None when the record does not exist or the server says nothing."""

    exists: bool
    closed: bool = False
    authorization: Authorization | None = None
    attending: bool = False
    oppositions: dict[str, bool] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        return self.exists and not self.closed and self.authorization is Authorization.VALIDE
