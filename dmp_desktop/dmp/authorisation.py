"""TD0.3: declare or withdraw the patient's consent to my access (reference §2.1)."""

from __future__ import annotations

from lxml import etree

from dmp_desktop.dmp import catalogue
from dmp_desktop.dmp.names import HABILITATIONS
from dmp_desktop.dmp.soap import unreadable

_DONE = "DMPOk"


def request(*, add: bool, attending: bool = False) -> str:
    """The body; the patient is the one of the VIHF. AJOUT without role drops the médecin traitant status."""
    role = "<role>MEDECIN_TRAITANT</role>" if attending else ""
    action = "AJOUT" if add else "SUPPRESSION"
    return f'<setAuthorization xmlns="{HABILITATIONS}"><action>{action}</action>{role}</setAuthorization>'


def read(root: etree._Element) -> None:
    """Raises DmpError unless the DMP answered DMPOk."""
    status = next((element.text for element in root.iter() if etree.QName(element).localname == "status"), None)
    if status is None:
        raise unreadable("no status")
    if status.strip().rpartition(":")[2] != _DONE:
        context = next((element.text for element in root.iter() if etree.QName(element).localname == "context"), "")
        raise catalogue.error(status.strip(), context or "")
