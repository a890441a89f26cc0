"""Files of a document sorted by what may be shown: images the window can draw, PDFs it opens, the rest is only named."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dmp_desktop.cda.read.body import Media

_SAFE_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# First bytes decide: several official examples call a PNG a JPEG.
_IMAGES = ((b"\x89PNG\r\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


@dataclass(slots=True, repr=False)
class MediaShelf:
    """`images`: name in a `cda-media:` URL -> (media type, bytes). `pdfs`: (media type, bytes, name to show)."""

    images: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    pdfs: list[tuple[str, bytes, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def add(self, media: Media, name: str) -> None:
        """Keep one file; what its first bytes deny or what we cannot show is told."""
        image = next((mime for magic, mime in _IMAGES if media.content.startswith(magic)), "")
        if media.mime == "application/pdf" and media.content.startswith(b"%PDF-"):
            self.pdfs.append((media.mime, media.content, name))
        elif image and media.mime.startswith("image/"):
            key = (
                media.id
                if _SAFE_ID.fullmatch(media.id) and media.id not in self.images
                else f"media-{len(self.images) + 1}"
            )
            self.images[key] = (image, media.content)
            if media.id:
                self.names[media.id] = key
            return
        else:
            self.notices.append(f"Une pièce jointe ne peut pas être montrée ({media.mime or 'format inconnu'}).")
        if media.id:
            self.names[media.id] = ""

    def image(self, identifier: str) -> str:
        """Name of the image with this XML ID, or ''."""
        return self.names.get(identifier, "")
