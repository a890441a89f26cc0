"""What people read of a fact: its line in the table of a section, and the same line on the printed page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from dmp_desktop.cda.build.coded import Coded, Fact, Topic
from dmp_desktop.cda.build.template import Markup, Template, join
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology import unit_label

UNKNOWN = "Non renseigné"

TITLES = {
    Topic.VITALS: "Signes vitaux",
    Topic.PROBLEMS: "Problèmes actifs",
    Topic.HISTORY: "Antécédents médicaux",
    Topic.FAMILY: "Antécédents familiaux",
    Topic.PROCEDURES: "Actes et interventions",
    Topic.ALLERGIES: "Allergies et hypersensibilités",
    Topic.TREATMENTS: "Traitements",
    Topic.VACCINATIONS: "Vaccinations",
    Topic.RESULTS: "Résultats d'examens",
    Topic.LIFESTYLE: "Mode de vie",
    Topic.DEVICES: "Dispositifs médicaux",
}
_HEADS = {
    Topic.VITALS: ("Mesure", "Valeur", "Date"),
    Topic.PROBLEMS: ("Problème", "Précision", "Date"),
    Topic.HISTORY: ("Antécédent", "Précision", "Date"),
    Topic.FAMILY: ("Antécédent", "Précision", "Date"),
    Topic.PROCEDURES: ("Acte", "Précision", "Date"),
    Topic.ALLERGIES: ("Allergie", "Réaction", "Date"),
    Topic.TREATMENTS: ("Médicament", "Posologie", "Période"),
    Topic.VACCINATIONS: ("Vaccin", "Injection", "Date"),
    Topic.RESULTS: ("Examen", "Résultat", "Date"),
    Topic.LIFESTYLE: ("Type", "Observation", "Date"),
    Topic.DEVICES: ("Dispositif", "Précision", "Date"),
}
_SOURCE = "Source"
_SHOWN_CODE = {Topic.PROBLEMS, Topic.HISTORY, Topic.FAMILY}
_GLUED = re.compile(r"(\d)([^\W\d])")  # 5mg
_QUALIFIERS = {
    ProposalStatus.SUSPECTED: "Suspicion de : ",
    ProposalStatus.ABSENT: "Absence de : ",
    ProposalStatus.REFUSED: "Refus de : ",
}
_PAST = "Terminé : "


class Line(NamedTuple):
    """`name` is the fact as such, what stands around it qualifies it; then how, when, and which documents say so."""

    before: str
    name: str
    after: str
    how: str
    when: str
    source: str


_HOW = Line._fields.index("how")
_CELLS = range(_HOW, len(Line._fields))


def line_of(topic: Topic, fact: Fact) -> Line:
    """What people read of a fact; empty where there is nothing to say."""
    item = fact.item
    name, how, when = _READ.get(topic, _plain)(item)
    said = fact.statement is None
    before = _PAST if fact.past else _QUALIFIERS.get(item.status, "") if said else ""
    after = f" ({item.code.code})" if said and item.code and topic in _SHOWN_CODE else ""
    return Line(before, name, after, how, when, " ; ".join(fact.sources))


def number(value: float) -> str:
    """A decimal number as XML schema writes it, every digit of it: no exponent, no needless zero."""
    text = repr(value)
    if "e" in text:
        text = f"{Decimal(text):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=64)
def day_text(day: date | None, when: str = "") -> str:
    """A day, or a date as precise as it was written: `2019-03` -> `03/2019`."""
    if day is not None:
        return f"{day.day:02}/{day.month:02}/{day.year}"  # strftime takes three times as long
    return "/".join(reversed(when[:10].split("-"))) if when else ""


def _told(*parts: str, between: str = " — ") -> str:
    """Those that say something."""
    return between.join(filter(None, parts))


def _period(item: ClinicalItem) -> str:
    since, until = day_text(item.start, item.when), day_text(item.end, item.until)
    if since and until and since != until:
        return f"du {since} au {until}"
    if until and not since:
        return f"jusqu'au {until}"
    return since


def _allergy(item: ClinicalItem) -> tuple[str, str, str]:
    """The agent, then what the document calls it where that says more."""
    agent = item.agent.display if item.agent else ""
    label = item.label if agent and item.label.casefold() != agent.casefold() else ""
    return agent or item.label, item.comment or label, _period(item)


def _plain(item: ClinicalItem) -> tuple[str, str, str]:
    return item.label, item.comment, _period(item)


def quantity_text(value: float, unit: str) -> str:
    """A measure as people read it; `unit` is UCUM's."""
    return f"{number(value).replace('.', ',')} {'' if unit == '1' else unit_label(unit)}".strip()


def _measure(item: ClinicalItem) -> tuple[str, str, str]:
    value, measure = item.value, item.measure
    shown = quantity_text(value, item.unit) if isinstance(value, int | float) else value or ""
    shown = shown or (measure.text if measure else "")
    return item.label, _told(shown, item.comment), _period(item)


def drug_name(item: ClinicalItem) -> str:
    """The drug and its strength, once."""
    strength = _GLUED.sub(r"\1 \2", item.dosage.strength) if item.dosage else ""
    known = strength.replace(" ", "") in item.label.replace(" ", "")
    return item.label if known else f"{item.label} {strength}"


def _treatment(item: ClinicalItem) -> tuple[str, str, str]:
    """The doctor's own words where there are some, without the name again: they hold what no schedule can."""
    dosage = item.dosage
    if dosage is None:
        return _plain(item)
    route = dosage.route.display if dosage.route else ""
    words = _without_name(item, dosage) if dosage.text else dosage.schedule
    length = f"{dosage.duration_days} jours" if dosage.duration_days else ""
    return drug_name(item), _told(words, route, item.comment), _told(_period(item), length, between=", ")


def _without_name(item: ClinicalItem, dosage: Dosage) -> str:
    """`ramipril 5 mg 1/j` -> `1/j`, when the words begin with drug and strength."""
    name = _drug(item.label, dosage.strength.replace(" ", "")).match(dosage.text)
    return dosage.text[name.end() :] if name else dosage.text


@lru_cache(maxsize=256)
def _drug(label: str, strength: str) -> re.Pattern[str]:
    spaced = r"\s*".join(map(re.escape, strength))
    return re.compile(rf"{re.escape(label)}\s*{spaced}(?![\w.,/])[\s:,]*", re.IGNORECASE)


def _vaccination(item: ClinicalItem) -> tuple[str, str, str]:
    given = item.injection or Injection()
    lot, rank = f"lot {given.lot}" if given.lot else "", f"dose n° {given.rank}" if given.rank else ""
    return item.label, _told(lot, given.site, rank, item.comment, between=", "), _period(item)


_READ: dict[Topic, Callable[[ClinicalItem], tuple[str, str, str]]] = {
    Topic.VITALS: _measure,
    Topic.RESULTS: _measure,
    Topic.LIFESTYLE: _measure,
    Topic.ALLERGIES: _allergy,
    Topic.TREATMENTS: _treatment,
    Topic.VACCINATIONS: _vaccination,
}


@cache
def _table(heads: tuple[str, ...]) -> Template:
    head = "".join(f"<th>{name}</th>" for name in heads)
    return Template(f"<table><thead><tr>{head}</tr></thead><tbody>{{!rows}}</tbody></table>")


@cache
def _row(columns: tuple[int, ...]) -> Template:
    """IDs: of the line, which its entry refers to; of the name, the words of an entry without a code; of `how` (a reaction)."""
    filled = "".join(
        '<td ID="{id}-how">{how}</td>' if column == _HOW else f"<td>{{{Line._fields[column]}}}</td>"
        for column in columns
    )
    return Template(
        f'<tr ID="{{id}}"><td>{{before}}<content ID="{{id}}-name">{{name}}</content>{{after}}</td>{filled}</tr>'
    )


def table(topic: Topic, facts: Sequence[Fact]) -> Markup:
    """A table of the section's facts; columns with nothing in them are left out."""
    lines = [line_of(topic, fact) for fact in facts]
    columns = tuple([column for column in _CELLS if any([line[column] for line in lines])])
    row = _row(columns)
    heads = (*_HEADS[topic], _SOURCE)
    return _table((heads[0], *(heads[column - _HOW + 1] for column in columns))).fill(
        rows=join(
            [
                row.fill(
                    id=fact.row,
                    before=line.before,
                    name=line.name,
                    after=line.after,
                    how=line.how,
                    when=line.when,
                    source=line.source,
                )
                for fact, line in zip(facts, lines, strict=True)
            ]
        )
    )


def page_sections(coded: Coded, topics: Sequence[Topic]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The same facts for the page: headings, each with its lines; none where there is no fact."""
    return tuple(
        (TITLES[topic], tuple(_page_line(line_of(topic, fact)) for fact in coded.of(topic)))
        for topic in topics
        if coded.of(topic)
    )


def _page_line(line: Line) -> str:
    what = f"{line.before}{line.name}{line.after}"
    source = f"source : {line.source}" if line.source else ""
    return _told(what, line.how, line.when, source)
