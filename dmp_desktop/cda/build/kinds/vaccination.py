"""Vaccination note, 87273-9: volet VAC-NOTE 2023.01. The DMP gathers such notes into the vaccination history.

Required by the volet (its schematron): the day, the lot, the ATC class, the product (CIS, unknown when it is), the author. Site,
route and rank may be unknown. The volet has one vaccine a section; its text wants one a note, so more of them raise a warning.
"""

from __future__ import annotations

from typing import Any

from dmp_desktop.cda.build import sections
from dmp_desktop.cda.build.coded import timestamp
from dmp_desktop.cda.build.header import Frame, frame_of_type
from dmp_desktop.cda.build.plan import DocumentPlan, Draft
from dmp_desktop.cda.build.proposed import items_of
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.template import Markup
from dmp_desktop.cda.build.text import share_a_word
from dmp_desktop.cda.build.vaccinations import UNKNOWN, vaccination_author, vaccinations_section
from dmp_desktop.domain.clinical import ClinicalItem, Injection, ItemKind
from dmp_desktop.domain.documents import Code, DocumentKind
from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.domain.notes import ProposalKind, ProposalStatus
from dmp_desktop.terminology.oids import ATC, CIS
from dmp_desktop.terminology.vaccination import injection_route, injection_site, vaccine_class
from dmp_desktop.terminology.vocabulary import vaccine
from dmp_desktop.terminology.wording import plain

_TYPE = "87273-9"  # JDV_J07: note de vaccination
_IMMUNIZATION_CONTENT = "1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2"  # IHE PCC
_VOLET = "1.2.250.1.213.1.1.1.46 2023.01"
_PATH = "extra.vaccines"
_MAX_RANK = 20
_LEFT = "« %s » reste dans le texte sans être codé : code, lot ou jour de l'injection manquent."
_TWICE = "« %s » : la note et le formulaire ne disent pas le même lot ou la même date, les deux injections sont codées."
_DOUBT = "« %s » ne ressemble pas au vaccin de son code ATC : vérifiez le code."
_ONE_A_NOTE = "Le volet prévoit un vaccin par note de vaccination : préférez une note par vaccin."


def _frame(request: BuildRequest) -> Frame:
    del request
    return frame_of_type(_TYPE, _IMMUNIZATION_CONTENT, _VOLET)


def vaccines_of(request: BuildRequest) -> tuple[ClinicalItem, ...]:
    """The vaccinations of this note, each once: those of the form, then what was reviewed or ticked and is complete.

    Raises ContextError with the path of the field that is missing or wrong (`extra.vaccines[0].lot`).
    """
    return _retained(request)[0]


def _retained(request: BuildRequest) -> tuple[tuple[ClinicalItem, ...], tuple[str, ...]]:
    """The vaccinations; a warning for each that lacks what the volet wants: it stays in the text; and for each said otherwise."""
    listed = request.context.extra.get("vaccines")
    if listed is not None and not isinstance(listed, list):
        refuse(_PATH, "une liste de vaccins est attendue")
    found = [_from_form(vaccine, f"{_PATH}[{rank}]") for rank, vaccine in enumerate(listed or ())]
    for rank, item in enumerate(found):
        _refuse_incomplete(item, request, f"{_PATH}[{rank}]")
    typed = tuple(found)
    partial: list[ClinicalItem] = []
    for item in (*_reviewed(request), *_ticked(request)):
        complete = _lacking(item, request) is None
        if not any(_same(item, other) for other in found):
            (found if complete else partial).append(item)
    partial = [item for item in partial if not any(_same(item, other) for other in found)]
    if not found and not partial:
        refuse(_PATH, "au moins un vaccin est attendu, avec libellé, code ATC, lot et date")
    if not found:
        _refuse_incomplete(partial[0], request, f"{_PATH}[0]")
    twice = [item for item in found[len(typed) :] if any(_is_one_vaccine(item, other) for other in typed)]
    return tuple(found), (*(_LEFT % item.label for item in partial), *(_TWICE % item.label for item in twice))


def _from_form(untrusted: Any, path: str) -> ClinicalItem:
    fields = Fields(untrusted, path)
    label = fields.text("label", "nom du vaccin")
    atc = fields.code("atc", vaccine_class, "code ATC d'un vaccin (J07…)")
    cis = fields.optional("cis", "code CIS de 8 chiffres", r"\d{8}")
    route = fields.optional("route", "voie")
    site = fields.optional("site", "site d'injection") or ""
    known = injection_site(site)
    item = ClinicalItem(
        ItemKind.VACCINATION,
        label,
        ProposalStatus.DONE,
        Code(atc, ATC, label),
        fields.day("date"),
        injection=Injection(
            lot=fields.text("lot", "numéro de lot"),
            site=known.display if known else site,
            rank=_rank(fields),
            product=Code(cis, CIS, label) if cis else None,
            route=injection_route(fields.code("route", injection_route, "voie IM, SC, ID, orale ou inhalée"))
            if route
            else None,
        ),
    )
    fields.close()
    return item


def _rank(fields: Fields) -> int | None:
    rank = fields.raw("rank")
    if rank is not None and (type(rank) is not int or not 1 <= rank <= _MAX_RANK):
        refuse(fields.at("rank"), f"rang de l'injection, nombre entier de 1 à {_MAX_RANK}, attendu")
    return rank


def _reviewed(request: BuildRequest) -> list[ClinicalItem]:
    """Facts ticked in a form. Those that come from a document are in the history already."""
    done = (ProposalStatus.DONE, ProposalStatus.PRESENT)
    return [
        item for item in request.items if item.kind is ItemKind.VACCINATION and item.status in done and not item.source
    ]


def _ticked(request: BuildRequest) -> list[ClinicalItem]:
    """Vaccinations ticked in the note."""
    day = request.local(request.context.encounter.start).date()
    done = (
        proposal
        for proposal in request.proposals
        if proposal.accepted and proposal.kind is ProposalKind.VACCINATION and proposal.status is ProposalStatus.DONE
    )
    return [item for proposal in done for item in items_of(proposal, day)]


def _same(item: ClinicalItem, other: ClinicalItem) -> bool:
    """Whether both are one injection: one vaccine, and neither lot nor day to tell them apart."""
    if not _is_one_vaccine(item, other):
        return False
    lots, days = {_lot(item), _lot(other)}, {_day(item), _day(other)}
    return len(lots - {""}) < 2 and (len(days - {""}) < 2 or max(days).startswith(min(days)))


def _is_one_vaccine(item: ClinicalItem, other: ClinicalItem) -> bool:
    """One ATC code within the other (the note may only say `grippe`), or one label."""
    one, two = _code_of(item), _code_of(other)
    one_class = bool(one and two) and (one.startswith(two) or two.startswith(one))
    return one_class or item.label.casefold() == other.label.casefold()


def _code_of(item: ClinicalItem) -> str:
    return item.code.code if item.code else ""


def _lot(item: ClinicalItem) -> str:
    return item.injection.lot.casefold() if item.injection else ""


def _day(item: ClinicalItem) -> str:
    return timestamp(item.start, item.when)


def _lacking(item: ClinicalItem, request: BuildRequest) -> tuple[str, str] | None:
    """What the volet does not let out unknown and this one lacks: the field and what is expected."""
    if vaccine_class(_code_of(item)) is None:
        return "atc", "code ATC d'un vaccin (J07…) attendu"
    if not _lot(item):
        return "lot", "numéro de lot attendu"
    if item.start is None:
        return "date", "date AAAA-MM-JJ attendue"
    today = request.local(request.now).date()
    if not request.context.patient.birth_date <= item.start <= today:
        return "date", "date entre la naissance et aujourd'hui attendue"
    return None


def _refuse_incomplete(item: ClinicalItem, request: BuildRequest, path: str) -> None:
    lacking = _lacking(item, request)
    if lacking is not None:
        refuse(f"{path}.{lacking[0]}", lacking[1])


def _sections(draft: Draft) -> list[Markup]:
    request, new_id = draft.request, draft.new_id
    vaccines, warnings = _retained(request)
    author = vaccination_author(request)
    draft.warnings += [*warnings, *(_DOUBT % item.label for item in vaccines if not _is_that(item))]
    if len(vaccines) > 1:
        draft.warnings.append(_ONE_A_NOTE)
    parts = [
        vaccinations_section((item,), new_id, title="Note de vaccination", author=author, first=rank)
        for rank, item in enumerate(vaccines, start=1)
    ]
    if draft.note.strip():
        parts.append(sections.note_section(draft.note, draft.coded, draft.note_warning, new_id))
    return parts


def _page_lines(request: BuildRequest) -> tuple[str, ...]:
    return tuple(_line(item) for item in vaccines_of(request))


def _is_that(item: ClinicalItem) -> bool:
    """Does the name of the vaccine go with its ATC code: as a brand or a disease we know, else by the code's own label?"""
    code, label = _code_of(item), plain(item.label)
    official = vaccine_class(code)
    for name in (label, *label.split()):
        known = vaccine(name)
        if known is not None and (known.atc.code.startswith(code) or code.startswith(known.atc.code)):
            return True
    return official is None or share_a_word(label, official.display)


def _line(item: ClinicalItem) -> str:
    given = item.injection or Injection()
    day = f"{item.start:%d/%m/%Y}" if item.start else UNKNOWN
    route, product = given.route, given.product
    parts = (
        f"Vaccin : {item.label}",
        f"le {day}",
        f"lot {given.lot}",
        f"voie {(route.display or route.code) if route else UNKNOWN}",
        f"site {given.site or UNKNOWN}",
        f"rang {given.rank or UNKNOWN}",
        f"code CIS {product.code}" if product and product.system == CIS else "",
    )
    return ", ".join(filter(None, parts))


VACCINATION = DocumentPlan(
    DocumentKind.VACCINATION,
    _frame,
    _sections,
    require=vaccines_of,
    extra=("vaccines",),
    page_lines=_page_lines,
    note_optional=True,
)
