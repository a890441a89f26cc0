"""The day's list in words: one row a person expected. Nothing clinical is in it."""

from __future__ import annotations

from datetime import datetime

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.front_desk import Check, Mark, Told, next_check
from dmp_desktop.domain.identity import Identity
from dmp_desktop.services.front_desk import DeskDay, DeskLine
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui import strings_fr as common_fr
from dmp_desktop.ui.models.row_card import RowCard
from dmp_desktop.ui.models.told_rows import ToldRow


def rows_of(day: DeskDay) -> list[ToldRow]:
    """For the front desk."""
    return [_row(line, todo_of(line), fr.STAGE[line.arrival.stage]) for line in day.lines]


def room_rows_of(day: DeskDay) -> list[ToldRow]:
    """For the doctor: ready or why not."""
    rows = []
    for line in day.lines:
        over = line.arrival.stage in _OVER
        rows.append(_row(line, _why(line), fr.STAGE[line.arrival.stage] if over else fr.READINESS[line.ready]))
    return rows


_OVER = frozenset({Stage.SEEN, Stage.ABSENT})


def _row(line: DeskLine, todo: str, mark: str) -> ToldRow:
    told, stage = line.arrival.expected, line.arrival.stage
    name = f"{told.family} {told.given}".strip()
    time = time_of(told.at) or fr.NO_TIME
    born = formats.day(told.birth_date) if told.birth_date else fr.NO_BIRTH
    doctor = told.doctor or told.rpps
    notes = _notes(line)
    over = stage in _OVER
    tone = "muted" if over or line.arrival.withdrawn else "success" if line.ready else "warning" if notes else "accent"
    card = RowCard(
        icon=fr.STAGE_ICON[stage],
        title=name,
        kept=told.given,
        detail=" · ".join(part for part in (born, *notes, "" if over else todo) if part),
        date=time,
        mark=mark,
        tone=tone,
    )
    state = " · ".join(dict.fromkeys((fr.STAGE[stage], mark, *notes)))
    cells = (name, born, time, state, "" if over else todo, doctor or fr.NOT_SAID)
    return ToldRow(line, cells, card)


def _notes(line: DeskLine) -> tuple[str, ...]:
    """What keeps two people, or two appointments, from being taken for one."""
    moved = line.arrival.moved_from
    found = (
        fr.WITHDRAWN if line.arrival.withdrawn else "",
        fr.HOMONYM if line.homonyms else "",
        fr.AGAIN if line.again else "",
        fr.MOVED.format(time_of(moved)) if moved else "",
    )
    return tuple(note for note in found if note)


def todo_of(line: DeskLine) -> str:
    """The one thing that comes first."""
    first = next_check(line.checks)
    return fr.SHORT[first.told] if first else fr.ALL_DONE


def _why(line: DeskLine) -> str:
    """All that is not done and can be named, then what only the doctor can weigh."""
    to_do = [fr.SHORT[one.told] for one in line.checks if one.mark is Mark.TO_DO and one.told in fr.SHORT]
    told = [fr.SHORT[one.told] for one in line.checks if one.mark is Mark.TOLD]
    return ", ".join((*to_do, *told))


def check_words(check: Check, line: DeskLine) -> str:
    if check.told is Told.AFTER:
        return fr.AFTER[check.point]
    return fr.TOLD[check.told].format(line.scans)


def candidate_words(identity: Identity) -> str:
    """What tells a homonym from another one."""
    traits = identity.traits
    place = fr.PLACE.format(traits.birth_place_cog) if traits.birth_place_cog else ""
    return fr.CANDIDATE.format(
        name=f"{traits.birth_family} {traits.birth_given}",
        born=fr.BORN.format(formats.day(traits.birth_date)),
        place=place,
        status=common_fr.INS_STATUS[identity.status][0],
    )


def time_of(moment: datetime | None) -> str:
    return f"{moment.astimezone():%H:%M}" if moment else ""
