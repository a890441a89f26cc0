"""TD3.2: the bytes of documents (ITI-43, MTOM answer; reference §2.1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator

from lxml import etree

from dmp_desktop.dmp import catalogue, names
from dmp_desktop.dmp.channel import Answer
from dmp_desktop.dmp.multipart import bare
from dmp_desktop.dmp.parts import Part
from dmp_desktop.dmp.registry_reader import raise_refusal
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.documents import DocumentEntry

_XDSB = f"{{{names.XDSB}}}"


def request(*entries: DocumentEntry) -> str:
    """The repository is the one TD3.1 told; a document goes by its uniqueId, never by its entryUUID."""
    rows = "".join(
        f"<xds:DocumentRequest><xds:RepositoryUniqueId>{xml(entry.repository_id)}</xds:RepositoryUniqueId>"
        f"<xds:DocumentUniqueId>{xml(entry.unique_id)}</xds:DocumentUniqueId></xds:DocumentRequest>"
        for entry in entries
    )
    return f'<xds:RetrieveDocumentSetRequest xmlns:xds="{names.XDSB}">{rows}</xds:RetrieveDocumentSetRequest>'


def read(answer: Answer, entry: DocumentEntry) -> Part:
    """The document, verified. Raises DmpError when it is refused, absent, or not the bytes the registry described."""
    refuse(answer.root)
    for unique_id, holder in holders(answer.root):
        if unique_id == entry.unique_id:
            name = content_id(holder)
            part = inline(holder) if name is None else answer.parts.get(name)
            if part is None:
                raise unreadable("missing part")
            verify(part, entry)
            return part
    raise catalogue.error("XDSDocumentUniqueIdError")


def refuse(root: etree._Element) -> None:
    """Raises DmpError when the answer is not a whole success."""
    response = root.find(f"{{{names.RS}}}RegistryResponse")
    if response is None:
        raise unreadable("no RegistryResponse")
    raise_refusal(response)


def holders(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """uniqueId and Document element of each document of an answer."""
    for response in root.iterchildren(f"{_XDSB}DocumentResponse"):
        holder = response.find(f"{_XDSB}Document")
        if holder is None:
            raise unreadable("no Document")
        yield (response.findtext(f"{_XDSB}DocumentUniqueId") or "").strip(), holder


def content_id(holder: etree._Element) -> str | None:
    """The part that a Document element includes; None when its bytes are in it."""
    include = holder.find(f"{{{names.XOP}}}Include")
    return None if include is None else bare(include.get("href", ""))


def inline(holder: etree._Element) -> Part:
    """A document in base64 within its element, as servers without MTOM send it."""
    try:
        content = base64.b64decode(holder.text or "", validate=False)
    except (binascii.Error, ValueError):
        raise unreadable("base64") from None
    return Part("", "", len(content), hashlib.sha1(content, usedforsecurity=False).hexdigest(), content)


def verify(part: Part, entry: DocumentEntry) -> None:
    """Raises DmpError unless the part is what the registry told of the document, as far as it told."""
    if (entry.size and entry.size != part.size) or (entry.hash_sha1 and entry.hash_sha1 != part.sha1):
        raise catalogue.error("XDSNonIdenticalHash")


def documents(root: etree._Element, arriving: Iterable[Part]) -> Iterator[tuple[str, Part]]:
    """uniqueId and part of each document of an answer: those within it, then the others as they arrive."""
    beside: dict[str, str] = {}
    for unique_id, holder in holders(root):
        name = content_id(holder)
        if name is None:
            yield unique_id, inline(holder)
        else:
            beside[name] = unique_id
    for part in arriving:
        if part.content_id in beside:
            yield beside.pop(part.content_id), part
