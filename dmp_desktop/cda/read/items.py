"""The facts a document holds, as `domain.clinical` names them: pooled, shown with their source, put into a synthesis."""

from __future__ import annotations

from datetime import date
from typing import Any

from dmp_desktop.cda.read.entries import read_entries
from dmp_desktop.cda.read.header import entry_from_document
from dmp_desktop.cda.xml import parse
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection, ItemKind
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import LOINC

Entry = dict[str, Any]


def items_from_cda(untrusted_cda: bytes) -> tuple[ClinicalItem, ...]:
    """Problems, allergies, treatments, vaccinations, procedures, vitals and results. Raises CdaError."""
    document = parse(untrusted_cda)
    source = source_of(entry_from_document(document, untrusted_cda))
    found = read_entries(document)
    return (
        *(_stated(ItemKind.PROBLEM, entry, source) for entry in found["problems"]),
        *(_stated(ItemKind.ALLERGY, entry, source) for entry in found["allergies"]),
        *(_treatment(entry, source) for entry in found["treatments"]),
        *(_vaccination(entry, source) for entry in found["vaccinations"]),
        *(_procedure(entry, source) for entry in found["procedures"]),
        *(_measured(ItemKind.VITAL, entry, source) for entry in found["vitals"]),
        *(_measured(ItemKind.RESULT, entry, source) for entry in found["results"]),
    )


def source_of(entry: DocumentEntry) -> str:
    """A document as a source is quoted: title, author, date of the act (or of the document)."""
    when = (entry.service_start or entry.creation_time).astimezone()
    author = entry.authors[0].display_name if entry.authors else ""
    return ", ".join(part for part in (entry.title, author, f"{when:%d/%m/%Y}") if part)


def _day(text: str | None) -> date | None:
    """The day of an ISO date or time; None when it is missing or only a year or a month."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _code(entry: Entry) -> Code | None:
    return Code(entry["code"], entry["system"] or "", entry["label"]) if entry.get("code") else None


def _stated(kind: ItemKind, entry: Entry, source: str) -> ClinicalItem:
    return ClinicalItem(
        kind,
        entry["label"],
        ProposalStatus(entry["status"]),
        _code(entry),
        _day(entry["start"]),
        _day(entry["end"]),
        source=source,
    )


def _treatment(entry: Entry, source: str) -> ClinicalItem:
    return ClinicalItem(
        ItemKind.TREATMENT,
        entry["label"],
        ProposalStatus.ABSENT if entry["negated"] else ProposalStatus.PRESENT,
        _code(entry),
        _day(entry["start"]),
        _day(entry["end"]),
        dosage=Dosage(text=entry["text"] or ""),
        source=source,
    )


def _vaccination(entry: Entry, source: str) -> ClinicalItem:
    return ClinicalItem(
        ItemKind.VACCINATION,
        entry["label"],
        ProposalStatus.DONE if entry["done"] else ProposalStatus.REFUSED,
        _code(entry),
        _day(entry["date"]),
        injection=Injection(entry["lot"] or "", entry["site"] or "", entry["rank"]),
        source=source,
    )


def _procedure(entry: Entry, source: str) -> ClinicalItem:
    return ClinicalItem(
        ItemKind.PROCEDURE, entry["label"], ProposalStatus.DONE, _code(entry), _day(entry["date"]), source=source
    )


def _measured(kind: ItemKind, entry: Entry, source: str) -> ClinicalItem:
    code = Code(entry["loinc"], LOINC, entry["label"]) if entry["loinc"] else None
    return ClinicalItem(
        kind, entry["label"], code=code, start=_day(entry["date"]), value=entry["value"], unit=entry["unit"] or "",
        source=source,
    )  # fmt: skip
