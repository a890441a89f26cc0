"""Entries that tell of nothing that happened: planned, cancelled, entered by error, denied, not asked, or over."""

from __future__ import annotations

from typing import Any

import pytest

from dmp_desktop.cda.read import data_from_cda, facts_from_cda
from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.domain.notes import ProposalStatus
from tests.unit.cda.test_entries import PCC, document

LAB = "1.3.6.1.4.1.19376.1.3.1.6"
PRODUCT = (
    '<manufacturedProduct><manufacturedMaterial><code code="X" codeSystem="1.2.3" displayName="PRODUIT"/>'
    "</manufacturedMaterial></manufacturedProduct>"
)
QUANTITY = '<value xsi:type="PQ" value="6.9" unit="mmol/L"/>'
STATES = [
    ("EVN", "cancelled", "cancelled"),
    ("EVN", "nullified", "cancelled"),
    ("EVN", "obsolete", "cancelled"),
    ("PRP", "active", "planned"),
    ("PRP", "cancelled", "cancelled"),
]


def entry(kind: str, mood: str = "EVN", state: str = "completed", negated: str = "", inner: str = "") -> str:
    """An entry of each kind; `inner` comes last in it."""
    tag, template, body = {
        "problems": ("observation", f"{PCC}.5", '<value xsi:type="CD" code="I10" codeSystem="1.2" displayName="HTA"/>'),
        "allergies": ("observation", f"{PCC}.6", '<value xsi:type="CD" code="Z" codeSystem="1.2" displayName="Iode"/>'),
        "family": ("observation", f"{PCC}.13.3", '<value xsi:type="CD" code="I" codeSystem="1" displayName="HTA"/>'),
        "lifestyle": ("observation", f"{PCC}.13.4", '<value xsi:type="ST">oui</value>'),
        "results": ("observation", LAB, QUANTITY),
        "vitals": ("observation", f"{PCC}.13.2", QUANTITY),
        "procedures": ("procedure", f"{PCC}.19", ""),
        "treatments": ("substanceAdministration", f"{PCC}.7", f"<consumable>{PRODUCT}</consumable>"),
        "vaccinations": ("substanceAdministration", f"{PCC}.12", f"<consumable>{PRODUCT}</consumable>"),
        "dispensations": ("supply", "1.3.6.1.4.1.19376.1.9.1.3.4", f"<product>{PRODUCT}</product>"),
        "devices": (
            "supply",
            "1.2.250.1.213.1.1.3.20",
            '<participant><participantRole><playingDevice><code code="D" codeSystem="1" displayName="Pompe"/>'
            "</playingDevice></participantRole></participant>",
        ),
    }[kind]
    denied = f'negationInd="{negated}"' if negated else ""
    return (
        f'<{tag} moodCode="{mood}" {denied}><templateId root="{template}"/>'
        f'<code code="2823-3" codeSystem="2.16.840.1.113883.6.1" displayName="Potassium"/><statusCode code="{state}"/>'
        f'<effectiveTime value="20261101"/>{body}{inner}</{tag}>'
    )


KINDS = (
    "problems",
    "allergies",
    "family",
    "lifestyle",
    "results",
    "vitals",
    "procedures",
    "treatments",
    "vaccinations",
    "dispensations",
    "devices",
)


def told(kind: str, xml: str) -> tuple[str, ClinicalItem]:
    """The status `cda data` prints, and the fact: an entry is never left out of either."""
    cda = document(xml)
    (data,) = data_from_cda(cda)[kind]
    (item,) = facts_from_cda(cda).items
    return data["status"], item


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("mood", "state", "status"), STATES)
def test_what_is_planned_or_withdrawn_is_told_as_that(kind: str, mood: str, state: str, status: str) -> None:
    data, item = told(kind, entry(kind, mood, state))
    assert (data, item.status.value) == (status, status)
    assert not item.is_fact


@pytest.mark.parametrize("kind", KINDS)
def test_what_happened_is_a_fact(kind: str) -> None:
    _, item = told(kind, entry(kind))
    assert item.is_fact
    assert item.status in {ProposalStatus.PRESENT, ProposalStatus.DONE, ProposalStatus.FAMILY}


@pytest.mark.parametrize("kind", ["results", "vitals", "lifestyle"])
def test_a_goal_is_no_finding(kind: str) -> None:
    data, item = told(kind, entry(kind, "GOL"))
    assert (data, item.status) == ("goal", ProposalStatus.GOAL)


@pytest.mark.parametrize(
    ("kind", "state", "status"),
    [
        ("results", "held", "planned"),
        ("results", "aborted", "cancelled"),
        ("vaccinations", "aborted", "cancelled"),
        ("procedures", "held", "planned"),
        ("treatments", "aborted", "stopped"),
        ("treatments", "suspended", "stopped"),
        ("treatments", "held", "planned"),
        ("problems", "aborted", "history"),
        ("allergies", "held", "present"),
    ],
)
def test_what_is_held_or_interrupted(kind: str, state: str, status: str) -> None:
    data, item = told(kind, entry(kind, state=state))
    assert (data, item.status.value) == (status, status)


def test_a_prescription_on_hold_is_not_going_on() -> None:
    data, item = told("treatments", entry("treatments", "INT", "held"))
    assert (data, item.status) == ("stopped", ProposalStatus.STOPPED)


def test_a_prescription_is_an_intent_and_a_treatment() -> None:
    data, item = told("treatments", entry("treatments", "INT", "active"))
    assert (data, item.status) == ("present", ProposalStatus.PRESENT)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("problems", "absent"),
        ("allergies", "absent"),
        ("treatments", "absent"),
        ("lifestyle", "absent"),
        ("devices", "absent"),
        ("results", "not_done"),
        ("vitals", "not_done"),
        ("procedures", "not_done"),
        ("vaccinations", "not_done"),
        ("dispensations", "not_done"),
    ],
)
@pytest.mark.parametrize("negated", ["true", "1"])
def test_what_is_denied(kind: str, status: str, negated: str) -> None:
    data, item = told(kind, entry(kind, negated=negated))
    assert (data, item.status.value) == (status, status)


def test_a_germ_that_is_denied_was_not_found() -> None:
    germ = '<value xsi:type="CD" code="112283007" codeSystem="2.16.840.1.113883.6.96" displayName="Escherichia coli"/>'
    data, item = told("results", entry("results", negated="true").replace(QUANTITY, germ))
    assert (data, item.status) == ("absent", ProposalStatus.ABSENT)


def test_an_analysis_given_up_without_a_value_was_not_done() -> None:
    data, _ = told("results", entry("results", state="aborted").replace(QUANTITY, ""))
    assert data == "not_done"


@pytest.mark.parametrize(
    "reason",
    [
        "<text>Refus du patient</text>",
        '<entryRelationship typeCode="RSON"><act><code code="PATOBJ"/></act></entryRelationship>',
    ],
)
def test_a_vaccine_is_refused_where_the_entry_says_so(reason: str) -> None:
    data, item = told("vaccinations", entry("vaccinations", negated="true", inner=reason))
    assert (data, item.status) == ("refused", ProposalStatus.REFUSED)
    assert told("vaccinations", entry("vaccinations", inner=reason))[1].status is ProposalStatus.DONE


@pytest.mark.parametrize(
    ("around", "status"),
    [
        ('<organizer><statusCode code="nullified"/><component>{}</component></organizer>', "cancelled"),
        (
            '<act><statusCode code="cancelled"/><entryRelationship typeCode="SUBJ">{}</entryRelationship></act>',
            "cancelled",
        ),
        ('<act><statusCode code="cancelled"/><entryRelationship typeCode="REFR">{}</entryRelationship></act>', "done"),
        ('<organizer><statusCode code="aborted"/><component>{}</component></organizer>', "done"),
    ],
)
def test_the_parts_of_what_is_withdrawn_are_too(around: str, status: str) -> None:
    assert told("results", around.format(entry("results")))[0] == status


def clinical(code: str, words: str = "") -> str:
    return (
        '<entryRelationship typeCode="REFR"><observation classCode="OBS" moodCode="EVN">'
        '<code code="33999-4" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/>'
        f'<value xsi:type="CE" code="{code}" displayName="{words}"/></observation></entryRelationship>'
    )


@pytest.mark.parametrize("kind", ["problems", "allergies"])
@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        ("413322009", "", "history"),
        ("resolved", "", "history"),
        ("inactive", "", "history"),
        ("remission", "", "history"),
        ("X", "Résolu", "history"),
        ("active", "Actif", "present"),
        ("X", "Chronique", "present"),
    ],
)
def test_what_is_resolved_is_no_longer_there(kind: str, code: str, words: str, status: str) -> None:
    assert told(kind, entry(kind, inner=clinical(code, words)))[1].status.value == status
    assert told(kind, entry(kind, negated="true", inner=clinical(code, words)))[1].status is ProposalStatus.ABSENT


@pytest.mark.parametrize(("code", "status"), [("", "history"), ("active", "present"), ("resolved", "history")])
def test_a_clinical_status_says_more_than_the_state_of_the_concern(code: str, status: str) -> None:
    concern = '<act><statusCode code="completed"/><entryRelationship typeCode="SUBJ">{}</entryRelationship></act>'
    assert told("problems", concern.format(entry("problems", inner=clinical(code) if code else "")))[0] == status


def allergy(value: str, agent: str = "") -> str:
    role = f"<participant><participantRole><playingEntity><name>{agent}</name></playingEntity></participantRole></participant>"
    return (
        f'<observation classCode="OBS" moodCode="EVN"><templateId root="{PCC}.6"/><code code="X"/>{value}'
        f"{role if agent else ''}</observation>"
    )


@pytest.mark.parametrize(
    ("value", "agent", "label", "status"),
    [
        ('<value xsi:type="CD" nullFlavor="UNK"/>', "", "Allergies", "unknown"),
        ('<value nullFlavor="NASK"/>', "", "Allergies", "unknown"),
        ('<value nullFlavor="ASKU"><originalText>non recherché</originalText></value>', "", "Allergies", "unknown"),
        ('<value nullFlavor="UNK"><originalText>Non renseigné</originalText></value>', "", "Allergies", "unknown"),
        # Uncoded is not unknown: this is how an allergy without a code is written, by us too.
        ('<value nullFlavor="UNK"><originalText>Noix de cajou</originalText></value>', "", "Noix de cajou", "present"),
        ('<value nullFlavor="OTH"><originalText>Latex</originalText></value>', "", "Latex", "present"),
        ('<value nullFlavor="UNK"/>', "Pénicilline", "Pénicilline", "present"),
    ],
)
def test_an_allergy_nobody_asked_for_is_neither_present_nor_absent(
    value: str, agent: str, label: str, status: str
) -> None:
    data, item = told("allergies", allergy(value, agent))
    assert (data, item.label, item.status.value) == (status, label, status)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ('<value xsi:type="CD" nullFlavor="NASK"/>', "unknown"),
        ('<value xsi:type="CD" nullFlavor="UNK"/>', "unknown"),
        ('<value xsi:type="ST">ancien fumeur</value>', "present"),
        ('<value xsi:type="CD" nullFlavor="OTH"><originalText>ancien fumeur</originalText></value>', "present"),
    ],
)
def test_a_habit_nobody_asked_for_is_unknown(value: str, status: str) -> None:
    habit = entry("lifestyle").replace('<value xsi:type="ST">oui</value>', value)
    assert told("lifestyle", habit)[0] == status


def test_a_reaction_that_is_denied_is_told_as_denied() -> None:
    def reaction(words: str, negated: str) -> str:
        return (
            f'<entryRelationship typeCode="MFST"><observation negationInd="{negated}"><templateId root="{PCC}.5"/>'
            f'<templateId root="2.16.840.1.113883.10.20.1.54"/><value xsi:type="CD" code="1" displayName="{words}"/>'
            "</observation></entryRelationship>"
        )

    inner = reaction("urticaire", "true") + reaction("œdème", "false")
    cda = document(entry("allergies", inner=inner))
    (data,) = data_from_cda(cda)["allergies"]
    assert (data["reactions"], data["absent_reactions"]) == (["œdème"], ["urticaire"])
    (item,) = facts_from_cda(cda).items
    assert item.comment == "œdème, sans urticaire"


def course(times: str) -> dict[str, Any]:
    single = '<effectiveTime value="20261101"/>'
    (data,) = data_from_cda(document(entry("treatments").replace(single, f"<effectiveTime>{times}</effectiveTime>")))[
        "treatments"
    ]
    return dict(data)


@pytest.mark.parametrize(
    ("width", "end"),
    [
        ('value="7" unit="d"', "2019-01-08"),
        ('value="2" unit="wk"', "2019-01-15"),
        ('value="3" unit="mo"', "2019-04-02"),
        ('value="1" unit="a"', "2020-01-01"),
        ('value="48" unit="h"', "2019-01-03"),
        ('value="x" unit="d"', None),
        ('value="7" unit="furlong"', None),
        ('value="9999999" unit="a"', None),
        ('value="-3" unit="d"', None),
    ],
)
def test_a_length_gives_the_end(width: str, end: str | None) -> None:
    assert course(f'<low value="20190101"/><width {width}/>')["end"] == end


def test_an_end_that_is_written_comes_before_a_length() -> None:
    assert course('<low value="20190101"/><high value="20190105"/><width value="7" unit="d"/>')["end"] == "2019-01-05"
    assert course('<width value="7" unit="d"/>')["end"] is None
    assert course('<low value="2019"/><width value="7" unit="d"/>')["end"] is None
