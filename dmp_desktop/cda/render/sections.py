"""Sections of a structured body, each as a piece of HTML of its own, so that a window may fold and reorder them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from dmp_desktop.cda.read.labels import author_of
from dmp_desktop.cda.read.narrative import section_title, stray_words
from dmp_desktop.cda.render.entries import OnceLabels, entry_lines
from dmp_desktop.cda.render.narrative import Narrative
from dmp_desktop.cda.render.people import person_name
from dmp_desktop.cda.xml import Element, Q, attribute, child, children

_DEEPEST_HEADING = 4
_NO_TEXT = "Cette section n'a pas de texte. Libellés de ses données codées :"
_NOTHING = "Cette section n'a rien à lire."
_CUT = "La suite est trop longue pour être montrée : enregistrez l'original."


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the table of contents. `anchor` is the name of a place in the HTML; `depth` is 0 for a top section."""

    code: str
    title: str
    anchor: str
    depth: int


@dataclass(frozen=True, slots=True, repr=False)
class SectionHtml:
    """A section without its inner sections, which follow it with a greater `depth`. `code` (LOINC or national) may be empty."""

    code: str
    title: str
    anchor: str
    depth: int
    html: str


def section_pieces(document: Element, bodies: list[Element], narrative: Narrative) -> list[SectionHtml]:
    """Every section, in the order of the document."""
    labels = OnceLabels(document)
    depths: dict[Element, int] = {}
    pieces = []
    for number, section in enumerate((found for body in bodies for found in body.iter(f"{Q}section")), 1):
        outer = _outer(section)
        depth = depths[section] = 0 if outer is None else depths.get(outer, -1) + 1
        anchor = f"section-{number}"
        code, written = child(section, "code"), section_title(section)
        title = written or " ".join(attribute(code, "displayName").split())
        html = heading_html(title, anchor, depth, ours=not written) + _about(section)
        html += _content(section, narrative, labels)
        pieces.append(SectionHtml(attribute(code, "code"), title, anchor, depth, html))
        if narrative.cut:
            pieces.append(SectionHtml("", "", "cut", 0, f'<p class="warning added">{_CUT}</p>'))
            break
    return pieces


def _outer(section: Element) -> Element | None:
    node = section.getparent()
    while node is not None and node.tag != f"{Q}section":
        node = node.getparent()
    return node


def heading_html(title: str, anchor: str, depth: int, *, ours: bool) -> str:
    """A heading with its anchor; the anchor alone without a title. `ours`: the title is not the author's."""
    place = f'<a name="{anchor}"></a>'
    if not title:
        return place
    level = min(depth + 2, _DEEPEST_HEADING)
    words = f'<span class="added">{escape(title)}</span>' if ours else escape(title)
    return f"<h{level}>{place}{words}</h{level}>"


def _about(section: Element) -> str:
    """Whom the section is about or from, when it says so itself: a fœtus, another professional."""
    lines = []
    subject = child(section, "subject", "relatedSubject")
    if subject is not None:
        who = (person_name(child(subject, "subject", "name")), attribute(child(subject, "code"), "displayName"))
        lines.append("Concerne : " + (", ".join(part for part in who if part) or "une autre personne que le patient"))
    author = author_of(section)
    if author:
        lines.append(f"Auteur de la section : {author}")
    return "".join(f'<p class="meta added">{escape(line)}</p>' for line in lines)


def _says_something(content: Element) -> bool:
    pictures = next(content.iter(f"{Q}renderMultiMedia"), None)
    return pictures is not None or any(not words.isspace() for words in content.itertext())


def _content(section: Element, narrative: Narrative, labels: OnceLabels) -> str:
    """Every narrative (a well-made section has one), then the words that stand outside any."""
    told = [_narrative(content, narrative) for content in children(section, "text") if _says_something(content)]
    told += [narrative.plain(words) for words in stray_words(section)]
    if told:
        return "".join(told)
    lines = [line for entry in children(section, "entry") for line in entry_lines(entry, labels)]
    if lines:
        items = "".join(f"<li>{escape(line)}</li>" for line in dict.fromkeys(lines))
        return f'<div class="added"><p class="meta">{_NO_TEXT}</p><ul>{items}</ul></div>'
    if section.find(f"{Q}component") is not None:
        return ""
    return f'<p class="meta added">{_NOTHING}</p>'


def _narrative(content: Element, narrative: Narrative) -> str:
    if attribute(content, "mediaType") == "text/plain":
        return narrative.plain("".join(map(str, content.itertext())))
    return f"<div>{narrative.inside(content)}</div>"
