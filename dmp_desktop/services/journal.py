"""The journal as people use it: verified against a head noted in the key store, exported as JSON lines."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.errors import StorageError
from dmp_desktop.services.act_words import in_words
from dmp_desktop.storage.journal import Journal, JournalRecord

log = logging.getLogger(__name__)

HEAD = "journal-head"
"""Name in the key store of the last head noted: number of the record, colon, hexadecimal chain."""


class JournalBook:
    """`keystore` is out of reach of who only has the database's file: what was cut off the journal's end is missed there."""

    def __init__(self, journal: Journal, keystore: KeyStore) -> None:
        self._journal = journal
        self._keystore = keystore

    def note_head(self) -> None:
        """Note how far the journal goes. A journal that was cut is not noted over the one it was. Raises StorageError."""
        number, head = self._journal.head()
        if number > self._noted()[0]:
            self._keystore.set(HEAD, f"{number}:{head}")

    def note_repair(self, at: datetime, why: str) -> None:
        """The files were made anew: how many acts there are and how many were known of is an act itself, and the head is noted
        from there on. What is broken within is still found by `verify`. Raises StorageError."""
        result = f"{self._journal.head()[0]}/{self._noted()[0]}"
        self._journal.append(JournalRecord(at, "", Act.FILES_MADE_ANEW, result=result, reason=why))
        number, head = self._journal.head()
        self._keystore.set(HEAD, f"{number}:{head}")

    def stop(self) -> None:
        """As `note_head`, at the end; a key store that does not answer is no reason not to end."""
        try:
            self.note_head()
        except StorageError as error:
            log.warning("the journal's head is not noted: %s", error.code)

    def verify(self) -> tuple[int, str]:
        """How many acts there are, and the head of the chain. Raises StorageError("journal-broken"), ("journal-cut")."""
        return self._journal.verify(self._noted())

    def lines(self) -> Iterator[str]:
        """One JSON object an act, the first one first: its number, then the fields of JournalRecord and their words. Nobody is
        named but an administrator, no patient but by pseudonym. Raises StorageError."""
        for number, record in enumerate(self._journal.records(), 1):
            told = {"number": number, **in_words(record)}
            yield json.dumps(told, ensure_ascii=False)

    def _noted(self) -> tuple[int, str]:
        number, _, head = (self._keystore.get(HEAD) or "0:").partition(":")
        return (int(number), head) if number.isdecimal() else (0, "")
