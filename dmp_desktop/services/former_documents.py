"""The document that another one replaces, as far as this workstation has it: in the outbox, or read in the record."""

from __future__ import annotations

import logging
from collections.abc import Callable

from dmp_desktop.domain.documents import Availability, DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.kept_list import unpack
from dmp_desktop.services.outbox_barriers import Former, same_person
from dmp_desktop.services.record import DocumentCache
from dmp_desktop.storage.outbox import OutboxStore

log = logging.getLogger(__name__)


class FormerDocuments:
    """Asks nobody outside, never raises: what cannot be read is not known. `me` is the national identifier of who is signed in,
    None while nobody is."""

    def __init__(
        self,
        outbox: OutboxStore,
        cache: DocumentCache,
        metadata: Callable[[bytes], DocumentEntry],
        me: Callable[[], str | None],
    ) -> None:
        self._outbox = outbox
        self._cache = cache
        self._metadata = metadata
        self._me = me

    def find(self, patient: Patient, unique_id: str) -> Former | None:
        """With the visibility the DMP told last, else that it was sent with from here; None where either is not known."""
        try:
            return self._find(patient, unique_id)
        except DmpDesktopError as error:
            log.warning("a replaced document is not known: %s", error.code)
            return None

    def listed(self, patient: Patient, unique_id: str) -> bool:
        """Whether the DMP told it as there, in its last version, when it was last asked."""
        try:
            entry = self._listed(patient, unique_id)
        except DmpDesktopError as error:
            log.warning("a list is not known: %s", error.code)
            return False
        return entry is not None and entry.status is Availability.APPROVED

    def _find(self, patient: Patient, unique_id: str) -> Former | None:
        listed = self._listed(patient, unique_id)
        item = self._outbox.named(unique_id)
        if item is None or not same_person(item.patient.ins, patient.ins):
            content = self._cache.get(patient, unique_id) if listed else None
            return Former(content, listed.visibility) if listed and content else None
        content = self._outbox.document(item.id)
        seen = listed.visibility if listed else item.visibility | self._metadata(content).visibility
        return Former(content, seen)

    def _listed(self, patient: Patient, unique_id: str) -> DocumentEntry | None:
        me = self._me()
        packed = self._cache.get_list(patient, me) if me else None
        kept = unpack(packed) if packed else None
        return next((entry for entry in kept.entries if entry.unique_id == unique_id), None) if kept else None
