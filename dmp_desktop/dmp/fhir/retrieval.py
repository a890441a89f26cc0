"""TD3.2 over FHIR (ITI-68): the bytes of a document under their own media type, in memory or straight to a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from dmp_desktop.dmp import catalogue, retrieve
from dmp_desktop.dmp.conversation import require_qualified
from dmp_desktop.dmp.fhir.conversation import FhirConversation
from dmp_desktop.dmp.fhir.writer import entry_id
from dmp_desktop.dmp.large_retrieval import put_into
from dmp_desktop.dmp.parts import Keep, Part, Receiving
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpError


class FhirRetrieval(FhirConversation):
    """What is verified is given, nothing else: hash and size as the list told them, as far as it did."""

    def retrieve(self, patient: InsIdentity, entry: DocumentEntry) -> bytes:
        """In memory. Raises DmpError(DocumentTropVolumineux) beyond `parts.MAX_MEMORY`: see `retrieve_to`."""
        return self._document(patient, entry, Keep()).content

    def retrieve_to(self, patient: InsIdentity, entry: DocumentEntry, file: Path) -> None:
        """To `file`, which is replaced once the document is verified. Raises DmpError, StorageError(write-failed)."""
        put_into(file, self._entropy, lambda keep: self._document(patient, entry, keep))

    def retrieve_many(
        self, patient: InsIdentity, entries: Sequence[DocumentEntry]
    ) -> Iterator[tuple[DocumentEntry, bytes]]:
        """Several documents, one request each: FHIR has none for several.

        Raises the DmpError of the first one that is missing, refused or altered, once the others were given; at once when the
        server is out of reach.
        """
        problem: DmpError | None = None
        for entry in {entry.unique_id: entry for entry in entries}.values():
            try:
                content = self.retrieve(patient, entry)
            except DmpError as error:
                if error.retryable or error.code == "InsNonQualifiee":
                    raise
                problem = problem or error
            else:
                yield entry, content
        if problem is not None:
            raise problem

    def _document(self, patient: InsIdentity, entry: DocumentEntry, keep: Keep) -> Part:
        require_qualified(patient)
        try:
            reply = self._channel.fetch(f"/Binary/{quote(entry_id(entry.entry_uuid), safe='')}", patient)
        except DmpError as error:
            if error.code != "HTTP404":
                raise
            raise catalogue.error("XDSDocumentUniqueIdError", error.detail) from None
        receiving = Receiving({"content-type": reply.headers.get("Content-Type", "")}, "", keep)
        try:
            for chunk in reply.chunks():
                receiving.take(memoryview(chunk))
            part = receiving.whole()
        finally:
            receiving.abandon()
        retrieve.verify(part, entry)
        return part
