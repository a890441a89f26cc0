"""Medicines and vaccines: listed, prescribed, dispensed, reimbursed.

templateIds: IHE PCC and Pharmacy, CI-SIS "modèles de contenus CDA"; codes of the Assurance Maladie: ANS example CNAM-HR.
"""

from __future__ import annotations

from typing import Any

from dmp_desktop.cda.read.labels import Labels, author_of
from dmp_desktop.cda.read.standing import INTENDED, interrupted, negated, on_hold, standing, withdrawn
from dmp_desktop.cda.read.values import interval, iso, number
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, local, template_ids, text
from dmp_desktop.domain.clinical import Origin
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN, ATC, CIP, CIS
from dmp_desktop.terminology.wording import plain

REIMBURSED_DOCUMENT = "1.2.250.1.213.1.1.1.36"  # CNAM-HR, historique des remboursements
_PRESCRIBED = frozenset({"1.3.6.1.4.1.19376.1.9.1.3.2", "1.2.250.1.213.1.1.3.83"})
_RANKS = frozenset({"1.2.250.1.213.1.1.3.82", "2.16.840.1.113883.10.20.1.46"})  # FR-Rang-de-la-vaccination, CCD
_CNAM_PRODUCTS = "1.2.250.1.215.200.1.1.1"  # CIP or UCD
_CNAM_SUBSTANCES = "1.2.250.1.215.200.1.3.1"
_PHARM = ("{urn:ihe:pharm:medication}", "{urn:ihe:pharm}", "{urn:hl7-org:sdtc}")
_REFUSALS = frozenset({"PATOBJ", "PHILISOP", "RELIG"})  # HL7 ActReason, of no immunization
YES_NO = frozenset({"oui", "non", "yes", "no"})  # what a form's box says is no name of a medicine
_DOSAGE_COLUMNS = ("posologie", "dose", "frequence", "rythme", "voie", "dosage", "directions", "sig")

Item = dict[str, Any]


def treatment(element: Element, labels: Labels, *, reimbursed: bool) -> Item | None:
    """A statement that no treatment is known is negated; that nothing is said is no treatment.

    Subordinate administrations (parts of a split dose) carry no product and are left out.
    """
    stated = child(element, "code")
    none_known = attribute(stated, "codeSystem") == ABSENT_OR_UNKNOWN
    label, coded = _product(element, labels, child(element, "consumable", "manufacturedProduct"))
    if none_known:
        label, coded = labels.of(stated), coded | {"code": attribute(stated, "code"), "system": ABSENT_OR_UNKNOWN}
    if not label or (none_known and attribute(stated, "code").endswith("-info")):
        return None
    delivery = _delivery(element)
    handed = iso(attribute(child(delivery, "performer", "time"), "value"))
    low, high = interval(child(element, "effectiveTime"))
    return {
        "label": label,
        **coded,
        "start": (handed if reimbursed else None) or iso(low),
        "end": iso(high),
        **_dose(element),
        "text": labels.words(child(element, "text")) or None,
        **_course(element, denied=none_known or negated(element)),
        "origin": _origin(element, reimbursed=reimbursed),
        "dosage": _dosage(labels, element) or None,
        "instructions": _instruction(element, labels) or None,
        "quantity": _quantity(delivery) or None,
        "prescriber": author_of(delivery) or None,
    }


def dispensation(element: Element, labels: Labels) -> Item | None:
    """What a pharmacist handed over (IHE DIS): the dates and the dose are those of the instruction that goes with it."""
    label, coded = _product(element, labels, child(element, "product", "manufacturedProduct"))
    if not label:
        return None
    taken = _linked(element, "substanceAdministration", "COMP")
    ordered = _linked(element, "substanceAdministration", "REFR")
    handed, _ = interval(child(element, "effectiveTime"))
    low, high = interval(child(taken, "effectiveTime"))
    return {
        "label": label,
        **coded,
        "start": iso(handed) or iso(attribute(child(element, "performer", "time"), "value")) or iso(low),
        "end": iso(high),
        **_dose(taken),
        "text": labels.words(child(element, "text")) or None,
        **_handed(element),
        "origin": Origin.DISPENSED.value,
        "dosage": _dosage(labels, element, taken) or None,
        "instructions": _instruction(element, labels) or None,
        "quantity": _quantity(element) or None,
        "prescriber": author_of(ordered) or None,
    }


def vaccination(element: Element, labels: Labels, *, reimbursed: bool) -> Item | None:
    """A reimbursed vaccine was handed over on `date`: whether it was given is not told."""
    product = child(element, "consumable", "manufacturedProduct")
    label, coded = _product(element, labels, product)
    if not label:
        return None
    low, _ = interval(child(element, "effectiveTime"))
    status = _given(element, labels, label)
    ranks = [item for item in element.iter(f"{Q}observation") if not _RANKS.isdisjoint(template_ids(item))]
    rank = attribute(child(ranks[0], "value"), "value") if ranks else ""
    delivered = iso(attribute(child(_delivery(element), "performer", "time"), "value")) if reimbursed else None
    return {
        "label": label,
        **coded,
        "date": iso(low) or delivered,
        "origin": (Origin.REIMBURSED if reimbursed else Origin.LISTED).value,
        "lot": text(child(product, "manufacturedMaterial", "lotNumberText")) or None,
        "site": labels.of(child(element, "approachSiteCode")) or None,
        "rank": int(rank) if rank.isdigit() else None,
        "done": status is ProposalStatus.DONE,
        "status": status,
    }


def _course(element: Element, *, denied: bool) -> Item:
    """INT is what was prescribed, and as usual as EVN (PCC .7): a proposal and a line that waits are no treatment."""
    mood = element.get("moodCode")
    status = ProposalStatus.PRESENT
    if withdrawn(element):
        status = ProposalStatus.CANCELLED
    elif mood == "PRP" or (standing(element) is ProposalStatus.PLANNED and mood not in INTENDED):
        status = ProposalStatus.PLANNED
    elif denied:
        status = ProposalStatus.ABSENT
    elif interrupted(element) or on_hold(element):
        status = ProposalStatus.STOPPED
    return {"negated": denied, "stopped": status is ProposalStatus.STOPPED, "status": status}


def _handed(element: Element) -> Item:
    """Negated or cancelled, nothing was handed over."""
    status = ProposalStatus.NOT_DONE if negated(element) else standing(element)
    return {"negated": negated(element), "stopped": False, "status": status or ProposalStatus.PRESENT}


def _given(element: Element, labels: Labels, label: str) -> ProposalStatus:
    """A vaccine that was not given was refused only where a word or a coded reason says so."""
    if not negated(element):
        return standing(element) or ProposalStatus.DONE
    reasons = [
        attribute(code, "code") for link in children(element, "entryRelationship") for code in link.iter(f"{Q}code")
    ]
    words = plain(f"{label} {labels.words(child(element, 'text'))}")
    refused = "refus" in words or not _REFUSALS.isdisjoint(reasons)
    return ProposalStatus.REFUSED if refused else ProposalStatus.NOT_DONE


def _origin(element: Element, *, reimbursed: bool) -> str:
    if reimbursed:
        return Origin.REIMBURSED.value
    prescribed = not _PRESCRIBED.isdisjoint(template_ids(element))
    return (Origin.PRESCRIBED if prescribed else Origin.LISTED).value


def _product(element: Element, labels: Labels, product: Element | None) -> tuple[str, Item]:
    """Name and codes of what is given. The entry's own words name it only where it stands by itself."""
    material = child(product, "manufacturedMaterial")
    coded = child(material, "code")
    translations = [*children(coded, "translation"), *_inner(coded)]
    names = [labels.of(coded), text(child(material, "name"))]
    names += [attribute(item, "displayName") for item in translations]
    inside = any(local(node) in {"supply", "substanceAdministration"} for node in element.iterancestors())
    if not inside:
        names.append(labels.words(child(element, "text")))
    label = next((name for name in names if name and plain(name) not in YES_NO), "")
    codes = [coded, *translations, *_classes(material)]
    return label, {
        "code": attribute(coded, "code") or None,
        "system": attribute(coded, "codeSystem") or None,
        "atc": _code_in(codes, ATC),
        "cis": _code_in(codes, CIS),
        "cip": _code_in(codes, CIP) or _code_in(codes, _CNAM_PRODUCTS),
        "substances": _substances(material, translations),
    }


def _inner(coded: Element | None) -> list[Element]:
    return [item for translation in children(coded, "translation") for item in children(translation, "translation")]


def _code_in(codes: list[Element | None], system: str) -> str | None:
    return next((attribute(item, "code") for item in codes if attribute(item, "codeSystem") == system), None) or None


def _classes(material: Element | None) -> list[Element]:
    """Codes of the pharmaceutical classes (IHE Pharmacy extension)."""
    return [code for space in _PHARM for code in _all(material, f".//{space}generalizedMedicineClass/{space}code")]


def _substances(material: Element | None, translations: list[Element]) -> list[str]:
    """Active substances as written, each once."""
    paths = [f".//{space}ingredient/{space}ingredient" for space in _PHARM]
    found = [item for path in paths for item in _all(material, path)]
    named = [text(item.find("{*}name")) or attribute(item.find("{*}code"), "displayName") for item in found]
    named += [attribute(item, "displayName") for item in translations if item.get("codeSystem") == _CNAM_SUBSTANCES]
    return list(dict.fromkeys(name for name in named if name))


def _all(element: Element | None, path: str) -> list[Element]:
    return [] if element is None else element.findall(path)


def _dose(element: Element | None) -> Item:
    dose = child(element, "doseQuantity")
    low = dose if attribute(dose, "value") else child(dose, "low")
    return {
        "dose": number(attribute(low, "value")) if attribute(low, "value") else None,
        "dose_unit": attribute(low, "unit") or None,
    }


def _dosage(labels: Labels, *entries: Element | None) -> str:
    """How it is taken, in the words of the narrative: the cells of its row that say dose, frequency, route."""
    for entry in entries:
        coded = child(entry, "consumable", "manufacturedProduct", "manufacturedMaterial", "code", "originalText")
        for place in (child(entry, "text"), coded):
            row = labels.row(place)
            cells = [cell for title, cell in row.items() if plain(title).startswith(_DOSAGE_COLUMNS)]
            words = ", ".join(cell for cell in cells if cell.strip("- "))
            if words:
                return words
    return ""


def _instruction(element: Element, labels: Labels) -> str:
    """What the patient is told (PINSTRUCT)."""
    for link in children(element, "entryRelationship"):
        act = child(link, "act")
        if attribute(child(act, "code"), "code") == "PINSTRUCT":
            return labels.words(child(act, "text")).strip("- ")
    return ""


def _linked(element: Element, tag: str, kind: str) -> Element | None:
    links = [link for link in children(element, "entryRelationship") if link.get("typeCode") == kind]
    return next((found for link in links if (found := child(link, tag)) is not None), None)


def _delivery(element: Element) -> Element | None:
    """The supply that tells when and where it was handed over."""
    links = children(element, "entryRelationship")
    return next((found for link in links if (found := child(link, "supply")) is not None), None)


def _quantity(supply: Element | None) -> str:
    """A count of packages; EDQM package codes are not shown."""
    quantity = child(supply, "quantity")
    unit = attribute(quantity, "unit")
    return " ".join(part for part in (attribute(quantity, "value"), "" if unit.isdigit() else unit) if part)
