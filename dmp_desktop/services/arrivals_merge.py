"""An agenda read again: what is new on a day's list, what is there already, what moved, what is told no more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from dmp_desktop.domain.arrivals import Arrival, Expected
from dmp_desktop.domain.identity import folded
from dmp_desktop.exchange.agenda import Line, Refused

NewId = Callable[[Line, Collection[str]], str]
"""The id of an appointment that is new on the list, none of those that are taken."""

Key = tuple[object, ...]


@dataclass(slots=True)
class Merged:
    """`written` is what becomes of the list, by `arrival_id`; the rest counts."""

    written: dict[str, Arrival] = field(default_factory=dict)
    added: int = 0
    already: int = 0
    moved: int = 0
    withdrawn: int = 0
    refused: list[Refused] = field(default_factory=list)


def merge(known: Sequence[Arrival], lines: Sequence[Line], source: str, new_id: NewId, *, whole: bool) -> Merged:
    """Lines of one day. A person is never changed under an arrival: whoever the agenda names instead comes beside them.

    `whole`: the file tells all there is; of what came from it and is told no more, that is told. Nothing is taken off the list.
    """
    done = Merged()
    by_uid = {one.expected.uid: one for one in known if one.expected.uid}
    by_words = {_words(one.expected): one for one in known}
    ids = {one.arrival_id for one in known}
    taken: dict[str, int] = {}
    for line in lines:
        told = line.expected
        same = by_uid.get(told.uid)
        if same is None or same.arrival_id in taken or same.expected.who != told.who:
            same = by_words.get(_words(told))
        if same is not None and same.arrival_id in taken:
            first = taken[same.arrival_id]
            done.refused.append(Refused(line.number, f"c'est le même rendez-vous qu'à la ligne {first}."))
            continue
        now = _merged(done, same, line, source, lambda line: new_id(line, ids | done.written.keys()))
        taken[now.arrival_id] = line.number
        by_words.setdefault(_words(told), now)
    if whole and source:
        for one in known:
            if one.source == source and one.arrival_id not in taken and not one.withdrawn:
                done.written[one.arrival_id] = replace(one, withdrawn=True)
                done.withdrawn += 1
    return done


def _merged(done: Merged, same: Arrival | None, line: Line, source: str, new_id: Callable[[Line], str]) -> Arrival:
    if same is None:
        done.added += 1
        now = Arrival(new_id(line), line.day, line.expected, source=source, place=line.number)
        done.written[now.arrival_id] = now
        return now
    moved = same.expected.at != line.expected.at
    done.moved += moved
    done.already += not moved
    ours = same.source == source or not source
    now = replace(
        same,
        expected=_completed(same.expected, line.expected),
        source=same.source or source,
        withdrawn=same.withdrawn and not ours,
        moved_from=same.expected.at if moved else same.moved_from,
        place=line.number if ours else same.place,
    )
    if now != same:
        done.written[now.arrival_id] = now
    return now


def _completed(kept: Expected, told: Expected) -> Expected:
    """As it is told now; what it tells no more of an appointment that did not move stays."""
    return replace(
        told,
        doctor=told.doctor or kept.doctor,
        rpps=told.rpps or kept.rpps,
        uid=told.uid or kept.uid,
        patient=told.patient or kept.patient,
    )


def _words(told: Expected) -> Key:
    """One appointment: the person, the moment and whom they come to see."""
    at: datetime | None = told.at
    return (*told.who, at, folded(told.doctor) if told.doctor else "", told.rpps)
