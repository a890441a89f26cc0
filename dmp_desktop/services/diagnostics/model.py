"""What the diagnosis says: a verdict, a cause in one sentence, and the one thing to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dmp_desktop.services.diagnostics.site import Site

SECONDS = 6.0
"""How long a check may take unless it says otherwise."""


class Verdict(StrEnum):
    """`value` is what programs read; people read VERDICTS_FR."""

    PROBLEM = "problem"
    ATTENTION = "attention"
    UNVERIFIABLE = "unverifiable"
    OK = "ok"


VERDICTS_FR = {
    Verdict.PROBLEM: "Problème",
    Verdict.ATTENTION: "Attention",
    Verdict.UNVERIFIABLE: "Non vérifiable",
    Verdict.OK: "Correct",
}
"""In the order they are shown: problems first."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing a check may say. All words are French, with `{fields}` that never hold a person's data.

    `detail` is for who looks after the computer: commands, settings; only the report and `dmp doctor` give it.
    `missing`: the workstation lacks something (reader, service, card, server): exit status 3 of `dmp doctor`.
    `first`: title of the check to settle before this one can be looked at.
    """

    verdict: Verdict
    cause: str
    action: str = ""
    missing: bool = False
    detail: str = ""
    first: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check found: the name of one of its topic's outcomes, and the fields of its sentences."""

    outcome: str
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject of the diagnosis: a stable `id`, a French `title`, all it may say, and its time limit."""

    id: str
    title: str
    outcomes: Mapping[str, Told]
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Check:
    """A topic, and the look that decides. `look` may block and raise DmpDesktopError; it sends no PIN and writes on no card.

    `needs`: ids of the checks that may keep it from seeing; when one of them changes its verdict, this one may too.
    """

    topic: Topic
    look: Callable[[Site], Seen]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What one check said. `code` is set when an error was met on the way; `ms` is how long it took."""

    id: str
    title: str
    verdict: Verdict
    cause: str
    action: str = ""
    code: str = ""
    missing: bool = False
    ms: int = 0
    detail: str = ""
    first: str = ""


def seen(outcome: str, **fields: object) -> Seen:
    return Seen(outcome, fields)


def fine(cause: str) -> Told:
    return Told(Verdict.OK, cause)


def attention(cause: str, action: str, *, missing: bool = False, detail: str = "") -> Told:
    return Told(Verdict.ATTENTION, cause, action, missing, detail)


def problem(cause: str, action: str, *, missing: bool = False, detail: str = "") -> Told:
    return Told(Verdict.PROBLEM, cause, action, missing, detail)


def unverifiable(cause: str, action: str = "", *, missing: bool = False) -> Told:
    return Told(Verdict.UNVERIFIABLE, cause, action, missing)


def after(title: str, cause: str) -> Told:
    """Cannot be looked at until the check of this title is put right."""
    return Told(Verdict.UNVERIFIABLE, cause, f"Réglez d’abord « {title} ».", first=title)
