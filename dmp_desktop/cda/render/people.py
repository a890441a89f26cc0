"""Names, contacts, identifiers and times of a header as plain French text."""

from __future__ import annotations

import re

from dmp_desktop.cda.read.values import iso
from dmp_desktop.cda.xml import Element, attribute, child, children, local, text

_PERSONS = ("assignedPerson", "associatedPerson", "informationRecipient", "relatedPerson", "guardianPerson")
_ORGANISATIONS = (
    "representedOrganization",
    "scopingOrganization",
    "receivedOrganization",
    "representedCustodianOrganization",
    "guardianOrganization",
)
_ORDER = {"prefix": 0, "given": 1, "family": 2, "suffix": 3}
_PARTS = {
    ("family", "BR"): "Nom de naissance",
    ("family", "CL"): "Nom utilisé",
    ("family", "SP"): "Nom utilisé",
    ("family", ""): "Nom",
    ("given", "BR"): "Premier prénom",
    ("given", "CL"): "Prénom utilisé",
    ("given", ""): "Prénoms",
}
_STAMP = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d:\d\d))?.*")
_MASKED = "valeur masquée"


def person_name(name: Element | None) -> str:
    """Prefix, given names, family, suffix; a name without parts as it stands."""
    if name is None:
        return ""
    if attribute(name, "nullFlavor") == "MSK":
        return _MASKED
    parts = sorted((part for part in name if local(part)), key=lambda part: _ORDER.get(local(part), len(_ORDER)))
    return _joined([text(part) for part in parts], " ") or text(name)


def patient_names(patient: Element | None) -> list[str]:
    """`Nom de naissance : X`, one line a part: those of a patient are not to be mixed."""
    lines = []
    for name in children(patient, "name"):
        parts = [(_PARTS.get((local(part), part.get("qualifier", ""))), text(part)) for part in name if local(part)]
        lines += [f"{label} : {words}" for label, words in parts if label and words]
        if not any(label for label, _ in parts):
            lines.append(person_name(name))
    return list(dict.fromkeys(lines))


def party(entity: Element | None) -> list[str]:
    """Who: lines on the person, their function, their organisation, contacts and identifiers."""
    if entity is None:
        return []
    person = next((found for found in (child(entity, name) for name in _PERSONS) if found is not None), None)
    organisation = next(
        (found for found in (child(entity, name) for name in _ORGANISATIONS) if found is not None), None
    )
    device = child(entity, "assignedAuthoringDevice")
    names = [person_name(name) for name in children(person, "name")[:1]]
    names += [text(child(device, "manufacturerModelName")), text(child(device, "softwareName"))]
    lines = [_joined([*names, attribute(child(entity, "code"), "displayName")], " — ")]
    lines.append(_joined([*contacts(entity), identifiers(entity)], ", "))
    if organisation is not None:
        trade = attribute(child(organisation, "standardIndustryClassCode"), "displayName")
        lines.append(_joined([text(child(organisation, "name")), trade], " — "))
        lines.append(_joined([*contacts(organisation), identifiers(organisation)], ", "))
    return [line for line in lines if line]


def contacts(entity: Element | None) -> list[str]:
    """Addresses, then telephones and mails, as text."""
    places = []
    for address in children(entity, "addr"):
        parts = [text(part) for part in address if local(part)]
        places.append(_joined(parts, " ") or text(address))
    numbers = [re.sub(r"^(tel|mailto|fax):", "", attribute(item, "value")) for item in children(entity, "telecom")]
    return [item for item in (*places, *numbers) if item]


def identifiers(entity: Element | None) -> str:
    """`n° 123 (RPPS)`: extension, or root where there is none, with the authority's name."""
    found = []
    for item in children(entity, "id"):
        value, authority = (
            attribute(item, "extension") or attribute(item, "root"),
            attribute(item, "assigningAuthorityName"),
        )
        if value:
            found.append(f"n° {value}" + (f" ({authority})" if authority else ""))
    return ", ".join(found)


def when(time: Element | None) -> str:
    """TS or IVL_TS as `le 01/10/2024 à 14:55`, `du … au …`, `depuis …`, with the precision written; '' when unreadable."""
    if time is None:
        return ""
    moment, low, high = (_day(attribute(item, "value")) for item in (time, child(time, "low"), child(time, "high")))
    if moment:
        return f"{_article(moment, 'le', 'en')} {moment}"
    if low and high:
        return f"{_article(low, 'du', 'de')} {low} {_article(high, 'au', 'à')} {high}"
    if low:
        return f"depuis {_article(low, 'le ')}{low}"
    return f"jusqu'{_article(high, 'au', 'en')} {high}" if high else ""


def _article(moment: str, whole: str, partial: str = "") -> str:
    """A day takes an article, a month or a year none."""
    return whole if moment.count("/") == 2 else partial


def _day(stamp: str) -> str:
    match = _STAMP.fullmatch(iso(stamp) or "")
    if match is None:
        return ""
    day = "/".join(part for part in (match[3], match[2], match[1]) if part)
    return f"{day} à {match[4]}" if match[4] else day


def _joined(parts: list[str], separator: str) -> str:
    return separator.join(part for part in parts if part)
