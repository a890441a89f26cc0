"""The journal of the practice: this workstation's acts copied to it, all workstations' verified and exported."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.errors import StorageError
from dmp_desktop.services.act_words import in_words
from dmp_desktop.storage.clinic_errors import unreachable
from dmp_desktop.storage.clinic_journal import Head, PracticeJournal
from dmp_desktop.storage.journal import Journal, JournalRecord

log = logging.getLogger(__name__)

HEADS = "practice-journal-heads"
"""Name in the key store of the last heads noted, JSON by station: what is cut off on the server is missed there."""

CUT = "practice-journal-cut"
"""Name in the key store: which acts of this workstation the server had lost, until somebody is told."""

AT_ONCE = 500
"""Acts a transaction."""


class PracticeBook:
    """`server` gives the journal on the clinic's server, None while it was never reached; `connect` waits for it, as
    `ClinicLink.connect`. Methods raise StorageError."""

    def __init__(
        self,
        journal: Journal,
        keystore: KeyStore,
        server: Callable[[], PracticeJournal | None],
        connect: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._keystore = keystore
        self._server = server
        self._connect = connect
        self._copied: int | None = None  # the last of ours that was seen there

    def copy(self) -> int:
        """Tell the server the acts it lacks of this workstation, all of them where it lost them; returns how many it has."""
        server, station = self._there(), self._journal.station
        number = server.count(station)
        if self._copied is None:
            self._copied = self._noted().get(station, (0, ""))[0]
        if number < self._copied:  # put back all the same: `verify` tells it once
            log.warning("the practice's journal lost acts %d to %d of this workstation", number + 1, self._copied)
            self._keystore.set(CUT, f"{number + 1}:{self._copied}")
        while found := self._journal.after(number, AT_ONCE):
            number = server.append(station, number, [self._shared(server, one) for one in found])
            self._note(station, server.head(station))  # a server that loses them from now on is found out
        self._copied = number
        return number

    def verify(self) -> dict[str, Head]:
        """The head of each workstation's chain, noted from now on. Raises StorageError("journal-broken"), ("journal-cut"): also,
        once, for acts of this workstation that were missing and are there again."""
        self._connect()
        heads = self._there().verify(self._noted())
        self._keystore.set(HEADS, json.dumps(heads))
        if lost := self._keystore.get(CUT):
            self._keystore.delete(CUT)
            first, _, last = lost.partition(":")
            raise StorageError(
                "journal-cut",
                f"Le journal du cabinet avait perdu des actes de ce poste (n° {first} à {last}) : ils y ont été remis.",
                "Cherchez qui a changé ou restauré la base du cabinet.",
            )
        return heads

    def lines(self) -> Iterator[str]:
        """One JSON object an act, by workstation: its `station` and number, then the fields of JournalRecord. Nobody is named, no
        patient but by the practice's pseudonym. What a later version wrote is told as it wrote it."""
        self._connect()
        for station, number, record, more in self._there().records():
            told = {**more, "station": station, "number": number, **(in_words(record) if record else {})}
            yield json.dumps(told, ensure_ascii=False)

    def _note(self, station: str, head: Head) -> None:
        """The acts are there all the same where the key store does not take it: the next batch tries again."""
        try:
            heads = self._noted()
            if head[0] > heads.get(station, (0, ""))[0]:
                self._keystore.set(HEADS, json.dumps(heads | {station: head}))
        except StorageError as error:
            log.warning("head of the practice's journal not noted: %s", error.code)

    def _noted(self) -> dict[str, Head]:
        told = json.loads(self._keystore.get(HEADS) or "{}")
        return {station: (int(head[0]), str(head[1])) for station, head in told.items()}

    def _there(self) -> PracticeJournal:
        server = self._server()
        if server is None:
            raise unreachable()
        return server

    def _shared(self, server: PracticeJournal, record: JournalRecord) -> JournalRecord:
        """With the practice's pseudonym; one that an earlier version wrote without saying of whom keeps one of its own."""
        if not record.patient:
            return record
        ins = self._journal.number_of(record.patient)
        return replace(record, patient=server.pseudonym(ins) if ins else f"?{server.pseudonym(record.patient)}")
