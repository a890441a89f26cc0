"""The body: a file in base64 or text (CDA N1), or sections; and the files embedded in sections."""

from __future__ import annotations

import binascii
import contextlib
import string
from dataclasses import dataclass
from typing import Final

from dmp_desktop.cda.read.once import once, reading
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, local, raw_text, text

EXTERNAL: Final = "son contenu est un fichier extérieur, jamais ouvert"
COMPRESSED: Final = "son contenu est compressé"
DAMAGED: Final = "son contenu est abîmé"
_FOREIGN = bytes(set(range(256)) - set((string.ascii_letters + string.digits + "+/").encode()))


@dataclass(frozen=True, slots=True, repr=False)
class Media:
    """A file found in a document: its XML ID ('' for the body itself), media type, bytes, and a name to show.

    `problem` says in French why the bytes are missing or may be wrong; empty when they are whole.
    """

    id: str
    mime: str
    content: bytes
    name: str = ""
    problem: str = ""


def unstructured_body(document: Element) -> Media | None:
    """The nonXMLBody, or None for a structured document. Unreadable base64 gives the bytes before the fault."""
    bodies = (child(component, "nonXMLBody", "text") for component in children(document, "component"))
    body = next((found for found in bodies if found is not None), None)
    if body is None:
        return None
    content, problem = _content(body)
    return Media("", _mime(body), content, text(child(document, "title")), problem)


@reading()
def embedded_media(document: Element) -> list[Media]:
    """Every file carried by sections, in the order of the document: observationMedia, and any value in base64.

    Each is named after the section it stands in.
    """
    found = []
    for value in document.iter(f"{Q}value"):
        parent = value.getparent()
        holder = None if parent is None or local(parent) != "observationMedia" else parent
        if attribute(value, "representation") != "B64" and (holder is None or child(value, "reference") is None):
            continue
        content, problem = _content(value)
        title = _title(next(value.iterancestors(f"{Q}section"), None))
        found.append(Media(attribute(parent, "ID"), _mime(value), content, title, problem))
    return found


@once
def _title(section: Element | None) -> str:
    return text(child(section, "title"))


def _mime(element: Element) -> str:
    """The media type, without parameters, as everyone writes it."""
    return attribute(element, "mediaType").partition(";")[0].strip().lower()


def _content(element: Element) -> tuple[bytes, str]:
    """(bytes, problem) of an ED value: base64, or its text as UTF-8. External references are never followed."""
    if attribute(element, "compression"):
        return b"", COMPRESSED
    content = raw_text(element)
    if not content.strip() and child(element, "reference") is not None:
        return b"", EXTERNAL
    if attribute(element, "representation") != "B64":
        return content.encode("utf-8", "replace"), ""
    with contextlib.suppress(ValueError):
        return binascii.a2b_base64(content, strict_mode=True), ""  # in one piece: half the time
    encoded = content.encode("ascii", "replace").translate(None, b" \t\r\n")
    try:
        return binascii.a2b_base64(encoded, strict_mode=True), ""
    except binascii.Error:
        return _salvaged(encoded), DAMAGED


def _salvaged(encoded: bytes) -> bytes:
    """What base64 that is cut or holds foreign characters still says: a reader can use the top of an image or of a text."""
    letters = encoded.translate(None, _FOREIGN)
    return binascii.a2b_base64(letters[: len(letters) // 4 * 4])
