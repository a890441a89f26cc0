"""TD3.2: the bytes of a document (ITI-43, MTOM answer; reference §2.1)."""

from __future__ import annotations

import base64
import binascii
import hashlib

from lxml import etree

from dmp_desktop.dmp import catalogue, mtom, names
from dmp_desktop.dmp.channel import Answer
from dmp_desktop.dmp.registry_reader import raise_refusal
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.documents import DocumentEntry

_XDSB = f"{{{names.XDSB}}}"


def request(entry: DocumentEntry) -> str:
    """The repository is the one TD3.1 told; the document goes by its uniqueId, never by its entryUUID."""
    return (
        f'<xds:RetrieveDocumentSetRequest xmlns:xds="{names.XDSB}"><xds:DocumentRequest>'
        f"<xds:RepositoryUniqueId>{xml(entry.repository_id)}</xds:RepositoryUniqueId>"
        f"<xds:DocumentUniqueId>{xml(entry.unique_id)}</xds:DocumentUniqueId></xds:DocumentRequest></xds:RetrieveDocumentSetRequest>"
    )


def read(answer: Answer, entry: DocumentEntry) -> bytes:
    """The document's bytes. Raises DmpError when it is refused, absent, or not the bytes the registry described."""
    response = answer.root.find(f"{{{names.RS}}}RegistryResponse")
    if response is None:
        raise unreadable("no RegistryResponse")
    raise_refusal(response)
    for document in answer.root.iterchildren(f"{_XDSB}DocumentResponse"):
        if document.findtext(f"{_XDSB}DocumentUniqueId") == entry.unique_id:
            untrusted_bytes = _content(document, answer)
            _verify(untrusted_bytes, entry)
            return untrusted_bytes
    raise catalogue.error("XDSDocumentUniqueIdError")


def _content(document: etree._Element, answer: Answer) -> bytes:
    holder = document.find(f"{_XDSB}Document")
    if holder is None:
        raise unreadable("no Document")
    include = holder.find(f"{{{names.XOP}}}Include")
    if include is None:
        try:
            return base64.b64decode(holder.text or "", validate=False)
        except binascii.Error:
            raise unreadable("base64") from None
    part = answer.parts.get(mtom.href_to_content_id(include.get("href", "")))
    if part is None:
        raise unreadable("missing part")
    return bytes(part)


def _verify(untrusted_bytes: bytes, entry: DocumentEntry) -> None:
    size_differs = entry.size and entry.size != len(untrusted_bytes)
    digest = hashlib.sha1(untrusted_bytes, usedforsecurity=False).hexdigest() if entry.hash_sha1 else ""
    if size_differs or digest != entry.hash_sha1:
        raise catalogue.error("XDSNonIdenticalHash")
