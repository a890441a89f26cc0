"""The tray as the window works on it, for whoever is signed in: one object for the front desk and for doctors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from dmp_desktop.domain import roles
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.roles import Task
from dmp_desktop.domain.tray import Scan, ScanState, TrayDoctor
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.tray import TrayService
from dmp_desktop.services.tray_intake import Intake, IntakeReport
from dmp_desktop.services.tray_patients import Candidate, TrayPatients
from dmp_desktop.services.tray_sending import Batch, Leaving, TraySending
from dmp_desktop.terminology import document_types

USUAL = (
    "11488-4", "34112-3", "11490-0", "18748-4", "11502-2", "34874-8", "15507-7", "60568-3", "96349-6", "70004-7", "47420-5",
    "11506-3", "57833-6", "89601-9", "11369-6",
)  # fmt: skip
"""Types of what is scanned in a general practice, the most frequent first (ours)."""
_NOT_ON_PAPER = ("DOCPAT", "EXPPAT", "FEUILLE-DE-STYLE", "EXPORT_DUI", "IMG-KOS", "E1762", "REMB")
"""Types of JDV_J07 that patients, systems or the DMP itself deposit."""


@dataclass(frozen=True, slots=True, repr=False)
class TrayOverview:
    """What there is for who is signed in. `sees_pages`: they read records; `usual` and `types` of JDV_J07."""

    sees_pages: bool
    to_prepare: tuple[Scan, ...]
    to_validate: tuple[Scan, ...]
    validated: tuple[Scan, ...]
    leaving: tuple[Leaving, ...]
    out: tuple[Scan, ...]
    filed: tuple[Scan, ...]
    damaged: int
    doctors: tuple[TrayDoctor, ...]
    usual: tuple[Code, ...]
    types: tuple[Code, ...]
    intake: IntakeReport
    received: IntakeReport

    def alike(self, scan: Scan) -> int:
        """How many others, not yet sent, are of the same patient, type and day: the same paper, perhaps, scanned twice."""
        others = (*self.to_validate, *self.validated, *(one.scan for one in self.leaving))
        return sum(one.id != scan.id and _what(one) == _what(scan) for one in others)


class SettingsStore(Protocol):
    def load(self) -> Settings: ...

    def save(self, settings: Settings) -> None: ...


class TrayDesk:
    """`who` is signed in. Methods raise as the services they are of."""

    def __init__(
        self,
        service: TrayService,
        sending: TraySending,
        patients: TrayPatients,
        intake: Intake,
        received: Intake,
        settings: SettingsStore,
        who: Callable[[], SignedIn | None],
    ) -> None:
        self._service = service
        self._sending = sending
        self._patients = patients
        self._intake = intake
        self._received = received
        self._settings = settings
        self._who = who
        self.prepare = service.prepare
        self.pages = service.pages
        self.validate = service.validate
        self.file = service.file
        self.filed = service.filed
        self.filed_words = service.filed_words
        self.reopen = service.reopen
        self.give_back = service.give_back
        self.discard = service.discard
        self.restore = service.restore
        self.meet = service.meet
        self.retry = sending.retry
        self.take_back = sending.take_back

    def overview(self) -> TrayOverview:
        self._sending.settle()
        scans, damaged = self._service.scans()
        mine = {one.id for one in scans}
        who = self._who()
        usual, types = _types()
        return TrayOverview(
            sees_pages=who is not None and roles.may(who.role, Task.READ_RECORDS),
            to_prepare=_in(scans, ScanState.TO_PREPARE),
            to_validate=_in(scans, ScanState.TO_VALIDATE),
            validated=_in(scans, ScanState.VALIDATED),
            leaving=tuple(one for one in self._sending.leaving() if one.scan.id in mine),
            out=_in(scans, ScanState.DISCARDED),
            filed=_in(scans, ScanState.FILED)[::-1],
            damaged=damaged,
            doctors=tuple(self._service.doctors()),
            usual=usual,
            types=types,
            intake=self._intake.report,
            received=self._received.report,
        )

    def to_do(self) -> int:
        """How many scans wait for who is signed in: to be prepared at the desk, to be validated by their doctor."""
        scans, _damaged = self._service.scans()
        who = self._who()
        doctor = who is not None and roles.may(who.role, Task.READ_RECORDS)
        return len(_in(scans, ScanState.TO_VALIDATE if doctor else ScanState.TO_PREPARE))

    def candidates(self, scan: Scan) -> tuple[Candidate, ...]:
        told = scan.origin.patient if scan.origin is not None else None
        return self._patients.propose(scan.codes, self._service.words(scan), told)

    def search(self, born: date, beginning: str) -> tuple[Candidate, ...]:
        return self._patients.search(born, beginning)

    def send(self, scans: Iterable[Scan]) -> Batch:
        return self._sending.send(scans)

    def watch(self, folder: str) -> None:
        """From now on scans are taken from there. Raises ContextError where there is no such folder, or it is not apart."""
        settings = self._settings.load()
        self._settings.save(replace(settings, scan_folder=watched_folder(folder)))

    def watch_received(self, folder: str) -> None:
        """Likewise, what others send."""
        settings = self._settings.load()
        self._settings.save(replace(settings, received_folder=watched_folder(folder)))


def watched_folder(chosen: str) -> str:
    """Its whole path. Raises ContextError where there is none."""
    if not Path(chosen).is_dir():
        raise ContextError("scan-folder", "Ce dossier n'existe pas.", "Choisissez-en un autre.", field="folder")
    return str(Path(chosen).absolute())


def _what(scan: Scan) -> tuple[str, str, date | None]:
    return scan.patient.ins.value if scan.patient else "", scan.type_code, scan.act_date


def _in(scans: Sequence[Scan], state: ScanState) -> tuple[Scan, ...]:
    return tuple(one for one in scans if one.state is state)


def _types() -> tuple[tuple[Code, ...], tuple[Code, ...]]:
    """The usual ones, and all that may be on paper, by their label."""
    papers = {one.code: one for one in document_types() if not one.code.startswith(_NOT_ON_PAPER)}
    others = sorted(papers.values(), key=lambda one: one.display.casefold())
    return tuple(papers[code] for code in USUAL if code in papers), tuple(others)
