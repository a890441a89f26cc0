"""Whose a scan may be, of those known here: by its INS datamatrix, then by name and birth date in its words; whose a message may
be: by its INS, then its NIR or its traits, never a name alone. Chooses nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import Identity, StrictTraits, begins, folded
from dmp_desktop.domain.ins import is_ins, nir_key
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.domain.received import ReceivedPatient
from dmp_desktop.domain.scanned import ScannedIdentity
from dmp_desktop.domain.tray import By
from dmp_desktop.errors import ContextError
from dmp_desktop.services.directory import presented
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.patient_entries import agree

MAX_DAYS = 200
"""Of one text, looked up: a list of results holds no more."""
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s?[/.\-]\s?(\d{1,2})\s?[/.\-]\s?(\d{4})(?!\d)")
_WRITTEN = re.compile(r"(?<!\w)(\d{1,2}|1ER) ([A-Z]+) (\d{4})(?!\d)")
_MONTH_NAMES = (
    "JANVIER", "FEVRIER", "MARS", "AVRIL", "MAI", "JUIN", "JUILLET", "AOUT", "SEPTEMBRE", "OCTOBRE", "NOVEMBRE", "DECEMBRE",
)  # fmt: skip
_MONTHS = {month: number for number, month in enumerate(_MONTH_NAMES, 1)}


@dataclass(frozen=True, slots=True, repr=False)
class Candidate:
    """Somebody a scan may be of. `patient` is None where nothing may be sent for them: not qualified, or the code's traits are
    others than those known here (`discordant`), or unknown here (`unknown`). `number` is their matricule, empty if none."""

    traits: StrictTraits
    number: str
    by: By
    patient: Patient | None = None
    discordant: bool = False
    unknown: bool = False

    @property
    def checked(self) -> Candidate:
        """Without a patient to choose where the traits are others."""
        return replace(self, patient=None) if self.discordant else self

    @property
    def key(self) -> tuple[str, str]:
        return self.traits.name, self.number


class TrayPatients:
    """`look` finds the practice's patient, as in `IdentifiedPatients`. Methods raise StorageError, and ContextError for who may
    not see an INS; whoever is given is shown, which is traced."""

    def __init__(self, identities: IdentityService, look: Callable[[Beneficiary], Patient | None]) -> None:
        self._identities = identities
        self._look = look

    def propose(
        self, codes: Iterable[ScannedIdentity], text: str, told: ReceivedPatient | None = None
    ) -> tuple[Candidate, ...]:
        """The surest first; nobody of them is chosen by that. `told`: whom a message names."""
        self._identities.rights.may_see()
        found: dict[tuple[str, str], Candidate] = {}
        for candidate in (*self._by_message(told), *self._by_codes(codes), *self._by_words(text)):
            found.setdefault(candidate.key, candidate)
        for candidate in tuple(found.values()):
            for other in self._identities.homonyms(candidate.traits):
                beside = self._of(other, By.HOMONYM)
                found.setdefault(beside.key, beside)
        return self._shown(found.values())

    def search(self, born: date, beginning: str = "") -> tuple[Candidate, ...]:
        """Everybody known who was born that day, by the beginning of a family or first given name."""
        self._identities.rights.may_see()
        return self._shown(self._of(one, By.SEARCH) for one in self._identities.born_on(born, beginning))

    def _by_codes(self, codes: Iterable[ScannedIdentity]) -> Iterator[Candidate]:
        for code in codes:
            value = code.ins.value
            kept = self._identities.with_matricule(value) if is_ins(value) else []
            for one in kept:
                if _same(one.traits, code):
                    yield self._of(one, By.CODE)
            given = None if kept else self._look(code.person)
            if given is not None and _same(StrictTraits.of(given), code):
                yield Candidate(StrictTraits.of(given), value, By.CODE, given)
            elif not any(_same(one.traits, code) for one in kept):
                with suppress(ValueError):  # a day of birth that is not whole: nobody is told by it
                    known = bool(kept) or given is not None
                    yield Candidate(_traits(code), value, By.CODE, discordant=known, unknown=not known)

    def _by_message(self, told: ReceivedPatient | None) -> Iterator[Candidate]:
        if told is None:
            return
        if told.ins is not None:
            yield from self._by_ins(told, told.ins.value)
        born = told.birth_date
        if born is None or not told.given:
            return
        for one in self._identities.with_matricule(_whole(told.nir)) if told.nir else []:
            if one.traits.birth_date == born and _named(one.traits, None, told):
                yield self._of(one, By.NIR)
        for one in self._identities.born_on(born):
            candidate = self._of(one, By.TRAITS)
            if _named(one.traits, candidate.patient, told) and not _of_other_number(candidate, told):
                yield candidate

    def _by_ins(self, told: ReceivedPatient, value: str) -> Iterator[Candidate]:
        """Who has that INS here, unless the message tells other traits of them."""
        kept = self._identities.with_matricule(value)
        for one in kept:
            yield replace(self._of(one, By.INS), discordant=not _agrees(one.traits, told)).checked
        traits = _told_traits(told)
        if kept or traits is None:
            return
        born = f"{traits.birth_date:%Y%m%d}"
        given = self._look(Beneficiary(traits.birth_family, traits.first_given, born, value, rank=1))
        if given is not None:
            known = StrictTraits.of(given)
            yield Candidate(known, value, By.INS, given, discordant=not _agrees(known, told)).checked
        else:
            yield Candidate(traits, value, By.INS, unknown=True)

    def _by_words(self, text: str) -> Iterator[Candidate]:
        words = f" {folded(text)} "
        for born in days_in(text):
            for one in self._identities.born_on(born):
                family, first = folded(one.traits.birth_family), folded(one.traits.first_given)
                if f" {family} " in words and f" {first} " in words:
                    yield self._of(one, By.TEXT)

    def _of(self, identity: Identity, by: By) -> Candidate:
        number = identity.matricule.value if identity.matricule else ""
        patient = self._look(presented(identity)) if number else None
        return Candidate(identity.traits, number, by, patient)

    def _shown(self, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
        listed = tuple(candidates)
        numbers = [one.number for one in listed if one.number and not one.unknown]
        if numbers:
            self._identities.accessed(numbers, Why.DISPLAY)
        return listed


def days_in(text: str) -> tuple[date, ...]:
    """Days written in a text, each once, in figures or with the month in words, in their order; at most MAX_DAYS."""
    found: dict[date, None] = {}
    told = [(day, month, year) for day, month, year in _DAY.findall(text)]
    told += [
        (day.removesuffix("ER"), str(_MONTHS.get(month, 0)), year)
        for day, month, year in _WRITTEN.findall(folded(text))
    ]
    for day, month, year in told:
        with suppress(ValueError):
            found[date(int(year), int(month), int(day))] = None
        if len(found) == MAX_DAYS:
            break
    return tuple(found)


def day_typed(typed: str) -> date:
    """`12/03/1985`, `12 03 1985`, `12031985`. Raises ContextError."""
    figures = re.sub(r"[\s/.\-]", "", typed)
    with suppress(ValueError):
        if len(figures) == 8 and figures.isascii() and figures.isdecimal():
            return date(int(figures[4:]), int(figures[2:4]), int(figures[:2]))
    raise ContextError("scan-day", "Cette date n'existe pas.", "Saisissez-la ainsi : 12/03/1985.", field="date")


def _same(traits: StrictTraits, code: ScannedIdentity) -> bool:
    return agree(traits, code) and f"{traits.birth_date:%Y%m%d}" == code.birth_date


def _traits(code: ScannedIdentity) -> StrictTraits:
    """Raises ValueError for a day of birth that is not whole."""
    day = code.birth_date
    born = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    first = code.birth_given.split()[0]
    return StrictTraits(code.birth_family, first, code.birth_given, code.sex, born, code.birth_place_cog)


def _whole(nir: str) -> str:
    """With its key; readers give 13 or 15 characters."""
    return nir + nir_key(nir) if len(nir) == 13 else nir


def _agrees(known: StrictTraits, told: ReceivedPatient) -> bool:
    """What a message tells beside an INS; what it does not tell contradicts nobody."""
    families = _families(told)
    return (
        (told.birth_date is None or told.birth_date == known.birth_date)
        and (told.sex in (None, Sex.UNKNOWN) or known.sex in (told.sex, Sex.UNKNOWN))
        and (not told.birth_family or folded(told.birth_family) == folded(known.birth_family))
        and (not told.given or _same_given(known, told))
        and (bool(told.used_family) or not families or folded(known.birth_family) in families)
    )


def _of_other_number(candidate: Candidate, told: ReceivedPatient) -> bool:
    """The message's INS is not theirs: a homonym at most."""
    return told.ins is not None and candidate.number not in ("", told.ins.value)


def _named(known: StrictTraits, patient: Patient | None, told: ReceivedPatient) -> bool:
    """The family name, of birth or used, and the first given name; the sex where both tell it."""
    here = {folded(known.birth_family)}
    if patient is not None and patient.used_family:
        here.add(folded(patient.used_family))
    sexes = {known.sex, told.sex or Sex.UNKNOWN}
    return bool(_families(told) & here) and _same_given(known, told) and (len(sexes) == 1 or Sex.UNKNOWN in sexes)


def _families(told: ReceivedPatient) -> set[str]:
    """Every family name it gives, writing aside."""
    return {folded(one) for one in (told.birth_family, told.family, told.used_family) if one}


def _same_given(known: StrictTraits, told: ReceivedPatient) -> bool:
    return begins(told.given, known.first_given) or begins(known.birth_given, told.given)


def _told_traits(told: ReceivedPatient) -> StrictTraits | None:
    """To show who a message names and nobody knows here; None where it does not tell enough."""
    family = told.birth_family or told.family
    if told.birth_date is None or not family or not told.given:
        return None
    return StrictTraits(family, told.given.split()[0], told.given, told.sex or Sex.UNKNOWN, told.birth_date)
