"""What a disk may hold after its power went: from the record of what a process wrote, flushed, cut, named and forgot.

A model of a disk that keeps its promises and no more: what was flushed (fsync, fdatasync) is there; of the rest anything may be, in
any order, each write whole, in part (sectors of 512 bytes) or not at all. A name is there for good once its folder was flushed;
before, the names a cut leaves are those of some moment since (a journalled file system keeps their order). The number of a file that
is gone is soon another's (ext4 gives the lowest that is free): a new file has nothing of the former, whose name, where a cut leaves it,
still has its own bytes.
"""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

SECTOR = 512
_RECORD = struct.Struct("5q")


class Operation(IntEnum):
    WRITE = 1
    CUT = 2
    FLUSH = 3
    NAME = 4
    FORGET = 5
    ACKNOWLEDGE = 6
    REPLACE = 7
    LINK = 8


@dataclass(frozen=True, slots=True)
class Record:
    operation: Operation
    inode: int
    """For ACKNOWLEDGE the number."""
    offset: int
    name: str
    data: bytes


def library(folder: Path) -> Path:
    """The recorder, for LD_PRELOAD, built in this folder."""
    built = folder / "recorded_files.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", built, source, "-ldl"], check=True)
    return built


def records(file: Path, since: int = 0) -> Iterator[Record]:
    """`since`: bytes of it that are left out."""
    content, place = file.read_bytes(), since
    while place < len(content):
        operation, inode, offset, size, name = _RECORD.unpack_from(content, place)
        place += _RECORD.size
        path = content[place : place + name].decode()
        data = content[place + name : place + name + size]
        place += name + size
        yield Record(Operation(operation), inode, offset, path, data)


@dataclass(eq=False)
class _File:
    kept: bytearray = field(default_factory=bytearray)
    pending: list[Record] = field(default_factory=list)

    def apply(self, record: Record, data: bytes | None = None) -> None:
        if record.operation is Operation.CUT:
            del self.kept[record.offset :]
            self.kept.extend(bytes(record.offset - len(self.kept)))
            return
        content = record.data if data is None else data
        if len(self.kept) < record.offset:
            self.kept.extend(bytes(record.offset - len(self.kept)))
        self.kept[record.offset : record.offset + len(content)] = content


class Disk:
    """Fed with records in order; `cut` writes what one cut now may leave."""

    def __init__(self, folder: Path, folder_inode: int) -> None:
        self._folder, self._folder_inode = folder, folder_inode
        self._files: dict[int, _File] = {}  # whose number it is now
        self._names: list[dict[str, _File]] = [{}]  # since the folder was last flushed, the latest last
        self.acknowledged: list[int] = []

    def hold(self, file: Path) -> None:
        """A file that is there, flushed and named, before the first record."""
        held = self._files[file.stat().st_ino] = _File(bytearray(file.read_bytes()))
        self._names[0][str(file)] = held

    def feed(self, record: Record) -> None:
        if record.operation is Operation.ACKNOWLEDGE:
            self.acknowledged.append(record.inode)
        elif record.operation in (Operation.WRITE, Operation.CUT):
            self._files.setdefault(record.inode, _File()).pending.append(record)
        elif record.operation is Operation.FLUSH:
            self._flush(record.inode)
        else:
            self._name(record)

    def _flush(self, inode: int) -> None:
        if inode == self._folder_inode:
            self._names = self._names[-1:]
            return
        file = self._files.setdefault(inode, _File())
        for record in file.pending:
            file.apply(record)
        file.pending.clear()

    def _name(self, record: Record) -> None:
        names = dict(self._names[-1])
        if record.operation is Operation.FORGET:
            names.pop(record.name, None)
        elif record.operation is Operation.NAME:
            made = self._files.get(record.inode)
            if made is None or names.get(record.name) is not made:  # else two processes told of one making
                self._files[record.inode] = _File()
            names[record.name] = self._files[record.inode]
        else:
            names[record.name] = self._files.setdefault(record.inode, _File())
        if record.operation is Operation.REPLACE:
            names.pop(record.data.decode(), None)
        self._names.append(names)

    def cut(self, into: Path, chance: random.Random) -> None:
        """Into an empty folder."""
        how = chance.choice(("nothing", "everything", "some", "some", "some"))
        for name, file in chance.choice(self._names).items():
            if name.endswith("-shm"):  # shared memory: worth nothing after a cut, SQLite makes it anew
                continue
            left = _File(bytearray(file.kept))
            for record in file.pending:
                if how == "everything" or (how == "some" and chance.random() < 0.5):
                    left.apply(record)
                elif how == "some" and record.operation is Operation.WRITE and chance.random() < 0.5:
                    left.apply(record, _torn(record, left.kept, chance))
            place = into / Path(name).relative_to(self._folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(left.kept)


def _torn(record: Record, before: Sequence[int], chance: random.Random) -> bytes:
    """Some of its sectors, in place; the others as they were."""
    old = bytes(before[record.offset : record.offset + len(record.data)])
    content = bytearray(old.ljust(len(record.data), b"\0"))
    for start in range(-(record.offset % SECTOR), len(record.data), SECTOR):
        if chance.random() < 0.5:
            first = max(start, 0)
            content[first : start + SECTOR] = record.data[first : start + SECTOR]
    return bytes(content)
