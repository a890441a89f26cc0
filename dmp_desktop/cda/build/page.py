"""The page to print of a document: who, for whom, the note, the facts retained, the INS datamatrix."""

from __future__ import annotations

from dmp_desktop.cda.build.header import patient_lines
from dmp_desktop.cda.build.kinds import plan_of
from dmp_desktop.cda.build.narrative import page_text
from dmp_desktop.cda.build.plan import Draft
from dmp_desktop.cda.build.request import BuildRequest


def page_pdf(draft: Draft, title: str) -> tuple[bytes, tuple[str, ...]]:
    """The page to print: who, for whom, the note, the INS datamatrix."""
    # fpdf2 and fontTools take 100 ms to import: not before the first document is made.
    from dmp_desktop.cda.build.datamatrix import ins_matrix
    from dmp_desktop.cda.build.pdf import Page, make_pdf

    request = draft.request
    return make_pdf(
        Page(
            title=title,
            author_lines=(*_author_lines(request), *plan_of(request.kind).page_lines(request)),
            patient_lines=tuple(patient_lines(request.context.patient)),
            body=_body(draft),
            footer=request.footer,
            identifier=request.unique_id,
            created=request.now,
            matrix=ins_matrix(request.context.patient),
        )
    )


def _body(draft: Draft) -> str:
    """The note, then the facts the structured form codes."""
    facts = page_text(draft.coded, plan_of(draft.request.kind).topics)
    return "\n\n".join(part for part in (draft.note, facts) if part)


def _author_lines(request: BuildRequest) -> list[str]:
    context = request.context
    author, start = context.professional, request.local(context.encounter.start)
    contact = f", tél. {author.phone.removeprefix('tel:')}" if author.phone else ""
    lines = [
        f"{author.display_name} (RPPS {author.rpps}){contact}",
        context.facility.name,
        f"Consultation du {start:%d/%m/%Y à %H:%M}, rédigée le {request.now.astimezone(start.tzinfo):%d/%m/%Y à %H:%M}",
    ]
    if context.attending:
        lines.append(f"Médecin traitant : {context.attending.display_name}")
    if context.recipients:
        lines.append("Destinataires : " + ", ".join(person.display_name for person in context.recipients))
    return lines
