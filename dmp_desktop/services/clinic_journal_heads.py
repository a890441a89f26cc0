"""How far the journal of each workstation had got on the practice's server, as this one saw it, compared at each round.

Who holds the server's database alone cuts nothing off, nor writes an end anew, unseen by the other workstations.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Protocol

from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_journal import Head

HEADS = "practice-journal-heads"
"""Name in the key store of the last heads noted, JSON by station: what is cut off on the server is missed there."""

MISSED = "practice-journal-missed"
"""Name in the key store of what was found since `take`, JSON by station: the fields of a Missed but that."""

NOTE_EVERY = 60
"""Rounds: heads go into the key store, which may be slow, every 5 minutes or so; what is missed goes at once."""

_log = logging.getLogger(__name__)


class Ends(Protocol):
    """What the server has (storage.clinic_journal). Methods raise StorageError."""

    def heads(self) -> dict[str, Head]: ...

    def chains(self, numbers: dict[str, int]) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Missed:
    """Of a station, the acts `first` to `last` were away, if they are not still; `changed`: the act `last` is another one."""

    station: str
    first: int
    last: int
    changed: bool = False

    @property
    def told_fr(self) -> str:
        where = f"du poste {self.station[:8]}"
        if self.changed:
            return f"Le journal du cabinet a été changé : l'acte n° {self.last} {where} n'y est plus le même."
        acts = f"n° {self.first} à {self.last}" if self.first < self.last else f"n° {self.last}"
        return f"Des actes {where} ({acts}) ont été retirés du journal du cabinet, même s'ils y sont revenus depuis."


class JournalHeads:
    """`look` is for the clinic's thread, `missed` for any: it never blocks."""

    def __init__(self, keystore: KeyStore) -> None:
        self._keystore = keystore
        self._seen: dict[str, Head] = {}
        self._missed: dict[str, Missed] = {}
        self._rounds = 0

    @property
    def missed(self) -> tuple[Missed, ...]:
        return tuple(self._missed.values())

    def look(self, server: Ends) -> None:
        """One round: two short questions to the server, however long the journal is. Raises StorageError."""
        if self._rounds % NOTE_EVERY == 0:
            self._read()
        heads = server.heads()
        grown = {station: seen[0] for station, seen in self._seen.items() if heads.get(station, seen)[0] > seen[0]}
        then = server.chains(grown) if grown else {}
        found = {}
        for station, (number, chain) in self._seen.items():
            left, end = heads.get(station, (0, ""))
            if left < number:
                found[station] = Missed(station, left + 1, number)
            elif (end if left == number else then.get(station)) != chain:
                found[station] = Missed(station, number, number, changed=True)
        self._seen = self._seen | {station: head for station, head in heads.items() if station not in found}
        self._miss(found)
        if self._rounds % NOTE_EVERY == 0:
            self.note(self._seen)
        self._rounds += 1

    def noted(self) -> dict[str, Head]:
        """The furthest of what this process saw and of what was noted. Raises StorageError."""
        return _furthest(self._noted(), self._seen)

    def note(self, heads: dict[str, Head]) -> None:
        """From now on these are missed once they are gone. Where the key store does not take it, a later round tries again."""
        try:
            before = self._noted()
            self._seen = now = _furthest(_furthest(before, self._seen), heads)
            if now != before:
                self._keystore.set(HEADS, json.dumps(now))
        except StorageError as error:
            _log.warning("heads of the practice's journal not noted: %s", error.code)

    def take(self) -> tuple[Missed, ...]:
        """What was missed, told to somebody now: it is told no more. Raises StorageError."""
        self._missed |= self._kept()
        missed, self._missed = self.missed, {}
        if missed:
            self._keystore.delete(MISSED)
        return missed

    def _miss(self, found: dict[str, Missed]) -> None:
        now = dict(self._missed)
        for station, one in found.items():
            known = now.get(station)
            covers = known is not None and known.first <= one.first and one.last <= known.last
            if not covers or (one.changed and known is not None and not known.changed):
                now[station] = (
                    one if known is None or one.changed else Missed(station, min(known.first, one.first), one.last)
                )
        if now == self._missed:
            return
        self._missed = now
        _log.error("the practice's journal is not what it was: %d workstations", len(now))
        try:
            self._keystore.set(
                MISSED, json.dumps({one.station: [one.first, one.last, one.changed] for one in self.missed})
            )
        except StorageError as error:
            _log.warning("what is missed in the practice's journal is not noted: %s", error.code)

    def _read(self) -> None:
        """What was noted by an earlier process, or another one, which may have told it meanwhile."""
        try:
            self._seen, self._missed = self.noted(), self._kept()
        except StorageError as error:
            _log.warning("heads of the practice's journal not read: %s", error.code)

    def _noted(self) -> dict[str, Head]:
        told = json.loads(self._keystore.get(HEADS) or "{}")
        return {station: (int(head[0]), str(head[1])) for station, head in told.items()}

    def _kept(self) -> dict[str, Missed]:
        told = json.loads(self._keystore.get(MISSED) or "{}")
        return {station: Missed(station, *one[:3]) for station, one in told.items()}


def _furthest(one: dict[str, Head], other: dict[str, Head]) -> dict[str, Head]:
    return {**one, **{station: head for station, head in other.items() if head[0] > one.get(station, (0, ""))[0]}}
