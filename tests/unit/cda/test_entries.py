"""Entries that the official examples do not hold: nothing known, nothing said, codes of "other", codes of a laboratory."""

from __future__ import annotations

import pytest

from dmp_desktop.cda.read import data_from_cda, facts_from_cda
from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.notes import ProposalStatus

PCC = "1.3.6.1.4.1.19376.1.5.3.1.4"
NOBODY = 'codeSystem="2.16.840.1.113883.5.1150.1"'


def document(entry: str, words: str = "") -> bytes:
    return (
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><component>'
        f"<structuredBody><component><section><text>{words}</text><entry>{entry}</entry></section></component>"
        "</structuredBody></component></ClinicalDocument>"
    ).encode()


def items(entry: str, words: str = "") -> tuple[ClinicalItem, ...]:
    return facts_from_cda(document(entry, words)).items


def treatment(code: str) -> str:
    return (
        f'<substanceAdministration classCode="SBADM" moodCode="EVN"><templateId root="{PCC}.7"/>'
        f'<code code="{code}" {NOBODY} displayName="Dit"/><text>Dit en mots</text><consumable><manufacturedProduct>'
        '<manufacturedMaterial nullFlavor="NA"/></manufacturedProduct></consumable></substanceAdministration>'
    )


def observation(template: str, inner: str, attributes: str = "") -> str:
    return (
        f'<observation classCode="OBS" moodCode="EVN" {attributes}><templateId root="{template}"/>{inner}</observation>'
    )


def test_no_treatment_known_is_an_absence() -> None:
    (item,) = items(treatment("no-known-medications"))
    assert (item.label, item.status) == ("Dit", ProposalStatus.ABSENT)
    assert not items(treatment("no-medication-info"))


@pytest.mark.parametrize(("code", "status"), [("no-known-problems", "absent"), ("no-problem-info", None)])
def test_no_problem_known_and_nothing_said(code: str, status: str | None) -> None:
    found = items(observation(f"{PCC}.5", f'<value xsi:type="CD" code="{code}" {NOBODY} displayName="Dit"/>'))
    assert [item.status.value for item in found] == ([status] if status else [])


def test_a_side_that_only_a_code_tells_is_told() -> None:
    """Two eyes are two problems: without their side, one of them is lost among equal words."""

    def cataract(site: str, side: str = "") -> str:
        value = '<value xsi:type="CD" code="H25" codeSystem="2.16.840.1.113883.6.3" displayName="Cataracte"/>'
        turned = f'<qualifier><value code="24028007" displayName="{side}"/></qualifier>' if side else ""
        coded = f'<targetSiteCode code="81745001" displayName="{site}">{turned}</targetSiteCode>' if site else ""
        return observation(f"{PCC}.5", value + coded)

    (right,), (left,) = items(cataract("Œil droit")), items(cataract("Œil", "Gauche"))
    assert (right.label, left.label) == ("Cataracte (Œil droit)", "Cataracte (Œil, Gauche)")
    (plain,), (same,) = items(cataract("")), items(cataract("Cataracte"))
    assert plain.label == same.label == "Cataracte"


def test_a_negated_problem_is_absent() -> None:
    value = '<value xsi:type="CD" code="I10" codeSystem="2.16.840.1.113883.6.3" displayName="HTA"/>'
    (item,) = items(observation(f"{PCC}.5", value, 'negationInd="true"'))
    assert item.status is ProposalStatus.ABSENT


@pytest.mark.parametrize(
    ("certainty", "status"),
    [("unconfirmed", "suspected"), ("differential", "suspected"), ("refuted", "absent"), ("confirmed", "present")],
)
def test_a_doubt_is_read_as_one(certainty: str, status: str) -> None:
    value = '<value xsi:type="CD" code="I26.9" codeSystem="2.16.840.1.113883.6.3" displayName="Embolie pulmonaire"/>'
    said = (
        '<entryRelationship typeCode="SUBJ" inversionInd="true"><observation classCode="OBS" moodCode="EVN">'
        f'<code code="66455-7" codeSystem="2.16.840.1.113883.6.1"/><value xsi:type="CD" code="{certainty}"/>'
        "</observation></entryRelationship>"
    )
    (item,) = items(observation(f"{PCC}.5", value + said))
    assert item.status.value == status


def test_another_problem_is_named_by_its_words() -> None:
    value = (
        '<value xsi:type="CD" code="GEN-092.01" codeSystem="1.2.250.1.213.1.1.4.322" displayName="Autre">'
        '<originalText><reference value="#p"/></originalText></value>'
    )
    (item,) = items(observation(f"{PCC}.5", value), '<content ID="p">Maladie rare</content>')
    assert item.label == "Maladie rare"


def test_a_code_of_the_laboratory_is_no_loinc_code() -> None:
    inner = (
        '<code code="1234" codeSystem="1.2.250.1.2.3.4" displayName="CRP"/><value xsi:type="PQ" value="5" unit="mg/L"/>'
    )
    cda = document(observation("1.3.6.1.4.1.19376.1.3.1.6", inner))
    (result,) = data_from_cda(cda)["results"]
    assert (result["loinc"], result["label"], result["value"]) == (None, "CRP", 5)


def test_limits_in_another_unit_keep_it() -> None:
    inner = (
        '<code code="2345-7" codeSystem="2.16.840.1.113883.6.1" displayName="Glucose"/>'
        '<value xsi:type="PQ" value="0.9" unit="g/L"/><referenceRange><observationRange><value xsi:type="IVL_PQ">'
        '<low value="3.9" unit="mmol/L"/><high value="6.1" unit="mmol/L"/></value></observationRange></referenceRange>'
    )
    (item,) = facts_from_cda(document(observation("1.3.6.1.4.1.19376.1.3.1.6", inner))).of(ItemKind.RESULT)
    assert item.measure is not None
    assert (item.measure.low, item.measure.high, item.measure.limits_unit) == (3.9, 6.1, "mmol/L")


def test_an_act_that_is_planned_or_cancelled_was_not_done() -> None:
    def act(mood: str, state: str) -> str:
        return (
            f'<procedure classCode="PROC" moodCode="{mood}"><templateId root="{PCC}.19"/>'
            f'<code code="x" codeSystem="1.2" displayName="Coloscopie"/><statusCode code="{state}"/></procedure>'
        )

    cases = (("EVN", "completed"), ("INT", "active"), ("EVN", "cancelled"))
    found = [items(act(mood, state))[0].status.value for mood, state in cases]
    assert found == ["done", "planned", "cancelled"]


def test_figures_are_no_name_of_an_analysis() -> None:
    """A laboratory's own code, whose words point at the result: its name stands in the translation."""
    code = (
        '<code><originalText><reference value="#r"/></originalText>'
        '<translation code="CYSC" codeSystem="1.2.250.1.999.20" displayName="Cystatine C"/></code>'
    )
    entry = observation("1.3.6.1.4.1.19376.1.3.1.6", f'{code}<value xsi:type="PQ" value="2.31" unit="mg/L"/>')
    (result,) = data_from_cda(document(entry, '<content ID="r">2,31</content>'))["results"]
    assert result["label"] == "Cystatine C"
