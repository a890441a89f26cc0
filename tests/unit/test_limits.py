"""No module and no function grows beyond what one reads in one go (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE_LINES, FUNCTION_LINES, DAY_LINES = 400, 50, 100
"""The last of a day that a test of tests/e2e tells from its beginning to its end."""


def longer(limit: int, sizes: Iterator[tuple[str, int]]) -> list[str]:
    found = sorted(((lines, name) for name, lines in sizes), reverse=True)
    assert len(found) > 100, "nothing was looked at"
    return [f"{name}: {lines} lines" for lines, name in found if lines > limit]


def modules(*folders: str) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


@cache
def functions() -> tuple[tuple[str, int, bool], ...]:
    """The lines of each, and whether it is a test of tests/e2e."""
    found = []
    for path, text in modules("dmp_desktop", "tests", "benchmarks"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                day = path.is_relative_to("tests/e2e") and node.name.startswith("test_")
                found.append((f"{path}::{node.name}", node.end_lineno - node.lineno + 1, day))
    return tuple(found)


def test_modules_are_short() -> None:
    sizes = ((str(path), text.count("\n")) for path, text in modules("dmp_desktop"))
    assert longer(MODULE_LINES, sizes) == []


def test_functions_are_short() -> None:
    assert longer(FUNCTION_LINES, ((name, lines) for name, lines, day in functions() if not day)) == []
    assert longer(DAY_LINES, ((name, lines) for name, lines, day in functions() if day)) == []
