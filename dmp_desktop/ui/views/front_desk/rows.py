"""The day's list in words: one row a person expected. Nothing clinical is in it."""

from __future__ import annotations

from datetime import datetime

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.consent import Decision, Subject
from dmp_desktop.domain.front_desk import Check, Mark, Point, Told, next_check
from dmp_desktop.domain.identity import Identity
from dmp_desktop.services.front_desk import DeskDay, DeskLine
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui import strings_fr as common_fr
from dmp_desktop.ui import strings_opinions_fr as opinions_fr
from dmp_desktop.ui.models.row_card import RowCard
from dmp_desktop.ui.models.told_rows import ToldRow


def rows_of(day: DeskDay) -> list[ToldRow]:
    """For the front desk."""
    return [_row(line, todo_of(line), stage_of(line)) for line in day.lines]


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
    state = " · ".join(dict.fromkeys((stage_of(line), mark, *notes)))
    cells = (name, born, time, state, "" if over else todo, doctor or fr.NOT_SAID)
    return ToldRow(line, cells, card)


def _notes(line: DeskLine) -> tuple[str, ...]:
    """What keeps two people, or two appointments, from being taken for one."""
    moved = line.arrival.moved_from
    found = (
        fr.WITHDRAWN if line.arrival.withdrawn else "",
        fr.LATE if line.late else "",
        fr.HOMONYM if line.homonyms else "",
        fr.AGAIN if line.again else "",
        fr.MOVED.format(time_of(moved)) if moved else "",
    )
    return tuple(note for note in found if note)


def stage_of(line: DeskLine) -> str:
    """How far they are; of who waits, since when."""
    stage = line.arrival.stage
    return fr.ARRIVED_AT.format(time_of(line.arrival.steps[-1].at)) if stage is Stage.ARRIVED else fr.STAGE[stage]


def todo_of(line: DeskLine) -> str:
    """The one thing that comes first."""
    first = next_check(line.checks)
    return fr.SHORT[first.told] if first else fr.ALL_DONE


def _why(line: DeskLine) -> str:
    """All that is not done and can be named, then what only the doctor can weigh."""
    to_do = [fr.SHORT[one.told] for one in line.checks if one.mark is Mark.TO_DO and one.told in fr.SHORT]
    told = [fr.SHORT[one.told] for one in line.checks if one.mark is Mark.TOLD and one.point is not Point.OPINIONS]
    return ", ".join((*to_do, *opinions_of(line, opposed=True), *told))


def check_words(check: Check, line: DeskLine) -> str:
    """Of opinions, each with its day and its way; one that was noted is told though the other one is not."""
    if check.told is Told.AFTER:
        return fr.AFTER[check.point]
    if check.point is Point.OPINIONS and check.told is not Told.NOT_NOTED:
        told = " ; ".join((*opinions_of(line, opposed=True), *opinions_of(line, opposed=False)))
        return f"{fr.TOLD[check.told]} : {told}" if check.told is Told.AGREED else told[:1].upper() + told[1:]
    noted = opinions_of(line, opposed=True) if check.told is Told.NOT_NOTED else ()
    return " ; ".join((fr.TOLD[check.told].format(line.scans), *noted))


def opinions_of(line: DeskLine, *, opposed: bool) -> tuple[str, ...]:
    """What was noted of both subjects, one way or the other: said, when, how."""
    consent = line.consent
    if consent is None:
        return ()
    words = fr.OPPOSED_TO if opposed else fr.AGREED_TO
    both = ((Subject.CONSULTATION, consent.consultation), (Subject.FEEDING, consent.feeding))
    return tuple(_opinion(words[subject], said) for subject, said in both if said.opposed is opposed)


def _opinion(words: str, decision: Decision) -> str:
    told = decision.told
    if told is None:
        return words
    channel = next((way for one, way in opinions_fr.CHANNEL.items() if one == told.reason), "")
    form = fr.OPINION if channel else fr.OPINION_WITHOUT_WAY
    return form.format(said=words, day=formats.day(told.at), channel=channel)


def named(line: DeskLine) -> str:
    """Who it is, so that nobody is taken for a homonym."""
    told = line.arrival.expected
    born = fr.BORN.format(formats.day(told.birth_date)) if told.birth_date else fr.NO_BIRTH
    return fr.NAMED.format(name=f"{told.family} {told.given}".strip(), born=born, time=time_of(told.at) or fr.NO_TIME)


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
