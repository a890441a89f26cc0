"""PDFs inside CDA documents: the letterhead they open with, the copy that a structured document carries."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from dmp_desktop.sandbox.records import pdf
from dmp_desktop.sandbox.records.markup import LOINC, coded, identifier, status, templates, value, words
from dmp_desktop.sandbox.records.plan import PARIS, Plan

_COPY = ("55108-5", "Copie du document")


def letterhead(plan: Plan) -> tuple[str, ...]:
    """First lines of a document: who writes, about whom, when."""
    patient, writer = plan.patient, plan.writer
    born = "née" if patient.sex.value == "F" else "né"
    head = (
        f"{writer.structure} - {writer.address}, {writer.city}",
        f"{'Dr ' if writer.suffix == 'DR' else ''}{writer.given} {writer.family} - {writer.specialty_label}",
        "",
    )
    return (
        *(() if writer.is_patient else head),
        f"Patient : {patient.birth_family} {patient.first_given}, {born} le {patient.birth_date:%d/%m/%Y}",
        f"Date : {plan.service_start.astimezone(PARIS):%d/%m/%Y}",
        "",
    )


def base_64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def copy_section(plan: Plan, title: str, lines: Sequence[str]) -> str:
    """FR-Document-PDF-copie, required in CR-BIO and eP-MED."""
    content, key = pdf.write(title, [*letterhead(plan), *lines]), plan.unique_id
    return (
        f"<component><section>{templates('1.2.250.1.213.1.1.2.243')}{identifier(key, 'copie')}{coded('code', *_COPY, LOINC)}"
        '<title>Copie du document</title><text><table border="0"><tbody><tr><td><content ID="titre-copie">Copie PDF du '
        'document</content></td></tr><tr><td><renderMultiMedia referencedObject="copie-pdf"/></td></tr></tbody></table></text>'
        f'<entry><organizer classCode="CLUSTER" moodCode="EVN">{templates("1.2.250.1.213.1.1.3.18")}'
        f"{identifier(key, 'attache')}{coded('code', '55107-7', 'Document attaché', LOINC)}{status()}"
        '<component><observation classCode="OBS" moodCode="EVN">'
        f"{templates('1.3.6.1.4.1.19376.1.5.3.1.4.13', '1.2.250.1.213.1.1.3.48', '1.2.250.1.213.1.1.3.48.18')}"
        f"{identifier(key, 'type')}{coded('code', '69764-9', 'Type de document', LOINC)}{words('titre-copie')}{status()}"
        f'<effectiveTime nullFlavor="NA"/>{value(*_COPY, LOINC)}</observation></component>'
        '<component><observationMedia classCode="OBS" moodCode="EVN" ID="copie-pdf">'
        f'<value mediaType="application/pdf" representation="B64">{base_64(content)}</value></observationMedia></component>'
        "</organizer></entry></section></component>"
    )
