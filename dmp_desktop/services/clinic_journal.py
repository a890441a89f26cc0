"""The journal of the practice: this workstation's acts copied to it, all workstations' verified and exported."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.errors import StorageError
from dmp_desktop.services.act_words import in_words
from dmp_desktop.services.clinic_journal_heads import JournalHeads
from dmp_desktop.storage.clinic_errors import unreachable
from dmp_desktop.storage.clinic_journal import Head, PracticeJournal
from dmp_desktop.storage.journal import Journal, JournalRecord

log = logging.getLogger(__name__)

CUT = "practice-journal-cut"
"""Name in the key store: which acts of this workstation the server had lost, until somebody is told."""

WHO_CHANGED = "Cherchez qui a changé ou restauré la base du cabinet."

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
        self._heads = JournalHeads(keystore)
        self._copied: int | None = None  # the last of ours that was seen there

    def copy(self) -> int:
        """Tell the server the acts it lacks of this workstation, all of them where it lost them; returns how many it has."""
        server, station = self._there(), self._journal.station
        number = server.count(station)
        if self._copied is None:
            self._copied = self._heads.noted().get(station, (0, ""))[0]
        if number < self._copied:  # put back all the same: `verify` tells it once
            log.warning("the practice's journal lost acts %d to %d of this workstation", number + 1, self._copied)
            self._keystore.set(CUT, f"{number + 1}:{self._copied}")
        while found := self._journal.after(number, AT_ONCE):
            number = server.append(station, number, [self._shared(server, one) for one in found])
            self._heads.note({station: server.head(station)})  # a server that loses them from now on is found out
        self._copied = number
        return number

    def verify(self) -> dict[str, Head]:
        """The head of each workstation's chain, noted from now on. Raises StorageError("journal-broken"), ("journal-cut"): also,
        once, for acts that were missing, or others, at an earlier look, and are as they were again."""
        self._connect()
        heads = self._there().verify(self._heads.noted())
        self._heads.note(heads)
        if lost := self._keystore.get(CUT):
            self._keystore.delete(CUT)
            first, _, last = lost.partition(":")
            raise StorageError(
                "journal-cut",
                f"Le journal du cabinet avait perdu des actes de ce poste (n° {first} à {last}) : ils y ont été remis.",
                WHO_CHANGED,
            )
        if missed := self._heads.take():
            raise StorageError("journal-cut", " ".join(one.told_fr for one in missed), WHO_CHANGED)
        return heads

    def look(self) -> None:
        """See that what was there is still there, of every workstation; as often as one likes. Raises StorageError."""
        self._heads.look(self._there())

    @property
    def found_fr(self) -> str:
        """What was missed in it and nobody was told of by `verify`; empty when nothing was. Never blocks."""
        return " ".join([*(one.told_fr for one in self._heads.missed), WHO_CHANGED]) if self._heads.missed else ""

    def lines(self) -> Iterator[str]:
        """One JSON object an act, by workstation: its `station` and number, then the fields of JournalRecord. Nobody is named, no
        patient but by the practice's pseudonym. What a later version wrote is told as it wrote it."""
        self._connect()
        for station, number, record, more in self._there().records():
            told = {**more, "station": station, "number": number, **(in_words(record) if record else {})}
            yield json.dumps(told, ensure_ascii=False)

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
