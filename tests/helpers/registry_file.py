"""A DMP whose registry is one file, shared by processes that are killed: each deposit is one line, written by one system call.

It takes the same document twice without a word.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from dmp_desktop.domain.documents import DocumentEntry, Submission
from dmp_desktop.domain.ins import InsIdentity
from tests.helpers.fake_repository import FakeDmpRepository, Fault, failure
from tests.helpers.outbox import built, read_metadata


class RegistryFile(FakeDmpRepository):
    """`lose_every`: of so many deposits, one is kept but its answer lost."""

    def __init__(self, path: Path, lose_every: int = 5) -> None:
        super().__init__()
        self._path = path
        self._lose_every = lose_every
        self._deposits = 0

    def deposits(self) -> list[str]:
        """The uniqueIds deposited, in order, doubles included."""
        if not self._path.exists():
            return []
        return [line.split(" ")[0] for line in self._path.read_text().splitlines()]

    def find_by_unique_id(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[DocumentEntry]:
        kept = set(self.deposits())
        return [read_metadata(built(int(name.rpartition(".")[2])).cda) for name in unique_ids if name in kept]

    def submit(self, submission: Submission) -> None:
        [(entry, content)] = submission.documents
        line = f"{entry.unique_id} {hashlib.sha1(content).hexdigest()}\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(descriptor, line.encode())
        os.close(descriptor)
        self._deposits += 1
        if self._deposits % self._lose_every == 0:
            raise failure(Fault.ANSWER_LOST)
