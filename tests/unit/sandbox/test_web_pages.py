"""The stand-in Web DMP, as a browser sees it: https, no certificate asked, the page that was asked for and nothing clinical."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.web_pages import TITLES, page
from tests.helpers.seeded import seeded

INS = "279035121518989"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with Sandbox(seeded(tmp_path_factory.mktemp("web"))) as sandbox:
        yield sandbox.ready["web_dmp"], Path(sandbox.ready["ca"])


def get(site: tuple[str, Path], path: str, method: str = "GET") -> tuple[int, str]:
    """With nothing but the sandbox's authority."""
    trust = ssl.create_default_context(cafile=str(site[1]))
    connection = http.client.HTTPSConnection(urlsplit(site[0]).netloc, context=trust, timeout=20)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_browser_gets_the_page_of_the_patient(site: tuple[str, Path]) -> None:
    status, text = get(site, f"/AccesDirect/DossierPatient/{INS}")
    assert status == 200
    assert "<h1>Dossier du patient</h1>" in text
    assert "BAC À SABLE" in text
    assert INS in text


def test_pro_sante_connect_is_still_there(site: tuple[str, Path]) -> None:
    assert get(site, "/telephone")[0] == 200
    assert get(site, f"/AccesDirect/DossierPatient/{INS}", "POST")[0] == 405


@pytest.mark.parametrize("name", TITLES)
def test_each_page_with_or_without_a_patient_as_the_reference_says(name: str) -> None:
    alone, with_patient = page(f"/AccesDirect/{name}")[0][:3], page(f"/AccesDirect/{name}/{INS}")[0][:3]
    expected = {"TableauDeBord": ("200", "200"), "Parametrages": ("200", "404")}.get(name, ("404", "200"))
    assert (alone, with_patient) == expected


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "Autre",
        f"DossierPatient/{INS}/x",
        "DossierPatient/<b>",
        "TableauDeBord/12",
        f"DossierPatient/{INS[:13]}00",
        f"DossierPatient/{INS[:12]}é{INS[13:]}",
    ],
)
def test_no_other_address_is_a_page(rest: str) -> None:
    status, text = page(f"/AccesDirect/{rest}")
    assert status.startswith("404")
    assert "<b>" not in text
