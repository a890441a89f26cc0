"""A workstation for the diagnosis: an empty data folder, readers moved by hand, no server unless one is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dmp_desktop.card import Cards, FakePcsc, open_fake
from dmp_desktop.platform.endpoint import Endpoint
from dmp_desktop.platform.paths import Paths
from dmp_desktop.services.diagnostics.model import Result
from dmp_desktop.services.diagnostics.service import Diagnostics, workstation
from dmp_desktop.services.diagnostics.site import Station

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class FixedClock:
    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0


def station(folder: Path, cards: Cards | None = None, **changes: Any) -> Station:
    """Nothing of this machine shows through: no galss.ini, no proxy, no key store, no module."""
    if cards is None:
        pcsc = FakePcsc()
        pcsc.start_service()
        cards = open_fake(pcsc)
    plain = workstation({}, cards, FixedClock())
    quiet: dict[str, Any] = {
        "paths": Paths(folder / "home"),
        "endpoint": Endpoint(),
        "root": folder / "root",
        "platform": "linux",
        "proxies": dict,
        "keystore": lambda: None,
        "opener": None,
        "modules": list,
    }
    return replace(plain, **(quiet | changes))


def diagnose(where: Station, *ids: str) -> dict[str, Result]:
    """The results of these checks, or of all, by id."""
    results: list[Result] = []
    Diagnostics(where).run(results.append, ids)
    return {result.id: result for result in results}


def one(where: Station, check: str) -> Result:
    return diagnose(where, check)[check]
