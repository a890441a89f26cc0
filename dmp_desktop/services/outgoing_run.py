"""One document, made and put into the folder of a profile, at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.exchange.profile import Profile, stem
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.outgoing import Outgoing, make, structured
from dmp_desktop.services.outgoing_folder import Move, choose, mark_of, put
from dmp_desktop.services.profiles import check_folders


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """`files` that were written; those that were there already, byte for byte, are not among them."""

    unique_id: str
    files: tuple[Path, ...]
    warnings: tuple[str, ...] = ()
    refused: tuple[tuple[str, DmpDesktopError], ...] = ()


def write_now(
    document: Outgoing,
    profile: Profile,
    settings: Settings,
    home: Path,
    intend: Callable[[Sequence[Move]], None] = lambda _moves: None,
) -> Written:
    """Again, the same files: nothing is doubled. On a worker thread.

    Raises ContextError: the folder cannot be used, no format could be made (the first reason); CdaError; StorageError.
    """
    check_folders(profile, settings, home)
    made = make(document, profile)
    if made.refused and not made.files and "json" not in profile.formats:
        raise made.refused[0][1]
    name = stem(profile.template, made.entry, document.zone)
    try:
        wanted = choose(name, made.files, profile, partial(structured, document, made.entry))
        files = put(wanted, mark_of(profile.name, made.entry.unique_id), intend)
    except OSError as error:
        raise unwritable() from error
    return Written(made.entry.unique_id, files, made.warnings, made.refused)


def unwritable() -> ContextError:
    return ContextError(
        "profile-unwritable",
        "Le document n'a pas pu être écrit dans le dossier du logiciel métier.",
        "Vérifiez la place libre, le droit d'écrire dans ce dossier, et que le réseau du cabinet répond.",
        field="folder",
    )
