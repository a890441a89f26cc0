"""The facts a document holds, as `domain.clinical` names them: pooled, shown with their source, put into a synthesis."""

from __future__ import annotations

from datetime import date
from typing import Any

from dmp_desktop.cda.read.conclusions import conclusions
from dmp_desktop.cda.read.entries import read_entries
from dmp_desktop.cda.read.header import source_of_document
from dmp_desktop.cda.read.products import YES_NO
from dmp_desktop.cda.xml import Element, parse
from dmp_desktop.domain.clinical import (
    ClinicalItem,
    DocumentFacts,
    Dosage,
    Injection,
    ItemKind,
    Measure,
    Origin,
    Product,
)
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import NOT_FACTS, ProposalStatus
from dmp_desktop.terminology.oids import LOINC
from dmp_desktop.terminology.vocabulary import measure as known_measure
from dmp_desktop.terminology.wording import plain

_NOTHING_SAID = "-info"  # ends the codes of "no information" (IPS)
_VITAL = "vital"  # a class of the table of LOINC codes
_ANY_SUBSTANCE = "105590001"  # SNOMED CT "substance": C-CDA denies an allergy to it to say that none is known
_ALLERGIC = ("allerg", "hypersensib")  # says no more than the section does; an intolerance does
_UNITS = {"{tablet}": "comprimé", "{tbl}": "comprimé", "{count}": "", "{capsule}": "gélule"}

Entry = dict[str, Any]


def items_from_cda(untrusted_cda: bytes) -> tuple[ClinicalItem, ...]:
    """Every coded fact, of any kind. An entry that says that nothing is known is no fact. Raises CdaError."""
    document = parse(untrusted_cda)
    return _items(document, source_of_document(document))


def facts_from_cda(untrusted_cda: bytes) -> DocumentFacts:
    """The coded facts and the conclusions, the document parsed once. Raises CdaError."""
    document = parse(untrusted_cda)
    return DocumentFacts(_items(document, source_of_document(document)), conclusions(document))


def _items(document: Element, source: str) -> tuple[ClinicalItem, ...]:
    found = read_entries(document)
    return (
        *(_stated(ItemKind.PROBLEM, entry, source) for entry in _told(found["problems"])),
        *(_family(entry, source) for entry in _told(found["family"])),
        *(_allergy(entry, source) for entry in _told(found["allergies"])),
        *(_treatment(entry, source) for entry in (*found["treatments"], *found["dispensations"])),
        *(_vaccination(entry, source) for entry in found["vaccinations"]),
        *(_procedure(entry, source) for entry in _told(found["procedures"])),
        *(_stated(ItemKind.DEVICE, entry, source) for entry in _told(found["devices"])),
        *(_lifestyle(entry, source) for entry in found["lifestyle"]),
        *(_measured(ItemKind.VITAL, entry, source) for entry in found["vitals"]),
        *(_quantity(entry, source) for entry in found["results"] if entry["loinc"] or not entry.get("simple")),
        *(_result(entry, source, quoted=True) for entry in found["quoted_results"]),
    )


def _told(entries: list[Entry]) -> list[Entry]:
    """What was not asked, or not answered, is told; a code for "no information" says as little as no entry at all."""
    return [entry for entry in entries if not _says_nothing(entry)]


def _says_nothing(entry: Entry) -> bool:
    codes = (entry.get("code") or "", entry.get("agent_code") or "")
    return bool(entry["status"] == ProposalStatus.UNKNOWN and any(code.endswith(_NOTHING_SAID) for code in codes))


def _day(text: str | None) -> date | None:
    """The day of an ISO date or time; None when it is missing or only a year or a month."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _code(entry: Entry) -> Code | None:
    return Code(entry["code"], entry["system"] or "", entry["label"]) if entry.get("code") else None


def _common(entry: Entry, source: str, start: str = "start") -> dict[str, Any]:
    """What every fact read in a document has."""
    return {
        "start": _day(entry[start]),
        "end": _day(entry.get("end")),
        "when": entry[start] or "",
        "until": entry.get("end") or "",
        "section": entry["section"],
        "author": entry["author"] or "",
        "source": source,
    }


def _stated(kind: ItemKind, entry: Entry, source: str) -> ClinicalItem:
    return ClinicalItem(kind, entry["label"], ProposalStatus(entry["status"]), _code(entry), **_common(entry, source))


def _family(entry: Entry, source: str) -> ClinicalItem:
    return ClinicalItem(
        ItemKind.PROBLEM,
        entry["label"],
        ProposalStatus(entry["status"]) if entry["status"] in NOT_FACTS else ProposalStatus.FAMILY,
        _code(entry),
        comment=" : ".join(filter(None, (entry["relative"], "non" if entry["status"] == "absent" else ""))),
        **_common(entry, source),
    )


def _allergy(entry: Entry, source: str) -> ClinicalItem:
    """Named by its agent where there is one; what else is said of it, the reactions first of all, is the comment."""
    agent = None if entry["agent_code"] == _ANY_SUBSTANCE else entry["agent"]
    named = Code(entry["agent_code"] or "", entry["agent_system"] or "", agent) if agent else None
    kind = plain(entry["label"])
    told = [] if not agent or kind == plain(agent) or kind.startswith(_ALLERGIC) else [entry["label"]]
    return ClinicalItem(
        ItemKind.ALLERGY,
        agent or entry["label"],
        ProposalStatus(entry["status"]),
        (named if named.code else None) if named else _code(entry),
        comment=", ".join([*told, *entry["reactions"], *(f"sans {one}" for one in entry["absent_reactions"])]),
        agent=named,
        **_common(entry, source),
    )


def _treatment(entry: Entry, source: str) -> ClinicalItem:
    return ClinicalItem(
        ItemKind.TREATMENT,
        entry["label"],
        ProposalStatus(entry["status"]),
        _code(entry),
        dosage=Dosage(text=entry["dosage"] or _dose(entry)),
        comment=entry["instructions"] or "",
        product=_product(entry),
        **_common(entry, source),
    )


def _dose(entry: Entry) -> str:
    """`2 comprimé`: the amount of one dose where the narrative has no table; else the entry's own words, if they say more."""
    if entry["dose"] is None:
        words = entry["text"] or ""
        return "" if plain(words) in {plain(entry["label"]), *YES_NO} else words
    unit = entry["dose_unit"] or ""
    return f"{entry['dose']} {_UNITS.get(unit, unit)}".strip()


def _product(entry: Entry) -> Product:
    return Product(
        Origin(entry["origin"]),
        entry["cis"] or "",
        entry["cip"] or "",
        entry["atc"] or "",
        tuple(entry["substances"]),
        entry.get("quantity") or "",
        entry.get("prescriber") or "",
    )


def _vaccination(entry: Entry, source: str) -> ClinicalItem:
    return ClinicalItem(
        ItemKind.VACCINATION,
        entry["label"],
        ProposalStatus(entry["status"]),
        _code(entry),
        injection=Injection(entry["lot"] or "", entry["site"] or "", entry["rank"]),
        product=_product(entry),
        **_common(entry, source, "date"),
    )


def _procedure(entry: Entry, source: str) -> ClinicalItem:
    status = ProposalStatus(entry["status"])
    return ClinicalItem(ItemKind.PROCEDURE, entry["label"], status, _code(entry), **_common(entry, source, "date"))


def _lifestyle(entry: Entry, source: str) -> ClinicalItem:
    return ClinicalItem(
        ItemKind.LIFESTYLE,
        entry["label"],
        ProposalStatus(entry["status"]),
        _code(entry),
        value=entry["value"],
        unit=entry["unit"] or "",
        **_common(entry, source),
    )


def _measured(kind: ItemKind, entry: Entry, source: str, measure: Measure | None = None) -> ClinicalItem:
    code = Code(entry["loinc"], LOINC, entry["label"]) if entry["loinc"] else None
    return ClinicalItem(
        kind,
        entry["label"],
        ProposalStatus.PRESENT if entry["status"] == ProposalStatus.DONE else ProposalStatus(entry["status"]),
        code,
        value=entry["value"],
        unit=entry["unit"] or "",
        measure=measure,
        **_common(entry, source, "date"),
    )


def _quantity(entry: Entry, source: str) -> ClinicalItem:
    """A simple observation may hold a vital sign (height, ejection fraction …): its code tells."""
    known = known_measure(entry["loinc"]) if entry.get("simple") else None
    vital = known is not None and known.kind == _VITAL
    return _measured(ItemKind.VITAL, entry, source) if vital else _result(entry, source)


def _result(entry: Entry, source: str, *, quoted: bool = False) -> ClinicalItem:
    """Limits are kept where they are numbers, with their unit where it is not that of the value."""
    low, high = _number(entry["low"]), _number(entry["high"])
    measure = Measure(
        entry["written"],
        low,
        high,
        entry["flag"] or "",
        entry["specimen"] or "",
        entry["laboratory"] or "",
        quoted,
        entry["operator"],
        entry["bound"],
        entry["material"] or "",
        entry["material_hint"] or "",
        entry["limits_unit"] or "",
    )
    return _measured(ItemKind.RESULT, entry, source, measure)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
