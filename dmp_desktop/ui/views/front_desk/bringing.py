"""An agenda brought to the window: a file that is dropped or chosen, or text that is pasted; and what became of it, in words."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.agenda import MAX_BYTES
from dmp_desktop.services.arrivals import Taken
from dmp_desktop.services.arrivals_watch import Watched
from dmp_desktop.ui import strings_desk_fr as fr

MOST_LINES = 5
"""Refused lines that are told one by one."""


def brought(data: QMimeData | None) -> Path | bytes | None:
    """What may be an agenda in what is dropped or pasted, one at a time; None where nothing may."""
    if data is None:
        return None
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if len(files) == 1:
        return files[0]
    if not files and data.hasText() and data.text().strip():
        return data.text()[: MAX_BYTES + 1].encode()
    return None


def content(source: Path | bytes) -> bytes:
    """On a worker. Raises ContextError."""
    if isinstance(source, bytes):
        return source
    try:
        with source.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ContextError("agenda-file", fr.UNREADABLE_FILE, fr.UNREADABLE_FILE_REMEDY) from error


def taken_words(taken: Taken) -> str:
    """What was taken, each line that was not, and what of them was left."""
    counts = (
        (taken.added, fr.TAKEN_ADDED),
        (taken.already, fr.TAKEN_ALREADY),
        (taken.moved, fr.TAKEN_MOVED),
        (taken.withdrawn, fr.TAKEN_WITHDRAWN),
    )
    told = [plural(words, count) for count, words in counts if count]
    lines = [fr.TAKEN.format(", ".join(told) or fr.TAKEN_NONE)]
    lines += [fr.REFUSED_LINE.format(one.number, one.why) for one in taken.refused[:MOST_LINES]]
    if len(taken.refused) > MOST_LINES:
        lines.append(fr.REFUSED_MORE.format(len(taken.refused) - MOST_LINES))
    if taken.left_out:
        lines.append(fr.LEFT_OUT.format(", ".join(taken.left_out)))
    return "\n".join(lines)


def watched_words(watched: tuple[Watched, ...]) -> str:
    """What is wrong with watched files; empty when nothing is."""
    told = []
    for one in watched:
        if one.error is not None:
            told.append(fr.WATCHED_FAILED.format(name=one.name, why=one.error.told_fr))
        elif one.taken is not None and one.taken.refused:
            first = one.taken.refused[0]
            words = fr.WATCHED_REFUSED.format(
                name=one.name, count=len(one.taken.refused), line=first.number, why=first.why
            )
            told.append(words)
    return "\n".join(told)


def plural(words: tuple[str, str, str], count: int) -> str:
    """For none, for one, for more."""
    return words[min(count, 2)].format(count)
