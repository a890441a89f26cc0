"""What the patient objects to, consultation and feeding each by itself: recorded with who and when, changed at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dmp_desktop.domain.consent import DECISIONS, AccessAct, Channel, Consent, Decision, Subject, TracedAct
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.services.known_numbers import Numbers, Told, alone
from dmp_desktop.services.sign_in import Account
from dmp_desktop.storage.access import AccessStore

Changed = Callable[[InsIdentity, Subject, bool], None]
"""Number of the patient, subject, whether they object from now on."""

_SAID = {act: said for said, act in DECISIONS.items()}

_ASK = "Si le patient a changé d'avis, notez-le dans « Accès au dossier »."
_ASK_FIRST = "Demandez-lui son avis et notez-le dans « Accès au dossier »."


@dataclass(frozen=True, slots=True)
class AccessTrace:
    """Writes acts in the name of who is signed in."""

    store: AccessStore
    who: Callable[[], Account | None]
    clock: Clock

    def note(self, patient: InsIdentity, act: AccessAct, reason: str = "", words: str = "") -> TracedAct:
        """Durable when this returns. Raises DmpError when nobody is signed in, StorageError."""
        traced = self.signed(act, reason, words)
        self.store.append(patient, traced)
        return traced

    def signed(self, act: AccessAct, reason: str = "", words: str = "") -> TracedAct:
        """Now, by who is signed in; nothing is written. Raises DmpError when nobody is."""
        account = self.who()
        if account is None:
            raise DmpError("SessionFermee", "Personne n'est connecté : rien n'a été noté.", "Insérez votre carte.")
        name = account.professional.display_name
        return TracedAct(act, self.clock.now(), account.national_id, name, reason, words)


class OppositionService:
    """The two oppositions. `unrecorded_allowed` (setting `unrecorded_consent`): what nobody recorded stops nothing.

    `numbers` gives a person's former matricules too: what they said under them holds until they say something else.
    """

    def __init__(self, trace: AccessTrace, *, unrecorded_allowed: bool = True, numbers: Numbers = alone) -> None:
        self._trace = trace
        self._numbers = numbers
        self._unrecorded_allowed = unrecorded_allowed
        self._followers: tuple[Changed, ...] = ()
        self._followers_of_others: tuple[Changed, ...] = ()

    def follow(self, changed: Changed) -> None:
        """Have `changed` called after each decision, from the thread that records it, or takes it from another workstation."""
        self._followers += (changed,)

    def follow_others(self, changed: Changed) -> None:
        """As `follow`, for what was said at another workstation only; called after those."""
        self._followers_of_others += (changed,)

    def heard(self, patient: InsIdentity, traced: TracedAct) -> None:
        """An act of another workstation is in the trace: what follows from it holds here too, unless somebody said otherwise
        since. Said again of the same act, nothing else comes of it. Raises StorageError."""
        if traced.act not in _SAID:
            return
        subject, opposed = _SAID[traced.act]
        for number in self._numbers(patient):
            if self.is_opposed(number.ins, subject) is opposed:
                for changed in (*self._followers, *self._followers_of_others):
                    changed(number.ins, subject, opposed)

    def consent(self, patient: InsIdentity) -> Consent:
        """Raises StorageError."""
        return Consent(self._decision(patient, Subject.CONSULTATION), self._decision(patient, Subject.FEEDING))

    def history(self, patient: InsIdentity) -> list[TracedAct]:
        """Everything traced of the access to this record, the latest first. Raises StorageError."""
        found = [traced for number in self._numbers(patient) for traced in self._acts(number)]
        return sorted(found, key=lambda traced: traced.at, reverse=True)

    def record(self, patient: Patient, subject: Subject, *, opposed: bool, channel: Channel | None = None) -> Consent:
        """What the patient says now, in the name of who is signed in; `channel`, where it was asked, is how they said it.

        Raises DmpError when nobody is signed in, StorageError.
        """
        self._trace.note(patient.ins, DECISIONS[subject, opposed], channel or "")
        for changed in self._followers:
            changed(patient.ins, subject, opposed)
        return self.consent(patient.ins)

    def may_consult(self, patient: InsIdentity) -> None:
        """Raises DmpError when the patient objects to the consultation of their record (DMP/CONF.06), StorageError."""
        if why := self._why_not(patient, Subject.CONSULTATION):
            raise DmpError("ConsultationOpposee", *why)

    def may_feed(self, patient: InsIdentity) -> None:
        """Raises ContextError when the patient objects to the feeding of their record (DMP/CONF.09), StorageError."""
        if why := self._why_not(patient, Subject.FEEDING):
            raise ContextError("feeding-opposed", *why, field="patient")

    def is_opposed(self, patient: InsIdentity, subject: Subject) -> bool | None:
        """None: nothing was recorded. Raises StorageError."""
        numbers = self._numbers(patient)
        if len(numbers) == 1 and numbers[0].theirs is None:
            return _opposed(self._trace.store.latest_act(patient, _acts(subject)), subject)
        return self._decision(patient, subject).opposed

    def withdrawn(self, patient: InsIdentity) -> bool:
        """Whether the authorisation was to be withdrawn here, whatever became of it, and nobody declared it anew since. Raises
        StorageError."""
        last = self._latest(patient, (AccessAct.AUTHORISED, AccessAct.WITHDRAWN, AccessAct.WITHDRAWAL_ASKED))
        return last is not None and last.act is not AccessAct.AUTHORISED

    def authorised_at(self, patient: InsIdentity) -> datetime | None:
        """When an authorisation was last declared from here, None: never. Raises StorageError."""
        last = self._latest(patient, (AccessAct.AUTHORISED,))
        return last.at if last else None

    def _latest(self, patient: InsIdentity, among: tuple[AccessAct, ...]) -> TracedAct | None:
        found = [self._latest_of(number, among) for number in self._numbers(patient)]
        return max((one for one in found if one), key=lambda traced: traced.at, default=None)

    def _latest_of(self, number: Told, among: tuple[AccessAct, ...]) -> TracedAct | None:
        if number.theirs is None:
            return self._trace.store.latest(number.ins, among)
        return next((traced for traced in self._acts(number) if traced.act in among), None)

    def _acts(self, number: Told) -> list[TracedAct]:
        """What was said under a number by the one it is asked for, the latest first."""
        return [traced for traced in self._trace.store.acts(number.ins) if number.is_theirs(traced.at)]

    def _decision(self, patient: InsIdentity, subject: Subject) -> Decision:
        told = self._latest(patient, _acts(subject))
        return Decision(_opposed(told.act if told else None, subject), told)

    def _why_not(self, patient: InsIdentity, subject: Subject) -> tuple[str, str] | None:
        opposed = self.is_opposed(patient, subject)
        if opposed is None:
            return None if self._unrecorded_allowed else (_UNRECORDED[subject], _ASK_FIRST)
        return (_OPPOSED[subject], _ASK) if opposed else None


_OPPOSED = {
    Subject.CONSULTATION: "Le patient s'est opposé à la consultation de son DMP.",
    Subject.FEEDING: "Le patient s'est opposé à l'envoi de documents dans son DMP : rien n'y est envoyé.",
}
_UNRECORDED = {
    Subject.CONSULTATION: "L'avis du patient sur la consultation de son DMP n'est pas noté.",
    Subject.FEEDING: "L'avis du patient sur l'envoi de documents dans son DMP n'est pas noté.",
}


def _acts(subject: Subject) -> tuple[AccessAct, AccessAct]:
    return DECISIONS[subject, False], DECISIONS[subject, True]


def _opposed(act: AccessAct | None, subject: Subject) -> bool | None:
    return None if act is None else act is DECISIONS[subject, True]
