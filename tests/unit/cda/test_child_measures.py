"""A child's measures: at least one, possible at that age, from the form or from the ticked words of the note."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from lxml import etree

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.read import data_from_cda
from dmp_desktop.domain.documents import DocumentFormat, DocumentKind
from dmp_desktop.errors import ContextError
from tests.helpers.documents import NOW, UNIQUE_ID, full_context

C = "{urn:hl7-org:v3}"
NOTE = "Nourrisson en forme. Poids 10,4 kg, taille 78 cm, PC 46,5 cm. Temp 37,2 °C."


def request(extra: dict[str, Any], note: str = "", born: date = date(2025, 3, 1), **changes: Any) -> BuildRequest:
    context = full_context()
    patient = replace(context.patient, birth_date=born)
    proposals = tuple(item.ticked(True) for item in notes.propose(note, age=1))
    context = replace(context, patient=patient, extra=extra)
    return BuildRequest(context, note, UNIQUE_ID, NOW, proposals, kind=DocumentKind.CHILD_MEASURES, **changes)


def measured(cda: bytes) -> dict[str, float]:
    return {vital["loinc"]: vital["value"] for vital in data_from_cda(cda)["vitals"]}


def test_from_the_form() -> None:
    assert measured(build(request({"weight_kg": 10.4, "height_cm": 78, "head_cm": 46.5})).cda) == {
        "29463-7": 10.4,
        "8302-2": 78,
        "8287-5": 46.5,
    }
    assert measured(build(request({"head_cm": 46})).cda) == {"8287-5": 46}


def test_from_the_note_and_the_form_first() -> None:
    """Only the three measures are coded here; what the note says otherwise stays in its text."""
    assert measured(build(request({}, NOTE)).cda) == {"29463-7": 10.4, "8302-2": 78, "8287-5": 46.5}
    assert measured(build(request({"weight_kg": 10.5}, NOTE)).cda)["29463-7"] == 10.5


def test_entries_point_at_the_words() -> None:
    document = etree.fromstring(assemble(request({"height_cm": 78}, "Poids 10,4 kg."), None).cda)
    ids = {element.get("ID"): element for element in document.iter() if element.get("ID")}
    said = {
        str(item.find(f"{C}code").get("code")): item.find(f"{C}code/{C}originalText/{C}reference").get("value")  # type: ignore[union-attr]
        for item in document.iter(f"{C}observation")
    }
    assert "10,4" in "".join(map(str, ids[str(said["29463-7"])[1:]].itertext()))
    assert str(said["8302-2"]).startswith("#vital-")


@pytest.mark.parametrize(
    ("extra", "path"),
    [
        ({}, "extra.weight_kg"),
        ({"weight_kg": None, "head_cm": None}, "extra.weight_kg"),
        ({"weight_kg": "12"}, "extra.weight_kg"),
        ({"weight_kg": True}, "extra.weight_kg"),
        ({"weight_kg": 0}, "extra.weight_kg"),
        ({"weight_kg": 500}, "extra.weight_kg"),
        ({"weight_kg": float("nan")}, "extra.weight_kg"),
        ({"weight_kg": float("inf")}, "extra.weight_kg"),
        ({"weight_kg": 10**400}, "extra.weight_kg"),  # what JSON takes and a float does not
        ({"weight_kg": 10400}, "extra.weight_kg"),
        ({"weight_kg": 10, "height_cm": 0.78}, "extra.height_cm"),
        ({"weight_kg": 10, "head_cm": 78}, "extra.head_cm"),
    ],
)
@pytest.mark.parametrize("format", list(DocumentFormat))
def test_refused(extra: dict[str, Any], path: str, format: DocumentFormat) -> None:
    with pytest.raises(ContextError) as refusal:
        build(request(extra, "Note.", format=format))
    assert refusal.value.field == path


def test_the_range_is_that_of_the_age_and_is_told() -> None:
    build(request({"weight_kg": 45}, born=date(2014, 1, 1)))
    with pytest.raises(ContextError) as refusal:
        build(request({"weight_kg": 45}, born=date(2026, 6, 1)))
    assert "entre 0,5 et 15 kg" in str(refusal.value)


def test_two_ticked_values_are_no_value() -> None:
    with pytest.raises(ContextError) as refusal:
        build(request({}, "Poids 10,4 kg. Poids 10,9 kg."))
    assert refusal.value.field == "extra.weight_kg"


def test_an_adult_is_told() -> None:
    """The volet sets no age: made, with a warning."""
    adult = assemble(request({"weight_kg": 70}, born=date(1979, 3, 12)), None)
    assert any("majeur" in warning for warning in adult.warnings)
    assert assemble(request({"weight_kg": 10}), None).warnings == ()
