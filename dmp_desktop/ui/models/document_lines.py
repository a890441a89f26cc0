"""One line of the list of documents, in the words of the table's columns and in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NamedTuple

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.services.folding import Reason, Row
from dmp_desktop.ui import formats
from dmp_desktop.ui.models.document_texts import author_label, row_words, state_label, type_label


class Column(IntEnum):
    """Of the table, in the order of `strings_fr.COLUMNS`."""

    DATE = 0
    TYPE = 1
    TITLE = 2
    AUTHOR = 3
    STATE = 4


class Line(NamedTuple):
    """One line of the list: a row, or a document unfolded under it for `reason`."""

    entry: DocumentEntry
    row: Row
    reason: Reason | None = None


def cell_words(line: Line, column: Column, mark: str = "", more: Sequence[str] = ()) -> str:
    """`mark` stands before the title of what can be unfolded, `more` words before the state."""
    words = _WORDS[column](line.entry)
    if column is Column.TITLE:
        return f"    {line.reason.value} : {words}" if line.reason else mark + words
    if column is Column.STATE:
        return ", ".join((*more, words, *(() if line.reason else row_words(line.row))))
    return words


def spoken(line: Line, more: Sequence[str] = ()) -> str:
    """One row in one sentence, for a screen reader."""
    words = [*(text(line.entry) for text in _WORDS.values()), *more]
    return ", ".join([line.reason.value, *words] if line.reason else [*words, *row_words(line.row)])


_WORDS: dict[Column, Callable[[DocumentEntry], str]] = {
    Column.DATE: lambda entry: formats.day(entry.creation_time),
    Column.TYPE: type_label,
    Column.TITLE: lambda entry: entry.title,
    Column.AUTHOR: author_label,
    Column.STATE: state_label,
}
