"""Authors, legal authenticator and source patient: contained resources here, slots of HL7 v2 values in XDS."""

from __future__ import annotations

from dmp_desktop.sandbox.fhir_errors import wrong
from dmp_desktop.sandbox.fhir_names import Json, scheme_of, system_of
from dmp_desktop.sandbox.fhir_values import (
    authority,
    oid_of,
    organization,
    patient_cx,
    person,
    plain,
    without_empty,
    xcn,
    xon,
)
from dmp_desktop.sandbox.model import Classification, RegistryObject

PERSONS = frozenset({"Practitioner", "Patient", "Device"})
_GENDERS = {"M": "male", "F": "female", "O": "other", "U": "unknown"}
_SEXES = {gender: sex for sex, gender in _GENDERS.items()}


def contained(resource: Json, reference: Json, *kinds: str) -> Json:
    """The contained resource a `#reference` names. Raises Refused."""
    name = str(reference.get("reference", ""))
    for found in resource.get("contained", []):
        if name == f"#{found.get('id', '')}" and name != "#" and found["resourceType"] in kinds:
            return dict(found)
    raise wrong(f"Une référence ne désigne pas une ressource contenue ({', '.join(sorted(kinds))})")


def author_slots(resource: Json, reference: Json) -> dict[str, tuple[str, ...]]:
    """The slots of an author."""
    found = contained(resource, reference, *PERSONS, "Organization", "PractitionerRole")
    if found["resourceType"] == "Organization":
        return {"authorInstitution": (xon(found),)}
    if found["resourceType"] in PERSONS:
        return {"authorPerson": (xcn(found),)}
    slots: dict[str, tuple[str, ...]] = {}
    if "practitioner" in found:
        slots["authorPerson"] = (xcn(contained(resource, found["practitioner"], *PERSONS)),)
    if "organization" in found:
        slots["authorInstitution"] = (xon(contained(resource, found["organization"], "Organization")),)
    roles = tuple(str(role["text"]) for role in found.get("code", []) if role.get("text"))
    specialties = tuple(_specialty(row) for row in found.get("specialty", []))
    return {
        **slots,
        **({"authorRole": roles} if roles else {}),
        **({"authorSpecialty": specialties} if specialties else {}),
    }


def _specialty(row: Json) -> str:
    found = (row.get("coding") or [{}])[0]
    scheme = scheme_of(str(found.get("system", "")))
    if not scheme or not found.get("code"):
        raise wrong("La spécialité d'un auteur n'est pas un code d'un système connu")
    return f"{plain(found['code'])}^{plain(found.get('display', ''))}^{scheme}"


def authenticator(resource: Json, reference: Json) -> str:
    """XCN of the legal authenticator."""
    found = contained(resource, reference, *PERSONS, "PractitionerRole")
    if found["resourceType"] == "PractitionerRole":
        found = contained(resource, found.get("practitioner", {}), *PERSONS)
    return xcn(found)


def author(code: Classification, name: str, inside: list[Json]) -> Json:
    """The reference to an author, whose resources are added to `inside`."""
    persons, places = code.slots.get("authorPerson", ()), code.slots.get("authorInstitution", ())
    roles, specialties = code.slots.get("authorRole", ()), code.slots.get("authorSpecialty", ())
    who = person(persons[0]) if persons else {}
    if who and who["resourceType"] != "Practitioner" and not (places or roles or specialties):
        inside.append({**who, "id": name})
        return {"reference": f"#{name}"}
    role: Json = {"resourceType": "PractitionerRole", "id": name}
    if who:
        inside.append({**who, "id": f"{name}-person"})
        role["practitioner"] = {"reference": f"#{name}-person"}
    if places:
        inside.append({**organization(places[0]), "id": f"{name}-place"})
        role["organization"] = {"reference": f"#{name}-place"}
    role["code"] = [{"text": text} for text in roles]
    role["specialty"] = [{"coding": [_specialty_coding(value)]} for value in specialties]
    inside.append(without_empty(role))
    return {"reference": f"#{name}"}


def _specialty_coding(value: str) -> Json:
    code, display, scheme = ([*value.split("^"), "", ""])[:3]
    return without_empty({"system": system_of(scheme) if scheme else "", "code": code, "display": display})


def source_patient(entry: RegistryObject) -> Json:
    """The contained patient of sourcePatientId and sourcePatientInfo."""
    parts = [*entry.slot("sourcePatientId").split("^"), "", "", "", ""]
    found: Json = {"resourceType": "Patient", "id": "source-patient"}
    if parts[0]:
        found["identifier"] = [without_empty({"system": authority(parts[3]), "value": parts[0]})]
    fields = [value.partition("|") for value in entry.slots.get("sourcePatientInfo", ())]
    for name, _, value in fields:
        part = [*value.split("^"), "", "", "", "", "", "", ""]
        if name == "PID-5":
            use = "usual" if part[6] == "D" else "official"
            found.setdefault("name", []).append(
                without_empty({"use": use, "family": part[0], "given": [part[1]] if part[1] else []})
            )
        elif name == "PID-7" and len(value) >= 8:
            found["birthDate"] = f"{value[:4]}-{value[4:6]}-{value[6:8]}"
        elif name == "PID-8":
            found["gender"] = _GENDERS.get(value, "unknown")
    return found


def source_slots(found: Json) -> dict[str, tuple[str, ...]]:
    """sourcePatientId and sourcePatientInfo of a contained patient."""
    identifiers = found.get("identifier", [])
    if not identifiers or not oid_of(identifiers[0].get("system", "")):
        raise wrong("Le patient source n'a pas d'identifiant avec son autorité")
    info = []
    for name in found.get("name", []):
        kind = "D" if name.get("use") == "usual" else "L"
        given = " ".join(name.get("given", []))
        info.append(f"PID-5|{plain(name.get('family', ''))}^{plain(given)}^^^^^{kind}")
    if "birthDate" in found:
        info.append(f"PID-7|{str(found['birthDate']).replace('-', '')}")
    if found.get("gender") in _SEXES:
        info.append(f"PID-8|{_SEXES[found['gender']]}")
    slots: dict[str, tuple[str, ...]] = {"sourcePatientId": (patient_cx(identifiers[0]),)}
    return {**slots, "sourcePatientInfo": tuple(info)} if info else slots
