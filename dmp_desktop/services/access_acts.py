"""What the window shows and does about the access to one record, asked and answered as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dmp_desktop.domain.access import Administrative, FoundPerson, PersonQuery
from dmp_desktop.domain.consent import Channel, Consent, Subject, TracedAct
from dmp_desktop.domain.dmp_ports import RecordAdministration
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.services.access import AttendingService
from dmp_desktop.services.access_desk import AccessDesk
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.rights import Action
from dmp_desktop.services.special_access import SpecialAccess
from dmp_desktop.services.special_words import Reason
from dmp_desktop.services.visibility import is_minor


@dataclass(frozen=True, slots=True)
class AccessOverview:
    """What this workstation knows. The refusals are French reasons of greyed-out buttons, None where the button works; `history`
    has the latest first."""

    consent: Consent
    history: tuple[TracedAct, ...]
    minor: bool
    authorise_refusal: str | None
    withdraw_refusal: str | None
    attending_refusal: str | None
    administrative_refusal: str | None
    break_glass_refusal: str | None
    secret_refusal: str | None


class AccessActs:
    """The desk of access, the record and what the DMP tells, joined for the screen. `administration` is of who is signed in;
    `may_read` refuses the number of somebody who is no longer qualified."""

    def __init__(
        self,
        desk: AccessDesk,
        dossier: DossierService,
        attending: AttendingService,
        administration: Callable[[], RecordAdministration | None],
        may_read: Callable[[InsIdentity], None] = lambda _ins: None,
    ) -> None:
        self._desk = desk
        self._dossier = dossier
        self._attending = attending
        self._administration = administration
        self._may_read = may_read

    def overview(self, patient: Patient) -> AccessOverview:
        """Without asking the DMP. Raises StorageError."""
        desk, policy, special = self._desk, self._desk.policy, self._desk.special
        return AccessOverview(
            consent=desk.oppositions.consent(patient.ins),
            history=tuple(desk.oppositions.history(patient.ins)),
            minor=is_minor(patient, desk.clock.now().astimezone().date()),
            authorise_refusal=policy.refusal(Action.AUTHORISE, patient.ins),
            withdraw_refusal=policy.refusal(Action.WITHDRAW, patient.ins),
            attending_refusal=self._attending.refusal(patient),
            administrative_refusal=policy.refusal(Action.ADMINISTRATIVE, patient.ins),
            break_glass_refusal=special.break_glass_refusal(),
            secret_refusal=special.secret_refusal(patient),
        )

    def consent(self, patient: Patient) -> Consent:
        """Raises StorageError."""
        return self._desk.oppositions.consent(patient.ins)

    def administrative(self, patient: Patient) -> Administrative:
        """TD1.3a. Raises DmpError, CardError, ContextError by `may_read`."""
        self._may_read(patient.ins)
        administration = self._administration()
        if administration is None:
            raise CardError("CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.", "Insérez-la.")
        return administration.administrative(patient.ins)

    def record(self, patient: Patient, subject: Subject, *, opposed: bool, channel: Channel | None = None) -> None:
        """What the patient says now. Raises DmpError, StorageError."""
        self._desk.oppositions.record(patient, subject, opposed=opposed, channel=channel)

    def follow_opinions(self, noted: Callable[[InsIdentity], None]) -> None:
        """`noted` is called when a patient's opinion was noted, here or elsewhere, from the thread that notes it."""
        self._desk.oppositions.follow(lambda patient, _subject, _opposed: noted(patient))

    def follow_others(self, heard: Callable[[InsIdentity, Subject, bool], None]) -> None:
        """`heard` is called with what a patient said at another workstation, once it holds here, from the thread that took it."""
        self._desk.oppositions.follow_others(heard)

    def feeding_refusal(self, patient: Patient) -> str | None:
        """Why the patient's opinion lets nothing be sent, in French. Raises StorageError."""
        try:
            self._desk.oppositions.may_feed(patient.ins)
        except ContextError as error:
            return error.told_fr
        return None

    def reading_refusal(self, patient: Patient) -> str | None:
        """Why who is signed in may open no document of this record, in French."""
        return self._desk.policy.refusal(Action.READ, patient.ins)

    def withdraw(self, patient: Patient) -> None:
        """Raises DmpError."""
        self._dossier.withdraw(patient)

    def attend(self, patient: Patient, *, attending: bool) -> None:
        """Raises DmpError."""
        (self._attending.declare if attending else self._attending.end)(patient)

    # -- special accesses --------------------------------------------------------------------------------------------------------

    def follow(self, changed: Callable[[Patient], None]) -> None:
        """`changed` is called from any thread when an access begins and when it has ended."""
        self._desk.special.follow(changed)

    def peek(self) -> SpecialAccess | None:
        """What is open now. Never blocks."""
        return self._desk.special.peek()

    def seconds_left(self) -> float | None:
        """Never blocks."""
        return self._desk.special.seconds_left()

    def look(self) -> None:
        """End what is over."""
        self._desk.special.look()

    def end(self) -> None:
        self._desk.special.end()

    def patient_shown(self, patient: Patient | None) -> None:
        self._desk.special.patient_shown(patient)

    def objection(self, patient: Patient) -> TracedAct | None:
        """Raises StorageError."""
        return self._desk.special.objection(patient.ins)

    def break_glass(self, patient: Patient, reason: Reason, words: str, despite: TracedAct | None) -> None:
        """Raises as SpecialAccessService.break_glass."""
        self._desk.special.break_glass(patient, reason, words, despite=despite)

    def regulate(self, patient: Patient, despite: TracedAct | None) -> None:
        """Raises as SpecialAccessService.regulate."""
        self._desk.special.regulate(patient, despite=despite)

    def connect_secretly(self, patient: Patient) -> None:
        """Raises as SpecialAccessService.connect_secretly."""
        self._desk.special.connect_secretly(patient)

    # -- regulation --------------------------------------------------------------------------------------------------------------

    def break_glass_refusal(self) -> str | None:
        """Never blocks; nor does the next one."""
        return self._desk.special.break_glass_refusal()

    def regulation_refusal(self) -> str | None:
        return self._desk.special.regulation_refusal()

    def search_person(self, query: PersonQuery) -> Sequence[FoundPerson]:
        """Raises DmpError."""
        return self._desk.special.search_person(query)
