"""Whether a document says anything, and whether two versions of it say the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from dmp_desktop.cda.read.body import Media, embedded_media, unstructured_body
from dmp_desktop.cda.read.narrative import section_text
from dmp_desktop.cda.read.values import interval
from dmp_desktop.cda.xml import Element, Q, attribute, child, parse, structured_bodies

PdfText = Callable[[bytes], str]

_OF_A_VERSION = frozenset((f"{Q}id", f"{Q}effectiveTime", f"{Q}setId", f"{Q}versionNumber", f"{Q}relatedDocument"))
"""Children of the header that change from a version to the next whatever it says."""
_SIGNERS = frozenset((f"{Q}author", f"{Q}legalAuthenticator", f"{Q}authenticator"))
_OURS = b"<pdf:Producer>DMP Desktop</pdf:Producer>"  # cda.build.pdf: everything its page shows is in its words
_IMAGE = re.compile(rb"/Subtype\s*/Image")
_DATED = re.compile(r" Le (?:1er|\d{1,2}) [^\W\d]+ \d{4,}$")  # ends the first line of such a page: when it was made
_VERSION = re.compile(r"^Version : \d+, remplace la précédente\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Act:
    """When what a document tells was done, as its header writes it; `days` and `moments` as its pages do."""

    written: frozenset[str] = frozenset()
    days: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()


_AS_WRITTEN = _Act()


def says_nothing(cda: bytes) -> bool:
    """Whether neither a word, nor an entry, nor a file is in its body. Raises CdaError."""
    document = parse(cda)
    body = unstructured_body(document)
    if body is not None:
        return not body.problem and not (body.content.strip() if body.mime.startswith("text/") else body.content)
    for structured in structured_bodies(document):
        if next(structured.iter(f"{Q}entry"), None) is not None or embedded_media(structured):
            return False
        if any(section_text(section).strip() for section in structured.iter(f"{Q}section")):
            return False
    return True


def says_the_same(
    one: bytes, other: bytes, *, same_act: bool = True, pdf_words: PdfText = lambda pdf: _pdf_text(pdf)
) -> bool:
    """Whether all that a reader may learn from two versions is the same, header and entries included: only their identifiers and
    when each was made and signed differ. In doubt, they do not say the same.

    Without `same_act`, the time of the act is that of each document, chosen by nobody: it is not compared. Raises CdaError.
    """
    documents = parse(one), parse(other)
    acts = [_AS_WRITTEN if same_act else _act(document) for document in documents]
    told = [_told(document, act) for document, act in zip(documents, acts, strict=True)]
    if any(left != right for left, right in zip_longest(*told)):
        return False
    left, right = (_files(document) for document in documents)
    return len(left) == len(right) and all(
        _same_file(first, second, acts, pdf_words) for first, second in zip(left, right, strict=True)
    )


def _told(document: Element, act: _Act) -> Iterator[tuple[object, ...]]:
    """Each element in its order, but what is of a version only, the identifiers of the body, and the bytes of files."""
    for part in document:
        if part.tag not in _OF_A_VERSION:
            signed = part.tag in _SIGNERS
            yield from _walk(part, act, inside=part.tag == f"{Q}component", signed=signed)


def _walk(element: Element, act: _Act, *, inside: bool, signed: bool) -> Iterator[tuple[object, ...]]:
    if (
        not isinstance(element.tag, str)
        or (inside and element.tag == f"{Q}id")
        or (signed and element.tag == f"{Q}time")
    ):
        return
    file = attribute(element, "representation") == "B64"
    known = sorted((name, "act" if value in act.written else value) for name, value in element.attrib.items())
    words = "" if file else _words(element.text)
    yield element.tag, known, "act" if words in act.days else words
    if not file:
        for part in element:
            yield from _walk(part, act, inside=inside, signed=signed)
            yield "", (), _words(part.tail)
    yield "", (), ""


def _words(text: str | None) -> str:
    """As they are; blanks alone are only how the file is laid out."""
    return text if text and not text.isspace() else ""


def _act(document: Element) -> _Act:
    """The times of the first act documented, in full and by day."""
    period = interval(child(document, "documentationOf", "serviceEvent", "effectiveTime"))
    times = [time for time in period if len(time) >= len("YYYYMMDD")]
    days = [f"{time[6:8]}/{time[4:6]}/{time[:4]}" for time in times]
    moments = [f"{day} à {time[8:10]}:{time[10:12]}" for day, time in zip(days, times, strict=True)]
    return _Act(frozenset([*times, *(time[:8] for time in times)]), tuple(days), tuple(moments))


def _files(document: Element) -> list[Media]:
    body = unstructured_body(document)
    return [body] if body else embedded_media(document)


def _same_file(one: Media, other: Media, acts: list[_Act], pdf_words: PdfText) -> bool:
    if (one.mime, one.problem) != (other.mime, other.problem):
        return False
    if one.content == other.content:
        return True
    if not all(_OURS in media.content and not _IMAGE.search(media.content) for media in (one, other)):
        return False
    left, right = (_page(pdf_words(media.content), act) for media, act in zip((one, other), acts, strict=True))
    return bool(left) and left == right


def _pdf_text(content: bytes) -> str:
    from dmp_desktop.cda.read.pdftext import pdf_text  # loaded where one is to be read

    return pdf_text(content)


def _page(words: str, act: _Act) -> str:
    """The words of a page of ours, but when it was made and which version it is."""
    first, cut, rest = words.partition("\n")
    rest = _VERSION.sub("", rest)
    for mark, said in (*((":", moment) for moment in act.moments), *(("—", day) for day in act.days)):
        rest = re.sub(rf"(?<= {mark} ){re.escape(said)}$", "act", rest, flags=re.MULTILINE)
    return _DATED.sub("", first) + cut + rest
