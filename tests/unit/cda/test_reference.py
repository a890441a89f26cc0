"""The compiled templates against a builder anyone can read: the same canonical XML, whatever the doctor ticked."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop.cda.build import BuildRequest, Parent
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.terminology import vital_signs
from dmp_desktop.terminology.oids import ATC, CCAM, CIS, ICD10, LOINC
from dmp_desktop.terminology.vaccination import injection_route
from tests.helpers.documents import NOW, OTHER_ID, UNIQUE_ID, full_context, minimal_context
from tests.unit.cda.reference_body import body
from tests.unit.cda.reference_header import reference_header

C = "{urn:hl7-org:v3}"
_S, _K = ProposalStatus, ProposalKind


def proposal(kind: ProposalKind, text: str, label: str, code: Code | None = None, **more: Any) -> Proposal:
    named = {"code": code.code, "system": code.system} if code else {}
    return Proposal(kind, label, 0, len(text), text, accepted=True, **named, **more)


def drug(text: str, label: str, code: Code | None, strength: str, schedule: str, days: int | None) -> Proposal:
    value = {"drug": label, "strength": strength, "schedule": schedule, "duration_days": days, "action": "start"}
    return proposal(_K.TREATMENT, text, label, code, value=value)


def vital(key: str, text: str, value: float) -> Proposal:
    sign = vital_signs()[key]
    return proposal(_K.VITAL, text, sign.code.display, sign.code, value=value, unit=sign.unit)


# No two of them speak of one thing.
PROPOSALS = (
    proposal(_K.VITAL, "TA 14/8", "Pression", value={"systolic": 140, "diastolic": 80}, unit="mm[Hg]"),
    vital("weight", "P 82,5 kg", 82.5),
    vital("heart_rate", "FC 72", 72),
    vital("temperature", "T° 36,8", 36.8),
    proposal(_K.PROBLEM, "HTA", "Hypertension <essentielle> & \"traitée\"", Code("I10", ICD10)),
    proposal(_K.PROBLEM, "fatigue", "Fatigue"),
    proposal(_K.PROBLEM, "BPCO ?", "BPCO", Code("J44.9", ICD10), status=_S.SUSPECTED),
    proposal(_K.PROBLEM, "pas de fièvre", "Fièvre", Code("R50.9", ICD10), status=_S.ABSENT),
    proposal(_K.PROBLEM, "ATCD asthme", "Asthme", Code("J45.9", ICD10), status=_S.HISTORY),
    proposal(_K.PROBLEM, "père IDM", "Infarctus", Code("I21.9", ICD10), status=_S.FAMILY),
    proposal(_K.PROBLEM, "mère DT2", "Diabète", Code("E11.9", ICD10), status=_S.FAMILY),
    proposal(_K.ALLERGY, "allergie pénicilline", "pénicilline", value={"reaction": "urticaire"}),
    proposal(_K.ALLERGY, "allergie iode ?", "iode", status=_S.SUSPECTED),
    drug("ramipril 5 mg 1/j 3 mois", "ramipril", Code("C09AA05", ATC), "5 mg", "1/j", 90),
    drug("metformine 1 g 1-0-1", "metformine", Code("A10BA02", ATC), "1 g", "1-0-1", None),
    drug("lévothyrox 1-0-0", "Lévothyrox 75", Code("63912583", CIS), "75", "1-0-0", None),
    drug("prednisolone 2-0-1", "prednisolone", None, "", "2-0-1", 5),
    drug("paracétamol si douleur", "paracétamol", None, "", "", None),
    proposal(_K.RESULT, "HbA1c 7,8 %", "HbA1c", Code("4548-4", LOINC), value=7.8, unit="%"),
    proposal(_K.RESULT, "CRP 12", "CRP", Code("1988-5", LOINC), value=12, unit="mg/L"),
)  # fmt: skip
_DAY = date(2024, 3, 2)
ITEMS = (
    ClinicalItem(ItemKind.PROBLEM, "Lombalgie", code=Code("M54.5", ICD10, "Lombalgie basse"), start=_DAY, source="CR du 02/03/2024"),
    ClinicalItem(ItemKind.PROBLEM, "Pneumopathie", _S.HISTORY, Code("J18.9", ICD10, "Pneumopathie"), _DAY, date(2024, 4, 1)),
    ClinicalItem(ItemKind.PROBLEM, 'Douleur <aiguë> & "vive"\n', code=Code("T89", "2.16.840.1.113883.6.139"), start=_DAY),
    ClinicalItem(ItemKind.PROBLEM, "Toux", _S.ABSENT, Code("R05", ICD10, "Toux"), _DAY, date(2024, 4, 1)),
    ClinicalItem(ItemKind.ALLERGY, "Latex", comment="œdème <grave>"),
    ClinicalItem(ItemKind.ALLERGY, "Amoxicilline", _S.SUSPECTED, Code("J01CA04", ATC, "Amoxicilline"), _DAY, comment="urticaire"),
    ClinicalItem(ItemKind.TREATMENT, "Amlodipine 5 mg", code=Code("C08CA01", ATC, "amlodipine"), start=_DAY,
                 dosage=Dosage("5 mg", "1-0-0", 30, text="1 le matin & le soir si besoin")),
    ClinicalItem(ItemKind.TREATMENT, "Kardégic", end=_DAY, dosage=Dosage("75 mg", "", None)),
    ClinicalItem(ItemKind.PROCEDURE, "Appendicectomie", _S.DONE, Code("HHFA001", CCAM, "Appendicectomie"), _DAY),
    ClinicalItem(ItemKind.PROCEDURE, "Arthroscopie", _S.HISTORY),
    ClinicalItem(ItemKind.VITAL, "Taille", code=vital_signs()["height"].code, start=_DAY, value=172, unit="cm", comment="toise"),
    ClinicalItem(ItemKind.RESULT, "Cholestérol", code=Code("2093-3", LOINC, "Cholestérol"), start=_DAY, value=5.21, unit="mmol/L"),
    ClinicalItem(ItemKind.RESULT, "ECBU", value="stérile <24 h>"),
    ClinicalItem(ItemKind.LIFESTYLE, "Tabac sevré en 2010"),
    ClinicalItem(ItemKind.LIFESTYLE, "Tabac", code=Code("74011-8", LOINC, "Tabac"), value=10, unit="/d", comment="depuis 1990"),
    ClinicalItem(ItemKind.VACCINATION, "REVAXIS <&>", _S.DONE, Code("J07CA01", ATC), _DAY,
                 injection=Injection("A1<2>", "deltoïde gauche", 2, Code("68747507", CIS, "REVAXIS"), injection_route("IM"))),
    ClinicalItem(ItemKind.VACCINATION, "Vaccin grippe", _S.REFUSED, Code("J07BB02", ATC)),
    ClinicalItem(ItemKind.VACCINATION, "Vaccin inconnu", _S.HISTORY, injection=Injection(site="là où il a pu")),
    ClinicalItem(ItemKind.DEVICE, "Stimulateur", start=_DAY),
    ClinicalItem(ItemKind.DEVICE, "Prothèse de hanche"),
)  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> BuildRequest:
    """A note made of the chosen words in any order, anything between; every other item of the record."""
    chosen = draw(st.lists(st.sampled_from(PROPOSALS), unique_by=id, max_size=len(PROPOSALS)))
    between = st.text(alphabet=st.sampled_from("ab é<&>\"'\n;😀"), max_size=6)
    note, placed = draw(between) + "Note.", []
    for item in chosen:
        note += draw(between)
        placed.append(replace(item, start=len(note), end=len(note) + len(item.text)))
        note += item.text
    note += draw(between)
    return BuildRequest(
        draw(st.sampled_from((minimal_context(), full_context()))),
        note,
        UNIQUE_ID,
        NOW,
        tuple(draw(st.permutations(placed))),
        replaces=draw(st.sampled_from((None, Parent(OTHER_ID, OTHER_ID, 4)))),
        items=tuple(draw(st.lists(st.sampled_from(ITEMS), unique_by=id))),
    )


def canonical(document: etree._Element) -> bytes:
    return etree.tostring(document, method="c14n")


def without_part_ids(document: etree._Element) -> list[str]:
    """Take the identifiers of sections and entries off; return them."""
    roots = []
    for element in document[-1].iter(f"{C}id"):
        root = element.attrib.pop("root", None)
        if root is not None:
            roots.append(str(root))
    return roots


@settings(max_examples=150, deadline=None)
@given(request=requests())
def test_same_document(request: BuildRequest) -> None:
    made = etree.fromstring(assemble(request, None).cda)
    roots = without_part_ids(made)
    reference = reference_header(request)
    reference.append(body(request))
    assert canonical(made).decode() == canonical(reference).decode()
    assert len(set(roots)) == len(roots)
    assert all(uuid.UUID(root).variant == uuid.RFC_4122 for root in roots)


def test_everything_at_once() -> None:
    """All facts in one document, so that none is forgotten by chance."""
    note, placed = "", []
    for item in PROPOSALS:
        placed.append(replace(item, start=len(note), end=len(note) + len(item.text)))
        note += f"{item.text}.\n"
    request = BuildRequest(full_context(), note, UNIQUE_ID, NOW, tuple(placed), items=ITEMS)
    made = etree.fromstring(assemble(request, None).cda)
    without_part_ids(made)
    reference = reference_header(request)
    reference.append(body(request))
    assert canonical(made).decode() == canonical(reference).decode()
    assert len(made.findall(f".//{C}section")) == 12
