"""The documents of a kill campaign: made, given to lives, promised by them; and what became of each, by the registry of the DMP.

A document is promised once a life has said "queued" of it, withdrawn once it has said "cancelled". What was asked for and not said to
be done may be done or not, never half.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from dmp_desktop.domain.documents import Availability, Parent
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.model import Kind
from dmp_desktop.sandbox.store import Store
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from tests.helpers.sandbox_context import context_of

STORIES = ("ordinary", "elsewhere")
"""Patients of the stand-in whose records are open to its doctor."""
WORDS = "Motif du jour."


@dataclass
class Paper:
    """`version` of the set `set_id`, which begins with a document of its own."""

    unique_id: str
    file: Path
    story: str
    set_id: str
    version: int = 1
    replaces: str = ""


@dataclass
class Promises:
    folder: Path
    chance: Random
    ready: dict[str, Any]
    papers: dict[str, Paper] = field(default_factory=dict)
    told: dict[str, set[str]] = field(default_factory=dict)
    """By state, the documents of which a life has said it."""
    may_cancel: set[str] = field(default_factory=set)
    may_delete: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)
    """Not given to another life again."""
    _read: Counter[Path] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        (self.folder / "documents").mkdir()
        self._shapes = {(story, version): self._shape(story, version) for story in STORIES for version in (1, 2)}

    def _shape(self, story: str, version: int) -> bytes:
        """A document of the program, whose identifiers and words are put in by `make`: to draw its page each time takes longer than
        a life does."""
        context = context_of(self.ready, story)
        parent = Parent("2.25.1002", "2.25.1003", 1) if version > 1 else None
        order = DocumentOrder(context.patient, context.professional, context.encounter.start, WORDS, replaces=parent)
        built = documents.builder(SystemClock(), SystemEntropy())(order, context)
        shape = built.cda.replace(built.unique_id.encode(), b"2.25.1001")
        return shape if parent else shape.replace(b'setId root="2.25.1001"', b'setId root="2.25.1003"')

    # -- made and given --------------------------------------------------------------------------------------------------------

    def make(self, replaces: Paper | None = None) -> Paper:
        """A new one, or the next version of another."""
        story = replaces.story if replaces else self.chance.choice(STORIES)
        unique_id = f"2.25.{self.chance.getrandbits(120)}"
        file = self.folder / "documents" / f"{unique_id}.xml"
        paper = Paper(unique_id, file, story, unique_id)
        if replaces:
            paper = Paper(unique_id, file, story, replaces.set_id, replaces.version + 1, replaces.unique_id)
            self.replaced.add(replaces.unique_id)
        words = f"Renouvellement {len(self.papers)}. " * self.chance.randrange(1, 60)
        told = {
            b"2.25.1001": unique_id,
            b"2.25.1002": paper.replaces,
            b"2.25.1003": paper.set_id,
            b'versionNumber value="2"': f'versionNumber value="{paper.version}"',
            WORDS.encode(): words,
        }
        marks = re.compile(
            b"|".join(map(re.escape, told))
        )  # in one pass: an identifier may hold what looks like a mark
        shape = self._shapes[story, 2 if replaces else 1]
        file.write_bytes(marks.sub(lambda found: told[found[0]].encode(), shape))
        self.papers[unique_id] = paper
        return paper

    def given(self, count: int) -> list[Paper]:
        """Documents that are not promised: those of a life that ended before, and new ones."""
        again = [paper for name, paper in self.papers.items() if name not in self.said("queued") | self.apart]
        return again[:count] + [self.make() for _ in range(count - len(again))]

    def said(self, state: str) -> set[str]:
        return self.told.setdefault(state, set())

    @property
    def safe(self) -> list[Paper]:
        """Promised, and nobody has asked to cancel, delete or replace them."""
        out = self.may_cancel | self.may_delete | self.replaced
        return [paper for name, paper in self.papers.items() if name in self.said("queued") and name not in out]

    def note(self, output: Path) -> None:
        """What a life has said, a line that a kill cut in two left out."""
        if not output.exists():
            return
        lines = output.read_text("utf-8").split("\n")[:-1]
        for line in lines[self._read[output] :]:
            told: dict[str, Any] = json.loads(line)
            if "unique_id" in told:
                self.said(told["state"]).add(told["unique_id"])
        self._read[output] = len(lines)

    # -- and what became of them -----------------------------------------------------------------------------------------------

    def verdict(self, server: Path) -> dict[str, Any]:
        """Against the registry, whose process has ended. What must not be is named by `kill_campaign.BAD`."""
        kept, lots = self._registry(server)
        wanted = self.said("queued") | self.said("sent")
        cancelled, deleted = self.said("cancelled"), self.said("deleted")
        statuses = {name: kept.get(name, []) for name in self.papers}
        there = {name for name, found in statuses.items() if found}
        overtaken = {paper.replaces for name, paper in self.papers.items() if name in there and paper.replaces}
        status = {name: found[0] for name, found in statuses.items() if found}
        return {
            "promised": len(self.said("queued")),
            "withdrawn": len(cancelled),
            "removed": len(deleted),
            "versions": len(overtaken),
            "lost": sorted(wanted - there - self.may_cancel),
            "doubled": sorted(name for name, found in statuses.items() if len(found) > 1)
            + sorted(name for name, count in lots.items() if count > 1),
            "sent though withdrawn": sorted(cancelled & there),
            "gone though sent": sorted(self.said("sent") - there),
            "not deleted": sorted(name for name in deleted if status.get(name) != Availability.DELETED.value),
            "deleted unasked": sorted(
                name for name in there - self.may_delete if status[name] == Availability.DELETED.value
            ),
            "not replaced": sorted(name for name in overtaken if status.get(name) != Availability.DEPRECATED.value),
            "replaced unasked": sorted(
                name for name in there - overtaken if status[name] == Availability.DEPRECATED.value
            ),
            "resent": self.resent(server),
        }

    def resent(self, server: Path) -> int:
        """Deposits refused because the document was there already: whoever sent it had not looked, or looked too early."""
        return (server / "journal.txt").read_text("utf-8", "replace").count("XDSDuplicateUniqueIdInRegistry")

    def in_registry(self, server: Path) -> set[str]:
        return set(self._registry(server)[0]) & set(self.papers)

    def _registry(self, server: Path) -> tuple[dict[str, list[str]], Counter[str]]:
        """Of each uniqueId the statuses it is there in, and in how many submission sets each document is."""
        kept: dict[str, list[str]] = {}
        lots: Counter[str] = Counter()
        store = Store(server / "dmp.sqlite")
        for story in STORIES:
            ins = next(one["ins"] for one in self.ready["patients"] if one["story"] == story)
            for one in store.objects(ins, Kind.ENTRY):
                kept.setdefault(one.unique_id, []).append(one.status)
            for lot in store.objects(ins, Kind.SET):
                members = [link for link in store.associations(lot.id) if link.source == lot.id]
                lots.update(link.target for link in members if link.type == names.HAS_MEMBER)
        store.close()
        return kept, lots
