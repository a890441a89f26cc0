"""A list kept and read again is the same list, every field of it."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.open_record import answer
from dmp_desktop.dmp import registry_reader
from dmp_desktop.domain.documents import Author, Availability, Code, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.services.kept_list import KeptList, pack, unpack

NOW = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
TIMES = st.datetimes(timezones=st.just(UTC))
CODES = st.builds(Code, st.text(max_size=3), st.text(max_size=3), st.text(max_size=3))
AUTHORS = st.builds(
    Author, st.text(max_size=3), st.text(max_size=3), role=st.text(max_size=3), specialty=st.none() | CODES
)
ENTRIES = st.builds(
    DocumentEntry,
    **{
        "unique_id": st.text(max_size=3),
        "title": st.text(max_size=5),
        "type_code": CODES,
        "class_code": CODES,
        "format_code": CODES,
        "creation_time": TIMES,
        "patient": st.none() | st.builds(InsIdentity, st.text(max_size=3), st.text(max_size=3)),
        "status": st.sampled_from(Availability),
        "service_start": st.none() | TIMES,
        "service_stop": st.none() | TIMES,
        "facility_type": st.none() | CODES,
        "practice_setting": st.none() | CODES,
        "confidentiality": st.lists(CODES, max_size=2).map(tuple),
        "events": st.lists(CODES, max_size=2).map(tuple),
        "authors": st.lists(AUTHORS, max_size=2).map(tuple),
        "legal_authenticator": st.none() | AUTHORS,
        "source_patient_info": st.lists(st.text(max_size=3), max_size=2).map(tuple),
        "version": st.integers(1, 9),
        "comments": st.text(max_size=3),
        "replaces": st.text(max_size=3),
    },
)


@settings(deadline=None)
@given(st.lists(ENTRIES, max_size=4).map(tuple), st.none() | TIMES)
def test_what_was_kept_comes_back(entries: tuple[DocumentEntry, ...], begins: datetime | None) -> None:
    kept = KeptList(entries, NOW, NOW, begins)
    assert unpack(pack(kept)) == kept


def test_a_whole_record_is_small() -> None:
    entries = tuple(registry_reader.entries([answer(400)]))
    packed = pack(KeptList(entries, NOW, NOW, None))
    kept = unpack(packed)
    assert kept is not None
    assert kept.entries == entries
    assert len(packed) < 400 * 300
    for field in fields(DocumentEntry):
        assert any(getattr(entry, field.name) for entry in entries) or field.name in {"events", "comments", "replaces"}


def test_a_list_of_another_version_is_none() -> None:
    assert unpack(zlib.compress(json.dumps([0, "?"]).encode())) is None
