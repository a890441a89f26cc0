"""Facts of documents as bytes for the cache: a record opened again within the day is told without reading its documents again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Protocol, get_args, get_origin, get_type_hints

from dmp_desktop import version
from dmp_desktop.domain.clinical import DocumentFacts
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import StorageError

FORMAT = 4
"""To be raised with each change of what `cda.read` finds: facts found otherwise are as good as none."""

MAX_BYTES = 256_000
"""Facts of one document that weigh more are read again."""

log = logging.getLogger(__name__)


class FactsCache(Protocol):
    """The encrypted cache: bytes beside cached documents, by patient (INS) and uniqueId, gone when those are."""

    def get_facts(self, patient: str, unique_ids: Iterable[str]) -> dict[str, bytes]: ...

    def put_facts(self, patient: str, facts: Mapping[str, bytes]) -> None: ...


class KeptFacts:
    """Facts by uniqueId. As for documents, nothing is read while nobody is signed in (`me` is None). What cannot be kept, or
    read, is as good as not there: the document is."""

    def __init__(self, store: FactsCache, me: Callable[[], str | None]) -> None:
        self._store = store
        self._me = me

    def get(self, patient: Patient, unique_ids: Iterable[str]) -> dict[str, DocumentFacts]:
        if self._me() is None:
            return {}
        try:
            packed = self._store.get_facts(patient.ins.value, unique_ids)
        except StorageError as error:
            log.warning("kept facts: %s", error.code)
            return {}
        found = {unique_id: unpack(one) for unique_id, one in packed.items()}
        return {unique_id: facts for unique_id, facts in found.items() if facts is not None}

    def put(self, patient: Patient, facts: Mapping[str, DocumentFacts]) -> None:
        if self._me() is None:
            return
        packed = {unique_id: pack(one) for unique_id, one in facts.items()}
        try:
            small = {unique_id: one for unique_id, one in packed.items() if len(one) <= MAX_BYTES}
            self._store.put_facts(patient.ins.value, small)
        except StorageError as error:
            log.warning("facts not kept: %s", error.code)


def pack(facts: DocumentFacts) -> bytes:
    """Each object is the list of its fields, after the mark of who wrote it."""
    return json.dumps([_mark(), _plain(facts)], ensure_ascii=False, separators=(",", ":")).encode()


def unpack(packed: bytes) -> DocumentFacts | None:
    """None when another version of this program wrote it."""
    mark, told = json.loads(packed)
    if mark != _mark():
        return None
    facts: DocumentFacts = _reader(DocumentFacts)(told)
    return facts


@cache
def _mark() -> str:
    return f"{version()}/{FORMAT}"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, name)) for name in _names(type(value))]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """What makes a value of a field again, by the field's type."""
    if get_origin(hint) is UnionType:
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        made = _reader(kinds[0]) if len(kinds) == 1 else _as_told  # float | str: JSON tells them apart
        return lambda told: None if told is None else made(told)
    if get_origin(hint) is tuple:
        one = _reader(get_args(hint)[0])
        return lambda told: tuple([one(value) for value in told])
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        readers = [_reader(hints[name]) for name in _names(hint)]
        return lambda told: hint(*[read(value) for read, value in zip(readers, told, strict=True)])
    if isinstance(hint, type) and issubclass(hint, date):
        return date.fromisoformat
    return hint if isinstance(hint, type) and issubclass(hint, StrEnum) else _as_told


def _as_told(told: Any) -> Any:
    return told
