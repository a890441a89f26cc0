"""Slow and obvious entries of treatments and vaccinations (reference cda.md, "Entries"), for `reference_body`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.vaccination import injection_site, vaccine_class
from tests.unit.cda.reference_coded import (
    ANS,
    CIS,
    HL7,
    PCC,
    XSI_TYPE,
    Said,
    act,
    decimal,
    drug,
    effective,
    loinc,
    low_high,
    put_code,
    refer,
)
from tests.unit.cda.reference_header import Element, add


def treatments(parent: Element, facts: list[Said]) -> None:
    for fact in facts:
        entry = add(parent, "entry", typeCode="DRIV")
        templates = (f"{HL7}24", f"{PCC}4.7", f"{ANS}3.42", f"{PCC}4.7.1")
        node = act(entry, "substanceAdministration", ("SBADM", "EVN"), *templates)
        add(node, "id")
        system = "2.16.840.1.113883.5.4"
        add(node, "code", code="DRUG", displayName="Médicament", codeSystem=system, codeSystemName="HL7:ActCode")
        refer(node, "text", fact.row)
        add(node, "statusCode", code="completed")
        schedule(node, fact.item)
        product(node, fact)


def schedule(node: Element, item: ClinicalItem) -> None:
    dosage = item.dosage or Dosage()
    period = add(node, "effectiveTime", **{XSI_TYPE: "IVL_TS"})
    if item.start is None and item.end is None and dosage.duration_days:
        add(period, "width", value=str(dosage.duration_days), unit="d")
    else:
        end = item.end
        if end is None and item.start and dosage.duration_days:
            end = item.start + timedelta(days=dosage.duration_days)
        low_high(period, replace(item, end=end), both=True)
    taken = [float(amount) for amount in dosage.schedule.split("-") if amount != "0"] if "-" in dosage.schedule else []
    times = len(taken) or int(dosage.schedule.partition("/j")[0] or 0)
    if times:
        every = add(node, "effectiveTime", **{XSI_TYPE: "PIVL_TS"}, operator="A", institutionSpecified="true")
        add(every, "period", value=decimal(round(24 / times, 3)), unit="h")
    if taken and min(taken) == max(taken):
        dose = add(node, "doseQuantity")
        add(dose, "low", value=decimal(taken[0]))
        add(dose, "high", value=decimal(taken[0]))


def product(node: Element, fact: Said) -> None:
    item = fact.item
    made = add(add(node, "consumable"), "manufacturedProduct")
    for template in (f"{HL7}53", f"{PCC}4.7.2", f"{ANS}3.43"):
        add(made, "templateId", root=template)
    material = add(made, "manufacturedMaterial")
    code = add(material, "code")
    is_cis = item.code is not None and item.code.system == CIS
    put_code(code, item.code if is_cis else None, drug(item))
    refer(code, "originalText", f"{fact.row}-name")
    if item.code and not is_cis:
        put_code(add(code, "translation"), item.code, item.label)
    add(material, "name", drug(item))


def vaccinations(parent: Element, facts: list[Said]) -> None:
    for fact in facts:
        item, given = fact.item, fact.item.injection or Injection()
        negated = "true" if item.status is ProposalStatus.REFUSED else "false"
        templates = (f"{HL7}24", f"{PCC}4.12", f"{ANS}3.45")
        entry = add(parent, "entry")
        node = act(entry, "substanceAdministration", ("SBADM", "EVN"), *templates, negationInd=negated)
        add(node, "id")
        label = "Vaccination sans autre précision"
        add(node, "code", code="IMMUNIZ", displayName=label, codeSystem="2.16.840.1.113883.5.4")
        refer(node, "text", fact.row)
        add(node, "statusCode", code="completed")
        effective(node, item.start.strftime("%Y%m%d") if item.start else "")
        plain(add(node, "routeCode"), given.route, "UNK")
        site = add(node, "approachSiteCode")
        plain(site, injection_site(given.site), "OTH" if given.site else "UNK")
        refer(site, "originalText", f"{fact.row}-site")
        vaccine(add(node, "consumable", typeCode="CSM"), fact, given)
        if given.rank:
            relation = add(node, "entryRelationship", typeCode="SUBJ")
            rank = act(relation, "observation", ("OBS", "EVN"), f"{HL7}46", f"{ANS}3.82")
            loinc(rank, "30973-2", "Rang de la vaccination")
            add(rank, "statusCode", code="completed")
            add(rank, "value", **{XSI_TYPE: "INT"}, value=str(given.rank))


def plain(element: Element, code: Code | None, unknown: str) -> None:
    """A code without the name of its system."""
    values = (
        {"code": code.code, "displayName": code.display, "codeSystem": code.system} if code else {"nullFlavor": unknown}
    )
    for name, value in values.items():
        element.set(name, value)


def vaccine(parent: Element, fact: Said, given: Injection) -> None:
    """The product by its CIS code, else unknown; the ATC class as its translation."""
    made = add(parent, "manufacturedProduct")
    for template in (f"{HL7}53", f"{PCC}4.7.2", f"{ANS}3.43"):
        add(made, "templateId", root=template)
    material = add(made, "manufacturedMaterial")
    code = add(material, "code")
    plain(code, given.product, "UNK")
    code.set("codeSystem", CIS)
    refer(code, "originalText", f"{fact.row}-name")
    atc = vaccine_class(fact.item.code.code) if fact.item.code else None
    if atc:
        put_code(add(code, "translation"), atc, "")
    add(material, "name", fact.item.label)
    if given.lot:
        add(material, "lotNumberText", given.lot)
