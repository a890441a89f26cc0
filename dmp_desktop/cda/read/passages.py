"""A document cut into passages for full-text search: each section's narrative, then what only its entries and files say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dmp_desktop.cda.read.body import Media, embedded_media, unstructured_body
from dmp_desktop.cda.read.data import media_text
from dmp_desktop.cda.read.narrative import section_text, section_title
from dmp_desktop.cda.xml import Element, attribute, child, children, local, parse_damaged, sections, text
from dmp_desktop.domain.search import Passage

_STATEMENTS = frozenset(
    {
        "observation",
        "substanceAdministration",
        "procedure",
        "act",
        "organizer",
        "supply",
        "encounter",
        "manufacturedProduct",
    }
)
_WORDS = frozenset({"name", "originalText", "lotNumberText", "value"})
_LONG = 20_000  # characters
_CODED = frozenset({"code", "value", "translation"})
_MEASURED = frozenset({"value", "low", "high", "doseQuantity"})
_LEFT_OUT = frozenset({"templateId", "author", "performer", "informant", "statusCode", "confidentialityCode"})
_COUNTED = re.compile(r"\{[^}]*\}")  # UCUM: what is counted, in English; no unit
# What a PDF's text layer puts where a word was cut at the end of a line (U+FFFE and U+0002: PDFium's own marks).
_CUT = re.compile(r"[\u00ad\ufffe\u0002]\s*|(?<=[^\W\d_A-Z])-\n\s*(?=[a-zà-ÿ])")


def passages_from_cda(untrusted_cda: bytes) -> tuple[Passage, ...]:
    """Every word of the body, in the order of the document; what an entry repeats of its narrative is left out.

    Raises CdaError when the document cannot be read.
    """
    document, _ = parse_damaged(untrusted_cda)
    body = unstructured_body(document)
    found: list[Passage] = [] if body is None else [*_file(body)]
    for section in sections(document):
        found += _section(section)
    for media in embedded_media(document):
        found += _file(media)
    return tuple(passage for passage in found if passage.text or passage.section_title)


def _file(media: Media) -> tuple[Passage, ...]:
    words = _CUT.sub("", media_text(media))
    return (Passage(words),) if words.strip() else ()


def _section(section: Element) -> Iterator[Passage]:
    code, title = attribute(child(section, "code"), "code"), section_title(section)
    words = section_text(section)
    told = _Told(f"{title} {words}")
    lines = [line for entry in children(section, "entry") for line in _statement(entry, told)]
    yield Passage("\n".join((words, *dict.fromkeys(lines))).strip(), code, title)
    for component in children(section, "component"):
        for inner in children(component, "section"):
            yield from _section(inner)


class _Told:
    """What a narrative says, to be asked many times: a long one is asked word by word, so that no document takes forever."""

    def __init__(self, narrative: str) -> None:
        spread = narrative.casefold().split()
        self._words = frozenset(spread)
        self._text = " ".join(spread) if len(narrative) <= _LONG else ""

    def __contains__(self, part: str) -> bool:
        folded = part.casefold()
        return folded in self._text if self._text else self._words.issuperset(folded.split())

    def unsaid(self, parts: list[str]) -> list[str]:
        """Parts of a line that are not in it. Asked word by word it is never sure: then the line stays whole, or is all told."""
        missing = [part for part in parts if part not in self]
        return missing if self._text or not missing else parts


def _statement(entry: Element, told: _Told) -> list[str]:
    """One line a clinical statement: labels, their codes, values; what the narrative tells is not said, nor counted, twice."""
    lines: list[list[str]] = [[]]
    pending = [entry]
    while pending:
        element = pending.pop()
        name = local(element)
        if name in _LEFT_OUT or not name:
            continue
        if name in _STATEMENTS:
            lines.append([])
        lines[-1] += _said(element, name)
        pending += reversed(element)
    return [" ".join(parts) for line in lines if (parts := told.unsaid(list(dict.fromkeys(line))))]


def _said(element: Element, name: str) -> Iterator[str]:
    """Its label and code, its value and unit (a date is none), the words in it."""
    label = attribute(element, "displayName")
    if label:
        yield " ".join(label.split())
        code = attribute(element, "code")
        if name in _CODED and any(
            map(str.isdigit, code)
        ):  # I10, C09AA05, 2160-0; a code in letters is HL7's own: DRUG, SEV
            yield code
    if name in _MEASURED and attribute(element, "value") and _parent(element) != "effectiveTime":
        yield f"{attribute(element, 'value')} {_COUNTED.sub('', attribute(element, 'unit'))}".strip()
    if name in _WORDS and attribute(element, "representation") != "B64":
        words = text(element)
        if words:
            yield words


def _parent(element: Element) -> str:
    parent = element.getparent()
    return "" if parent is None else local(parent)
