"""Facts as bytes, and back: the same, of this version only, and nothing while nobody is signed in."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.domain.clinical import ClinicalItem, DocumentFacts, ItemKind, Quote
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CdaError, StorageError
from dmp_desktop.services import kept_facts
from dmp_desktop.services.facts import FactsReader
from dmp_desktop.services.kept_facts import MAX_BYTES, KeptFacts, pack, unpack
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock
from tests.helpers.facts import PDF, entry, result
from tests.helpers.outbox import KEY, PATIENT
from tests.helpers.owned import seals_of

ME = "810002422979"
st.register_type_strategy(float, st.floats(allow_nan=False))


@given(st.from_type(DocumentFacts))
@settings(deadline=None)
def test_whatever_a_document_says_comes_back_as_it_was(facts: DocumentFacts) -> None:
    assert unpack(pack(facts)) == facts


@pytest.mark.parametrize("value", [5.0, 0.1, math.inf, "5.0", "", None])
def test_a_number_stays_one_and_words_stay_words(value: float | str | None) -> None:
    facts = DocumentFacts((ClinicalItem(ItemKind.RESULT, "Potassium", value=value),))
    read = unpack(pack(facts))
    assert read == facts
    assert type(read.items[0].value) is type(value)
    assert read.items[0].kind is ItemKind.RESULT


def test_facts_found_otherwise_are_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = DocumentFacts((result("2823-3", 6.4),))
    packed = pack(facts)
    mark, told = json.loads(packed)
    assert unpack(json.dumps([f"{mark}1", told]).encode()) is None
    with monkeypatch.context() as later:
        later.setattr(kept_facts, "FORMAT", kept_facts.FORMAT + 1)
        kept_facts._mark.cache_clear()
        assert unpack(packed) is None
    kept_facts._mark.cache_clear()
    assert unpack(packed) == facts


class Memory:
    """A cache that keeps all; `down` when it cannot be used."""

    def __init__(self) -> None:
        self.facts: dict[str, bytes] = {}
        self.down = False

    def get_facts(self, patient: str, unique_ids: Iterable[str]) -> dict[str, bytes]:
        self._check()
        return {one: self.facts[one] for one in unique_ids if one in self.facts}

    def put_facts(self, patient: str, facts: Mapping[str, bytes]) -> None:
        self._check()
        self.facts |= facts

    def _check(self) -> None:
        if self.down:
            raise StorageError("storage-full", "x", "y")


FACTS = DocumentFacts((result("2823-3", 6.4, "mmol/L", "2026-11-01", flag="AA"),))


def test_nothing_is_kept_nor_told_while_nobody_is_signed_in() -> None:
    memory, signed_in = Memory(), [ME]
    kept = KeptFacts(memory, lambda: signed_in[0] if signed_in else None)
    kept.put(PATIENT, {"2.25.1": FACTS})
    assert kept.get(PATIENT, ["2.25.1", "2.25.2"]) == {"2.25.1": FACTS}
    signed_in.clear()
    assert kept.get(PATIENT, ["2.25.1"]) == {}
    kept.put(PATIENT, {"2.25.2": FACTS})
    assert list(memory.facts) == ["2.25.1"]


def test_what_weighs_too_much_is_read_again() -> None:
    memory = Memory()
    long = DocumentFacts(conclusions=(Quote("Conclusion", "x" * MAX_BYTES),))
    KeptFacts(memory, lambda: ME).put(PATIENT, {"2.25.1": long, "2.25.2": FACTS})
    assert list(memory.facts) == ["2.25.2"]


def test_a_cache_that_fails_hides_no_document() -> None:
    memory = Memory()
    memory.down = True
    reader = FactsReader(lambda _patient, _entry: b"", lambda _cda: FACTS, store=KeptFacts(memory, lambda: ME))
    assert [read.facts for read in reader.read(PATIENT, [entry("2026-11-01")])] == [FACTS]


class Opening:
    """A record in the real encrypted cache, opened anew by each `reader`; what is read in a document is counted."""

    def __init__(self, folder: Path) -> None:
        self.database = Database.open(folder / "a.db", KEY)
        self.cache = CacheStore(self.database, Seal(KEY, "cache"), seals_of(KEY), FakeClock())
        self.read: list[str] = []

    def content(self, patient: Patient, wanted: DocumentEntry) -> bytes:
        self.read.append(wanted.unique_id)
        self.cache.put(patient.ins.value, wanted.unique_id, b"content")
        return wanted.unique_id.encode()

    def reader(self, executor: ThreadPoolExecutor | None = None, broken: str = "") -> FactsReader:
        def extract(untrusted_cda: bytes) -> DocumentFacts:
            if untrusted_cda.decode() == broken:
                raise CdaError("cda-xml", "x", "y")
            return FACTS

        return FactsReader(self.content, extract, executor, store=KeptFacts(self.cache, lambda: ME))


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Opening]:
    opening = Opening(tmp_path)
    yield opening
    opening.database.close()


def test_a_record_opened_again_is_told_without_reading_it(opening: Opening) -> None:
    entries = [entry(f"2026-11-0{day}") for day in range(1, 6)]
    with ThreadPoolExecutor(4) as executor:
        first = opening.reader(executor).read(PATIENT, entries)
    assert len(opening.read) == 5
    entries.insert(2, entry("2026-11-07"))
    again = opening.reader()
    found = again.read(PATIENT, entries)
    assert [read.entry for read in found] == entries
    assert [read for read in found if read.entry is not entries[2]] == first
    assert opening.read[5:] == [entries[2].unique_id]
    assert again.known(PATIENT, entries) == found


def test_words_of_papers_are_kept_too(opening: Opening) -> None:
    paper = entry("2026-11-01", form=PDF)
    kept = KeptFacts(opening.cache, lambda: ME)
    opening.cache.put(PATIENT.ins.value, paper.unique_id, b"content")
    kept.put(PATIENT, {paper.unique_id: DocumentFacts(conclusions=(Quote("Conclusion", "FEVG 55 %"),))})
    assert opening.reader().quotes(PATIENT, [paper])[paper.unique_id][0].words == "FEVG 55 %"
    assert opening.read == []


def test_what_could_not_be_read_is_tried_again(opening: Opening) -> None:
    only = entry("2026-11-01")
    assert opening.reader(broken=only.unique_id).read(PATIENT, [only])[0].failed
    assert not opening.reader().read(PATIENT, [only])[0].failed


def test_masked_since_it_is_not_told(opening: Opening) -> None:
    only = entry("2026-11-01")
    opening.reader().read(PATIENT, [only])
    opening.cache.forget([only.unique_id])
    assert KeptFacts(opening.cache, lambda: ME).get(PATIENT, [only.unique_id]) == {}


def test_a_record_left_meanwhile_is_not_kept(opening: Opening) -> None:
    entries = [entry("2026-11-01"), entry("2026-11-02")]
    reader = opening.reader()
    came = reader.each(PATIENT, entries)
    next(came)
    reader.forget()
    assert list(came) == []
    assert KeptFacts(opening.cache, lambda: ME).get(PATIENT, [one.unique_id for one in entries]) == {}
