"""The patient's record: may it be opened, what is in it, one document to read."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.consent import AccessAct
from dmp_desktop.domain.documents import Association, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock, DmpRepository
from dmp_desktop.errors import CardError, DmpError, StorageError
from dmp_desktop.services.declarations import declared_act
from dmp_desktop.services.kept_list import KeptList, pack, unpack, withheld
from dmp_desktop.services.listing import MARGIN, Listing, OnRows, within
from dmp_desktop.services.opened import OpenedDocument, Render
from dmp_desktop.services.record import AccessRules, DocumentCache, RecordList, RecordListener, Turns
from dmp_desktop.services.updates import deposited_since, links_beside

log = logging.getLogger(__name__)

_SHUT = frozenset(("DMPClosed", "DMPNotFound"))
"""Refusals that say there is no record any more."""


class DossierService:
    """Reads one professional's patients' records. `repository` gives the DMP of whoever is signed in, or None; `me` their
    national identifier; `rules` decide whether and how a record is opened; `may_read` refuses the number of somebody who is
    no longer qualified here (ContextError)."""

    def __init__(
        self,
        repository: Callable[[], DmpRepository | None],
        cache: DocumentCache,
        render: Render,
        me: Callable[[], str | None],
        clock: Clock,
        rules: AccessRules | None = None,
        may_read: Callable[[InsIdentity], None] = lambda _ins: None,
    ) -> None:
        self._repository = repository
        self._cache = cache
        self._render = render
        self._me = me
        self._clock = clock
        self._listeners: tuple[RecordListener, ...] = ()
        self._known: dict[str, DossierStatus] = {}
        self._visit = 0  # of whom the answers are: what arrives after `forget` is dropped
        self._rules = rules or AccessRules()
        self._may_read = may_read
        self._turns = Turns()
        self._lock = threading.Lock()

    def follow(self, listener: RecordListener) -> None:
        """Tell `listener` what is read from now on."""
        self._listeners += (listener,)

    def status(self, patient: Patient) -> DossierStatus:
        """TD0.2. Opens the way to `entries` when the record is readable (Ségur DMP/UX.08: no consultation before the check).

        What may no longer be read is no longer kept. Where the setting says so, declares the patient's agreement (DMP/UX.50).
        """
        with self._asking():
            status = self.check(patient)
            if not self._rules.declares(patient, status):
                return status
            try:
                return self._declare(patient, status, attending=status.attending, alone=True)
            except DmpError as error:  # the doctor may still declare it
                log.warning("not authorised on opening: %s", error.code)
                return self.check(patient) if error.ambiguous else status

    def check(self, patient: Patient) -> DossierStatus:
        """As `status`, for a patient who is not there yet."""
        visit = self._visit
        mode = self._rules.mode(patient.ins)
        status = replace(self._channel(patient).status(patient.ins), mode=mode)
        with self._lock:
            if visit == self._visit:
                self._known[patient.ins.value] = status
        self._rules.checked(patient.ins, status)
        if not status.exists or status.closed or status.authorization is Authorization.INTERDIT:
            self.forget_patient(patient)
        elif not status.readable:
            self._forget_list(patient)
        return status

    def authorise(self, patient: Patient, *, attending: bool | None = None) -> DossierStatus:
        """TD0.3 after the doctor declared the patient's consent. What the DMP acknowledged is not asked again.

        `attending` declares or ends being the médecin traitant; by itself it stays as it is: AJOUT without that role would end it
        (reference §2.1). Raises DmpError when the patient objects to consultation.
        """
        with self._asking():
            known = self._known.get(patient.ins.value) or self.check(patient)
            wanted = known.attending if attending is None else attending
            return self._declare(patient, known, attending=wanted, alone=False)

    def withdraw(self, patient: Patient) -> DossierStatus:
        """TD0.3 SUPPRESSION, then TD0.2 again: nothing of the record is kept, nor where nobody knows whether it was done."""
        with self._asking():
            self._rules.declaring(patient.ins, attending=False)
            with self._in_doubt(patient), self._rules.asking(patient.ins, AccessAct.WITHDRAWN):
                self._channel(patient).withdraw(patient.ins)
            self.reopen(patient)
            return self.check(patient)

    def entries(self, patient: Patient, on_rows: OnRows = lambda _rows: None, *, older: bool = True) -> RecordList:
        """Approved documents; `on_rows` gets them by batches as they arrive, those of the last two years first.

        Checks the right first if nobody did. Not `older`: only the last two years, which is what a consultation needs. A record
        listed not long ago is only asked for what changed. When the DMP is out of reach, the last list, marked as such.
        """
        with self._asking():
            found = self._entries(patient, on_rows, older)
        if found and found.offline_since is None:
            for listener in self._listeners:
                listener.listed(patient, found)
        return found

    def kept_list(self, patient: Patient) -> RecordList | None:
        """The last list while it may be read, marked as such, without asking the DMP; None when there is none."""
        self._dmp(patient)
        kept = self._kept(patient)
        return self._offline(patient, kept) if kept else None

    def preload(self, patient: Patient) -> RecordList:
        """As `entries` of the last two years, for a patient who is not there yet."""
        return self._entries(patient, lambda _rows: None, older=False)

    def open(self, patient: Patient, entry: DocumentEntry, palette: Mapping[str, str]) -> OpenedDocument:
        """The document ready to show, from the cache when it is still there."""
        return self._render(entry, self.content(patient, entry), patient, palette)

    def content(self, patient: Patient, entry: DocumentEntry) -> bytes:
        """The document's bytes as deposited."""
        with self._asking():
            content, fetched = self._content(patient, entry)
        if fetched:
            for listener in self._listeners:
                listener.fetched(patient, entry, content)
        return content

    def fetch(self, patient: Patient, entry: DocumentEntry) -> bytes:
        """As `content`, for who follows documents rather than reads them: nobody is told."""
        return self._content(patient, entry)[0]

    def fetch_now(self, patient: Patient, entry: DocumentEntry) -> bytes:
        """As `fetch`, while the doctor waits for it: what goes on behind gives way."""
        with self._asking():
            return self._content(patient, entry)[0]

    def links(self, patient: Patient, entry: DocumentEntry) -> list[Association]:
        """What was deposited with a document, its versions: for `folding.fold`, when the doctor looks at it. Two requests."""
        with self._asking():
            return links_beside(self._dmp(patient), patient.ins, entry.entry_uuid)

    def deposited(self, patient: Patient, since: datetime) -> dict[str, datetime]:
        """When the documents that others deposited since a moment were, by entryUUID. Two requests."""
        with self._asking():
            return deposited_since(self._dmp(patient), patient.ins, since, self._me())

    def kept(self, patient: Patient) -> frozenset[str]:
        """uniqueIds of the documents that need no request."""
        return self._cache.ids(patient)

    def forget_documents(self, patient: Patient, unique_ids: Collection[str]) -> None:
        """They were masked, deleted or replaced: neither they nor the list that named them are kept."""
        self._cache.forget(unique_ids)
        self._forget_list(patient)
        self._dropped()

    def forget_patient(self, patient: Patient) -> None:
        """The record is closed, opposed, forbidden: nothing of it is kept."""
        self._cache.forget_patient(patient.ins)
        self._dropped()

    def reopen(self, patient: Patient) -> None:
        """How this record may be opened has changed: what is known, kept or under way of it was another access's."""
        self.reopen_number(patient.ins)

    def reopen_number(self, patient: InsIdentity) -> None:
        """As `reopen`, of whom only the number is known."""
        with self._lock:
            self._visit += 1
            self._known.pop(patient.value, None)
        self._cache.forget_patient(patient)
        self._dropped()

    def clear(self) -> None:
        """On demand: nothing is kept of any record."""
        self._cache.clear()
        self._dropped()

    def purge(self) -> None:
        """What is no longer to be read leaves the disk."""
        if self._cache.purge():
            self._dropped()

    def forget(self) -> None:
        """The professional left: rights are checked anew for whoever comes next."""
        with self._lock:
            self._visit += 1
            self._known.clear()
        for listener in self._listeners:
            listener.left()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """The doctor waits for an answer."""
        for listener in self._listeners:
            listener.asked()
        try:
            yield
        finally:
            for listener in self._listeners:
                listener.answered()

    def _dropped(self) -> None:
        for listener in self._listeners:
            listener.dropped()

    def _entries(self, patient: Patient, on_rows: OnRows, older: bool) -> RecordList:
        visit, dmp = self._visit, self._dmp(patient)
        kept = self._kept(patient)
        try:
            known = self._known.get(patient.ins.value) or self.check(patient)
            if not known.readable:
                return RecordList(shut=known)
            listing = Listing(dmp, patient, self._clock.now(), on_rows)
            now = listing.update(kept, older=older) or listing.whole(older=older)
        except DmpError as error:
            if error.code in _SHUT:
                self.forget_patient(patient)
            elif not error.retryable:
                self._forget_list(patient)
            if not error.retryable or kept is None or visit != self._visit:
                raise
            on_rows(list(kept.entries))
            return self._offline(patient, kept)
        if visit == self._visit:
            try:
                self._keep(patient, kept, now)
            except StorageError as error:  # a full disk must not hide the list
                log.warning("list not kept: %s", error.code)
        return RecordList(now.entries, begins=now.begins)

    def _offline(self, patient: Patient, kept: KeptList) -> RecordList:
        at_hand = self._cache.ids(patient)
        return RecordList(kept.entries, offline_since=kept.asked_at, begins=kept.begins, at_hand=at_hand)

    def _kept(self, patient: Patient) -> KeptList | None:
        """A list that cannot be read is as good as none: the DMP has it."""
        owner = self._me()
        try:
            packed = self._cache.get_list(patient, owner) if owner else None
        except StorageError as error:
            log.warning("kept list: %s", error.code)
            return None
        return unpack(packed) if packed else None

    def _keep(self, patient: Patient, before: KeptList | None, now: KeptList) -> None:
        """Keep the list, and drop the documents it no longer names or that were masked since. The same list a little later is
        not written again."""
        if before and before.same(now) and now.asked_at - before.asked_at < MARGIN:
            return
        listed = {entry.unique_id for entry in now.entries}
        named = {entry.unique_id for entry in before.entries if within(entry, now.begins)} if before else set()
        gone = (self._cache.ids(patient) if now.begins is None else named) - listed
        gone |= withheld(now.entries) - withheld(before.entries if before else ())
        if gone:
            self._cache.forget(gone)
            self._dropped()
        if owner := self._me():
            self._cache.put_list(patient, owner, pack(now))

    def _forget_list(self, patient: Patient) -> None:
        if owner := self._me():
            self._cache.forget_list(patient, owner)

    def _content(self, patient: Patient, entry: DocumentEntry) -> tuple[bytes, bool]:
        """The bytes, and whether they had to be fetched. Nothing is read without someone signed in.

        Who asks for a document that is on its way waits for it, and finds it in the cache.
        """
        with self._turns.alone(entry.unique_id):
            visit, dmp = self._visit, self._dmp(patient)
            kept = self._cache.get(patient, entry.unique_id)
            if kept is not None:
                return kept, False
            try:
                content = dmp.retrieve(patient.ins, entry)
            except DmpError as error:
                if error.code == "XDSDocumentUniqueIdError":
                    self.forget_documents(patient, [entry.unique_id])  # the list names what is no longer there
                raise
            if visit == self._visit:
                self._cache.put(patient, entry.unique_id, content)
            return content, True

    def _declare(self, patient: Patient, before: DossierStatus, *, attending: bool, alone: bool) -> DossierStatus:
        self._rules.may_consult(patient.ins)
        self._rules.declaring(patient.ins, attending=attending and not before.attending)
        visit = self._visit
        act = declared_act(before, attending=attending, alone=alone)
        with self._in_doubt(patient), self._rules.asking(patient.ins, act):
            self._channel(patient).authorise(patient.ins, attending=attending)
        now = replace(before, authorization=Authorization.VALIDE, attending=attending)
        with self._lock:
            if visit == self._visit:
                self._known[patient.ins.value] = now
        return now

    @contextmanager
    def _in_doubt(self, patient: Patient) -> Iterator[None]:
        """A declaration whose answer was lost: how the record stands is not known any more."""
        try:
            yield
        except DmpError as error:
            if error.ambiguous:
                self.reopen(patient)
            raise

    def _dmp(self, patient: Patient) -> DmpRepository:
        """For reading what is in the record. Raises DmpError when the patient objects."""
        self._rules.may_consult(patient.ins)
        return self._channel(patient)

    def _channel(self, patient: Patient) -> DmpRepository:
        self._may_read(patient.ins)
        repository = self._repository()
        if repository is None:
            raise CardError(
                "CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.", "Insérez-la pour consulter le DMP."
            )
        return self._rules.channel(repository, patient.ins)
