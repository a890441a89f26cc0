"""A request for every kind of document: minimal, full, replacement; and the ways to spoil what a kind needs."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, Parent, plan_of
from dmp_desktop.cda.build.plan import DocumentPlan
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection, ItemKind
from dmp_desktop.domain.documents import Attachment, Code, DocumentFormat, DocumentKind
from dmp_desktop.domain.ins import nir_key
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.domain.people import Context
from dmp_desktop.exchange import context_from_dict
from dmp_desktop.terminology.oids import ATC, CCAM, CIS, ICD10, LOINC
from tests.helpers.documents import FOOTER, FULL, MINIMAL, NOTE, NOW, OTHER_ID, UNIQUE_ID
from tests.helpers.files import PDF, jpeg, tiff

SHORT_NOTE = "Contrôle ce jour."
FILES = {
    "pdf": Attachment("application/pdf", PDF, "CR <externe> & autre.pdf"),
    "jpeg": Attachment("image/jpeg", jpeg(), "photo.jpg"),
    "tiff": Attachment("image/tiff", tiff(), "page.tif"),
    "rtf": Attachment("text/rtf", rb"{\rtf1 courrier}", "courrier.rtf"),
    "text": Attachment("text/plain", "Courrier <reçu> & lu".encode(), "courrier.txt"),
}

_VACCINE = {"label": "REVAXIS", "atc": "J07CA01", "lot": "A123<4>", "date": "2026-11-20"}
_TEST = {"test": {"code": "78012-2", "label": "Angine"}, "result": "négatif"}
_DEVICE = {
    "udi": "(01)03453120000011",
    "maker": "Labo & <Fils>",
    "reference": "R1",
    "lot": "L2",
    "expiry": "2027-01-31",
}
_COLLEAGUE = {
    "rpps": "10100000001",
    "family": "LEROY",
    "given": "Alix",
    "prefix": "MME",
    "suffix": "DR",
    "specialty": "G15_10/SM04",
    "phone": "tel:0102030406",
}
EXTRA: dict[DocumentKind, tuple[dict[str, Any], dict[str, Any]]] = {
    DocumentKind.CONSULTATION: ({}, {}),
    DocumentKind.VSM: ({}, {}),
    DocumentKind.IPS: ({}, {}),
    DocumentKind.VACCINATION: (
        {"vaccines": [_VACCINE]},
        {
            "vaccines": [
                _VACCINE | {"site": "deltoïde gauche", "rank": 2, "cis": "68747507", "route": "IM"},
                _VACCINE | {"label": "Vaccin <grippe> & co", "atc": "J07BB02", "date": "2026-11-19"},
            ]
        },
    ),
    DocumentKind.ADMISSION_LETTER: (
        {"reason": "Dyspnée", "destination": "CHU"},
        {"reason": 'Dyspnée & douleur <thoracique> "brutale"', "destination": "CHU de Troyes, cardiologie"},
    ),
    DocumentKind.CHILD_MEASURES: ({"weight_kg": 12.4}, {"weight_kg": 12.4, "height_cm": 86, "head_cm": 48.5}),
    DocumentKind.RAPID_TEST: (_TEST, _TEST | {"device": _DEVICE}),
    DocumentKind.LETTER: ({"recipient": "Pr Durand & <collègues>, cardiologie"}, {"recipient": _COLLEAGUE}),
    DocumentKind.CERTIFICATE: ({"purpose": "Sport"}, {"purpose": "Aptitude au sport & <compétition>"}),
    DocumentKind.PRESCRIPTION: ({"type": "57833-6"}, {"type": "PRESC-BIO"}),
    DocumentKind.SCAN: ({"type": "11490-0"}, {"type": "11502-2"}),
}
"""What a kind needs besides the note (design/cli.md): the least, then all of it."""

_DAY = date(2024, 3, 2)
ITEMS = (
    ClinicalItem(
        ItemKind.PROBLEM, "Hypertension <artérielle> & traitée", code=Code("I10", ICD10, "Hypertension"), start=_DAY
    ),
    ClinicalItem(ItemKind.PROBLEM, "Fatigue ancienne"),
    ClinicalItem(ItemKind.PROBLEM, "Asthme", ProposalStatus.HISTORY, Code("J45.9", ICD10, "Asthme"), _DAY, _DAY),
    ClinicalItem(ItemKind.PROBLEM, "Infarctus du père", ProposalStatus.FAMILY, Code("I21.9", ICD10, "Infarctus")),
    ClinicalItem(ItemKind.ALLERGY, "Pénicilline", comment="urticaire"),
    ClinicalItem(
        ItemKind.TREATMENT,
        "Ramipril 5 mg",
        code=Code("C09AA05", ATC, "ramipril"),
        start=_DAY,
        dosage=Dosage("5 mg", "1-0-0", 90, text="1 le matin"),
    ),
    ClinicalItem(
        ItemKind.VACCINATION,
        "REVAXIS",
        ProposalStatus.DONE,
        Code("J07CA01", ATC, "REVAXIS"),
        _DAY,
        injection=Injection("A123", "deltoïde gauche", 2, Code("68747507", CIS, "REVAXIS")),
    ),
    ClinicalItem(
        ItemKind.PROCEDURE, "Appendicectomie", ProposalStatus.DONE, Code("HHFA001", CCAM, "Appendicectomie"), _DAY
    ),
    ClinicalItem(ItemKind.VITAL, "Poids", code=Code("29463-7", LOINC, "Poids"), start=_DAY, value=82.5, unit="kg"),
    ClinicalItem(ItemKind.RESULT, "HbA1c", code=Code("4548-4", LOINC, "HbA1c"), start=_DAY, value=7.8, unit="%"),
    ClinicalItem(ItemKind.LIFESTYLE, "Tabac sevré en 2010"),
    ClinicalItem(ItemKind.DEVICE, "Stimulateur cardiaque", start=_DAY),
)


def plans() -> tuple[DocumentPlan, ...]:
    return tuple(plan_of(kind) for kind in DocumentKind)


def context_data(kind: DocumentKind, *, full: bool) -> dict[str, Any]:
    """A context file for this kind; measures of a child are those of a child."""
    data = copy.deepcopy(FULL if full else MINIMAL)
    data["extra"] = copy.deepcopy(EXTRA[kind][full])
    if kind is DocumentKind.CHILD_MEASURES:
        matricule = "2240351215189"
        data["patient"] |= {"ins": matricule + nir_key(matricule), "birth_date": "2024-03-12"}
    return data


def context_of(kind: DocumentKind, *, full: bool) -> Context:
    return context_from_dict(context_data(kind, full=full))


def request_of(
    plan: DocumentPlan, format: DocumentFormat, variant: str, *, accept: bool = True, note: str = NOTE
) -> BuildRequest:
    """`variant`: minimal (no optional field, a short note), full (every field and fact), replacement (full, of another)."""
    full = variant != "minimal"
    note = note if full else SHORT_NOTE
    context = context_of(plan.kind, full=full)
    age = context.patient.age(NOW.date())
    return BuildRequest(
        context=context,
        note=note,
        unique_id=UNIQUE_ID,
        now=NOW + timedelta(minutes=1),
        proposals=tuple(item.ticked(accept) for item in notes.propose(note, age=age)),
        format=format,
        replaces=Parent(OTHER_ID, OTHER_ID, 3) if variant == "replacement" else None,
        footer=FOOTER,
        kind=plan.kind,
        items=ITEMS if full and plan.sections is not None else (),
    )


def with_file(request: BuildRequest, file: Attachment) -> BuildRequest:
    """N1 holds one file, so neither note nor facts."""
    if request.format is DocumentFormat.PDF:
        return replace(request, note="", proposals=(), items=(), attachment=file)
    return replace(request, attachment=file)
