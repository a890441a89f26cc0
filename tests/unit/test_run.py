"""`run.py test` ends by saying what was not run."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]

SOME_TESTS = """
import pytest

def test_runs():
    pass

@pytest.mark.parametrize("n", range(2))
def test_lacks(n):
    pytest.skip("softhsm2 is not installed")

@pytest.mark.skipif(True, reason="Windows only")
def test_elsewhere():
    pass
"""


@pytest.fixture
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_program", ROOT / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_reason_of_a_skip_is_told(program: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(SOME_TESTS)
    report = tmp_path / "report.xml"
    options = ["-p", "no:cacheprovider", "-c", "/dev/null", f"--junitxml={report}", "-q"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_some.py"], cwd=tmp_path, check=True, capture_output=True
    )
    assert program.not_run([report], slow=True).splitlines() == [
        "Non lancés : 3 tests sur 4.",
        "  1 × Windows only",
        "  2 × softhsm2 is not installed",
    ]


def test_what_was_measured_again_is_told(program: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_slow_once.py").write_text(
        "import pytest\ntimes = []\n@pytest.mark.flaky(reruns=2)\ndef test_time():\n    times.append(1)\n    assert len(times) == 2\n"
    )
    report = tmp_path / "report.xml"
    options = ["-p", "no:cacheprovider", "-c", "/dev/null", f"--junitxml={report}", "-q"]
    subprocess.run([sys.executable, "-m", "pytest", *options], cwd=tmp_path, check=True, capture_output=True)
    assert program.not_run([report], slow=True).splitlines() == [
        "Non lancés : 0 tests sur 1.",
        "  mesuré 2 fois : test_slow_once::test_time",
    ]


def test_long_proofs_and_a_round_that_gave_no_account_are_told(program: ModuleType, tmp_path: Path) -> None:
    told = program.not_run([tmp_path / "absent.xml"], slow=False)
    assert "1 série(s)" in told
    assert "run.py test --all" in told


def test_an_audit_tells_what_nobody_answered_for(program: ModuleType) -> None:
    """pip-audit says « No known vulnerabilities found » of packages it could not ask for."""
    hole = {"name": "un", "version": "1", "vulns": [{"id": "PYSEC-1"}]}
    silent = {"name": "deux", "skip_reason": "not found on PyPI"}
    status, told = program.audited(
        json.dumps({"dependencies": [hole, silent, {"name": "trois", "version": "3", "vulns": []}]}),
        1,
    )
    assert (status, told.splitlines()) == (
        1,
        [
            "Vulnérabilités connues : 1, sur 2 paquets vérifiés.",
            "  un 1 : PYSEC-1",
            "  1 paquets non vérifiés : PyPI n'a pas répondu d'eux.",
        ],
    )
    assert program.audited("", 1)[0] == 0
    assert "tous les paquets non vérifiés" in program.audited("", 1)[1]


def test_an_audit_that_was_not_understood_is_no_silence_of_pypi(program: ModuleType) -> None:
    status, told = program.audited("", 2)
    assert status == 2
    assert "PyPI" not in told
    assert program.audit(["--stricte"]) == 2  # before anything is asked


def test_a_release_is_checked_whole_or_not_at_all(program: ModuleType) -> None:
    checked = {"name": "un", "version": "1", "vulns": []}
    silent = {"name": "deux", "skip_reason": "not found on PyPI"}
    assert program.audited(json.dumps({"dependencies": [checked]}), 0, strict=True)[0] == 0
    assert program.audited(json.dumps({"dependencies": [checked, silent]}), 0, strict=True)[0] == 1
    assert program.audited("", 1, strict=True)[0] == 1
