"""The properties of documents in memory: an honest small PropertiesPort over the documents of the fake record."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from dmp_desktop.domain.documents import Association, Availability, Code, DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpError
from dmp_desktop.services.document_changes import (
    REVERSE,
    STATUSES,
    Change,
    Offer,
    imaginable,
    visibility_after,
)
from tests.ui.fakes import FakeDossier

CONFIDENTIALITY = "1.2.250.1.213.1.1.4.13"


class FakeProperties:
    """`refusals` are by change; `gate` holds back a change; `error` is raised once after `carried_out` was decided."""

    def __init__(self, dossier: FakeDossier) -> None:
        self.dossier = dossier
        self.refusals: dict[Change, str] = {}
        self.finals: set[Change] = {Change.DELETE, Change.SHOW_PATIENT, Change.SHOW_REPRESENTATIVES}
        self.put_away: list[DocumentEntry] = []
        self.made: list[tuple[str, Change, str | None]] = []
        self.asked_attending: list[bool] = []
        self.error: DmpError | None = None
        self.carried_out = False  # before the error
        self.gate = threading.Event()
        self.gate.set()
        self.came: dict[str, datetime] = {}  # by uniqueId
        self.untold = False
        self.held = threading.Event()  # holds back when a document came
        self.held.set()
        self.before: Callable[[], None] = lambda: None

    def offers(self, patient: Patient, entry: DocumentEntry, *, attending: bool) -> tuple[Offer, ...]:
        self.asked_attending.append(attending)
        return tuple(Offer(one, self.refusals.get(one), one in self.finals) for one in imaginable(entry))

    def shelved(self, patient: Patient) -> tuple[list[DocumentEntry], list[Association]]:
        return list(self.put_away), []

    def deposited(self, patient: Patient, entry: DocumentEntry) -> datetime | None:
        self.held.wait(120)
        if self.untold:
            raise DmpError("Injoignable", "Le DMP ne répond pas.")
        return self.came.get(entry.unique_id)

    def change(
        self, patient: Patient, entry: DocumentEntry, change: Change, *, attending: bool, by: str | None = None
    ) -> None:
        self.gate.wait(120)
        error, self.error = self.error, None
        if error is None or self.carried_out:
            self._make(entry, change)
        self.made.append((entry.unique_id, change, by))
        if error:
            raise error

    def take_back(
        self, patient: Patient, entry: DocumentEntry, change: Change, *, attending: bool, by: str | None = None
    ) -> None:
        known = [*self.dossier.documents, *self.put_away]
        now = next(one for one in known if one.unique_id == entry.unique_id)
        self.change(patient, now, REVERSE[change], attending=attending, by=by)

    def _make(self, entry: DocumentEntry, change: Change) -> None:
        """Another list each time: what was handed out stays as it was."""
        kept = [one for one in self.dossier.documents if one.unique_id != entry.unique_id]
        self.put_away = [one for one in self.put_away if one.unique_id != entry.unique_id]
        if change in STATUSES:
            changed = replace(entry, status=STATUSES[change])
        else:
            seen = visibility_after(entry.visibility, change)
            codes = tuple(Code(one.code, CONFIDENTIALITY) for one in sorted(seen))
            changed = replace(entry, confidentiality=codes, version=entry.version + 1)
        if changed.status is Availability.APPROVED:
            kept.append(changed)
        elif changed.status is Availability.ARCHIVED:
            self.put_away.append(changed)
        self.dossier.documents = kept
