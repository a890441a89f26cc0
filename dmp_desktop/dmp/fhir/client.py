"""The patient's record over FHIR (profile PDSm): the ports of the DMP, one method a transaction, as `dmp.client` over XDS.b."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlencode

from dmp_desktop.dmp import catalogue
from dmp_desktop.dmp.conversation import require_qualified
from dmp_desktop.dmp.fhir import names, reader, search, tree, writer
from dmp_desktop.dmp.fhir.administration import FhirAdministration
from dmp_desktop.dmp.fhir.retrieval import FhirRetrieval
from dmp_desktop.dmp.fhir.tree import Node
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.dmp.submit import imputed, signed
from dmp_desktop.dmp.update import REACHABLE, status_unknown
from dmp_desktop.domain.documents import (
    Association,
    Availability,
    DocumentEntry,
    Submission,
    SubmissionSummary,
    Visibility,
)
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import FindCriteria


class FhirClient(FhirAdministration, FhirRetrieval):
    """The whole DMP for one professional. Only a qualified INS is let through."""

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        """TD3.1 (ITI-67), page after page; the request goes out at the first `next`."""
        asked = search.documents(patient, criteria)
        yield from filter(search.passes(criteria), map(reader.entry, self._documents(patient, asked)))

    def find_by_unique_id(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[DocumentEntry]:
        """TD3.1b, of any status but deleted."""
        asked, count = search.by_unique_id(patient, unique_ids), max(1, len(unique_ids))
        return [reader.entry(one) for one in self._documents(patient, asked, documents=count)]

    def find_references(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[str]:
        """TD3.1b, `_elements=id`: entryUUIDs alone, all that a secretary may ask for (reference §4)."""
        asked, count = search.by_unique_id(patient, unique_ids), max(1, len(unique_ids))
        return [
            reader.entry(one).entry_uuid
            for one in self._documents(patient, [*asked, ("_elements", "id")], documents=count)
        ]

    def find_by_reference(
        self,
        patient: InsIdentity,
        references: Sequence[str],
        statuses: Sequence[Availability] = (Availability.APPROVED,),
    ) -> list[DocumentEntry]:
        """TD3.1 by a reference (an order's number …); `references` are CXi, as a referenceIdList holds them."""
        asked = search.by_reference(patient, references, statuses)
        return [reader.entry(one) for one in self._documents(patient, asked)]

    def find_submissions(self, patient: InsIdentity, since: datetime) -> list[SubmissionSummary]:
        """TD3.1 FindSubmissionSets (ITI-66)."""
        return [reader.submission(one) for one in self._lists(patient, search.submissions(patient, since))]

    def find_associations(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        """Links that touch these objects. No search finds the sets of a document: for one, all sets of the record are read."""
        if not uuids:
            return []
        wanted = frozenset(uuids)
        lists = list(self._lists(patient, search.submissions_by_uuid(patient, uuids)))
        documents = [one for one in uuids if one not in {reader.submission(found).entry_uuid for found in lists}]
        links: list[Association] = []
        if documents:
            lists = list(self._lists(patient, search.submissions(patient)))
            links = self._relations(patient, documents)
        links += [link for one in lists for link in reader.members(one)]
        return [link for link in dict.fromkeys(links) if link.source in wanted or link.target in wanted]

    def find_by_entry_uuid(
        self, patient: InsIdentity, uuids: Sequence[str]
    ) -> tuple[list[DocumentEntry], list[Association]]:
        """Documents of any status but deleted, and what they are to other documents (not the sets that brought them)."""
        if not uuids:
            return [], []
        found = list(self._documents(patient, search.by_entry_uuid(patient, uuids)))
        links = [link for one in found for link in reader.relations(one)]
        links += self._to(patient, uuids)
        return [reader.entry(one) for one in found], list(dict.fromkeys(links))

    def submit(self, submission: Submission) -> None:
        """TD2.1, TD2.2 (ITI-65). Raises DmpError(ambiguous) when the answer was lost: ask `find_by_unique_id` before sending
        again. The lot's signature is a document of its own, as with XDS (docs/adr/0017)."""
        require_qualified(submission.patient)
        now, sent = self._clock.now(), imputed(submission, self._caller)
        body = writer.lot(sent, now, signed(sent, self._identity.signature, now, self._lot_algorithm))
        _acknowledged(self._feeding.tell("POST", "", body, submission.patient))

    def set_visibility(self, patient: InsIdentity, entry: DocumentEntry, visibility: frozenset[Visibility]) -> None:
        """TD3.3a, TD3.3b. Raises DmpError(XDSMetadataVersionError) when the document has changed since `entry` was listed."""
        patch = writer.visibility_patch(entry.visibility, visibility)
        if patch is not None:
            self._patch(patient, entry, patch)
            return
        require_qualified(patient)
        current = self.find_by_unique_id(patient, [entry.unique_id])
        if [(one.entry_uuid, one.version) for one in current] != [(entry.entry_uuid, entry.version)]:
            raise catalogue.error("XDSMetadataVersionError")

    def set_status(self, patient: InsIdentity, entry: DocumentEntry, status: Availability) -> None:
        """TD3.3c, TD3.3d. Raises ValueError for a status that no document can be given."""
        if status not in REACHABLE:
            raise ValueError(f"no document is made {status.name}")
        require_qualified(patient)
        if entry.status is Availability.UNKNOWN:
            raise status_unknown()
        self._patch(patient, entry, writer.status_patch(status))

    def _patch(self, patient: InsIdentity, entry: DocumentEntry, patch: bytes) -> None:
        """Of the document by its uniqueId, if it is still the version that was listed."""
        require_qualified(patient)
        asked = urlencode({"identifier": f"{names.URI}|urn:oid:{entry.unique_id}"})
        unchanged = {"If-Match": f'W/"{entry.version}"'}
        self._channel.tell("PATCH", f"/DocumentReference?{asked}", patch, patient, unchanged)

    def _documents(
        self, patient: InsIdentity, asked: search.Parameters, *, documents: int | None = None
    ) -> Iterator[Node]:
        require_qualified(patient)
        yield from self._channel.search("DocumentReference", asked, patient, documents=documents)

    def _lists(self, patient: InsIdentity, asked: search.Parameters) -> Iterator[Node]:
        require_qualified(patient)
        yield from self._channel.search("List", asked, patient)

    def _relations(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        found = self._documents(patient, search.by_entry_uuid(patient, uuids))
        return [link for one in found for link in reader.relations(one)] + self._to(patient, uuids)

    def _to(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        """What others are to these documents."""
        found = self._documents(patient, search.related_to(patient, uuids))
        wanted = frozenset(uuids)
        return [link for one in found for link in reader.relations(one) if link.target in wanted]


def _acknowledged(answer: Node) -> None:
    """Raises DmpError unless the server tells of every entry of the transaction that it is done."""
    entries = list(tree.children(answer, "entry"))
    done = [tree.text(tree.child(entry, "response"), "status").startswith("2") for entry in entries]
    if tree.text(answer, "type") != "transaction-response" or not done or not all(done):
        raise unreadable("not acknowledged")
