"""Messages of MSSanté as the window has them prepared: of the document that is open, or of those chosen in the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dmp_desktop.domain.documents import Author, DocumentEntry, Visibility
from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.errors import ContextError

if TYPE_CHECKING:
    from dmp_desktop.services.secure_mail import Draft


def hidden() -> ContextError:
    """Why a document is not sent to a professional from whom its patient hides it."""
    return ContextError(
        "mail-hidden",
        "Un document masqué aux professionnels de santé n'est pas envoyé à l'un d'eux.",
        "Levez d'abord le masquage, avec l'accord du patient.",
    )


class MailDesk:
    """`source_id` is the OID of this software; `who` tells who is signed in, who sends."""

    def __init__(self, source_id: str, clock: Clock, entropy: Entropy, who: Callable[[], Author | None]) -> None:
        self._source_id = source_id
        self._who = who
        self._clock = clock
        self._entropy = entropy

    def prepare(self, entries: Sequence[DocumentEntry], cdas: Sequence[bytes], to: str) -> Draft:
        """The draft of a message to one address, of documents as the record lists them and their bytes.

        Raises ContextError for the address, and for a document that the record hides from professionals; CdaError as `draft`.
        """
        if any(Visibility.MASQUE_PS in entry.visibility for entry in entries):
            raise hidden()
        from dmp_desktop.services.secure_mail import draft  # `email` and what writes PDFs: left out of the start

        now = self._clock.now().astimezone().replace(microsecond=0)
        return draft(cdas, [to], self._source_id, self._entropy.uuid(), now, self._who())
