"""Who may do what in the DMP, as the reasons shown beside greyed-out buttons (PDT-INF-526 v1.8, PDT-INF-606 v1.3; reference §4).

The DMP itself enforces these rights; the window only offers no button that cannot work. What the two matrices leave unsaid is
marked [R] here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dmp_desktop.domain import roles
from dmp_desktop.domain.access import AccessMode, AuthenticationMode
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.roles import Task


class Action(StrEnum):
    """What a button does, by its transaction."""

    STATUS = "TD0.2"
    AUTHORISE = "TD0.3 AJOUT"
    DECLARE_ATTENDING = "TD0.3 AJOUT MEDECIN_TRAITANT"
    WITHDRAW = "TD0.3 SUPPRESSION"
    MY_RECORDS = "TD0.4"
    SEARCH_PERSON = "TD0.5"
    WEB = "TD0.9"
    ADMINISTRATIVE = "TD1.3a"
    PROFESSIONALS = "TD1.6"
    FEED = "TD2.1"
    FEED_FOR_STRUCTURE = "TD2.2"
    LIST = "TD3.1"
    READ = "TD3.2"
    MASK = "TD3.3a masquer"
    UNMASK = "TD3.3a démasquer"
    SHOW = "TD3.3b"
    DELETE = "TD3.3c"
    ARCHIVE = "TD3.3d"


class Whose(StrEnum):
    """Whose document it is, for who looks at it."""

    MINE = "mine"
    STRUCTURE = "structure"
    OTHER = "other"
    PATIENT = "patient"


class Profile(StrEnum):
    """The columns of the matrix; being the patient's médecin traitant comes on top of DOCTOR."""

    DOCTOR = "doctor"
    OCCUPATIONAL = "occupational"
    PROFESSIONAL = "professional"
    SECRETARY = "secretary"
    STRUCTURE = "structure"


OCCUPATIONAL_SKILLS = frozenset(("SM25", "C41", "CAPA11"))
"""Savoir-faire of occupational doctors (TRE_R38, R39, R40)."""

_NORMAL = frozenset((AccessMode.NORMAL,))
_REGULATION = frozenset((AccessMode.CENTRE_15,))
_ALL_MODES = frozenset(AccessMode)
_DOCTORS = frozenset((Profile.DOCTOR, Profile.OCCUPATIONAL))
_SOIGNANTS = _DOCTORS | {Profile.PROFESSIONAL}
_BY_NAME = _SOIGNANTS | {Profile.SECRETARY}
_OFFICE = frozenset((Profile.SECRETARY, Profile.STRUCTURE))


@dataclass(frozen=True, slots=True)
class Right:
    """One line: who, in which modes, and where it is about a document, whose: for professionals, for their office (a card of the
    secretariat, the structure's certificate), and what being the médecin traitant adds."""

    who: frozenset[Profile]
    modes: frozenset[AccessMode] = _ALL_MODES
    whose: frozenset[Whose] = frozenset(Whose)
    office: frozenset[Whose] = frozenset()
    attending_adds: frozenset[Whose] = frozenset()


_MINE = frozenset((Whose.MINE,))
_ANY = frozenset(Whose)

RIGHTS: dict[Action, Right] = {
    Action.STATUS: Right(_BY_NAME | {Profile.STRUCTURE}, office=_ANY),  # [R] for the structure: it asks before it feeds
    Action.AUTHORISE: Right(_BY_NAME, _NORMAL, office=_ANY),
    Action.DECLARE_ATTENDING: Right(frozenset((Profile.DOCTOR,)), _NORMAL),
    Action.WITHDRAW: Right(_BY_NAME, _NORMAL, office=_ANY),
    Action.MY_RECORDS: Right(_BY_NAME, _NORMAL, office=_ANY),  # [R] for the mode: it is about no patient
    Action.SEARCH_PERSON: Right(frozenset((Profile.DOCTOR,)), _REGULATION),
    Action.WEB: Right(_BY_NAME, _NORMAL, office=_ANY),  # [R] for the mode: the web page has its own
    Action.ADMINISTRATIVE: Right(_BY_NAME, office=_ANY),
    Action.PROFESSIONALS: Right(_SOIGNANTS, _NORMAL),  # [R] for the mode
    Action.FEED: Right(_SOIGNANTS | {Profile.STRUCTURE}, office=_ANY),
    Action.FEED_FOR_STRUCTURE: Right(frozenset((Profile.SECRETARY,)), office=_ANY),
    Action.LIST: Right(_SOIGNANTS),
    Action.READ: Right(_SOIGNANTS - {Profile.OCCUPATIONAL}),
    # [R] for centre 15 below: what is sure is that nothing is masked after breaking the glass.
    Action.MASK: Right(_SOIGNANTS, _NORMAL),
    Action.UNMASK: Right(_SOIGNANTS, _NORMAL, _MINE, attending_adds=_ANY),
    Action.SHOW: Right(_SOIGNANTS, _NORMAL),
    Action.DELETE: Right(
        _SOIGNANTS | _OFFICE,
        _NORMAL,
        _MINE,
        office=frozenset((Whose.MINE, Whose.STRUCTURE)),
        attending_adds=frozenset((Whose.PATIENT,)),
    ),
    Action.ARCHIVE: Right(_SOIGNANTS, _NORMAL, _MINE, attending_adds=_ANY),
}

_NOT_FOR = {
    Profile.SECRETARY: "Une carte du secrétariat ne le permet pas : c'est au professionnel de santé, avec sa carte CPS.",
    Profile.STRUCTURE: "Le certificat du cabinet seul ne le permet pas : insérez votre carte CPS.",
    Profile.OCCUPATIONAL: "Le médecin du travail ne peut pas le faire dans le DMP.",
    Profile.PROFESSIONAL: "Seul un médecin peut le faire.",
}
_ONLY_OFFICE = "Seul le secrétariat dépose au nom du cabinet : envoyez ce document en votre nom."
TRAINEE = "Avec une carte de formation, rien ne part au DMP et rien n'y est changé."
_ONLY_NORMAL = "Ce n'est possible qu'en accès normal."
_ONLY_REGULATION = "Seule la régulation médicale (mode centre 15) peut chercher un patient sans son INS."
_BROKEN = "Rien ne se change pendant un accès en urgence."
_REGULATION_ONLY = "Le mode centre 15 est réservé aux médecins de la régulation."
_NO_BREAKING = "L'accès en urgence est réservé aux professionnels de santé, avec leur carte ou Pro Santé Connect."
_AUTHOR = "Seul l'auteur du document ou le médecin traitant du patient peut le faire."
_DELETER = "Seul l'auteur du document ou son cabinet peut le supprimer."
_OF_STRUCTURE = "Le secrétariat ne supprime que les documents de son cabinet."
_PATIENT_S = "Ce document vient du patient : seul son médecin traitant peut l'archiver ou le supprimer."

_DEPOSITS = frozenset((Action.FEED, Action.FEED_FOR_STRUCTURE))
_CHANGES = frozenset((Action.MASK, Action.UNMASK, Action.SHOW, Action.DELETE, Action.ARCHIVE))
_TASKS = {Action.DECLARE_ATTENDING: Task.BE_ATTENDING}
_DECLARES = frozenset((Action.AUTHORISE, Action.DECLARE_ATTENDING, Action.WITHDRAW))


def profile_of(role: Role, specialty: str = "") -> Profile:
    """The column of who is signed in. `specialty` as in `Professional`. A trainee reads as another professional does; who
    replaces a doctor is one. An administrator has none: `refusal` lets them nowhere."""
    if role in (Role.DOCTOR, Role.REPLACEMENT):
        return Profile.OCCUPATIONAL if specialty.rpartition("/")[2] in OCCUPATIONAL_SKILLS else Profile.DOCTOR
    return Profile.PROFESSIONAL if role is Role.TRAINEE else Profile(role.value)


def refusal(
    action: Action,
    role: Role,
    means: AuthenticationMode,
    mode: AccessMode = AccessMode.NORMAL,
    *,
    specialty: str = "",
    attending: bool = False,
    whose: Whose = Whose.MINE,
) -> str | None:
    """Why the DMP would refuse `action`, in French; None when it would not for a reason of rights.

    `means` is how the person signed in: what Pro Santé Connect may not do itself and our client does INDIRECTE (depositing) is
    not refused. `attending`: they are the patient's médecin traitant. `whose` document it is, where it is about one.
    """
    if role is Role.ADMINISTRATOR or (action is Action.DECLARE_ATTENDING and role is Role.REPLACEMENT):
        return roles.refusal(role, _TASKS.get(action, Task.READ_RECORDS))
    if role is Role.TRAINEE and (action in _DEPOSITS | _CHANGES | _DECLARES or mode is AccessMode.BRIS_DE_GLACE):
        return TRAINEE
    if action is Action.FEED and means is AuthenticationMode.INDIRECTE_RENFORCEE:
        means = AuthenticationMode.INDIRECTE
    return wire_refusal(action, profile_of(role, specialty), means, mode, attending=attending, whose=whose)


def wire_refusal(
    action: Action,
    profile: Profile,
    means: AuthenticationMode,
    mode: AccessMode = AccessMode.NORMAL,
    *,
    attending: bool = False,
    whose: Whose = Whose.MINE,
) -> str | None:
    """As `refusal`, for the transaction sent by exactly these means."""
    if means is AuthenticationMode.INDIRECTE:
        profile = Profile.STRUCTURE  # the matrix of the means, whoever stands behind the certificate
    right = RIGHTS[action]
    if why := _mode_refusal(profile, mode):
        return why
    if means is AuthenticationMode.INDIRECTE_RENFORCEE and action in _DEPOSITS:
        return "Pro Santé Connect consulte mais ne dépose pas : le dépôt se fait au nom du cabinet, ou avec la carte."
    if profile not in right.who:
        return _ONLY_OFFICE if action is Action.FEED_FOR_STRUCTURE else _NOT_FOR[profile]
    if mode not in right.modes:
        if right.modes == _REGULATION:
            return _ONLY_REGULATION
        return _BROKEN if action in _CHANGES and mode is AccessMode.BRIS_DE_GLACE else _ONLY_NORMAL
    return _document_refusal(action, right, profile, attending, whose)


def _mode_refusal(profile: Profile, mode: AccessMode) -> str | None:
    if mode is AccessMode.CENTRE_15 and profile is not Profile.DOCTOR:
        return _REGULATION_ONLY
    if mode is AccessMode.BRIS_DE_GLACE and profile not in _SOIGNANTS:
        return _NO_BREAKING
    return None


def _document_refusal(action: Action, right: Right, profile: Profile, attending: bool, whose: Whose) -> str | None:
    allowed = right.office if profile in _OFFICE else right.whose
    if whose in allowed or (attending and whose in right.attending_adds):
        return None
    if whose is Whose.PATIENT:
        return _PATIENT_S
    if action is Action.DELETE:
        return _OF_STRUCTURE if profile is Profile.SECRETARY else _DELETER
    return _AUTHOR
