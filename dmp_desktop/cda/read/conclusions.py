"""What a document concludes, quoted: the sections a busy reader opens first."""

from __future__ import annotations

import re

from dmp_desktop.cda.read.body import unstructured_body
from dmp_desktop.cda.read.data import media_text
from dmp_desktop.cda.read.narrative import narrative_text, section_text, section_title
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, parse
from dmp_desktop.domain.clinical import Quote
from dmp_desktop.terminology.wording import plain

MAX_WORDS = 160
"""Characters of a conclusion that are quoted."""

# LOINC: conclusion and interpretation, imaging impression.
_SECTIONS = frozenset({"55110-1", "19005-8"})
_HEADINGS = (
    "conclusion", "impression", "synthese", "conduite a tenir", "au total", "avis", "decision", "en resume",
    "suites a donner", "traitement et suites",
)  # fmt: skip
# Headings when they are the whole line: what a prescription orders is what its reader wants to know of it.
_ALONE = frozenset({"sortie", "diagnostic de sortie", "prescription", "examens demandes"})
_FOOTER = re.compile(r"page +[0-9]+ *(?:/|sur|of) *[0-9]+", re.IGNORECASE)


def conclusions(document: Element) -> tuple[Quote, ...]:
    """Conclusions of a structured document, in its order."""
    found = []
    for section in document.iter(f"{Q}section"):
        heading = section_title(section)
        coded = attribute(child(section, "code"), "code")
        if coded in _SECTIONS or _concludes(heading):
            rows = [word for narrative in children(section, "text") for word in _in_rows(narrative)]
            words = " ".join(rows or section_text(section).split())
            if words:
                found.append(Quote(heading, quoted(words)))
    return tuple(found)


def conclusions_of_file(untrusted_cda: bytes) -> tuple[Quote, ...]:
    """Conclusions of an unstructured document, by the headings of its text: a line of its own that names one.

    Raises CdaError. Slow for a PDF (its text layer is read): for the few documents that are new.
    """
    body = unstructured_body(parse(untrusted_cda))
    if body is None:
        return ()
    lines = [line.strip() for line in media_text(body).splitlines() if not _FOOTER.fullmatch(line.strip())]
    starts = [rank for rank, line in enumerate(lines) if _heading(line)]
    quotes = [Quote(lines[rank].rstrip(" :"), quoted(" ".join(_below(lines, rank)))) for rank in starts]
    return tuple(quote for quote in quotes if quote.words)


def quoted(words: str) -> str:
    """The first characters, verbatim, cut between words."""
    if len(words) <= MAX_WORDS:
        return words
    kept = words[:MAX_WORDS]
    return (kept.rpartition(" ")[0] or kept) + "…"


def _in_rows(narrative: Element) -> list[str]:
    """Words beside the rows of a table that a conclusion is the name of: a stay is told among its modes of entry and exit."""
    found: list[str] = []
    for row in narrative.iter(f"{Q}tr"):
        name, *cells = [narrative_text(cell) for cell in row if cell.tag in (f"{Q}td", f"{Q}th")] or [""]
        if _concludes(name) and next(row.iterancestors()).tag != f"{Q}thead":
            found += " ".join(cells).split()
    return found


def _concludes(heading: str) -> bool:
    return plain(heading).startswith(_HEADINGS)


def _heading(line: str) -> bool:
    """A short line that says nothing but the heading."""
    if plain(line).rstrip(" :") in _ALONE:
        return True
    return len(line.split()) <= 4 and not line.rstrip(" :").endswith((".", ",", ";")) and _concludes(line)


def _below(lines: list[str], rank: int) -> list[str]:
    """The lines up to the next heading in capitals or the first blank line after some words."""
    found: list[str] = []
    for line in lines[rank + 1 :]:
        if (not line and found) or (line.isupper() and len(line.split()) <= 4):
            break
        found += [line] if line else []
    return found
