"""Notes proposed on one workstation of a practice are validated on another: their rows go with the other shared rows (ADR 23).

What is in a row is sealed to its doctor already; the server and the other workstations carry it without opening it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from dmp_desktop.domain.proposals import Proposal, Said
from dmp_desktop.domain.shared import LocalRow, SharedRow
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.proposals import ANSWER, PROPOSED, ProposalStore, fields_of, from_fields

_log = logging.getLogger(__name__)

_LATER = timedelta(days=7)
"""After the stores have forgotten a note, all logs do."""
_RANK = {Said.VALIDATED.value: 2, Said.RETURNED.value: 1}


class SharedProposals:
    """A SharedKind: a row a note, what its author says and what the doctor answers. `kept`: how long stores keep what is over."""

    name = "proposal"
    keeps_history = False

    def __init__(self, store: ProposalStore, kept: timedelta) -> None:
        self._store = store
        self._kept = kept

    def rows(self) -> Iterable[LocalRow]:
        for one in self._store.all()[0]:
            until = one.changed_at + self._kept + _LATER if one.over else None
            yield LocalRow(one.id, fields_of(one), one.author_id, until)

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        try:
            told = _furthest(row)
            kept = self._store.change(row.name, lambda here: told if _as_known(here, known) else None)
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # half of it, or a later version's: it waits
            _log.warning("a shared note cannot be read yet: %s", type(error).__name__)
            return False
        except StorageError as error:
            if error.code != DAMAGED:
                raise
            _log.warning("a note that is damaged here follows no other workstation")  # bars nothing else
            return False
        return kept is not None


def _as_known(here: Proposal | None, known: Mapping[str, Any]) -> bool:
    return here is None or not known or fields_of(here) == dict(known)


def _furthest(row: SharedRow) -> Proposal:
    """Of all that is said without having been seen: the last round, and what is further along of the answers."""
    proposed = [one.value for one in (row.said[PROPOSED], *row.conflicts.get(PROPOSED, ()))]
    answers = [one.value for one in (row.said[ANSWER], *row.conflicts.get(ANSWER, ())) if one.value is not None]
    return from_fields(
        row.name,
        {
            PROPOSED: max(proposed, key=lambda one: (one["round"], one["withdrawn"])),
            ANSWER: max(answers, key=_along) if answers else None,
        },
    )


def _along(answer: Mapping[str, Any]) -> tuple[bool, int, int, int]:
    return answer["said"] == Said.VALIDATED.value, answer["made"], answer["round"], _RANK.get(answer["said"], 0)
