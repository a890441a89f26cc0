"""The letter to the admitting hospital: why and where to, what the patient takes, the note."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dmp_desktop.cda.build import plan_of
from dmp_desktop.domain.documents import DocumentFormat, DocumentKind
from dmp_desktop.errors import ContextError
from tests.helpers.documents import minimal_context
from tests.helpers.kinds import ITEMS, request_of
from tests.unit.cda.test_facts import RENEWAL, C, made, tree
from tests.unit.cda.test_vsm import codes, section

LETTER = DocumentKind.ADMISSION_LETTER


def test_header_of_the_volet() -> None:
    document = tree(RENEWAL, kind=LETTER)
    act = document.find(f"{C}documentationOf/{C}serviceEvent/{C}code")
    assert (act.get("code"), act.get("codeSystem")) == ("IMP", "2.16.840.1.113883.5.4")
    assert document.findall(f"{C}templateId")[-1].attrib == {
        "root": "1.2.250.1.213.1.1.1.21",
        "extension": "2022.01",
    }


def test_required_sections_whatever_is_known() -> None:
    body = tree("Vu ce jour.", kind=LETTER).find(f"{C}component/{C}structuredBody")
    assert codes(body) == ["42349-1", "42346-7", "48765-2", "55112-7"]


def test_treatments_stand_once_as_those_before_admission() -> None:
    document = tree(RENEWAL, *ITEMS, kind=LETTER)
    assert "10160-0" not in codes(document.find(f"{C}component/{C}structuredBody"))
    assert section(document, "42346-7").find(f"{C}entry/{C}substanceAdministration") is not None


def test_reason_and_destination_are_read() -> None:
    text = "".join(section(tree(RENEWAL, kind=LETTER), "42349-1").find(f"{C}text").itertext())
    assert "Dyspnée" in text
    assert "Destination : CHU" in text


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({}, "extra.reason"),
        ({"reason": "  ", "destination": "CHU"}, "extra.reason"),
        ({"reason": "Dyspnée"}, "extra.destination"),
        ({"reason": "Dyspnée", "destination": 3}, "extra.destination"),
        ({"reason": "x\u0000", "destination": "CHU"}, "extra.reason"),
    ],
)
def test_refused_without_what_it_needs(extra: dict[str, Any], field: str) -> None:
    with pytest.raises(ContextError) as refusal:
        made(RENEWAL, kind=LETTER, context=replace(minimal_context(), extra=extra))
    assert refusal.value.field == field


def test_page_says_why_and_where_to() -> None:
    request = request_of(plan_of(LETTER), DocumentFormat.PDF, "minimal")
    assert plan_of(LETTER).page_lines(request) == ("Motif d'hospitalisation : Dyspnée", "Destination : CHU")
