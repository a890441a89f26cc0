"""One document of the record, ready to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dmp_desktop.domain.documents import Attachment, DocumentEntry
from dmp_desktop.domain.people import Patient


@dataclass(frozen=True, slots=True, repr=False)
class SectionPart:
    """A section of a narrative without its inner sections, which follow it with a greater `depth`: they may be folded, reordered.

    `code` (LOINC or national) and `title` may be empty; `anchor` names its place in `html`. `original_html`: as its author laid
    it out, when `html` lays it out otherwise.
    """

    code: str
    title: str
    anchor: str
    depth: int
    html: str
    original_html: str = ""


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document ready to show.

    `html` is whitelisted HTML without any URL but `cda-media:ID`, whose bytes are in `media`; empty when the document is
    only `pdfs`. PDFs that must not be drawn in the window are `withheld`, to be saved. `html` is `summary` then `sections`,
    where it has any, in a page whose stylesheet is `style`. `details` is the whole header, to show on demand. `notices` are
    French sentences to show above (unreadable part); `mismatches`, what tells that the document is about someone else.
    """

    entry: DocumentEntry
    html: str
    media: dict[str, Attachment] = field(default_factory=dict)
    pdfs: tuple[Attachment, ...] = ()
    withheld: tuple[Attachment, ...] = ()
    notices: tuple[str, ...] = ()
    raw: bytes = b""
    original_html: str = ""
    """The narrative as its author laid it out, when `html` lays it out otherwise (one card a row): "Vue originale"."""
    style: str = ""
    summary: str = ""
    sections: tuple[SectionPart, ...] = ()
    details: str = ""
    mismatches: tuple[str, ...] = ()


Render = Callable[[DocumentEntry, bytes, Patient, Mapping[str, str]], OpenedDocument]
"""Bytes of a document to what is shown, for the patient whose record it comes from, with the screen's colours."""
