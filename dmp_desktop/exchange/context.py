"""The one validator of a context (design/cli.md): untrusted dict or JSON -> `domain.Context`, and back.

Every way in (command line, practice software, tests) goes through here. Raises ContextError with the path of the field at
fault and what is expected; no value is ever made up.
"""

from __future__ import annotations

import json
from typing import Any

from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.domain.ins import INS_OIDS, InsIdentity, InsStatus, is_ins
from dmp_desktop.domain.people import Address, Context, Encounter, Facility, Patient, Professional, Sex
from dmp_desktop.domain.professionals import PHONE_PATTERN, read_professional
from dmp_desktop.errors import ContextError
from dmp_desktop.terminology import encounter_kind, facility_type, practice_setting, specialty

# INSEE, code officiel géographique: 5 characters, Corsica 2A/2B, 99xxx for a birth abroad.
COG_PATTERN = r"\d{5}|2[AB]\d{3}"
EMAIL_PATTERN = r"(?:mailto:)?[^@\s<>\"]{1,64}@[^@\s<>\"]{1,100}"
SHA256_PATTERN = r"[0-9A-Fa-f]{64}"
MAX_CONTEXT_BYTES = 1_000_000


def load_context(untrusted: bytes | str) -> Context:
    """A context file's content (JSON, UTF-8)."""
    if len(untrusted) > MAX_CONTEXT_BYTES:
        raise ContextError("context-size", "Le fichier de contexte dépasse 1 Mo.", "Vérifiez que c'est le bon fichier.")
    try:
        data = json.loads(untrusted)
    except (ValueError, RecursionError) as error:
        raise ContextError(
            "context-json", "Le fichier de contexte n'est pas du JSON en UTF-8.", "Vérifiez que c'est le bon fichier."
        ) from error
    return context_from_dict(data)


def context_from_dict(untrusted: Any) -> Context:
    """Validate a whole context."""
    root = Fields(untrusted, "")
    attending = root.raw("attending")
    recipients = root.raw("recipients")
    extra = root.raw("extra")
    if recipients is not None and not isinstance(recipients, list):
        refuse("recipients", "une liste est attendue")
    if extra is not None and not isinstance(extra, dict):
        refuse("extra", "un objet JSON est attendu")
    context = Context(
        patient=patient_from_dict(root.raw("patient")),
        professional=professional_from_dict(root.raw("professional")),
        facility=facility_from_dict(root.raw("facility")),
        encounter=_encounter(root.raw("encounter")),
        attending=None if attending is None else professional_from_dict(attending, "attending"),
        recipients=tuple(
            professional_from_dict(item, f"recipients[{index}]") for index, item in enumerate(recipients or ())
        ),
        extra=dict(extra or {}),
        note_sha256=(
            root.optional("note_sha256", "empreinte SHA-256 de la note, en hexadécimal", SHA256_PATTERN) or ""
        ).lower(),
    )
    root.close()
    if context.patient.birth_date > context.encounter.start.date():
        refuse("patient.birth_date", "une date antérieure à la consultation est attendue")
    return context


def patient_from_dict(untrusted: Any, path: str = "patient") -> Patient:
    """Validate a patient: INS with its key and a known authority, the five strict traits of the RNIV."""
    fields = Fields(untrusted, path)
    value = fields.text("ins", "matricule INS de 15 caractères, clé comprise").upper()
    if not is_ins(value):
        refuse(fields.at("ins"), "matricule INS de 15 caractères avec une clé juste attendu")
    status = (
        InsStatus(fields.choice("identity_status", InsStatus)) if fields.raw("identity_status") is not None else None
    )
    identity = InsIdentity(value, fields.choice("ins_oid", INS_OIDS), status or InsStatus.PROVISOIRE)
    email = fields.optional("email", "adresse électronique", EMAIL_PATTERN)
    patient = Patient(
        ins=identity,
        birth_family=fields.text("birth_family", "nom de naissance"),
        birth_given=fields.text("birth_given", "liste des prénoms de naissance"),
        first_given=fields.text("first_given", "premier prénom de naissance"),
        sex=Sex(fields.choice("sex", Sex)),
        birth_date=fields.day("birth_date"),
        birth_place_cog=fields.text("birth_place_cog", "code INSEE du lieu de naissance en 5 caractères", COG_PATTERN),
        birth_place=fields.optional("birth_place", "nom du lieu de naissance") or "",
        used_family=fields.optional("used_family", "nom utilisé"),
        used_given=fields.optional("used_given", "prénom utilisé"),
        address=_address(fields.raw("address"), fields.at("address")),
        phone=fields.optional("phone", "téléphone sous la forme tel:0102030405", PHONE_PATTERN),
        email=email.removeprefix("mailto:") if email else None,
    )
    fields.close()
    if not patient.birth_given.upper().startswith(patient.first_given.upper()):
        refuse(fields.at("first_given"), "le premier des prénoms de « birth_given » est attendu")
    return patient


def professional_from_dict(untrusted: Any, path: str = "professional") -> Professional:
    """Validate a health professional, or an employee who has no RPPS number (a secretary)."""
    return read_professional(untrusted, path, specialty)


def facility_from_dict(untrusted: Any, path: str = "facility") -> Facility:
    """Validate a place of care."""
    fields = Fields(untrusted, path)
    facility = Facility(
        id=fields.text("id", "identifiant national de structure (Struct_IdNat)", r"[0-9A-Za-z/_.-]{2,64}"),
        name=fields.text("name", "nom de la structure"),
        sector=fields.code("sector", facility_type, "secteur d'activité (JDV_J02, par exemple SA07)"),
        practice_setting=fields.code(
            "practice_setting", practice_setting, "cadre d'exercice (JDV_J04, par exemple AMBULATOIRE)"
        ),
    )
    fields.close()
    return facility


def _address(untrusted: Any, path: str) -> Address | None:
    if untrusted is None:
        return None
    fields = Fields(untrusted, path)
    address = Address(
        fields.optional("line", "voie") or "",
        fields.optional("postal_code", "code postal") or "",
        fields.optional("city", "commune") or "",
    )
    fields.close()
    return address


def _encounter(untrusted: Any) -> Encounter:
    fields = Fields(untrusted, "encounter")
    encounter = Encounter(
        start=fields.required_moment("start"),
        end=fields.moment("end"),
        kind=fields.code("kind", encounter_kind, "type de rencontre (JDV_J142, par exemple AMB)"),
    )
    fields.close()
    if encounter.end is not None and encounter.end < encounter.start:
        refuse("encounter.end", "une fin postérieure au début est attendue")
    return encounter


def patient_to_dict(patient: Patient) -> dict[str, Any]:
    """The form that `patient_from_dict` reads."""
    address = patient.address
    return {
        "ins": patient.ins.value,
        "ins_oid": patient.ins.oid,
        "identity_status": patient.ins.status.value,
        "birth_family": patient.birth_family,
        "birth_given": patient.birth_given,
        "first_given": patient.first_given,
        "used_family": patient.used_family,
        "used_given": patient.used_given,
        "sex": patient.sex.value,
        "birth_date": patient.birth_date.isoformat(),
        "birth_place_cog": patient.birth_place_cog,
        "birth_place": patient.birth_place or None,
        "address": address and {"line": address.line, "postal_code": address.postal_code, "city": address.city},
        "phone": patient.phone,
        "email": patient.email,
    }


def professional_to_dict(professional: Professional) -> dict[str, Any]:
    """The form that `professional_from_dict` reads."""
    names = ("rpps", "family", "given", "prefix", "suffix", "specialty", "phone")
    return {name: getattr(professional, name) for name in names}


def facility_to_dict(facility: Facility) -> dict[str, Any]:
    """The form that `facility_from_dict` reads."""
    return {name: getattr(facility, name) for name in ("id", "name", "sector", "practice_setting")}


def context_to_dict(context: Context) -> dict[str, Any]:
    """The form that `context_from_dict` reads: the two are inverse of each other."""
    encounter = context.encounter
    return {
        "patient": patient_to_dict(context.patient),
        "professional": professional_to_dict(context.professional),
        "facility": facility_to_dict(context.facility),
        "encounter": {
            "start": encounter.start.isoformat(),
            "end": encounter.end.isoformat() if encounter.end else None,
            "kind": encounter.kind,
        },
        "attending": professional_to_dict(context.attending) if context.attending else None,
        "recipients": [professional_to_dict(recipient) for recipient in context.recipients],
        "extra": dict(context.extra),
        **({"note_sha256": context.note_sha256} if context.note_sha256 else {}),
    }
