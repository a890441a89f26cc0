"""What people read of a fact: the cells of its line in a section, and the same line on the printed page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

from dmp_desktop.cda.build.coded import Coded, Fact, Topic
from dmp_desktop.cda.build.template import Markup, Template, join
from dmp_desktop.domain.clinical import ClinicalItem
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
    Topic.TREATMENTS: ("Médicament", "Posologie", "Durée"),
    Topic.VACCINATIONS: ("Vaccin", "Injection", "Date"),
    Topic.RESULTS: ("Examen", "Résultat", "Date"),
    Topic.LIFESTYLE: ("Type", "Observation", "Date"),
    Topic.DEVICES: ("Dispositif", "Précision", "Date"),
}
_SOURCE = "Source"
_QUALIFIERS = {
    ProposalStatus.SUSPECTED: "Suspicion de : ",
    ProposalStatus.ABSENT: "Absence de : ",
    ProposalStatus.REFUSED: "Refus de : ",
}


def cells(topic: Topic, fact: Fact) -> tuple[str, str, str, str]:
    """What, how, when, said by which document; empty where there is nothing to say."""
    item = fact.item
    what, how, when = _CELLS.get(topic, _plain)(item)
    if fact.statement is None:
        what = _QUALIFIERS.get(item.status, "") + what
    return what, how, when, " ; ".join(fact.sources)


def number(value: float) -> str:
    """A decimal number as XML schema writes it: no exponent, no needless zero."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _period(item: ClinicalItem) -> str:
    if item.start and item.end and item.start != item.end:
        return f"du {_day(item.start)} au {_day(item.end)}"
    if item.end and not item.start:
        return f"jusqu'au {_day(item.end)}"
    return _day(item.start)


def _plain(item: ClinicalItem) -> tuple[str, str, str]:
    return item.label, item.comment, _period(item)


def _problem(item: ClinicalItem) -> tuple[str, str, str]:
    known = item.code if item.label != UNKNOWN else None
    return (f"{item.label} ({known.code})" if known else item.label), item.comment, _period(item)


def _measure(item: ClinicalItem) -> tuple[str, str, str]:
    value = item.value
    shown = (
        f"{number(value).replace('.', ',')} {unit_label(item.unit)}" if isinstance(value, int | float) else value or ""
    )
    return item.label, " — ".join(part for part in (shown.strip(), item.comment) if part), _period(item)


def _treatment(item: ClinicalItem) -> tuple[str, str, str]:
    """The doctor's own words where there are some: they hold what no schedule can."""
    dosage = item.dosage
    if dosage is None:
        return _plain(item)
    name = item.label if dosage.strength in item.label else f"{item.label} {dosage.strength}"
    route = dosage.route.display if dosage.route else ""
    how = " — ".join(part for part in (dosage.text or dosage.schedule, route, item.comment) if part)
    length = f"{dosage.duration_days} jours" if dosage.duration_days else ""
    return name, how, ", ".join(part for part in (_period(item), length) if part)


def _vaccination(item: ClinicalItem) -> tuple[str, str, str]:
    given = item.injection
    parts = (
        [f"lot {given.lot}" if given.lot else "", given.site, f"dose n° {given.rank}" if given.rank else ""]
        if given
        else []
    )
    return item.label, ", ".join(part for part in (*parts, item.comment) if part), _period(item)


_CELLS: dict[Topic, Callable[[ClinicalItem], tuple[str, str, str]]] = {
    Topic.VITALS: _measure,
    Topic.RESULTS: _measure,
    Topic.LIFESTYLE: _measure,
    Topic.PROBLEMS: _problem,
    Topic.HISTORY: _problem,
    Topic.FAMILY: _problem,
    Topic.TREATMENTS: _treatment,
    Topic.VACCINATIONS: _vaccination,
}


@cache
def _table(heads: tuple[str, ...]) -> Template:
    head = "".join(f"<th>{name}</th>" for name in heads)
    return Template(f"<table><thead><tr>{head}</tr></thead><tbody>{{!rows}}</tbody></table>")


@cache
def _row(columns: tuple[int, ...]) -> Template:
    filled = "".join(f"<td>{{cell{column}}}</td>" for column in columns)
    return Template(f'<tr ID="{{id}}">{filled}</tr>')


def table(topic: Topic, facts: Sequence[Fact]) -> Markup:
    """A table of the section's facts; columns with nothing in them are left out."""
    lines = [cells(topic, fact) for fact in facts]
    columns = tuple(rank for rank in range(4) if rank == 0 or any(line[rank] for line in lines))
    row = _row(columns)
    heads = (*_HEADS[topic], _SOURCE)
    return _table(tuple(heads[rank] for rank in columns)).fill(
        rows=join(
            row({"id": fact.row, **{f"cell{rank}": line[rank] for rank in columns}})
            for fact, line in zip(facts, lines, strict=True)
        )
    )


def page_text(coded: Coded, topics: Sequence[Topic]) -> str:
    """The same facts for the page, under their headings; empty when there is none."""
    blocks = []
    for topic in topics:
        facts = coded.of(topic)
        if facts:
            lines = (" — ".join(part for part in _page_cells(topic, fact) if part) for fact in facts)
            blocks.append("\n".join((TITLES[topic].upper(), *(f"• {line}" for line in lines))))
    return "\n\n".join(blocks)


def _page_cells(topic: Topic, fact: Fact) -> tuple[str, ...]:
    *said, source = cells(topic, fact)
    return (*said, f"source : {source}" if source else "")
