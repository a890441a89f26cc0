"""The access to records in memory: what a patient said, and one special access at a time. Refuses what the services refuse."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from dmp_desktop.domain.access import AccessMode, Administrative, FoundPerson, PersonQuery
from dmp_desktop.domain.consent import DECISIONS, AccessAct, Channel, Consent, Decision, Subject, TracedAct
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError, DmpError
from dmp_desktop.services.access_acts import AccessOverview
from dmp_desktop.services.special_access import SpecialAccess
from dmp_desktop.services.special_words import Reason
from tests.ui.fakes import NOW

BY = "Dr Camille DUPONT"
LASTS = 1800.0
OBJECTS = (
    "Le patient s'est opposé à l'envoi de documents dans son DMP : rien n'y est envoyé. "
    "Si le patient a changé d'avis, notez-le dans « Accès au dossier »."
)


class FakeAccess:
    """`refusals` by the name of the overview's field; `errors` are raised, one a call, by what is asked of the DMP."""

    def __init__(self) -> None:
        self.acts: list[TracedAct] = []
        self.refusals: dict[str, str] = {}
        self.told = Administrative(opposes_break_glass=False, opposes_emergency=None, attached_to_mes=True)
        self.errors: list[DmpDesktopError] = []
        self.calls: list[object] = []
        self.found: list[FoundPerson] = []
        self.queries: list[PersonQuery] = []
        self.opened: SpecialAccess | None = None
        self.left = LASTS
        self.gate = threading.Event()
        self.gate.set()
        self._told_of_opinions: list[Callable[[InsIdentity], None]] = []
        self._told_of_others: list[Callable[[InsIdentity, Subject, bool], None]] = []
        self._followers: list[Callable[[Patient], None]] = []
        self._moment = NOW

    def _wait(self) -> None:
        self.gate.wait(120)
        if self.errors:
            raise self.errors.pop(0)

    def note(self, act: AccessAct, reason: str = "", words: str = "") -> TracedAct:
        self._moment += timedelta(minutes=1)
        traced = TracedAct(act, self._moment, "10002422979", BY, reason, words)
        self.acts.insert(0, traced)
        return traced

    def overview(self, patient: Patient) -> AccessOverview:
        self._wait()
        minor = patient.age(NOW.date()) < 18
        refused = self.refusals.get
        return AccessOverview(
            self.consent(patient),
            tuple(self.acts),
            minor,
            refused("authorise"),
            refused("withdraw"),
            refused("attending"),
            refused("administrative"),
            refused("break_glass"),
            refused("secret"),
        )

    def consent(self, patient: Patient) -> Consent:
        return Consent(*(self._decision(subject) for subject in Subject))

    def _decision(self, subject: Subject) -> Decision:
        acts = {DECISIONS[subject, opposed]: opposed for opposed in (False, True)}
        told = next((act for act in self.acts if act.act in acts), None)
        return Decision(acts[told.act], told) if told else Decision()

    def administrative(self, patient: Patient) -> Administrative:
        self._wait()
        return self.told

    def record(self, patient: Patient, subject: Subject, *, opposed: bool, channel: Channel | None = None) -> None:
        self._wait()
        self.note(DECISIONS[subject, opposed], channel or "")
        for noted in self._told_of_opinions:
            noted(patient.ins)

    def follow_opinions(self, noted: Callable[[InsIdentity], None]) -> None:
        self._told_of_opinions.append(noted)

    def follow_others(self, heard: Callable[[InsIdentity, Subject, bool], None]) -> None:
        self._told_of_others.append(heard)

    def feeding_refusal(self, patient: Patient) -> str | None:
        return OBJECTS if self._decision(Subject.FEEDING).opposed else None

    def reading_refusal(self, patient: Patient) -> str | None:
        return self.refusals.get("reading")

    def withdraw(self, patient: Patient) -> None:
        self._wait()
        self.calls.append("withdraw")

    def attend(self, patient: Patient, *, attending: bool) -> None:
        self._wait()
        self.calls.append(("attend", attending))

    def follow(self, changed: Callable[[Patient], None]) -> None:
        self._followers.append(changed)

    def peek(self) -> SpecialAccess | None:
        return self.opened if self.left > 0 else None

    def seconds_left(self) -> float | None:
        return self.left if self.opened and self.opened.ends else None

    def look(self) -> None:
        if self.left <= 0:
            self.end()

    def end(self) -> None:
        ended, self.opened = self.opened, None
        if ended:
            self.note(AccessAct.SPECIAL_ENDED)
            self._changed(ended.patient)

    def patient_shown(self, patient: Patient | None) -> None:
        if self.opened and (patient is None or patient.ins.value != self.opened.patient.ins.value):
            self.end()

    def objection(self, patient: Patient) -> TracedAct | None:
        self._wait()
        said = self._decision(Subject.CONSULTATION)
        return said.told if said.opposed else None

    def break_glass(self, patient: Patient, reason: Reason, words: str, despite: TracedAct | None) -> None:
        self._wait()
        self._told_of(patient, despite)
        self.calls.append((reason, words, despite))
        self.note(AccessAct.GLASS_BROKEN, reason, words)
        self.begin(patient, AccessMode.BRIS_DE_GLACE)

    def regulate(self, patient: Patient, despite: TracedAct | None) -> None:
        self._wait()
        self._told_of(patient, despite)
        self.begin(patient, AccessMode.CENTRE_15)

    def connect_secretly(self, patient: Patient) -> None:
        self._wait()
        self.begin(patient, AccessMode.NORMAL, secret=True)

    def break_glass_refusal(self) -> str | None:
        return self.refusals.get("break_glass")

    def regulation_refusal(self) -> str | None:
        return self.refusals.get("regulation")

    def search_person(self, query: PersonQuery) -> Sequence[FoundPerson]:
        self._wait()
        self.queries.append(query)
        return self.found

    def begin(self, patient: Patient, mode: AccessMode, *, secret: bool = False) -> None:
        timed = mode is AccessMode.BRIS_DE_GLACE
        ends = NOW + timedelta(seconds=LASTS) if timed else None
        self.left = LASTS
        self.opened = SpecialAccess(patient, mode, secret, NOW, ends, "10002422979", BY)
        self._changed(patient)

    def _told_of(self, patient: Patient, despite: TracedAct | None) -> None:
        if self.objection(patient) != despite:
            raise DmpError("objection", "Le patient s'est opposé.", "Recommencez.")

    def _changed(self, patient: Patient) -> None:
        for changed in self._followers:
            changed(patient)


def found(patient: Patient, match: int, *, opposes: bool = False, born: date | None = None) -> FoundPerson:
    """One answer of TD0.5."""
    born = born or patient.birth_date
    return FoundPerson(
        patient.ins, patient.birth_family, patient.first_given, born, patient.sex, match, opposes, "Reims"
    )
