"""What the list of documents is filtered by: the criteria of a TD3.1 query, asked of the documents already listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.services.folding import Row
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.models.document_texts import author_label, plain, state_label, type_label


@dataclass(frozen=True, slots=True)
class Filter:
    """What a document must have. Words are looked for without case or accents; empty means no restriction.

    A document that does not tell when its act was passes, as it does where the DMP is asked (`FindCriteria`).
    """

    words: str = ""
    type_label: str = ""
    author: str = ""
    class_label: str = ""
    created_from: datetime | None = None
    acted_from: datetime | None = None
    practice: str = ""
    facility: str = ""
    event: str = ""
    format: str = ""
    state: str = ""
    visibility: str = ""

    def passing(self, groups: Sequence[Group]) -> list[Group]:
        """Rows with a document that passes: a former version is found under the last one."""
        if self == NO_FILTER:
            return list(groups)
        words = plain(self.words).split()
        return [group for group in groups if any(self._passes(one, words) for one in group.members)]

    def _passes(self, one: Searched, words: Sequence[str]) -> bool:
        return (
            (not self.type_label or one.type == self.type_label)
            and (not self.author or self.author in one.authors)
            and (not self.class_label or one.class_label == self.class_label)
            and (self.created_from is None or one.entry.creation_time >= self.created_from)
            and (self.acted_from is None or (one.entry.service_start or self.acted_from) >= self.acted_from)
            and (not self.practice or one.practice == self.practice)
            and (not self.facility or one.facility == self.facility)
            and (not self.event or self.event in one.events)
            and (not self.format or one.format == self.format)
            and (not self.state or one.state == self.state)
            and (not self.visibility or self.visibility in one.visibility)
            and all(word in one.words for word in words)
        )


NO_FILTER = Filter()


class Searched:
    """A document with what it is filtered and sorted by, made once when it arrives: 2,000 are compared at each key typed."""

    __slots__ = (
        "authors", "class_label", "entry", "events", "facility", "format", "keys", "practice", "state", "type", "visibility",
        "words",
    )  # fmt: skip

    def __init__(self, entry: DocumentEntry) -> None:
        self.entry = entry
        self.type = type_label(entry)
        self.class_label, self.format = _label(entry.class_code), _label(entry.format_code)
        self.practice, self.facility = _label(entry.practice_setting), _label(entry.facility_type)
        self.events = tuple(_label(event) for event in entry.events)
        self.authors = tuple(author.display_name for author in entry.authors if author.display_name)
        self.state = fr.STATUS[entry.status]
        self.visibility = tuple(fr.VISIBILITY[seen] for seen in entry.visibility) or (viewer_fr.VISIBLE_TO_ALL,)
        kind, title, author = plain(self.type), plain(entry.title), plain(author_label(entry))
        institutions = (plain(one.institution) for one in entry.authors)
        self.words = " ".join((title, kind, *map(plain, self.authors), *institutions))
        self.keys = (entry.creation_time, kind, title, author, state_label(entry))
        """By column."""


def _label(code: Code | None) -> str:
    return (code.display or code.code) if code else ""


class Group:
    """A row of the list with the documents folded in it, the head first."""

    __slots__ = ("members", "row")

    def __init__(self, row: Row, members: Iterable[Searched]) -> None:
        self.row = row
        self.members = tuple(members)

    @property
    def head(self) -> Searched:
        return self.members[0]
