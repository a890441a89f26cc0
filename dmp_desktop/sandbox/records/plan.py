"""One document of an invented record, before it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.sandbox.records.analyses import Analysis
from dmp_desktop.sandbox.records.authors import Writer
from dmp_desktop.sandbox.records.kinds import KindOfDocument

PARIS = ZoneInfo("Europe/Paris")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its paragraphs. `code` is a LOINC section code known to letter.py."""

    code: str
    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A measured value; `below`: less than that, the limit of what can be measured."""

    analysis: Analysis
    value: float
    below: bool = False

    @property
    def flag(self) -> str:
        return "N" if self.below else self.analysis.flag(self.value)

    @property
    def text(self) -> str:
        """The value as HL7 writes it: a dot, the decimals of the analysis."""
        return f"{self.value:.{self.analysis.decimals}f}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a document and its metadata say. Times are aware; `set_id` is common to its versions."""

    patient: Patient
    kind: KindOfDocument
    writer: Writer
    title: str
    created: datetime
    service_start: datetime
    unique_id: str
    entry_uuid: str
    set_id: str
    version: int = 1
    replaces: str = ""
    status: Availability = Availability.APPROVED
    restrictions: frozenset[Visibility] = frozenset()
    sections: tuple[Section, ...] = ()
    results: tuple[Result, ...] = ()
    content: object = None
    """What a structured document tells: a class of facts.py."""
    lot: str = ""
    """uniqueId of the document it was sent with, in the same submission set."""
    padding: int = 0
    """Bytes of pictures the PDF drags along."""

    def told(self, kind: type[T]) -> T:
        """The content, which must be of a kind."""
        if not isinstance(self.content, kind):
            raise TypeError(f"a document of this kind tells a {kind.__name__}")
        return self.content


def ts(moment: datetime) -> str:
    """HL7 TS in French local time with its offset."""
    return moment.astimezone(PARIS).strftime("%Y%m%d%H%M%S%z")
