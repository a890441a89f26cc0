"""Dispensation of drugs by a pharmacy (eDISP-MED 2024.01)."""

from __future__ import annotations

from datetime import timedelta

from dmp_desktop.sandbox.records.entries import ORAL, dose, product
from dmp_desktop.sandbox.records.facts import Delivery, DeliveryLine
from dmp_desktop.sandbox.records.header import author, code, prescriber, write
from dmp_desktop.sandbox.records.markup import (
    LOINC,
    body,
    coded,
    identifier,
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
from dmp_desktop.sandbox.records.prescription import BOX, instruction, pharmacy_details, substitution

TEMPLATES = (
    "1.3.6.1.4.1.19376.1.5.3.1.1.1",
    "1.3.6.1.4.1.19376.1.9.1.1.3",
    "1.2.250.1.213.1.1.1.54^2024.01",
)
_HEADS = (
    "Période",
    "Médicament délivré",
    "Quantité délivrée",
    "Posologie",
    "Voie d'administration",
    "Substitution",
    "Consigne",
    "Note du pharmacien",
)


def document(plan: Plan) -> bytes:
    """CDA of a Delivery."""
    told = plan.told(Delivery)
    places = {
        "participants": prescriber(told.prescriber, ts(told.ordered)),
        "order": f'<inFulfillmentOf><order><id root="{told.prescription}"/></order></inFulfillmentOf>',
        "performed": code("code", "60593-1", *LOINC, "Dispensation médicamenteuse"),
    }
    rows = [_row(told, line, f"d{rank}") for rank, line in enumerate(told.lines)]
    delivered = section(
        ("60590-7", "Médicaments délivrés"),
        ("1.3.6.1.4.1.19376.1.9.1.2.3", "2.16.840.1.113883.10.20.1.8", "1.2.250.1.213.1.1.2.236"),
        "Médicaments délivrés",
        table(_HEADS, rows),
        "".join(_line(plan, told, line, f"d{rank}") for rank, line in enumerate(told.lines)),
        key=plan.unique_id,
    )
    return write(plan, TEMPLATES, body(delivered), more=places)


def _row(told: Delivery, line: DeliveryLine, anchor: str) -> tuple[str, ...]:
    end = told.day + timedelta(days=line.order.days)
    replaced = "Oui" if line.drug.cis != line.order.drug.cis else "Non"
    return (
        said(f"{anchor}-duree", f"du {told.day:%d/%m/%Y} au {end:%d/%m/%Y}"),
        said(anchor, line.drug.name),
        f"{line.order.boxes} boîte(s)",
        said(f"{anchor}-freq", line.order.intake.words),
        said(f"{anchor}-voie", "Voie orale"),
        said(f"{anchor}-subst", replaced),
        said(f"{anchor}-consigne", "À prendre avec un verre d'eau."),
        said(f"{anchor}-note", "Délivré pour un mois."),
    )


def _line(plan: Plan, told: Delivery, line: DeliveryLine, anchor: str) -> str:
    key, order = plan.unique_id, line.order
    nothing = (
        '<manufacturedProduct><manufacturedMaterial nullFlavor="NA"><name nullFlavor="NA"/></manufacturedMaterial>'
    )
    return (
        '<entry><supply classCode="SPLY" moodCode="EVN">'
        f"{templates('2.16.840.1.113883.10.20.1.34', '1.3.6.1.4.1.19376.1.5.3.1.4.7.3', '1.3.6.1.4.1.19376.1.9.1.3.4')}"
        f'{templates("1.2.250.1.213.1.1.3.204")}{identifier(key, anchor)}{words(anchor)}<quantity value="{order.boxes}" '
        f'unit="{BOX}"/><product>{product(line.drug, anchor, pharmacy_details(line.drug))}</product>'
        '<entryRelationship typeCode="REFR" inversionInd="false">'
        '<substanceAdministration classCode="SBADM" moodCode="INT">'
        f"{templates('1.3.6.1.4.1.19376.1.9.1.3.11', '1.2.250.1.213.1.1.3.90')}"
        f'<id root="{order.item}"/>{coded("code", "PREItem", "Prescription Item", ("1.3.6.1.4.1.19376.1.9.2.2", "IHE"))}'
        f"<consumable>{nothing}</manufacturedProduct></consumable>{author(told.prescriber, ts(told.ordered))}"
        f'<reference typeCode="XCRPT"><externalDocument><id root="{told.prescription}"/></externalDocument></reference>'
        "</substanceAdministration></entryRelationship>"
        f"{instruction('PINSTRUCT', '33', f'{anchor}-consigne')}{instruction('FINSTRUCT', '207', f'{anchor}-note')}"
        f"{_taken(told, line, anchor, key)}"
        '<entryRelationship typeCode="COMP"><act classCode="ACT" moodCode="EVN">'
        f"{templates('1.3.6.1.4.1.19376.1.9.1.3.9.2', '1.2.250.1.213.1.1.3.206')}"
        f"{substitution(f'{anchor}-subst')}{status()}</act></entryRelationship></supply></entry>"
    )


def _taken(told: Delivery, line: DeliveryLine, anchor: str, key: str) -> str:
    """How the drug is to be taken: the period and the dose."""
    intake, days = line.order.intake, line.order.days
    end = told.day + timedelta(days=days)
    nothing = (
        '<manufacturedMaterial nullFlavor="NA"><templateId root="1.3.6.1.4.1.19376.1.9.1.3.1"/><code nullFlavor="NA"/>'
    )
    nothing += '<name nullFlavor="NA"/></manufacturedMaterial>'
    own = ("2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2", "1.2.250.1.213.1.1.3.43")
    return (
        '<entryRelationship typeCode="COMP"><substanceAdministration classCode="SBADM" moodCode="INT">'
        f"{templates('2.16.840.1.113883.10.20.1.24', '1.3.6.1.4.1.19376.1.5.3.1.4.7', '1.2.250.1.213.1.1.3.42')}"
        f"{templates('1.3.6.1.4.1.19376.1.9.1.3.6', '1.3.6.1.4.1.19376.1.5.3.1.4.7.1')}{identifier(key, anchor, 'prise')}"
        f'{words(f"{anchor}-duree")}{status()}<effectiveTime xsi:type="IVL_TS"><low value="{ymd(told.day)}"/>'
        f'<high value="{ymd(end)}"/></effectiveTime><effectiveTime xsi:type="SXPR_TS" operator="A">'
        f'<comp xsi:type="IVL_TS" operator="A"><low value="{ymd(told.day)}"/><width value="{days}" unit="d"/></comp>'
        f'<comp xsi:type="PIVL_TS" operator="A"><period value="{intake.hours}" unit="h"><translation>'
        f"{original(f'{anchor}-freq')}</translation></period></comp></effectiveTime>"
        f"{coded('routeCode', *ORAL, original(f'{anchor}-voie'))}{dose(intake)}"
        f"<consumable><manufacturedProduct>{templates(*own)}{nothing}</manufacturedProduct></consumable>"
        "</substanceAdministration></entryRelationship>"
    )
