"""TD3.2, one document or several, in memory or straight to a file: `LargeRetrieval` of the ports."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dmp_desktop.dmp import catalogue, names, retrieve
from dmp_desktop.dmp.channel import Reading, content, in_order
from dmp_desktop.dmp.conversation import Conversation, require_qualified
from dmp_desktop.dmp.named_file import pour, replaceable
from dmp_desktop.dmp.parts import Keep, Part, file_failed
from dmp_desktop.dmp.soap import parse_answer
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import Entropy
from dmp_desktop.errors import DmpError


class RetrievalClient(Conversation):
    """What is verified is given, nothing else: hash and size as the registry told them, as far as it did."""

    def retrieve(self, patient: InsIdentity, entry: DocumentEntry) -> bytes:
        """TD3.2 in memory. Raises DmpError(DocumentTropVolumineux) beyond `parts.MAX_MEMORY`: see `retrieve_to`."""
        return retrieve.read(content(self._documents(patient, entry)), entry).content

    def retrieve_to(self, patient: InsIdentity, entry: DocumentEntry, file: Path) -> None:
        """TD3.2 to `file`, which is replaced once the document is verified. Raises DmpError, StorageError(write-failed)."""
        put_into(file, self._entropy, lambda keep: retrieve.read(content(self._documents(patient, entry), keep), entry))

    def retrieve_many(
        self, patient: InsIdentity, entries: Sequence[DocumentEntry]
    ) -> Iterator[tuple[DocumentEntry, bytes]]:
        """TD3.2 of several documents in one request, each as soon as it is in and verified, in the order of the server.

        Raises the DmpError of the first one that is missing, refused or altered, once the others were given.
        """
        awaited = {entry.unique_id: entry for entry in entries}
        if not awaited:
            return
        keep = Keep()
        reply = self._documents(patient, *awaited.values())
        arriving = in_order(reply, keep)
        root = parse_answer(next(arriving).read(), reply.asked)
        problem: DmpError | None = None
        for unique_id, part in retrieve.documents(root, arriving):
            keep.held = 0  # the caller's, who may not want to keep it
            entry = awaited.pop(unique_id, None)
            if entry is None:
                continue
            try:
                retrieve.verify(part, entry)
            except DmpError as error:
                problem = problem or error
            else:
                yield entry, part.content
        if problem is not None:
            raise problem
        retrieve.refuse(root)
        if awaited:
            raise catalogue.error("XDSDocumentUniqueIdError")

    def _documents(self, patient: InsIdentity, *entries: DocumentEntry) -> Reading:
        require_qualified(patient)
        return self._channel.ask(names.REPOSITORY, names.ACTION_ITI43, retrieve.request(*entries), patient)


def put_into(file: Path, entropy: Entropy, receive: Callable[[Keep], Part]) -> None:
    """What `receive` verified, as `file`. Raises what it raises, StorageError(write-failed).

    What arrives is written beside it, for its user alone; nothing of it stays after an error. What is no file (`named_file`) is
    written to once all is verified, out of memory: raises DmpError(DocumentTropVolumineux) beyond `parts.MAX_MEMORY` then.
    """
    try:
        place = replaceable(file)
    except OSError as error:
        raise file_failed() from error
    if place is None:
        _pour(receive(Keep()), file)
        return
    arrived: list[Path] = []

    def beside() -> Path:
        arrived.append(place.with_name(f".{place.name}.{entropy.uuid().hex}"))
        return arrived[-1]

    try:
        part = receive(Keep(beside))
        _put(part, part.file or beside(), place)
    finally:
        for path in arrived:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _pour(part: Part, file: Path) -> None:
    try:
        pour(part.content, file)
    except OSError as error:
        raise file_failed() from error


def _put(part: Part, temporary: Path, file: Path) -> None:
    """The part as `file`, whole or not at all; `temporary` is where its bytes are, or may be written."""
    try:
        if part.file is None:
            with temporary.open("xb") as written:
                temporary.chmod(0o600)
                written.write(part.content)
        temporary.replace(file)
    except OSError as error:
        raise file_failed() from error
