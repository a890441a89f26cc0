"""A file of other software: recognised by what it holds, never by its name, and read into its messages.

What `cda` knows of the documents inside is added by `services.received_files`: this package may not ask it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dmp_desktop.domain.received import Received
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import xdm
from dmp_desktop.exchange.hl7v2 import is_hl7v2, read_hl7v2
from dmp_desktop.exchange.hprim import is_hprim, read_hprim
from dmp_desktop.exchange.hprim_sante import is_hprim_sante, read_hprim_sante


@dataclass(frozen=True, slots=True)
class Reader:
    """`name` is what people call the format. `read` raises ContextError, or another DmpDesktopError."""

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[bytes], tuple[Received, ...]]


READERS: Final = (
    Reader("IHE_XDM.ZIP", xdm.looks_like, xdm.read),
    Reader("HL7 v2", is_hl7v2, read_hl7v2),
    Reader("HPRIM Santé", is_hprim_sante, read_hprim_sante),
    Reader("HPRIM Médecins", is_hprim, read_hprim),
)
"""In the order they are asked: those that know a file by its first bytes before those that read it to tell."""


def read_file(untrusted: bytes, *others: str) -> tuple[Received, ...]:
    """The messages of a file, one or more. `others`: names of formats that whoever asks reads itself. Raises ContextError
    when no reader knows it, and what its reader raises."""
    for reader in READERS:
        if reader.recognises(untrusted):
            return reader.read(untrusted)
    known = ", ".join([*(reader.name for reader in READERS), *others])
    raise ContextError(
        "exchange-format", f"Ce fichier n'est d'aucun des formats lus ({known}).", "Vérifiez que c'est le bon fichier."
    )
