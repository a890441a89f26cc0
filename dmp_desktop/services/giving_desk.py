"""Documents that somebody wants in the folder of the practice software, now: kept first, then written, or later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.errors import ContextError
from dmp_desktop.services.outgoing_queue import OutgoingQueue
from dmp_desktop.services.profiles import ProfileFile


@dataclass(frozen=True, slots=True)
class Given:
    """How many documents; `waits`: why they are not there yet, in French; `warnings`: what a format does not hold."""

    documents: int
    waits: str = ""
    warnings: tuple[str, ...] = ()


class GivingDesk:
    """For every profile there is. On a worker thread."""

    def __init__(self, profiles: ProfileFile, queue: OutgoingQueue) -> None:
        self._profiles = profiles
        self._queue = queue

    def give(self, entries: Sequence[DocumentEntry], cdas: Sequence[bytes]) -> Given:
        """Durable when it returns. Raises ContextError where no profile is there, StorageError."""
        profiles = self._profiles.load()
        if not profiles:
            raise ContextError(
                "profile-none",
                "Aucun dossier du logiciel métier n'est réglé sur ce poste.",
                "Créez un profil dans Réglages, « Documents vers le logiciel métier ».",
            )
        for entry, cda in zip(entries, cdas, strict=True):
            for profile in profiles:
                self._queue.ask(profile.name, entry.unique_id, cda, entry.visibility)
        self._queue.look()
        report = self._queue.report
        return Given(
            len(entries), report.fault.told_fr if report.fault else "", () if report.fault else report.warnings
        )
