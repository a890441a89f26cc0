"""Safe parsing of untrusted documents and the few helpers every reader of CDA needs.

Protection: DOCTYPE refused (so no entity, no external subset), no network, size and depth limits, embedded stylesheets never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from dmp_desktop.errors import CdaError

Element = etree._Element

HL7: Final = "urn:hl7-org:v3"
Q: Final = f"{{{HL7}}}"
XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
NS: Final = {"c": HL7}

MAX_BYTES: Final = 64 * 1024 * 1024  # a 40 MB PDF in base64
_PLAIN_BYTES = 8 * 1024 * 1024  # below, libxml2's own limits (10 MB a text, depth 256) stay on
_MAX_DEPTH = 256  # libxml2's limit without huge_tree
_ENCODING = re.compile(rb'^(?:\xef\xbb\xbf)?<\?xml[^>]{0,100}?encoding\s*=\s*["\']([A-Za-z0-9._-]{1,40})["\']')
_ENCODINGS = frozenset({b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"iso-8859-15", b"windows-1252"})
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def parse(untrusted: bytes) -> Element:
    """The ClinicalDocument element, that of a self-displaying document (auto-présentable) unwrapped.

    Raises CdaError: too big, DOCTYPE, encoding, not XML, too deep, or no clinical document in it.
    """
    if len(untrusted) > MAX_BYTES:
        raise _refusal("cda-size", "Ce document dépasse 64 Mo.")
    _refuse_doctype(untrusted)
    huge = len(untrusted) > _PLAIN_BYTES
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=huge, remove_pis=True
    )
    try:
        root = etree.fromstring(untrusted, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refusal("cda-xml", "Ce document n'est pas du XML lisible.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refusal("cda-doctype", "Ce document contient une déclaration DOCTYPE, interdite.")
    if huge and _too_deep(root):
        raise _refusal("cda-depth", "Ce document est imbriqué trop profondément.")
    document = root if root.tag == f"{Q}ClinicalDocument" else next(root.iter(f"{Q}ClinicalDocument"), None)
    if document is None:
        raise _refusal("cda-root", "Ce fichier n'est pas un document CDA.")
    return document


def _refuse_doctype(untrusted: bytes) -> None:
    """Before any parsing: `<!DOCTYPE` in the encodings we accept, and no other encoding."""
    wide = untrusted[:2] in _UTF16_MARKS
    declared = _ENCODING.match(untrusted)
    if not wide and (b"\0" in untrusted[:4] or (declared and declared[1].lower() not in _ENCODINGS)):
        raise _refusal("cda-encoding", "Ce document utilise un codage de caractères refusé.")
    marks = ["<!DOCTYPE".encode(name) for name in (("utf-16-le", "utf-16-be") if wide else ("ascii",))]
    if any(mark in untrusted for mark in marks):
        raise _refusal("cda-doctype", "Ce document contient une déclaration DOCTYPE, interdite.")


def _too_deep(root: Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _MAX_DEPTH:
            return True
    return False


def _refusal(code: str, message: str) -> CdaError:
    return CdaError(code, message, "Demandez une nouvelle copie à son auteur.")


def child(element: Element | None, *path: str) -> Element | None:
    """The first descendant by HL7 child names, or None."""
    for name in path:
        if element is None:
            return None
        element = element.find(f"{Q}{name}")
    return element


def children(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else element.findall(f"{Q}{name}")


def attribute(element: Element | None, name: str) -> str:
    """The attribute, trimmed; '' when the element or the attribute is missing."""
    return "" if element is None else (element.get(name) or "").strip()


def text(element: Element | None) -> str:
    """All the text inside, spaces collapsed; '' for None."""
    return " ".join(raw_text(element).split())


def raw_text(element: Element | None) -> str:
    """All the text inside as written; '' for None. Comments left out."""
    return "" if element is None else "".join(map(str, element.itertext("*")))


def template_ids(element: Element) -> list[str]:
    return [attribute(template, "root") for template in children(element, "templateId")]


def local(element: Element) -> str:
    """Local name; '' for a comment or a processing instruction."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def sections(document: Element) -> Iterator[Element]:
    """Top sections of the structured body."""
    for component in children(child(document, "component", "structuredBody"), "component"):
        yield from children(component, "section")


def path_of(element: Element) -> str:
    """A short path for people: `ClinicalDocument/author[2]/assignedAuthor`."""
    steps: list[str] = []
    node: Element | None = element
    while node is not None and local(node) != "stylesheet":
        parent = node.getparent()
        twins = [] if parent is None else [twin for twin in parent if twin.tag == node.tag]
        steps.append(local(node) + (f"[{twins.index(node) + 1}]" if len(twins) > 1 else ""))
        if local(node) == "ClinicalDocument":
            break
        node = parent
    return "/".join(reversed(steps))
