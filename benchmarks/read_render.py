"""Showing a document: every official example, the C-CDA samples, and all that the sandbox writes.

Limits: 100 ms for any, 20 ms for the median. Beside each, lxml alone parsing the same bytes: what no reader can do without.
Processor time, the best of five: the rest is the machine's.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from dmp_desktop.cda.render import Palette, render
from dmp_desktop.sandbox.patients import STORIES
from dmp_desktop.sandbox.records.bodies import write_document
from dmp_desktop.sandbox.records.timeline import plans

LIMIT_MS, MEDIAN_LIMIT_MS = 100.0, 20.0
ROUNDS = 5
SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", "../shared"))
FOLDERS = {
    "official examples": "ans/examples/*.xml",
    "minimal samples": "samples/cda/*.xml",
    "C-CDA": "samples/ihe/c-cda/*.xml",
}
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def main() -> None:
    palette = Palette()
    whole: list[float] = []
    for name, documents in sources():
        alone = [_best(lambda cda=cda: _parse(cda)) for cda in documents]
        ours = [_best(lambda cda=cda: render(cda, palette=palette)) for cda in documents]
        whole += ours
        if not ours:
            print(f"  {name:<18} absent ({SHARED})")
            continue
        size = sum(map(len, documents)) / len(documents) / 1000
        slowest = max(range(len(ours)), key=ours.__getitem__)
        print(
            f"  {name:<18} {len(documents):4} of {size:5.0f} kB   median {statistics.median(ours):5.1f} ms (lxml "
            f"{statistics.median(alone):4.1f})   slowest {ours[slowest]:5.1f} ms (lxml {alone[slowest]:4.1f})"
        )
    print(
        f"  {'all':<18} {len(whole):4}               median {statistics.median(whole):5.1f} ms (limit {MEDIAN_LIMIT_MS:.0f})"
        f"        slowest {max(whole):5.1f} ms (limit {LIMIT_MS:.0f})"
    )


def sources() -> Iterator[tuple[str, list[bytes]]]:
    for name, pattern in FOLDERS.items():
        yield name, [path.read_bytes() for path in sorted(SHARED.glob(pattern))]
    yield "sandbox", [write_document(plan) for story in STORIES for plan in plans(story, NOW)]


def _parse(cda: bytes) -> None:
    etree.fromstring(cda, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _best(action: Callable[[], object]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return min(times) * 1e3


if __name__ == "__main__":
    main()
