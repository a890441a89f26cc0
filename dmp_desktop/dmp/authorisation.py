"""TD0.3: declare or withdraw the patient's consent to my access (reference §2.1)."""

from __future__ import annotations

from dmp_desktop.dmp import own_service
from dmp_desktop.dmp.names import HABILITATIONS

read = own_service.check


def request(*, add: bool, attending: bool = False) -> str:
    """The body; the patient is the one of the VIHF. AJOUT without role drops the médecin traitant status."""
    role = "<role>MEDECIN_TRAITANT</role>" if attending else ""
    action = "AJOUT" if add else "SUPPRESSION"
    return f'<setAuthorization xmlns="{HABILITATIONS}"><action>{action}</action>{role}</setAuthorization>'
