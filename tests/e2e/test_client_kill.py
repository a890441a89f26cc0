"""kill -9 of the real client, on a line that is cut, with a clock that jumps, before a server that is killed: what `dmp send` said
to be queued is in the registry of the DMP, once.

`DMP_KILLS=1000` for the campaign of issue F (some ten minutes); `DMP_SEED` plays one again as far as the machine lets it.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.kill_campaign import Campaign
from tests.helpers.nursery import WRONG_CLOCK

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork, pidfd and LD_PRELOAD: Linux only"),
]
KILLS = int(os.environ.get("DMP_KILLS", "30"))
RESTART_EVERY = 15  # kills of the client to one of the server


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[Campaign]:
    seed = int(os.environ.get("DMP_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"DMP_SEED={seed} DMP_KILLS={KILLS}")
    campaign = Campaign(tmp_path, seed)
    yield campaign
    campaign.close()


def test_a_client_killed_at_any_moment_loses_and_doubles_nothing(campaign: Campaign, tmp_path: Path) -> None:
    here = campaign.environment("poste")
    campaign.run(["send", *campaign.files(1), "--json"], here)
    campaign.note_promises(tmp_path / "said-0")
    start = time.monotonic()
    campaign.run(["send", *campaign.files(3), "--json"], here)
    longest = time.monotonic() - start
    campaign.note_promises(tmp_path / "said-1")
    campaign.line.cut_share = 0.5
    chance = campaign.chance
    for number in range(KILLS):
        campaign.upset()
        output = tmp_path / f"life-{number}"
        life = campaign.nursery.start(["send", *campaign.files(3), "--json", "--wait", "20"], here, output)
        campaign.watch([life], chance.uniform(0.0, longest))
        campaign.tally["killed"] += not life.ended(0)
        life.kill()
        campaign.note_promises(output)
        campaign.line.settle()
        if number % RESTART_EVERY == RESTART_EVERY - 1:
            campaign.restart_server()
    campaign.set_right()
    campaign.run(["outbox", "flush", "--json"], here)
    items = campaign.run(["outbox", "list", "--json"], here)
    refused = [line["unique_id"] for line in items if line["state"] == "refused"]
    assert {line["code"] for line in items if line["state"] == "refused"} <= {WRONG_CLOCK}, "refused for no good reason"
    if refused:  # told to who sends, who sends it again once the clock is right
        campaign.run(["send", *map(campaign.file, refused), "--json"], here)
    report = campaign.verdict()
    print(report, {"refused by the clock": len(refused)}, Counter(line["attempts"] for line in items))
    assert report["lost"] == report["doubled"] == report["resent"] == 0, report
    assert campaign.promised <= {line["unique_id"] for line in items}
    assert any(line["attempts"] > 1 for line in items), "no client was killed in mid-air: this proved nothing"
