"""Invented documents and facts, without a CDA around them: what the services of reading work on."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from dmp_desktop.domain.clinical import ClinicalItem, DocumentFacts, Dosage, ItemKind, Measure, Origin, Product, Quote
from dmp_desktop.domain.documents import Author, Code, DocumentEntry
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.terminology.oids import LOINC

_numbers = count(1)
STRUCTURED = "urn:ihe:lab:xd-lab:2008"
PDF = "urn:ihe:iti:xds-sd:pdf:2008"


def entry(
    day: str, title: str = "Document", type_code: str = "11502-2", form: str = STRUCTURED, author: str = "TEST-LABO"
) -> DocumentEntry:
    """A document of `day` (ISO), by an institution named `author`."""
    moment = datetime.fromisoformat(day)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return DocumentEntry(
        f"2.25.{next(_numbers)}",
        title,
        Code(type_code, LOINC),
        Code("10", "1.2.250.1.213.1.1.4.1"),
        Code(form, "f"),
        moment,
        service_start=moment,
        authors=(Author("TEST-AUTEUR", "Luc", "801234567897", institution=author, institution_id=author),),
    )


def read(document: DocumentEntry, *items: ClinicalItem, conclusions: tuple[Quote, ...] = ()) -> ReadDocument:
    return ReadDocument(document, DocumentFacts(items, conclusions))


def result(loinc: str, value: float | str, unit: str = "", when: str = "", **more: Any) -> ClinicalItem:
    """A laboratory result; `label`, any field of Measure and `section` may be given."""
    label = more.pop("label", f"Analyse {loinc}")
    section = more.pop("section", "")
    measure = Measure(more.pop("text", str(value)), **more)
    code = Code(loinc, LOINC, label) if loinc else None
    return ClinicalItem(
        ItemKind.RESULT, label, code=code, value=value, unit=unit, when=when, measure=measure, section=section
    )


def treatment(label: str, origin: Origin = Origin.LISTED, dosage: str = "", **more: Any) -> ClinicalItem:
    product = Product(origin, more.pop("cis", ""), "", more.pop("atc", ""), more.pop("substances", ()))
    return ClinicalItem(ItemKind.TREATMENT, label, dosage=Dosage(text=dosage), product=product, **more)
