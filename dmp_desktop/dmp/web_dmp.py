"""TD0.9: the Web DMP opened at the right page, for what this software does not do itself (reference §2.1).

The caller opens the address in the browser, which authenticates with the card: nothing of ours goes with it.
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import quote, urlsplit

from dmp_desktop.dmp.conversation import require_qualified
from dmp_desktop.domain.ins import InsIdentity


class Page(StrEnum):
    """Pages of direct access, by their name in the address."""

    DASHBOARD = "TableauDeBord"
    PATIENT = "DossierPatient"
    MANAGEMENT = "GestionDMPPatient"
    DOCUMENTS = "Documents"
    CARE_PATHWAY = "ParcoursDeSoins"
    ACCESS_HISTORY = "HistoriqueAcces"
    SETTINGS = "Parametrages"
    WILLS_AND_RIGHTS = "VolontesEtDroits"
    VACCINATION = "CarnetVaccination"


NO_PATIENT = frozenset({Page.SETTINGS})
PATIENT_IF_ANY = frozenset({Page.DASHBOARD})
"""The dashboard is that of a patient, or of the professional when none is given."""


def address(site: str, page: Page, patient: InsIdentity | None = None) -> str:
    """The address of a page on `site` (`https://…`, no path). The INS stands only where the rule puts it: no other page gets one.

    Raises ValueError for a site that is not https or has a path, and when a page of a patient is asked without one; DmpError when
    the INS is not qualified.
    """
    parts = urlsplit(site)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("the Web DMP is the root of an https site")
    base = f"https://{parts.netloc}/AccesDirect/{page}"
    if page in NO_PATIENT or (patient is None and page in PATIENT_IF_ANY):
        return base
    if patient is None:
        raise ValueError(f"the page {page.name} is that of a patient")
    require_qualified(patient)
    return f"{base}/{quote(patient.value, safe='')}"
