"""A slow and obvious structured body of a consultation, element by element, to hold the compiled templates against.

Written from the reference tables (cda.md, "Sections" and "Entries"), with no help of `cda.build`. It does not decide which of two
facts wins: the requests it is compared on say each thing once. `id` elements are left without a root: they are compared apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from lxml import etree

from dmp_desktop.cda.build import BuildRequest
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.terminology import unit_label, vital_sign_by_code, vital_signs
from tests.helpers.documents import NOW
from tests.unit.cda.reference_coded import (
    ANS,
    HL7,
    PCC,
    XSI_TYPE,
    Said,
    allergies,
    decimal,
    devices,
    drug,
    family,
    habits,
    loinc,
    problems,
    procedures,
    results,
    vitals,
)
from tests.unit.cda.reference_header import Element, add, stamp
from tests.unit.cda.reference_products import treatments, vaccinations

# topic: (code, label, title, templateIds, heads of the table), in the order of the document.
SECTIONS = {
    "vital": ("8716-3", "Signes vitaux", "Signes vitaux", (f"{HL7}16", f"{PCC}3.25", f"{PCC}1.5.3.2", f"{ANS}2.75"), ("Mesure", "Valeur")),
    "problem": ("11450-4", "Liste des problèmes actifs", "Problèmes actifs", (f"{HL7}11", f"{PCC}3.6", f"{ANS}2.132"), ("Problème", "Précision")),
    "history": ("11348-0", "Antécédents médicaux", "Antécédents médicaux", (f"{PCC}3.8", f"{ANS}2.134"), ("Antécédent", "Précision")),
    "family": ("10157-6", "Historique des pathologies familiales", "Antécédents familiaux",
               (f"{HL7}4", f"{PCC}3.14", f"{PCC}3.15", f"{ANS}2.139"), ("Antécédent", "Précision")),
    "allergy": ("48765-2", "Allergies et hypersensibilités", "Allergies et hypersensibilités",
                (f"{HL7}2", f"{PCC}3.13", f"{ANS}2.137"), ("Allergie", "Réaction")),
    "treatment": ("10160-0", "Traitements", "Traitements", (f"{HL7}8", f"{PCC}3.19", f"{ANS}2.143"), ("Médicament", "Posologie")),
    "procedure": ("47519-4", "Historique des actes", "Actes et interventions",
                  (f"{HL7}12", f"{PCC}3.11", f"{PCC}3.12", f"{ANS}2.136"), ("Acte", "Précision")),
    "vaccination": (
        "11369-6",
        "Historique des vaccinations",
        "Vaccinations",
        (f"{HL7}6", f"{PCC}3.23", f"{ANS}2.147"),
        ("", ""),
    ),
    "result": ("30954-2", "Résultats d'examens", "Résultats d'examens", (f"{ANS}2.244",), ("Examen", "Résultat")),
    "lifestyle": ("29762-2", "Habitus, Mode de vie", "Mode de vie", (f"{HL7}15", f"{PCC}3.16", f"{PCC}3.16.1", f"{ANS}2.141"), ("Type", "Observation")),
    "device": ("46264-8", "Dispositifs médicaux", "Dispositifs médicaux",
               ("2.16.840.1.11383.10.20.1.7", f"{PCC}1.5.3.5", f"{ANS}2.1"), ("Dispositif", "Précision")),
}  # fmt: skip
TOPICS = {
    ItemKind.PROBLEM: "problem",
    ItemKind.ALLERGY: "allergy",
    ItemKind.TREATMENT: "treatment",
    ItemKind.PROCEDURE: "procedure",
    ItemKind.VACCINATION: "vaccination",
    ItemKind.VITAL: "vital",
    ItemKind.RESULT: "result",
    ItemKind.LIFESTYLE: "lifestyle",
    ItemKind.DEVICE: "device",
}


def body(request: BuildRequest) -> Element:
    """The last `component` of the document."""
    holder = add_component()
    structured = add(holder, "structuredBody")
    note(structured, request)
    facts = list(said(request))
    for topic in SECTIONS:
        mine = [fact for fact in facts if fact.topic == topic]
        for rank, fact in enumerate(mine, start=1):
            fact.row = f"{topic}-{rank}"
            fact.words = fact.words or f"{fact.row}-name"
        if mine:
            section(structured, topic, mine)
    return holder


def add_component() -> Element:
    root = etree.Element(
        "{urn:hl7-org:v3}ClinicalDocument", nsmap={None: "urn:hl7-org:v3", "xsi": XSI_TYPE[1:].split("}")[0]}
    )
    return add(root, "component")


# What the request says.


def accepted(request: BuildRequest) -> list[Proposal]:
    return sorted((item for item in request.proposals if item.accepted), key=lambda item: item.start)


def said(request: BuildRequest) -> Iterator[Said]:
    start = request.context.encounter.start
    for rank, proposal in enumerate(accepted(request), start=1):
        for item in from_proposal(proposal, start.date()):
            yield Said(item, topic_of(item), stamp(start) if item.start else "", f"note-{rank}")
    for item in request.items:
        yield Said(item, topic_of(item), item.start.strftime("%Y%m%d") if item.start else "")


def topic_of(item: ClinicalItem) -> str:
    if item.kind is ItemKind.PROBLEM and item.status is ProposalStatus.HISTORY:
        return "history"
    if item.kind is ItemKind.PROBLEM and item.status is ProposalStatus.FAMILY:
        return "family"
    return TOPICS[item.kind]


def from_proposal(proposal: Proposal, day: date) -> list[ClinicalItem]:
    if proposal.kind is ProposalKind.VITAL and isinstance(proposal.value, dict):
        return [
            ClinicalItem(
                ItemKind.VITAL,
                sign.code.display,
                code=sign.code,
                start=day,
                value=float(proposal.value[key]),
                unit="mm[Hg]",
            )
            for key, sign in vital_signs().items()
            if key in ("systolic", "diastolic")
        ]
    if proposal.kind is ProposalKind.VITAL:
        sign = vital_sign_by_code()[proposal.code or ""]
        return [
            ClinicalItem(
                ItemKind.VITAL,
                sign.code.display,
                code=sign.code,
                start=day,
                value=float(proposal.value),
                unit=sign.unit,
            )
        ]
    kind = ItemKind(proposal.kind.value)
    code = Code(proposal.code, proposal.system or "", proposal.label) if proposal.code else None
    item = ClinicalItem(kind, proposal.label, proposal.status, code)
    if kind is ItemKind.RESULT:
        return [replace(item, value=float(proposal.value), unit=proposal.unit or "")]
    if kind is ItemKind.ALLERGY:
        return [replace(item, comment=(proposal.value or {}).get("reaction", ""))]
    if kind is ItemKind.TREATMENT:
        how = proposal.value
        dosage = Dosage(how["strength"], how["schedule"], how["duration_days"], text=proposal.text)
        return [replace(item, dosage=dosage, code=replace(code, display="") if code else None)]
    return [item]


# What people read.


def note(parent: Element, request: BuildRequest) -> None:
    templates = ("2.16.840.1.113883.10.12.201", "1.3.6.1.4.1.19376.1.4.1.2.16", f"{ANS}2.73")
    node = new_section(parent, "55112-7", "Commentaire", "Compte rendu de la consultation", templates)
    content = add(add(node, "text"), "content", ID="note")
    last = 0
    for rank, proposal in enumerate(accepted(request), start=1):
        append(content, request.note[last : proposal.start])
        append(add(content, "content", ID=f"note-{rank}"), request.note[proposal.start : proposal.end])
        last = proposal.end
    append(content, request.note[last:])


def append(parent: Element, text: str) -> None:
    """Text at the end of an element, line ends as `br`."""
    for rank, line in enumerate(text.split("\n")):
        if rank:
            add(parent, "br")
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + line
        else:
            parent.text = (parent.text or "") + line


def new_section(parent: Element, code: str, label: str, title: str, templates: tuple[str, ...]) -> Element:
    node = add(add(parent, "component"), "section")
    for template in templates:
        add(node, "templateId", root=template)
    add(node, "id")
    loinc(node, code, label)
    add(node, "title", title)
    return node


def section(parent: Element, topic: str, facts: list[Said]) -> None:
    code, label, title, templates, heads = SECTIONS[topic]
    node = new_section(parent, code, label, title, templates)
    if topic == "vaccination":
        injections(add(node, "text"), facts)
    else:
        table(add(node, "text"), topic, facts, heads)
    ENTRIES[topic](node, facts)


def table(parent: Element, topic: str, facts: list[Said], heads: tuple[str, str]) -> None:
    lines = [(how(fact), when(fact), fact.item.source) for fact in facts]
    last = "Période" if topic == "treatment" else "Date"
    columns = [rank for rank in range(3) if any(line[rank] for line in lines)]
    node = add(parent, "table")
    row = add(add(node, "thead"), "tr")
    for head in (heads[0], *((heads[1], last, "Source")[rank] for rank in columns)):
        add(row, "th", head)
    rows = add(node, "tbody")
    for fact, line in zip(facts, lines, strict=True):
        row = add(rows, "tr", ID=fact.row)
        cell = add(row, "td", before(fact) or None)
        name = add(cell, "content", drug(fact.item) if topic == "treatment" else fact.item.label, ID=f"{fact.row}-name")
        if topic in ("problem", "history", "family") and fact.item.code:
            name.tail = f" ({fact.item.code.code})"
        for rank in columns:
            add(row, "td", line[rank] or None, **({"ID": f"{fact.row}-how"} if rank == 0 else {}))


def injections(parent: Element, facts: list[Said]) -> None:
    node = add(parent, "table")
    row = add(add(node, "thead"), "tr")
    for head in ("Vaccin", "Date", "Lot", "Rang", "Voie", "Site"):
        add(row, "th", head)
    rows = add(node, "tbody")
    for fact in facts:
        given, unknown = fact.item.injection or Injection(), "non renseigné"
        refused = " (refusé)" if fact.item.status is ProposalStatus.REFUSED else ""
        row = add(rows, "tr", ID=fact.row)
        add(add(row, "td"), "content", fact.item.label + refused, ID=f"{fact.row}-name")
        route = given.route.display if given.route else unknown
        for cell in (when(fact) or unknown, given.lot or unknown, str(given.rank or unknown), route):
            add(row, "td", cell)
        add(add(row, "td"), "content", given.site or unknown, ID=f"{fact.row}-site")


def before(fact: Said) -> str:
    item = fact.item
    length = timedelta(days=item.dosage.duration_days) if item.dosage and item.dosage.duration_days else None
    end = item.end or (item.start + length if item.start and length else None)
    if fact.topic == "treatment" and end is not None and end < NOW.date():
        return "Terminé : "
    return {ProposalStatus.SUSPECTED: "Suspicion de : ", ProposalStatus.ABSENT: "Absence de : "}.get(
        fact.item.status, ""
    )


def dashed(*parts: str) -> str:
    return " — ".join(part for part in parts if part)


def how(fact: Said) -> str:
    item = fact.item
    if item.dosage:
        return dashed(taken(item) if item.dosage.text else item.dosage.schedule, item.comment)
    if isinstance(item.value, float | int):
        unit = "" if item.unit == "1" else unit_label(item.unit)
        return dashed(f"{decimal(item.value).replace('.', ',')} {unit}".strip(), item.comment)
    return dashed(item.value or "", item.comment) if fact.topic in ("result", "lifestyle", "vital") else item.comment


def taken(item: ClinicalItem) -> str:
    """The doctor's words after drug and strength, when they begin with these."""
    text = item.dosage.text if item.dosage else ""
    name = f"{item.label} {item.dosage.strength}".strip() if item.dosage else ""
    return text.removeprefix(name).lstrip()


def when(fact: Said) -> str:
    item = fact.item
    start = item.start.strftime("%d/%m/%Y") if item.start else ""
    end = item.end.strftime("%d/%m/%Y") if item.end else ""
    period = f"du {start} au {end}" if start and end and start != end else start or (f"jusqu'au {end}" if end else "")
    length = f"{item.dosage.duration_days} jours" if item.dosage and item.dosage.duration_days else ""
    return ", ".join(part for part in (period, length) if part)


ENTRIES = {
    "vital": vitals,
    "problem": problems,
    "history": problems,
    "family": family,
    "allergy": allergies,
    "treatment": treatments,
    "procedure": procedures,
    "vaccination": vaccinations,
    "result": results,
    "lifestyle": habits,
    "device": devices,
}
