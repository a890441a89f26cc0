"""The patient's record over XDS.b: `DmpRepository` and `RecordUpdates` of the ports, one method a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from dmp_desktop.dmp import names, registry_reader, search, submit, update
from dmp_desktop.dmp.administration_client import AdministrationClient
from dmp_desktop.dmp.channel import SHORT_ANSWER, Reading, at_most, content, xml_chunks
from dmp_desktop.dmp.conversation import require_qualified
from dmp_desktop.dmp.large_retrieval import RetrievalClient
from dmp_desktop.domain.documents import (
    Association,
    Availability,
    Code,
    DocumentEntry,
    Submission,
    SubmissionSummary,
    Visibility,
)
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.terminology import oids


class DmpClient(AdministrationClient, RetrievalClient):
    """The whole DMP for one professional. Only a qualified INS is let through."""

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        """TD3.1 FindDocuments; the request goes out at the first `next`."""
        told = self._query(patient, search.find_documents(patient, criteria))
        yield from registry_reader.entries(xml_chunks(told), told.asked)

    def find_by_unique_id(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[DocumentEntry]:
        """TD3.1b GetDocuments."""
        told = self._query(patient, search.get_documents(unique_ids))
        chunks = at_most(xml_chunks(told), SHORT_ANSWER * max(1, len(unique_ids)))
        return list(registry_reader.entries(chunks, told.asked))

    def find_references(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[str]:
        """TD3.1b GetDocuments, returnType ObjectRef: entryUUIDs alone, all that a secretary may ask for (reference §4)."""
        told = self._query(patient, search.get_documents(unique_ids, references=True))
        return registry_reader.references(content(told, limit=SHORT_ANSWER * max(1, len(unique_ids))).root)

    def find_by_reference(
        self,
        patient: InsIdentity,
        references: Sequence[str],
        statuses: Sequence[Availability] = (Availability.APPROVED,),
    ) -> list[DocumentEntry]:
        """TD3.1 FindDocumentsByReferenceId; `references` are CXi, as a referenceIdList holds them (an order's number …)."""
        body = search.find_by_reference(patient, references, statuses)
        told = self._query(patient, body)
        return list(registry_reader.entries(xml_chunks(told), told.asked))

    def find_submissions(self, patient: InsIdentity, since: datetime) -> list[SubmissionSummary]:
        """TD3.1 FindSubmissionSets."""
        told = self._query(patient, search.find_submission_sets(patient, since))
        return list(registry_reader.submissions(xml_chunks(told), told.asked))

    def find_associations(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        """TD3.1 GetAssociations."""
        told = self._query(patient, search.get_associations(uuids))
        objects = registry_reader.objects(xml_chunks(told), told.asked)
        return [found for found in objects if isinstance(found, Association)]

    def find_by_entry_uuid(
        self, patient: InsIdentity, uuids: Sequence[str]
    ) -> tuple[list[DocumentEntry], list[Association]]:
        """TD3.1 GetDocumentsAndAssociations."""
        told = self._query(patient, search.get_documents_and_associations(uuids))
        objects = list(registry_reader.objects(xml_chunks(told), told.asked))
        entries = [found for found in objects if isinstance(found, DocumentEntry)]
        return entries, [found for found in objects if isinstance(found, Association)]

    def submit(self, submission: Submission) -> None:
        """TD2.1, TD2.2. Raises DmpError(ambiguous) when the answer was lost: ask `find_by_unique_id` before sending again.

        A secretary's lot is the structure's, whoever wrote its documents (reference §4: imputed to the structure).
        """
        require_qualified(submission.patient)
        submission = submit.imputed(submission, self._caller)
        body, parts = submit.request(submission, self._identity.signature, self._clock.now(), self._lot_algorithm)
        submit.read(self._feeding.tell(names.REPOSITORY, names.ACTION_ITI41, body, submission.patient, parts))

    def set_visibility(self, patient: InsIdentity, entry: DocumentEntry, visibility: frozenset[Visibility]) -> None:
        """TD3.3a, TD3.3b. The metadata is read again first: what our entry does not hold must go back too.

        Raises DmpError(XDSMetadataVersionError) when it has changed since `entry` was listed.
        """
        told = self._query(patient, search.get_entry(entry.entry_uuid))
        current = update.current(content(told, limit=SHORT_ANSWER).root, entry)
        lot = self._lot(patient, "Modification de la visibilité d'un document")
        self._update(
            patient, update.change_visibility(lot, current, visibility, self._entropy.uuid(), self._clock.now())
        )

    def set_status(self, patient: InsIdentity, entry: DocumentEntry, status: Availability) -> None:
        """TD3.3c, TD3.3d. Raises ValueError for a status that no document can be given."""
        if status not in update.REACHABLE:
            raise ValueError(f"no document is made {status.name}")
        require_qualified(patient)
        if entry.status is Availability.UNKNOWN:
            raise update.status_unknown()
        lot = self._lot(patient, "Modification de l'état d'un document")
        self._update(patient, update.change_status(lot, entry, status, self._clock.now()))

    def _lot(self, patient: InsIdentity, title: str) -> Submission:
        """The submission set of a change, by whoever is signed in; no document comes with it."""
        return Submission(
            unique_id=f"2.25.{self._entropy.uuid().int}",
            patient=patient,
            author=self._caller.author,
            content_type=Code(self._caller.sector, oids.FACILITY_TYPE),
            source_id=self._sender.oid,
            documents=(),
            title=title,
        )

    def _update(self, patient: InsIdentity, body: str) -> None:
        submit.read(self._channel.tell(names.REGISTRY, names.ACTION_ITI57, body, patient))

    def _query(self, patient: InsIdentity, body: str) -> Reading:
        require_qualified(patient)
        return self._channel.ask(names.REGISTRY, names.ACTION_ITI18, body, patient)
