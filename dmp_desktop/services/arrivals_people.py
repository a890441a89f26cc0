"""Whom a line of the day's list means among the identities of here: sure by a qualified INS or by who said so, else maybe."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.domain.arrivals import Arrival, Expected
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import Identity, StrictTraits, begins, folded
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.domain.ports import PatientDirectory
from dmp_desktop.services.arrivals import Arrivals
from dmp_desktop.services.directory import KnownPatients, patient_of
from dmp_desktop.services.identity_patient import applied
from dmp_desktop.services.known_identities import KnownIdentities


@dataclass(frozen=True, slots=True, repr=False)
class Whom:
    """`identity` is sure. Else `candidates` may be it, one or several side by side; `discordant`: the line's INS is that of
    somebody of other traits. `given` is who the practice software calls qualified, and nobody knows here."""

    identity: Identity | None = None
    candidates: tuple[Identity, ...] = ()
    discordant: bool = False
    given: Patient | None = None


class ArrivalPeople:
    """Reads identities, changes nothing. Methods raise StorageError."""

    def __init__(self, identities: KnownIdentities) -> None:
        self._identities = identities

    def whom(self, arrival: Arrival) -> Whom:
        if arrival.person and (said := self._identities.of(arrival.person)):
            return Whom(said)
        told = arrival.expected
        holders = self._by_number(told.ins) if told.ins else []
        agreeing = [one for one in holders if _agrees(told, one.traits)]
        if len(holders) == 1 and agreeing and agreeing[0].status is InsStatus.QUALIFIEE:
            return Whom(agreeing[0])
        candidates = {one.person: one for one in (*holders, *self._by_name(told))}
        if not candidates and told.patient and told.patient.ins.status is InsStatus.QUALIFIEE:
            lost = self._identities.withdrawn(told.ins)
            return Whom(given=None if lost else told.patient, discordant=lost)
        return Whom(candidates=tuple(candidates.values()), discordant=bool(holders) and not agreeing)

    def patient(self, arrival: Arrival) -> Patient | None:
        """The one patient, qualified; None while it is not sure who it is."""
        whom = self.whom(arrival)
        if whom.identity is None:
            return whom.given
        known, given = patient_of(whom.identity), arrival.expected.patient
        if known is None or given is None or given.ins.value != known.ins.value:
            return known
        return applied(given, whom.identity)  # with the address the practice software tells

    def _by_number(self, ins: str) -> list[Identity]:
        """Who has it; who INSi gave another one in its place."""
        renumbered = self._identities.renumbered(ins)
        return [renumbered] if renumbered else self._identities.with_matricule(ins)

    def _by_name(self, told: Expected) -> list[Identity]:
        """Homonyms born the same day: without a day nobody is looked for."""
        if told.birth_date is None or not told.given:
            return []
        return [one for one in self._identities.born_on(told.birth_date) if _agrees(told, one.traits)]


class AgendaPatients:
    """PatientDirectory: those another one gives, then those the practice software lists today as qualified."""

    def __init__(self, given: PatientDirectory, arrivals: Arrivals) -> None:
        self._given = given
        self._arrivals = arrivals

    def match(self, beneficiary: Beneficiary) -> Patient | None:
        """By matricule and birth date, as KnownPatients."""
        found = self._given.match(beneficiary)
        if found is not None:
            return found
        listed = (one.expected.patient for one in self._arrivals.listed().arrivals)
        return KnownPatients(one for one in listed if one).match(beneficiary)


def traits_of(told: Expected) -> StrictTraits | None:
    """To begin an identity with; None while the line lacks one of its strict traits."""
    if told.patient is not None:
        return StrictTraits.of(told.patient)
    if not told.given or told.birth_date is None:
        return None
    return StrictTraits(told.family, told.given, told.given, told.sex, told.birth_date)


def _agrees(told: Expected, known: StrictTraits) -> bool:
    """Whatever the line tells is the same; a given name may be the first one only."""
    return (
        folded(told.family) == folded(known.birth_family)
        and (not told.given or begins(known.birth_given, told.given) or begins(told.given, known.first_given))
        and told.birth_date in (None, known.birth_date)
        and told.sex in (Sex.UNKNOWN, known.sex)
    )
