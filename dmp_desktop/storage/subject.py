"""Whom and what an outbox row is about, as the sealed JSON of its `subject` column."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.people import Address, Patient, Sex


@dataclass(frozen=True, slots=True)
class Subject:
    patient: Patient
    title: str
    kind: str
    visibility: frozenset[Visibility]
    validated_by: str = ""
    """PS_IdNat of who validated what a secretary sends; empty for what its author sends."""


def encode(subject: Subject) -> bytes:
    traits = {**asdict(subject.patient), "birth_date": subject.patient.birth_date.isoformat()}
    visibility: Iterable[str] = sorted(subject.visibility)
    told = {"patient": traits, "title": subject.title, "kind": subject.kind, "visibility": list(visibility)}
    return json.dumps(told | {"validated_by": subject.validated_by}, ensure_ascii=False).encode()


def decode(content: bytes) -> Subject:
    stored: dict[str, Any] = json.loads(content)
    traits = stored["patient"]
    ins = InsIdentity(traits["ins"]["value"], traits["ins"]["oid"], InsStatus(traits["ins"]["status"]))
    address = traits["address"] and Address(**traits["address"])
    birth = date.fromisoformat(traits["birth_date"])
    patient = Patient(**{**traits, "ins": ins, "sex": Sex(traits["sex"]), "birth_date": birth, "address": address})
    visibility = frozenset(map(Visibility, stored["visibility"]))
    return Subject(patient, stored["title"], stored["kind"], visibility, stored.get("validated_by", ""))
