"""What takes time before a document can be shown, done on a worker: cutting the HTML, decoding the images."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtGui import QImage

from dmp_desktop.domain.documents import Attachment
from dmp_desktop.services.opened import OpenedDocument, SectionPart
from dmp_desktop.ui.widgets.html_slices import slices, style_of

FOLD_SCHEME = "cda-fold"
_FOLD_STYLE = ".fold{text-decoration:none}"
_ADDRESS = re.compile(r'(<span class="added">\[)(https?://[^\]<>"\s]+)(\]</span>)')
"""An address as cda.render shows it: escaped text in brackets, in a span that only it writes."""


@dataclass(frozen=True, slots=True)
class ReadyHtml:
    """HTML in slices, its stylesheet, its images by media id. `anchors`: what begins with a slice, by its number."""

    pieces: tuple[str, ...]
    sheet: str
    images: Mapping[str, QImage]
    anchors: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadySection:
    """A section in slices; `heading` alone stands for a folded one. `original`: as its author laid it out."""

    code: str
    title: str
    anchor: str
    depth: int
    pieces: tuple[str, ...]
    original: tuple[str, ...]
    heading: str


@dataclass(frozen=True, slots=True)
class ReadyDocument:
    """A document with its narrative ready to lay out; `original` is the narrative as its author laid it out, when it differs.

    Where there are `sections`, `summary` and they say all that `html` says.
    """

    opened: OpenedDocument
    html: ReadyHtml | None
    original: ReadyHtml | None
    summary: tuple[str, ...] = ()
    sections: tuple[ReadySection, ...] = ()
    details: ReadyHtml | None = None


def prepare(opened: OpenedDocument) -> ReadyDocument:
    """To be called on a worker thread: 150 ms for 1.5 MB."""
    images = _decoded(opened.media)
    html = _ready(opened.html, images)
    details = ReadyHtml(tuple(slices(opened.details)), opened.style, images) if opened.details else None
    if html is None or not opened.sections:
        return ReadyDocument(opened, html, _ready(opened.original_html, images), details=details)
    sheet = opened.style + _FOLD_STYLE
    sections = tuple(_section(part) for part in opened.sections)
    summary = tuple(slices(opened.summary))
    whole = ReadyHtml((*summary, *(piece for one in sections for piece in one.pieces)), sheet, images)
    original = (*summary, *(piece for one in sections for piece in one.original)) if opened.original_html else None
    return ReadyDocument(
        opened, whole, ReadyHtml(original, sheet, images) if original else None, summary, sections, details
    )


def _section(part: SectionPart) -> ReadySection:
    place = f'<a name="{part.anchor}"></a>'
    open_, shut = (
        f'{place}<a class="fold" href="{FOLD_SCHEME}:{part.anchor}">{mark}</a> ' for mark in ("▾", "▸")
    )  # the heading as cda.render wrote it, and what folds it
    foldable = bool(part.title) and part.depth == 0 and place in part.html

    def cut(html: str) -> tuple[str, ...]:
        return tuple(slices(_ADDRESS.sub(_link, html.replace(place, open_, 1) if foldable else html)))

    pieces = cut(part.html)
    heading = part.html.partition("</h")[0].replace(place, shut, 1) + "</h2>" if foldable else ""
    return ReadySection(
        part.code, part.title, part.anchor, part.depth, pieces, cut(part.original_html) if part.original_html else pieces,
        heading,
    )  # fmt: skip


def _link(address: re.Match[str]) -> str:
    """To be clicked; the window asks before it opens anything."""
    return f'{address[1]}<a href="{address[2]}">{address[2]}</a>{address[3]}'


def _ready(html: str, images: Mapping[str, QImage]) -> ReadyHtml | None:
    if not html:
        return None
    sheet, body = style_of(html)
    return ReadyHtml(tuple(slices(_ADDRESS.sub(_link, body))), sheet, images)


def _decoded(media: Mapping[str, Attachment]) -> dict[str, QImage]:
    """What is no image is left out; Qt's own limit on the size of a decoded image holds."""
    images = {name: QImage.fromData(part.content) for name, part in media.items()}
    return {name: image for name, image in images.items() if not image.isNull()}
