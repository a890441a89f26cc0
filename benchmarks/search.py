"""Full-text search, one keystroke at a time, over a record of 2,000 documents of about 3 kB of words.

The limit is 2 ms a keystroke (95th percentile of all keystrokes of the searches below); beside it, the same FTS5 MATCH alone, so
that what our layers add is seen: checking that the cache still holds what was found, counting, snippets.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.domain.search import Passage
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.services.search import SearchService
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.search import SearchStore
from dmp_desktop.storage.search_memory import GRADED, LATEST, RANKED, MemoryIndex
from dmp_desktop.storage.search_text import parse_query

DOCUMENTS = 2000
WORDS = 470  # about 3 kB
LIMIT_MS = 2.0
NOTES = Path("tests/data/notes")
TYPED = (
    "hypertension artérielle",
    "metformine 1000",
    "HbA1c 6,8",
    "K+ 4,1",
    '"insuffisance cardiaque"',
    "douleur de la hanche",
    "anti-inflammatoire",
    "œdème",
    "de la",
    "a",
)
PATIENT = Patient(
    InsIdentity("279035121518989", OID_INS_TEST), "TEST-PATIENTE", "MARIE", "MARIE", Sex.FEMALE, date(1979, 3, 12), "51215"
)  # fmt: skip
KIND = Code("11488-4", "2.16.840.1.113883.6.1")


def main() -> None:
    key = os.urandom(32)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, Database.open(Path(folder) / "a.db", key) as database:
        seal, clock = Seal(key, "cache"), SystemClock()
        cache, store = CacheStore(database, seal, clock), SearchStore(database, seal, clock)
        service = SearchService(store, lambda content: (Passage(content.decode(), "47420-5", "Note"),))
        record = documents()
        for entry, content in record:
            cache.put(PATIENT.ins.value, entry.unique_id, content)
        began = time.perf_counter()
        for entry, content in record:
            service.index(PATIENT, entry, content)
        built = time.perf_counter() - began
        began = time.perf_counter()
        service.prepare(PATIENT)
        loaded = time.perf_counter() - began
        assert len(service.indexed(PATIENT)) == DOCUMENTS
        assert store._open is not None
        alone, ours, found = measure(service, store._open.memory)
        store.close()
    size = sum(len(content) for _, content in record) / DOCUMENTS
    print(
        f"{DOCUMENTS} documents of {size / 1000:.1f} kB of words, {len(ours)} keystrokes of {len(TYPED)} searches, {found} hits"
    )
    print(f"  index, on disk when told   {DOCUMENTS / built:7.0f} documents/s")
    print(f"  record brought to memory   {DOCUMENTS / loaded:7.0f} documents/s   {loaded * 1e3:.0f} ms")
    for name, share in (("median", 50), ("95 %", 95), ("slowest", 100)):
        bare, whole = (_percentile(times, share) * 1e3 for times in (alone, ours))
        print(
            f"  keystroke, {name:<8}        {whole:7.2f} ms   FTS5 alone {bare:.2f} ms"
            + (f"   (limit {LIMIT_MS} ms)" if share == 95 else "")
        )


def measure(service: SearchService, memory: MemoryIndex) -> tuple[list[float], list[float], int]:
    """Seconds of each keystroke, FTS5 alone and ours, interleaved, the best of nine each (the rest is the machine's); hits."""
    alone, ours, found = [], [], 0
    for typed in TYPED:
        for end in range(1, len(typed) + 1):
            expression = " AND ".join(term.match for term in parse_query(typed[:end]))
            bare, whole = [], []
            for _ in range(9):
                began = time.perf_counter()
                hits = service.search(PATIENT, typed[:end])
                whole.append(time.perf_counter() - began)
                began = time.perf_counter()
                if expression:
                    values = {"words": expression, "limit": RANKED}
                    if 1 < len(memory._reader.execute(LATEST, values).fetchall()) < RANKED:
                        memory._reader.execute(GRADED, values).fetchall()
                bare.append(time.perf_counter() - began)
            alone.append(min(bare))
            ours.append(min(whole))
            found += len(hits)
    return alone, ours, found


def documents() -> list[tuple[DocumentEntry, bytes]]:
    """Sentences of the invented notes, drawn at random, and in each document a few words of its own."""
    draw = random.Random(1)
    words = " ".join(file.read_text("utf-8") for file in sorted(NOTES.glob("*/*.txt"))).split()
    record = []
    for number in range(DOCUMENTS):
        start = draw.randrange(len(words) - WORDS)
        own = [f"laboratoire{draw.randrange(3000)}" for _ in range(20)]
        content = " ".join(words[start : start + WORDS] + own).encode()
        made = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(hours=9 * number)
        record.append((DocumentEntry(f"2.25.{number}", "Compte rendu", KIND, KIND, KIND, made), content))
    return record


def _percentile(times: list[float], share: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


if __name__ == "__main__":
    main()
