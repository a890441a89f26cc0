"""Words of documents: found as written or typed, by their patient only, for as long as the cache keeps the document."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmp_desktop.domain.search import Hit, Passage, SearchFilters
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import metadata
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.search import SearchStore
from dmp_desktop.storage.search_memory import IndexedDocument
from dmp_desktop.storage.search_snippet import SNIPPET
from dmp_desktop.storage.search_text import indexed, needles_of, parse_query, words
from tests.helpers.clock import START, FakeClock
from tests.helpers.outbox import INS, KEY
from tests.helpers.owned import seals_of

OTHER = "153078987658513"
HOUR = 3600
DAY = timedelta(days=1)
CONCLUSION = "55110-1"
NO_FILTER = SearchFilters()


class Searched:
    """A cache and its index, as the application joins them."""

    def __init__(self, path: Path, ttl: timedelta = timedelta(hours=12)) -> None:
        self.clock = FakeClock()
        self.path = path
        self.database = Database.open(path, KEY)
        seal = Seal(KEY, "cache")
        self.cache = CacheStore(self.database, seal, seals_of(KEY), self.clock, ttl)
        self.store = SearchStore(self.database, seal, seals_of(KEY), self.clock, ttl)

    def put(
        self,
        name: str,
        text: str,
        *,
        title: str = "Compte rendu",
        patient: str = INS,
        created: datetime = START,
        type_code: str = "11488-4",
        author: str = "Camille DUPONT",
    ) -> None:
        self.cache.put(patient, name, text.encode(errors="replace"))
        passages = (Passage(text, CONCLUSION, "Conclusion"),)
        assert self.store.put(
            patient, IndexedDocument(name, title, type_code, "10", created, (author,), indexed(title, passages))
        )

    def hits(
        self, typed: str, patient: str = INS, filters: SearchFilters = NO_FILTER, limit: int = 50
    ) -> tuple[Hit, ...]:
        return self.store.search(patient, parse_query(typed), filters, limit)

    def found(self, typed: str, patient: str = INS, filters: SearchFilters = NO_FILTER) -> list[str]:
        return [hit.unique_id for hit in self.hits(typed, patient, filters)]


@contextmanager
def opened(folder: Path) -> Iterator[Searched]:
    searched = Searched(folder / "a.db")
    try:
        yield searched
    finally:
        searched.store.close()
        searched.database.close()


@pytest.fixture
def searched(tmp_path: Path) -> Iterator[Searched]:
    with opened(tmp_path) as searched:
        yield searched


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """For the properties: each example brings its own words or its own patient."""
    with opened(tmp_path_factory.mktemp("search")) as searched:
        yield searched


@pytest.fixture(scope="module")
def elsewhere(standing: Searched) -> Iterator[CacheStore]:
    """The same cache in another process, as far as the database can tell."""
    with Database.open(standing.path, KEY) as database:
        yield CacheStore(database, Seal(KEY, "cache"), seals_of(KEY), standing.clock)


TEXT = "Œdème des membres inférieurs. HbA1c à 5,9 %, K+ 4,1 mmol/L. Metformine 1000mg. Malaise vaso-vagal, pas d'infection."


@pytest.mark.parametrize(
    "typed",
    [
        "œdème", "OEDEME", "oede", "inferieurs membres", "hba1c", "HbA1", "5,9", "5.9", "HbA1c 5,9 %", "K+", "k+ 4,1", "metf",
        "1000 mg", "1000mg", "mmol/L", "vaso-vagal", "vaso vagal", '"membres inférieurs"', "« membres inférieurs »", '"membres infé',
        "l'infection", "d’infection", "malaise + metformine", "compte rendu metformine", "conclusion", "5,", "infection)", "œdème -",
    ],
)  # fmt: skip
def test_found_as_doctors_type_it(searched: Searched, typed: str) -> None:
    searched.put("2.25.1", TEXT)
    assert searched.found(typed) == ["2.25.1"]


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "+", '"', "'", "inferieurz", "members", "5,8", "9,5", "Na+", "HbA1c+", '"inférieurs membres"', '"membres infé"',
        "œdème poumon", "metf 1000", "00", "AND", "NOT", "title:compte", "*", "metformine OR xyz", "l'",
    ],
)  # fmt: skip
def test_not_found(searched: Searched, typed: str) -> None:
    searched.put("2.25.1", TEXT)
    assert searched.found(typed) == []


def test_words_cut_or_joined_by_a_pdf_are_found(searched: Searched) -> None:
    searched.put("2.25.1", "hyper\u00adtension, ﬁbrillation, e\u0301pigastralgie, autoimmune")
    for typed in ("hypertension", "fibrillation", "épigastralgie", "auto-immune"):
        assert searched.found(typed) == ["2.25.1"], typed


def test_a_hit_tells_how_often_and_where(searched: Searched) -> None:
    text = "Rien à signaler. " * 20 + "Sous metformine depuis 2019, la metformine est bien tolérée. " + "Fin. " * 40
    searched.put("2.25.1", text)
    (hit,) = searched.hits("METFORMINE toler")
    assert hit.count == 3
    assert len(hit.snippet) <= SNIPPET
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    assert [hit.snippet[start:end] for start, end in hit.spans] == ["metformine", "metformine", "tolérée"]
    assert (hit.section_code, hit.section_title, hit.anchor, hit.occurrence) == (
        CONCLUSION,
        "Conclusion",
        "metformine",
        0,
    )
    assert (hit.title, hit.created) == ("Compte rendu", START)


def test_the_anchor_counts_those_before_it_in_its_section(searched: Searched) -> None:
    searched.put("2.25.1", "Toux. " + "Rien. " * 60 + "Toux et fièvre.")
    (hit,) = searched.hits("toux fievre")
    assert (hit.anchor, hit.occurrence, hit.snippet[slice(*hit.spans[0])]) == ("Toux", 1, "Toux")


def test_little_words_are_asked_for_but_not_counted(searched: Searched) -> None:
    searched.put("2.25.1", "Douleur de la hanche, de la cuisse, de la jambe.")
    searched.put("2.25.2", "Douleur hanche.")
    (hit,) = searched.hits("douleur de la hanche")
    assert (hit.count, [hit.snippet[start:end] for start, end in hit.spans]) == (2, ["Douleur", "hanche"])
    assert searched.hits("de la")[0].count == 6


def test_of_many_documents_those_so_titled_come_first(searched: Searched) -> None:
    """More than FTS5 grades."""
    for number in range(210):
        searched.put(f"2.25.{number}", "asthme", created=START + number * DAY)
    searched.put("2.25.900", "rien", title="Asthme", created=START + DAY)
    assert [hit.unique_id for hit in searched.hits("asth", limit=3)] == ["2.25.900", "2.25.209", "2.25.208"]
    filters = SearchFilters(created_to=START + 9 * DAY)
    assert searched.found("asth", filters=filters)[:2] == ["2.25.900", "2.25.9"]
    filters = SearchFilters(created_from=START + 5 * DAY)
    assert [hit.unique_id for hit in searched.hits("asth", filters=filters, limit=1)] == ["2.25.209"]


def test_the_title_has_no_section(searched: Searched) -> None:
    searched.put("2.25.1", "Texte.", title="Échographie cardiaque")
    (hit,) = searched.hits("echo")
    assert (hit.snippet, hit.spans, hit.section_code) == ("Échographie cardiaque", ((0, 11),), "")


def test_relevance_first_then_the_latest(searched: Searched) -> None:
    for rank in range(3):
        searched.put(f"2.25.{rank}", "asthme ancien, " + "sans autre antécédent " * 30, created=START + rank * DAY)
    searched.put("2.25.9", "asthme " * 10, title="Asthme", created=START - 900 * DAY)
    searched.put("2.25.8", "bronchite", created=START + 9 * DAY)
    assert searched.found("asthme") == ["2.25.9", "2.25.2", "2.25.1", "2.25.0"]
    assert [hit.unique_id for hit in searched.hits("asthme", limit=2)] == ["2.25.9", "2.25.2"]
    assert searched.hits("asthme", limit=0) == ()


def test_filters(searched: Searched) -> None:
    searched.put("2.25.1", "toux", type_code="11502-2", created=START - DAY, author="Alix MARTIN")
    searched.put("2.25.2", "toux", created=START)
    searched.put("2.25.3", "rien", created=START)
    for filters, expected in (
        (SearchFilters(type_codes=("11502-2", "x")), ["2.25.1"]),
        (SearchFilters(class_codes=("10",)), ["2.25.2", "2.25.1"]),
        (SearchFilters(class_codes=("11",)), []),
        (SearchFilters(created_from=START), ["2.25.2"]),
        (SearchFilters(created_to=START - timedelta(seconds=1)), ["2.25.1"]),
        (SearchFilters(authors=("Alix MARTIN",)), ["2.25.1"]),
        (SearchFilters(type_codes=("11502-2",), authors=("Camille DUPONT",)), []),
    ):
        assert searched.found("toux", filters=filters) == expected, filters


def test_it_is_read_again_from_the_disk_by_who_opens_it_next(tmp_path: Path) -> None:
    with opened(tmp_path) as searched:
        searched.put("2.25.1", TEXT)
        before = searched.hits("œdème k+")
    with opened(tmp_path) as searched:
        assert searched.hits("œdème k+") == before
        assert len(before) == 1
        assert searched.store.ids(INS) == {"2.25.1"}


def test_a_document_indexed_again_is_found_by_its_new_words_only(searched: Searched) -> None:
    searched.put("2.25.1", "toux")
    assert searched.found("toux")
    searched.put("2.25.1", "fièvre")
    assert (searched.found("toux"), searched.found("fievre")) == ([], ["2.25.1"])


def test_another_patient_s_words_never_appear(searched: Searched) -> None:
    searched.put("2.25.1", "toux")
    searched.put("2.25.2", "toux", patient=OTHER)
    for _ in range(2):
        assert searched.found("toux") == ["2.25.1"]
        assert searched.found("toux", OTHER) == ["2.25.2"]
    assert searched.store.ids(OTHER) == {"2.25.2"}


def forget_document(searched: Searched) -> None:
    searched.cache.forget(["2.25.1"])


def forget_patient(searched: Searched) -> None:
    searched.cache.forget_patient(INS)


def clear(searched: Searched) -> None:
    searched.cache.clear()


def expire(searched: Searched) -> None:
    searched.clock.advance(12 * HOUR)


def purge(searched: Searched) -> None:
    expire(searched)
    searched.cache.purge()


def set_clock_back(searched: Searched) -> None:
    searched.clock.set_back(365 * 24 * HOUR)


ENDS = (forget_document, forget_patient, clear, expire, purge, set_clock_back)


@pytest.mark.parametrize("end", ENDS)
def test_words_die_with_the_cached_document(searched: Searched, end) -> None:  # type: ignore[no-untyped-def]
    """Masking, deletion, opposition, time over: on the spot, though the words are in memory."""
    searched.put("2.25.1", "toux")
    assert searched.found("toux") == ["2.25.1"]
    end(searched)
    assert searched.found("toux") == []
    assert searched.store.ids(INS) == frozenset()
    assert searched.store._open is not None
    assert searched.store._open.memory.ids() == frozenset()


@pytest.mark.parametrize("end", [forget_document, forget_patient, clear, purge])
def test_no_row_is_left_on_the_disk(searched: Searched, end) -> None:  # type: ignore[no-untyped-def]
    searched.put("2.25.1", "toux")
    end(searched)
    with searched.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM indexed_document").scalar() == 0


def test_what_another_process_dropped_is_not_found(searched: Searched, tmp_path: Path) -> None:
    searched.put("2.25.1", "toux")
    searched.put("2.25.2", "toux")
    assert len(searched.found("toux")) == 2
    with Database.open(tmp_path / "a.db", KEY) as elsewhere:
        CacheStore(elsewhere, Seal(KEY, "cache"), seals_of(KEY), searched.clock).forget(["2.25.2"])
    assert searched.found("toux") == ["2.25.1"]


def test_the_disk_is_asked_again_only_once_somebody_wrote(searched: Searched, tmp_path: Path) -> None:
    """Every keystroke asks whether anybody did; what was read of the hits holds until then."""
    searched.put("2.25.1", "toux")
    assert searched.found("toux") == ["2.25.1"]
    assert searched.store.ids(INS) == {"2.25.1"}
    assert searched.store._open is not None
    connection = searched.store._open.living._connection
    assert connection is not None
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    assert searched.found("toux") == ["2.25.1"]
    assert searched.store.ids(INS) == {"2.25.1"}
    assert asked == ["PRAGMA data_version"] * 2
    with Database.open(tmp_path / "a.db", KEY) as elsewhere:
        CacheStore(elsewhere, Seal(KEY, "cache"), seals_of(KEY), searched.clock).put(OTHER, "2.25.7", b"x")
    assert searched.found("toux") == ["2.25.1"]
    assert len(asked) == 4


def test_a_document_kept_longer_is_found_longer(searched: Searched) -> None:
    searched.put("2.25.1", "toux")
    assert searched.found("toux")
    searched.clock.advance(11 * HOUR)
    searched.cache.put(INS, "2.25.1", b"x")
    searched.clock.advance(11 * HOUR)
    assert searched.found("toux") == ["2.25.1"]
    assert searched.store.ids(INS) == {"2.25.1"}
    searched.clock.advance(HOUR)
    assert searched.store.ids(INS) == frozenset()
    assert searched.found("toux") == []


def test_a_record_that_closes_gives_its_connection_back(searched: Searched) -> None:
    searched.put("2.25.1", "toux")
    assert searched.found("toux")
    opened = searched.store._open
    assert opened is not None
    assert opened.living.hold(["2.25.1"], searched.clock.now())
    assert searched.found("toux", OTHER) == []
    assert opened.living._connection is None
    assert not opened.living.hold(["2.25.1"], searched.clock.now())
    assert opened.living.ids(searched.clock.now()) == frozenset()


def test_sweeping_empties_the_memory_without_a_search(searched: Searched) -> None:
    searched.put("2.25.1", "toux")
    searched.store.sweep()
    searched.store.load(INS)
    assert searched.store._open is not None
    assert searched.store._open.memory.ids() == {"2.25.1"}
    searched.cache.clear()
    searched.store.sweep()
    assert searched.store._open.memory.ids() == frozenset()


def test_what_the_cache_does_not_hold_is_not_indexed(searched: Searched) -> None:
    document = IndexedDocument("2.25.1", "t", "", "", START, (), indexed("toux", ()))
    assert not searched.store.put(INS, document)
    searched.cache.put(OTHER, "2.25.1", b"x")
    assert not searched.store.put(INS, document)
    assert searched.store.ids(INS) == searched.store.ids(OTHER) == frozenset()


def test_rows_hold_no_word_in_clear_even_for_who_has_the_database_key(searched: Searched) -> None:
    searched.put("2.25.1", "thoracique", title="Douleur", author="TEST-AUTEUR")
    with searched.database.read() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        rows = [repr(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))]
    assert set(tables) <= {*metadata.tables, "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"}
    assert len(rows) == 3  # two of the document; every database has a place in what is shared
    for word in ("horacique", "ouleur", "TEST-AUTEUR", INS, "11488-4"):
        assert all(word not in row for row in rows)


def test_no_file_holds_a_word_while_it_is_searched(searched: Searched, tmp_path: Path) -> None:
    searched.put("2.25.1", "thoracique")
    assert searched.found("thoracique")
    files = list(tmp_path.iterdir())
    assert files
    assert all(b"thoracique" not in file.read_bytes() for file in files)


def test_another_key_opens_nothing(searched: Searched) -> None:
    """Another doctor's key on the same workstation: not one word, not even that there are documents."""
    searched.put("2.25.1", "toux")
    other = SearchStore(searched.database, Seal(KEY, "cache"), seals_of(bytes(32), "other"), searched.clock)
    assert other.search(INS, parse_query("toux"), SearchFilters(), 9) == ()
    assert other.ids(INS) == frozenset()


def test_closed_it_holds_nothing_and_opens_again(searched: Searched) -> None:
    searched.put("2.25.1", "toux")
    assert searched.found("toux")
    assert searched.store._open is not None
    memory = searched.store._open.memory
    searched.store.close()
    searched.store.close()
    assert memory.ids() == frozenset()
    assert memory.match(parse_query("toux"), SearchFilters(), 5) == []
    assert searched.found("toux") == ["2.25.1"]


def test_searches_go_on_while_documents_come(searched: Searched) -> None:
    """One thread adds, one searches: what is found is whole, and what was found stays so."""
    searched.put("2.25.0", "toux")
    failures: list[str] = []
    done = threading.Event()

    def add() -> None:
        try:
            for number in range(1, 60):
                searched.put(f"2.25.{number}", f"toux {number}", created=START + number * DAY)
        except StorageError as error:
            failures.append(error.code)
        finally:
            done.set()

    adding = threading.Thread(target=add)
    adding.start()
    seen: set[str] = set()
    while not done.is_set():
        found = set(searched.found("toux"))
        assert len(found) >= min(len(seen), 50)
        seen |= found
    adding.join()
    assert failures == []
    assert len(searched.hits("toux", limit=100)) == 60


def test_an_error_or_a_representation_never_quotes_a_word(searched: Searched) -> None:
    searched.put("2.25.1", "thoracique")
    (hit,) = searched.hits("thorac")
    shown = repr(
        [hit, parse_query("thoracique"), indexed("thoracique", ()), Passage("thoracique"), searched.store._open]
    )
    assert "thorac" not in shown
    searched.database.close()
    with pytest.raises(StorageError) as refused:
        searched.found("thoracique")
    assert "thorac" not in f"{refused.value}{refused.value.__cause__}"


ANY = settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LATIN = "abcdefghijklmnopqrstuvwxyzàâäçéèêëîïôöùûüÿœæ"
SIGNS = " \n,.;:'’-/()%<>°\"*+&"
CLINICAL = st.text(LATIN + LATIN.upper() + "0123456789" + SIGNS, min_size=1, max_size=200)


@ANY
@given(typed=st.text(max_size=600))
def test_any_text_is_a_search(standing: Searched, typed: str) -> None:
    standing.put("2.25.1", TEXT)
    for hit in standing.hits(typed):
        assert hit.count >= 1
        assert hit.spans


@ANY
@given(text=st.text(max_size=300))
def test_whatever_is_indexed_is_found_by_each_of_its_words(standing: Searched, text: str) -> None:
    standing.put("2.25.2", text)
    for word, start, end in words(text):
        if word == "+":
            continue  # a sign alone narrows nothing
        assert "2.25.2" in standing.found(word), word
        assert "2.25.2" in standing.found(text[start:end])


@ANY
@given(text=CLINICAL, data=st.data())
def test_case_and_accents_do_not_count(standing: Searched, text: str, data: st.DataObject) -> None:
    standing.put("2.25.3", text)
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    form = data.draw(
        st.sampled_from([text, text.upper(), text.lower(), text.title(), bare, unicodedata.normalize("NFD", text)])
    )
    pieces = [form[start:end] for word, start, end in words(form) if word != "+"]
    for piece in pieces:
        assert "2.25.3" in standing.found(piece)
    if pieces:
        for typed in (
            " ".join(pieces[:5]),
            f'"{form[:60].replace(chr(34), " ").rsplit(maxsplit=1)[0]}"' if form.strip() else "a",
        ):
            if list(parse_query(typed)) and not typed.strip('" ').endswith("-"):
                assert "2.25.3" in standing.found(typed), typed


@ANY
@given(text=CLINICAL)
def test_a_snippet_shows_the_words_of_the_text(standing: Searched, text: str) -> None:
    standing.put("2.25.4", text)
    collapsed = " ".join(f"Conclusion {text}".split())
    for word, _, _ in list(words(text))[:5]:
        for hit in standing.hits(word):
            if hit.unique_id != "2.25.4" or word == "+":
                continue
            assert len(hit.snippet) <= SNIPPET
            assert hit.snippet.strip("…") in f"{collapsed} Compte rendu"
            assert all(first < last for first, last in hit.spans)
            start, end = hit.spans[0]
            assert any(piece.startswith(word) for piece, _, _ in words(hit.snippet[start:end]))
            assert " ".join(hit.anchor.split()) in f"{collapsed} Compte rendu"


@ANY
@given(mine=CLINICAL, theirs=CLINICAL)
def test_words_of_another_patient_never_appear(standing: Searched, mine: str, theirs: str) -> None:
    standing.put("2.25.5", mine)
    standing.put("2.25.6", theirs, patient=OTHER)
    for typed in [word for word, _, _ in words(f"{mine} {theirs}")][:8]:
        assert "2.25.6" not in standing.found(typed)
    for typed in [word for word, _, _ in words(f"{mine} {theirs}")][:8]:
        assert set(standing.found(typed, OTHER)) <= {"2.25.6"}


def test_created_before_1970_or_at_the_same_moment(searched: Searched) -> None:
    for number in range(3):
        searched.put(f"2.25.{number}", "toux", created=datetime(1950, 1, 1, tzinfo=UTC))
    assert len(searched.found("toux")) == 3
    assert len(searched.found("toux", filters=SearchFilters(created_to=START))) == 3


NAMES = [f"2.25.{number}" for number in range(50, 54)]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["put", "forget", "forget elsewhere"]), st.sampled_from(NAMES)),
        st.tuples(st.just("wait"), st.integers(1, 8)),
        st.tuples(st.just("purge"), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_is_found_is_what_the_cache_would_give(standing: Searched, elsewhere: CacheStore, steps) -> None:  # type: ignore[no-untyped-def]
    """Whatever is put, dropped here or by another process, or runs out, in whatever order."""
    standing.cache.forget_patient(OTHER)
    for step, value in steps:
        if step == "put":
            standing.put(value, "cyphose", patient=OTHER)
        elif step == "forget":
            standing.cache.forget([value])
        elif step == "forget elsewhere":
            elsewhere.forget([value])
        elif step == "wait":
            standing.clock.advance(value * HOUR)
        else:
            standing.cache.purge()
        kept = standing.cache.ids(OTHER)
        assert standing.store.ids(OTHER) == kept
        assert set(standing.found("cyph", OTHER)) == kept


@ANY
@given(text=st.lists(st.sampled_from(["ab", "abc", "b", "ab+"]), max_size=30).map(" ".join))
def test_words_are_counted_as_they_stand(standing: Searched, text: str) -> None:
    """The count goes on from the last place looked at; words that stand over themselves count once."""
    standing.put("2.25.6", text)
    folded = indexed("Compte rendu", (Passage(text, CONCLUSION, "Conclusion"),)).folded
    for typed in ("ab", '"ab ab"', "b ab", "ab+ b"):
        counts = [hit.count for hit in standing.hits(typed) if hit.unique_id == "2.25.6"]
        expected = [folded.count(needle) for needle in needles_of(parse_query(typed))]
        assert counts == ([sum(expected)] if all(expected) else []), typed
