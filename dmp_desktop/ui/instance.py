"""The window's side of `platform/instance.py`: it listens for what later starts hand over, for its own user alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.platform.instance import CONTEXT, LONGEST_LINE, SHOW, Message, answer, read_message, too_long

MOST_CALLERS = 8
"""At once; one more waits for its turn in the system."""
PATIENCE_MS = 10_000
"""How long a caller may take for its line, and for its answer."""
MOST_WAITING = 50
"""While the program is opened: a passphrase may be asked for, and nobody there."""

Taken = Callable[[], None]
Refused = Callable[[DmpDesktopError], None]
Take = Callable[[Message, Taken, Refused], None]
"""Takes a message off the window's thread; says so on it once it is durable, or why it is not taken."""


class InstanceServer(QObject):
    """`show` brings the window before the eyes: somebody started the program again. What else comes waits for `take`, which never
    does: it only proposes."""

    def __init__(self, show: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._show = show
        self._take: Take | None = None
        self._waiting: list[tuple[Message, Taken, Refused]] = []
        self._callers: dict[QLocalSocket, bytes] = {}
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(MOST_CALLERS)
        self._server.newConnection.connect(self._come)

    def listen(self, place: str) -> bool:
        """At this address. Whose lock is held is the only one to: a socket that stands there is of a process that was killed."""
        QLocalServer.removeServer(place)
        return self._server.listen(place)

    def close(self) -> None:
        self._server.close()
        for caller in [*self._callers]:
            caller.abort()

    def serve(self, take: Take) -> None:
        """From now on messages are taken; so are those that came before."""
        self._take = take
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            take(*one)

    def hand(self, message: Message, taken: Taken, refused: Refused) -> None:
        """What a later start, or this one, was given."""
        if message.act == SHOW:
            self._show()
            taken()
        elif self._take is None:
            self._wait(message, taken, refused)
        else:
            self._take(message, taken, refused)

    def _wait(self, message: Message, taken: Taken, refused: Refused) -> None:
        """A patient without a note takes the place of the one before, as in the inbox; of notes none is passed over."""
        if message.act == CONTEXT and not message.note:
            self._waiting = [one for one in self._waiting if one[0].act != CONTEXT or one[0].note]
        if len(self._waiting) >= MOST_WAITING:
            refused(_too_many())
        else:
            self._waiting.append((message, taken, refused))

    def _come(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            if len(self._callers) >= MOST_CALLERS:
                caller.abort()
                caller.deleteLater()
                continue
            self._callers[caller] = b""
            caller.readyRead.connect(partial(self._read, caller))
            caller.disconnected.connect(partial(self._gone, caller))
            QTimer.singleShot(PATIENCE_MS, caller, caller.abort)
            self._read(caller)

    def _gone(self, caller: QLocalSocket) -> None:
        self._callers.pop(caller, None)
        caller.deleteLater()

    def _read(self, caller: QLocalSocket) -> None:
        """Never more than a line's length is kept."""
        if caller not in self._callers:
            return
        held = self._callers[caller] + bytes(caller.read(LONGEST_LINE + 1 - len(self._callers[caller])).data())
        self._callers[caller] = held
        end = held.find(b"\n")
        if end < 0 and len(held) <= LONGEST_LINE:
            return
        self._callers[caller] = b""
        caller.readyRead.disconnect()
        try:
            if end < 0 or end >= LONGEST_LINE:
                raise too_long()
            message = read_message(held[:end])
        except DmpDesktopError as error:
            self._refuse(caller, error)
            return
        self.hand(message, partial(self._answer, caller, answer()), partial(self._refuse, caller))

    def _refuse(self, caller: QLocalSocket, error: DmpDesktopError) -> None:
        self._answer(caller, answer(error.code, error.told_fr))

    def _answer(self, caller: QLocalSocket, line: bytes) -> None:
        """Who has given up waiting is told nothing."""
        if caller in self._callers:
            caller.write(line)
            caller.flush()
            caller.disconnectFromServer()


def _too_many() -> ContextError:
    return ContextError(
        "handover-many",
        "DMP Desktop n'est pas encore ouvert, et trop de patients et de notes l'attendent déjà : celui-ci n'est pas pris.",
        "Finissez de l'ouvrir, puis transmettez de nouveau.",
    )
