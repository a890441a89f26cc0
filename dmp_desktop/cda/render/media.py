"""Files of a document sorted by what may be shown: images the window can draw, PDFs it opens, texts; the rest is only named."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dmp_desktop.cda.read.body import DAMAGED, Media
from dmp_desktop.cda.read.data import media_text
from dmp_desktop.cda.render.images import MAX_DECODED, TIFF, decoded_bytes, image_type, tiff_pages

MAX_TIFF_BYTES = 100_000_000  # each page carries the bytes of all
MAX_ALL_DECODED = 600_000_000
"""Bytes of all images of a document once decoded."""
_SAFE_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_PDF_START = 1024  # ISO 32000-1 annex H.3.4.1: the header may stand anywhere in the first 1024 bytes
_TEXTS = frozenset({"text/plain", "text/rtf", "application/rtf"})


@dataclass(slots=True, repr=False)
class MediaShelf:
    """`images`: name in a `cda-media:` URL -> (media type, bytes). `pdfs`: (media type, bytes, name to show).

    `texts`: (name to show, words). `names`: title of each file by its XML ID.
    """

    images: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    pdfs: list[tuple[str, bytes, str]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    _keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _titles: dict[str, str] = field(default_factory=dict)
    _shown: set[str] = field(default_factory=set)
    _decoded: int = 0

    def add(self, media: Media, name: str) -> None:
        """Keep one file; what its first bytes deny or what we cannot show is told."""
        mime, content = media.mime, media.content
        self.names.setdefault(media.id, name)
        if media.problem == DAMAGED and content:
            self.notices.append(f"« {name} » est abîmé : il peut en manquer.")
        elif media.problem:
            self.notices.append(f"« {name} » ne peut pas être montré : {media.problem}.")
            return
        image = image_type(content)
        if b"%PDF-" in content[:_PDF_START] and not image:
            self.pdfs.append(("application/pdf", content, name))
        elif image and (mime.startswith("image/") or not mime):
            self._add_image(media.id, image, content, name)
        elif mime in _TEXTS or not (mime or b"\0" in content):
            self.texts.append((name, media_text(Media(media.id, mime.replace("application", "text"), content))))
        else:
            self.notices.append(
                f"« {name} » ne peut pas être montré ({mime or 'format inconnu'}) : enregistrez l'original."
            )

    def alias(self, identifier: str, media_id: str) -> None:
        """Another XML ID for a file: a region of an image is shown with the whole image."""
        self._keys.setdefault(identifier, self._keys.get(media_id, ()))
        self.names.setdefault(identifier, self.names.get(media_id, ""))

    def show(self, identifier: str) -> tuple[str, ...]:
        """Names of the images with this XML ID (the pages of a TIFF); none when it is no image. They count as shown."""
        keys = self._keys.get(identifier, ())
        self._shown.update(keys)
        return keys

    def left(self) -> list[tuple[str, str]]:
        """(name, title) of the images that nothing showed."""
        return [(key, title) for key, title in self._titles.items() if key not in self._shown]

    def _add_image(self, identifier: str, mime: str, content: bytes, name: str) -> None:
        pages = tiff_pages(content) if mime == TIFF else [content]
        sizes = [decoded_bytes(page) for page in pages]
        known = [size for size in sizes if size is not None]
        if not pages or len(known) < len(sizes):
            self.notices.append(f"« {name} » est une image illisible : enregistrez l'original.")
            return
        kept = pages[: self._room(known, len(content))]
        if not kept:
            self.notices.append(f"« {name} » est une image trop grande pour être montrée : enregistrez l'original.")
            return
        if len(kept) < len(pages):
            self.notices.append(
                f"« {name} » : seules les {len(kept)} premières pages sont montrées, enregistrez l'original."
            )
        key = identifier
        if not _SAFE_ID.fullmatch(key) or key in self.images:
            key = f"media-{len(self.images) + 1}"
        keys = [key] + [f"{key}.p{number}" for number in range(2, len(kept) + 1)]
        self.images.update(zip(keys, ((mime, page) for page in kept), strict=True))
        self._titles.update((key, name) for key in keys)
        if identifier:
            self._keys.setdefault(identifier, tuple(keys))

    def _room(self, sizes: list[int], file_size: int) -> int:
        """How many of these pages may still be shown, given what each takes once decoded."""
        pages = 0
        for size in sizes[: max(1, MAX_TIFF_BYTES // file_size)]:
            if size > MAX_DECODED or self._decoded + size > MAX_ALL_DECODED:
                break
            self._decoded += size
            pages += 1
        return pages
