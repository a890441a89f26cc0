"""What stands around a result: its flags, its inequality, what was analysed; and the quantities of a damaged document."""

from __future__ import annotations

import pytest

from dmp_desktop.cda.read import data_from_cda, facts_from_cda
from dmp_desktop.domain.clinical import ItemKind, Measure
from dmp_desktop.errors import CdaError
from tests.unit.cda.test_entries import PCC, document

LAB = "1.3.6.1.4.1.19376.1.3.1.6"
MMOL = '<value xsi:type="PQ" value="6.9" unit="mmol/L"/>'


def observation(inner: str = "", value: str = MMOL, template: str = LAB) -> str:
    return (
        f'<observation classCode="OBS" moodCode="EVN"><templateId root="{template}"/><code code="2823-3" '
        f'codeSystem="2.16.840.1.113883.6.1" displayName="Potassium"/><statusCode code="completed"/>{value}{inner}</observation>'
    )


def read(cda: bytes) -> tuple[float | str | None, Measure]:
    (item,) = facts_from_cda(cda).of(ItemKind.RESULT)
    assert item.measure is not None
    return item.value, item.measure


@pytest.mark.parametrize(
    ("flags", "worst"),
    [
        (("H", "HH"), "HH"),
        (("HH", "H"), "HH"),
        (("N", "L"), "L"),
        (("N", "POS"), "POS"),
        (("N", "?"), "?"),
        (("H", "AA"), "AA"),
        (("N",), "N"),
        (("", "H"), "H"),
        ((), ""),
    ],
)
def test_the_worst_interpretation_is_kept(flags: tuple[str, ...], worst: str) -> None:
    _, measure = read(document(observation("".join(f'<interpretationCode code="{flag}"/>' for flag in flags))))
    assert measure.flag == worst


@pytest.mark.parametrize(
    ("value", "number", "written"),
    [
        ('<value xsi:type="PQ" value="6,5" unit="mmol/L"/>', 6.5, "6,5"),
        ('<value xsi:type="PQ" value="-0,5" unit="mmol/L"/>', -0.5, "-0,5"),
        ('<value xsi:type="PQ" value="6.5" unit="mmol/L"/>', 6.5, "6.5"),
        ('<value xsi:type="PQ" value="1,2,3" unit="mmol/L"/>', "1,2,3", "1,2,3"),
    ],
)
def test_a_comma_is_a_decimal_point_and_stays_as_written(value: str, number: float | str, written: str) -> None:
    found, measure = read(document(observation(value=value)))
    assert (found, measure.text) == (number, written)


@pytest.mark.parametrize(
    ("value", "operator", "bound"),
    [
        ('<value xsi:type="IVL_PQ"><low value="10000" unit="ng/L" inclusive="false"/></value>', ">", 10000.0),
        ('<value xsi:type="IVL_PQ"><low value="10000" unit="ng/L"/></value>', ">=", 10000.0),
        ('<value xsi:type="IVL_PQ"><high value="0,05" unit="ng/L" inclusive="false"/></value>', "<", 0.05),
        ('<value xsi:type="ST">&lt; 0,05</value>', "<", 0.05),
        ('<value xsi:type="ST">≥10</value>', ">=", 10.0),
        ('<value xsi:type="ST">&gt; 10 colonies</value>', "", None),
        ('<value xsi:type="IVL_PQ"><low value="1" unit="g"/><high value="2" unit="g"/></value>', "", None),
        (MMOL, "", None),
    ],
)
def test_an_inequality_keeps_its_operator_and_its_bound(value: str, operator: str, bound: float | None) -> None:
    _, measure = read(document(observation(value=value)))
    assert (measure.operator, measure.bound) == (operator, bound)


def specimen(code: str, kind: str = "") -> str:
    return (
        f'<specimen><specimenRole><specimenPlayingEntity {kind}><code code="X" displayName="{code}"/>'
        "</specimenPlayingEntity></specimenRole></specimen>"
    )


def sampling(material: str) -> str:
    return (
        '<entryRelationship typeCode="COMP"><procedure><participant typeCode="PRD"><participantRole><playingEntity>'
        f'<code code="X" displayName="{material}"/></playingEntity></participantRole></participant></procedure></entryRelationship>'
    )


def act(inner: str) -> str:
    return f'<act><statusCode code="completed"/>{inner}<entryRelationship typeCode="COMP">{observation()}</entryRelationship></act>'


@pytest.mark.parametrize(
    ("entry", "material"),
    [
        (observation(specimen("Urine")), "Urine"),
        (f"<organizer>{specimen('Urine')}<component>{observation()}</component></organizer>", "Urine"),
        (act(sampling("Urine")), "Urine"),
        (act(sampling("Urine") + sampling("Urine")), "Urine"),
        (act(sampling("Urine") + sampling("Sérum")), ""),
        (f"<organizer>{specimen('Sang')}<component>{observation(specimen('Urine'))}</component></organizer>", "Urine"),
        (observation(), ""),
    ],
)
def test_what_was_analysed_is_read_where_it_is_declared(entry: str, material: str) -> None:
    _, measure = read(document(entry))
    assert (measure.material, measure.specimen) == (material, "")
    assert data_from_cda(document(entry))["results"][0]["material"] == (material or None)


def test_a_germ_is_no_material() -> None:
    germ = specimen("Escherichia coli", 'classCode="MIC"')
    inner = f"<organizer>{specimen('Urine')}<component><organizer>{germ}<component>{observation()}</component></organizer></component>"
    _, measure = read(document(f"{inner}</organizer>"))
    assert (measure.specimen, measure.material) == ("Escherichia coli", "Urine")


@pytest.mark.parametrize(
    ("title", "hint"),
    [
        ("Biochimie urinaire", "Urine"),
        ("BIOCHIMIE SANGUINE", "Sang"),
        ("Biochimie sanguine et urinaire", ""),
        ("Résultats", ""),
    ],
)
def test_the_title_of_a_section_is_a_hint_and_no_more(title: str, hint: str) -> None:
    cda = document(observation()).replace(b"<text>", f"<title>{title}</title><text>".encode())
    _, measure = read(cda)
    assert (measure.material, measure.material_hint) == ("", hint)


def test_a_simple_observation_that_measures_is_a_result_and_a_ticked_box_is_none() -> None:
    simple = observation(template=f"{PCC}.13")
    (found,) = data_from_cda(document(simple))["results"]
    assert (found["loinc"], found["label"], found["value"], found["unit"]) == ("2823-3", "Potassium", 6.9, "mmol/L")
    for other in ('<value xsi:type="BL" value="true"/>', '<value xsi:type="CD" code="1" displayName="Oui"/>', ""):
        assert not data_from_cda(document(observation(value=other, template=f"{PCC}.13")))["results"]


def test_a_simple_observation_is_a_vital_sign_or_a_result_by_its_code() -> None:
    simple = observation(template=f"{PCC}.13")
    for code, kind in (("8302-2", ItemKind.VITAL), ("2823-3", ItemKind.RESULT), ("72107-6", ItemKind.RESULT)):
        (item,) = facts_from_cda(document(simple.replace("2823-3", code))).items
        assert (item.kind, item.value) == (kind, 6.9)
    (item,) = facts_from_cda(document(observation().replace("2823-3", "8302-2"))).items
    assert item.kind is ItemKind.RESULT


def test_a_quantity_without_loinc_keeps_its_code_and_makes_no_series() -> None:
    lead = (
        observation(template=f"{PCC}.13")
        .replace("2823-3", "GEN-389")
        .replace("2.16.840.1.113883.6.1", "1.2.250.1.213.1.1.4.322")
    )
    (found,) = data_from_cda(document(lead))["results"]
    assert (found["loinc"], found["code"], found["system"]) == (None, "GEN-389", "1.2.250.1.213.1.1.4.322")
    assert not facts_from_cda(document(lead)).items


def test_a_damaged_document_gives_what_can_be_read_and_says_so() -> None:
    sound = document(observation())
    assert (data_from_cda(sound)["damaged"], data_from_cda(sound)["notices"]) == (False, [])
    cut = sound[: sound.index(b"</observation>") + 20].replace(b"<component>", b"<!-- en-t\xc3\xaate --><component>", 1)
    data = data_from_cda(cut)
    assert data["damaged"] is True
    assert data["notices"]
    assert [one["value"] for one in data["results"]] == [6.9]
    with pytest.raises(CdaError):
        facts_from_cda(cut)
    with pytest.raises(CdaError):
        data_from_cda(b"<!DOCTYPE x>" + sound)
