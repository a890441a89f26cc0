"""The diagnosis on the real pcscd: stopped, without a card, with one, stopped again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.test_card_pcscd import missing


@pytest.mark.slow
def test_the_diagnosis_follows_the_real_pcscd(tmp_path: Path) -> None:
    if reason := missing():
        pytest.skip(reason)
    environment = {name: value for name, value in os.environ.items() if name != "PCSCLITE_CSOCK_NAME"}
    command = ["unshare", "-m", "-n", sys.executable, "-m", "tests.helpers.vpcd_diagnostic", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, env=environment, check=False)
    assert ran.returncode == 0, ran.stderr
    stopped, empty, read, after = json.loads(ran.stdout)
    assert stopped["pcsc.library"] == "ok"
    assert stopped["pcsc.service"] == after["pcsc.service"] == "problem"
    assert (empty["pcsc.service"], empty["reader.present"], empty["card.inserted"]) == ("ok", "ok", "attention")
    assert (read["reader.usable"], read["card.inserted"], read["vitale.readable"]) == ("ok", "ok", "ok")
