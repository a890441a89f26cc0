"""Scanned papers on their way to the DMP: taken from a folder, prepared at the front desk, validated by a doctor, sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.received import ReceivedFormat, ReceivedPatient
from dmp_desktop.domain.scanned import ScannedIdentity

KEPT = timedelta(days=30)
"""How long what was sent, or taken out of the tray, is still in it for who asks."""


class ScanState(StrEnum):
    """Where a scan is. Only who validated it sends it, or a secretary of the same structure."""

    TO_PREPARE = "to-prepare"  # at the desk: whose is it, what is it, of which day, for which doctor
    TO_VALIDATE = "to-validate"  # on that doctor's list
    VALIDATED = "validated"  # its document is made, with the uniqueId it keeps
    QUEUED = "queued"  # in the outbox
    SENT = "sent"
    FILED = "filed"  # somebody else's, read by the doctor it is for: kept, never sent
    DISCARDED = "discarded"  # taken out of the tray, kept for a while


class Reason(StrEnum):
    """Why a doctor gives a scan back: choices of a list, never free text, which the front desk would read."""

    WRONG_PATIENT = "wrong-patient"
    UNREADABLE = "unreadable"
    WRONG_ACT = "wrong-act"  # the type or the day
    NOT_FOR_DMP = "not-for-dmp"


class By(StrEnum):
    """What proposes somebody as the patient of a scan."""

    CODE = "code"  # the INS datamatrix, with the same traits here
    TEXT = "text"  # name, first name and day of birth in the words
    SEARCH = "search"  # looked for by hand
    HOMONYM = "homonym"  # of the same name, sex and day as somebody proposed
    INS = "ins"  # the INS of a received message, with traits it does not contradict
    NIR = "nir"  # its social security number, with the same name, given name and day of birth
    TRAITS = "traits"  # its name, given name and day of birth, all three


class Part(StrEnum):
    """What is kept of a scan beside its row."""

    FILE = "file"  # as the scanner wrote it, or as it was received
    PDF = "pdf"  # as it is shown and sent
    TEXT = "text"  # the words of its text layer
    CDA = "cda"  # the document, once validated


@dataclass(frozen=True, slots=True, repr=False)
class Origin:
    """What a received message says of itself (ADR 32): nothing of its content, which the front desk does not see. `patient` is
    whom it names: it proposes. `documents` and `results`: how many. `to_dmp`: its sender says to send it there themselves.
    `warnings` are French sentences without any of it.
    """

    format: ReceivedFormat
    sender: str = ""
    sent_at: datetime | None = None
    patient: ReceivedPatient = field(default_factory=ReceivedPatient)
    documents: int = 0
    results: int = 0
    to_dmp: bool | None = None
    replaces: bool = False
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Never shows a patient: representations end up in logs."""
        return f"Origin({self.format.value})"


@dataclass(frozen=True, slots=True, repr=False)
class Scan:
    """One scan, as its row. `id` is of here; `size` in bytes of the file, `pages` of paper. Times are aware, `act_date` is
    that of the act, None until somebody gives it. `author_id` (PS_IdNat) is the doctor it is for.

    `codes` are what INS datamatrix codes on it tell; they choose nobody. `returned` is why it was given back last, `returns` how
    often it was; `copies` how often the very same file was dropped again. `unique_id` is that of the document, from its
    validation on, the `made`-th of this scan; `queued_by` (PS_IdNat) who sends it, `queued_from` the workstation it leaves from.
    `revision` counts the changes on this workstation. `origin`: of what was received and not scanned.
    """

    id: str
    state: ScanState
    received_at: datetime
    updated_at: datetime
    size: int
    pages: int
    digest: str
    codes: tuple[ScannedIdentity, ...] = ()
    patient: Patient | None = None
    type_code: str = ""
    act_date: date | None = None
    author_id: str = ""
    returned: Reason | None = None
    returns: int = 0
    copies: int = 0
    unique_id: str = ""
    validated_by: str = ""
    visibility: frozenset[Visibility] = frozenset()
    queued_by: str = ""
    queued_from: str = ""
    made: int = 0
    revision: int = 0
    origin: Origin | None = None

    @property
    def over(self) -> bool:
        """Nothing more is to be done with it."""
        return self.state in (ScanState.SENT, ScanState.DISCARDED)

    @property
    def by_others(self) -> bool:
        """Whether somebody else is its author and answers for it: it is read and filed here, never sent (ADR 32). A bare PDF does
        not tell: it is as a paper."""
        return self.origin is not None and self.origin.format is not ReceivedFormat.PDF

    def code_of_another(self, patient: Patient | None) -> bool:
        """Whether an INS datamatrix on the paper, or the message, names somebody by another number than `patient`'s."""
        told = [one.ins.value for one in self.codes]
        if self.origin is not None and self.origin.patient.ins is not None:
            told.append(self.origin.patient.ins.value)
        return patient is not None and any(one != patient.ins.value for one in told)

    def __repr__(self) -> str:
        """Never shows a patient: representations end up in logs."""
        return f"Scan({self.state.value})"


@dataclass(frozen=True, slots=True)
class TrayDoctor:
    """A professional scans may be for. `national_id` is PS_IdNat."""

    national_id: str
    name: str


class ScanRows(Protocol):
    """What keeps scans: on this workstation, or shared by the practice. Methods raise StorageError."""

    def add(self, scan: Scan, parts: Mapping[Part, bytes]) -> bool:
        """On the disk when it returns; False, with nothing changed, where its id or its digest is there already."""
        ...

    def change(self, scan: Scan, parts: Mapping[Part, bytes] | None = None) -> Scan | None:
        """`scan` in the place of the same one at its `revision`, with `parts` put beside it (an empty one is taken away); as
        kept, on the disk. None, with nothing changed, when it has been changed since."""
        ...

    def scans(self) -> tuple[list[Scan], int]:
        """All of them, the first received first; and how many there are besides that cannot be read."""
        ...

    def get(self, scan_id: str) -> Scan | None: ...

    def with_digest(self, digest: str) -> Scan | None: ...

    def part(self, scan_id: str, part: Part) -> bytes | None: ...

    def purge(self, before: datetime) -> int:
        """Forget what came to its end before a moment; how many."""
        ...

    def meet(self, doctor: TrayDoctor) -> None:
        """From now on scans may be for them."""
        ...

    def doctors(self) -> list[TrayDoctor]:
        """By name."""
        ...
