"""Sections of the structured body: the note word for word, then what is coded, each entry pointing at words one can read.

templateIds: CI-SIS "modèles de contenus CDA" (reference cda.md, "Sections" and "Entries").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dmp_desktop.cda.build.coded import Coded, Problem
from dmp_desktop.cda.build.template import EMPTY, Markup, Template, escape, join
from dmp_desktop.cda.build.text import line_ends
from dmp_desktop.terminology import unit_label

NewId = Callable[[], str]
"""UUID of the next part of the document; the same document always gets the same ones."""

_SECTION = """
<component><section>
%s
<id root="{id}"/>
<code code="%s" displayName="%s" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<title>%s</title>
<text>{!text}</text>
{!entries}
</section></component>
"""


def _section(code: str, label: str, title: str, *templates: str) -> Template:
    ids = "".join(f'<templateId root="{root}"/>' for root in templates)
    return Template(_SECTION % (ids, code, label, title))


_NOTE = _section(
    "55112-7",
    "Commentaire",
    "Compte rendu de la consultation",
    "2.16.840.1.113883.10.12.201",
    "1.3.6.1.4.1.19376.1.4.1.2.16",
    "1.2.250.1.213.1.1.2.73",
)
_VITALS = _section(
    "8716-3",
    "Signes vitaux",
    "Signes vitaux",
    "2.16.840.1.113883.10.20.1.16",
    "1.3.6.1.4.1.19376.1.5.3.1.3.25",
    "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2",
    "1.2.250.1.213.1.1.2.75",
)
_PROBLEMS = _section(
    "11450-4",
    "Problèmes actifs",
    "Problèmes actifs",
    "2.16.840.1.113883.10.20.1.11",
    "1.3.6.1.4.1.19376.1.5.3.1.3.6",
    "1.2.250.1.213.1.1.2.132",
)
_HISTORY = _section(
    "11348-0", "Antécédents médicaux", "Antécédents", "1.3.6.1.4.1.19376.1.5.3.1.3.8", "1.2.250.1.213.1.1.2.134"
)
_PDF_COPY = _section("55108-5", "Copie du document", "Copie du document", "1.2.250.1.213.1.1.2.243")
_ADDED = _section("55107-7", "Documents ajoutés", "Documents joints", "1.2.250.1.213.1.1.2.37")

_CONTENT = Template('<content ID="{id}">{!text}</content>')
_BREAK = Markup("<br/>")

_VITALS_TABLE = Template("""
<table><thead><tr><th>Mesure</th><th>Valeur</th><th>Date</th></tr></thead><tbody>{!rows}</tbody></table>
""")
_VITAL_ROW = Template('<tr ID="{id}"><td>{label}</td><td>{value} {unit}</td><td>{date}</td></tr>')
_VITALS_ENTRY = Template("""
<entry><organizer classCode="CLUSTER" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.32"/>
<templateId root="2.16.840.1.113883.10.20.1.35"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13.1"/>
<templateId root="1.2.250.1.213.1.1.3.49"/>
<id root="{id}"/>
<code code="85353-1" displayName="Signes vitaux" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<statusCode code="completed"/>
<effectiveTime value="{time}"/>
{!observations}
</organizer></entry>
""")
_VITAL = Template("""
<component typeCode="COMP"><observation classCode="OBS" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.31"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13.2"/>
<templateId root="1.2.250.1.213.1.1.3.50"/>
<id root="{id}"/>
<code code="{code}" displayName="{label}" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC">{!original}</code>
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
<effectiveTime value="{time}"/>
<value xsi:type="PQ" value="{value}" unit="{unit}"/>
</observation></component>
""")
_PROBLEM_ROW = Template('<item ID="{id}">{label} ({code})</item>')
_LIST = Template("<list>{!items}</list>")
_PROBLEM = Template("""
<entry><act classCode="ACT" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.27"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5.1"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5.2"/>
<templateId root="1.2.250.1.213.1.1.3.39"/>
<id root="{concern_id}"/>
<code nullFlavor="NA"/>
<statusCode code="{status}"/>
<effectiveTime><low nullFlavor="UNK"/>{!end}</effectiveTime>
<entryRelationship typeCode="SUBJ" inversionInd="false"><observation classCode="OBS" moodCode="EVN" negationInd="false">
<templateId root="2.16.840.1.113883.10.20.1.28"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/>
<templateId root="1.2.250.1.213.1.1.3.37"/>
<id root="{id}"/>
<code code="282291009" displayName="interprétation diagnostique" codeSystem="2.16.840.1.113883.6.96" codeSystemName="SNOMED CT"/>
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
<effectiveTime><low nullFlavor="UNK"/></effectiveTime>
<value xsi:type="CD" code="{code}" displayName="{label}" codeSystem="2.16.840.1.113883.6.3" codeSystemName="CIM-10">{!original}</value>
</observation></entryRelationship>
</act></entry>
""")
_ENDED = Markup('<high nullFlavor="UNK"/>')
_MEDIA_TEXT = Template('<paragraph><content ID="{row}">{label}</content></paragraph><renderMultiMedia referencedObject="{media}"/>')
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
<value mediaType="application/pdf" representation="B64">{!content}</value>
</observationMedia></component>
</organizer></entry>
""")


def note_section(note: str, coded: Coded, warning: str, new_id: NewId) -> Markup:
    """The note, every character of it; the words that are coded elsewhere have an ID."""
    pieces: list[str] = []
    last = 0
    for start, end, rank in coded.spans:
        pieces.append(f'{_verbatim(note[last:start])}<content ID="note-{rank}">{_verbatim(note[start:end])}</content>')
        last = end
    text = Markup(f'<content ID="note">{"".join(pieces)}{_verbatim(note[last:])}</content>')
    if warning:
        text = Markup(text + _BREAK + _CONTENT.fill(id="warning", text=escape(warning)))
    return _NOTE.fill(id=new_id(), text=text, entries=EMPTY)


def _verbatim(text: str) -> Markup:
    """Escaped text, line ends as `br`: once escaped, `&#10;` can only be one."""
    return Markup(escape(line_ends(text)).replace("&#10;", _BREAK))


def _original(coded: Coded, rank: int) -> Markup:
    """The reference from an entry to its words in the note; `rank` is a number, so there is nothing to escape."""
    if rank not in coded.anchors:
        return EMPTY
    return Markup(f'<originalText><reference value="#note-{rank}"/></originalText>')


def number(value: float) -> str:
    """A decimal number as XML schema writes it: no exponent, no needless zero."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def vitals_section(coded: Coded, time: str, date: str, new_id: NewId) -> Markup:
    """One organizer, one observation a measure; `time` is a TS, `date` its printed form."""
    rows, observations = [], []
    for rank, measure in enumerate(coded.measures, start=1):
        row, sign, value = f"vital-{rank}", measure.sign, number(measure.value)
        label, shown = sign.code.display, value.replace(".", ",")
        rows.append(_VITAL_ROW.fill(id=row, label=label, value=shown, unit=unit_label(sign.unit), date=date))
        observations.append(
            _VITAL.fill(
                id=new_id(),
                code=sign.code.code,
                label=label,
                original=_original(coded, measure.anchor),
                row=row,
                time=time,
                value=value,
                unit=sign.unit,
            )
        )
    entry = _VITALS_ENTRY.fill(id=new_id(), time=time, observations=join(observations))
    return _VITALS.fill(id=new_id(), text=_VITALS_TABLE.fill(rows=join(rows)), entries=entry)


def problems_section(problems: Sequence[Problem], coded: Coded, new_id: NewId) -> Markup:
    """Problems said to be present."""
    return _problem_list(_PROBLEMS, "problem", problems, coded, new_id)


def history_section(problems: Sequence[Problem], coded: Coded, new_id: NewId) -> Markup:
    """Past problems: the concern is over, when is not known."""
    return _problem_list(_HISTORY, "history", problems, coded, new_id)


def _problem_list(section: Template, name: str, problems: Sequence[Problem], coded: Coded, new_id: NewId) -> Markup:
    rows, entries = [], []
    for rank, problem in enumerate(problems, start=1):
        row = f"{name}-{rank}"
        rows.append(_PROBLEM_ROW.fill(id=row, label=problem.label, code=problem.code))
        entries.append(
            _PROBLEM.fill(
                concern_id=new_id(),
                status="active" if name == "problem" else "completed",
                end=EMPTY if name == "problem" else _ENDED,
                id=new_id(),
                row=row,
                code=problem.code,
                label=problem.label,
                original=_original(coded, problem.anchor),
            )
        )
    return section.fill(id=new_id(), text=_LIST.fill(items=join(rows)), entries=join(entries))


def pdf_copy_section(base64: str, new_id: NewId) -> Markup:
    """FR-Document-PDF-copie: the same document as a page to print."""
    return _media_section(_PDF_COPY, "copy", "Copie du document au format PDF", "55108-5", "Copie du document", base64, new_id)


def added_section(label: str, base64: str, new_id: NewId) -> Markup:
    """FR-Documents-ajoutes: one PDF joined to the consultation."""
    return _media_section(_ADDED, "added", label, "55107-7", "Documents ajoutés", base64, new_id)


def _media_section(
    section: Template, name: str, label: str, code: str, code_label: str, base64: str, new_id: NewId
) -> Markup:
    row, media = f"{name}-title", f"{name}-media"
    entry = _MEDIA.fill(
        id=new_id(),
        type_id=new_id(),
        row=row,
        code=code,
        code_label=code_label,
        media=media,
        content=Markup(base64),
    )
    return section.fill(id=new_id(), text=_MEDIA_TEXT.fill(row=row, label=label, media=media), entries=entry)
