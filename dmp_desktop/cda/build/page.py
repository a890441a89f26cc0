"""The page to print of a document: who writes, for whom, what the kind says first, the note, the facts retained."""

from __future__ import annotations

from datetime import date

from dmp_desktop.cda.build.kinds import plan_of
from dmp_desktop.cda.build.narrative import page_sections
from dmp_desktop.cda.build.people import patient_lines
from dmp_desktop.cda.build.plan import Draft
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.domain.people import Professional
from dmp_desktop.terminology import specialty

# The process's own locale is not ours to choose.
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

# JDV_J142: how the encounter is named to a reader.
_ENCOUNTERS = {"AMB": "Consultation", "HH": "Visite à domicile", "VR": "À distance"}

# Papers the patient shows to others, whom it does not concern who treats him.
_HANDED_OVER = frozenset({DocumentKind.CERTIFICATE, DocumentKind.PRESCRIPTION})


def page_pdf(draft: Draft, title: str) -> tuple[bytes, tuple[str, ...]]:
    """The file and the warnings on characters it could not draw."""
    # fpdf2 and fontTools take 100 ms to import: not before the first document is made.
    from dmp_desktop.cda.build.datamatrix import ins_matrix
    from dmp_desktop.cda.build.pdf import Page, make_pdf

    request, plan = draft.request, plan_of(draft.request.kind)
    patient, author = request.context.patient, request.context.professional
    return make_pdf(
        Page(
            title=title,
            letterhead=tuple(_letterhead(request)),
            date=f"Le {in_words(request.local(request.now).date())}",
            patient=tuple(patient_lines(patient, request.printed)),
            facts=(*plan.page_lines(request), *_circumstances(request)),
            body=draft.note,
            sections=page_sections(draft.coded, plan.topics),
            signature=author.display_name,
            footer=request.footer,
            reminder=f"{patient.birth_family} {patient.first_given}, {patient.birth_date:%d/%m/%Y}",
            identifier=request.unique_id,
            created=request.now,
            matrix=ins_matrix(patient),
        )
    )


def in_words(day: date) -> str:
    """`20 novembre 2026`, `1er mai 2026`."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def _letterhead(request: BuildRequest) -> list[str]:
    author, facility = request.context.professional, request.context.facility
    lines = [author.display_name, _qualification(author), facility.name]
    if author.phone:
        lines.append(f"Tél. {author.phone.removeprefix('tel:')}")
    return [*lines, f"RPPS {author.rpps}"] if author.rpps else lines


def _qualification(author: Professional) -> str:
    """JDV_J01 says `Médecin - Qualifié en Médecine Générale (SM)`: the source of a qualification is no reader's matter."""
    known = specialty(author.specialty)
    return known.display.removeprefix("Médecin - ").removesuffix(" (SM)") if known else ""


def _circumstances(request: BuildRequest) -> list[str]:
    context = request.context
    start = request.local(context.encounter.start)
    lines = [f"{_ENCOUNTERS.get(context.encounter.kind, 'Prise en charge')} : {start:%d/%m/%Y à %H:%M}"]
    between_doctors = request.kind not in _HANDED_OVER
    if context.attending and between_doctors:
        lines.append(f"Médecin traitant : {context.attending.display_name}")
    if context.recipients and between_doctors:
        lines.append("Copie à : " + ", ".join(person.display_name for person in context.recipients))
    if request.replaces:
        lines.append(f"Version : {request.version}, remplace la précédente")
    return lines
