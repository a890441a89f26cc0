"""The tray of scans: what takes them from the folder, on a thread of its own, so that a large one holds nothing else up."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dmp_desktop.platform.settings import load_settings
from dmp_desktop.services.rounds import Round, Rounds
from dmp_desktop.services.tray_intake import Intake
from dmp_desktop.storage.journal import JournalRecord
from dmp_desktop.storage.tray import TrayStore
from dmp_desktop.wiring.base import Base
from dmp_desktop.wiring.stores import Stores

LOOK_SECONDS, PURGE_SECONDS = 2.0, 3600.0
KEPT = timedelta(days=30)
"""How long what was sent, or taken out of the tray, is still in it for who asks."""


@dataclass(frozen=True, slots=True)
class Tray:
    store: TrayStore
    intake: Intake
    rounds: Rounds


def tray_of(base: Base, stores: Stores, opened: ExitStack) -> Tray:
    clock, store, settings = base.clock, stores.tray, base.paths.settings

    def folder() -> Path | None:
        chosen = load_settings(settings)[0].scan_folder
        return Path(chosen) if chosen else None

    def note(result: str) -> None:
        stores.journal.append(JournalRecord(clock.now(), "", "scan-taken", result=result))

    intake = Intake(store, folder, store.station, base.paths.scans_lock, clock, base.entropy, note)
    purging = Round(PURGE_SECONDS, lambda: store.purge(clock.now() - KEPT))
    rounds = Rounds(clock, Round(LOOK_SECONDS, intake.look), purging)
    opened.callback(rounds.stop)
    return Tray(store, intake, rounds)
