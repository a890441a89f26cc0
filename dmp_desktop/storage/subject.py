"""Whom and what an outbox row is about, as the sealed JSON of its `subject` column."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from json.encoder import encode_basestring
from typing import Any

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.people import Address, Patient, Sex

_TRAITS = tuple(one.name for one in fields(Patient))
_INS = tuple(one.name for one in fields(InsIdentity))
_WRITTEN = json.JSONEncoder(ensure_ascii=False).encode
_text = encode_basestring  # a text as JSON has it


@dataclass(frozen=True, slots=True)
class Subject:
    patient: Patient
    title: str
    kind: str
    visibility: frozenset[Visibility]
    validated_by: str = ""
    """PS_IdNat of who validated what a secretary sends; empty for what its author sends."""
    author_id: str = ""
    """PS_IdNat of who sends it. The store fills it in: the row itself has a pseudonym."""


def encode(subject: Subject, author_id: str = "") -> bytes:
    """`author_id`: in the place of the subject's own.

    Written out, a member at a time: this is on the way of a click, where the encoder of `json` takes three times as long.
    """
    of, ins = subject.patient, subject.patient.ins
    return (
        f'{{"patient": {{"ins": {{"value": {_text(ins.value)}, "oid": {_text(ins.oid)}, "status": {_text(ins.status)}}}, '
        f'"birth_family": {_text(of.birth_family)}, "birth_given": {_text(of.birth_given)}, '
        f'"first_given": {_text(of.first_given)}, "sex": {_text(of.sex)}, "birth_date": "{of.birth_date.isoformat()}", '
        f'"birth_place_cog": {_text(of.birth_place_cog)}, "birth_place": {_text(of.birth_place)}, '
        f'"used_family": {_maybe(of.used_family)}, "used_given": {_maybe(of.used_given)}, '
        f'"address": {_WRITTEN(asdict(of.address)) if of.address else "null"}, '
        f'"phone": {_maybe(of.phone)}, "email": {_maybe(of.email)}}}, '
        f'"title": {_text(subject.title)}, "kind": {_text(subject.kind)}, '
        f'"visibility": [{", ".join([_text(one) for one in sorted(subject.visibility)])}], '
        f'"validated_by": {_text(subject.validated_by)}, "author_id": {_text(author_id or subject.author_id)}}}'
    ).encode()


def _maybe(value: str | None) -> str:
    return "null" if value is None else _text(value)


def decode(content: bytes) -> Subject:
    stored: dict[str, Any] = json.loads(content)
    patient = patient_from_plain(stored["patient"])
    visibility = frozenset(map(Visibility, stored["visibility"]))
    people = stored.get("validated_by", ""), stored.get("author_id", "")
    return Subject(patient, stored["title"], stored["kind"], visibility, *people)


def plain_patient(patient: Patient) -> dict[str, Any]:
    """What JSON holds of a patient."""
    traits = {name: getattr(patient, name) for name in _TRAITS}  # `asdict` copies deeply: ten times as long
    traits |= {
        "ins": {name: getattr(patient.ins, name) for name in _INS},
        "address": patient.address and asdict(patient.address),
    }
    traits["birth_date"] = patient.birth_date.isoformat()
    return traits


def patient_from_plain(traits: dict[str, Any]) -> Patient:
    ins = InsIdentity(traits["ins"]["value"], traits["ins"]["oid"], InsStatus(traits["ins"]["status"]))
    address = traits["address"] and Address(**traits["address"])
    birth = date.fromisoformat(traits["birth_date"])
    return Patient(**{**traits, "ins": ins, "sex": Sex(traits["sex"]), "birth_date": birth, "address": address})
