"""Searching while typing in the window, over the real index of a record of 2,000 documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.search import DOCUMENTS, PATIENT, Searched, searched
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.search import Hit, SearchFilters
from dmp_desktop.services.record_search import RecordSearch
from dmp_desktop.services.search import NO_FILTER
from dmp_desktop.storage.search_text import words
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.stalls import LIMIT_MS
from tests.ui import fakes
from tests.ui.timing import worst_stall

TYPED = "douleur de la hanche"


class LeaSearch(RecordSearch):
    """The benchmark's record, whoever the window's patient is."""

    def search(self, patient: Patient, words: str, filters: SearchFilters = NO_FILTER) -> tuple[Hit, ...]:
        return super().search(PATIENT, words, filters)

    def indexed(self, patient: Patient) -> frozenset[str]:
        return super().indexed(PATIENT)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    with searched(tmp_path_factory.mktemp("search")) as record:
        yield record


@pytest.fixture
def dossier(record: Searched) -> fakes.FakeDossier:
    listed = zip(fakes.entries(DOCUMENTS), record.documents, strict=True)
    return fakes.FakeDossier([replace(entry, unique_id=indexed.unique_id) for entry, (indexed, _) in listed])


def fetch(_patient: Patient, entry: DocumentEntry) -> bytes:
    raise AssertionError(entry.unique_id)  # all is there


@pytest.mark.slow
@pytest.mark.alone
def test_typing_quickly_never_holds_the_window_nor_shows_what_other_words_found(record, bench, qtbot):
    bench.open(qtbot)
    search = bench.window.page.search
    search.searching._port = LeaSearch(record.service, fetch)
    told: list[tuple[str, str]] = []
    search.searching.found.connect(lambda found: told.append((found.words, search.line.text())))

    def session() -> None:
        search.line.clear()
        for key in TYPED:
            qtbot.keyClicks(search.line, key)
            qtbot.wait(25)
        qtbot.waitUntil(lambda: bool(told) and told[-1][0] == TYPED)

    stall = worst_stall(session)
    print(f"worst stall {stall:.0f} ms, {len(told)} answers shown")
    assert len(TYPED) == 20
    assert all(of == line for of, line in told)
    assert len(told) > 5
    assert search.results.reach.text() == fr.READ_ALL.format(DOCUMENTS)
    expected = record.service.search(PATIENT, TYPED)
    assert search.results.model.hits == expected
    assert len(expected) == 20
    for hit in expected:
        assert any(word.startswith(("douleur", "hanche")) for word, _, _ in words(hit.snippet))
    assert stall <= LIMIT_MS
