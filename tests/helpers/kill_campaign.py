"""A practice whose workstations are killed (-9) at random, on a line that is cut, with clocks that jump and a server that is killed
too. What was promised, and what became of it: `kill_promises`.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.sandbox import names
from tests.helpers.cutting_line import CuttingLine
from tests.helpers.jumping_clock import JumpingClock
from tests.helpers.kill_promises import Promises
from tests.helpers.kill_script import Script
from tests.helpers.nursery import Life, Nursery
from tests.helpers.ordered_sandbox import OrderedSandbox
from tests.helpers.seeded import seeded
from tests.helpers.steps import NAMES, REPEATED, Steps

PHRASE = "une phrase de passe"
FAULTS = ("drop_before_commit", "drop_after_commit", "drop_answer", "unavailable")
JUMP = (7 * 60, 6 * 3600)
"""Seconds, either way. What a clock ahead by less has kept waits as long once it is right (outbox_queue.PLANNING_HORIZON), and so would
the campaign: test_outbox proves that it leaves."""
UNDO_IS_OVER = 40  # seconds by which the clock of the last life is ahead: less than the DMP bears
LONGEST_STEP = 0.25  # seconds after the beginning of a step within which its kill falls


@dataclass
class Campaign:
    """`seed` decides all that is chosen here; what the machine makes of it is its own."""

    folder: Path
    seed: int
    preloaded: Mapping[str, str] = field(default_factory=dict)
    """More for the environment of the processes; its LD_PRELOAD comes beside that of the clock."""
    chance: random.Random = field(init=False)
    tally: Counter[str] = field(default_factory=Counter)
    fell: Counter[str] = field(default_factory=Counter)
    """At which steps the killed were."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.server = OrderedSandbox(seeded(self.folder / "server"))
        self.clock, self.steps = JumpingClock(self.folder), Steps(self.folder)
        self.line = CuttingLine(self.server.port, random.Random(self.seed + 1))
        told = {**self.clock.environment, **self.steps.environment, **self.preloaded}
        libraries = (self.clock.environment["LD_PRELOAD"], self.preloaded.get("LD_PRELOAD", ""))
        self.nursery = Nursery({**told, "LD_PRELOAD": " ".join(libraries)})
        self.promises = Promises(self.folder, self.chance, self.server.ready)
        self.script = Script(self.promises)

    def close(self) -> None:
        self.nursery.close()
        self.line.close()
        self.server.kill()

    # -- a workstation ---------------------------------------------------------------------------------------------------------

    def environment(self, home: str, *, signed_in: bool = True, **more: str) -> dict[str, str]:
        """Of a workstation whose secrets cost little to open."""
        doctor = self.server.ready["identities"]["doctor"]
        secrets = self.folder / f"{home}.json"
        if not secrets.exists():
            secrets.write_text(json.dumps({"p12": doctor["password"], "storage": PHRASE}))
            (self.folder / home).mkdir(mode=0o700)
            PassphraseKeyStore(self.folder / home / "secrets.json", PHRASE, cost=1 << 6).set("essai", "1")
        told = {
            "DMP_DESKTOP_HOME": str(self.folder / home),
            "DMP_DESKTOP_SERVER": f"https://localhost:{self.line.port}{names.BASE_PATH}",
            "DMP_DESKTOP_CA": self.server.ready["ca"],
            "DMP_DESKTOP_SECRETS": str(secrets),
            **more,
        }
        return told | ({"DMP_DESKTOP_IDENTITY": f"p12:{doctor['p12']}"} if signed_in else {})

    def run(self, argv: list[str], environment: dict[str, str], within: float = 600.0) -> list[dict[str, Any]]:
        """A life that ends by itself, on the machine's own time; what it says."""
        output = self.folder / f"said-{self.tally['runs']}"
        self.tally["runs"] += 1
        life = self.nursery.start(argv, environment, output, slot=7)
        assert life.ended(within), Path(f"{output}.err").read_text()
        self.promises.note(output)
        return [json.loads(line) for line in output.read_text("utf-8").splitlines()]

    # -- a kill ----------------------------------------------------------------------------------------------------------------

    def wanted(self, steps: tuple[str, ...]) -> str:
        """The step at which the next kill is to fall: rather one that few have fallen at."""
        weights = [self.script.possible(step) / (1 + self.fell[step]) ** 2 for step in steps]
        return self.chance.choices(steps, weights)[0]

    def plan(self, step: str) -> dict[str, Any]:
        """Reached once or a few times more, then a moment while it lasts, or just after."""
        lasts = min(self.steps.lasts(step), LONGEST_STEP)
        nth = self.chance.choice((1, 1, 2, 3)) if step in REPEATED else 1
        return {"step": step, "nth": nth, "after": self.chance.uniform(0.0, 1.1 * lasts)}

    def kill(self, life: Life) -> None:
        """It is gone when this returns; where it was is noted."""
        by_plan = life.ended(0)
        life.kill()
        if self.steps.ended(life.slot):
            self.tally["ended before"] += 1
        else:
            self.tally["killed"] += 1
            self.tally["by plan"] += by_plan
            self.fell.update(self.steps.at(life.slot))
        self.steps.clear(life.slot)

    # -- what goes wrong -------------------------------------------------------------------------------------------------------

    def upset(self, slots: int = 1) -> None:
        """Before or during a life: a clock jumps, or is set right; the server stumbles over the next request."""
        if self.chance.random() < 0.3:
            slot = self.chance.randrange(slots)
            way = self.chance.choice((-1, 1)) if self.chance.random() < 0.4 else 0
            self.clock.jump(way * self.chance.randrange(*JUMP), slot)
            self.tally["jumps"] += 1
        if self.chance.random() < 0.3:
            self.server.order(self.chance.choice(FAULTS))
            self.tally["faults"] += 1

    def restart_server(self) -> None:
        """Killed, and there again."""
        self.server.kill()
        self.server.start()
        self.line.server_port = self.server.port
        self.tally["restarts"] += 1

    def watch(self, lives: list[Life], seconds: float, slots: int = 1, restarts: float = 0.0) -> None:
        """Let them live so long, with an upset in the middle, now and then; the server is killed there with that chance."""
        half = min(seconds, 1.0) * self.chance.random()
        if lives[0].ended(half):
            return
        self.upset(slots)
        if self.chance.random() < restarts:
            self.restart_server()
        lives[0].ended(seconds - half)

    # -- the end ---------------------------------------------------------------------------------------------------------------

    def set_right(self) -> None:
        self.line.cut_share = 0.0
        for slot in range(8):
            self.clock.jump(UNDO_IS_OVER, slot)
        self.line.settle()
        self.restart_server()  # whatever fault was still ordered is forgotten

    def verdict(self) -> dict[str, Any]:
        """Of what was promised, against the registry. Ends the server."""
        self.server.kill()
        return self.promises.verdict(self.server.folder) | {"cuts": self.line.cuts} | dict(self.tally)

    def histogram(self) -> str:
        """One line a step."""
        lines = [f"{self.fell[name]:6d}  {name}" for name in sorted(NAMES, key=lambda name: -self.fell[name])]
        return "\n".join(["kills by the step they fell at:", *lines])

    def faults_of_ours(self) -> list[str]:
        """Of lives that ended by an exception nobody expects: what they wrote."""
        errors = sorted(self.folder.glob("*.err"))
        return [text[-3000:] for file in errors if "Traceback" in (text := file.read_text("utf-8", "replace"))]


BAD = (
    "lost",
    "doubled",
    "sent though withdrawn",
    "gone though sent",
    "not deleted",
    "deleted unasked",
    "not replaced",
    "replaced unasked",
)
"""What a verdict must have none of."""
