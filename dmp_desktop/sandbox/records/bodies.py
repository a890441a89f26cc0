"""The three bodies of the invented documents: biology report, narrative letter, PDF."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from itertools import groupby
from uuid import NAMESPACE_OID, uuid5
from xml.sax.saxutils import escape

from dmp_desktop.sandbox.names import PROFESSIONAL_OID
from dmp_desktop.sandbox.records import pdf
from dmp_desktop.sandbox.records.authors import DOCTOR_HERSELF
from dmp_desktop.sandbox.records.header import assigned_entity, code, postal, write
from dmp_desktop.sandbox.records.kinds import LOINC, Body
from dmp_desktop.sandbox.records.plan import PARIS, Plan, Result, Section, ts

_FLAGS = {
    "N": "Normal",
    "H": "Anormalement haut",
    "L": "Anormalement bas",
    "HH": "Très anormalement haut, alerte",
    "LL": "Très anormalement bas, alerte",
    "AA": "Très anormal, alerte",
}
_INTERPRETATION = "2.16.840.1.113883.5.83"
SECTIONS = {
    "42349-1": ("Raison de la recommandation", ("1.3.6.1.4.1.19376.1.5.3.1.3.1", "1.2.250.1.213.1.1.2.127")),
    "30954-2": ("Résultats d'examens", ("1.3.6.1.4.1.19376.1.5.3.1.3.27", "1.2.250.1.213.1.1.2.150")),
    "55112-7": (
        "Commentaire",
        ("2.16.840.1.113883.10.12.201", "1.3.6.1.4.1.19376.1.4.1.2.16", "1.2.250.1.213.1.1.2.73"),
    ),
}
"""Section codes that a letter may use: label and templates (reference cda.md §3, "Sections")."""
_COPY = code('value xsi:type="CD"', "55108-5", LOINC, "LOINC", "Copie du document")
BIOLOGY_TITLE = "Compte rendu d'examens biologiques"
"""Fixed by CI-SIS_BIO-CR-BIO_2024.01."""


def write_document(plan: Plan) -> bytes:
    """The bytes of a document."""
    return _WRITERS[plan.kind.body](plan)


def _identity(plan: Plan) -> tuple[str, ...]:
    patient = plan.patient
    born = (
        f"née le {patient.birth_date:%d/%m/%Y}" if patient.sex.value == "F" else f"né le {patient.birth_date:%d/%m/%Y}"
    )
    return (
        f"{plan.writer.structure} - {plan.writer.address}, {plan.writer.city}",
        f"Dr {plan.writer.given} {plan.writer.family} - {plan.writer.specialty_label}",
        "",
        f"Patient : {patient.birth_family} {patient.first_given}, {born}",
        f"Date : {plan.service_start.astimezone(PARIS):%d/%m/%Y}",
        "",
    )


def _paragraphs(sections: Sequence[Section]) -> list[str]:
    return [line for section in sections for line in (section.heading.upper(), *section.paragraphs, "")]


def _pdf(plan: Plan) -> bytes:
    """CDA N1: exactly three templates."""
    content = pdf.write(plan.title, [*_identity(plan), *_paragraphs(plan.sections)])
    body = f'<nonXMLBody><text mediaType="application/pdf" representation="B64">{_b64(content)}</text></nonXMLBody>'
    return write(plan, ("1.3.6.1.4.1.19376.1.2.20",), body)


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _letter(plan: Plan) -> bytes:
    sections = "".join(_narrative(section, f"s{rank}") for rank, section in enumerate(plan.sections))
    templates = ("1.3.6.1.4.1.19376.1.5.3.1.1.1",)
    return write(plan, templates, f"<structuredBody>{sections}</structuredBody>")


def _narrative(section: Section, anchor: str) -> str:
    label, templates = SECTIONS[section.code]
    text = "".join(f"<paragraph>{escape(paragraph)}</paragraph>" for paragraph in section.paragraphs)
    ids = "".join(f'<templateId root="{template}"/>' for template in templates)
    return (
        f'<component><section>{ids}<id root="{_uuid(anchor, section.heading)}"/>'
        f"{code('code', section.code, LOINC, 'LOINC', label)}<title>{escape(section.heading)}</title><text>{text}</text>"
        "</section></component>"
    )


def _uuid(*parts: str) -> str:
    return str(uuid5(NAMESPACE_OID, "/".join(parts))).upper()


def _biology(plan: Plan) -> bytes:
    """CR-BIO 2024.01: one chapter a discipline, then the copy as PDF."""
    by_chapter = groupby(plan.results, key=lambda result: result.analysis.chapter)
    chapters = [(chapter, list(results)) for chapter, results in by_chapter]
    body = "".join(_chapter(plan, chapter, results) for chapter, results in chapters)
    first = chapters[0][0]
    performed = (
        f'<id root="1.2.250.1.213.1.1.9" extension="{plan.unique_id[-12:]}"/>'
        f'{code("code", first[0], LOINC, "LOINC", first[1])}<lab:statusCode code="completed"/>'
    )
    more = {
        "participants": _prescriber(plan),
        "performed": performed,
        "performer": f'<templateId root="1.3.6.1.4.1.19376.1.3.3.1.7"/><time><high value="{ts(plan.created)}"/></time>',
        "responsible": f"<responsibleParty>{assigned_entity(plan.writer)}</responsibleParty>",
    }
    templates = ("1.3.6.1.4.1.19376.1.3.3", "1.2.250.1.213.1.1.1.55^2024.01")
    structured = f"<structuredBody>{body}{_pdf_copy(plan)}</structuredBody>"
    return write(plan, templates, structured, title=BIOLOGY_TITLE, more=more)


def _prescriber(plan: Plan) -> str:
    doctor = DOCTOR_HERSELF
    name = f"<name><family>{doctor.family}</family><given>{doctor.given}</given><suffix>DR</suffix></name>"
    return (
        '<participant typeCode="REF"><templateId root="1.3.6.1.4.1.19376.1.3.3.1.6"/><time xsi:type="IVL_TS">'
        f'<high value="{ts(plan.service_start)[:8]}"/></time><associatedEntity classCode="PROV">'
        f'<id root="{PROFESSIONAL_OID}" extension="{doctor.national_id}"/>'
        f"{code('code', doctor.specialty, '1.2.250.1.213.1.1.4.5', '', doctor.specialty_label)}"
        f'{postal(f"{doctor.address}|{doctor.city}")}<telecom value="{doctor.phone}" use="WP"/>'
        f"<associatedPerson>{name}</associatedPerson></associatedEntity></participant>"
    )


def _chapter(plan: Plan, chapter: tuple[str, str, str, str], results: Sequence[Result]) -> str:
    top, top_label, sub, sub_label = chapter
    sub_code = code("code", sub, LOINC, "LOINC", sub_label)
    rows = "".join(_row(result) for result in results)
    observations = "".join(_observation(plan, result) for result in results)
    return (
        '<component><section><templateId root="1.3.6.1.4.1.19376.1.3.3.2.1"/><templateId root="1.2.250.1.213.1.1.2.70"/>'
        f"{code('code', top, LOINC, 'LOINC', top_label)}<title>{top_label}</title><component><section>"
        '<templateId root="1.3.6.1.4.1.19376.1.3.3.2.2"/><templateId root="1.2.250.1.213.1.1.2.71"/>'
        f'{sub_code}<title>{sub_label}</title><text><table border="0"><thead><tr><th>Analyse</th><th>Résultat</th>'
        f"<th>Unité</th><th>Valeurs de référence</th><th>Interprétation</th></tr></thead><tbody>{rows}</tbody></table></text>"
        '<entry typeCode="DRIV"><templateId root="1.3.6.1.4.1.19376.1.3.1"/><templateId root="1.2.250.1.213.1.1.3.21"/>'
        f'<act classCode="ACT" moodCode="EVN">{sub_code}<statusCode code="completed"/>{observations}</act></entry>'
        "</section></component></section></component>"
    )


def _limits(result: Result) -> str:
    low, high = result.analysis.low, result.analysis.high
    if low is None:
        return f"< {_french(high)}"
    return f"> {_french(low)}" if high is None else f"{_french(low)} - {_french(high)}"


def _french(value: float | None) -> str:
    return f"{value:g}".replace(".", ",") if value is not None else ""


def _anchor(result: Result) -> str:
    return f"r{result.analysis.loinc.replace('-', '_')}"


def _row(result: Result) -> str:
    value = result.text.replace(".", ",")
    style = "" if result.flag == "N" else ' styleCode="Bold"'
    flag = "" if result.flag == "N" else result.flag
    return (
        f'<tr><td>{escape(result.analysis.name)}</td><td><content ID="{_anchor(result)}"{style}>{value}</content></td>'
        f"<td>{escape(result.analysis.unit)}</td><td>{escape(_limits(result))}</td><td>{flag}</td></tr>"
    )


def _observation(plan: Plan, result: Result) -> str:
    analysis, flag = result.analysis, result.flag
    interpretation = code("interpretationCode", flag, _INTERPRETATION, "", _FLAGS[flag])
    normal = code("interpretationCode", "N", _INTERPRETATION, "", "Normal")
    low = f'<low value="{analysis.low}" unit="{analysis.unit}"/>' if analysis.low is not None else ""
    high = f'<high value="{analysis.high}" unit="{analysis.unit}"/>' if analysis.high is not None else ""
    named = code("code", analysis.loinc, LOINC, "LOINC", analysis.label)
    reference = f'<originalText><reference value="#{_anchor(result)}"/></originalText>'
    return (
        '<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">'
        '<templateId root="1.3.6.1.4.1.19376.1.3.1.6"/><templateId root="1.2.250.1.213.1.1.3.80"/>'
        f'{named[:-2]}>{reference}</code><statusCode code="completed"/><effectiveTime value="{ts(plan.service_start)}"/>'
        f'<value xsi:type="PQ" value="{result.text}" unit="{analysis.unit}"/>{interpretation}'
        '<referenceRange typeCode="REFV"><observationRange classCode="OBS" moodCode="EVN.CRT">'
        f'<value xsi:type="IVL_PQ">{low}{high}</value>{normal}</observationRange></referenceRange>'
        "</observation></entryRelationship>"
    )


def _pdf_copy(plan: Plan) -> str:
    """FR-Document-PDF-copie, required in a CR-BIO."""
    lines = [
        f"{result.analysis.name} : {result.text.replace('.', ',')} {result.analysis.unit}   ({_limits(result)})   "
        f"{'' if result.flag == 'N' else result.flag}"
        for result in plan.results
    ]
    content = pdf.write(BIOLOGY_TITLE, [*_identity(plan), *lines])
    return (
        '<component><section><templateId root="1.2.250.1.213.1.1.2.243"/>'
        f'<id root="{_uuid(plan.unique_id, "copie")}"/>{code("code", "55108-5", LOINC, "LOINC", "Copie du document")}'
        '<title>Copie du document</title><text><table border="0"><tbody><tr><td><content ID="titre-copie">Copie PDF du '
        'document</content></td></tr><tr><td><renderMultiMedia referencedObject="copie-pdf"/></td></tr></tbody></table></text>'
        '<entry><organizer classCode="CLUSTER" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.18"/>'
        f'<id root="{_uuid(plan.unique_id, "attache")}"/>{code("code", "55107-7", LOINC, "LOINC", "Document attaché")}'
        '<statusCode code="completed"/><component><observation classCode="OBS" moodCode="EVN">'
        '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13"/><templateId root="1.2.250.1.213.1.1.3.48"/>'
        f'<templateId root="1.2.250.1.213.1.1.3.48.18"/><id root="{_uuid(plan.unique_id, "type")}"/>'
        f"{code('code', '69764-9', LOINC, 'LOINC', 'Type de document')}"
        '<text><reference value="#titre-copie"/></text><statusCode code="completed"/><effectiveTime nullFlavor="NA"/>'
        f"{_COPY}"
        '</observation></component><component><observationMedia classCode="OBS" moodCode="EVN" ID="copie-pdf">'
        f'<value mediaType="application/pdf" representation="B64">{_b64(content)}</value></observationMedia></component>'
        "</organizer></entry></section></component>"
    )


_WRITERS: dict[Body, Callable[[Plan], bytes]] = {Body.BIOLOGY: _biology, Body.LETTER: _letter, Body.PDF: _pdf}
