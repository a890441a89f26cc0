"""What a life is asked to do: drawn, so that any step of the outbox comes up, the wanted one for sure."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from tests.helpers.kill_promises import Paper, Promises

Act = dict[str, Any]

NEEDED = {
    "cancel": "cancel",
    "hold": "hold",
    "retry": "resume",
    "await card": "away",
    "delete in the DMP": "delete",
    "deleted": "delete",
    "ask the DMP": "replace",
    "end": "send",
    "sign-out": "away",
}
"""The act without which a step does not come up."""


class Script:
    """Draws from the campaign's chance; what it asks for is noted in `promises`, done or not."""

    def __init__(self, promises: Promises, left_out: Collection[str] = ()) -> None:
        """`left_out`: acts that are not drawn."""
        self._promises = promises
        self._left_out = left_out
        self._chance = promises.chance
        self._held: set[str] = set()

    def possible(self, step: str) -> bool:
        """Whether a life can be made to come to it: something is sent to delete or to replace."""
        act = NEEDED.get(step)
        if act in self._left_out:
            return False
        return bool(self._promises.safe) if act == "replace" else bool(self._sent()) if act == "delete" else True

    def before(self, step: str) -> list[Act]:
        """What a life that nobody kills does before."""
        return self._former() if step == "migration" else []

    def acts(self, wanted: str = "") -> list[Act]:
        """`wanted`: the step that is to come up."""
        draws: dict[str, Callable[[], list[Act]]] = {
            "send": self._send,
            "lot": self._lot,
            "cancel": self._cancel,
            "cancel of a lot": self._cancel_of_lot,
            "hold": self._hold,
            "resume": self._resume,
            "replace": self._replace,
            "delete": self._delete,
            "away": self._away,
            "former": self._former,
        }
        draws = {name: draw for name, draw in draws.items() if name not in self._left_out}
        chosen = [NEEDED.get(wanted, "send")]
        chosen += self._chance.choices([*draws, "send", "lot"], k=self._chance.randrange(1, 4))
        if wanted not in NEEDED:
            self._chance.shuffle(chosen)
        if wanted == "end":
            return [act | {"undo": 0.0} for act in self._send()]
        return [act for name in chosen for act in draws[name]()]

    def command(self) -> list[str]:
        """A life of the command line."""
        files = self._files(self._promises.given(self._chance.randrange(1, 4)))
        return ["send", *files, "--json", "--wait", "15"]

    def _files(self, papers: list[Paper]) -> list[str]:
        return [str(paper.file) for paper in papers]

    def _undo(self) -> float:
        """Seconds in which it can be cancelled: none, about as long as a life, or those of the window."""
        return self._chance.choice([0.0, 0.0, self._chance.uniform(0.0, 0.4), 30.0])

    def _send(self) -> list[Act]:
        return [{"do": "send", "files": self._files(self._promises.given(1)), "undo": self._undo()}]

    def _lot(self) -> list[Act]:
        papers = self._promises.given(self._chance.randrange(2, 5))
        return [{"do": "lot", "files": self._files(papers), "undo": self._undo()}]

    def _doomed(self) -> Paper:
        """One that somebody is about to cancel: no later life is given it."""
        paper = self._promises.make()
        self._promises.may_cancel.add(paper.unique_id)
        self._promises.apart.add(paper.unique_id)
        return paper

    def _cancel(self) -> list[Act]:
        doomed = self._doomed()
        undo, pause = self._chance.choice([(30.0, 0.0), (0.1, 0.1), (0.0, 0.03)])
        return [
            {"do": "send", "files": [str(doomed.file)], "undo": undo},
            {"do": "pause", "seconds": self._chance.uniform(0.0, pause)},
            {"do": "cancel", "unique_id": doomed.unique_id},
        ]

    def _cancel_of_lot(self) -> list[Act]:
        doomed = self._doomed()
        papers = [doomed, *self._promises.given(2)]
        self._chance.shuffle(papers)
        return [
            {"do": "lot", "files": self._files(papers), "undo": self._chance.choice([0.05, 30.0])},
            {"do": "cancel", "unique_id": doomed.unique_id},
        ]

    def _hold(self) -> list[Act]:
        [paper] = self._promises.given(1)
        self._held.add(paper.unique_id)
        return [
            {"do": "send", "files": [str(paper.file)], "undo": 30.0},
            {"do": "hold", "unique_id": paper.unique_id},
        ]

    def _resume(self) -> list[Act]:
        held = sorted(self._held & self._promises.said("queued"))
        if not held:
            return [*self._hold(), *self._resume_these(self._held)]
        return self._resume_these(held)

    def _resume_these(self, held: Any) -> list[Act]:
        chosen = self._chance.choice(sorted(held))
        return [{"do": "resume", "unique_id": chosen}]

    def _replace(self) -> list[Act]:
        """A new version of what was promised, perhaps of a version that is still on its way."""
        if not (former := self._promises.safe):
            return self._send()
        paper = self._promises.make(self._chance.choice(former[-20:]))
        return [{"do": "send", "files": [str(paper.file)], "undo": 0.0}]

    def _delete(self) -> list[Act]:
        if not (sent := self._sent()):
            return self._send()
        paper = self._chance.choice(sent)
        self._promises.may_delete.add(paper.unique_id)
        return [{"do": "delete", "unique_id": paper.unique_id, "file": str(paper.file)}]

    def _sent(self) -> list[Paper]:
        return [paper for paper in self._promises.safe if paper.unique_id in self._promises.said("sent")]

    def _away(self) -> list[Act]:
        """The card goes while something leaves, and comes back."""
        pauses = [{"do": "pause", "seconds": self._chance.uniform(0.0, 0.1)} for _ in range(2)]
        return [*self._send(), pauses[0], {"do": "away"}, *self._send(), {"do": "flush"}, pauses[1], {"do": "back"}]

    def _former(self) -> list[Act]:
        papers = [self._promises.make() for _ in range(self._chance.randrange(1, 4))]
        for paper in papers:
            self._promises.apart.add(paper.unique_id)  # the former version would have kept it once
        return [{"do": "former", "files": self._files(papers)}]


def told(acts: list[Act]) -> str:
    return json.dumps(acts)
