"""Sections of words and files: the note word for word, the page to print, a joined file.

templateIds: CI-SIS "modèles de contenus CDA" (reference cda.md, "Sections").
"""

from __future__ import annotations

from dmp_desktop.cda.build.coded import Coded
from dmp_desktop.cda.build.template import EMPTY, Markup, NewId, Template, escape
from dmp_desktop.cda.build.text import line_ends
from dmp_desktop.cda.media import PDF

_SECTION = """
<component><section>
%s
<id root="{id}"/>
<code code="%s" displayName="%s" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<title>%s</title>
%s
</section></component>
"""


def section(
    code: str, label: str, title: str, *templates: str, content: str = "<text>{!text}</text>{!entries}"
) -> Template:
    """One section, its id and `content` to fill."""
    ids = "".join(f'<templateId root="{root}"/>' for root in templates)
    return Template(_SECTION % (ids, code, label, title, content))


_NOTE = section(
    "55112-7",
    "Commentaire",
    "Compte rendu de la consultation",
    "2.16.840.1.113883.10.12.201",
    "1.3.6.1.4.1.19376.1.4.1.2.16",
    "1.2.250.1.213.1.1.2.73",
)
_PDF_COPY = section("55108-5", "Copie du document", "Copie du document", "1.2.250.1.213.1.1.2.243")
_ADDED = section("55107-7", "Documents ajoutés", "Documents joints", "1.2.250.1.213.1.1.2.37")

_CONTENT = Template('<content ID="{id}">{!text}</content>')
_BREAK = Markup("<br/>")

_MEDIA_TEXT = Template(
    '<paragraph><content ID="{row}">{label}</content></paragraph><renderMultiMedia referencedObject="{media}"/>'
)
_MEDIA = Template("""
<entry><organizer classCode="CLUSTER" moodCode="EVN">
<templateId root="1.2.250.1.213.1.1.3.18"/>
<id root="{id}"/>
<code code="55107-7" displayName="Document attaché" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<statusCode code="completed"/>
<component><observation classCode="OBS" moodCode="EVN">
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13"/>
<templateId root="1.2.250.1.213.1.1.3.48"/>
<templateId root="1.2.250.1.213.1.1.3.48.18"/>
<id root="{type_id}"/>
<code code="69764-9" displayName="Type de document" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
<effectiveTime nullFlavor="NA"/>
<value xsi:type="CD" code="{code}" displayName="{code_label}" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
</observation></component>
<component><observationMedia classCode="OBS" moodCode="EVN" ID="{media}">
<value mediaType="{mime}" representation="B64">{!content}</value>
</observationMedia></component>
</organizer></entry>
""")


def note_section(note: str, coded: Coded, warning: str, new_id: NewId) -> Markup:
    """The note in a section of comments."""
    return _NOTE.fill(id=new_id(), text=note_text(note, coded, warning), entries=EMPTY)


def note_text(note: str, coded: Coded, warning: str) -> Markup:
    """The note, every character of it; the words that are coded elsewhere have an ID. `note` is as XML can hold it."""
    pieces: list[str] = []
    last = 0
    for start, end, rank in coded.spans:
        pieces.append(f'{_verbatim(note[last:start])}<content ID="note-{rank}">{_verbatim(note[start:end])}</content>')
        last = end
    text = Markup(f'<content ID="note">{"".join(pieces)}{_verbatim(note[last:])}</content>')
    return Markup(text + _BREAK + _CONTENT.fill(id="warning", text=escape(warning))) if warning else text


def _verbatim(text: str) -> str:
    """Element content; without the search for forbidden characters, which `xml_safe` has done and costs as much again."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return line_ends(text).replace("\n", _BREAK)


def pdf_copy_section(base64: Markup, new_id: NewId) -> Markup:
    """FR-Document-PDF-copie: the same document as a page to print."""
    row = "copy"
    entry = _media(row, ("55108-5", "Copie du document"), PDF, base64, new_id)
    return _media_section(_PDF_COPY, row, "Copie du document au format PDF", entry, new_id)


def added_section(label: str, mime: str, base64: Markup, new_id: NewId) -> Markup:
    """FR-Documents-ajoutes: one file joined to the document."""
    row = "added"
    entry = _media(row, ("55107-7", "Documents ajoutés"), mime, base64, new_id)
    return _media_section(_ADDED, row, label, entry, new_id)


def _media(name: str, code: tuple[str, str], mime: str, base64: Markup, new_id: NewId) -> Markup:
    return _MEDIA.fill(
        id=new_id(),
        type_id=new_id(),
        row=f"{name}-title",
        code=code[0],
        code_label=code[1],
        media=f"{name}-media",
        mime=mime,
        content=base64,
    )


def _media_section(template: Template, name: str, label: str, entry: Markup, new_id: NewId) -> Markup:
    text = _MEDIA_TEXT.fill(row=f"{name}-title", label=label, media=f"{name}-media")
    return template.fill(id=new_id(), text=text, entries=entry)
