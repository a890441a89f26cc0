"""Messages of MSSanté as the window has them prepared: of the document that is open, or of those chosen in the list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dmp_desktop.domain.documents import Author, DocumentEntry, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.errors import ContextError
from dmp_desktop.services.mail_folder import MailFolder

if TYPE_CHECKING:
    from dmp_desktop.services.secure_mail import Draft


def hidden() -> ContextError:
    """Why a document is not sent to a professional from whom its patient hides it."""
    return ContextError(
        "mail-hidden",
        "Un document masqué aux professionnels de santé n'est pas envoyé à l'un d'eux.",
        "Levez d'abord le masquage, avec l'accord du patient.",
    )


@dataclass(frozen=True, slots=True)
class MailBox:
    """What only the window has: where messages lie, the bytes of who may handle them, and that a copy was made."""

    folder: MailFolder
    document: Callable[[OutboxItem], bytes]
    copied: Callable[[InsIdentity], None]


@dataclass(frozen=True, slots=True, repr=False)
class Laid:
    """`path` names nobody; `warnings` are French sentences without any patient data."""

    path: Path
    warnings: tuple[str, ...]


class MailDesk:
    """`source_id` is the OID of this software; `who` tells who is signed in, who sends."""

    def __init__(
        self,
        source_id: str,
        clock: Clock,
        entropy: Entropy,
        who: Callable[[], Author | None],
        box: MailBox | None = None,
    ) -> None:
        self._source_id = source_id
        self._who = who
        self._clock = clock
        self._entropy = entropy
        self._box = box

    def prepare(self, entries: Sequence[DocumentEntry], cdas: Sequence[bytes], to: str) -> Draft:
        """The draft of a message to one address, of documents as the record lists them and their bytes.

        Raises ContextError for the address, and for a document that the record hides from professionals; CdaError as `draft`.
        """
        return self._draft([entry.visibility for entry in entries], cdas, [to])

    def lay(self, entries: Sequence[DocumentEntry], cdas: Sequence[bytes]) -> Laid:
        """The same with the address left to the mail client, in a file of this workstation for it to open."""
        return self._laid(self._draft([entry.visibility for entry in entries], cdas, []))

    def lay_sent(self, item: OutboxItem) -> Laid:
        """As `lay`, of a document of the outbox. Raises DmpError when it is another professional's, ContextError."""
        box = self._of_window()
        made = self._draft([item.visibility], [box.document(item)], [])
        box.copied(item.patient.ins)
        return self._laid(made)

    def drop(self, path: Path) -> None:
        """Nobody is to open it."""
        self._of_window().folder.drop(path)

    def forget(self) -> None:
        """Who had messages written leaves."""
        if self._box is not None:
            self._box.folder.forget()

    def _laid(self, made: Draft) -> Laid:
        return Laid(self._of_window().folder.lay(made.eml), made.warnings)

    def _of_window(self) -> MailBox:
        if self._box is None:
            raise ContextError("mail-folder", "Ce programme n'ouvre pas de messagerie.", "Enregistrez le message.")
        return self._box

    def _draft(self, visibilities: Iterable[Collection[Visibility]], cdas: Sequence[bytes], to: Sequence[str]) -> Draft:
        if any(Visibility.MASQUE_PS in one for one in visibilities):
            raise hidden()
        from dmp_desktop.services.secure_mail import draft  # `email` and what writes PDFs: left out of the start

        now = self._clock.now().astimezone().replace(microsecond=0)
        return draft(cdas, to, self._source_id, self._entropy.uuid(), now, self._who())
