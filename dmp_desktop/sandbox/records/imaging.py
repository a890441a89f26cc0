"""Imaging report (IMG-CR-IMG 2024.01): the act, what was seen, the conclusion."""

from __future__ import annotations

from xml.sax.saxutils import escape

from dmp_desktop.sandbox.records.facts import CCAM, SNOMED, Study
from dmp_desktop.sandbox.records.header import write
from dmp_desktop.sandbox.records.markup import (
    LOINC,
    body,
    coded,
    identifier,
    paragraphs,
    said,
    section,
    templates,
    words,
)
from dmp_desktop.sandbox.records.plan import Plan, ts

_FR, _ENTRY, _DICOM = "1.2.250.1.213.1.1.2.", "1.2.250.1.213.1.1.3.", "1.2.840.10008.9."
_DCM = ("1.2.840.10008.2.16.4", "DCM")
_MODALITY = ("121139", "Modalité", _DCM)
TEMPLATES = (
    f"{_DICOM}1",
    f"{_DICOM}20",
    f"{_DICOM}21",
    "1.2.250.1.213.1.1.1.45^2024.01",
)


def document(plan: Plan) -> bytes:
    """CDA of a Study. The pictures stay with the radiologist: the catalogue names one series."""
    study, key = plan.told(Study), plan.unique_id
    modality = coded("name", *_MODALITY) + coded("value", *study.modality, _DCM)
    named = f"<qualifier>{coded('name', *_MODALITY)}</qualifier>"
    inner = coded("translation", *study.modality, _DCM, named)
    performed = coded("code", "18748-4", "CR d'imagerie médicale", LOINC, inner)
    told = body(
        section(
            ("55111-9", "Acte d'imagerie"),
            (f"{_DICOM}3", f"{_FR}206"),
            "Acte d'imagerie",
            f"<paragraph>{said('acte', study.label)}</paragraph>{paragraphs(f'Indication : {study.reason}')}",
            _technique(plan, study) + _catalogue(plan, study, modality),
            key=key,
        ),
        section(
            ("59776-5", "Constatations"),
            ("2.16.840.1.113883.10.20.6.1.2", f"{_FR}208"),
            "Résultats",
            paragraphs(*study.findings),
            key=key,
        ),
        section(
            ("19005-8", "Conclusion"), (f"{_DICOM}5", f"{_FR}209"), "Conclusion", paragraphs(study.conclusion), key=key
        ),
    )
    return write(plan, TEMPLATES, told, more={"performed": performed})


def _technique(plan: Plan, study: Study) -> str:
    return (
        f'<entry><procedure classCode="PROC" moodCode="EVN">{templates(f"{_DICOM}14", f"{_ENTRY}153")}'
        f"{identifier(plan.unique_id, 'technique')}{coded('code', study.code, study.label, CCAM)}{words('acte')}"
        f'<effectiveTime value="{ts(plan.service_start)}"/>{coded("methodCode", *study.modality, _DCM)}'
        f"{coded('targetSiteCode', *study.region, SNOMED)}</procedure></entry>"
    )


def _catalogue(plan: Plan, study: Study, modality: str) -> str:
    key = plan.unique_id
    picture = (
        f'<observation classCode="DGIMG" moodCode="EVN">{templates(f"{_DICOM}18", f"{_ENTRY}157")}'
        f"{identifier(key, 'image')}{coded('code', '1.2.840.10008.5.1.4.1.1.2', study.modality[1], _DCM)}</observation>"
    )
    series = (
        f'<act classCode="ACT" moodCode="EVN">{templates(f"{_DICOM}17", f"{_ENTRY}156")}{identifier(key, "serie")}'
        f"{coded('code', '113015', 'Série', _DCM, f'<qualifier>{modality}</qualifier>')}"
        f'<entryRelationship typeCode="COMP">{picture}</entryRelationship></act>'
    )
    return (
        f"<component><section>{templates('2.16.840.1.113883.10.20.6.1.1', f'{_FR}217')}{identifier(key, 'catalogue')}"
        f"{coded('code', '121181', 'DICOM Object Catalog', _DCM)}<title>Catalogue des images</title>"
        f"<text><paragraph>{escape(study.modality[1])} : une série.</paragraph></text>"
        f'<entry><act classCode="ACT" moodCode="EVN">{templates(f"{_DICOM}16", f"{_ENTRY}155")}{identifier(key, "examen")}'
        f"{coded('code', '113014', 'Examen', _DCM)}"
        f'<effectiveTime value="{ts(plan.service_start)}"/><entryRelationship typeCode="COMP">{series}</entryRelationship></act>'
        "</entry></section></component>"
    )
