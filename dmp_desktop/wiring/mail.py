"""Messages for the doctor's mail client, joined: who sends them, what of, and the folder they lie in for a while."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.documents import Author
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.services.mail_desk import MailBox, MailDesk
from dmp_desktop.services.mail_folder import MailFolder
from dmp_desktop.services.rounds import Round, Rounds
from dmp_desktop.services.sign_in import caller
from dmp_desktop.wiring.base import SOURCE_OID, Base
from dmp_desktop.wiring.core import Core
from dmp_desktop.wiring.entry import Entry

LOOK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class MailWiring:
    """`rounds` are the window's: a command lays no message there, and takes none away."""

    desk: MailDesk
    rounds: Rounds

    def stop(self) -> None:
        self.rounds.stop()
        self.desk.forget()


def mail_of(base: Base, entry: Entry, core: Core, opened: ExitStack) -> MailWiring:
    def who() -> Author | None:
        account = entry.desk.current()
        return caller(account).author if account else None

    def document(item: OutboxItem) -> bytes:
        entry.desk.may_handle(item.author_id)
        return core.outbox.document(item.id)

    def copied(ins: InsIdentity) -> None:
        core.identities.accessed((ins.value,), Why.PRINT)
        entry.acts.note(Act.EXPORT, ins)

    folder = MailFolder(base.paths.messages, base.clock, base.entropy)
    rounds = Rounds(base.clock, Round(LOOK_SECONDS, folder.look))
    opened.callback(rounds.stop)
    desk = MailDesk(SOURCE_OID, base.clock, base.entropy, who, MailBox(folder, document, copied))
    return MailWiring(desk, rounds)
