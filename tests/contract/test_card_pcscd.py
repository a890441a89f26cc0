"""The real pcscd with a virtual reader: what the scripted service cannot prove of itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.helpers.pcscd_lists import UNPLAYABLE
from tests.helpers.piv_card import OPENSC

VPCD = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
ROOT = Path(__file__).resolve().parents[2]
# A network, mounts and processes of its own: whatever happens inside, no pcscd outlives it.
NAMESPACE = ("unshare", "-m", "-n", "-p", "-f", "--kill-child", "--mount-proc")
CONTRACTS = {
    "test_card_watch.py": 10,  # CardWatcher
    "test_card_readers.py": 30,  # VitaleReader and ProfessionalCard, and everything that comes in between
    "test_card_vitale.py": 20,  # VitaleReader
    "test_card_opener.py": 30,  # CardOpener, by OpenSC in front of a card that locks
}
"""The contract tests of each Protocol, and how many of them this world plays at least."""
TIMED = {"test_card_vitale.py": 1, "test_card_opener.py": 1}
"""Of them, those that measure time."""
ABSENT = "Cryptolib CPS absent"


def missing() -> str:
    """Why this machine cannot run pcscd in isolation, empty when it can."""
    if not shutil.which("pcscd") or not VPCD.exists():
        return "pcscd and vsmartcard-vpcd are not installed"
    if not shutil.which("unshare") or subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode:
        return "unshare -m -n -p is not permitted here"
    return ""


def inside(*arguments: str, **added: str) -> subprocess.CompletedProcess[str]:
    """Python in a namespace of its own."""
    ours = ("PCSCLITE_CSOCK_NAME", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER")
    return subprocess.run(
        [*NAMESPACE, sys.executable, "-m", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in ours} | added,
        check=False,
    )


@pytest.mark.slow
def test_a_desk_on_the_real_pcscd(tmp_path: Path) -> None:
    if reason := missing():
        pytest.skip(reason)
    ran = inside("tests.helpers.vpcd_desk", str(tmp_path), "31")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["beneficiaries"] == 5
    assert told["events"] == [
        "service_down",
        *("service_up", "reader_added", "reader_added"),
        *("card_inserted", "card_removed", "card_inserted", "card_removed", "card_inserted"),
        *("card_removed", "reader_removed", "reader_removed", "service_down"),
    ]
    assert told["pulled"] == "card.removed"
    assert told["soak"] >= 31
    assert told["left"] == [0, 0]


@dataclass
class Played:
    """What became of the contract tests of one file."""

    file: str
    passed: int = 0
    marked: dict[str, list[str]] = field(default_factory=dict)
    """Tests that had to fail, by the reason."""
    skipped: Counter[str] = field(default_factory=Counter)
    output: str = ""
    status: int = 0


def play(file: str, chosen: str, folder: Path) -> Played:
    report = folder / f"{file}.xml"
    ran = inside(
        *("pytest", "-p", "tests.helpers.pcscd_plugin", "-p", "no:cacheprovider", "-q", "-m", chosen),
        *(f"--junitxml={report}", f"tests/contract/{file}"),
        DMP_DESKTOP_TEST_WORLD="pcscd",
    )
    played = Played(file, output=ran.stdout[-8000:] + ran.stderr[-2000:], status=ran.returncode)
    for case in ElementTree.parse(report).iter("testcase") if report.exists() else ():
        why = case.find("skipped")
        if why is not None and why.get("type") == "pytest.xfail":
            played.marked.setdefault(why.get("message", ""), []).append(case.get("name", "").split("[")[0])
        elif why is not None:
            played.skipped[why.get("message", "").split(":")[0]] += 1
        else:
            played.passed += not len(case)
    return played


def all_played(chosen: str, least: dict[str, int], folder: Path, capsys: pytest.CaptureFixture[str]) -> list[Played]:
    """At once, each file before a pcscd of its own: they mostly wait for it."""
    if reason := missing():
        pytest.skip(reason)
    if not OPENSC.exists():
        pytest.skip("opensc-pkcs11 is not installed")
    with ThreadPoolExecutor() as pool:
        files = list(pool.map(lambda file: play(file, chosen, folder), least))
    with capsys.disabled():
        for one in files:
            print(f"\npcscd: {one.file}: {one.passed} passed", end="")
            for reason, names in one.marked.items():
                print(f"\n  {len(names)} not played ({', '.join(sorted(set(names)))}): {reason}", end="")
    wrong = [
        one.output for one in files if one.status or one.passed < least[one.file] or not set(one.skipped) <= {ABSENT}
    ]
    assert not wrong, "\n".join(wrong)
    return files


@pytest.mark.slow
def test_the_contracts_before_the_real_pcscd(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = all_played("not alone", CONTRACTS, tmp_path, capsys)
    told = {(name, reason) for one in files for reason, names in one.marked.items() for name in names}
    assert told == set(UNPLAYABLE.items())


@pytest.mark.slow
@pytest.mark.alone
def test_the_contracts_that_measure_time_before_the_real_pcscd(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file, least in TIMED.items():
        all_played("alone", {file: least}, tmp_path, capsys)
