"""Whom and what an outbox row is about, as the sealed JSON of its `subject` column."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.people import Address, Patient, Sex

_TRAITS = tuple(one.name for one in fields(Patient))
_INS = tuple(one.name for one in fields(InsIdentity))
_WRITTEN = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` makes an encoder each time


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
    """`author_id`: in the place of the subject's own."""
    visibility: Iterable[str] = sorted(subject.visibility)
    told = {
        "patient": plain_patient(subject.patient),
        "title": subject.title,
        "kind": subject.kind,
        "visibility": list(visibility),
    }
    people = {"validated_by": subject.validated_by, "author_id": author_id or subject.author_id}
    return _WRITTEN(told | people).encode()


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
