"""An invented record rich enough for Synthèse, Biologie and Traitements, read by the real services."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from dmp_desktop.domain.clinical import ClinicalItem, DocumentFacts, Injection, ItemKind, Origin
from dmp_desktop.domain.documents import Author, Code, DocumentEntry
from dmp_desktop.domain.notes import Proposal, ProposalStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpError
from dmp_desktop.services.facts import FactsReader
from dmp_desktop.services.reading import ReadingService
from dmp_desktop.terminology.oids import ICD10
from tests.helpers.facts import PDF, entry, result, treatment
from tests.ui import fakes

S = ProposalStatus
PRESCRIPTION, DISPENSATION, REIMBURSEMENT = "57833-6", "60593-1", "REMB"


def coded(proposal: Proposal, _day: date) -> tuple[ClinicalItem, ...]:
    return (ClinicalItem(ItemKind(proposal.kind.value), proposal.label, proposal.status),)


class FakeReading(ReadingService):
    """The real service over documents in memory. `gate` holds back every document, `errors` are raised one a document.

    `asked` tells that the first document is waited for.
    """

    def __init__(self, documents: Iterable[tuple[DocumentEntry, tuple[ClinicalItem, ...]]] = ()) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()
        self.fetched: list[str] = []
        self.errors: list[DmpError] = []
        self.forgotten = 0
        self._facts_of: dict[bytes, DocumentFacts] = {}
        self.entries: list[DocumentEntry] = []
        self.put(documents)
        super().__init__(FactsReader(self._content, self._extract), fakes.FixedClock(), coded)

    def put(self, documents: Iterable[tuple[DocumentEntry, tuple[ClinicalItem, ...]]]) -> None:
        told = list(documents)
        self.entries = [document for document, _ in told]
        self._facts_of = {document.unique_id.encode(): DocumentFacts(items) for document, items in told}

    def forget(self) -> None:
        self.forgotten += 1
        super().forget()

    def _content(self, _patient: Patient, document: DocumentEntry) -> bytes:
        self.asked.set()
        self.gate.wait(120)
        if self.errors:
            raise self.errors.pop(0)
        self.fetched.append(document.unique_id)
        return document.unique_id.encode()

    def _extract(self, content: bytes) -> DocumentFacts:
        return self._facts_of.get(content, DocumentFacts())


def by(document: DocumentEntry, family: str, given: str, place: str) -> DocumentEntry:
    return replace(document, authors=(Author(family, given, institution=place, institution_id=place),))


def fact(
    kind: ItemKind, label: str, status: ProposalStatus = S.PRESENT, code: str = "", **more: object
) -> ClinicalItem:
    found = Code(code, ICD10, label) if code else None
    return ClinicalItem(kind, label, status, found, **more)  # type: ignore[arg-type]


def vital(label: str, value: float, unit: str, day: str) -> ClinicalItem:
    return ClinicalItem(ItemKind.VITAL, label, value=value, unit=unit, when=day)


def rich() -> list[tuple[DocumentEntry, tuple[ClinicalItem, ...]]]:
    """A chronic patient's record in small: duplicates, a contradiction of each sort, three laboratories, all the origins."""
    vsm = by(entry("2025-03-12", "Synthèse médicale", "SYNTH"), "PETIT", "Anne", "Cabinet TEST")
    visit = by(entry("2026-02-03", "CR de consultation", "11488-4"), "GARCIA", "Luc", "Cabinet TEST")
    letter = by(entry("2026-10-27", "Lettre de liaison à la sortie", "34133-9"), "MOREAU", "Ines", "Hôpital TEST")
    shot = by(entry("2019-04-02", "Note de vaccination", "87273-9"), "PETIT", "Anne", "Cabinet TEST")
    scan = by(entry("2026-06-11", "Biologie numérisée", form=PDF), "LEROY", "Hugo", "Laboratoire TEST des Halles")
    told: list[tuple[DocumentEntry, tuple[ClinicalItem, ...]]] = [
        (vsm, (
            fact(ItemKind.PROBLEM, "Diabète de type 2", code="E11", when="2014"),
            fact(ItemKind.PROBLEM, "Hypertension artérielle", code="I10", when="2011-05"),
            fact(ItemKind.PROBLEM, "Appendicite", S.HISTORY, "K35", when="1997-06"),
            fact(ItemKind.PROBLEM, "Fibrillation auriculaire", S.HISTORY, "I48", when="2018"),
            fact(ItemKind.PROBLEM, "Cancer du côlon", S.FAMILY, comment="père"),
            fact(ItemKind.ALLERGY, "Aucune allergie connue", S.ABSENT),
            fact(ItemKind.LIFESTYLE, "Tabagisme sevré", when="2009"),
            treatment("Metformine 1000 mg", dosage="1 matin et soir", start=date(2020, 1, 6)),
        )),
        (visit, (
            fact(ItemKind.PROBLEM, "Hypertension artérielle", code="I10", when="2011-05"),
            fact(ItemKind.PROBLEM, "Diabète non insulinodépendant", code="E11", when="2014"),
            vital("Poids", 82, "kg", "2026-02-03"), vital("Pression artérielle systolique", 135, "mm[Hg]", "2026-02-03"),
            fact(ItemKind.PROCEDURE, "Coloscopie", S.DONE, when="2023-09-14"),
        )),
        (letter, (
            fact(ItemKind.PROBLEM, "Fibrillation auriculaire", code="I48", when="2018"),
            fact(ItemKind.ALLERGY, "Pénicilline", comment="urticaire"),
            vital("Poids", 79.5, "kg", "2026-10-27"),
            fact(ItemKind.PROCEDURE, "Pose de stent coronaire", S.DONE, when="2026-10-22"),
            fact(ItemKind.DEVICE, "Stent coronaire actif", when="2026-10-22"),
            treatment("Aspirine 75 mg", dosage="1 le midi", start=date(2026, 10, 27)),
        )),
        *delivered(),
        (shot, (
            fact(ItemKind.VACCINATION, "Repevax", S.DONE, when="2019-04-02",
                 injection=Injection("A123", "deltoïde gauche", 4)),
        )),
        (scan, ()),
    ]  # fmt: skip
    return [*told, *laboratory()]


def delivered() -> list[tuple[DocumentEntry, tuple[ClinicalItem, ...]]]:
    """What was prescribed, handed over and paid for."""
    order = by(entry("2026-02-03", "Ordonnance", PRESCRIPTION), "GARCIA", "Luc", "Cabinet TEST")
    order2 = by(entry("2026-10-27", "Ordonnance de sortie", PRESCRIPTION), "MOREAU", "Ines", "Hôpital TEST")
    drugs = by(entry("2026-10-30", "Délivrance", DISPENSATION), "LEROY", "Hugo", "Pharmacie TEST")
    paid = by(entry("2026-11-10", "Remboursements", REIMBURSEMENT), "", "", "Assurance maladie TEST")
    return [
        (order, (
            treatment("METFORMINE 1000 mg, comprimé", Origin.PRESCRIBED, "1 matin et soir", start=date(2026, 2, 3), end=date(2027, 2, 2)),
            treatment("Ramipril 5 mg", Origin.PRESCRIBED, "1 le matin", start=date(2026, 2, 3), end=date(2026, 8, 2)),
            treatment("Atorvastatine 40 mg", Origin.PRESCRIBED, "1 le soir", start=date(2026, 2, 3)),
        )),
        (order2, (
            treatment("DOLIPRANE 1000 mg", Origin.PRESCRIBED, "1 à 3 par jour", start=date(2026, 10, 27)),
            treatment("EFFERALGAN 500 mg", Origin.PRESCRIBED, "2 par jour", start=date(2026, 10, 27)),
            treatment("Bisoprolol 2,5 mg", Origin.PRESCRIBED, "1 le matin", start=date(2026, 10, 27)),
        )),
        (drugs, (
            treatment("METFORMINE BIOGARAN 1000 mg", Origin.DISPENSED, start=date(2026, 10, 30)),
            treatment("PARACETAMOL MYLAN 1 g", Origin.DISPENSED, start=date(2026, 10, 30)),
        )),
        (paid, (treatment("METFORMINE BIOGARAN 1000 mg", Origin.REIMBURSED, start=date(2026, 11, 2)),)),
    ]  # fmt: skip


def laboratory() -> list[tuple[DocumentEntry, tuple[ClinicalItem, ...]]]:
    """Two years of three laboratories that do not write alike."""
    made = []
    for number in range(9):
        day = date(2024, 11, 4) + timedelta(days=91 * number)
        place = ("Laboratoire TEST des Tilleuls", "Laboratoire TEST des Halles", "Hôpital TEST")[number % 3]
        document = by(entry(day.isoformat(), "CR d'examens biologiques"), "LEROY", "Hugo", place)
        when = f"{day.isoformat()}T08:10:00+01:00"
        sugar = 5.1 + 0.25 * number
        glucose = (
            result("40193-5", round(sugar, 2), "mmol/L", when, label="Glucose à jeun", low=3.9, high=6.1,
                   flag="H" if sugar > 6.1 else "N", laboratory=place)
            if number % 3 else
            result("53049-3", round(sugar / 5.551, 2), "g/L", when, label="Glycémie à jeun", low=0.7, high=1.1,
                   flag="H" if sugar > 6.1 else "N", laboratory=place)
        )  # fmt: skip
        potassium = result(
            "2823-3", (4.1, 4.4, 4.2, 4.6, 4.3, 4.8, 5.0, 5.2, 5.9)[number], "mmol/L", when, label="Potassium", low=3.5,
            high=5.1, flag="HH" if number == 8 else "H" if number == 7 else "N", laboratory=place,
        )  # fmt: skip
        items = [
            glucose,
            potassium,
            result("718-7", 13.2 - number / 10, "g/dL", when, label="Hémoglobine", low=12.0, high=16.0),
        ]
        if number % 2:
            items.append(result("4548-4", 6.4 + number / 10, "%", when, label="HbA1c", high=6.0, flag="H"))
        if number == 8:
            items.append(result("1988-5", "< 1.0", "mg/L", when, label="CRP", high=5.0))
            items.append(result("", 12, "U/mL", when, label="Dosage maison"))
        made.append((document, tuple(items)))
    return made


def large(documents: int = 400, points: int = 1700) -> list[tuple[DocumentEntry, tuple[ClinicalItem, ...]]]:
    """As many documents and results, over forty analytes and sixty problems."""
    share = points // (documents // 2)
    made = []
    for number in range(documents):
        day = date(2026, 11, 1) - timedelta(days=9 * number)
        items: list[ClinicalItem] = []
        if number % 2:
            items = [
                result(
                    f"{1000 + (number * share + rank) % 40}-0",
                    float(rank + number % 7),
                    "mmol/L",
                    day.isoformat(),
                    high=9.0,
                )
                for rank in range(share + 1)
            ]
        else:
            items = [fact(ItemKind.PROBLEM, f"Problème {number % 60}", code=f"A{number % 60:02}")]
            items.append(treatment(f"Produit{number % 45} 5 mg", Origin.PRESCRIBED, "1 par jour", start=day))
            items.append(vital("Poids", 70 + number % 9, "kg", day.isoformat()))
        kind = "11502-2" if number % 2 else PRESCRIPTION
        made.append((entry(day.isoformat(), f"Document {number}", kind), tuple(items)))
    return made
