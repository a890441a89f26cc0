"""Searching the words of a patient's record: what is searched, what restricts it, what is found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, repr=False)
class Passage:
    """Words that stand together in a document: a section, or a file. `section_code` is the section's (LOINC or national)."""

    text: str
    section_code: str = ""
    section_title: str = ""

    def __repr__(self) -> str:
        """Never shows clinical text: representations end up in logs."""
        return f"Passage({self.section_code}, {len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """Empty means no restriction. Times are aware and compared to the document's creation; `authors` are displayed names."""

    type_codes: tuple[str, ...] = ()
    class_codes: tuple[str, ...] = ()
    created_from: datetime | None = None
    created_to: datetime | None = None
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Hit:
    """One document that holds every word asked for.

    `snippet` is at most 120 characters of one passage, `spans` the (start, end) of the words found in it, `count` how often
    they stand in the whole document ("de", "la" … left out beside other words). To open the document there: the section
    `section_code` (or titled `section_title`; both empty for the document's own title or its file), in it, its title
    included, the text `anchor`, met `occurrence` times before.
    """

    unique_id: str
    title: str
    created: datetime
    count: int
    snippet: str
    spans: tuple[tuple[int, int], ...]
    section_code: str
    section_title: str
    anchor: str
    occurrence: int

    def __repr__(self) -> str:
        """Never shows clinical text: representations end up in logs."""
        return f"Hit({self.unique_id}, {self.count})"
