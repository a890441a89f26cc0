"""Opening a record of 2,000 documents: the bytes of a TD3.1 answer to the sorted list, beside lxml.iterparse over the same bytes.

The answer is the stand-in server's own writing of the chronic patient's record, five times over under other identifiers, handed
over in chunks of 64 kB as the transport does, without the network. Limits: the first 50 rows within 10 ms of the last byte of the
50th entry (beside it, the same as if all had come at once), the whole list, sorted, within 1.2 times iterparse.
"""

from __future__ import annotations

import hashlib
import io
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import NAMESPACE_OID, uuid5

from lxml import etree

from benchmarks import seconds
from dmp_desktop.dmp import names, registry_reader
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.sandbox.ebrim import write_object
from dmp_desktop.sandbox.patients import STORIES
from dmp_desktop.sandbox.records import metadata
from dmp_desktop.sandbox.records.timeline import plans
from dmp_desktop.services.folding import fold
from dmp_desktop.services.kept_list import KeptList, pack, unpack

DOCUMENTS = 2000
FIRST = 50
CHUNK = 64 * 1024  # of dmp/transport.py
FIRST_LIMIT_MS = 10.0
LIMIT = 1.2
FOLD_LIMIT_MS = 10.0
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROUNDS = 9
ENTRY = f"{{{names.RIM}}}ExtrinsicObject"


def main() -> None:
    body = answer(DOCUMENTS)
    chunks = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)]
    assert len(listed(chunks)) == DOCUMENTS
    bare, whole, first, at_once = [], [], [], []
    for _ in range(ROUNDS):  # interleaved: a busy machine slows all alike
        bare.append(seconds(lambda: iterparse(body)))
        whole.append(seconds(lambda: listed(chunks)))
        at_once.append(seconds(lambda: list(islice(registry_reader.entries(chunks), FIRST))))
        first.append(after_last_byte(chunks))
    ours, theirs = min(whole), min(bare)
    print(f"{DOCUMENTS} entries, {len(body) / 1e6:.1f} MB, in chunks of {CHUNK // 1024} kB; best of {ROUNDS}")
    print(f"  lxml.iterparse, nothing kept  {theirs * 1e3:7.1f} ms")
    print(f"  whole list, sorted            {ours * 1e3:7.1f} ms   {ours / theirs:.2f} x iterparse   (limit {LIMIT} x)")
    print(
        f"  first {FIRST} rows                 {min(first) * 1e3:7.1f} ms after their last byte   (limit {FIRST_LIMIT_MS:.0f} ms)"
        f"   {min(at_once) * 1e3:.1f} ms when they come at once"
    )
    kept = KeptList(tuple(listed(chunks)), NOW, NOW, None)
    packed = pack(kept)
    apart = tuple(  # five times the same record is no record: each copy gets acts and bytes of its own
        replace(entry, hash_sha1=f"{rank:040x}", service_start=entry.creation_time + timedelta(minutes=rank))
        for rank, entry in enumerate(kept.entries)
    )
    folding, reading, writing = (
        min(seconds(work) for _ in range(ROUNDS))
        for work in (lambda: fold(apart), lambda: unpack(packed), lambda: pack(kept))
    )
    print(f"  folded into rows              {folding * 1e3:7.1f} ms   (limit {FOLD_LIMIT_MS:.0f} ms)")
    print(f"  kept list, read               {reading * 1e3:7.1f} ms   {len(packed) / 1e3:.0f} kB")
    print(f"  kept list, written            {writing * 1e3:7.1f} ms")
    tracemalloc.start()
    held_list = listed(chunks)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(
        f"  memory of {len(held_list)} entries        {held / 1e6:7.1f} MB   at most {peak / 1e6:.1f} MB, libxml2 apart"
    )


def listed(chunks: list[bytes]) -> list[DocumentEntry]:
    return sorted(registry_reader.entries(chunks), key=lambda entry: entry.creation_time, reverse=True)


def after_last_byte(chunks: list[bytes]) -> float:
    """Seconds from the chunk that ends the 50th entry to the 50th row."""
    came = 0.0

    def coming() -> Iterator[bytes]:
        nonlocal came
        for chunk in chunks:
            came = time.perf_counter()
            yield chunk

    for _ in islice(registry_reader.entries(coming()), FIRST):
        pass
    return time.perf_counter() - came


def iterparse(body: bytes) -> None:
    for _event, element in etree.iterparse(io.BytesIO(body), tag=ENTRY):
        element.clear()


def answer(count: int) -> bytes:
    """A FindDocuments answer of `count` entries, in its SOAP envelope."""
    return b"".join(
        (
            f'<s:Envelope xmlns:s="{names.SOAP}"><s:Body><query:AdhocQueryResponse xmlns:query="{names.QUERY}" '
            f'xmlns:rim="{names.RIM}" xmlns:rs="{names.RS}" status="{names.STATUS_SUCCESS}"><rim:RegistryObjectList>'.encode(),
            *islice(_entries(), count),
            b"</rim:RegistryObjectList></query:AdhocQueryResponse></s:Body></s:Envelope>",
        )
    )


def _entries() -> Iterator[bytes]:
    story = next(story for story in STORIES if story.name == "chronic")
    written = [
        (plan, write_object(metadata.entry(plan, hashlib.sha1(plan.unique_id.encode()).digest())))
        for plan in plans(story, NOW)
    ]
    for turn in range(1000):
        for plan, text in written:
            unique = uuid5(NAMESPACE_OID, f"{plan.unique_id}/{turn}")
            yield (
                text.replace(plan.entry_uuid, f"urn:uuid:{unique}")
                .replace(plan.unique_id, f"2.25.{unique.int}")
                .encode()
            )


if __name__ == "__main__":
    main()
