"""Entries of the structured documents: FR-CDA models of the CI-SIS, as the reference (cda.md, "Entries") lists them.

`key` makes the identifiers, `anchor` names the words of the narrative.
"""

from __future__ import annotations

from datetime import date
from xml.sax.saxutils import escape

from dmp_desktop.sandbox.records.facts import (
    ATC,
    CCAM,
    CIM10,
    CIS,
    SNOMED,
    Act,
    Allergy,
    Drug,
    Habit,
    Intake,
    Problem,
    Relative,
    Shot,
    Treatment,
)
from dmp_desktop.sandbox.records.header import assigned_entity, author
from dmp_desktop.sandbox.records.markup import (
    HL7_ACT,
    LOINC,
    OBSERVATION,
    bound,
    coded,
    identifier,
    original,
    status,
    templates,
    value,
    words,
    ymd,
)

_CCD, _PCC, _FR = "2.16.840.1.113883.10.20.1.", "1.3.6.1.4.1.19376.1.5.3.1.4.", "1.2.250.1.213.1.1.3."
_CONCERN = (f"{_CCD}27", f"{_PCC}5.1")
_FINDING = ("282291009", "interprétation diagnostique", SNOMED)
ORAL = ("20053000", "Voie orale", ("0.4.0.127.0.16.1.1.2.1", "EDQM"))
NONE_KNOWN = ("no-known-allergies", "Pas d'allergie/hypersensibilité connue", ("2.16.840.1.113883.5.1150.1", "IPS"))
_MANUFACTURED, _KIND = ' classCode="MANU"', ' classCode="MMAT" determinerCode="KIND"'


def problem(found: Problem, anchor: str, key: str, *, system: tuple[str, str] = CIM10, absent: bool = False) -> str:
    """A problem, over when it has an end; or one that the patient never had."""
    over = found.until is not None
    time = f"<effectiveTime>{bound('low', found.since)}{bound('high', found.until) if over else ''}</effectiveTime>"
    told = value(found.code, found.label, system, original(anchor))
    negated = "true" if absent else "false"
    return (
        f'<entry><act classCode="ACT" moodCode="EVN">{templates(*_CONCERN, f"{_PCC}5.2", f"{_FR}39")}'
        f'{identifier(key, anchor, "concern")}<code nullFlavor="NA"/>{status("completed" if over else "active")}{time}'
        '<entryRelationship typeCode="SUBJ" inversionInd="false">'
        f'<observation classCode="OBS" moodCode="EVN" negationInd="{negated}">'
        f"{templates(f'{_CCD}28', f'{_PCC}5', f'{_FR}37')}{identifier(key, anchor)}{coded('code', *_FINDING)}"
        f"{words(anchor)}{status()}{time}{told}</observation></entryRelationship></act></entry>"
    )


def allergy(found: Allergy, anchor: str, key: str) -> str:
    """An allergy with its agent; or that none is known."""
    told, agent = f'<value xsi:type="CD" nullFlavor="NA">{original(anchor)}</value>', ""
    if found.agent:
        code = coded("code", found.atc, found.agent, ATC, original(f"{anchor}-agent"))
        agent = (
            '<participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT">'
            f"{code}<name>{escape(found.agent)}</name></playingEntity></participantRole></participant>{_reaction(anchor, key)}"
        )
    else:
        told = value(*NONE_KNOWN, original(anchor))
    state = status("active" if found.agent else "completed")
    end = "" if found.agent else '<high nullFlavor="NA"/>'
    return (
        f'<entry><act classCode="ACT" moodCode="EVN">{templates(*_CONCERN, f"{_PCC}5.3", f"{_FR}40")}'
        f'{identifier(key, anchor, "concern")}<code nullFlavor="NA"/>{state}<effectiveTime>{bound("low", found.since)}{end}'
        '</effectiveTime><entryRelationship typeCode="SUBJ" inversionInd="false">'
        '<observation classCode="OBS" moodCode="EVN" negationInd="false">'
        f"{templates(f'{_CCD}18', f'{_CCD}28', f'{_PCC}5', f'{_PCC}6', f'{_FR}41')}{identifier(key, anchor)}"
        f"{coded('code', '416098002', 'allergie médicamenteuse', SNOMED)}{words(anchor)}{status()}"
        f"<effectiveTime>{bound('low', found.since)}</effectiveTime>{told}{agent}</observation></entryRelationship></act>"
        "</entry>"
    )


def _reaction(anchor: str, key: str) -> str:
    place = f"{anchor}-reaction"
    return (
        '<entryRelationship typeCode="MFST" inversionInd="false">'
        '<observation classCode="OBS" moodCode="EVN" negationInd="false">'
        f"{templates(f'{_CCD}28', f'{_CCD}54', f'{_PCC}5', f'{_FR}37')}{identifier(key, place)}"
        f"{coded('code', '418799008', 'symptôme rapporté par le patient ou le répondant', SNOMED)}{words(place)}{status()}"
        f'<effectiveTime><low nullFlavor="UNK"/></effectiveTime>'
        f"{value('L50.0', 'Urticaire allergique', CIM10, original(place))}"
        "</observation></entryRelationship>"
    )


def act(found: Act, anchor: str, key: str) -> str:
    return (
        f'<entry><procedure classCode="PROC" moodCode="EVN">{templates(f"{_PCC}19", f"{_CCD}29", f"{_FR}62")}'
        f"{identifier(key, anchor)}{coded('code', found.code, found.label, CCAM)}{words(anchor)}{status()}"
        f'<effectiveTime value="{ymd(found.day)}"/></procedure></entry>'
    )


def habit(found: Habit, anchor: str, key: str) -> str:
    quantity = f' value="{found.value}" unit="{found.unit}"' if found.value else ""
    told = f'<value xsi:type="PQ"{quantity}/>' if quantity else f'<value xsi:type="ST">{escape(found.words)}</value>'
    return (
        '<entry><observation classCode="OBS" moodCode="EVN">'
        f"{templates(f'{_CCD}33', OBSERVATION, f'{OBSERVATION}.4', f'{_FR}52')}{identifier(key, anchor)}"
        f'{coded("code", found.code, found.label, LOINC)}{words(anchor)}{status()}<effectiveTime nullFlavor="NA"/>{told}'
        "</observation></entry>"
    )


def relative(found: Relative, anchor: str, key: str) -> str:
    who = coded("code", found.role, found.label, ("2.16.840.1.113883.5.111", "RoleCode"), original(f"{anchor}-who"))
    sick = found.problem
    return (
        f'<entry><organizer classCode="CLUSTER" moodCode="EVN">{templates(f"{_CCD}23", f"{_PCC}15", f"{_FR}59")}{status()}'
        f'<subject typeCode="SBJ">{templates(f"{_PCC}15.2", f"{_FR}60")}<relatedSubject classCode="PRS">{who}'
        f'<subject><administrativeGenderCode code="{found.sex}" displayName="{"Féminin" if found.sex == "F" else "Masculin"}" '
        'codeSystem="2.16.840.1.113883.5.1"/></subject></relatedSubject></subject>'
        '<component typeCode="COMP"><observation classCode="OBS" moodCode="EVN">'
        f"{templates(f'{_CCD}22', OBSERVATION, f'{OBSERVATION}.3', f'{_FR}51')}{identifier(key, anchor)}"
        f'{coded("code", *_FINDING)}{words(anchor)}{status()}<effectiveTime nullFlavor="UNK"/>'
        f"{value(sick.code, sick.label, CIM10, original(anchor))}"
        "</observation></component></organizer></entry>"
    )


def product(drug: Drug, anchor: str, more: str = "", *, lot: str = "") -> str:
    """FR-Produit-de-sante: the speciality, its class. `more` are elements of IHE Pharmacy."""
    named = original(anchor) + coded("translation", drug.atc, drug.substance, ATC)
    code = coded("code", drug.cis, drug.name, CIS, named) if drug.cis else f"<code>{named}</code>"
    batch = f"<lotNumberText>{lot}</lotNumberText>" if lot else ""
    own = templates("1.3.6.1.4.1.19376.1.9.1.3.1") if more else ""
    kind = _KIND if more else ""
    return (
        f"<manufacturedProduct{kind and _MANUFACTURED}>"
        f"{templates(f'{_CCD}53', f'{_PCC}7.2', f'{_FR}43')}<manufacturedMaterial{kind}>{own}{code}"
        f"<name>{escape(drug.name)}</name>{batch}{more}</manufacturedMaterial></manufacturedProduct>"
    )


def dose(intake: Intake) -> str:
    amount = f'value="{intake.dose}" unit="{intake.unit}"'
    return f"<doseQuantity><low {amount}/><high {amount}/></doseQuantity>"


def treatment(found: Treatment, anchor: str, key: str) -> str:
    """FR-Traitement, taken at regular hours."""
    return (
        '<entry typeCode="DRIV"><substanceAdministration classCode="SBADM" moodCode="EVN">'
        f"{templates(f'{_CCD}24', f'{_PCC}7', f'{_FR}42', f'{_PCC}7.1')}{identifier(key, anchor)}"
        f"{coded('code', 'DRUG', 'Médicament', HL7_ACT)}{words(anchor)}{status()}"
        f'<effectiveTime xsi:type="IVL_TS">{bound("low", found.since)}{bound("high", found.until)}</effectiveTime>'
        f'<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="{found.intake.hours}" unit="h"/></effectiveTime>'
        f"{coded('routeCode', *ORAL)}{dose(found.intake)}"
        f"<consumable>{product(found.drug, anchor)}</consumable></substanceAdministration></entry>"
    )


def shot(found: Shot, anchor: str, key: str) -> str:
    """FR-Vaccination with its lot, its rank and who gave it."""
    muscle = ("20035000", "Voie intramusculaire", ORAL[2])
    rank = (
        '<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">'
        f"{templates(f'{_CCD}46', f'{_FR}82')}{coded('code', '30973-2', 'Rang de la vaccination', LOINC)}{status()}"
        f'<value xsi:type="INT" value="{found.rank}"/></observation></entryRelationship>'
    )
    kind = ("INITIMMUNIZ", "1ère série vaccinante") if found.rank < 3 else ("BOOSTER", "Rappel")
    return (
        '<entry><substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="false">'
        f"{templates(f'{_CCD}24', f'{_PCC}12', f'{_FR}45')}{identifier(key, anchor)}{coded('code', *kind, HL7_ACT)}"
        f'{words(anchor)}{status()}<effectiveTime value="{ymd(found.day)}"/>{coded("routeCode", *muscle)}'
        f"{coded('approachSiteCode', *found.site, SNOMED, original(f'{anchor}-site'))}"
        f'<consumable typeCode="CSM">{product(found.vaccine, anchor, lot=found.lot)}</consumable>'
        f'<performer typeCode="PRF">{assigned_entity(found.giver)}</performer>{author(found.giver, ymd(found.day))}'
        f"{rank}</substanceAdministration></entry>"
    )


def measures(found: list[tuple[str, str, float, str]], day: date, key: str) -> str:
    """FR-Signes-vitaux: (LOINC, label, value, UCUM) measured on a day; the anchor of each is its code."""
    rows = "".join(
        '<component typeCode="COMP"><observation classCode="OBS" moodCode="EVN">'
        f"{templates(f'{_CCD}31', OBSERVATION, f'{OBSERVATION}.2', f'{_FR}50')}{identifier(key, loinc)}"
        f'{coded("code", loinc, label, LOINC)}{words(f"m{loinc}")}{status()}<effectiveTime value="{ymd(day)}"/>'
        f'<value xsi:type="PQ" value="{value:g}" unit="{unit}"/></observation></component>'
        for loinc, label, value, unit in found
    )
    return (
        '<entry><organizer classCode="CLUSTER" moodCode="EVN">'
        f"{templates(f'{_CCD}32', f'{_CCD}35', f'{OBSERVATION}.1', f'{_FR}49')}{identifier(key, 'vitals')}"
        f"{coded('code', '85353-1', 'Signes vitaux', LOINC)}{status()}"
        f'<effectiveTime value="{ymd(day)}"/>{rows}</organizer></entry>'
    )
