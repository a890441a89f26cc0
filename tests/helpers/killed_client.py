"""One workstation after the other, killed (-9) life after life, at a step of its work or at any moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.helpers.kill_campaign import BAD, Campaign
from tests.helpers.kill_script import told
from tests.helpers.nursery import Life
from tests.helpers.practice_life import TRIED_AGAIN
from tests.helpers.steps import OWN, SAID

RESTART_EVERY = 15  # kills of the client to one of the server between two lives; half as many fall during one
LOOK_EVERY = 10
LONGEST = 0.8  # seconds of a life, or after its first document, within which a kill falls at any moment
PATIENCE, LONGEST_PATIENCE = 1.5, 20.0
"""Seconds until a step that does not come is waited for no more: killed where it is. Longer after each that did not come."""
IN_MID_AIR, MID_AIR = ("TLS", "request", "answer", "settle"), 3
"""The steps while something is being sent, and how many kills fall at them at least."""
STEPS = (*OWN, SAID)


class Client:
    """The workstation in use, and the homes of those before it."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.homes: list[str] = []
        self.lives = 0
        self.patience = PATIENCE
        self.move()

    def move(self) -> None:
        """Another computer: what was given to the former one and not promised stays there."""
        promises = self.campaign.promises
        promises.apart |= set(promises.papers)
        self.homes.append(f"poste-{len(self.homes)}")

    def start(self, argv: list[str], slot: int, plan: Mapping[str, Any] | None = None) -> tuple[Life, Path]:
        signed_in = bool(plan and plan["step"] != "await card") or self.campaign.chance.random() < 0.7
        output = self.campaign.folder / f"life-{self.lives}"
        self.lives += 1
        here = self.campaign.environment(self.homes[-1], signed_in=signed_in)
        return self.campaign.nursery.start(argv, here, output, slot, plan), output

    def round(self) -> None:
        """One life, or two at once on one outbox, killed: at the step drawn, or any time after its first document, or any time."""
        campaign, chance, resent = self.campaign, self.campaign.chance, self._resent()
        campaign.upset()
        step, within, plan = "", self.patience, None
        match chance.choices(("step", "time", "any time"), (70, 20, 10))[0]:
            case "step":
                step = campaign.wanted(STEPS)
                plan = campaign.plan(step)
                if before := campaign.script.before(step):
                    campaign.run(["practice", told(before)], campaign.environment(self.homes[-1]))
            case "time":
                plan = {"step": "enqueue", "nth": 1, "after": chance.uniform(0.0, LONGEST)}
            case _:
                within = chance.uniform(0.0, LONGEST)
        by_command = not step and chance.random() < 0.5
        argv = campaign.script.command() if by_command else ["practice", told(campaign.script.acts(step))]
        lives = [self.start(argv, 0, plan)]
        if chance.random() < 0.15:
            lives.append(self.start(["outbox", "flush", "--json", "--wait", "15"], 1))
        campaign.watch([life for life, _ in lives], within, restarts=0.5 / RESTART_EVERY)
        if plan and not lives[0][0].ended(0):
            self.patience = min(1.1 * self.patience, LONGEST_PATIENCE)
        chance.shuffle(lives)
        for life, output in lives:
            campaign.kill(life)
            campaign.promises.note(output)
        campaign.line.settle()
        if len(lives) > 1:
            campaign.tally["resent beside another"] += self._resent() - resent

    def _resent(self) -> int:
        """What one of two looked for while the server was still at the request of the other, killed: the server refused it, and was asked
        again. Nobody else sends what the server has."""
        return self.campaign.promises.resent(self.campaign.server.folder)

    def look(self) -> None:
        """Somebody looks at the list: what it says is said."""
        self.campaign.run(["outbox", "list", "--json"], self.campaign.environment(self.homes[-1]))

    def play(self, kills: int, new_home_every: int = 0) -> None:
        """So many kills, and more until some fell while something was being sent. A workstation begins its first life, and is killed
        in it, now and then."""
        campaign = self.campaign
        campaign.run(["practice", told(campaign.script.acts("send"))], campaign.environment(self.homes[0]))
        campaign.line.cut_share = 0.3
        while campaign.tally["killed"] < kills or sum(campaign.fell[step] for step in IN_MID_AIR) < MID_AIR:
            before = campaign.tally["killed"]
            assert campaign.tally["ended before"] < 3 * kills + 20, self._last_words()
            assert before < 5 * kills, campaign.histogram()
            self.round()
            for every, act in (
                (LOOK_EVERY, self.look),
                (RESTART_EVERY, campaign.restart_server),
                (new_home_every, self.move),
            ):
                if every and before // every != campaign.tally["killed"] // every:
                    act()

    def _last_words(self) -> str:
        """Of lives that end before they are killed, life after life."""
        files = [
            self.campaign.folder / f"life-{number}{end}"
            for number in range(self.lives - 3, self.lives)
            for end in ("", ".err")
        ]
        return "\n".join(file.read_text("utf-8", "replace") for file in files)

    def settle(self) -> list[dict[str, Any]]:
        """All that goes wrong is over: what the outboxes list once nothing is on its way any more."""
        self.campaign.set_right()
        items = []
        for home in self.homes:
            here = self.campaign.environment(home)
            self.campaign.run(["drain"], here, within=1800)
            items += self.campaign.run(["outbox", "list", "--json"], here)
        return items

    def check(self, items: list[dict[str, Any]]) -> None:
        """Against the registry, whose process ends. Prints the figures and the histogram; raises AssertionError."""
        campaign = self.campaign
        report = campaign.verdict()
        states = Counter((line["state"], line["code"]) for line in items)
        print({name: len(found) if isinstance(found, list) else found for name, found in report.items()}, dict(states))
        print(campaign.histogram())
        assert not any(report[name] for name in BAD), report
        assert report["resent"] == campaign.tally["resent beside another"], report
        assert campaign.faults_of_ours() == []
        there = campaign.promises.in_registry(campaign.server.folder)
        sent = {line["unique_id"] for line in items if line["state"] in ("sent", "replaced", "deleted")}
        assert sent == there, (sent - there, there - sent)
        assert {line["state"] for line in items} <= {"sent", "replaced", "deleted", "cancelled", "refused"}
        assert {line["code"] for line in items if line["state"] == "refused"} <= TRIED_AGAIN, states
        assert campaign.promises.said("queued") <= {line["unique_id"] for line in items}
        assert any(line["attempts"] > 1 for line in items), "no client was killed in mid-air: this proved nothing"
