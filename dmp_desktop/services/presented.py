"""A patient is presented while a professional is signed in: what becomes of the session. States in, states out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.session_state import Phase, SessionState

Match = Callable[[Beneficiary], Patient | None]

NOBODY = "Personne n'a été reconnu : présentez la carte ou le code du patient une nouvelle fois."
NOT_QUALIFIED = "Ce patient n'a pas d'INS qualifiée ici : qualifiez son identité avant d'ouvrir son DMP."
INCOMPLETE_DATE = (
    "La date de naissance lue est incomplète et ne désigne aucun patient ici avec certitude : "
    "vérifiez son identité avant d'ouvrir son DMP."
)

NOT_HERE = "Ce patient n'a pas d'INS qualifiée ici : son DMP ne s'ouvre pas depuis cette liste."
DISCORDANT = "Le nom que le DMP donne ne concorde pas avec l'identité connue ici."


def shown(state: SessionState, people: tuple[Beneficiary, ...], match: Match) -> SessionState:
    """A carte Vitale with these people was read, or one of them presented themselves otherwise."""
    if not people:
        return replace(state, notice=NOBODY)
    state = replace(state, notice="")
    if len(people) > 1:
        # Also when the open patient is among them: the next one of the same family may be sitting there.
        return replace(state, phase=Phase.CHOOSING, candidates=people)
    if state.patient is None:
        return opened(state, people[0], match)
    if match(people[0]) == state.patient:
        return stayed(state)  # a question about somebody else is of no use any more
    return replace(state, phase=Phase.CHOOSING, candidates=people)


def opened(state: SessionState, person: Beneficiary, match: Match) -> SessionState:
    """One person was chosen: their record, or why there is none."""
    patient = match(person)
    if patient is None:
        incomplete = "00" in (person.birth_date[4:6], person.birth_date[6:])
        return replace(stayed(state), notice=INCOMPLETE_DATE if incomplete else NOT_QUALIFIED)
    return replace(state, phase=Phase.OPEN, patient=patient, candidates=(), notice="")


def stayed(state: SessionState) -> SessionState:
    """None of the candidates: everything as it was."""
    return replace(state, phase=Phase.OPEN if state.patient else Phase.READY, candidates=(), notice="")


def closed(state: SessionState) -> SessionState:
    """The record alone: who stands before the eyes to be chosen stays."""
    if state.phase is Phase.CHOOSING:
        return replace(state, patient=None, notice="")
    return replace(state, phase=Phase.READY, patient=None, candidates=(), notice="")


def as_read(patient: Patient) -> Beneficiary:
    """A patient as one would be read on a carte Vitale: to find them as they are known now."""
    return Beneficiary(
        patient.birth_family, patient.first_given, f"{patient.birth_date:%Y%m%d}", patient.ins.value, rank=1
    )
