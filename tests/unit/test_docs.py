"""The documentation names tests and files that exist."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from dmp_desktop.card import api_lec_failures
from dmp_desktop.dmp import psc_errors
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.exchange.context import load_context
from tests.helpers.diagnostic_guide import in_guide, table

# Approved requirements of the Ségur working material (profile LGC) that a program like this one is asked.
UX = "06 08 10 11 12 14 15 17 27 31 34 44 49 50"
CONF = "03 05 06 09 10"
PSC = "DMP/PSC.01 PSC.01 PSC.02 PSC.08 PSC.10"
INS = (
    "02 03 04 05 06 07 08 09 10 11 12 13 14 15 18 20 21 22 23 25 26 27 28 31 32 33 34 35 37 38 39 40 42 43 44 45 46 47 48 49 "
    "50 51 52 53 54 55 56 57 60 63"
)
REQUIRED = {
    *(f"DMP/UX.{number}" for number in UX.split()),
    *(f"DMP/CONF.{number}" for number in CONF.split()),
    *(f"INS/va1.{number}" for number in INS.split()),
    *PSC.split(),
}
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


def requirements() -> set[str]:
    """Ids in the first cell of the lines of docs/conformity.md; `INS/va1.06, .27` names two."""
    found = set[str]()
    for line in (ROOT / "docs/conformity.md").read_text("utf-8").splitlines():
        cell = line.split("|")[1] if line.startswith("|") else ""
        for family, first, others in re.findall(r"((?:DMP/|INS/)?[A-Za-z]+[a-z0-9]*)\.(\d\d)((?:, \.\d\d)*)", cell):
            found.update(f"{family}.{number}" for number in (first, *re.findall(r"\d\d", others)))
    return found


def test_each_requirement_has_its_line() -> None:
    """With a test that proves it, or among what is not done yet or not asked of us, with the reason."""
    assert REQUIRED - requirements() == set()


@pytest.mark.shared
def test_the_list_of_requirements_is_that_of_the_reference(shared: Path) -> None:
    with (shared / "reference/segur_lgc_requirements.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    approved = {row["ref"] for row in rows if row["status"] == "Approuvée"}
    wanted = re.compile(r"DMP/UX\.|DMP/CONF\.|INS/va1\.|(DMP/)?PSC\.")
    assert {reference for reference in approved if wanted.match(reference)} == REQUIRED


def test_the_guide_tells_every_check_and_its_action() -> None:
    """`python -m tests.helpers.diagnostic_guide` writes it anew."""
    assert in_guide() == table().strip()


def test_every_refusal_of_the_component_and_of_pro_sante_connect_is_told_in_its_own_words() -> None:
    diagnostic, psc = ((ROOT / f"docs/{name}.md").read_text("utf-8") for name in ("diagnostic", "pro-sante-connect"))
    for message, remedy in (*api_lec_failures._UNUSABLE.values(), *api_lec_failures._REFUSED.values()):
        assert f"| {message} | {remedy} | `tests/unit/card/test_api_lec.py::" in diagnostic
    for code, (message, remedy) in psc_errors._SAID.items():
        assert f"| `{code}` | {message} | {remedy or '—'} |" in psc


def test_the_context_shown_to_editors_is_one() -> None:
    shown = re.findall(r"```json\n(.*?)```", (ROOT / "docs/logiciel-metier.md").read_text("utf-8"), re.DOTALL)
    (context,) = [load_context(one) for one in shown]
    assert context.patient.ins.status is InsStatus.QUALIFIEE
