"""The documents of a record copied to a folder: whole files or none, nothing of the patient in their names, resumable."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dmp_desktop.domain.dmp_ports import LargeRetrieval
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpError, StorageError

BATCH = 20
"""Documents asked for at once, as elsewhere in the flow of the DMP (PDSm4DMP, "exemples d'usage")."""
BATCH_BYTES = 20_000_000
LARGE = 10_000_000
"""Bytes from which a document has a request of its own, straight to its file; so has one whose size nobody told."""

_SUFFIXES = {
    "text/xml": "xml",
    "application/xml": "xml",
    "application/pdf": "pdf",
    "application/dicom": "dcm",
    "text/plain": "txt",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
}
_READ = 1024 * 1024


class Fate(StrEnum):
    """What became of a document."""

    WRITTEN = "written"
    PRESENT = "present"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Exported:
    """`why` is told when it was refused."""

    entry: DocumentEntry
    file: Path
    fate: Fate
    why: DmpError | None = None


def file_name(entry: DocumentEntry) -> str:
    """The day it was made and a digest of its uniqueId, which some software derives from the patient's own number."""
    digest = hashlib.sha256(entry.unique_id.encode()).hexdigest()[:16]
    suffix = _SUFFIXES.get(entry.mime_type.partition(";")[0].strip().lower(), "bin")
    return f"{entry.creation_time:%Y-%m-%d}_{digest}.{suffix}"


def export(
    dmp: LargeRetrieval, patient: InsIdentity, entries: Sequence[DocumentEntry], folder: Path
) -> Iterator[Exported]:
    """Copy documents to `folder`, which is made for its user alone. What is there already, as the DMP lists it, is left alone.

    One document that the DMP refuses does not stop the others. Raises DmpError when the DMP is out of reach, CardError,
    StorageError: what was told is written, calling again goes on from there.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
    except OSError:
        raise _unwritable() from None
    batch: list[DocumentEntry] = []
    alone: list[DocumentEntry] = []
    for entry in entries:
        file = folder / file_name(entry)
        if _is_there(entry, file):
            yield Exported(entry, file, Fate.PRESENT)
        elif 0 < entry.size < LARGE:
            batch.append(entry)
        else:
            alone.append(entry)
    for some in _batches(batch):
        written: set[str] = set()
        with contextlib.suppress(DmpError):  # asked for one by one below: each tells its own reason
            for entry, content in dmp.retrieve_many(patient, some):
                file = folder / file_name(entry)
                write_whole(content, file)
                written.add(entry.unique_id)
                yield Exported(entry, file, Fate.WRITTEN)
        alone += [entry for entry in some if entry.unique_id not in written]
    for entry in alone:
        yield _alone(dmp, patient, entry, folder / file_name(entry))


def _alone(dmp: LargeRetrieval, patient: InsIdentity, entry: DocumentEntry, file: Path) -> Exported:
    try:
        dmp.retrieve_to(patient, entry, file)
    except DmpError as why:
        if why.retryable or why.ambiguous:
            raise
        return Exported(entry, file, Fate.REFUSED, why)
    return Exported(entry, file, Fate.WRITTEN)


def _batches(entries: Sequence[DocumentEntry]) -> Iterator[list[DocumentEntry]]:
    some: list[DocumentEntry] = []
    for entry in entries:
        if some and (len(some) == BATCH or sum(one.size for one in some) + entry.size > BATCH_BYTES):
            yield some
            some = []
        some.append(entry)
    if some:
        yield some


def _is_there(entry: DocumentEntry, file: Path) -> bool:
    """Whether the file is the document as listed; without a hash nothing tells, and it is fetched again."""
    if not entry.hash_sha1:
        return False
    told = hashlib.sha1(usedforsecurity=False)
    try:
        with file.open("rb") as content:
            while piece := content.read(_READ):
                told.update(piece)
    except OSError:
        return False
    return told.hexdigest() == entry.hash_sha1.lower()


def write_whole(content: bytes, file: Path) -> None:
    """The whole file or none, for its user alone. Raises StorageError."""
    beside = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as written:
            written.write(content)
        beside.replace(file)
    except OSError:
        raise _unwritable() from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """What an export that was killed had begun."""
    for begun in folder.glob(".????-??-??_*.*.*"):
        begun.unlink(missing_ok=True)


def _unwritable() -> StorageError:
    return StorageError(
        "write-failed",
        "Les documents ne peuvent pas être écrits dans ce dossier.",
        "Vérifiez la place libre et le droit d'écrire dans ce dossier.",
    )
