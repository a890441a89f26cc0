"""The digest of the sandbox's chronic record (400 documents), through the real HTTPS server and the real encrypted cache.

Cold: nothing is kept, every document is a request; what the doctor sees first is told beside the whole. Warm: documents and what
they say are in the encrypted cache and nothing of them in memory, as when a patient comes back within the day. To be read: only
the documents are there. At hand: the tab is opened again. Each for a doctor who last wrote in the record, and for one who opens
it for the first time (two years are new). The server runs in this very process: its time is in the cold figures.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import seconds
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services import documents
from dmp_desktop.services.digest import Digest, DigestService
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.facts import AHEAD, FactsReader
from dmp_desktop.services.kept_facts import KeptFacts
from dmp_desktop.services.late import LateDeposits
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from tests.helpers.owned import seals_of
from tests.helpers.sandbox_client import Connection, patient_of

LIMIT_MS = 300.0
ROUNDS = 5
DOCTOR = "810002422979"
"""National identifier of the sandbox's doctor, who writes in the chronic record."""


@dataclass(frozen=True, slots=True)
class Record:
    """The chronic record listed, its documents still to be fetched; `dossier` reads through the cache."""

    patient: Patient
    entries: list[DocumentEntry]
    dossier: DossierService
    fetching: ThreadPoolExecutor
    kept: KeptFacts

    def service(self, me: str | None, *, unread: bool = False) -> DigestService:
        """With nothing in memory yet; `unread`: nor in the cache."""
        reader = FactsReader(
            self.dossier.content, executor=self.fetching, at_hand=self.dossier.kept, store=None if unread else self.kept
        )
        deposits = LateDeposits(self.dossier.deposited, self.fetching)
        return DigestService(lambda: me, SystemClock(), reader, deposits)


@contextmanager
def chronic_record(folder: Path) -> Iterator[Record]:
    """Over mutual TLS, with an encrypted database in `folder`."""
    with ExitStack() as opened:
        sandbox = opened.enter_context(Sandbox(folder / "sandbox"))
        connection = opened.enter_context(Connection(sandbox))
        database = opened.enter_context(Database.open(folder / "a.db", os.urandom(32)))
        fetching = opened.enter_context(ThreadPoolExecutor(AHEAD))
        clock = SystemClock()
        store = CacheStore(database, Seal(os.urandom(32), "cache"), seals_of(os.urandom(32)), clock)
        dossier = DossierService(
            lambda: connection.client, documents.PatientCache(store), documents.render, lambda: DOCTOR, clock
        )
        kept = KeptFacts(store, lambda: DOCTOR)
        patient = patient_of(sandbox, "chronic")
        yield Record(patient, dossier.entries(patient), dossier, fetching, kept)


def main() -> None:
    for who, me in (("doctor of the record", DOCTOR), ("first opening", None)):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, chronic_record(Path(folder)) as record:
            parts: list[tuple[float, Digest]] = []
            began = time.perf_counter()
            cold = record.service(me).digest(
                record.patient,
                record.entries,
                on_part=lambda part, began=began, parts=parts: parts.append((time.perf_counter() - began, part)),
            )
            whole = time.perf_counter() - began
            titles, results = parts[0][0], parts[1][0]
            print(f"{len(record.entries)} documents, {who}: {sum(cold.counts.values())} new, {len(cold.lines)} lines")
            print(
                f"  cold: titles {titles * 1e3:.0f} ms, abnormal results {results * 1e3:.0f} ms, whole {whole * 1e3:.0f} ms"
            )
            services = [record.service(me, unread=True) for _ in range(ROUNDS)]
            unread = min(
                seconds(lambda service=service: service.digest(record.patient, record.entries)) for service in services
            )
            print(f"  warm, documents to be read     {unread * 1e3:6.0f} ms")
            services = [record.service(me) for _ in range(ROUNDS)]
            warm = min(
                seconds(lambda service=service: service.digest(record.patient, record.entries)) for service in services
            )
            print(f"  warm, from the encrypted cache {warm * 1e3:6.0f} ms   (limit {LIMIT_MS:.0f} ms)")
            again = min(
                seconds(lambda service=services[0]: service.digest(record.patient, record.entries))
                for _ in range(ROUNDS)
            )
            print(f"  warm, facts at hand            {again * 1e3:6.0f} ms   (limit {LIMIT_MS:.0f} ms)")


if __name__ == "__main__":
    main()
