"""The patient's record: may it be opened, what is in it, one document to read."""

from __future__ import annotations

from dataclasses import dataclass, field

from dmp_desktop.domain.documents import DocumentEntry


@dataclass(frozen=True, slots=True)
class Attachment:
    """Bytes found in a document (PDF, image) with their media type."""

    mime: str
    content: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document ready to show.

    `html` is whitelisted HTML without any URL but `cda-media:ID`, whose bytes are in `media`; empty when the document is only `pdfs`.
    `notices` are French sentences to show above (identity mismatch, unreadable part).
    """

    entry: DocumentEntry
    html: str
    media: dict[str, Attachment] = field(default_factory=dict)
    pdfs: tuple[Attachment, ...] = ()
    notices: tuple[str, ...] = ()
    raw: bytes = b""
