"""The watcher over the real libpcsclite and pyscard, and in memory: every event to its callback, idle, and what is left over.

The limits are the brief's: 99 events in 100 told within 5 ms, less than 0.1 % of a processor while nothing happens, nothing left.
"""

from __future__ import annotations

from tests.helpers.card_desk import EVERYDAY
from tests.helpers.card_soak import idle_share, percentile, soak
from tests.helpers.card_worlds import WORLDS, open_world

ACTS = 3_000
SEED = 2026
MIX = EVERYDAY | {"restart": 0.5, "mute": 0.5}
LIMIT_MS = 5.0
LIMIT_IDLE = 0.001
IDLE_SECONDS = 3.0


def main() -> None:
    print(
        f"{ACTS} random acts at a desk, in ms; events of a service that comes back and of mute cards wait for the platform"
    )
    for name in WORLDS:
        with open_world(name) as world:
            figures = soak(world, ACTS, SEED, MIX)
        print(f"  {name}: {figures}")
        print(f"  p99 of every event {percentile(figures.prompt, 0.99) * 1e3:.2f} ms   (limit {LIMIT_MS} ms)")
        left = [*figures.unkept, *figures.threads, *["descriptor"] * figures.descriptors]
        print(f"  left over          {', '.join(left) or 'nothing'}   (limit: nothing)")
        with open_world(name) as world:
            share = idle_share(world, IDLE_SECONDS)
        print(f"  idle               {share:.3%} of a processor   (limit {LIMIT_IDLE:.1%})")


if __name__ == "__main__":
    main()
