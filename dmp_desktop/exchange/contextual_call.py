"""A form with the names of the national contextual call, as a context.

Names and which of them must be there: the ANS' test server of the DRIMbox (ansforge/DRIM-M_DRIMbox, TestServer-AppelContextuel,
ParameterList.java), which takes them in any case and refuses any other. The call names neither who consults nor where: that is
who is signed in. `Address.district` is where the patient was born (INSEE), as `county` is in the header of a CDA document.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

from dmp_desktop.domain.people import Facility, Professional
from dmp_desktop.domain.professionals import PREFIXES, SUFFIXES
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.context import facility_to_dict, professional_to_dict

CONSENT: Final = "InformationEtConsentement"
FIELDS: Final = {
    "Patient.identifier.value": "ins",
    "Patient.identifier.system": "ins_oid",
    "Patient.name.family": "birth_family",
    "Patient.name.given": "birth_given",
    "Patient.gender": "sex",
    "Patient.birthDate": "birth_date",
    "Address.district": "birth_place_cog",
}
"""What becomes a trait, and which (`exchange.context`)."""
REQUIRED: Final = (*FIELDS, CONSENT, "PatientID", "PatientIDIssuer")
NAMES: Final = (*REQUIRED, "Situation")
MAX_FIELDS: Final = 40

_CANONICAL = {name.casefold(): name for name in NAMES}
_SEXES = {"male": "M", "m": "M", "female": "F", "f": "F", "other": "UN", "unknown": "UN", "un": "UN", "u": "UN"}
"""FHIR administrative-gender and HL7 AdministrativeGender."""
_NO = frozenset({"0", "no", "non", "n", "false", "faux"})


def read_call(untrusted: bytes) -> dict[str, str]:
    """The fields of a form (application/x-www-form-urlencoded, UTF-8) by their national names. Given names may come as several
    fields. Raises ContextError with the name at fault; nothing of the form is quoted."""
    try:
        pairs = parse_qsl(
            untrusted.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise ContextError(
            "call-form",
            "Ce n'est pas un formulaire (application/x-www-form-urlencoded, UTF-8).",
            "Vérifiez le réglage du logiciel métier.",
        ) from error
    found: dict[str, str] = {}
    for given, value in pairs:
        name = _CANONICAL.get(given.casefold())
        if name is None:
            raise ContextError(
                "call-name",
                "Un nom de champ n'est pas de l'appel contextuel national.",
                "Les noms attendus : " + ", ".join(NAMES) + ".",
            )
        if name in found and name != "Patient.name.given":
            _refuse(name, "un seul est attendu")
        found[name] = f"{found[name]} {value.strip()}" if name in found else value.strip()
    for name in REQUIRED:
        if not found.get(name):
            _refuse(name, "absent ou vide")
    return found


def context_of(call: dict[str, str], professional: Professional, facility: Facility, now: datetime) -> str:
    """A context file (JSON) that `load_context` validates. The INS is provisional: the call does not say more. Raises
    ContextError where the patient has not agreed."""
    if call[CONSENT].casefold() in _NO:
        raise ContextError(
            "call-consent",
            "Le logiciel métier dit que le patient n'a pas été informé, ou n'a pas donné son accord : rien n'est proposé.",
            "Recueillez son accord, puis recommencez.",
            field=CONSENT,
        )
    patient = {trait: call[name] for name, trait in FIELDS.items()}
    patient["first_given"] = patient["birth_given"].replace(",", " ").split(" ")[0]
    patient["sex"] = _SEXES.get(patient["sex"].casefold(), patient["sex"])
    patient["ins_oid"] = patient["ins_oid"].removeprefix("urn:oid:")
    author = professional_to_dict(professional)
    author["prefix"] = professional.prefix if professional.prefix in PREFIXES else None
    author["suffix"] = professional.suffix if professional.suffix in SUFFIXES else None
    told: dict[str, Any] = {
        "patient": patient,
        "professional": author,
        "facility": facility_to_dict(facility),
        "encounter": {"start": now.isoformat(), "end": None, "kind": "AMB"},
    }
    return json.dumps(told)


def in_national_names(error: ContextError) -> ContextError:
    """The error of a validated context, its field named as the caller has written it."""
    trait = error.field.removeprefix("patient.")
    name = next(
        (one for one, ours in FIELDS.items() if ours == ("birth_given" if trait == "first_given" else trait)), ""
    )
    if not name:
        return error
    return ContextError(error.code, error.message_fr.replace(error.field, name), error.remedy_fr, field=name)


def _refuse(name: str, expected: str) -> NoReturn:
    raise ContextError(
        "call-field", f"Champ « {name} » : {expected}.", "Corrigez ce champ puis recommencez.", field=name
    )
