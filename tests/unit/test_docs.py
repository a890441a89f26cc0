"""The documentation names tests and files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dmp_desktop.card import api_lec_failures
from dmp_desktop.dmp import psc_errors
from tests.helpers.diagnostic_guide import in_guide, table

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_each_requirement_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/[^`]+)`", (ROOT / "docs/conformity.md").read_text("utf-8"))
    assert len(named) > 10
    for name in named:
        file, _, function = name.partition("::")
        path = ROOT / file
        assert path.is_file(), name
        assert not function or f"def {function}(" in path.read_text("utf-8"), name


def test_the_guide_tells_every_check_and_its_action() -> None:
    """`python -m tests.helpers.diagnostic_guide` writes it anew."""
    assert in_guide() == table().strip()


def test_every_refusal_of_the_component_and_of_pro_sante_connect_is_told_in_its_own_words() -> None:
    diagnostic, psc = ((ROOT / f"docs/{name}.md").read_text("utf-8") for name in ("diagnostic", "pro-sante-connect"))
    for message, remedy in (*api_lec_failures._UNUSABLE.values(), *api_lec_failures._REFUSED.values()):
        assert f"| {message} | {remedy} | `tests/unit/card/test_api_lec.py::" in diagnostic
    for code, (message, remedy) in psc_errors._SAID.items():
        assert f"| `{code}` | {message} | {remedy or '—'} |" in psc
