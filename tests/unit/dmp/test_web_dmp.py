"""TD0.9: the INS where the rule puts it and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmp_desktop.dmp.web_dmp import Page, address
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.errors import DmpError

SITE = "https://web.exemple.invalid"
INS = "279035121518989"


@pytest.mark.parametrize(
    ("page", "alone", "with_patient"),
    [
        (Page.DASHBOARD, "/TableauDeBord", f"/TableauDeBord/{INS}"),
        (Page.PATIENT, None, f"/DossierPatient/{INS}"),
        (Page.MANAGEMENT, None, f"/GestionDMPPatient/{INS}"),
        (Page.DOCUMENTS, None, f"/Documents/{INS}"),
        (Page.CARE_PATHWAY, None, f"/ParcoursDeSoins/{INS}"),
        (Page.ACCESS_HISTORY, None, f"/HistoriqueAcces/{INS}"),
        (Page.SETTINGS, "/Parametrages", "/Parametrages"),
        (Page.WILLS_AND_RIGHTS, None, f"/VolontesEtDroits/{INS}"),
        (Page.VACCINATION, None, f"/CarnetVaccination/{INS}"),
    ],
)
def test_each_page(ins: InsIdentity, page: Page, alone: str | None, with_patient: str) -> None:
    assert address(SITE, page, ins) == f"{SITE}/AccesDirect{with_patient}"
    if alone is None:
        with pytest.raises(ValueError, match=page.name):
            address(SITE, page)
    else:
        assert address(f"{SITE}/", page) == f"{SITE}/AccesDirect{alone}"


def test_only_a_qualified_ins_stands_in_an_address(ins: InsIdentity) -> None:
    with pytest.raises(DmpError, match="qualifiée"):
        address(SITE, Page.PATIENT, replace(ins, status=InsStatus.RECUPEREE))
    assert INS not in address(SITE, Page.SETTINGS, replace(ins, status=InsStatus.RECUPEREE))


@pytest.mark.parametrize("site", ["http://web.exemple.invalid", "web.exemple.invalid", f"{SITE}/si", f"{SITE}?a=b", ""])
def test_the_ins_is_sent_to_a_secure_site_only(ins: InsIdentity, site: str) -> None:
    with pytest.raises(ValueError, match="https"):
        address(site, Page.PATIENT, ins)
