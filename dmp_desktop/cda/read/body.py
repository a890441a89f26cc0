"""The body: a file in base64 or text (CDA N1), or sections; and the files embedded in sections."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from dmp_desktop.cda.xml import Element, Q, attribute, child, raw_text, text


@dataclass(frozen=True, slots=True, repr=False)
class Media:
    """A file found in a document: its XML ID ('' for the body itself), media type, bytes, and a name to show."""

    id: str
    mime: str
    content: bytes
    name: str = ""


def unstructured_body(document: Element) -> Media | None:
    """The nonXMLBody, or None for a structured document. Unreadable base64 gives empty bytes."""
    body = child(document, "component", "nonXMLBody", "text")
    if body is None:
        return None
    return Media("", attribute(body, "mediaType"), _content(body), text(child(document, "title")))


def embedded_media(document: Element) -> list[Media]:
    """Every file carried by the structured body (observationMedia), in the order of the document."""
    found = []
    for element in document.iter(f"{Q}observationMedia"):
        value = child(element, "value")
        if value is not None and attribute(value, "representation") == "B64":
            found.append(Media(attribute(element, "ID"), attribute(value, "mediaType"), _content(value)))
    return found


def _content(element: Element) -> bytes:
    """Bytes of an ED value: base64, or its text as UTF-8. External references are never followed."""
    content = raw_text(element)
    if attribute(element, "representation") != "B64":
        return content.encode("utf-8")
    try:
        return base64.b64decode(content)
    except (binascii.Error, ValueError):
        return b""
