"""The folders that are watched: each apart. What comes to one of them would be taken as what comes to another."""

from __future__ import annotations

import os
from pathlib import Path

from dmp_desktop.errors import ContextError
from dmp_desktop.platform.settings import FOLDERS, Settings

OF_FR = {
    "scan_folder": "celui du scanner",
    "received_folder": "celui des documents reçus",
    "exchange_folder": "celui de l'échange avec le logiciel métier",
}


def check_changed(settings: Settings, before: Settings) -> None:
    """Whichever of FOLDERS is another one now, whoever has chosen it. Raises ContextError: it is none, or not apart."""
    for name in FOLDERS:
        chosen = getattr(settings, name)
        if chosen and chosen != getattr(before, name):
            if not Path(chosen).is_dir():
                raise ContextError("folder-none", "Ce dossier n'existe pas.", "Choisissez-en un autre.", field="folder")
            check_apart(settings, name)


def check_apart(settings: Settings, name: str) -> None:
    """Raises ContextError where this one of FOLDERS is another of them, or one is in the other, however they are named."""
    chosen = getattr(settings, name)
    for other in FOLDERS:
        if other != name and (there := getattr(settings, other)) and chosen and not apart(Path(chosen), Path(there)):
            raise ContextError(
                "folder-shared",
                f"Ce dossier est {OF_FR[other]}, ou l'un est dans l'autre : ce qui arrive dans l'un serait pris pour l'autre.",
                "Choisissez un dossier qui ne sert qu'à cela.",
                field="folder",
            )


def apart(one: Path, other: Path) -> bool:
    """Whether neither is the other, nor in it: links, letters of drives and names of the network looked through."""
    one_places, other_places = _places(one), _places(other)
    return one_places[-1].isdisjoint(set().union(*other_places)) and other_places[-1].isdisjoint(
        set().union(*one_places)
    )


def _places(folder: Path) -> list[set[object]]:
    """What is each folder from the root to this one, by name and by number. One that is not there has its name alone."""
    try:
        whole = folder.resolve()
    except (OSError, RuntimeError):
        whole = folder.absolute()
    return [{os.path.normcase(one), *_number(one)} for one in (*reversed(whole.parents), whole)]


def _number(folder: Path) -> list[tuple[int, int]]:
    try:
        told = folder.stat()
    except OSError:
        return []
    return [(told.st_dev, told.st_ino)] if told.st_ino else []
