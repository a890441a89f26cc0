"""From the watched folder to the registry of the DMP, killed (-9) at any step: each scan is there once, under its own patient.

The line is cut, clocks jump, the server stumbles and is killed too. `DMP_SCAN_KILLS=200` for a long campaign; `DMP_SEED` plays one
again as far as the machine lets it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from dmp_desktop.sandbox.model import Kind
from dmp_desktop.sandbox.store import Store
from tests.helpers.kill_campaign import Campaign
from tests.helpers.kill_promises import STORIES
from tests.helpers.scans import jpeg_of, paper
from tests.helpers.steps import TRAY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork, pidfd and LD_PRELOAD: Linux only"),
]
KILLS = int(os.environ.get("DMP_SCAN_KILLS", "20"))
MOST = KILLS * 4
"""It goes on so far until kills fell on the way of a scan."""
EACH = 2
"""Scans that come before each life."""
PATIENCE = 4.0
"""Seconds until a step that does not come is waited for no more, at first: longer after each that did not come."""
LONGEST_PATIENCE = 20.0
RESTART_EVERY = 8
STEPS = (*TRAY, "enqueue", "claim", "request", "answer", "settle")
_PDF = re.compile(rb'representation="B64">([^<]*)<')


class Papers:
    """What the scanner writes, and whose each is; `truth` is the file the lives read."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self.folder, self.truth = campaign.folder / "scanner", campaign.folder / "truth.json"
        self.folder.mkdir()
        self.whose: dict[str, str] = {}

    def come(self, count: int) -> None:
        ready = {one["story"]: one["patient"] for one in self._campaign.server.ready["patients"]}
        for _ in range(count):
            number = len(self.whose)
            page = paper(mark=1 + number % 100, dpi=20)
            content = jpeg_of(page, angle=2.0 + 0.01 * (number // 100), dpi=20)
            self.whose[hashlib.sha256(content).hexdigest()] = self._campaign.chance.choice(STORIES)
            told = {digest: ready[story] for digest, story in self.whose.items()}
            self.truth.write_text(json.dumps(told), "utf-8")  # before the scan: a life must know whose it is
            (self.folder / f"{number}.jpg").write_bytes(content)


def entries(campaign: Campaign) -> dict[tuple[str, str], list[bytes]]:
    """The documents of the registry, by patient and uniqueId; the signature of each submission set is none."""
    store, found = Store(campaign.server.folder / "dmp.sqlite"), dict[tuple[str, str], list[bytes]]()
    for story in STORIES:
        ins = next(one["ins"] for one in campaign.server.ready["patients"] if one["story"] == story)
        for one in store.objects(ins, Kind.ENTRY):
            cda = store.document(one.unique_id) or b""
            if b"<ClinicalDocument" in cda:
                found.setdefault((story, one.unique_id), []).append(cda)
    store.close()
    return found


def page_of(cda: bytes) -> str:
    """The digest of the PDF in it."""
    told = _PDF.search(cda)
    return hashlib.sha256(base64.b64decode(told[1])).hexdigest() if told else ""


def on_the_way(campaign: Campaign) -> bool:
    return any(campaign.fell[step] for step in TRAY)


def test_killed_at_any_step_each_scan_is_in_the_dmp_once_under_its_own_patient(tmp_path: Path) -> None:
    seed = int(os.environ.get("DMP_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"DMP_SEED={seed} DMP_SCAN_KILLS={KILLS} in {tmp_path}")
    campaign, patience = Campaign(tmp_path, seed), PATIENCE
    try:
        before = set(entries(campaign))
        aimed: Counter[str] = Counter()  # what is deeper in a step is told of a kill that fell in it
        papers, here = Papers(campaign), campaign.environment("poste")
        argv = ["tray", str(papers.folder), str(papers.truth)]
        campaign.line.cut_share = 0.2
        while campaign.tally["killed"] < KILLS or not on_the_way(campaign):
            assert campaign.tally["killed"] < MOST, f"no kill fell on the way of a scan\n{campaign.histogram()}"
            papers.come(EACH)
            campaign.upset()
            plan, step = None, ""
            if campaign.chance.random() < 0.75:
                step = min(STEPS, key=lambda one: (aimed[one], campaign.chance.random()))
                aimed[step] += 1
                plan = campaign.plan(step)
            life = campaign.nursery.start(argv, here, tmp_path / f"life-{campaign.tally['lives']}", 0, plan)
            campaign.tally["lives"] += 1
            within = patience if step else campaign.chance.uniform(0.2, patience)
            campaign.watch([life], within, restarts=1 / RESTART_EVERY)
            if step and not life.ended(0):
                patience = min(1.2 * patience, LONGEST_PATIENCE)
            campaign.kill(life)
        assert not campaign.tally["ended before"], campaign.faults_of_ours()
        campaign.set_right()
        last = campaign.nursery.start([*argv, "sent"], here, tmp_path / "last", 0)
        assert last.ended(1800), (tmp_path / "last.err").read_text("utf-8")[-3000:]
        scans = [json.loads(line) for line in (tmp_path / "last").read_text("utf-8").splitlines()]
        campaign.server.kill()
        there = {name: found for name, found in entries(campaign).items() if name not in before}
        print(f"{len(papers.whose)} scans, {dict(campaign.tally)}")
        print(campaign.histogram())
        # none lost, none taken twice, nothing left in the folder
        assert sorted(one["digest"] for one in scans) == sorted(papers.whose)
        assert [one["copies"] for one in scans] == [0] * len(scans)
        assert [one for one in papers.folder.rglob("*") if one.is_file()] == []
        # each in the registry once, under its own patient, with its own page; nothing else
        wanted = {(papers.whose[one["digest"]], one["unique_id"]): one["pdf"] for one in scans}
        assert len(wanted) == len(scans)
        assert {name: [page_of(cda) for cda in found] for name, found in there.items()} == {
            name: [pdf] for name, pdf in wanted.items()
        }
        assert campaign.faults_of_ours() == []
    finally:
        campaign.close()
