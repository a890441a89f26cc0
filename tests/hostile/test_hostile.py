"""The hostile corpus, all of it through the reader in one process, traced: no crash, no stall, no file or socket opened."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.corpus import CASES, Case
from tests.hostile.probe import LEAK, begin, end
from tests.unit.cda.test_render import Checker

MAX_SECONDS = 6.0  # of processor; measured 1.9 at most
MAX_TEXT_SECONDS = 20.0  # of waiting, 10 of which for the PDF helper
MAX_MEMORY = 450_000_000  # measured 370 MB, for a text of 40 MB
SYSCALLS = "%file,%network,write,execve,memfd_create"

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        sys.platform != "linux" or not shutil.which("strace"), reason="strace traces what a document opens"
    ),
]


def traced(folder: Path, names: list[str]) -> tuple[dict[str, dict[str, Any]], str]:
    """(report by name, trace of the process and its children)."""
    log = folder / "strace.log"
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "64", "-e", f"trace={SYSCALLS}", "-o", str(log)]
    command = [*strace, sys.executable, "-m", "tests.hostile.probe", *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=380, check=False)
    reports = {report["name"]: report for report in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, (list(reports)[-1:], done.stderr[-2000:])
    return reports, log.read_text()


def opened(trace: str, name: str) -> list[str]:
    """System calls on files, sockets and programs between the marks of a document."""
    start, stop = trace.index(begin(name).decode()), trace.index(end(name).decode())
    return [line for line in trace[start:stop].splitlines()[1:] if not re.search(r"\bwrite\(2, ", line)]


def faults(case: Case, report: dict[str, Any]) -> list[str]:
    """What is not as expected of one document."""
    found = []
    if report["refused"] != case.refused:
        found.append(f"refused {report['refused']!r}")
    if case.refused:
        found += [] if report["message"].startswith("Ce ") and report["remedy"] else ["no message in French"]
    else:
        found += [] if any(case.notice in notice for notice in report["notices"]) or not case.notice else ["notice"]
        found += [] if case.words in report["html"] else ["words"]
        checker = Checker()
        checker.feed(report["html"])
        found += [f"tags {checker.bad[:3]}"] if checker.bad else []
    if report["seconds"] > MAX_SECONDS or report["text_seconds"] > MAX_TEXT_SECONDS:
        found.append(f"{report['seconds']:.1f} s, {report['text_seconds']:.1f} s")
    if report["memory"] > MAX_MEMORY:
        found.append(f"{report['memory'] // 1_000_000} MB")
    return found


@pytest.mark.slow
def test_every_document(tmp_path: Path) -> None:
    reports, trace = traced(tmp_path, list(CASES))
    assert set(reports) == set(CASES)
    wrong = {name: found for name, case in CASES.items() if (found := faults(case, reports[name]))}
    assert wrong == {}
    assert {name: calls for name in CASES if (calls := opened(trace, name))} == {}
    assert {report["text_error"] for report in reports.values() if not report["refused"]} <= {
        "",
        "cda-xml",
        "cda-encoding",
        "cda-root",
    }


def test_an_opened_file_and_a_socket_would_be_seen(tmp_path: Path) -> None:
    _, trace = traced(tmp_path, ["script", LEAK])
    assert opened(trace, "script") == []
    calls = "\n".join(opened(trace, LEAK))
    assert "/etc/passwd" in calls
    assert "connect(" in calls
