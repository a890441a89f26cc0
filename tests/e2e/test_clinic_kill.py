"""Four workstations on one PostgreSQL, two of them killed (-9) at a time at every step of their work, their lines to it and to the DMP
cut, its server and the DMP's killed too, clocks that jump: what each workstation said to be kept is in the registry of the DMP, once.

`DMP_KILLS=1000` for the campaign of issue F; `DMP_SEED` plays one again as far as the machine lets it.
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
from tests.helpers.kill_campaign import BAD, PHRASE, Campaign
from tests.helpers.kill_script import Act, Script, told
from tests.helpers.nursery import Life, first_ended
from tests.helpers.postgres import PASSWORD as WORD
from tests.helpers.postgres import Cluster
from tests.helpers.practice_life import TRIED_AGAIN
from tests.helpers.steps import CLINIC, OWN, SAID

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork, pidfd and LD_PRELOAD: Linux only"),
]
KILLS = int(os.environ.get("DMP_KILLS", "24"))
STATIONS = 4
LONGEST = 2.0  # seconds between two kills of two
LEFT_OUT = ("former", "resume", "delete", "retry")
"""Acts of one workstation alone, as in test_client_kill."""
NOT_HERE = {"end", "sign-out", "schema", "migration", "deleted", "delete in the DMP", "retry", "former outbox"}
STEPS = (
    *(name for name in (*OWN, SAID, *CLINIC) if name not in NOT_HERE),
    *(f"clinic: {name}" for name in ("release", "due", "claim", "settle", "read document")),
)
LEAST = KILLS // 250
"""Kills that each step of the way to the DMP has had at the end: as many more are played as that takes, to MOST."""
MOST = KILLS * 3 // 2
CANCELLED_LATE = "outbox-cancelled-late"
OVER = ("sent", "replaced", "cancelled")
UNCHANGED = 180.0
"""Seconds without any change before what is not sent counts as lost: longer than any pause between two looks at one server."""

State = tuple[str, str, str]


class Clinic:
    """Stations 0 to 3; two of them have the doctor's card in, whichever, the others hand over."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.campaign = Campaign(folder, seed)
        self.cluster = Cluster.make()
        self.database = self.cluster.database()
        reach = (60_000, 60_000)
        self.line = CuttingLine(self.cluster.port, random.Random(seed + 2), reach=reach)
        self.script = Script(self.campaign.promises, LEFT_OUT)
        self.lives: dict[int, Life] = {}
        self._outputs: dict[int, Path] = {}
        self._begun = 0
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

    def start(self, station: int, acts: list[Act], *, signed_in: bool, step: str = "") -> None:
        """`step`: where it has itself killed."""
        address = self.database.replace(f":{self.cluster.port}/", f":{self.line.port}/")
        environment = self.campaign.environment(
            f"poste-{station}", signed_in=signed_in, **{DATABASE: f"{address}?ca={self.cluster.ca}"}
        )
        promises = self.campaign.promises
        promises.apart |= set(promises.papers)  # what a workstation was given is its own, said to be kept or not
        self._outputs[station] = self.campaign.folder / f"life-{self._begun}"
        self._begun += 1
        plan = self.campaign.plan(step) if step else None
        argv = ["station", told(acts)]
        self.lives[station] = self.campaign.nursery.start(argv, environment, self._outputs[station], station, plan)

    def kill(self, station: int) -> None:
        self.campaign.kill(self.lives.pop(station))
        self.campaign.promises.note(self._outputs[station])

    def two(self) -> list[int]:
        """Those that died at their step, and others."""
        stations = self.campaign.chance.sample(range(STATIONS), STATIONS)
        return sorted(stations, key=lambda station: not self.lives[station].ended(0))[:2]

    def rare(self) -> dict[str, int]:
        """The steps that too few kills fell at, with how many did."""
        return {step: self.campaign.fell[step] for step in STEPS if self.campaign.fell[step] < LEAST}

    def restart_server(self) -> None:
        self.cluster.kill()
        self.cluster.start()
        self.campaign.tally["clinic restarts"] += 1

    def states(self) -> dict[tuple[str, str], State]:
        """Of every document, in the clinic's database and in each workstation's file: state, what for, code."""
        found: dict[tuple[str, str], State] = {}
        name = self.database.rpartition("/")[2]
        asked = "SELECT unique_id, state, waiting_for, code FROM outbox"
        for unique_id, *state in self.cluster.administer(asked, database=name):
            found["clinic", str(unique_id)] = (str(state[0]), str(state[1]), str(state[2]))
        for station in range(STATIONS):
            file = self.campaign.folder / f"poste-{station}" / "boite-envoi.db"
            connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
            for unique_id, *state in connection.execute(asked):
                found[f"poste-{station}", unique_id] = (state[0], state[1], state[2])
            connection.close()
        return found

    def settle(self) -> dict[tuple[str, str], State]:
        """Wait until nothing is on its way any more: however long, as long as something changes."""
        pause, before, since = 1.0, dict[tuple[str, str], State](), time.monotonic()
        while True:
            now = self.states()
            if all(state in OVER or code == CANCELLED_LATE for state, _waits, code in now.values()):
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
        clinic.start(station, clinic.script.acts("send"), signed_in=station < 2)
    campaign.line.cut_share, clinic.line.cut_share = 0.3, 0.3
    while campaign.tally["killed"] < KILLS or (clinic.rare() and campaign.tally["killed"] < MOST):
        first_ended(clinic.lives.values(), chance.uniform(0.0, LONGEST))
        campaign.upset(STATIONS)
        two = clinic.two()
        for station in two:
            clinic.kill(station)
        if chance.random() < 0.1:
            clinic.restart_server()
        if chance.random() < 0.05:
            campaign.restart_server()
        for station in two:
            step = campaign.wanted(STEPS) if chance.random() < 0.7 else ""
            clinic.start(station, clinic.script.acts(step), signed_in=chance.random() < 0.5, step=step)
        campaign.tally["rounds"] += 1
    for station in tuple(clinic.lives):
        clinic.kill(station)
    campaign.set_right()
    clinic.line.cut_share = 0.0
    fell, killed = campaign.fell.copy(), campaign.tally["killed"]
    for station in range(STATIONS):
        clinic.start(station, [], signed_in=station % 2 == 0)
    states = clinic.settle()
    for station in tuple(clinic.lives):
        clinic.kill(station)
    campaign.fell, campaign.tally["killed"] = fell, killed  # these had nothing to do any more
    report = campaign.verdict()
    late = {unique_id for (_where, unique_id), state in states.items() if state[2] == CANCELLED_LATE}
    report["sent though withdrawn"] = sorted(set(report["sent though withdrawn"]) - late)
    left = Counter((where, *state) for (where, _unique_id), state in states.items())
    print({name: len(told) if isinstance(told, list) else told for name, told in report.items()}, dict(left))
    print(campaign.histogram())
    assert not any(report[name] for name in BAD), (report, left)
    assert campaign.faults_of_ours() == []
    assert {state for state, _waits, _code in states.values()} <= {*OVER, "refused"}, left
    assert {state[2] for state in states.values() if state[0] == "refused"} <= {*TRIED_AGAIN, CANCELLED_LATE}, left
    assert any(where == "clinic" for where, _unique_id in states), "nothing was handed over: this proved nothing"
    assert not clinic.rare()
