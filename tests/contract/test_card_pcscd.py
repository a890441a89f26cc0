"""The real pcscd with a virtual reader: what the scripted service cannot prove of itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

VPCD = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")


def missing() -> str:
    """Why this machine cannot run pcscd in isolation, empty when it can."""
    if not shutil.which("pcscd") or not VPCD.exists():
        return "pcscd and vsmartcard-vpcd are not installed"
    if (
        not shutil.which("unshare")
        or subprocess.run(["unshare", "-m", "-n", "true"], check=False, capture_output=True).returncode
    ):
        return "unshare -m -n is not permitted here"
    return ""


@pytest.mark.slow
def test_a_desk_on_the_real_pcscd(tmp_path: Path) -> None:
    if reason := missing():
        pytest.skip(reason)
    environment = {name: value for name, value in os.environ.items() if name != "PCSCLITE_CSOCK_NAME"}
    ran = subprocess.run(
        ["unshare", "-m", "-n", sys.executable, "-m", "tests.helpers.vpcd_desk", str(tmp_path), "31"],
        capture_output=True,
        encoding="utf-8",
        timeout=110,
        env=environment,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["beneficiaries"] == 5
    assert told["events"] == [
        "service_down",
        *("service_up", "reader_added", "reader_added"),
        *("card_inserted", "card_removed", "card_inserted", "card_removed", "card_inserted"),
        *("reader_removed", "card_removed", "reader_removed", "service_down"),
    ]
    assert told["pulled"] == "card.removed"
    assert told["soak"] >= 31
    assert told["left"] == [0, 0]
