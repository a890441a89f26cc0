"""A file of other software, whole: what `exchange` reads of it, and what `cda` knows of the documents inside."""

from __future__ import annotations

from dmp_desktop.domain.received import Received, ReceivedFormat
from dmp_desktop.exchange.read import read_file
from dmp_desktop.services.received_xdm import completed


def read_received(untrusted: bytes) -> tuple[Received, ...]:
    """Its messages, one or more. Raises ContextError, or another DmpDesktopError, with why it is refused."""
    return tuple(
        completed(message) if message.format is ReceivedFormat.XDM else message for message in read_file(untrusted)
    )
