"""The bodies of the invented documents: narrative letter, PDF, and the structured ones of the other modules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from dmp_desktop.sandbox.records import (
    biology,
    childhood,
    dispensation,
    imaging,
    pdf,
    prescription,
    refunds,
    shots,
    stays,
    summary,
)
from dmp_desktop.sandbox.records.attached import base_64, letterhead
from dmp_desktop.sandbox.records.header import code, write
from dmp_desktop.sandbox.records.kinds import LOINC, Body
from dmp_desktop.sandbox.records.markup import uuid
from dmp_desktop.sandbox.records.plan import Plan, Section

SECTIONS = {
    "42349-1": ("Raison de la recommandation", ("1.3.6.1.4.1.19376.1.5.3.1.3.1", "1.2.250.1.213.1.1.2.127")),
    "30954-2": ("Résultats d'examens", ("1.3.6.1.4.1.19376.1.5.3.1.3.27", "1.2.250.1.213.1.1.2.150")),
    "55112-7": (
        "Commentaire",
        ("2.16.840.1.113883.10.12.201", "1.3.6.1.4.1.19376.1.4.1.2.16", "1.2.250.1.213.1.1.2.73"),
    ),
}
"""Section codes that a letter may use: label and templates (reference cda.md §3, "Sections")."""


def write_document(plan: Plan) -> bytes:
    """The bytes of a document."""
    return _WRITERS[plan.kind.body](plan)


def _paragraphs(sections: Sequence[Section]) -> list[str]:
    return [line for section in sections for line in (section.heading.upper(), *section.paragraphs, "")]


def _pdf(plan: Plan) -> bytes:
    """CDA N1: exactly three templates."""
    lines = biology.paper(plan) if plan.results else _paragraphs(plan.sections)
    content = pdf.write(plan.title, [*letterhead(plan), *lines], plan.padding)
    body = f'<nonXMLBody><text mediaType="application/pdf" representation="B64">{base_64(content)}</text></nonXMLBody>'
    return write(plan, ("1.3.6.1.4.1.19376.1.2.20",), body)


def _letter(plan: Plan) -> bytes:
    sections = "".join(_narrative(section, f"s{rank}") for rank, section in enumerate(plan.sections))
    templates = ("1.3.6.1.4.1.19376.1.5.3.1.1.1",)
    return write(plan, templates, f"<structuredBody>{sections}</structuredBody>")


def _narrative(section: Section, anchor: str) -> str:
    label, templates = SECTIONS[section.code]
    text = "".join(f"<paragraph>{escape(paragraph)}</paragraph>" for paragraph in section.paragraphs)
    ids = "".join(f'<templateId root="{template}"/>' for template in templates)
    return (
        f'<component><section>{ids}<id root="{uuid(anchor, section.heading)}"/>'
        f"{code('code', section.code, LOINC, 'LOINC', label)}<title>{escape(section.heading)}</title><text>{text}</text>"
        "</section></component>"
    )


_WRITERS: dict[Body, Callable[[Plan], bytes]] = {
    Body.BIOLOGY: biology.document,
    Body.LETTER: _letter,
    Body.PDF: _pdf,
    Body.SUMMARY: summary.document,
    Body.ORDER: prescription.document,
    Body.DELIVERY: dispensation.document,
    Body.REFUNDS: refunds.document,
    Body.SHOT: shots.document,
    Body.SHOTS: shots.document,
    Body.STAY: stays.document,
    Body.STUDY: imaging.document,
    Body.GROWTH: childhood.measures,
    Body.CHECKUP_9: childhood.ninth_month,
    Body.CHECKUP_24: childhood.second_year,
}
