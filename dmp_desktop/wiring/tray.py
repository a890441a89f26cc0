"""The tray of scans: what takes them from the folder, on a thread of its own, so that a large one holds nothing else up."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.tray import KEPT, Scan
from dmp_desktop.platform.settings import load_settings
from dmp_desktop.services.compose import ComposeService
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.rounds import Round, Rounds
from dmp_desktop.services.tray import TrayService
from dmp_desktop.services.tray_intake import Intake
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
    service: TrayService
    sending: TraySending
    rounds: Rounds


def tray_of(
    base: Base, stores: Stores, entry: Entry, compose: ComposeService, outbox: OutboxService, opened: ExitStack
) -> Tray:
    clock, store, settings = base.clock, stores.tray, base.paths.settings
    desk, acts = entry.desk, entry.acts

    def folder() -> Path | None:
        chosen = load_settings(settings)[0].scan_folder
        return Path(chosen) if chosen else None

    def note(act: Act, scan: Scan, reason: str) -> None:
        acts.note(act, scan.patient.ins if scan.patient else None, document=scan.unique_id, reason=reason)

    intake = Intake(
        store,
        folder,
        store.station,
        base.paths.scans_lock,
        clock,
        base.entropy,
        lambda: acts.note(Act.SCAN_TAKEN, actor=""),
    )
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
    opened.callback(rounds.stop)
    return Tray(store, intake, service, sending, rounds)
