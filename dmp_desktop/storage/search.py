"""The full-text index of cached documents: sealed like them, dropped with them, searched in memory one patient at a time."""

from __future__ import annotations

import json
import threading
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.search import Hit, SearchFilters
from dmp_desktop.storage.cache import DEFAULT_TTL
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import cached_document, indexed_document
from dmp_desktop.storage.sealing import OpenSeal, OwnedSeal, Seal
from dmp_desktop.storage.search_living import LivingDocuments
from dmp_desktop.storage.search_memory import IndexedDocument, MemoryIndex
from dmp_desktop.storage.search_snippet import hit_in
from dmp_desktop.storage.search_text import IndexedText, Term, needles_of

_PURPOSE = "search"
_BATCH = 50  # documents read into memory at a time: searches see them as they come
_LENGTH_BYTES = 4


class SearchStore:
    """Words of documents by patient and uniqueId, under the `names`, the keys and the `ttl` of the `CacheStore` they come from.

    A document is found as long as the cache would give it, not a moment longer; what is in memory is checked at each search.
    While nobody who reads records is signed in, nothing is found, nor stays in memory.
    """

    def __init__(
        self, database: Database, names: Seal, open_seal: OpenSeal, clock: Clock, ttl: timedelta = DEFAULT_TTL
    ) -> None:
        self._database = database
        self._names = names
        self._open_seal = open_seal
        self._clock = clock
        self._ttl = ttl
        self._lock = threading.Lock()
        self._open: _Opened | None = None

    @property
    def keeps(self) -> bool:
        """Whether anything put now would be kept."""
        return self._ttl > timedelta(0) and self._open_seal(_PURPOSE) is not None

    def put(self, patient: str, document: IndexedDocument) -> bool:
        """Keep a document's words beside the cached document; False, and nothing kept, when it is not (or no longer) there.

        Raises StorageError.
        """
        whose = self._whose(patient)
        if whose is None:
            return False
        pseudonym, own = whose.pseudonym, whose.own
        sealed = own.seal.seal(_packed(document), _place(pseudonym, document.unique_id))
        statement = insert(indexed_document).values(
            unique_id=document.unique_id, key_id=own.key_id, patient=pseudonym, sealed=sealed
        )
        cached = sa.select(cached_document.c.unique_id).where(
            cached_document.c.unique_id == document.unique_id, *self._readable(whose)
        )
        with self._database.write() as connection:
            if connection.execute(cached).first() is None:
                return False
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["unique_id", "key_id"], set_={"patient": pseudonym, "sealed": sealed}
                )
            )
        with self._lock:
            opened = self._open
        if opened is not None and opened.whose.same(whose):
            opened.memory.add([document])
        return True

    def ids(self, patient: str) -> frozenset[str]:
        """uniqueIds of the patient's documents that a search goes through. Raises StorageError."""
        whose = self._whose(patient)
        if whose is None:
            return frozenset()
        with self._lock:
            opened = self._open
        if opened is not None and opened.whose.same(whose):
            return opened.living.ids(self._clock.now())  # the window asks at each keystroke
        return self._ids(whose)

    def load(self, patient: str) -> None:
        """Bring a patient's words into memory, in place of those of the patient before. Raises StorageError."""
        whose = self._whose(patient)
        if whose is None:
            return
        opened = self._opened(whose)
        with opened.loading:
            self._load(opened)

    def search(self, patient: str, terms: Sequence[Term], filters: SearchFilters, limit: int) -> tuple[Hit, ...]:
        """The first `limit` documents that hold every term, by relevance, then the latest.

        While another thread loads the patient's words, what is in so far is searched. Raises StorageError.
        """
        whose = self._whose(patient)
        if whose is None or not terms or limit < 1:
            return ()
        opened = self._opened(whose)
        if not opened.loaded and opened.loading.acquire(blocking=False):
            try:
                self._load(opened)
            finally:
                opened.loading.release()
        found = opened.memory.match(terms, filters, limit)
        if found and not opened.living.hold([document.unique_id for document in found], self._clock.now()):
            self._sweep(opened)
            found = opened.memory.match(terms, filters, limit)
        needles = needles_of(terms)
        return tuple(hit_in(document, needles) for document in found)

    def sweep(self) -> None:
        """Drop from memory what the cache no longer holds: after a purge, a masking, a deletion. Raises StorageError."""
        with self._lock:
            opened = self._open
        if opened is None:
            return
        if self._open_seal(_PURPOSE) is None:
            self.close()
        else:
            self._sweep(opened)

    def close(self) -> None:
        """Forget every word in memory: the professional left, or the record is closed."""
        with self._lock:
            opened, self._open = self._open, None
        if opened is not None:
            opened.close()

    def _whose(self, patient: str) -> _Whose | None:
        own = self._open_seal(_PURPOSE)
        if own is None:
            self.close()
            return None
        return _Whose(self._names.pseudonym(patient), own)

    def _opened(self, whose: _Whose) -> _Opened:
        with self._lock:
            before = self._open
            if before is not None and before.whose.same(whose):
                return before
            living = LivingDocuments(self._database, whose.pseudonym, whose.own.key_id, self._ttl)
            self._open = opened = _Opened(whose, MemoryIndex(), living)
        if before is not None:
            before.close()
        return opened

    def _load(self, opened: _Opened) -> None:
        """Under `opened.loading`. What was put meanwhile is there already, or comes with the rest."""
        self._sweep(opened)
        missing = sorted(self._ids(opened.whose) - opened.memory.ids())
        for start in range(0, len(missing), _BATCH):
            opened.memory.add(self._read(opened.whose, missing[start : start + _BATCH]))
        opened.memory.optimise()
        opened.loaded = True

    def _read(self, whose: _Whose, unique_ids: Sequence[str]) -> list[IndexedDocument]:
        wanted = self._living(whose, indexed_document.c.unique_id, indexed_document.c.sealed)
        with self._database.read() as connection:
            rows = connection.execute(wanted.where(indexed_document.c.unique_id.in_(unique_ids))).all()
        seal = whose.own.seal
        return [_unpacked(name, seal.open(sealed, _place(whose.pseudonym, name))) for name, sealed in rows]

    def _ids(self, whose: _Whose) -> frozenset[str]:
        with self._database.read() as connection:
            return frozenset(connection.execute(self._living(whose, indexed_document.c.unique_id)).scalars())

    def _living(self, whose: _Whose, *columns: sa.Column[Any]) -> sa.Select[Any]:
        document, words = cached_document.c, indexed_document.c
        return (
            sa.select(*columns)
            .join(cached_document, sa.and_(document.unique_id == words.unique_id, document.key_id == words.key_id))
            .where(words.patient == whose.pseudonym, *self._readable(whose))
        )

    def _readable(self, whose: _Whose) -> tuple[sa.ColumnElement[bool], ...]:
        """When `CacheStore.get` gives a document, the clock set back included."""
        now = self._clock.now()
        document = cached_document.c
        expires = document.expires_at
        return (
            document.patient == whose.pseudonym,
            document.key_id == whose.own.key_id,
            expires > now,
            expires <= now + self._ttl,
        )

    def _sweep(self, opened: _Opened) -> None:
        opened.memory.remove(opened.memory.ids() - self._ids(opened.whose))


@dataclass(frozen=True, slots=True)
class _Whose:
    """A patient's words as one person's key closes them."""

    pseudonym: str
    own: OwnedSeal

    def same(self, other: _Whose) -> bool:
        return (self.pseudonym, self.own.key_id) == (other.pseudonym, other.own.key_id)


@dataclass(slots=True)
class _Opened:
    """The patient whose words are in memory."""

    whose: _Whose
    memory: MemoryIndex
    living: LivingDocuments
    loading: threading.Lock = field(default_factory=threading.Lock)
    loaded: bool = False

    def close(self) -> None:
        self.memory.close()
        self.living.close()


def _packed(document: IndexedDocument) -> bytes:
    """The words' places as they are, after the JSON of all else and its length: no place is parsed when a patient is opened."""
    words = document.words
    told = [
        document.title,
        document.type_code,
        document.class_code,
        document.created.isoformat(),
        document.authors,
        words.text,
        words.folded,
        words.title_end,
        words.passages,
    ]
    head = json.dumps(told, ensure_ascii=False).encode(errors="surrogatepass")
    return len(head).to_bytes(_LENGTH_BYTES, "little") + head + words.starts.tobytes() + words.ends.tobytes()


def _unpacked(unique_id: str, packed: bytes) -> IndexedDocument:
    end = _LENGTH_BYTES + int.from_bytes(packed[:_LENGTH_BYTES], "little")
    told = json.loads(packed[_LENGTH_BYTES:end].decode(errors="surrogatepass"))
    title, type_code, class_code, created, authors, text, folded, title_end, passages = told
    half = (end + len(packed)) // 2
    starts, ends = array("I", packed[end:half]), array("I", packed[half:])
    places = tuple((start, code, name) for start, code, name in passages)
    words = IndexedText(text, folded, title_end, starts, ends, places)
    return IndexedDocument(
        unique_id, title, type_code, class_code, datetime.fromisoformat(created), tuple(authors), words
    )


def _place(pseudonym: str, unique_id: str) -> str:
    return f"search/{pseudonym}/{unique_id}"
