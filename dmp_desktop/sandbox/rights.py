"""Who may do what: the one table of the stand-in (PDT-INF-526 v1.8, PDT-INF-606 v1.3 as summed up in the reference §4).

A line not written is a refusal. `source` tells where a line comes from; lines marked [R] are inferred: the summary says nothing
of them, or not of all their modes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from dmp_desktop.domain.access import AccessMode, AuthenticationMode
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.vihf import Vihf


class Profile(Enum):
    """Axis of the DMP's matrix: who asks. By what means is another axis (`Right.means`)."""

    PROFESSIONAL = auto()
    """A professional who is no doctor."""
    DOCTOR = auto()
    """A doctor who is not this patient's attending doctor."""
    ATTENDING = auto()
    OCCUPATIONAL = auto()
    SECRETARY = auto()
    STRUCTURE = auto()
    """The structure's certificate alone, whoever is named in the VIHF."""


class Transaction(StrEnum):
    """TD numbers of the DMP. TD0.3, TD3.3a and TD3.3d are two each, which are not given to the same people."""

    EXISTENCE = "TD0.2"
    AUTHORISATION = "TD0.3"
    ATTEND = "TD0.3 médecin traitant"
    PATIENT_LIST = "TD0.4"
    PERSON_SEARCH = "TD0.5"
    WEB = "TD0.9"
    CREATE = "TD1.1"
    REACTIVATE = "TD1.2"
    ADMINISTRATIVE = "TD1.3a"
    CHANGE_ADMINISTRATIVE = "TD1.3b"
    CLOSE = "TD1.4"
    PATIENT_ACCESS = "TD1.5"
    AUTHORISED_LIST = "TD1.6"
    SUBMIT = "TD2.1"
    SUBMIT_SECRETARY = "TD2.2"
    SEARCH = "TD3.1"
    RETRIEVE = "TD3.2"
    MASK = "TD3.3a masquer"
    UNMASK = "TD3.3a démasquer"
    MAKE_VISIBLE = "TD3.3b"
    DELETE = "TD3.3c"
    ARCHIVE = "TD3.3d archiver"
    UNARCHIVE = "TD3.3d désarchiver"


class Limit(Enum):
    """A right that is not whole."""

    REFERENCES_ONLY = auto()
    """TD3.1 with returnType ObjectRef only."""
    OWN_ONLY = auto()
    """Documents the asker is an author of."""
    OWN_OR_PATIENT = auto()
    """Documents the asker is an author of, and those the patient has deposited (classCode 90)."""
    OWN_STRUCTURE = auto()
    """Documents, or authorisations, of the asker's structure."""


@dataclass(frozen=True, slots=True)
class Right:
    """One line of the table: these profiles may do this, in these modes, by these means."""

    transaction: Transaction
    profiles: frozenset[Profile]
    modes: frozenset[AccessMode]
    source: str
    limit: Limit | None = None
    means: frozenset[AuthenticationMode] = frozenset(AuthenticationMode)


NORMAL = frozenset({AccessMode.NORMAL})
ANY_MODE = frozenset(AccessMode)
UNREGULATED = frozenset({AccessMode.NORMAL, AccessMode.BRIS_DE_GLACE})
"""centre_15 is for regulation doctors only: who among the doctors is one, the directory tells (`Person.regulates`)."""
REGULATION = frozenset({AccessMode.CENTRE_15})

DOCTORS = frozenset({Profile.DOCTOR, Profile.ATTENDING})
OTHERS = frozenset({Profile.PROFESSIONAL, Profile.OCCUPATIONAL})
NURSES = frozenset({Profile.PROFESSIONAL})
PROFESSIONALS = DOCTORS | OTHERS
ATTENDING = frozenset({Profile.ATTENDING})
NOT_ATTENDING = PROFESSIONALS - ATTENDING
SECRETARY = frozenset({Profile.SECRETARY})
STRUCTURE = frozenset({Profile.STRUCTURE})
OFFICE = SECRETARY | STRUCTURE

NOT_AIR = frozenset({AuthenticationMode.DIRECTE, AuthenticationMode.INDIRECTE})
"""Nothing is fed through Pro Santé Connect: feeding goes INDIRECTE."""

_C = "§4"
_MODES = "§4; modes other than normal [R]"
_R = "[R]"
_OLD = "[R] ended, absent from matrix v1.8"
T = Transaction

TABLE = (
    Right(T.EXISTENCE, DOCTORS, ANY_MODE, _MODES),
    Right(T.EXISTENCE, OTHERS, UNREGULATED, _MODES),
    Right(T.EXISTENCE, SECRETARY, NORMAL, _C),
    Right(T.EXISTENCE, STRUCTURE, NORMAL, _R),
    Right(T.AUTHORISATION, PROFESSIONALS, NORMAL, _C),
    Right(T.AUTHORISATION, SECRETARY, NORMAL, _C, Limit.OWN_STRUCTURE),
    Right(T.AUTHORISATION, STRUCTURE, NORMAL, _R, Limit.OWN_STRUCTURE),
    Right(T.ATTEND, DOCTORS, NORMAL, "§2.1; only doctors, none of them occupational [R]"),
    Right(T.PATIENT_LIST, PROFESSIONALS, NORMAL, _R, Limit.OWN_ONLY),
    Right(T.PATIENT_LIST, SECRETARY, NORMAL, _C, Limit.OWN_STRUCTURE),
    Right(T.PATIENT_LIST, STRUCTURE, NORMAL, _R, Limit.OWN_STRUCTURE),
    Right(T.PERSON_SEARCH, DOCTORS, REGULATION, _C),
    Right(T.WEB, PROFESSIONALS | SECRETARY, NORMAL, "§4; an address of the browser, no message: not enforced here"),
    Right(T.CREATE, PROFESSIONALS | OFFICE, NORMAL, _OLD),
    Right(T.REACTIVATE, PROFESSIONALS | OFFICE, NORMAL, _OLD),
    Right(T.ADMINISTRATIVE, DOCTORS, ANY_MODE, _R),
    Right(T.ADMINISTRATIVE, OTHERS, UNREGULATED, _R),
    Right(T.ADMINISTRATIVE, SECRETARY, NORMAL, _C),
    Right(T.CHANGE_ADMINISTRATIVE, PROFESSIONALS | OFFICE, NORMAL, _OLD),
    Right(T.CLOSE, PROFESSIONALS | SECRETARY, NORMAL, _OLD),
    Right(T.PATIENT_ACCESS, PROFESSIONALS | SECRETARY, NORMAL, _OLD),
    Right(T.AUTHORISED_LIST, PROFESSIONALS, NORMAL, _R),
    Right(T.SUBMIT, DOCTORS, ANY_MODE, _MODES, means=NOT_AIR),
    Right(T.SUBMIT, OTHERS, UNREGULATED, _MODES, means=NOT_AIR),
    Right(T.SUBMIT, STRUCTURE, NORMAL, _C, means=NOT_AIR),
    Right(T.SUBMIT_SECRETARY, SECRETARY, NORMAL, _C, means=NOT_AIR),
    Right(T.SEARCH, DOCTORS, ANY_MODE, _C),
    Right(T.SEARCH, OTHERS, UNREGULATED, _C),
    Right(T.SEARCH, OFFICE, NORMAL, _C, Limit.REFERENCES_ONLY),
    Right(T.RETRIEVE, DOCTORS, ANY_MODE, _C),
    Right(T.RETRIEVE, NURSES, UNREGULATED, _C),
    Right(T.MASK, PROFESSIONALS, NORMAL, "§3: nothing can be masked in break-glass; centre_15, who [R]"),
    Right(T.UNMASK, ATTENDING, NORMAL, _C),
    Right(T.UNMASK, NOT_ATTENDING, NORMAL, _C, Limit.OWN_ONLY),
    Right(T.MAKE_VISIBLE, PROFESSIONALS, NORMAL, _R),
    Right(T.DELETE, ATTENDING, NORMAL, "§4; documents of others than the patient [R]", Limit.OWN_OR_PATIENT),
    Right(T.DELETE, NOT_ATTENDING, NORMAL, _R, Limit.OWN_ONLY),
    Right(T.DELETE, OFFICE, NORMAL, _C, Limit.OWN_STRUCTURE),
    Right(T.ARCHIVE, ATTENDING, NORMAL, _C),
    Right(T.ARCHIVE, NOT_ATTENDING, NORMAL, _C, Limit.OWN_ONLY),
    Right(T.UNARCHIVE, ATTENDING, NORMAL, _C),
    Right(T.UNARCHIVE, NOT_ATTENDING, NORMAL, _C, Limit.OWN_ONLY),
)

SECRETARY_ROLE = "SECRETARIAT_MEDICAL"
DOCTOR_ROLE = "10"
OCCUPATIONAL_SPECIALTY = "SM25"
"""TRE_R38: Médecine du travail."""


def profile_of(vihf: Vihf, *, attending: bool) -> Profile:
    """The column of the matrix this request belongs to. A secretary stays one through Pro Santé Connect."""
    if vihf.mode is AuthenticationMode.INDIRECTE:
        return Profile.STRUCTURE
    if vihf.role == SECRETARY_ROLE:
        return Profile.SECRETARY
    if vihf.role != DOCTOR_ROLE:
        return Profile.PROFESSIONAL
    if vihf.specialty == OCCUPATIONAL_SPECIALTY:
        return Profile.OCCUPATIONAL
    return Profile.ATTENDING if attending else Profile.DOCTOR


def allow(
    profile: Profile,
    transaction: Transaction,
    access: AccessMode,
    means: AuthenticationMode = AuthenticationMode.DIRECTE,
) -> Right:
    """The right, or the DMP's refusal."""
    for right in TABLE:
        if right.transaction is transaction and profile in right.profiles and means in right.means:
            if access in right.modes:
                return right
            break
    raise denied(f"Transaction {transaction.value} non autorisée pour ce profil dans le mode {access.value}")


def denied(reason: str) -> SoapFault:
    """Refusal of the rights service, code confirmed by the reference §2.5."""
    return SoapFault("DMPAccessDeniedByRightsService", reason)
