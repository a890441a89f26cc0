"""Safe parsing of untrusted documents and the few helpers every reader of CDA needs.

Protection: DOCTYPE refused (so no entity, no external subset), no network, limits on size, depth, elements and attributes,
embedded stylesheets never run.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from dmp_desktop.cda.inline import SCRIPTS, is_deleted, scripted
from dmp_desktop.cda.repair import FORBIDDEN, LOST_CHARACTER, mended, notices
from dmp_desktop.errors import CdaError

Element = etree._Element

HL7: Final = "urn:hl7-org:v3"
Q: Final = f"{{{HL7}}}"
XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
NS: Final = {"c": HL7}

MAX_BYTES: Final = 64 * 1024 * 1024  # a 40 MB PDF in base64
MAX_TAGS: Final = 500_000  # opening and closing; the largest official example has 5,900
MAX_ATTRIBUTES: Final = 1_000_000
_PLAIN_BYTES = 8 * 1024 * 1024  # below, libxml2's own limits (10 MB a text, depth 256) stay on
_MAX_DEPTH = 256  # libxml2's limit without huge_tree
_ENCODING = re.compile(rb'^(?:\xef\xbb\xbf)?<\?xml[^>]{0,100}?encoding\s*=\s*["\']([A-Za-z0-9._-]{1,40})["\']')
_ENCODINGS = frozenset({b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"iso-8859-15", b"windows-1252"})
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_AS_WINDOWS = "dmp_desktop.windows-1252"
_MAX_WRONG_BYTES = 100_000  # each costs a microsecond
_NAME = re.compile(r"[A-Za-z]+")  # all names of CDA


def parse(untrusted: bytes) -> Element:
    """The ClinicalDocument element, that of a self-displaying document (auto-présentable) unwrapped.

    Raises CdaError: too big, DOCTYPE, encoding, not XML, too deep, too many elements, or no clinical document in it.
    """
    _refuse_size(untrusted)
    _refuse_doctype(untrusted)
    return _document(_tree(untrusted))


def parse_damaged(untrusted: bytes) -> tuple[Element, tuple[str, ...]]:
    """As `parse`, for a reader who prefers a part to nothing: (document, French notices on what may be missing).

    Malformed or cut XML, forbidden characters, a wrong encoding, a forgotten namespace are got over and told. What is refused for
    safety (size, DOCTYPE, depth, number of elements) stays refused: raises CdaError, as when there is no clinical document in it.
    """
    try:
        return parse(untrusted), ()
    except CdaError as error:
        if error.code not in {"cda-xml", "cda-encoding", "cda-root"}:
            raise
    words = FORBIDDEN.sub(LOST_CHARACTER, _DECLARATION.sub("", _decoded(untrusted)))
    mend = mended(words)
    repaired = mend.words.encode()
    _refuse_size(repaired)
    _refuse_doctype(repaired)
    recovered = False
    try:
        root = _tree(repaired)
    except CdaError as error:
        if error.code != "cda-xml":
            raise
        recovered = True
        root = _tree(repaired, recover=True)
    for element in root.iter("{}*"):
        if _NAME.fullmatch(element.tag):
            element.tag = f"{Q}{element.tag}"
    document = _document(root)
    small = len(repaired) <= _PLAIN_BYTES
    return document, notices(words, mend, document, recovered=recovered, compared=small)


def _refuse_size(untrusted: bytes) -> None:
    if len(untrusted) > MAX_BYTES:
        raise _refusal("cda-size", "Ce document dépasse 64 Mo.")
    if untrusted.count(b"<") > MAX_TAGS:
        raise _refusal("cda-elements", "Ce document contient trop d'éléments.")
    if untrusted.count(b"=") > MAX_ATTRIBUTES:
        raise _refusal("cda-attributes", "Ce document contient trop d'attributs.")


def _refuse_doctype(untrusted: bytes) -> None:
    """Before any parsing: `<!DOCTYPE` in the encodings we accept, and no other encoding."""
    wide = untrusted[:2] in _UTF16_MARKS and untrusted[2:4] != b"\0\0"  # UTF-32 begins alike
    declared = _ENCODING.match(untrusted)
    marks = ["<!DOCTYPE".encode(name) for name in (("utf-16-le", "utf-16-be") if wide else ("ascii",))]
    if any(mark in untrusted for mark in marks):
        raise _refusal("cda-doctype", "Ce document contient une déclaration DOCTYPE, interdite.")
    if not wide and (b"\0" in untrusted[:4] or (declared and declared[1].lower() not in _ENCODINGS)):
        raise _refusal("cda-encoding", "Ce document utilise un codage de caractères refusé.")


def _tree(untrusted: bytes, *, recover: bool = False) -> Element:
    """The root element. Nothing is fetched, no entity replaced, no processing instruction kept."""
    huge = len(untrusted) > _PLAIN_BYTES
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=huge,
        remove_pis=True,
        recover=recover,
    )
    try:
        root = etree.fromstring(untrusted, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "Excessive depth" in str(error):
            raise _too_deep() from error
        raise _refusal("cda-xml", "Ce document n'est pas du XML lisible.") from error
    if root is None:  # nothing to recover
        raise _refusal("cda-xml", "Ce document n'est pas du XML lisible.")
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refusal("cda-doctype", "Ce document contient une déclaration DOCTYPE, interdite.")
    if huge and _depth(root) > _MAX_DEPTH:
        raise _too_deep()
    return root


def _document(root: Element) -> Element:
    document = root if root.tag == f"{Q}ClinicalDocument" else next(root.iter(f"{Q}ClinicalDocument"), None)
    if document is None:
        raise _refusal("cda-root", "Ce fichier n'est pas un document CDA.")
    return document


def _decoded(untrusted: bytes) -> str:
    """Characters of a document whose encoding is not what it says: by its mark or its NULs, else UTF-8.

    What is not UTF-8 in it is Windows-1252: a byte here and there, or all of them.
    """
    wide = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(untrusted[:2])
    if wide:
        return untrusted.decode(wide, errors="replace")
    words = untrusted.decode("utf-8-sig", errors="replace")
    wrong = words.count(LOST_CHARACTER)
    if not wrong:
        return words
    if wrong > _MAX_WRONG_BYTES:
        return untrusted.decode("cp1252", errors="replace")
    return untrusted.decode("utf-8-sig", errors=_AS_WINDOWS)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(_AS_WINDOWS, _as_windows)


def _depth(root: Element) -> int:
    deepest = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
        if depth > _MAX_DEPTH:
            break
    return deepest


def _too_deep() -> CdaError:
    return _refusal("cda-depth", "Ce document est imbriqué trop profondément.")


def _refusal(code: str, message: str) -> CdaError:
    return CdaError(code, message, "Demandez une nouvelle copie à son auteur.")


def child(element: Element | None, *path: str) -> Element | None:
    """The first descendant by HL7 child names, or None."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren(Q + name), None)  # `find` costs three times as much
    return element


def children(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else list(element.iterchildren(Q + name))


def attribute(element: Element | None, name: str) -> str:
    """The attribute, trimmed; '' when the element or the attribute is missing."""
    return "" if element is None else (element.get(name) or "").strip()


def text(element: Element | None) -> str:
    """The words inside, spaces collapsed; '' for None. Not what a revision deleted; raised and lowered figures as such."""
    pieces: list[str] = []
    if element is not None:
        _stand(element, pieces)
    return " ".join("".join(pieces).split())


def _stand(element: Element, pieces: list[str]) -> None:
    if is_deleted(element):
        return
    name = local(element)
    inside: list[str] = [] if name in SCRIPTS else pieces
    inside.append(element.text or "")
    for inner in element:
        if isinstance(inner.tag, str):
            _stand(inner, inside)
        inside.append(inner.tail or "")
    if name in SCRIPTS:
        pieces.append(scripted(name, "".join(inside)))


def raw_text(element: Element | None) -> str:
    """All the text inside as written; '' for None. Comments left out."""
    if element is not None and not len(element):
        return element.text or ""
    return "" if element is None else "".join(map(str, element.itertext()))


def template_ids(element: Element) -> list[str]:
    return [attribute(template, "root") for template in children(element, "templateId")]


def local(element: Element) -> str:
    """Local name; '' for a comment or a processing instruction."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def sections(document: Element) -> Iterator[Element]:
    """Top sections of the structured body; of all, should there be several."""
    for body in structured_bodies(document):
        for component in children(body, "component"):
            yield from children(component, "section")


def structured_bodies(document: Element) -> list[Element]:
    """One in a well-made document, none in an unstructured one."""
    return [body for part in children(document, "component") for body in children(part, "structuredBody")]


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
