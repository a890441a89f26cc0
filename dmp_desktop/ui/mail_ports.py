"""What the window asks to have a message of MSSanté prepared. It blocks and raises DmpDesktopError."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.documents import DocumentEntry
    from dmp_desktop.domain.outbox import OutboxItem
    from dmp_desktop.services.mail_desk import Laid
    from dmp_desktop.services.secure_mail import Draft


class MailPort(Protocol):
    """Nothing is sent: the doctor's own mail client does that."""

    def prepare(self, entries: Sequence[DocumentEntry], cdas: Sequence[bytes], to: str) -> Draft:
        """The message of documents of one patient, as listed and their bytes, to the address `to`, as typed."""
        ...

    def lay(self, entries: Sequence[DocumentEntry], cdas: Sequence[bytes]) -> Laid:
        """The message in a file of this workstation, for the mail client to open and to address."""
        ...

    def lay_sent(self, item: OutboxItem) -> Laid:
        """The same of a document of the outbox."""
        ...

    def drop(self, path: Path) -> None:
        """Nobody is to open it."""
        ...
