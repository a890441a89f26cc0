"""The words of one patient's documents in FTS5, in memory: they are in clear here, so they never reach a disk.

Two connections to one memory database (https://www.sqlite.org/src/file/src/memdb.c): a search waits for no insertion, only
for the copy of the changed pages that ends it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice

from sqlcipher3 import dbapi2

from dmp_desktop.domain.search import SearchFilters
from dmp_desktop.storage.errors import storage_error
from dmp_desktop.storage.schema import EPOCH
from dmp_desktop.storage.search_text import IndexedText, Term

RANKED = 200
"""With fewer documents than that, FTS5 grades them; more, and what they hold tells few apart: titles and dates decide."""

_GRADES = 10  # relevance in tenths of the best: closer than that, the date decides
_NAMES = count()
_BUSY_SECONDS = 5.0
# Words come folded (search_text): the plain tokenizer takes them as they are. Prefixes of one to three letters have an index of
# their own; longer ones gather few words.
_SCHEMA = """
CREATE VIRTUAL TABLE words USING fts5(
    title, body, content='', contentless_delete=1, prefix='1 2 3', tokenize="ascii tokenchars '+'"
);
CREATE TABLE document (id INTEGER PRIMARY KEY, type_code TEXT, class_code TEXT, created INTEGER);
CREATE TABLE author (document INTEGER, name TEXT);
CREATE INDEX author_name ON author (name, document);
"""
# Descending rowids are descending dates. A title is far shorter than what it names: found there, a word says more.
LATEST = "SELECT rowid FROM words WHERE words MATCH :words ORDER BY rowid DESC LIMIT :limit"
GRADED = "SELECT rowid, bm25(words, 4.0, 1.0) FROM words WHERE words MATCH :words"
_FILTERED = """
SELECT rowid FROM words WHERE words MATCH :words AND rowid IN (
    SELECT id FROM document WHERE (:types = '[]' OR type_code IN (SELECT value FROM json_each(:types)))
    AND (:classes = '[]' OR class_code IN (SELECT value FROM json_each(:classes)))
    AND (:since IS NULL OR created >= :since) AND (:until IS NULL OR created <= :until)
    AND (:authors = '[]' OR id IN (SELECT document FROM author WHERE name IN (SELECT value FROM json_each(:authors))))
) ORDER BY rowid DESC LIMIT :limit
"""
_FILTERED_GRADED = _FILTERED.replace("rowid", "rowid, bm25(words, 4.0, 1.0)", 1)


@dataclass(frozen=True, slots=True, repr=False)
class IndexedDocument:
    """A document to be searched: what filters need of it, and its words. `created` is aware."""

    unique_id: str
    title: str
    type_code: str
    class_code: str
    created: datetime
    authors: tuple[str, ...]
    words: IndexedText


class MemoryIndex:
    """Searches may come from any thread, while documents are added. Once closed it holds nothing and takes nothing."""

    def __init__(self) -> None:
        self._name = f"file:/search-{next(_NAMES)}?vfs=memdb"
        self._writer, self._reader = self._connect(), self._connect()
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._closed = False
        self._documents: dict[int, IndexedDocument] = {}
        self._numbers: dict[str, int] = {}
        self._writer.executescript(_SCHEMA)

    def ids(self) -> frozenset[str]:
        with self._writing:
            return frozenset(self._numbers)

    def add(self, documents: Iterable[IndexedDocument]) -> None:
        """Add documents, instead of those of the same uniqueId. Raises StorageError."""
        with self._writing:
            self._change([], documents)

    def remove(self, unique_ids: Collection[str]) -> None:
        """Raises StorageError."""
        if unique_ids:
            with self._writing:
                self._change(unique_ids, [])

    def optimise(self) -> None:
        """After many additions: one tree of words instead of several, searched twice as fast. Raises StorageError."""
        with self._writing:
            if not self._closed:
                try:
                    self._writer.execute("INSERT INTO words (words) VALUES ('optimize')")
                except dbapi2.Error as error:
                    raise storage_error(error) from None

    def match(self, terms: Sequence[Term], filters: SearchFilters, limit: int) -> list[IndexedDocument]:
        """The documents that hold every term, the most relevant first, of the same relevance the latest. Raises StorageError."""
        values: dict[str, str | int | None] = {
            "words": " AND ".join(term.match for term in terms),
            "limit": max(limit, RANKED),
        }
        latest, graded = LATEST, GRADED
        if filters != SearchFilters():
            latest, graded, values = _FILTERED, _FILTERED_GRADED, values | _restriction(filters)
        with self._reading:
            if self._closed:
                return []
            try:
                numbers = [number for (number,) in self._reader.execute(latest, values)]
                if len(numbers) >= RANKED:
                    best = values | {"words": f"title : ({values['words']})", "limit": limit}
                    titled = self._reader.execute(latest, best)
                    numbers = list(dict.fromkeys([*(number for (number,) in titled), *numbers]))
                elif len(numbers) > 1:
                    numbers = _by_grade(self._reader.execute(graded, values).fetchall())
            except dbapi2.Error as error:
                raise storage_error(error) from None  # the driver's error may quote what was typed
        documents = (self._documents.get(number) for number in numbers)
        return list(islice((document for document in documents if document is not None), limit))

    def close(self) -> None:
        with self._writing, self._reading:
            self._closed = True
            self._writer.close()
            self._reader.close()
            self._documents.clear()
            self._numbers.clear()

    def _connect(self) -> dbapi2.Connection:
        return dbapi2.connect(
            self._name, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )

    def _change(self, removed: Collection[str], added: Iterable[IndexedDocument]) -> None:
        if self._closed:
            return
        new = {document.unique_id: document for document in added}
        gone = {name: self._numbers[name] for name in {*removed, *new} if name in self._numbers}
        numbers: dict[str, int] = {}
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for number in gone.values():
                for place in ("words WHERE rowid", "document WHERE id", "author WHERE document"):
                    self._writer.execute(f"DELETE FROM {place} = ?", (number,))  # noqa: S608 - constants
            for name, document in new.items():
                numbers[name] = self._number(document)
                self._documents[numbers[name]] = document  # before a search can meet its number
                self._insert(numbers[name], document)
            self._writer.execute("COMMIT")
        except dbapi2.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            for number in numbers.values():
                self._documents.pop(number, None)
            raise storage_error(error) from None
        for name, number in gone.items():
            del self._numbers[name], self._documents[number]
        self._numbers.update(numbers)

    def _number(self, document: IndexedDocument) -> int:
        """The document's rowid: microseconds of its creation, or the first one free after."""
        number = max(_microseconds(document.created), 1)
        while number in self._documents:
            number += 1
        return number

    def _insert(self, number: int, document: IndexedDocument) -> None:
        title, body = (
            document.words.folded[: document.words.title_end],
            document.words.folded[document.words.title_end :],
        )
        created = _microseconds(document.created)
        self._writer.execute("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", (number, title, body))
        self._writer.execute(
            "INSERT INTO document VALUES (?, ?, ?, ?)", (number, document.type_code, document.class_code, created)
        )
        self._writer.executemany("INSERT INTO author VALUES (?, ?)", [(number, name) for name in document.authors])


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _by_grade(graded: Sequence[tuple[int, float]]) -> list[int]:
    """Best first (bm25 is negative, the best the lowest); of the same tenth, the latest first."""
    best = min((grade for _, grade in graded), default=0.0) or -1.0
    return [-later for _, later in sorted((-round(_GRADES * grade / best), -number) for number, grade in graded)]


def _restriction(filters: SearchFilters) -> dict[str, str | int | None]:
    """The values of `_FILTERED`."""
    since, until = filters.created_from, filters.created_to
    return {
        "types": json.dumps(filters.type_codes),
        "classes": json.dumps(filters.class_codes),
        "authors": json.dumps(filters.authors),
        "since": None if since is None else _microseconds(since),
        "until": None if until is None else _microseconds(until),
    }
