"""Facts fetched ahead: in order, a few at a time, and none for a record that was left."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from dmp_desktop.domain.clinical import DocumentFacts
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpError
from dmp_desktop.services.facts import AHEAD, FactsReader
from tests.helpers.facts import PDF, entry
from tests.helpers.outbox import PATIENT


class Line:
    """A network that answers `AHEAD` requests only once they are all there."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._together = threading.Barrier(AHEAD)

    def content(self, patient: Patient, wanted: DocumentEntry) -> bytes:
        self.asked.append(wanted.unique_id)
        self._together.wait(120)
        return wanted.unique_id.encode()


def nothing(_cda: bytes) -> DocumentFacts:
    return DocumentFacts()


def test_several_are_on_their_way_and_they_come_in_order() -> None:
    """Fetched one after the other, the first would wait for ever."""
    line, entries = Line(), [entry("2026-11-01") for _ in range(3 * AHEAD)]
    entries.insert(5, entry("2026-11-01", form=PDF))
    with ThreadPoolExecutor(AHEAD) as executor:
        reader = FactsReader(line.content, nothing, executor)
        assert [read.entry for read in reader.each(PATIENT, entries)] == entries
        assert reader.known(PATIENT, entries) == [
            read for read in reader.read(PATIENT, entries) if read.entry is not entries[5]
        ]
    assert sorted(line.asked) == sorted(one.unique_id for one in entries if one is not entries[5])


def test_ended_early_no_more_than_those_on_their_way_are_asked_for() -> None:
    entries, asked, turns = [entry("2026-11-01") for _ in range(4 * AHEAD)], [], count()

    def content(patient: Patient, wanted: DocumentEntry) -> bytes:
        asked.append(wanted.unique_id)
        return b""

    with ThreadPoolExecutor(AHEAD) as executor:
        read = FactsReader(content, nothing, executor).read(PATIENT, entries, stop=lambda: next(turns) == 3)
    assert len(read) == 3
    assert len(asked) <= 3 + AHEAD


def test_a_document_that_cannot_be_fetched_ends_the_reading_at_its_place() -> None:
    entries = [entry("2026-11-01") for _ in range(2 * AHEAD)]
    asked: list[str] = []

    def content(patient: Patient, wanted: DocumentEntry) -> bytes:
        asked.append(wanted.unique_id)
        if wanted is entries[2]:
            raise DmpError("x", "y", "z")
        return b""

    with ThreadPoolExecutor(AHEAD) as executor:
        reader = FactsReader(content, nothing, executor)
        with pytest.raises(DmpError):
            reader.read(PATIENT, entries)
        assert [read.entry for read in reader.known(PATIENT, entries)] == entries[:2]
    assert len(asked) <= 2 + AHEAD


def test_a_record_that_is_left_is_read_no_further_and_nothing_of_it_is_kept() -> None:
    entries = [entry("2026-11-01") for _ in range(6)]
    reader = FactsReader(lambda _, wanted: wanted.unique_id.encode(), nothing)
    came = reader.each(PATIENT, entries)
    assert next(came).entry is entries[0]
    reader.forget()
    assert list(came) == []
    assert reader.known(PATIENT, entries) == []


def test_forgotten_while_a_document_is_on_its_way_it_is_not_kept() -> None:
    only = entry("2026-11-01")

    def content(patient: Patient, wanted: DocumentEntry) -> bytes:
        reader.forget()
        return b""

    reader = FactsReader(content, nothing)
    assert len(reader.read(PATIENT, [only])) == 1
    assert reader.known(PATIENT, [only]) == []
