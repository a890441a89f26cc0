"""The practice's patients, by what a carte Vitale tells of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import Identity, StrictTraits
from dmp_desktop.domain.ins import InsStatus, is_ins
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import PatientDirectory
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.identity_patient import applied


class KnownPatients:
    """PatientDirectory in memory: patients whose qualified INS is a NIR, as the practice software gives them."""

    def __init__(self, patients: Iterable[Patient]) -> None:
        self._patients: dict[str, dict[str, Patient]] = {}
        for patient in patients:
            if patient.ins.status is InsStatus.QUALIFIEE:
                self._patients.setdefault(patient.ins.value, {})[f"{patient.birth_date:%Y%m%d}"] = patient

    def match(self, beneficiary: Beneficiary) -> Patient | None:
        """Same matricule and same birth date, or nobody: names on a carte Vitale are usual names and prove nothing.

        An unknown day or month (00) agrees with any, when one patient alone does: the INS has a real date in its place.
        """
        return _one(self._patients.get(beneficiary.nir, {}), beneficiary)


class IdentifiedPatients:
    """PatientDirectory of a workstation: those the practice software gives, and those qualified here.

    What this workstation learned goes before: a number that was taken away opens nothing. `unknown` is who was presented last
    and is nobody's here. A carte Vitale that INSi told the person of is remembered until `forget`. Raises StorageError.
    """

    def __init__(self, given: PatientDirectory, identities: IdentityService) -> None:
        self._given = given
        self._identities = identities
        self._told: dict[Beneficiary, str] = {}  # the id they are kept under here
        self._unknown: Beneficiary | None = None
        self._lock = threading.Lock()

    @property
    def unknown(self) -> Beneficiary | None:
        """Never blocks."""
        return self._unknown

    def match(self, beneficiary: Beneficiary) -> Patient | None:
        """The one patient, qualified; else nobody. Raises ContextError for who may not see an INS: they open no record."""
        self._identities.rights.may_see()
        found = self.look(beneficiary)
        self._unknown = beneficiary if found is None else None
        return found

    def means(self, beneficiary: Beneficiary, identity: Identity) -> None:
        """Somebody took what INSi told of a person on a carte Vitale: the NIR on a child's card is that of a parent."""
        with self._lock:
            self._told[beneficiary] = identity.person

    def forget(self) -> None:
        with self._lock:
            self._told.clear()
        self._unknown = None

    def look(self, beneficiary: Beneficiary) -> Patient | None:
        """As `match`, of somebody who is not presented now."""
        patient = self._given.match(beneficiary)
        if patient is not None:
            return self.as_known(patient)
        with self._lock:
            told = self._told.get(beneficiary)
        if told is not None:
            known = self._identities.of(told)
            return patient_of(known) if known else None
        if not is_ins(beneficiary.nir):
            return None
        renumbered = self._identities.renumbered(beneficiary.nir)
        kept = [renumbered] if renumbered else self._identities.with_matricule(beneficiary.nir)
        people = [patient_of(one) for one in kept]
        return _one({f"{one.birth_date:%Y%m%d}": one for one in people if one}, beneficiary)

    def as_known(self, patient: Patient) -> Patient | None:
        """One the practice software calls qualified, which stands unless this workstation knows better: with INSi's traits where
        somebody took them; nobody, where these are somebody else's and no document was seen."""
        number, traits = patient.ins.value, StrictTraits.of(patient)
        kept, had = self._identities.with_matricule(number), self._identities.formerly(number)
        if not kept:
            return self._since(patient, had) if had else self._undoubted(patient)
        if len(kept) > 1:
            return None
        [holder] = kept
        same = holder.traits.same_as(traits)
        if holder.status is InsStatus.QUALIFIEE:
            # Whom the practice software still gives may be who had this number by mistake: nothing of theirs is lent then.
            others = not same and any(one.traits.same_as(traits) for one in had)
            return patient_of(holder) if others else applied(patient, holder)
        return replace(applied(patient, holder), ins=patient.ins) if same else None

    def _since(self, patient: Patient, had: list[Identity]) -> Patient | None:
        """Under the number they have now, when INSi gave it in place of this one, or when it is they who had this one, by their
        traits too; else nobody."""
        if renumbered := self._identities.renumbered(patient.ins.value):
            return applied(patient, renumbered)
        now = [one for one in had if one.status is InsStatus.QUALIFIEE and one.traits.same_as(StrictTraits.of(patient))]
        return applied(patient, now[0]) if len(had) == len(now) == 1 else None

    def _undoubted(self, patient: Patient) -> Patient | None:
        """Nobody, where these very traits are in doubt here under no number: it is of them that it was said."""
        traits = StrictTraits.of(patient)
        said = (one for one in self._identities.homonyms(traits) if one.traits.exactly(traits) and not one.numbers)
        return None if any(one.doubt for one in said) else patient


def patient_of(identity: Identity) -> Patient | None:
    """The patient of an identity; None while it is not qualified."""
    traits, ins = identity.traits, identity.ins
    if ins is None or ins.status is not InsStatus.QUALIFIEE:
        return None
    return Patient(
        ins=ins,
        birth_family=traits.birth_family,
        birth_given=traits.birth_given,
        first_given=traits.first_given,
        sex=traits.sex,
        birth_date=traits.birth_date,
        birth_place_cog=traits.birth_place_cog,
    )


def presented(identity: Identity) -> Beneficiary:
    """An identity of here as one would be read on a carte Vitale: to open it. Raises ValueError without a number."""
    if identity.matricule is None:
        raise ValueError("nobody is found without a number")
    traits = identity.traits
    return Beneficiary(
        traits.birth_family, traits.first_given, f"{traits.birth_date:%Y%m%d}", identity.matricule.value, rank=1
    )


def _one(patients: dict[str, Patient], beneficiary: Beneficiary) -> Patient | None:
    """By the birth date read, the only one it agrees with."""
    found = [patient for known, patient in patients.items() if same_day(known, beneficiary.birth_date)]
    return found[0] if len(found) == 1 else None


def same_day(known: str, read: str) -> bool:
    """Two birth dates YYYYMMDD; 00 in the one that was read is any."""
    return known[:4] == read[:4] and read[4:6] in ("00", known[4:6]) and read[6:] in ("00", known[6:])
