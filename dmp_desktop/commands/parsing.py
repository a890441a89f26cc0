"""The parser of every command: argparse, which speaks English only, made to help and to refuse in French."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn

WRONG_USAGE: Final = 2
_MOST_CHOICES: Final = 20

_EXPECTED: Final = {
    "int": "un nombre entier",
    "seconds": "un nombre de secondes, 0 ou plus,",
    "fromisoformat": "une date AAAA-MM-JJ",
}
"""What a value has to be, by the name of the function that reads it, as argparse tells it."""


class _Formatter(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "usage : " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Parsers made by `add_subparsers` are of this class too. A wrong command line ends the program with WRONG_USAGE."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"formatter_class": _Formatter, **options, "add_help": False})
        self._positionals.title = "arguments "  # a space before the colon, in French
        self._optionals.title = "options "
        self.add_argument("-h", "--help", action="help", help="afficher cette aide")

    def _print_message(self, message: str, file: Any = None) -> None:
        """argparse says nothing of an output that takes nothing. Raises OSError."""
        (file or sys.stderr).write(message or "")

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USAGE, f"{self.prog} : {in_french(message)}\n")


def seconds(text: str) -> float:
    """How long something may last. Raises ValueError for what is no duration: less than nothing, or no number."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise ValueError
    return value


def in_french(message: str) -> str:
    """A message of argparse (CPython 3.11 to 3.14), with the argument it is about; as it is when it is one of ours."""
    about, rest = "", message
    if named := re.match(r"argument (?P<name>.+?): ", message):
        about, rest = f"{named['name']} : ", message[named.end() :]
    for pattern, told in _SAID:
        if found := re.fullmatch(pattern, rest, re.DOTALL):
            return about + told(found)
    return about + rest


def _choice(found: re.Match[str]) -> str:
    choices = [choice.strip("'") for choice in found["choices"].split(", ")]
    known = ", ".join(choices) if len(choices) <= _MOST_CHOICES else f"de {choices[0]} à {choices[-1]}"
    return f"« {_plain(found['value'])} » n'est pas proposé. Choix : {known}."


def _value(found: re.Match[str]) -> str:
    expected = _EXPECTED.get(found["type"])
    return f"« {_plain(found['value'])} » ne convient pas" + (f" : {expected} est attendu." if expected else ".")


def _plain(shown: str) -> str:
    """Without the quotes of `repr`."""
    return shown[1:-1] if shown[:1] in ("'", '"') and shown[-1:] == shown[:1] else shown


_SAID: Final[tuple[tuple[str, Callable[[re.Match[str]], str]], ...]] = (
    (r"the following arguments are required: (?P<names>.+)", lambda found: f"il manque {found['names']}."),
    (r"unrecognized arguments: (?P<names>.+)", lambda found: f"argument inconnu : {found['names']}"),
    (r"expected one argument", lambda _found: "une valeur est attendue."),
    (r"expected at least one argument", lambda _found: "une valeur au moins est attendue."),
    (r"ignored explicit argument (?P<value>.+)", lambda _found: "aucune valeur n'est attendue."),
    (
        r"ambiguous option: (?P<option>.+?) could match (?P<matches>.+)",
        lambda found: f"{found['option']} peut vouloir dire : {found['matches']}.",
    ),
    (r"invalid choice: (?P<value>.+?) \((?:choose from|maybe you meant) (?P<choices>.+)\)", _choice),
    (r"invalid (?P<type>\S+) value: (?P<value>.+)", _value),
)
