"""A patient is presented while a professional is signed in: what becomes of the session. States in, states out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.session_state import Phase, SessionState

Match = Callable[[Beneficiary], Patient | None]

NOT_QUALIFIED = "Ce patient n'a pas d'INS qualifiée ici : qualifiez son identité avant d'ouvrir son DMP."


def shown(state: SessionState, people: tuple[Beneficiary, ...], match: Match) -> SessionState:
    """A carte Vitale with these people was read, or one of them presented themselves otherwise."""
    state = replace(state, notice="")
    if len(people) > 1:
        # Also when the open patient is among them: the next one of the same family may be sitting there.
        return replace(state, phase=Phase.CHOOSING, candidates=people)
    if state.patient is None:
        return opened(state, match(people[0]))
    return state if match(people[0]) == state.patient else replace(state, phase=Phase.CHOOSING, candidates=people)


def opened(state: SessionState, patient: Patient | None) -> SessionState:
    """One person was chosen; None when nobody of the practice is known by what they presented."""
    if patient is None:
        return replace(stayed(state), notice=NOT_QUALIFIED)
    return replace(state, phase=Phase.OPEN, patient=patient, candidates=(), notice="")


def stayed(state: SessionState) -> SessionState:
    """None of the candidates: everything as it was."""
    return replace(state, phase=Phase.OPEN if state.patient else Phase.READY, candidates=(), notice="")


def closed(state: SessionState) -> SessionState:
    return replace(state, phase=Phase.READY, patient=None, candidates=(), notice="")
