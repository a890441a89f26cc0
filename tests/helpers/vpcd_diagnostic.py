"""Runs inside `unshare -m -n`: the diagnosis on the real pcscd with vpcd's virtual reader, before, with a card, and after."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from dmp_desktop.card import open_real
from dmp_desktop.sandbox.virtual_cards import VitaleCard
from tests.helpers.stations import diagnose, station
from tests.helpers.vpcd_desk import Plug, prepare, start_pcscd

CHECKS = ("pcsc.library", "pcsc.service", "reader.present", "reader.usable", "card.inserted", "vitale.readable")


def until(folder: Path, check: str, verdict: str) -> dict[str, str]:
    """All verdicts, once this check has said `verdict`: pcscd and its readers take a while to come and go."""
    ends = time.monotonic() + 60
    while True:
        told = {one: result.verdict.value for one, result in diagnose(station(folder, open_real()), *CHECKS).items()}
        if told[check] == verdict or time.monotonic() > ends:
            return told


def main(folder: Path) -> None:
    prepare(folder)
    told = [until(folder, "pcsc.service", "problem")]
    pcscd = start_pcscd(folder)
    try:
        told.append(until(folder, "reader.present", "ok"))
        Plug(VitaleCard([("TEST-PATIENTE", "MARIE", "19790312", "279035121518989")]))
        told.append(until(folder, "vitale.readable", "ok"))
    finally:  # a daemon left behind would answer every later test
        pcscd.terminate()
        pcscd.wait(120)
    told.append(until(folder, "pcsc.service", "problem"))
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
