"""What a structured document of an invented record tells, before it is written: coded facts, days, and who is behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dmp_desktop.sandbox.records.authors import Writer

CIM10 = ("2.16.840.1.113883.6.3", "CIM-10")
CCAM = ("1.2.250.1.215.300.1", "CCAM")
ATC = ("2.16.840.1.113883.6.73", "ATC")
CIS = ("1.2.250.1.213.2.3.1", "CIS")
SNOMED = ("2.16.840.1.113883.6.96", "SNOMED CT")
TERMS = ("1.2.250.1.213.1.1.4.322", "TA_ASIP")
"""(OID, name) of code systems; the last is TRE_A05 of the ANS."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A diagnosis in CIM-10. `until` is set when it is over."""

    label: str
    code: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A procedure in CCAM."""

    label: str
    code: str
    day: date


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy to a class of the ATC and how it showed. Without an agent: none is known."""

    agent: str = ""
    atc: str = ""
    reaction: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Drug:
    """A speciality of the public drug database (CIS; none when only its class is told), its class and its substance; a
    box of it (CIP) where we know one."""

    cis: str
    name: str
    atc: str
    substance: str
    cip: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """How a drug is taken: `dose` units (UCUM) every `hours` hours, and the same in words."""

    words: str
    hours: int
    dose: int = 1
    unit: str = "{tablet}"


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment as a summary or a hospital letter lists it. `until` is set when it was stopped."""

    drug: Drug
    intake: Intake
    since: date
    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Habit:
    """A way of living: LOINC code and label, a quantity in UCUM or words."""

    code: str
    label: str
    words: str
    value: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Relative:
    """A family history: RoleCode of the relative, its sex, a diagnosis."""

    role: str
    label: str
    sex: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Summary:
    """Volet de synthèse médicale."""

    problems: tuple[Problem, ...]
    history: tuple[Problem, ...]
    acts: tuple[Act, ...]
    allergies: tuple[Allergy, ...]
    habits: tuple[Habit, ...]
    risks: tuple[str, ...]
    family: tuple[Relative, ...]
    watch: tuple[str, ...]
    treatments: tuple[Treatment, ...]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One prescribed drug. `item` identifies the line, for the pharmacy to name it."""

    item: str
    drug: Drug
    intake: Intake
    days: int
    renewals: int = 0
    long_illness: bool = False
    boxes: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """A prescription of drugs that starts on `start`."""

    start: date
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A drug handed over for an order line; another drug of its class when the pharmacist replaced it."""

    order: OrderLine
    drug: Drug


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a pharmacy handed over on `day` for the prescription `prescription` (OID) signed at `ordered` by `prescriber`."""

    day: date
    prescription: str
    ordered: datetime
    prescriber: Writer
    lines: tuple[DeliveryLine, ...]


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A reimbursed delivery."""

    day: date
    drug: Drug
    prescriber: Writer
    pharmacy: Writer


@dataclass(frozen=True, slots=True)
class Refunds:
    """What the Assurance Maladie reimbursed: drugs, vaccines, acts (LOINC of their list, day, code, label, who), stays
    (days of entry and of leaving, structure)."""

    drugs: tuple[RefundLine, ...]
    vaccines: tuple[RefundLine, ...]
    visits: tuple[tuple[str, date, str, str, Writer], ...]
    stays: tuple[tuple[date, date, str], ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """A vaccine given. `site` is a SNOMED CT code of the injection sites and its label."""

    vaccine: Drug
    target: str
    day: date
    lot: str
    rank: int
    site: tuple[str, str]
    giver: Writer


@dataclass(frozen=True, slots=True)
class Shots:
    """A vaccination note (one shot) or the history of vaccinations."""

    shots: tuple[Shot, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in hospital and its discharge letter."""

    entered: date
    left: date
    reason: str
    summary: str
    stopped: tuple[Treatment, ...]
    leaving: tuple[Treatment, ...]
    expected: str
    follow_up: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """Measures of a child: kilograms and centimetres."""

    day: date
    weight: float
    height: float
    head: float


@dataclass(frozen=True, slots=True)
class Checkup:
    """A health certificate: measures, vaccines so far, treatments (that of the 9th month only), what is planned."""

    growth: Growth
    shots: tuple[Shot, ...]
    plan: str
    treatments: tuple[Treatment, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """An imaging act: CCAM code and label, DICOM modality, region (SNOMED CT), what was seen, the conclusion."""

    code: str
    label: str
    modality: tuple[str, str]
    region: tuple[str, str]
    reason: str
    findings: tuple[str, ...]
    conclusion: str
