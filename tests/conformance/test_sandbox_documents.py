"""The documents of the scripted patients against the official validator of the ANS (XSD and schematrons)."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dmp_desktop.sandbox.patients import STORIES
from dmp_desktop.sandbox.records.bodies import write_document
from dmp_desktop.sandbox.records.plan import Plan
from dmp_desktop.sandbox.records.timeline import plans

pytestmark = [pytest.mark.shared, pytest.mark.timeout(900)]
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def everything() -> list[Plan]:
    """All documents; the one that drags a film along with a narrow one."""
    every = (plan for story in STORIES for plan in plans(story, NOW))
    return [replace(plan, padding=min(plan.padding, 40_000)) for plan in every]


def validate(shared: Path, folder: Path, chosen: list[Plan]) -> None:
    """Write and check; the validator's exit status is 1 on any error."""
    for rank, plan in enumerate(chosen):
        (folder / f"{rank:04d}_{plan.kind.type_code}.xml").write_bytes(write_document(plan))
    command = [sys.executable, str(shared / "tools/validate_cda.py"), "--all", *map(str, sorted(folder.glob("*.xml")))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    failed = "\n".join(
        line for line in done.stdout.splitlines() if line.startswith("FAIL") or " error" in line or "XSD" in line
    )
    assert done.returncode == 0, failed[-4000:] + done.stderr[-2000:]


@pytest.mark.slow
def test_every_document(shared: Path, tmp_path: Path) -> None:
    validate(shared, tmp_path, everything())
