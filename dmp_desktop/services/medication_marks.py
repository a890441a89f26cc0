"""What stands out among the treatments of one substance: prescribed twice, not delivered, stopped, begun again.

Rules of the marks. Everything is by substance: one row for a brand, its generics and its INN.

DUPLICATE: two prescriptions of one substance are current together, and neither renews nor replaces the other.
- Only prescriptions count: a list, a dispensation, a reimbursement or a note tell again what was prescribed.
- One document, one prescriber, or one of the two unknown: they complete (levothyroxine 100 and 25 µg are 125) or replace each
  other, whatever the dose, the generic or the words. Only two different brands are both taken.
- Two prescribers: the same product (one code; or one name, brand or INN, at one strength, as far as both tell it) is a renewal,
  unless both periods are told and overlap by more than `RESTART_GAP`. Two products are a duplicate.
- An association and one of its parts are two products: they count when they come from different documents, or are two brands.
MISSING: prescribed, and neither dispensed nor reimbursed since, in a record that tells later deliveries, when nothing handed
over before can still last. STOPPED: nothing current is left after a document that says it stopped, or after every known end. A
product told current by the very document that stops another one of the same substance takes its place, and a stop of one strength
ends no other. RESTARTED: begun again
after an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dmp_desktop.domain.clinical import Origin
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.terminology.vocabulary import drug
from dmp_desktop.terminology.wording import plain

RESTART_GAP = timedelta(days=30)
"""A treatment taken up again later than this after its known end was restarted; earlier, it was renewed."""

BOX = timedelta(days=30)
"""What a delivery without an end is taken to last: pharmacies hand over 30 days at a time (CSP R5123-2)."""

ORDERS = (Origin.PRESCRIBED, Origin.LISTED, Origin.NOTE)
DELIVERIES = (Origin.DISPENSED, Origin.REIMBURSED)


class Mark(StrEnum):
    """What stands out in a row, by the rules of this module."""

    MISSING = "missing"
    DUPLICATE = "duplicate"
    STOPPED = "stopped"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True, repr=False)
class MedicationLine:
    """One treatment as one document tells it. `entry` is None for the note. Unknown dates are None; `dosage` as written.

    `product` is its code (CIS, else CIP), `name` the brand or INN its label begins with, `strength` what it writes after
    (`5 mg`); empty where there is none.
    """

    origin: Origin
    label: str
    product: str
    name: str
    strength: str
    start: date | None
    end: date | None
    told: date
    dosage: str = ""
    instructions: str = ""
    quantity: str = ""
    prescriber: str = ""
    stopped: bool = False
    entry: DocumentEntry | None = None
    source: str = ""

    @property
    def begins(self) -> date:
        """Its start; when unknown, the day of the document, which tells no later one."""
        return self.start or self.told

    @property
    def signer(self) -> str:
        """Who signed the document: national identifier, else name; empty when unknown."""
        author = self.entry.authors[0] if self.entry and self.entry.authors else None
        return (author.person_id or plain(author.display_name)) if author else ""

    @property
    def brand(self) -> bool:
        """Whether its name is a brand's."""
        known = drug(self.name)
        return known is not None and known.dci != known.name

    def current(self, today: date) -> bool:
        """Whether it says that the treatment is being taken. A delivery without an end says nothing of it."""
        if self.stopped or self.begins > today:
            return False
        return self.origin in ORDERS if self.end is None else self.end >= today


def ends(stop: MedicationLine, line: MedicationLine) -> bool:
    """Whether a stop may be of this line: levothyroxine 25 µg stopped leaves 100 µg; a stop without a strength ends all."""
    return not stop.strength or not line.strength or stop.strength == line.strength


def outlives(line: MedicationLine, lines: Sequence[MedicationLine], stopped_on: date) -> bool:
    """Told or begun since; or told by the document that stops another product of the substance."""
    stops = [other for other in lines if other.stopped and other.told == stopped_on and other.entry is line.entry]
    replaced = bool(stops) and not line.stopped and not any(_same_product(line, other) for other in stops)
    return replaced or max(line.told, line.begins) > stopped_on


def doubled(one: MedicationLine, other: MedicationLine) -> bool:
    """Two current lines of one substance that neither renew nor replace each other."""
    if one.origin is not Origin.PRESCRIBED or other.origin is not Origin.PRESCRIBED:
        return False
    if one.entry == other.entry or not one.signer or not other.signer or one.signer == other.signer:
        return _two_brands(one, other)
    return not _same_product(one, other) or _overlap(one, other) > RESTART_GAP


def doubled_in_part(one: MedicationLine, other: MedicationLine) -> bool:
    """Two current lines, of an association and of one of its parts."""
    if one.origin is not Origin.PRESCRIBED or other.origin is not Origin.PRESCRIBED:
        return False
    return one.entry != other.entry or _two_brands(one, other)


def _two_brands(one: MedicationLine, other: MedicationLine) -> bool:
    return one.brand and other.brand and one.name != other.name


def _overlap(one: MedicationLine, other: MedicationLine) -> timedelta:
    """Time both cover; none where an end is not told."""
    if one.end is None or other.end is None:
        return timedelta(0)
    return min(one.end, other.end) - max(one.begins, other.begins)


def _same_product(one: MedicationLine, other: MedicationLine) -> bool:
    if one.product and one.product == other.product:
        return True
    return one.name == other.name and (one.strength == other.strength or not one.strength or not other.strength)


def missing(lines: list[MedicationLine], delivered: date | None) -> bool:
    """Only a record that tells of deliveries since the prescription can tell that one is missing."""
    handed = [line for line in lines if line.origin in DELIVERIES]
    prescribed = [line for line in lines if line.origin is Origin.PRESCRIBED and not line.stopped]
    if not prescribed or delivered is None:
        return False
    last = max(line.begins for line in prescribed)
    lasting = any(line.begins >= last or (line.end or line.begins + BOX) >= delivered for line in handed)
    return delivered >= last and not lasting


def restarted(lines: list[MedicationLine]) -> bool:
    orders = sorted((line for line in lines if line.origin in ORDERS), key=lambda line: line.begins)
    stops = [line.told for line in orders if line.stopped]
    starts = [line for line in orders if not line.stopped and line.start]
    if any(line.begins > stop for line in starts for stop in stops):
        return True
    for rank, line in enumerate(starts[1:], 1):
        ends = [earlier.end for earlier in starts[:rank]]
        if all(ends) and line.begins - max(end for end in ends if end) > RESTART_GAP:
            return True
    return False
