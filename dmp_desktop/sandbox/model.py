"""Registry objects as ebRIM 3.0 has them: whatever slots and codes come in go out again unchanged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from dmp_desktop.domain.documents import Availability
from dmp_desktop.sandbox import names

Slots = Mapping[str, tuple[str, ...]]


class Kind(StrEnum):
    ENTRY = "entry"
    SET = "set"
    FOLDER = "folder"


UNIQUE_ID = {Kind.ENTRY: names.ENTRY_UNIQUE_ID, Kind.SET: names.SET_UNIQUE_ID, Kind.FOLDER: names.FOLDER_UNIQUE_ID}
PATIENT_ID = {Kind.ENTRY: names.ENTRY_PATIENT_ID, Kind.SET: names.SET_PATIENT_ID, Kind.FOLDER: names.FOLDER_PATIENT_ID}


@dataclass(frozen=True, slots=True)
class Classification:
    """A coded value (`node`, slot codingScheme, `name`) or an author (slots authorPerson …)."""

    scheme: str
    node: str = ""
    name: str = ""
    slots: Slots = field(default_factory=dict)

    @property
    def coding_scheme(self) -> str:
        return (self.slots.get("codingScheme") or ("",))[0]


@dataclass(frozen=True, slots=True)
class RegistryObject:
    """A DocumentEntry, a SubmissionSet or a Folder. `external` maps identification schemes to values."""

    id: str
    kind: Kind
    name: str = ""
    description: str = ""
    mime_type: str = ""
    object_type: str = ""
    lid: str = ""
    version: int = 1
    status: str = Availability.APPROVED.value
    slots: Slots = field(default_factory=dict)
    classifications: tuple[Classification, ...] = ()
    external: Mapping[str, str] = field(default_factory=dict)

    @property
    def unique_id(self) -> str:
        return self.external.get(UNIQUE_ID[self.kind], "")

    @property
    def patient_id(self) -> str:
        return self.external.get(PATIENT_ID[self.kind], "")

    def slot(self, name: str) -> str:
        """First value of a slot, or nothing."""
        return (self.slots.get(name) or ("",))[0]

    def coded(self, scheme: str) -> tuple[Classification, ...]:
        return tuple(found for found in self.classifications if found.scheme == scheme)

    @property
    def confidentiality(self) -> frozenset[str]:
        return frozenset(code.node for code in self.coded(names.CONFIDENTIALITY))

    @property
    def is_signature(self) -> bool:
        return any(code.node == names.SIGNATURE_CLASS for code in self.coded(names.CLASS_CODE))

    def author_values(self, slot: str) -> tuple[str, ...]:
        """Values of one slot over all authors."""
        scheme = names.AUTHOR if self.kind is Kind.ENTRY else names.SET_AUTHOR
        return tuple(value for author in self.coded(scheme) for value in author.slots.get(slot, ()))

    def with_slots(self, **values: str) -> RegistryObject:
        """The same with single-valued slots set."""
        return replace(self, slots={**self.slots, **{name: (value,) for name, value in values.items()}})


@dataclass(frozen=True, slots=True)
class Association:
    """A link between two registry objects."""

    id: str
    type: str
    source: str
    target: str
    slots: Slots = field(default_factory=dict)
    status: str = Availability.APPROVED.value


@dataclass(frozen=True, slots=True)
class Lot:
    """All that one submission carries. `documents` maps the id of an entry to its bytes."""

    sets: tuple[RegistryObject, ...]
    entries: tuple[RegistryObject, ...]
    folders: tuple[RegistryObject, ...]
    associations: tuple[Association, ...]
    documents: Mapping[str, bytes]


def dumps(value: RegistryObject | Association) -> str:
    """JSON for the database."""
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: RegistryObject | Association | Classification) -> dict[str, Any]:
    """Fields by name, one level deep: `dataclasses.asdict` copies everything and costs most of the first start."""
    found = {name: getattr(value, name) for name in value.__slots__}
    if isinstance(value, RegistryObject):
        found["classifications"] = [_plain(code) for code in value.classifications]
    return found


def object_from(text: str) -> RegistryObject:
    """Inverse of dumps."""
    data: dict[str, Any] = json.loads(text)
    classifications = tuple(
        Classification(row["scheme"], row["node"], row["name"], _slots(row["slots"])) for row in data["classifications"]
    )
    changes = {"kind": Kind(data["kind"]), "slots": _slots(data["slots"]), "classifications": classifications}
    return RegistryObject(**{**data, **changes})


def association_from(text: str) -> Association:
    """Inverse of dumps."""
    data: dict[str, Any] = json.loads(text)
    return Association(**{**data, "slots": _slots(data["slots"])})


def _slots(data: dict[str, list[str]]) -> Slots:
    return {name: tuple(values) for name, values in data.items()}


def dtm(moment: datetime) -> str:
    """HL7 DTM in UTC, `yyyyMMddHHmmss` (ITI TF-3 §4.2.3.1.7)."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")
