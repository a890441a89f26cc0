"""The order of events of an invented record: which documents, when, by whom, with which versions and restrictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.sandbox.directory import DOCTOR
from dmp_desktop.sandbox.patients import History, Story
from dmp_desktop.sandbox.records import (
    analyses,
    case_child,
    case_chronic,
    case_ordinary,
    case_short,
    kinds,
    other_units,
)
from dmp_desktop.sandbox.records.analyses import ANALYSES, Trend
from dmp_desktop.sandbox.records.authors import WRITERS
from dmp_desktop.sandbox.records.events import EVENTS
from dmp_desktop.sandbox.records.plan import PARIS, Plan, Result, Section
from dmp_desktop.sandbox.records.scribe import Identifiers, Scribe
from dmp_desktop.sandbox.records.script import Script
from dmp_desktop.sandbox.records.visits import VISITS

ACUTE_EVERY = 23
"""One laboratory report in so many is of an acute episode: its flags are those that must not be missed."""
NEWS = 5
"""The latest documents of a record are not the doctor's own."""


@dataclass(frozen=True, slots=True)
class Outline:
    """How a kind of record is made: years it spans, weight of each script, laboratory panels, drift of the values."""

    years: float
    mix: Mapping[str, int]
    panels: tuple[tuple[str, ...], ...]
    trends: Mapping[str, Trend]
    weight: tuple[float, float]
    """Weight in kg at the beginning and at the end."""
    told: Callable[[Scribe], list[Plan]]
    """The documents that are not left to chance."""


BIOLOGY = "biology"
OUTLINES = {
    History.ORDINARY: Outline(
        years=8.0,
        mix={
            BIOLOGY: 15,
            "prescription": 10,
            "imaging": 6,
            "gp_visit": 6,
            "former_gp": 3,
            "lab_order": 4,
            "ent": 2,
            "ophthalmology": 2,
            "emergency": 1,
            "operation": 1,
            "certificate": 2,
            "physio": 1,
        },
        panels=(
            analyses.BLOOD_COUNT + analyses.IRON,
            analyses.METABOLIC + analyses.THYROID,
            analyses.INFLAMMATION + analyses.LIVER + analyses.BLOOD_COUNT,
        ),
        trends=analyses.ORDINARY,
        weight=(61.0, 64.5),
        told=case_ordinary.told,
    ),
    History.CHRONIC: Outline(
        years=10.0,
        mix={
            BIOLOGY: 130,
            "prescription": 56,
            "cardiology": 24,
            "nephrology": 22,
            "endocrinology": 20,
            "gp_visit": 18,
            "imaging": 14,
            "lab_order": 20,
            "discharge": 6,
            "stay": 9,
            "emergency": 5,
            "ophthalmology": 9,
            "summary": 1,
            "physio": 2,
            "certificate": 1,
        },
        panels=(
            analyses.RENAL + analyses.BLOOD_COUNT,
            analyses.RENAL + analyses.METABOLIC,
            analyses.RENAL + analyses.METABOLIC + analyses.INFLAMMATION + analyses.BLOOD_COUNT,
        ),
        trends=analyses.CHRONIC,
        weight=(92.0, 84.0),
        told=case_chronic.told,
    ),
    History.CHILD: Outline(
        years=5.5,
        mix={"child_visit": 8, "prescription": 4, BIOLOGY: 2, "emergency": 1},
        panels=(analyses.BLOOD_COUNT + analyses.IRON,),
        trends=analyses.CHILD,
        weight=(3.6, 20.0),
        told=case_child.told,
    ),
}
TOLD: Mapping[History, Callable[[Scribe], list[Plan]]] = {
    History.ELSEWHERE: case_short.elsewhere,
    History.ADOLESCENT: case_short.adolescent,
    History.EXPIRED: case_short.expired,
}
"""Records of which nothing is left to chance."""
SCRIPTS = VISITS | EVENTS
_BIOLOGY_SCRIPT = Script(
    kinds.BIOLOGY, ("laboratory", "laboratory", "laboratory_2"), "Compte rendu d'examens biologiques"
)


def plans(story: Story, now: datetime) -> list[Plan]:
    """The documents of a story, oldest first: exactly `story.approved` Approved ones that the doctor of the sandbox sees,
    and besides them replaced versions, archived ones, and some masked by others."""
    if story.history in TOLD:
        return _told(story, now)
    outline = OUTLINES.get(story.history)
    if outline is None:
        return []
    random = Random(f"{story.name}:{story.patient.ins.value}")  # noqa: S311  # chance for invented records, not for secrets
    names = [name for name, count in outline.mix.items() for _ in range(count)]
    identifiers = Identifiers(Random(f"told:{story.patient.ins.value}"))  # noqa: S311
    told = outline.told(Scribe(story.patient, now, identifiers))
    if len(names) + sum(plan.status is Availability.APPROVED for plan in told) != story.approved:
        raise ValueError("the mix of a history must add up to the number of documents of its story")
    random.shuffle(names)
    _leave_news(names)
    days = _days(random, len(names), outline, story.patient, now)
    maker = _Maker(story.patient, outline, random, days[0], days[-1])
    visible = _restricted([maker.make(name, day) for name, day in zip(names, days, strict=True)], story)
    extra = [*_versions(visible, maker, random), *_hidden(maker, random, days, story), *told]
    return sorted(extra, key=lambda plan: (plan.created, plan.version))


def _told(story: Story, now: datetime) -> list[Plan]:
    identifiers = Identifiers(Random(f"told:{story.patient.ins.value}"))  # noqa: S311
    told = TOLD[story.history](Scribe(story.patient, now, identifiers))
    seen = [plan for plan in told if plan.status is Availability.APPROVED and _is_seen(plan, story)]
    if len(seen) != story.approved:
        raise ValueError("a short record must hold the number of documents of its story")
    return sorted(told, key=lambda plan: (plan.created, plan.version))


def _is_seen(plan: Plan, story: Story) -> bool:
    hers = plan.writer.national_id == DOCTOR.national_id
    return story.attending or hers or Visibility.MASQUE_PS not in plan.restrictions


def _leave_news(names: list[str]) -> None:
    """Make the latest documents others' work where there are enough, so that the doctor finds news at her next visit."""
    others = [at for at in range(len(names) - NEWS) if not _may_be_hers(names[at])]
    for late in range(len(names) - NEWS, len(names)):
        if _may_be_hers(names[late]) and others:
            early = others.pop()
            names[late], names[early] = names[early], names[late]


def _may_be_hers(name: str) -> bool:
    return name != BIOLOGY and "doctor" in SCRIPTS[name].writers


def _days(random: Random, count: int, outline: Outline, patient: Patient, now: datetime) -> list[datetime]:
    """Days of the events: spread over the years, the last ones within the week before `now`."""
    born = datetime.combine(patient.birth_date, datetime.min.time(), PARIS) + timedelta(days=3)
    first = max(now - timedelta(days=365.25 * outline.years), born)
    step = (now - first) / count
    days = []
    for rank in range(count):
        moment = first + step * (rank + random.uniform(0.05, 0.95))
        if rank >= count - 3:
            moment = now - timedelta(days=2.0 * (count - rank) - 1)
        local = moment.astimezone(PARIS)
        local -= timedelta(days=max(0, local.weekday() - 4))
        days.append(
            local.replace(hour=random.randint(7, 17), minute=random.randrange(0, 60, 5), second=0, microsecond=0)
        )
    return sorted(min(day, now - timedelta(hours=3)) for day in days)


class _Maker:
    """Makes the plan of one event; the source of chance is shared so that the order of calls decides everything."""

    def __init__(self, patient: Patient, outline: Outline, random: Random, first: datetime, last: datetime) -> None:
        self._patient = patient
        self._outline = outline
        self._random = random
        self.identifiers = Identifiers(random)
        self._first = first
        self._span = max((last - first).days, 1)
        self._panel = 0

    def make(self, name: str, day: datetime) -> Plan:
        script = _BIOLOGY_SCRIPT if name == BIOLOGY else SCRIPTS[name]
        delay = timedelta(minutes=self._random.randint(20, 150))
        writer = self._random.choice(script.writers)
        return Plan(
            patient=self._patient,
            kind=script.kind,
            writer=WRITERS[writer],
            title=script.title,
            created=(day + delay).astimezone(UTC),
            service_start=day.astimezone(UTC),
            unique_id=self.identifiers.oid(),
            entry_uuid=f"urn:uuid:{self.identifiers.uuid()}",
            set_id=self.identifiers.oid(),
            sections=self._sections(script, day),
            results=self._results(day, elsewhere=writer == "laboratory_2") if name == BIOLOGY else (),
        )

    def _results(self, day: datetime, *, elsewhere: bool) -> tuple[Result, ...]:
        codes = self._outline.panels[self._panel % len(self._outline.panels)]
        acute = self._panel % ACUTE_EVERY == ACUTE_EVERY // 2
        self._panel += 1
        found = []
        for loinc in codes:
            analysis = ANALYSES[loinc]
            trend = self._outline.trends.get(loinc, Trend())
            value = analyses.value(self._patient.ins.value, analysis, trend, self._first, day, acute=acute)
            shown, factor = other_units.elsewhere(analysis) if elsewhere else (analysis, 1.0)
            found.append(Result(shown, round(value * factor, shown.decimals)))
        return tuple(sorted(found, key=lambda result: result.analysis.chapter[1]))

    def _sections(self, script: Script, day: datetime) -> tuple[Section, ...]:
        if not script.texts:
            return ()
        low, high = self._outline.weight
        weight = low + (high - low) * (day - self._first).days / self._span
        facts = {
            "pas": str(self._random.randrange(112, 152, 2)),
            "pad": str(self._random.randrange(64, 92, 2)),
            "fc": str(self._random.randint(56, 84)),
            "fevg": str(self._random.randint(46, 62)),
            "poids": f"{weight:.1f}".replace(".", ","),
        }
        text = self._random.choice(script.texts)
        return tuple(
            Section(code, heading, tuple(paragraph.format(**facts) for paragraph in paragraphs))
            for code, heading, *paragraphs in text
        )


def _restricted(visible: list[Plan], story: Story) -> list[Plan]:
    """A few restrictions among documents the doctor sees: masked ones (hers, or any for the attending doctor), and results
    the patient must first be told of."""
    mine = [plan for plan in visible if story.attending or plan.writer.national_id == DOCTOR.national_id]
    masked = {plan.unique_id for plan in mine[:: max(1, len(mine) // 3)][:3]}
    reports = [plan for plan in visible if plan.kind.class_code == "10" and plan.unique_id not in masked]
    announced = {plan.unique_id for plan in reports[-2:-1]}
    return [
        replace(plan, restrictions=frozenset({Visibility.MASQUE_PS}))
        if plan.unique_id in masked
        else replace(plan, restrictions=frozenset({Visibility.INVISIBLE_PATIENT}))
        if plan.unique_id in announced
        else plan
        for plan in visible
    ]


def _versions(visible: list[Plan], maker: _Maker, random: Random) -> Iterator[Plan]:
    """The visible documents, some with earlier versions that they replace: chains of two or three."""
    chosen = set(random.sample(range(len(visible)), max(1, len(visible) // 25)))
    for rank, plan in enumerate(visible):
        chain = random.choice((2, 2, 3)) if rank in chosen else 1
        previous = ""
        for version in range(1, chain + 1):
            current = version == chain
            older = timedelta(hours=3 * (chain - version))
            yield replace(
                plan,
                unique_id=plan.unique_id if current else (identifier := maker.identifiers.oid()),
                entry_uuid=plan.entry_uuid if current else f"urn:uuid:{maker.identifiers.uuid()}",
                created=plan.created - older,
                service_start=plan.service_start - timedelta(hours=3 * (chain - 1)),
                version=version,
                replaces=previous,
                status=Availability.APPROVED if current else Availability.DEPRECATED,
            )
            previous = "" if current else identifier


def _hidden(maker: _Maker, random: Random, days: list[datetime], story: Story) -> Iterator[Plan]:
    """Documents beyond the count: archived, and masked by someone else where the doctor is not the attending one."""
    for name in ("prescription", "imaging" if "imaging" in OUTLINES[story.history].mix else "vaccination"):
        yield replace(maker.make(name, random.choice(days[: len(days) // 2])), status=Availability.ARCHIVED)
    if not story.attending:
        for name in ("emergency", "ophthalmology"):
            masked = maker.make(name, random.choice(days[:-3]))
            yield replace(masked, restrictions=frozenset({Visibility.MASQUE_PS}))
