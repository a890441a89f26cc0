"""What the guides tell people to type, set and look for exists: commands, settings, variables, files, error codes and their words."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from dmp_desktop.cli import parser
from dmp_desktop.dmp.catalogue import CODES
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = ROOT / "docs/guide-support.md"
GUIDES = [
    SUPPORT,
    *(
        ROOT / f"docs/{name}.md"
        for name in ("guide-utilisateur", "installation-windows", "logiciel-metier", "diagnostic")
    ),
]
_TYPED = re.compile(r"`dmp ([^`]+)`")
_PLACEHOLDER = re.compile(r"[A-Z]{2,}[\w.-]*|\[.*|<.*|-|[\w.-]*\.(?:xml|hpr|zip|eml)|[\w.]+@[\w.]+|cni|…")


def typed(guide: Path) -> list[str]:
    """The commands of a guide, without their `dmp`; a line broken in the middle of one is mended."""
    return [" ".join(one.split()) for one in _TYPED.findall(guide.read_text("utf-8"))]


@cache
def root() -> argparse.ArgumentParser:
    return parser([])


def choices(of: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found: dict[str, argparse.ArgumentParser] = {}
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


def unknown(command: str) -> list[str]:
    """Words of a command that no parser takes. `a|b` stands for either, capitals for what the user gives."""
    words, here, wrong = command.split(), root(), list[str]()
    while words and choices(here):
        alternatives = words.pop(0).split("|")
        wrong += [one for one in alternatives if one not in choices(here)]
        if wrong:
            return wrong
        here = choices(here)[alternatives[0]]
    options = {option for action in here._actions for option in action.option_strings}
    takes_words = any(not action.option_strings for action in here._actions)
    for word in words:
        bare = word.strip("[]")
        if bare.startswith("--") or re.fullmatch(r"-[a-z]", bare):
            wrong += [] if bare in options else [bare]
        elif not _PLACEHOLDER.fullmatch(bare) and not takes_words:
            wrong.append(word)
    return wrong


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_command_exists(guide: Path) -> None:
    assert {command: wrong for command in typed(guide) if (wrong := unknown(command))} == {}


def test_a_command_or_an_option_that_does_not_exist_is_seen() -> None:
    assert unknown("outbox empty") == ["empty"]
    assert unknown("erase --nothing") == ["--nothing"]
    assert unknown("practice code|joined") == ["joined"]
    assert len(typed(SUPPORT)) > 30


def sources() -> Iterator[Path]:
    yield from (path for path in (ROOT / "dmp_desktop").rglob("*.py") if "sandbox" not in path.parts)


def test_every_variable_exists() -> None:
    code = "\n".join(path.read_text("utf-8") for path in sources())
    named = {name for guide in GUIDES for name in re.findall(r"DMP_DESKTOP_[A-Z_]+", guide.read_text("utf-8"))}
    assert len(named) > 5
    assert {name for name in named if f'"{name}"' not in code} == set()


def test_every_setting_and_every_file_of_the_data_folder_exists() -> None:
    support = SUPPORT.read_text("utf-8")
    assert set(re.findall(r"`([a-z]+_folder)`", support)) <= set(Settings.__slots__)
    table = support.partition("Dans le dossier des données")[2].partition("`DMP_DESKTOP_HOME`")[0]
    named = {
        name for cell in re.findall(r"^\| (`[^|]+)\|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", cell)
    }
    home = Paths(Path("/data"))
    here = {getattr(home, name).name for name in dir(Paths) if isinstance(getattr(Paths, name), property)} | {
        "cabinet.json"
    }
    assert named
    assert named <= here


def rows() -> list[tuple[str, str]]:
    """Words and code of each line of the table of symptoms."""
    table = SUPPORT.read_text("utf-8").partition("## Symptôme")[2].partition("\n## ")[0]
    return re.findall(r"^\| ([^|]+) \| `([\w.-]+)` \|", table, re.MULTILINE)


def texts(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_symptom_is_told_by_the_program_in_these_words_under_this_code() -> None:
    """An error's code and its sentence stand in the same module."""
    modules = [texts(path) for path in sources()]
    assert len(rows()) > 40
    for words, code in rows():
        if known := CODES.get(code):
            assert words == known.message_fr, code
            continue
        beside = set[str]().union(*(module for module in modules if words in module))
        assert {code, code.removeprefix("card.")} & beside, f"{code} : {words}"
