"""One part of a package while it arrives: decoded, hashed and counted on the way, in memory or in a file."""

from __future__ import annotations

import binascii
import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.errors import DmpError, StorageError

MAX_MEMORY = 128 * 1024 * 1024
"""Bytes of the parts of one answer that are held in memory. What is larger goes to a file, or is refused."""
SMALL = 1024 * 1024
"""Bytes up to which a part stays in memory even where there is a place for files."""
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """A whole part: its bytes, or the file that holds them. `sha1` (hexadecimal) and `size` are theirs, once decoded."""

    content_id: str
    media_type: str
    size: int
    sha1: str
    content: bytes = b""
    file: Path | None = None

    def read(self) -> bytes:
        return self.content if self.file is None else self.file.read_bytes()


@dataclass(slots=True)
class Keep:
    """Where the parts of one answer go: `new_file` names a file for one that is large; without it all stay in memory."""

    new_file: Callable[[], Path] | None = None
    held: int = 0


class Receiving:
    """A part that is being received. Raises DmpError when it is too large or badly encoded, StorageError when the disk fails."""

    def __init__(self, headers: dict[str, str], content_id: str, keep: Keep) -> None:
        self._media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        self._content_id = content_id
        self._keep = keep
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._size = 0
        self._memory = io.BytesIO()  # gives its bytes away without a copy
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        encoding = headers.get("content-transfer-encoding", "binary").lower()
        if encoding not in ("binary", "8bit", "7bit", "base64"):
            raise unreadable("transfer encoding")
        self._base64 = b"" if encoding == "base64" else None

    def take(self, untrusted: memoryview) -> None:
        """The next bytes, which are the caller's again afterwards."""
        if self._base64 is None:
            self._store(untrusted)
            return
        pending = self._base64 + bytes(untrusted).translate(None, _BLANKS)
        whole = len(pending) - len(pending) % 4
        self._base64 = pending[whole:]
        try:
            self._store(memoryview(binascii.a2b_base64(pending[:whole], strict_mode=True)))
        except binascii.Error:
            raise unreadable("base64") from None

    def whole(self) -> Part:
        """The part, once its last byte was taken."""
        if self._base64:
            raise unreadable("base64")
        if self._file is not None:
            with _disk():
                self._file.close()  # not made durable: a document can be fetched again
        content, self._memory = self._memory.getvalue(), io.BytesIO()
        return Part(self._content_id, self._media_type, self._size, self._sha1.hexdigest(), content, self._path)

    def abandon(self) -> None:
        """Close the file; whoever named it removes it."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()

    def _store(self, untrusted: memoryview) -> None:
        self._sha1.update(untrusted)
        self._size += len(untrusted)
        if self._file is None and self._keep.new_file is not None and self._size > SMALL:
            self._spill(self._keep.new_file())
        if self._file is not None:
            with _disk():
                self._file.write(untrusted)
            return
        self._keep.held += len(untrusted)
        if self._keep.held > MAX_MEMORY:
            raise too_large()
        self._memory.write(untrusted)

    def _spill(self, path: Path) -> None:
        with _disk():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            self._path = path
            self._file = os.fdopen(descriptor, "wb", buffering=0)
            begun = self._memory.getvalue()
            self._file.write(begun)
            self._keep.held -= len(begun)
        self._memory = io.BytesIO()


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise file_failed() from error


def file_failed() -> StorageError:
    return StorageError(
        "write-failed",
        "Le document n'a pas pu être écrit sur le disque.",
        "Vérifiez la place libre et le droit d'écrire dans ce dossier.",
    )


def too_large() -> DmpError:
    return DmpError(
        "DocumentTropVolumineux",
        "Ce document est trop volumineux pour être affiché.",
        "Exportez-le dans un fichier pour l'ouvrir avec un autre logiciel.",
    )
