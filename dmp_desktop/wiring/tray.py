"""The tray of scans: what takes them from the folder, on a thread of its own, so that a large one holds nothing else up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.tray import KEPT, Scan
from dmp_desktop.platform.settings import Settings, load_settings
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.compose import ComposeService
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.received_intake import ReceivedExaminer
from dmp_desktop.services.rounds import Round, Rounds
from dmp_desktop.services.tray import TrayService
from dmp_desktop.services.tray_intake import Examiner, Intake
from dmp_desktop.services.tray_sending import TraySending
from dmp_desktop.storage.tray import TrayStore
from dmp_desktop.wiring.base import Base
from dmp_desktop.wiring.entry import Entry
from dmp_desktop.wiring.stores import Stores

LOOK_SECONDS, PURGE_SECONDS = 2.0, 3600.0


@dataclass(frozen=True, slots=True)
class Tray:
    store: TrayStore
    intake: Intake
    received: Intake
    service: TrayService
    sending: TraySending
    rounds: tuple[Rounds, ...]


def tray_of(
    base: Base, stores: Stores, entry: Entry, compose: ComposeService, outbox: OutboxService, opened: ExitStack
) -> Tray:
    clock, store = base.clock, stores.tray
    desk, acts = entry.desk, entry.acts

    def note(act: Act, scan: Scan, reason: str) -> None:
        acts.note(act, scan.patient.ins if scan.patient else None, document=scan.unique_id, reason=reason)

    intake, received = _intakes(base, store, acts)
    service = TrayService(store, clock, desk.signed_in, compose.build, compose.known, note)
    sending = TraySending(store, outbox, clock, desk.signed_in, note, store.station)
    moved = threading.Event()
    moved.set()
    outbox.subscribe(moved.set)

    def settle() -> None:
        if moved.is_set():
            moved.clear()
            sending.settle()

    purging = Round(PURGE_SECONDS, lambda: store.purge(clock.now() - KEPT))
    rounds = Rounds(clock, Round(LOOK_SECONDS, intake.look), Round(LOOK_SECONDS, settle), purging)
    receiving = Rounds(clock, Round(LOOK_SECONDS, received.look))  # what others wrote holds no scan up
    opened.callback(rounds.stop)
    opened.callback(receiving.stop)
    return Tray(store, intake, received, service, sending, (rounds, receiving))


def _intakes(base: Base, store: TrayStore, acts: ActBook) -> tuple[Intake, Intake]:
    """Of the scanner's folder, and of that of what others send."""
    settings, paths = base.paths.settings, base.paths

    def folder(of: Callable[[Settings], str]) -> Callable[[], Path | None]:
        def chosen() -> Path | None:
            path = of(load_settings(settings)[0])
            return Path(path) if path else None

        return chosen

    def intake(of: Callable[[Settings], str], lock: Path, act: Act, examine: Examiner | None = None) -> Intake:
        noted = partial(acts.note, act, actor="")
        return Intake(store, folder(of), store.station, lock, base.clock, base.entropy, noted, examine)

    return (
        intake(lambda told: told.scan_folder, paths.scans_lock, Act.SCAN_TAKEN),
        intake(lambda told: told.received_folder, paths.received_lock, Act.RECEIVED_TAKEN, ReceivedExaminer()),
    )
