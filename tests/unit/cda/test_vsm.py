"""The volet de synthèse médicale: its tree, its fixed act, what its tree has no place for."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from dmp_desktop.cda.build import build, plan_of
from dmp_desktop.domain.documents import DocumentFormat, DocumentKind
from dmp_desktop.errors import ContextError
from tests.helpers.kinds import ITEMS, request_of
from tests.unit.cda.test_facts import RENEWAL, C, made, tree
from tests.unit.cda.test_pdf import words

VSM = DocumentKind.VSM
SUMMARY, HISTORY, RISKS, VIGILANCE, PLAN = "46612-8", "34117-2", "57207-3", "30954-2", "18776-5"


def codes(section: Any) -> list[str]:
    """LOINC codes of the sections right below."""
    return [code.get("code") for code in section.findall(f"{C}component/{C}section/{C}code")]


def section(document: Any, code: str) -> Any:
    return next(item for item in document.iter(f"{C}section") if item.find(f"{C}code").get("code") == code)


def test_header_of_the_volet() -> None:
    document = tree(RENEWAL, kind=VSM)
    templates = {(item.get("root"), item.get("extension")) for item in document.findall(f"{C}templateId")}
    assert ("1.2.250.1.213.1.1.1.13", "2023.01") in templates
    kind, act = document.find(f"{C}code"), document.find(f"{C}documentationOf/{C}serviceEvent/{C}code")
    assert (kind.get("code"), kind.get("codeSystem")) == ("SYNTH", "1.2.250.1.213.1.1.4.12")
    assert (act.get("code"), act.get("displayName"), act.get("codeSystemName")) == (
        "34117-2",
        "Historique et clinique",
        "LOINC",
    )


def test_tree() -> None:
    document = tree(RENEWAL, *ITEMS, kind=VSM)
    assert codes(document.find(f"{C}component/{C}structuredBody")) == [SUMMARY, VIGILANCE, PLAN]
    assert codes(section(document, SUMMARY)) == [HISTORY, RISKS]
    assert codes(section(document, HISTORY)) == ["11450-4", "11348-0", "47519-4", "48765-2"]
    assert codes(section(document, RISKS)) == ["29762-2", "10157-6"]
    assert codes(section(document, PLAN)) == ["10160-0"]


def test_points_of_vigilance_hold_words_only() -> None:
    vigilance = section(tree(RENEWAL, *ITEMS, kind=VSM), VIGILANCE)
    assert vigilance.find(f".//{C}entry") is None
    text = "".join(vigilance.itertext())
    assert "Renouvellement. HTA équilibrée" in text
    assert all(shown in text for shown in ("82,5 kg", "HbA1c", "REVAXIS", "Stimulateur cardiaque"))


def test_no_risk_known_is_said() -> None:
    risks = section(tree("Vu ce jour.", kind=VSM), RISKS)
    assert risks.findtext(f"{C}text") == "Non renseigné"


def test_made_from_the_record_alone() -> None:
    document = tree("", *ITEMS, kind=VSM)
    assert document.find(f".//{C}value[@code='I10']") is not None
    assert document.find(f".//{C}content[@ID='note']") is None


def test_of_nothing_is_refused() -> None:
    with pytest.raises(ContextError) as refusal:
        made("", kind=VSM)
    assert refusal.value.field == "note"


def test_page_holds_the_facts() -> None:
    request = replace(request_of(plan_of(VSM), DocumentFormat.PDF, "full"), note=RENEWAL)
    body = etree.fromstring(build(request).cda).findtext(f".//{C}nonXMLBody/{C}text")
    page = " ".join(words(base64.b64decode(body or "")))
    for shown in ("Renouvellement", "Hypertension", "Ramipril 5 mg", "nicilline", "Stimulateur", "HbA1c"):
        assert shown in page
