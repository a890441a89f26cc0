"""Four workstations on one PostgreSQL, two of them killed (-9) at a time, their lines to it and to the DMP cut, its server and the DMP's
killed too, clocks that jump: what each workstation said to be queued is in the registry of the DMP, once.

`DMP_KILLS=1000` for a long campaign; `DMP_SEED` plays one again as far as the machine lets it.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.services.practice_keys import PracticeKeyring
from dmp_desktop.wiring.clinic import DATABASE, PASSWORD
from tests.helpers.cutting_line import CuttingLine
from tests.helpers.kill_campaign import PHRASE, Campaign
from tests.helpers.nursery import WRONG_CLOCK, Life
from tests.helpers.postgres import PASSWORD as WORD
from tests.helpers.postgres import Cluster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork, pidfd and LD_PRELOAD: Linux only"),
]
KILLS = int(os.environ.get("DMP_KILLS", "24"))
STATIONS = 4
UNCHANGED = 180.0
"""Seconds without any change before what is not sent counts as lost: longer than any pause between two looks at one server."""


class Clinic:
    """Stations 0 to 3; two of them have the doctor's card in, whichever, the others hand over."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.campaign = Campaign(folder, seed)
        self.cluster = Cluster.make()
        self.database = self.cluster.database()
        reach = (60_000, 60_000)
        self.line = CuttingLine(self.cluster.port, random.Random(seed + 2), reach=reach)
        self.lives: dict[int, Life] = {}
        self._outputs: list[Path] = []
        code = None
        for station in range(STATIONS):
            self.campaign.environment(f"poste-{station}")
            keystore = PassphraseKeyStore(folder / f"poste-{station}" / "secrets.json", PHRASE)
            keystore.set(PASSWORD, WORD)
            keys = PracticeKeyring(keystore)
            if code is None:
                keys.keys()
                code = keys.code_to_print()
            else:
                keys.join(code)

    def close(self) -> None:
        for station in tuple(self.lives):
            self.kill(station)
        self.campaign.close()
        self.line.close()
        self.cluster.close()

    def start(self, station: int, documents: int, *, signed_in: bool) -> None:
        address = self.database.replace(f":{self.cluster.port}/", f":{self.line.port}/")
        environment = self.campaign.environment(
            f"poste-{station}", signed_in=signed_in, **{DATABASE: f"{address}?ca={self.cluster.ca}"}
        )
        output = self.campaign.folder / f"life-{len(self._outputs)}"
        self._outputs.append(output)
        files = self.campaign.files(documents) if documents else []
        self.campaign.keep_apart(files)
        self.lives[station] = self.campaign.nursery.start(["station", *files], environment, output, station)

    def kill(self, station: int) -> None:
        self.lives.pop(station).kill()
        for output in self._outputs:
            self.campaign.note_promises(output)

    def restart_server(self) -> None:
        self.cluster.kill()
        self.cluster.start()
        self.campaign.tally["clinic restarts"] += 1

    def states(self) -> Counter[tuple[str, str, str]]:
        """Of every document, in the clinic's database and in each workstation's file: where, state, code."""
        found: Counter[tuple[str, str, str]] = Counter()
        name = self.database.rpartition("/")[2]
        for state, code in self.cluster.administer("SELECT state, code FROM outbox", database=name):
            found["clinic", str(state), str(code)] += 1
        for station in range(STATIONS):
            file = self.campaign.folder / f"poste-{station}" / "boite-envoi.db"
            connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
            for state, code in connection.execute("SELECT state, code FROM outbox"):
                found[f"poste-{station}", state, code] += 1
            connection.close()
        return found

    def settle(self) -> Counter[tuple[str, str, str]]:
        """Wait until nothing is on its way any more: however long, as long as something changes."""
        pause, before, since = 1.0, Counter[tuple[str, str, str]](), time.monotonic()
        while True:
            now = self.states()
            if all(state == "sent" for _where, state, _code in now):
                return now
            if now != before:
                before, since = now, time.monotonic()
            if time.monotonic() - since > UNCHANGED:
                return now
            time.sleep(pause)  # nothing tells from outside when a workstation has sent something


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    seed = int(os.environ.get("DMP_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"DMP_SEED={seed} DMP_KILLS={KILLS}")
    clinic = Clinic(tmp_path, seed)
    yield clinic
    clinic.close()


def test_a_clinic_of_which_two_are_killed_at_a_time_loses_and_doubles_nothing(clinic: Clinic) -> None:
    campaign, chance = clinic.campaign, clinic.campaign.chance
    for station in range(STATIONS):
        clinic.start(station, 3, signed_in=station < 2)
    campaign.line.cut_share, clinic.line.cut_share = 0.3, 0.3
    for number in range(KILLS // 2):
        two = chance.sample(range(STATIONS), 2)
        campaign.watch([clinic.lives[station] for station in two], chance.uniform(0.0, 3.0), STATIONS)
        for station in two:
            campaign.tally["killed"] += not clinic.lives[station].ended(0)
            clinic.kill(station)
        if chance.random() < 0.2:
            clinic.restart_server()
        if chance.random() < 0.1:
            campaign.restart_server()
        for station in two:
            clinic.start(station, chance.randrange(1, 4), signed_in=chance.random() < 0.5)
        campaign.tally["rounds"] = number + 1
    for station in tuple(clinic.lives):
        clinic.kill(station)
    campaign.set_right()
    clinic.line.cut_share = 0.0
    refused = {code for _where, state, code in clinic.states() if state == "refused"}
    for station in range(STATIONS):
        clinic.start(station, 0, signed_in=station % 2 == 0)
    states = clinic.settle()
    refused |= {code for _where, state, code in states if state == "refused"}
    for station in tuple(clinic.lives):
        clinic.kill(station)
    report = campaign.verdict()
    print(report, dict(states), refused)
    assert report["lost"] == report["doubled"] == 0, (report, states)
    assert refused <= {WRONG_CLOCK}, "refused for no good reason"
    assert any(where == "clinic" for where, _state, _code in states), "nothing was handed over: this proved nothing"
