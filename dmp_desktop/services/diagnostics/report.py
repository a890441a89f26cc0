"""The diagnosis as text for support, and what it comes to. No patient, no name, no number of a professional is in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from dmp_desktop.services.diagnostics.model import VERDICTS_FR, Result, Verdict

ALL_FINE, PROBLEMS, MISSING = 0, 1, 3
"""Exit status of `dmp doctor` (design/cli.md)."""
_ORDER = list(VERDICTS_FR)


def in_order(results: Iterable[Result], ids: Iterable[str]) -> list[Result]:
    """Problems first; among equals, the order of the checks."""
    rank = {one: number for number, one in enumerate(ids)}
    return sorted(results, key=lambda result: (_ORDER.index(result.verdict), rank[result.id]))


def status(results: Iterable[Result]) -> int:
    """1 when something is wrong or a check was late or failed, 3 when all that is wrong is that something is missing (reader,
    card, server), else 0."""
    results = list(results)
    if any((one.verdict is Verdict.PROBLEM and not one.missing) or _unended(one) for one in results):
        return PROBLEMS
    return MISSING if any(one.missing for one in results) else ALL_FINE


def _unended(result: Result) -> bool:
    """Only a check that was late or failed has a code and no verdict (runner.py)."""
    return result.verdict is Verdict.UNVERIFIABLE and bool(result.code)


def as_json(result: Result) -> dict[str, Any]:
    """One line of `dmp doctor --json`."""
    return {
        "id": result.id,
        "title": result.title,
        "verdict": result.verdict.value,
        "cause": result.cause,
        "action": result.action,
        "code": result.code,
        "detail": result.detail,
        "ms": result.ms,
    }


def as_line(result: Result) -> str:
    """One result for people."""
    told = f"{VERDICTS_FR[result.verdict]} — {result.title} : {result.cause}"
    if result.action:
        told += f"\n    À faire : {result.action}"
    if result.detail:
        told += f"\n    Pour qui gère l’ordinateur : {result.detail}"
    return f"{told}\n    ({result.id}, code {result.code})" if result.code else told


def as_lines(results: Iterable[Result]) -> list[str]:
    """For people: what waits for the same other check is told in one line, or it would bury the causes."""
    results = list(results)
    waiting: dict[str, list[str]] = {}
    for one in results:
        if one.first:
            waiting.setdefault(one.first, []).append(one.title)
    lines = []
    for one in results:
        if not one.first:
            lines.append(as_line(one))
        elif titles := waiting.pop(one.first, None):
            lines.append(f"{VERDICTS_FR[one.verdict]} — tant que « {one.first} » n’est pas réglé : {', '.join(titles)}")
    return lines


def as_text(results: Iterable[Result], version: str, moment: datetime) -> str:
    """The whole report, to be pasted into a message to support. `moment` is aware."""
    results = list(results)
    counts = ", ".join(
        f"{words.lower()} : {count}"
        for verdict, words in VERDICTS_FR.items()
        if (count := sum(1 for one in results if one.verdict is verdict))
    )
    head = f"Diagnostic DMP Desktop {version}, le {moment:%d/%m/%Y à %H:%M} ({counts})"
    return "\n".join([head, "Sans donnée de patient ni identité du professionnel.", "", *as_lines(results), ""])
