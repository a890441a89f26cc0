"""A practice whose workstations are killed (-9) at random, on a line that is cut, with clocks that jump and a server that is killed
too; and what became of what was promised, by the registry of the stand-in server.

A document is promised once the program has said "queued" of it. One that was not promised is given to a later life again.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.model import Kind
from dmp_desktop.sandbox.store import Store
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from tests.helpers.cutting_line import CuttingLine
from tests.helpers.jumping_clock import JumpingClock
from tests.helpers.nursery import Life, Nursery
from tests.helpers.ordered_sandbox import OrderedSandbox
from tests.helpers.seeded import seeded

PHRASE = "une phrase de passe"
FAULTS = ("drop_before_commit", "drop_after_commit", "drop_answer", "unavailable")
JUMP = 6 * 3600  # seconds, either way


@dataclass
class Campaign:
    """`seed` decides all that is chosen here; what the machine makes of it is its own."""

    folder: Path
    seed: int
    chance: random.Random = field(init=False)
    promised: set[str] = field(default_factory=set)
    tally: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.server = OrderedSandbox(seeded(self.folder / "server"))
        self.clock = JumpingClock(self.folder)
        self.line = CuttingLine(self.server.port, random.Random(self.seed + 1))
        self.nursery = Nursery(self.clock.environment)
        self._made = self._documents()
        self._given: dict[str, Path] = {}
        self._apart: set[str] = set()

    def close(self) -> None:
        self.nursery.close()
        self.line.close()
        self.server.kill()

    # -- what is sent ----------------------------------------------------------------------------------------------------------

    def _documents(self) -> Iterator[tuple[str, Path]]:
        """One after the other, of the patient with an ordinary story."""
        from dmp_desktop.exchange.context import context_from_dict

        doctor = self.server.ready["identities"]["doctor"]
        told = {
            "patient": next(one["patient"] for one in self.server.ready["patients"] if one["story"] == "ordinary"),
            "professional": doctor["professional"],
            "facility": doctor["facility"],
            "encounter": {"start": "2026-11-20T10:05:00+01:00", "end": None, "kind": "AMB"},
            "attending": None,
            "recipients": [],
            "extra": {},
        }
        context = context_from_dict(told)
        build = documents.builder(SystemClock(), SystemEntropy())
        (self.folder / "documents").mkdir()
        while True:
            note = "Renouvellement. " * self.chance.randrange(1, 60)
            built = build(DocumentOrder(context.patient, context.professional, context.encounter.start, note), context)
            file = self.folder / "documents" / f"{built.unique_id}.xml"
            file.write_bytes(built.cda)
            yield built.unique_id, file

    def files(self, count: int) -> list[str]:
        """Of documents that are not promised: new ones, and those of a life that ended before."""
        again = [name for name in self._given if name not in self.promised | self._apart]
        while len(again) < count:
            name, file = next(self._made)
            self._given[name] = file
            again.append(name)
        return [str(self._given[name]) for name in again[:count]]

    def keep_apart(self, files: list[str]) -> None:
        """These are one workstation's from now on, promised or not: in a clinic one document is written on one."""
        self._apart |= {Path(file).stem for file in files}

    def file(self, unique_id: str) -> str:
        return str(self._given[unique_id])

    def note_promises(self, output: Path) -> None:
        """What a life has said, a line that a kill cut in two left out."""
        if not output.exists():
            return
        for line in output.read_text("utf-8").split("\n")[:-1]:
            told: dict[str, Any] = json.loads(line)
            if told.get("state") == "queued":
                self.promised.add(told["unique_id"])

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

    def run(self, argv: list[str], environment: dict[str, str], within: float = 60.0) -> list[dict[str, Any]]:
        """A life that ends by itself, on the machine's own time; what it says."""
        output = self.folder / f"said-{self.tally['runs']}"
        self.tally["runs"] += 1
        life = self.nursery.start(argv, environment, output, slot=7)
        assert life.ended(within), Path(f"{output}.err").read_text()
        return [json.loads(line) for line in output.read_text("utf-8").splitlines()]

    # -- what goes wrong -------------------------------------------------------------------------------------------------------

    def upset(self, slots: int = 1) -> None:
        """Before or during a life: a clock jumps, or is set right; the server stumbles over the next request."""
        if self.chance.random() < 0.3:
            slot = self.chance.randrange(slots)
            wrong = self.chance.random() < 0.4
            self.clock.jump(self.chance.randrange(-JUMP, JUMP) if wrong else 0, slot)
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

    def watch(self, lives: list[Life], seconds: float, slots: int = 1) -> None:
        """Let them live so long, with an upset in the middle, now and then."""
        half = seconds * self.chance.random()
        if lives[0].ended(half):
            return
        self.upset(slots)
        lives[0].ended(seconds - half)

    # -- the end ---------------------------------------------------------------------------------------------------------------

    def set_right(self) -> None:
        self.line.cut_share = 0.0
        for slot in range(8):
            self.clock.jump(0, slot)
        self.line.settle()
        self.restart_server()  # whatever fault was still ordered is forgotten

    def verdict(self) -> dict[str, int]:
        """Of what was promised, against the registry. `resent`: deposits refused because the document was there already: whoever
        sent it had not looked. Ends the server."""
        self.server.kill()
        store = Store(self.server.folder / "dmp.sqlite")
        ins = next(one["ins"] for one in self.server.ready["patients"] if one["story"] == "ordinary")
        kept = Counter(one.unique_id for one in store.objects(ins, Kind.ENTRY))
        lots = Counter(
            link.target
            for one in store.objects(ins, Kind.SET)
            for link in store.associations(one.id)
            if link.source == one.id
        )
        store.close()
        ours = {name: kept[name] for name in self._given}
        journal = (self.server.folder / "journal.txt").read_text("utf-8", "replace")
        return {
            "promised": len(self.promised),
            "lost": sum(ours[name] == 0 for name in self.promised),
            "doubled": sum(count > 1 for count in ours.values()) + sum(count > 1 for count in lots.values()),
            "resent": journal.count("XDSDuplicateUniqueIdInRegistry"),
            "cuts": self.line.cuts,
            **self.tally,
        }
