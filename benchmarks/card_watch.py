"""The watcher over the real libpcsclite and pyscard, and in memory: event to callback, idle, and what is left over.

The limits are the brief's: 99 events in 100 told within 5 ms, less than 0.1 % of a processor while nothing happens, nothing left.
"""

from __future__ import annotations

from tests.helpers.card_desk import idle_share, soak
from tests.helpers.card_worlds import WORLDS, open_world

ACTS = 3_000
SEED = 2026
LIMIT_MS = 5.0
LIMIT_IDLE = 0.001
IDLE_SECONDS = 3.0


def main() -> None:
    print(f"{ACTS} random acts at a desk (inserted, removed, swapped, held, renamed, unplugged, service restarted)")
    for name in WORLDS:
        with open_world(name) as world:
            figures = soak(world, ACTS, SEED)
        p50, p99 = figures.percentile(0.5) * 1e3, figures.percentile(0.99) * 1e3
        print(f"  {name:12} event to callback  p50 {p50:5.2f} ms  p99 {p99:5.2f} ms   (limit {LIMIT_MS} ms)")
        print(
            f"  {'':12} left over          {len(figures.threads)} threads, {max(0, figures.descriptors)} descriptors (limit 0)"
        )
        with open_world(name) as world:
            print(
                f"  {'':12} idle               {idle_share(world, IDLE_SECONDS):.3%} of a processor   (limit {LIMIT_IDLE:.1%})"
            )


if __name__ == "__main__":
    main()
