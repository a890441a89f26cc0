"""Clinical facts about a patient, wherever they come from: ticked in a note, read in a document, typed in a form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus


class ItemKind(StrEnum):
    """What a fact is about; each kind has its own entry and its own section in a document."""

    PROBLEM = "problem"
    ALLERGY = "allergy"
    TREATMENT = "treatment"
    VACCINATION = "vaccination"
    PROCEDURE = "procedure"
    VITAL = "vital"
    RESULT = "result"
    LIFESTYLE = "lifestyle"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Dosage:
    """How a treatment is taken. `schedule` is `1-0-1` or `3/j`, empty when it is not that simple; `text` is what was written."""

    strength: str = ""
    schedule: str = ""
    duration_days: int | None = None
    route: Code | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Injection:
    """One vaccination: `lot` number, injection `site`, `rank` of the dose (1, 2 …), `product` by its CIS code, `route`."""

    lot: str = ""
    site: str = ""
    rank: int | None = None
    product: Code | None = None
    route: Code | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ClinicalItem:
    """One fact. `label` is what people read; without `code` it stands in the narrative and is coded unknown, never left out.

    `status` ABSENT states an absence ("aucune allergie connue"): only ever the doctor's own tick. `start`/`end`: since when,
    until when, or the day it was measured or given; None is unknown. `value` with its UCUM `unit` for vitals and results.
    `span`: its words in the note, as character offsets; `source`: its document, in a sentence; both may be empty.
    """

    kind: ItemKind
    label: str
    status: ProposalStatus = ProposalStatus.PRESENT
    code: Code | None = None
    start: date | None = None
    end: date | None = None
    value: float | str | None = None
    unit: str = ""
    dosage: Dosage | None = None
    injection: Injection | None = None
    comment: str = ""
    span: tuple[int, int] | None = None
    source: str = ""

    def __repr__(self) -> str:
        """Never shows a clinical word: representations end up in logs."""
        return f"ClinicalItem({self.kind.value})"
