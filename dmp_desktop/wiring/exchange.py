"""What the practice software hands over, joined: one inbox, and each way into it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dmp_desktop.domain.ports import Clock
from dmp_desktop.platform.instance import TICKET, Message
from dmp_desktop.platform.settings import FOLDERS, load_settings
from dmp_desktop.services.call_door import CallDoor, CallToken
from dmp_desktop.services.context_inbox import ContextInbox
from dmp_desktop.services.exchange_folder import ExchangeFolder
from dmp_desktop.services.folders import check_apart
from dmp_desktop.services.rounds import Round, Rounds
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.tickets import Tickets
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.wiring.base import Base

LOOK_SECONDS, PURGE_SECONDS = 1.0, 60.0


@dataclass(frozen=True, slots=True)
class ExchangeWiring:
    """`rounds` are the window's: a command takes nothing from the folder, and listens to nobody."""

    inbox: ContextInbox
    folder: ExchangeFolder
    tickets: Tickets
    door: CallDoor
    token: CallToken
    rounds: Rounds
    clock: Clock

    def receive(self, message: Message) -> None:
        """What a later start of the program hands over: durable when it returns. Raises DmpDesktopError."""
        if message.act == TICKET:
            self.tickets.redeem(message.ticket, self.inbox.receive)
        else:
            waited = timedelta(seconds=max(self.clock.monotonic() - message.came, 0))
            self.inbox.receive(message.context, message.note, age=waited)


def exchange_of(base: Base, who: Callable[[], SignedIn | None], opened: ExitStack) -> ExchangeWiring:
    inbox = ContextInbox(base.paths.contexts, Seal(base.key, "received"), base.clock, base.entropy)
    tickets, settings = Tickets(base.paths.tickets, base.clock), base.paths.settings
    apart: list[tuple[str, ...]] = []

    def watched() -> Path | None:
        told = load_settings(settings)[0]
        if not told.exchange_folder:
            return None
        if (chosen := tuple(getattr(told, name) for name in FOLDERS)) not in apart:
            check_apart(told, "exchange_folder")  # settings that came otherwise: by hand, or with a backup
            apart[:] = [chosen]
        return Path(told.exchange_folder)

    folder = ExchangeFolder(watched, inbox, base.clock)
    token = CallToken(base.keystore)
    door = CallDoor(lambda: load_settings(settings)[0].call_port, token, inbox, who, base.clock)
    looks = Round(LOOK_SECONDS, folder.look), Round(LOOK_SECONDS, door.look), Round(PURGE_SECONDS, tickets.purge)
    rounds = Rounds(base.clock, *looks)
    opened.callback(door.close)  # once nothing opens it again
    opened.callback(rounds.stop)
    return ExchangeWiring(inbox, folder, tickets, door, token, rounds, base.clock)
