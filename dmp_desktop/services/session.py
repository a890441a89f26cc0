"""Who is in front of the screen and which patient is open: follows the cards, never decides alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from dmp_desktop.domain.cards import Beneficiary, CardEvent, CardEventType, CardKind, PublicCps
from dmp_desktop.domain.people import Facility, Patient, Professional, Role
from dmp_desktop.domain.ports import PatientDirectory, ProfessionalCard, VitaleReader
from dmp_desktop.errors import CardError, DmpDesktopError

STAY = -1
"""Choice meaning: none of the candidates, leave everything as it was."""


class Phase(StrEnum):
    """What the window may show."""

    MASKED = "masked"  # no professional card: nothing of a patient is on screen
    READY = "ready"  # professional signed in, no patient
    CHOOSING = "choosing"  # the carte Vitale holds several people, or a second one came in: ask
    OPEN = "open"  # a patient's record is open


@dataclass(frozen=True, slots=True)
class SessionState:
    """One immutable picture of the session. `notice` is a French sentence on the reader or the cards, or empty.

    While CHOOSING, `patient` is the one whose record stays open if no candidate is chosen (None when there was none).
    """

    phase: Phase = Phase.MASKED
    service_up: bool = False
    readers: tuple[str, ...] = ()
    cps_present: bool = False
    vitale_present: bool = False
    professional: Professional | None = None
    facility: Facility | None = None
    role: Role | None = None
    patient: Patient | None = None
    candidates: tuple[Beneficiary, ...] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a professional card opened."""

    professional: Professional
    facility: Facility
    role: Role


class Session:
    """Turns card events into states. `handle` and `choose` do card I/O and sign-in: call them from one worker at a time.

    `sign_in` opens the professional's identity and raises DmpDesktopError when it cannot; `sign_out` drops keys and TLS state.
    """

    def __init__(
        self,
        vitale: VitaleReader,
        cps: ProfessionalCard,
        directory: PatientDirectory,
        sign_in: Callable[[PublicCps], SignedIn],
        sign_out: Callable[[], None],
    ) -> None:
        self._vitale = vitale
        self._cps = cps
        self._directory = directory
        self._sign_in = sign_in
        self._sign_out = sign_out
        self._state = SessionState()
        self._slots: dict[str, CardKind] = {}
        self._desk = ""  # the reader whose card is signed in
        self._work = threading.Lock()

    def state(self) -> SessionState:
        """The present state; never waits."""
        return self._state

    def handle(self, event: CardEvent) -> SessionState:
        """Follow one event of the watcher. Errors become the notice: a reader must never stop the doctor."""
        with self._work:
            match event.type:
                case CardEventType.SERVICE_UP:
                    self._set(service_up=True, notice="")
                case CardEventType.SERVICE_DOWN:
                    self._set(
                        service_up=False,
                        notice="Le service de cartes est arrêté : branchez un lecteur ou relancez le service.",
                    )
                case CardEventType.READER_ADDED:
                    self._set(readers=(*self._state.readers, event.reader))
                case CardEventType.READER_REMOVED:
                    self._set(readers=tuple(name for name in self._state.readers if name != event.reader))
                case CardEventType.CARD_MUTE:
                    self._set(notice="La carte est mal insérée : retirez-la et retournez-la.")
                case CardEventType.CARD_INSERTED:
                    self._inserted(event)
                case CardEventType.CARD_REMOVED:
                    self._removed(event.reader)
            return self._state

    def choose(self, index: int) -> SessionState:
        """Open the record of `candidates[index]`; with STAY, keep what was open."""
        with self._work:
            candidates = self._state.candidates
            if index == STAY or not 0 <= index < len(candidates):
                phase = Phase.OPEN if self._state.patient else Phase.READY
                self._set(phase=phase, candidates=(), notice="")
            else:
                self._open(candidates[index])
            return self._state

    def close_patient(self) -> SessionState:
        """Close the record without touching the cards."""
        with self._work:
            if self._state.phase is not Phase.MASKED:
                self._set(phase=Phase.READY, patient=None, candidates=(), notice="")
            return self._state

    def _inserted(self, event: CardEvent) -> None:
        kind = event.kind or CardKind.UNKNOWN
        try:
            if kind is CardKind.UNKNOWN:
                kind = self._probe(event.reader)
            if kind is CardKind.CPS:
                self._professional_in(event.reader)
            else:
                self._vitale_in(event.reader)
        except DmpDesktopError as error:
            self._slots.setdefault(event.reader, kind)
            self._set(notice=f"{error.message_fr} {error.remedy_fr}".strip())

    def _probe(self, reader: str) -> CardKind:
        """An ATR we do not know: the card itself says what it is. Raises CardError when it is neither."""
        try:
            self._cps.read_public(reader)
        except CardError:
            self._vitale.read(reader)
            return CardKind.VITALE
        return CardKind.CPS

    def _professional_in(self, reader: str) -> None:
        """Sign in with the card of `reader`. Whoever was signed in leaves first, as if their card had: nothing is mixed."""
        card = self._cps.read_public(reader)
        self._slots[reader] = CardKind.CPS
        if self._desk:
            self._professional_out()
        self._set(cps_present=True)
        signed_in = self._sign_in(card)
        self._desk = reader
        self._set(
            phase=Phase.READY,
            professional=signed_in.professional,
            facility=signed_in.facility,
            role=signed_in.role,
            notice="",
        )
        waiting = next((name for name, kind in self._slots.items() if kind is CardKind.VITALE), None)
        if waiting is not None:
            self._vitale_in(waiting)

    def _professional_out(self) -> None:
        """Mask first, then let go of the keys: the screen must not wait for a connection to close."""
        self._desk = ""
        self._state = SessionState(
            service_up=self._state.service_up,
            readers=self._state.readers,
            cps_present=CardKind.CPS in self._slots.values(),
            vitale_present=self._state.vitale_present,
        )
        self._sign_out()

    def _vitale_in(self, reader: str) -> None:
        if self._state.professional is None:
            self._slots[reader] = CardKind.VITALE
            self._set(
                vitale_present=True, notice="Carte Vitale présente : insérez votre carte CPS pour ouvrir le dossier."
            )
            return
        beneficiaries = self._vitale.read(reader).beneficiaries
        self._slots[reader] = CardKind.VITALE
        self._set(vitale_present=True, notice="")
        patient = self._state.patient
        if len(beneficiaries) > 1:
            # Also when the open patient is among them: the next one of the same family may be sitting there.
            self._set(phase=Phase.CHOOSING, candidates=beneficiaries)
        elif patient is None:
            self._open(beneficiaries[0])
        elif self._directory.match(beneficiaries[0]) != patient:
            self._set(phase=Phase.CHOOSING, candidates=beneficiaries)

    def _open(self, person: Beneficiary) -> None:
        patient = self._directory.match(person)
        if patient is None:
            phase = Phase.OPEN if self._state.patient else Phase.READY
            notice = "Ce patient n'a pas d'INS qualifiée ici : qualifiez son identité avant d'ouvrir son DMP."
            self._set(phase=phase, candidates=(), notice=notice)
        else:
            self._set(phase=Phase.OPEN, patient=patient, candidates=(), notice="")

    def _removed(self, reader: str) -> None:
        kind = self._slots.pop(reader, None)
        if kind is CardKind.CPS:
            if reader == self._desk:
                self._professional_out()
            self._set(cps_present=CardKind.CPS in self._slots.values())
        else:
            vitale_present = CardKind.VITALE in self._slots.values()
            self._set(vitale_present=vitale_present, notice="")

    def _set(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type]
