"""Clinical facts about a patient, wherever they come from: ticked in a note, read in a document, typed in a form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import NOT_FACTS, ProposalStatus


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


class Origin(StrEnum):
    """Where a treatment is told: listed (synthesis, letter), prescribed, dispensed, reimbursed, or written in the note."""

    LISTED = "listed"
    PRESCRIBED = "prescribed"
    DISPENSED = "dispensed"
    REIMBURSED = "reimbursed"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Product:
    """A medicine as a document codes it; what the document does not say is empty.

    `cis` and `cip` are codes of the BDPM, `atc` of the WHO, `substances` names as written. `quantity`: what was prescribed
    or handed over, in words. `prescriber`: whose prescription a dispensation or a reimbursement answers.
    """

    origin: Origin = Origin.LISTED
    cis: str = ""
    cip: str = ""
    atc: str = ""
    substances: tuple[str, ...] = ()
    quantity: str = ""
    prescriber: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a laboratory says around a value: `text` as written (`<= 1.0`), its own limits in the unit of the value, its flag.

    `flag` is an HL7 ObservationInterpretation (N, H, L, HH, LL, A, AA, R, S …), the worst where several are written.
    `specimen` names the germ of an isolate. `quoted`: an earlier result that this report repeats.

    `operator` is `<`, `<=`, `>` or `>=` where the value is one bound, `bound` that number in the unit of the value.
    `material`: what was analysed, as the document declares it (`Urine`); `material_hint`: where it declares none, what the
    title of its section names. Both empty: not told. `limits_unit`: that of `low` and `high` where it is not the value's.
    """

    text: str = ""
    low: float | None = None
    high: float | None = None
    flag: str = ""
    specimen: str = ""
    laboratory: str = ""
    quoted: bool = False
    operator: str = ""
    bound: float | None = None
    material: str = ""
    material_hint: str = ""
    limits_unit: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class ClinicalItem:
    """One fact. `label` is what people read; without `code` it stands in the narrative and is coded unknown, never left out.

    `status` ABSENT states an absence ("aucune allergie connue"): only ever the doctor's own tick. `start`/`end`: since when,
    until when, or the day it was measured or given; None is unknown. `value` with its UCUM `unit` for vitals and results.
    `span`: its words in the note, as character offsets; `source`: its document, in a sentence; both may be empty.

    Read in a document it also has `when`/`until`, ISO 8601 with the precision written (`2019`), the LOINC code of its
    `section`, the `author` of the entry where it names one, the `agent` of an allergy, the `product` of a treatment or a
    vaccination, the `measure` of a result.
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
    when: str = ""
    until: str = ""
    section: str = ""
    author: str = ""
    agent: Code | None = None
    product: Product | None = None
    measure: Measure | None = None

    @property
    def is_fact(self) -> bool:
        """False for what is planned, aimed at, cancelled, not done or unknown: none of it may be taken for a finding."""
        return self.status not in NOT_FACTS

    def __repr__(self) -> str:
        """Never shows a clinical word: representations end up in logs."""
        return f"ClinicalItem({self.kind.value})"


@dataclass(frozen=True, slots=True, repr=False)
class Quote:
    """The beginning of a conclusion, verbatim, under its heading."""

    heading: str
    words: str


@dataclass(frozen=True, slots=True, repr=False)
class DocumentFacts:
    """What one document says: its coded facts and its conclusions. Both empty: nothing coded, it is to be read."""

    items: tuple[ClinicalItem, ...] = ()
    conclusions: tuple[Quote, ...] = ()

    def of(self, kind: ItemKind) -> list[ClinicalItem]:
        return [item for item in self.items if item.kind is kind]
