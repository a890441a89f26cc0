"""kill -9 of the real client at every step of its work, on a line that is cut, with a clock that jumps, before a server that is
killed: what it said to be kept is in the registry of the DMP, once; what it said to be withdrawn is not there.

`DMP_KILLS=1000` for the campaign of issue F (some ten minutes); `DMP_SEED` plays one again as far as the machine lets it.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

from tests.helpers.kill_campaign import Campaign
from tests.helpers.killed_client import STEPS, Client
from tests.helpers.recorded_files import Disk, library, records

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork, pidfd and LD_PRELOAD: Linux only"),
]
KILLS = int(os.environ.get("DMP_KILLS", "40"))
CUTS = int(os.environ.get("DMP_CUTS", "15"))
LEAST = KILLS // 250
"""Kills that each step has had at the end: 4 of a thousand."""


def seed_of(folder: Path) -> int:
    seed = int(os.environ.get("DMP_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"DMP_SEED={seed} DMP_KILLS={KILLS} DMP_CUTS={CUTS} in {folder}")
    return seed


def test_a_client_killed_at_any_step_loses_and_doubles_nothing(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, seed_of(tmp_path))
    try:
        client = Client(campaign)
        client.play(KILLS, new_home_every=100)
        client.check(client.settle())
    finally:
        campaign.close()
    rare = {step: campaign.fell[step] for step in STEPS if campaign.fell[step] < LEAST}
    assert not rare, rare


class Powerless(Client):
    """Whose power goes, instead: what was not flushed is there in any order, in part or not at all at its next start."""

    def __init__(self, campaign: Campaign, record: Path) -> None:
        super().__init__(campaign)
        self.record = record

    def round(self) -> None:
        home = self.campaign.folder / self.homes[0]
        disk = Disk(home, home.stat().st_ino)
        for file in home.rglob("*"):
            if file.is_file():
                disk.hold(file)
        since = self.record.stat().st_size
        super().round()
        for record in records(self.record, since):
            disk.feed(record)
        for inside in home.iterdir():
            shutil.rmtree(inside) if inside.is_dir() else inside.unlink()
        disk.cut(home, self.campaign.chance)


def test_a_client_whose_power_goes_at_any_step_loses_and_doubles_nothing(tmp_path: Path) -> None:
    record = tmp_path / "record"
    told = {"DMP_TEST_FOLDER": str(tmp_path / "poste-0"), "DMP_TEST_RECORD": str(record)}
    campaign = Campaign(tmp_path, seed_of(tmp_path), {"LD_PRELOAD": str(library(tmp_path)), **told})
    try:
        client = Powerless(campaign, record)
        client.play(CUTS)
        client.check(client.settle())
    finally:
        campaign.close()
