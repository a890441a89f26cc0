"""The last list of a patient's documents, as bytes for the cache: the next opening begins with it; offline it is read."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from dmp_desktop.domain.documents import Author, Availability, Code, DocumentEntry, Visibility
from dmp_desktop.domain.ins import InsIdentity, InsStatus

FORMAT = 1
"""A list written otherwise is as good as none: the DMP is asked again."""

_FAST = 1  # zlib level: the same names come again and again, more effort saves little


@dataclass(frozen=True, slots=True)
class KeptList:
    """`listed_at`: when the whole was asked for; `asked_at`: when it was last brought up to date. `begins`: no act before was
    asked for, None for no limit. All aware."""

    entries: tuple[DocumentEntry, ...]
    listed_at: datetime
    asked_at: datetime
    begins: datetime | None

    def same(self, other: KeptList) -> bool:
        """Whether both tell the same documents of the same time."""
        return self.begins == other.begins and self.listed_at == other.listed_at and self.entries == other.entries


def withheld(entries: Iterable[DocumentEntry]) -> frozenset[str]:
    """uniqueIds of those masked or deleted: who may read them all the same asks for them again."""
    return frozenset(
        entry.unique_id
        for entry in entries
        if entry.status is Availability.DELETED or Visibility.MASQUE_PS in entry.visibility
    )


def pack(kept: KeptList) -> bytes:
    """Codes and authors are written once; an entry is the list of its fields."""
    table: dict[Code | Author, int] = {}

    def place(value: Code | Author | None) -> int | None:
        return None if value is None else table.setdefault(value, len(table))

    rows = [_row(entry, place) for entry in kept.entries]
    values = [
        [value.code, value.system, value.display]
        if isinstance(value, Code)
        else [getattr(value, name) for name in _AUTHOR] + [_code(value.specialty)]
        for value in table
    ]
    told = [FORMAT, *map(_moment, (kept.listed_at, kept.asked_at, kept.begins)), values, rows]
    return zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), _FAST)


def unpack(packed: bytes) -> KeptList | None:
    """None for another format: written by another version."""
    told = json.loads(zlib.decompress(packed))
    if told[0] != FORMAT:
        return None
    _format, listed_at, asked_at, begins, values, rows = told
    table = [Code(*value) if len(value) == _CODE_FIELDS else _author(value) for value in values]
    entries = tuple(_entry(row, table) for row in rows)
    return KeptList(entries, datetime.fromisoformat(listed_at), datetime.fromisoformat(asked_at), _read_moment(begins))


_CODE_FIELDS = len(fields(Code))
_AUTHOR = tuple(field.name for field in fields(Author) if field.name != "specialty")
_TIMES = ("creation_time", "service_start", "service_stop")
_CODED = ("type_code", "class_code", "format_code", "facility_type", "practice_setting", "legal_authenticator")
_SEVERAL = ("confidentiality", "events", "authors")
_OTHERS = ("patient", "status", "source_patient_info")
_PLAIN = tuple(
    field.name for field in fields(DocumentEntry) if field.name not in (*_TIMES, *_CODED, *_SEVERAL, *_OTHERS)
)


def _row(entry: DocumentEntry, place: Any) -> list[Any]:
    ins = entry.patient
    return [
        [getattr(entry, name) for name in _PLAIN],
        [_moment(getattr(entry, name)) for name in _TIMES],
        [place(getattr(entry, name)) for name in _CODED],
        [[place(value) for value in getattr(entry, name)] for name in _SEVERAL],
        [ins.value, ins.oid, ins.status.value] if ins else None,
        entry.status.value,
        entry.source_patient_info,
    ]


def _entry(row: Sequence[Any], table: Sequence[Any]) -> DocumentEntry:
    plain, times, coded, several, ins, status, traits = row
    told: dict[str, Any] = dict(zip(_PLAIN, plain, strict=True))
    told |= zip(_TIMES, map(_read_moment, times), strict=True)
    told |= zip(_CODED, (None if place is None else table[place] for place in coded), strict=True)
    told |= zip(_SEVERAL, (tuple(table[place] for place in places) for places in several), strict=True)
    return DocumentEntry(
        **told,
        patient=InsIdentity(ins[0], ins[1], InsStatus(ins[2])) if ins else None,
        status=Availability(status),
        source_patient_info=tuple(traits),
    )


def _author(value: Sequence[Any]) -> Author:
    *plain, specialty = value
    return Author(**dict(zip(_AUTHOR, plain, strict=True)), specialty=Code(*specialty) if specialty else None)


def _code(code: Code | None) -> list[str] | None:
    return [code.code, code.system, code.display] if code else None


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read_moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
