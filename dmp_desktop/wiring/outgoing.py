"""What goes out to the practice software, joined: its profiles, what waits for their folders, who asks for more."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from dataclasses import dataclass

from dmp_desktop.domain.acts import Act
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.settings import load_settings
from dmp_desktop.services.outgoing_queue import OutgoingQueue, Waiting
from dmp_desktop.services.profiles import ProfileFile
from dmp_desktop.services.rounds import Round, Rounds
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.wiring.base import SOURCE_OID, Base
from dmp_desktop.wiring.core import Core
from dmp_desktop.wiring.entry import Entry

LOOK_SECONDS, STAGE_SECONDS = 3.0, 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutgoingWiring:
    """`rounds` are the window's: a command writes what it is given, and keeps what it sent for the window to write."""

    queue: OutgoingQueue
    rounds: Rounds


def outgoing_of(base: Base, entry: Entry, core: Core, opened: ExitStack) -> OutgoingWiring:
    """What was sent is kept for the profiles that want it: before the outbox forgets it."""
    paths, outbox = base.paths, core.outbox
    queue = OutgoingQueue(
        paths.outgoing,
        Seal(base.key, "outgoing"),
        ProfileFile(paths.profiles),
        lambda: load_settings(paths.settings)[0],
        paths.home,
        SOURCE_OID,
        base.clock,
    )

    def noted(written: Waiting) -> None:
        entry.acts.note(Act.GIVEN, document=written.unique_id, actor=None if written.asked else "")

    queue.noted = noted
    core.heard.append(queue.sent_here)
    moved = threading.Event()
    outbox.subscribe(moved.set)

    def stage() -> None:
        try:
            queue.stage(outbox)
        except DmpDesktopError as error:
            log.warning("what was sent is not kept for the practice software: %s", error.code)

    def look() -> None:
        if moved.is_set():
            moved.clear()
            stage()
        queue.look()

    stage()
    rounds = Rounds(base.clock, Round(LOOK_SECONDS, look), Round(STAGE_SECONDS, stage))  # 60 s: what `dmp send` sent
    opened.callback(rounds.stop)
    return OutgoingWiring(queue, rounds)
