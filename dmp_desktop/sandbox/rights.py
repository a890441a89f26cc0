"""Who may do what: the one table of the stand-in (PDT-INF-526 v1.8, PDT-INF-606 v1.3 as summed up in the reference §4).

A line not written is a refusal. Lines marked [R] are inferred: the summary says nothing of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from dmp_desktop.domain.access import AccessMode, AuthenticationMode
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.vihf import Vihf


class Profile(Enum):
    """Axis of the DMP's matrix: who asks, by what means."""

    PROFESSIONAL = auto()
    DOCTOR = auto()
    ATTENDING = auto()
    OCCUPATIONAL = auto()
    SECRETARY = auto()
    STRUCTURE = auto()
    REINFORCED = auto()
    """A professional through Pro Santé Connect (AIR): reads, never feeds."""


class Transaction(StrEnum):
    """TD numbers of the DMP."""

    EXISTENCE = "TD0.2"
    AUTHORISATION = "TD0.3"
    SUBMIT = "TD2.1"
    SUBMIT_SECRETARY = "TD2.2"
    SEARCH = "TD3.1"
    RETRIEVE = "TD3.2"


class Limit(Enum):
    """A right that is not whole."""

    REFERENCES_ONLY = auto()
    """TD3.1 with returnType ObjectRef only."""


@dataclass(frozen=True, slots=True)
class Right:
    modes: frozenset[AccessMode]
    limit: Limit | None = None


NORMAL = Right(frozenset({AccessMode.NORMAL}))
ANY_MODE = Right(frozenset(AccessMode))
REFERENCES = Right(frozenset({AccessMode.NORMAL}), Limit.REFERENCES_ONLY)
UNREGULATED = Right(frozenset({AccessMode.NORMAL, AccessMode.BRIS_DE_GLACE}))
"""centre_15 is for regulation doctors only."""

_READER = {
    Transaction.EXISTENCE: UNREGULATED,
    Transaction.AUTHORISATION: NORMAL,
    Transaction.SUBMIT: UNREGULATED,  # bris_de_glace [R]
    Transaction.SEARCH: UNREGULATED,
    Transaction.RETRIEVE: UNREGULATED,
}
_DOCTOR = _READER | {
    Transaction.EXISTENCE: ANY_MODE,
    Transaction.SUBMIT: ANY_MODE,  # [R]
    Transaction.SEARCH: ANY_MODE,
    Transaction.RETRIEVE: ANY_MODE,
}
_SECRETARY = {
    Transaction.EXISTENCE: NORMAL,
    Transaction.AUTHORISATION: NORMAL,
    Transaction.SUBMIT_SECRETARY: NORMAL,
    Transaction.SEARCH: REFERENCES,
}
TABLE: dict[Profile, dict[Transaction, Right]] = {
    Profile.PROFESSIONAL: _READER,
    Profile.DOCTOR: _DOCTOR,
    Profile.ATTENDING: _DOCTOR,
    Profile.OCCUPATIONAL: {
        transaction: right for transaction, right in _READER.items() if transaction is not Transaction.RETRIEVE
    },
    Profile.SECRETARY: _SECRETARY,
    Profile.STRUCTURE: {
        Transaction.EXISTENCE: NORMAL,
        Transaction.AUTHORISATION: NORMAL,  # [R]
        Transaction.SUBMIT: NORMAL,
        Transaction.SEARCH: REFERENCES,
    },
    Profile.REINFORCED: {
        transaction: right for transaction, right in _DOCTOR.items() if transaction is not Transaction.SUBMIT
    },
}

SECRETARY_ROLE = "SECRETARIAT_MEDICAL"
DOCTOR_ROLE = "10"
OCCUPATIONAL_SPECIALTY = "SM25"
"""TRE_R38: Médecine du travail."""


def profile_of(vihf: Vihf, *, attending: bool) -> Profile:
    """The column of the matrix this request belongs to."""
    if vihf.role == SECRETARY_ROLE:
        return Profile.SECRETARY
    if vihf.mode is AuthenticationMode.INDIRECTE:
        return Profile.STRUCTURE
    if vihf.mode is AuthenticationMode.INDIRECTE_RENFORCEE:
        return Profile.REINFORCED
    if vihf.role != DOCTOR_ROLE:
        return Profile.PROFESSIONAL
    if vihf.specialty == OCCUPATIONAL_SPECIALTY:
        return Profile.OCCUPATIONAL
    return Profile.ATTENDING if attending else Profile.DOCTOR


def allow(profile: Profile, transaction: Transaction, access: AccessMode) -> Right:
    """The right, or the DMP's refusal."""
    right = TABLE[profile].get(transaction)
    if right is None or access not in right.modes:
        raise denied(f"Transaction {transaction.value} non autorisée pour ce profil dans le mode {access.value}")
    return right


def denied(reason: str) -> SoapFault:
    """Refusal of the rights service, code confirmed by the reference §2.5."""
    return SoapFault("DMPAccessDeniedByRightsService", reason)
