"""The patient's record over XDS.b: `DmpRepository` of the ports, one method a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from dmp_desktop.dmp import authorisation, existence, names, registry_reader, retrieve, search, submit
from dmp_desktop.dmp.channel import Channel, content
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.dmp.vihf import Caller, Software, VihfFactory
from dmp_desktop.domain.access import AccessMode, AuthenticationMode, DossierStatus
from dmp_desktop.domain.documents import Association, DocumentEntry, Submission, SubmissionSummary
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.ports import ClientIdentity, Clock, Entropy, FindCriteria, Transport
from dmp_desktop.errors import DmpError


class DmpClient:
    """One professional's conversation with the DMP. Safe to use from several threads.

    `sender_oid` is the OID branch of the software; `lot_algorithm` that of the XAdES signature of lots (SHA-1 in every published
    sample of the DMP). Only a qualified INS is let through.
    """

    def __init__(
        self,
        transport: Transport,
        identity: ClientIdentity,
        caller: Caller,
        software: Software,
        clock: Clock,
        entropy: Entropy,
        *,
        sender_oid: str,
        access: AccessMode = AccessMode.NORMAL,
        lot_algorithm: Algorithm = Algorithm.SHA1,
    ) -> None:
        self._identity = identity
        self._software = software
        self._clock = clock
        self._entropy = entropy
        self._sender_oid = sender_oid
        self._lot_algorithm = lot_algorithm
        vihf = VihfFactory(identity.signature, caller, software, clock, entropy)
        self._channel = self._feeding = Channel(transport, vihf, entropy, access)
        if caller.mode is AuthenticationMode.INDIRECTE_RENFORCEE:
            # AIR reads and never feeds: deposits go INDIRECTE, in the same person's name (reference §4).
            feeder = replace(caller, mode=AuthenticationMode.INDIRECTE, authenticated_at=None)
            vihf = VihfFactory(identity.signature, feeder, software, clock, entropy)
            self._feeding = Channel(transport, vihf, entropy, access)

    def status(self, patient: InsIdentity) -> DossierStatus:
        """TD0.2. A record that does not exist is an answer, not an error."""
        _require_qualified(patient)
        body = existence.request(
            patient, self._sender_oid, self._software.name, self._entropy.uuid(), self._clock.now()
        )
        try:
            return existence.read(content(self._channel.ask(names.PATIENTS, names.ACTION_TD02, body, patient)).root)
        except DmpError as error:
            if error.code == "DMPNotFound":
                return DossierStatus(exists=False)
            raise

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        """TD0.3 AJOUT."""
        self._set_authorisation(patient, authorisation.request(add=True, attending=attending))

    def withdraw(self, patient: InsIdentity) -> None:
        """TD0.3 SUPPRESSION."""
        self._set_authorisation(patient, authorisation.request(add=False))

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        """TD3.1 FindDocuments; the request goes out at the first `next`."""
        yield from registry_reader.entries(self._query(patient, search.find_documents(patient, criteria)))

    def find_by_unique_id(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[DocumentEntry]:
        """TD3.1b GetDocuments."""
        return list(registry_reader.entries(self._query(patient, search.get_documents(unique_ids))))

    def find_submissions(self, patient: InsIdentity, since: datetime) -> list[SubmissionSummary]:
        """TD3.1 FindSubmissionSets."""
        return list(registry_reader.submissions(self._query(patient, search.find_submission_sets(patient, since))))

    def find_associations(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        """TD3.1 GetAssociations."""
        told = registry_reader.objects(self._query(patient, search.get_associations(uuids)))
        return [found for found in told if isinstance(found, Association)]

    def find_by_entry_uuid(
        self, patient: InsIdentity, uuids: Sequence[str]
    ) -> tuple[list[DocumentEntry], list[Association]]:
        """TD3.1 GetDocumentsAndAssociations."""
        told = list(registry_reader.objects(self._query(patient, search.get_documents_and_associations(uuids))))
        entries = [found for found in told if isinstance(found, DocumentEntry)]
        return entries, [found for found in told if isinstance(found, Association)]

    def retrieve(self, patient: InsIdentity, entry: DocumentEntry) -> bytes:
        """TD3.2."""
        _require_qualified(patient)
        reply = self._channel.ask(names.REPOSITORY, names.ACTION_ITI43, retrieve.request(entry), patient)
        return retrieve.read(content(reply), entry)

    def submit(self, submission: Submission) -> None:
        """TD2.1. Raises DmpError(ambiguous) when the answer was lost: ask `find_by_unique_id` before sending again."""
        _require_qualified(submission.patient)
        body, parts = submit.request(submission, self._identity.signature, self._clock.now(), self._lot_algorithm)
        submit.read(self._feeding.tell(names.REPOSITORY, names.ACTION_ITI41, body, submission.patient, parts))

    def _set_authorisation(self, patient: InsIdentity, body: str) -> None:
        _require_qualified(patient)
        authorisation.read(self._channel.tell(names.HABILITATIONS_PATH, names.ACTION_TD03, body, patient))

    def _query(self, patient: InsIdentity, body: str) -> Iterator[bytes]:
        _require_qualified(patient)
        yield from self._channel.ask(names.REGISTRY, names.ACTION_ITI18, body, patient).chunks()


def _require_qualified(patient: InsIdentity) -> None:
    if patient.status is not InsStatus.QUALIFIEE:
        raise DmpError(
            "InsNonQualifiee",
            "L'identité INS du patient n'est pas qualifiée : le DMP n'est pas interrogé.",
            "Vérifiez une pièce d'identité et qualifiez l'INS.",
        )
