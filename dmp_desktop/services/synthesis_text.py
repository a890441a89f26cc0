"""The synthesis as plain text, for the clipboard: every line keeps its sources."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.synthesis import Fact, Section, Source, Synthesis
from dmp_desktop.terminology.units import unit_label
from dmp_desktop.terminology.wording import plain

Titles = Callable[[Section], str]
Words = Callable[[ProposalStatus], str]


def as_text(made: Synthesis, titles: Titles, words: Words, day: Callable[[str], str]) -> str:
    """For the clipboard: one line a statement, its sources in brackets. `titles`, `words` and `day` are the screen's."""
    lines: list[str] = []
    for section in Section:
        facts = made.of(section)
        if facts:
            lines += ["", titles(section).upper()]
            lines += [line for fact in facts for line in _fact_lines(fact, words, day)]
    if made.failed:
        lines += ["", f"{len(made.failed)} document(s) n'ont pas pu être lus."]
    return "\n".join(lines).strip() + "\n"


def _fact_lines(fact: Fact, words: Words, day: Callable[[str], str]) -> list[str]:
    mark = "! " if fact.contradictory else "- "
    lines = []
    for statement in fact.statements:
        value = f"{statement.value} {unit_label(statement.unit)}".strip() if statement.value is not None else ""
        dates = " → ".join(day(text) for text in (statement.when, statement.until) if text)
        known = plain(f"{statement.label} {statement.detail}")
        other = [word for word in statement.wordings if plain(word) not in known]
        said = ", ".join(part for part in (value, statement.detail, words(statement.status), dates, *other) if part)
        told = " ; ".join(_quoted(source) for source in statement.sources)
        lines.append(f"{mark}{statement.label}{f' : {said}' if said else ''} [{told}]")
    return lines


def _quoted(source: Source) -> str:
    when = source.when.astimezone()
    return ", ".join(part for part in (source.entry.title, source.author, f"{when:%d/%m/%Y}") if part)
