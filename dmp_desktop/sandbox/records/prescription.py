"""Prescription of drugs (eP-MED-DM 2024.01): structured dosage, duration, renewals."""

from __future__ import annotations

from datetime import timedelta

from dmp_desktop.sandbox.records.attached import copy_section
from dmp_desktop.sandbox.records.entries import ORAL, dose, product
from dmp_desktop.sandbox.records.facts import ATC, Drug, Order, OrderLine
from dmp_desktop.sandbox.records.header import code, write
from dmp_desktop.sandbox.records.markup import (
    HL7_ACT,
    LOINC,
    body,
    coded,
    original,
    said,
    section,
    status,
    table,
    templates,
    words,
    ymd,
)
from dmp_desktop.sandbox.records.plan import Plan, ts

TEMPLATES = (
    "1.3.6.1.4.1.19376.1.9.1.1.1",
    "1.3.6.1.4.1.19376.1.5.3.1.1.1",
    "1.2.250.1.213.1.1.1.39^2024.01",
)
BOX = "30009000"
"""EDQM: a box."""
_INSTRUCTIONS = ("1.3.6.1.4.1.19376.1.5.3.2", "IHEActCode")
_FLAGS = (
    ("MED-574", "En rapport avec une ALD", "13", "ald"),
    ("GEN-180", "En rapport avec un accident du travail ou une maladie professionnelle", "14", "atmp"),
    ("GEN-295", "En rapport avec la prévention", "34", "prev"),
    ("GEN-181", "Non remboursable", "15", "nonremb"),
    ("GEN-179", "Hors Autorisation de Mise sur le Marché (AMM)", "12", "horsamm"),
)
_HEADS = ("Médicament", "Posologie", "Voie d'administration", "Durée", "Renouvellements", "Consigne", "Substitution")


def document(plan: Plan) -> bytes:
    """CDA of an Order, valid for a year."""
    order = plan.told(Order)
    places = {
        "performed": code("code", "57833-6", *LOINC, "Prescription de produits de santé"),
        "until": ts(plan.service_start + timedelta(days=365)),
    }
    lines = "".join(_line(plan, order, line, f"l{rank}") for rank, line in enumerate(order.lines))
    ordered = section(
        ("57828-6", "Prescriptions"),
        ("1.3.6.1.4.1.19376.1.9.1.2.1", "1.2.250.1.213.1.1.2.171"),
        "Prescription de médicaments",
        table(
            (*_HEADS, *(flag[1] for flag in _FLAGS)), [_row(line, f"l{rank}") for rank, line in enumerate(order.lines)]
        ),
        lines,
        key=plan.unique_id,
    )
    paper = [f"{line.drug.name} : {line.intake.words}, pendant {_duration(line)}" for line in order.lines]
    return write(plan, TEMPLATES, body(ordered, copy_section(plan, plan.title, paper)), more=places)


def _duration(line: OrderLine) -> str:
    again = f", à renouveler {line.renewals} fois" if line.renewals else ""
    return f"{line.days} jours{again}"


def _row(line: OrderLine, anchor: str) -> tuple[str, ...]:
    flags = [said(f"{anchor}-{flag[3]}", "Oui" if flag[3] == "ald" and line.long_illness else "Non") for flag in _FLAGS]
    return (
        said(anchor, line.drug.name),
        said(f"{anchor}-freq", line.intake.words),
        said(f"{anchor}-voie", "Voie orale"),
        f"{line.days} jours",
        str(line.renewals),
        said(f"{anchor}-consigne", "À prendre avec un verre d'eau."),
        said(f"{anchor}-subst", "Autorisée"),
        *flags,
    )


def pharmacy_details(drug: Drug) -> str:
    """IHE Pharmacy: form, class and substance of a drug."""
    return (
        f"{coded('pharm:formCode', '10219000', 'Comprimé', ORAL[2])}"
        '<pharm:asSpecializedKind classCode="GRIC"><pharm:generalizedMedicineClass classCode="MMAT">'
        f"{coded('pharm:code', drug.atc, drug.substance, ATC)}<pharm:name>{drug.substance}</pharm:name>"
        "</pharm:generalizedMedicineClass></pharm:asSpecializedKind>"
        '<pharm:ingredient classCode="ACTI"><pharm:ingredient classCode="MMAT" determinerCode="KIND">'
        f'<pharm:code nullFlavor="UNK"/><pharm:name>{drug.substance}</pharm:name></pharm:ingredient></pharm:ingredient>'
    )


def instruction(which: str, template: str, anchor: str) -> str:
    """What the patient (PINSTRUCT) or the pharmacist (FINSTRUCT) is told."""
    ours = ("49", "3") if which == "PINSTRUCT" else ("43", "3.1")
    return (
        '<entryRelationship typeCode="SUBJ" inversionInd="true"><act classCode="ACT" moodCode="INT">'
        f"{templates(f'2.16.840.1.113883.10.20.1.{ours[0]}', f'1.3.6.1.4.1.19376.1.5.3.1.4.{ours[1]}')}"
        f"{templates(f'1.2.250.1.213.1.1.3.{template}')}"
        f'<code code="{which}" codeSystem="{_INSTRUCTIONS[0]}" codeSystemName="{_INSTRUCTIONS[1]}"/>'
        f"{words(anchor)}{status()}</act></entryRelationship>"
    )


def _line(plan: Plan, order: Order, line: OrderLine, anchor: str) -> str:
    end = order.start + timedelta(days=line.days * (line.renewals + 1))
    flags = "".join(_flag(plan, line, anchor, *flag) for flag in _FLAGS)
    return (
        '<entry><substanceAdministration classCode="SBADM" moodCode="INT">'
        f"{templates('2.16.840.1.113883.10.20.1.24', '1.3.6.1.4.1.19376.1.5.3.1.4.7', '1.3.6.1.4.1.19376.1.9.1.3.2')}"
        f"{templates('1.2.250.1.213.1.1.3.83', '1.3.6.1.4.1.19376.1.9.1.3.6', '1.3.6.1.4.1.19376.1.5.3.1.4.7.1')}"
        f'<id root="{line.item}"/>{coded("code", "DRUG", "Médicament", HL7_ACT)}{words(anchor)}{status()}'
        f'<effectiveTime xsi:type="IVL_TS"><low value="{ymd(order.start)}"/><high value="{ymd(end)}"/></effectiveTime>'
        f'<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="{line.intake.hours}" unit="h"><translation>'
        f'{original(f"{anchor}-freq")}</translation></period></effectiveTime><repeatNumber value="{line.renewals}"/>'
        f"{coded('routeCode', *ORAL, original(f'{anchor}-voie'))}"
        f"{dose(line.intake)}"
        f"<consumable>{product(line.drug, anchor, pharmacy_details(line.drug))}</consumable>"
        f"{instruction('PINSTRUCT', '33', f'{anchor}-consigne')}"
        '<entryRelationship typeCode="COMP"><supply classCode="SPLY" moodCode="RQO">'
        f"{templates('1.3.6.1.4.1.19376.1.9.1.3.8', '1.2.250.1.213.1.1.3.86')}"
        f'<independentInd value="false"/><quantity value="{line.boxes}" unit="{BOX}"/></supply></entryRelationship>'
        '<entryRelationship typeCode="COMP"><act classCode="ACT" moodCode="DEF">'
        f"{templates('1.3.6.1.4.1.19376.1.9.1.3.9.1', '1.2.250.1.213.1.1.3.87')}"
        f"{substitution(f'{anchor}-subst')}{status()}</act></entryRelationship>{flags}</substanceAdministration></entry>"
    )


def substitution(anchor: str) -> str:
    return (
        '<code code="G" displayName="Substitution autorisée par un produit générique" '
        f'codeSystem="2.16.840.1.113883.5.1070">{original(anchor)}</code>'
    )


def _flag(plan: Plan, line: OrderLine, anchor: str, term: str, label: str, template: str, name: str) -> str:
    told = "true" if name == "ald" and line.long_illness else "false"
    roots = ("1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48", f"1.2.250.1.213.1.1.3.48.{template}")
    return (
        f'<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">{templates(*roots)}'
        f'<id root="{line.item}" extension="{term}"/>{coded("code", term, label, ("1.2.250.1.213.1.1.4.322", "TA_ASIP"))}'
        f'{words(f"{anchor}-{name}")}{status()}<effectiveTime value="{ts(plan.created)}"/>'
        f'<value xsi:type="BL" value="{told}"/></observation></entryRelationship>'
    )
