"""Ticked proposals as facts: dated as they are said to be, the half of a measure that is said, nothing more."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from lxml import etree

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.build.proposed import items_of
from dmp_desktop.cda.read import data_from_cda
from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from tests.helpers.documents import NOW, UNIQUE_ID, minimal_context

C = "{urn:hl7-org:v3}"
DAY = date(2026, 11, 20)


def facts(kind: ProposalKind, value: Any, **fields: Any) -> tuple[ClinicalItem, ...]:
    return items_of(Proposal(kind, "x", 0, 1, "x", value=value, accepted=True, **fields), DAY)


def written(note: str, *items: ClinicalItem) -> bytes:
    accepted = tuple(proposal.ticked(True) for proposal in notes.propose(note))
    return assemble(BuildRequest(minimal_context(), note, UNIQUE_ID, NOW, accepted, items=items), None).cda


@pytest.mark.parametrize(
    ("said", "start", "when"),
    [
        ("ce jour", DAY, "2026-11-20"),
        ("aujourd'hui", DAY, "2026-11-20"),
        ("2024-03-12", date(2024, 3, 12), "2024-03-12"),
        ("12/03/2024", date(2024, 3, 12), "2024-03-12"),
        ("1/3/24", date(2024, 3, 1), "2024-03-01"),
        ("12/03/98", date(1998, 3, 12), "1998-03-12"),
        ("2019", None, "2019"),
        ("2019-04", None, "2019-04"),
        ("4/2019", None, "2019-04"),
        ("04/11", None, ""),
        ("31/02/2024", None, ""),
        ("13/2019", None, ""),
        ("0000", None, ""),
        ("21/11/2026", None, ""),
        ("2027", None, ""),
        ("en octobre", None, ""),
        (None, None, ""),
    ],
)
def test_vaccination_is_of_the_day_that_is_said(said: str | None, start: date | None, when: str) -> None:
    (item,) = facts(ProposalKind.VACCINATION, {"lot": "A1", "site": None, "date": said}, status=ProposalStatus.DONE)
    assert (item.start, item.when) == (start, when)


@pytest.mark.parametrize(
    ("note", "stamp", "shown"),
    [
        ("Vaccin Revaxis fait en 2019.", "2019", "2019"),
        ("Vaccin Revaxis fait ce jour.", "20261120", "20/11/2026"),
        ("Vaccin Revaxis fait le 12/03/2024.", "20240312", "12/03/2024"),
        ("Vaccin Revaxis fait le 12/03/24.", "20240312", "12/03/2024"),
        ("Vaccin Revaxis fait en octobre 2025.", "202510", "10/2025"),
        ("Vaccin Revaxis fait hier.", "20261119", "19/11/2026"),
        ("Vaccin Revaxis fait en octobre.", None, "non renseigné"),
        ("Vaccin Revaxis fait il y a 3 mois en pharmacie.", None, "non renseigné"),
        ("Vaccin Revaxis fait la semaine dernière, vu ce jour.", None, "non renseigné"),
        ("Vaccin Revaxis fait, lot A12.", None, "non renseigné"),
        ("Vaccin Revaxis fait.", None, "non renseigné"),
    ],
)
def test_its_date_is_coded_and_written_as_precisely(note: str, stamp: str | None, shown: str) -> None:
    cda = written(note)
    (entry,) = etree.fromstring(cda).iter(f"{C}substanceAdministration")
    assert entry.find(f"{C}effectiveTime").get("value") == stamp  # type: ignore[union-attr]
    assert f"<td>{shown}</td>" in cda.decode()


@pytest.mark.parametrize("kind", [DocumentKind.CONSULTATION, DocumentKind.VSM, DocumentKind.IPS])
@pytest.mark.parametrize("said", ["il y a 3 mois", "la semaine dernière", "en octobre", "lundi", "", "depuis 2 jours"])
def test_no_document_gives_a_past_vaccination_the_day_of_the_consultation(kind: DocumentKind, said: str) -> None:
    note = f"Vaccin Revaxis fait {said}, lot A12."
    accepted = tuple(proposal.ticked(True) for proposal in notes.propose(note))
    cda = assemble(BuildRequest(minimal_context(), note, UNIQUE_ID, NOW, accepted, kind=kind), None).cda
    assert b"Revaxis" in cda
    body = etree.tostring(etree.fromstring(cda).find(f"{C}component"), encoding="unicode")
    assert "20261120" not in body
    assert "20/11/2026" not in body


def test_year_of_the_record_is_kept() -> None:
    old = ClinicalItem(ItemKind.VACCINATION, "Revaxis", ProposalStatus.DONE, when="2019", source="Synthèse")
    (read,) = data_from_cda(written("RAS.", old))["vaccinations"]
    assert read["date"] == "2019"


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ({"systolic": 130, "diastolic": 80}, ["8480-6", "8462-4"]),
        ({"systolic": 130, "diastolic": None}, ["8480-6"]),
        ({"diastolic": 80}, ["8462-4"]),
        ({"systolic": None, "diastolic": None}, []),
        ({"systolic": "130", "diastolic": 80}, []),
    ],
)
def test_half_a_blood_pressure_is_coded_alone(value: dict[str, Any], codes: list[str]) -> None:
    found = facts(ProposalKind.VITAL, value, unit="mm[Hg]")
    assert [item.code.code for item in found if item.code] == codes
