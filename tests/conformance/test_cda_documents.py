"""What we build, of every kind, judged by the official rules (XSD, structuration minimale, IHE, CI-SIS, terminologies) in one run.

Compiling the header's rules takes 10 s a process and 1 GB: the documents go through one call. The list of cases comes from the
plans: a kind that can be made is judged in each of its formats, with all that can be said in it; in each of its other forms by the
slow proof.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.build.plan import DocumentPlan
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.domain.documents import DocumentFormat, DocumentKind
from dmp_desktop.domain.people import Professional
from tests.helpers.kinds import FILES, plans, request_of, with_file

SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", Path(__file__).parents[3] / "shared"))
VALIDATOR = SHARED / "tools" / "validate_cda.py"
PROFILES = {"min", "ihe", "cont", "ans", "term"}
# Kinds with a schematron of their own.
VOLETS = {
    DocumentKind.VSM: "CI-SIS_VSM_2023.01",
    DocumentKind.IPS: "CI-SIS_IPS-FR_2024.01",
    DocumentKind.VACCINATION: "CI-SIS_VAC-NOTE_2023.01",
    DocumentKind.ADMISSION_LETTER: "CI-SIS_LDL-EES_2022.01",
    DocumentKind.CHILD_MEASURES: "CI-SIS_CSE-MDE_2023.01",
    DocumentKind.RAPID_TEST: "CI-SIS_BIO-TROD_2024.01",
}
Case = Callable[[], BuildRequest]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not VALIDATOR.exists(), reason=f"official rules absent: {VALIDATOR}"),
]


INTERN = Professional("", "TEST-INTERNE", "Jeanne", "G15_10/SM26", "MME", other_id="810005555555")


def _prepared(plan: DocumentPlan, format: DocumentFormat) -> BuildRequest:
    """Written by somebody in training, of whom the author answers."""
    request = request_of(plan, format, "full", accept=True)
    return replace(request, context=replace(request.context, entered_by=INTERN))


def _cases() -> Iterator[tuple[str, Case]]:
    """kind × form × context × what is ticked, then what can be joined, then no note where there may be none."""
    for plan in plans():
        for format in plan.formats:
            name = f"{plan.kind.value}-{format.value}"
            for variant in ("minimal", "full", "replacement"):
                for accept in (False, True):
                    yield (
                        f"{name}-{variant}-{'all' if accept else 'none'}",
                        lambda plan=plan, format=format, variant=variant, accept=accept: request_of(
                            plan, format, variant, accept=accept
                        ),
                    )
            if plan.kind is DocumentKind.CONSULTATION:
                yield f"{name}-prepared-full-all", lambda plan=plan, format=format: _prepared(plan, format)
            if plan.note_optional:
                yield (
                    f"{name}-no-note",
                    lambda plan=plan, format=format: replace(request_of(plan, format, "full"), note="", proposals=()),
                )
            joined = FILES if plan.kind is DocumentKind.SCAN else {"pdf": FILES["pdf"]}
            if plan.kind is DocumentKind.RAPID_TEST:
                continue  # takes no file
            says_more = plan.extra and plan.kind not in (DocumentKind.PRESCRIPTION, DocumentKind.SCAN)
            for kind, file in () if format is DocumentFormat.PDF and says_more else joined.items():
                yield (
                    f"{name}-joined-{kind}",
                    lambda plan=plan, format=format, file=file: with_file(request_of(plan, format, "full"), file),
                )


CASES = dict(_cases())
FULLEST = [case for case in CASES if case.endswith("-full-all")]
OTHERS = [case for case in CASES if case not in FULLEST]
EVERY = [*FULLEST, *(pytest.param(case, marks=pytest.mark.slow) for case in OTHERS)]


@cache
def document(case: str) -> bytes:
    return build(CASES[case]()).cda


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return _judged(FULLEST, tmp_path_factory.mktemp("cda"))


@pytest.fixture(scope="session")
def other_verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return _judged(OTHERS, tmp_path_factory.mktemp("cda"))


def _judged(cases: list[str], folder: Path) -> dict[str, dict[str, Any]]:
    """What the validator says, by case."""
    for case in cases:
        (folder / f"{case}.xml").write_bytes(document(case))
    done = subprocess.run(
        [sys.executable, VALIDATOR, "--all", "--json", *sorted(map(str, folder.iterdir()))],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout, done.stderr
    return {Path(verdict["file"]).stem: verdict for verdict in json.loads(done.stdout)}


@pytest.mark.parametrize("case", FULLEST)
def test_no_finding_of_any_official_rule(verdicts: dict[str, dict[str, Any]], case: str) -> None:
    _no_finding(verdicts[case])


@pytest.mark.slow
@pytest.mark.parametrize("case", OTHERS)
def test_no_finding_in_any_other_form(other_verdicts: dict[str, dict[str, Any]], case: str) -> None:
    _no_finding(other_verdicts[case])


def _no_finding(verdict: dict[str, Any]) -> None:
    assert verdict["xsd"] == []
    assert set(verdict["schematron"]) >= PROFILES
    assert {profile: found for profile, found in verdict["schematron"].items() if found} == {}


@pytest.mark.parametrize("case", EVERY)
def test_no_error_of_our_own_rules(case: str) -> None:
    assert [finding for finding in check(document(case)) if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize("kind", VOLETS)
def test_judged_by_its_volet(verdicts: dict[str, dict[str, Any]], kind: DocumentKind) -> None:
    """Were the volet not recognised, the validator would say nothing of it."""
    made = {
        case: verdict.get("volet") for case, verdict in verdicts.items() if case.startswith(f"{kind.value}-structured")
    }
    assert made
    assert set(made.values()) == {VOLETS[kind]}
