"""Who may do what in this program: one table of tasks by role, with the reason told where a button is greyed out.

What the DMP lets each role do is `services/rights.py`'s matrix; nobody gets there whom this table does not let in. Sources: issue
F, SSI/GEN.16 (a technical administrator has no clinical access), SSI/GEN.17 (no generic accounts), PDT-INF-526 v1.8 (a card of
somebody in training deposits nothing).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dmp_desktop.domain.people import Role


class Task(StrEnum):
    """What one does in the program. The patient's record and identity first, then what is kept here, then the workstation."""

    READ_RECORDS = "read-records"
    WRITE_NOTES = "write-notes"  # drafts: nothing leaves by that
    PROPOSE_NOTES = "propose-notes"  # to a doctor, who sends them in their own name
    VALIDATE_NOTES = "validate-notes"  # of somebody in training
    SEND_OWN = "send-own"  # documents in one's own name
    SEND_FOR_PRACTICE = "send-for-practice"  # what a professional validated
    SEE_PATIENTS = "see-patients"  # any patient's name: lists, outbox, identities
    CORRECT_IDENTITY = "correct-identity"  # « super utilisateur » (rule 26 of the INS guide)
    BE_ATTENDING = "be-attending"  # declare oneself médecin traitant
    PRACTICE_CODE = "practice-code"
    OWN_SETTINGS = "own-settings"
    WORKSTATION_SETTINGS = "workstation-settings"
    DIAGNOSIS = "diagnosis"
    BACKUP = "backup"
    CLINIC = "clinic"  # the connection to the practice's shared part
    VERIFY_JOURNAL = "verify-journal"
    READ_JOURNAL = "read-journal"  # every act of the workstation, patients as pseudonyms
    OWN_FEEDING = "own-feeding"  # one's own documents sent, refused, held
    FEEDING_NUMBERS = "feeding-numbers"  # how many, nobody named
    NAME_ADMINISTRATORS = "name-administrators"  # who looks after the workstation


WORDS: dict[Role, str] = {
    Role.DOCTOR: "médecin",
    Role.REPLACEMENT: "médecin remplaçant",
    Role.OTHER_PROFESSIONAL: "professionnel de santé",
    Role.TRAINEE: "en formation",
    Role.SECRETARY: "secrétariat",
    Role.STRUCTURE: "structure",
    Role.ADMINISTRATOR: "administrateur technique",
}
"""How each is named, in French: beside who is signed in, and in the journal."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What one role may do; `why` by task where the reason is not the role's own."""

    may: frozenset[Task]
    otherwise: str
    why: dict[Task, str]
    remedy: str


_CLINICAL = frozenset((Task.READ_RECORDS, Task.WRITE_NOTES, Task.SEND_OWN, Task.SEE_PATIENTS))
_MINE = frozenset((Task.OWN_SETTINGS, Task.OWN_FEEDING, Task.DIAGNOSIS, Task.VERIFY_JOURNAL))
_PROFESSIONAL = _CLINICAL | _MINE
_OF_PRACTICE = frozenset(
    (
        Task.PRACTICE_CODE,
        Task.WORKSTATION_SETTINGS,
        Task.BACKUP,
        Task.CLINIC,
        Task.READ_JOURNAL,
        Task.CORRECT_IDENTITY,
        Task.NAME_ADMINISTRATORS,
    )
)
_TECHNICAL = frozenset(
    (
        Task.WORKSTATION_SETTINGS,
        Task.DIAGNOSIS,
        Task.BACKUP,
        Task.CLINIC,
        Task.VERIFY_JOURNAL,
        Task.FEEDING_NUMBERS,
    )
)

TRAINEE_SENDS = "Avec une carte de formation, ce document reste un brouillon."
SECRETARY_SENDS = "Une carte du secrétariat n'envoie que des documents validés par un professionnel du cabinet."
ONLY_OFFICE = "Seul le secrétariat dépose au nom du cabinet."
ONLY_DOCTOR = "Seul un médecin peut le faire."
SENDS_THEMSELVES = "Vous envoyez vos notes en votre nom : il n'y a rien à proposer."
REPLACING = "Un remplaçant n'est pas le médecin traitant du patient : c'est le médecin remplacé."
_ASK_DOCTOR = "Demandez-le à un médecin du cabinet, avec sa carte."

TABLE: dict[Role, Rights] = {
    Role.DOCTOR: Rights(
        _PROFESSIONAL | _OF_PRACTICE | {Task.BE_ATTENDING, Task.VALIDATE_NOTES},
        "Votre carte ne le permet pas.",
        {
            Task.PROPOSE_NOTES: SENDS_THEMSELVES,
            Task.SEND_FOR_PRACTICE: ONLY_OFFICE,
            Task.FEEDING_NUMBERS: "Vous avez vos propres envois ; les nombres du cabinet sont à l'administrateur technique.",
        },
        "Envoyez ce document en votre nom.",
    ),
    Role.OTHER_PROFESSIONAL: Rights(
        _PROFESSIONAL | _OF_PRACTICE,
        "Votre carte ne le permet pas.",
        {
            Task.PROPOSE_NOTES: SENDS_THEMSELVES,
            Task.SEND_FOR_PRACTICE: ONLY_OFFICE,
            Task.BE_ATTENDING: ONLY_DOCTOR,
            Task.VALIDATE_NOTES: ONLY_DOCTOR,
            Task.FEEDING_NUMBERS: "Vous avez vos propres envois ; les nombres du cabinet sont à l'administrateur technique.",
        },
        "Demandez-le à un médecin.",
    ),
    Role.REPLACEMENT: Rights(
        _PROFESSIONAL | {Task.CORRECT_IDENTITY},
        "Vous remplacez un médecin de ce cabinet : c'est à un médecin du cabinet, avec sa carte.",
        {
            Task.BE_ATTENDING: REPLACING,
            Task.PROPOSE_NOTES: SENDS_THEMSELVES,
            Task.SEND_FOR_PRACTICE: ONLY_OFFICE,
            Task.VALIDATE_NOTES: "Qui est en formation est encadré par un médecin de ce cabinet, pas par son remplaçant.",
        },
        _ASK_DOCTOR,
    ),
    Role.TRAINEE: Rights(
        (_PROFESSIONAL | {Task.PROPOSE_NOTES}) - {Task.SEND_OWN, Task.OWN_FEEDING},
        "Une carte de formation ne le permet pas : le médecin qui vous encadre le fait, avec sa carte.",
        {
            Task.SEND_OWN: TRAINEE_SENDS,
            Task.SEND_FOR_PRACTICE: TRAINEE_SENDS,
            Task.OWN_FEEDING: "Rien ne part au DMP avec une carte de formation : il n'y a pas d'envois à compter.",
        },
        "Proposez-le au médecin qui vous encadre : il le relit, le corrige s'il le faut, et l'envoie en son nom.",
    ),
    Role.SECRETARY: Rights(
        frozenset((Task.SEND_FOR_PRACTICE, Task.SEE_PATIENTS, Task.DIAGNOSIS)),
        "Une carte du secrétariat ne le permet pas : c'est au professionnel de santé, avec sa carte CPS.",
        {Task.SEND_OWN: SECRETARY_SENDS},
        "Le professionnel qui l'a écrit le valide, ou l'envoie avec sa carte.",
    ),
    Role.STRUCTURE: Rights(
        frozenset((Task.SEND_OWN, Task.WRITE_NOTES, Task.SEE_PATIENTS, Task.READ_RECORDS, *_OF_PRACTICE, *_MINE))
        - {Task.CORRECT_IDENTITY, Task.NAME_ADMINISTRATORS},
        "Le certificat du cabinet seul ne le permet pas : insérez votre carte CPS.",
        {Task.SEND_FOR_PRACTICE: ONLY_OFFICE},
        "Insérez votre carte CPS.",
    ),
    Role.ADMINISTRATOR: Rights(
        _TECHNICAL,
        "Un administrateur technique n'a accès à aucun dossier, aucune note et aucun nom de patient.",
        {
            Task.READ_JOURNAL: "Un administrateur technique vérifie le journal ; les actes sont lus par un médecin du cabinet.",
            Task.PRACTICE_CODE: "Le code de secours du cabinet ouvre ce que les médecins ont lu : il n'est pas pour vous.",
            Task.OWN_SETTINGS: "Ces réglages sont ceux de chaque médecin : chacun les change avec sa carte.",
            Task.NAME_ADMINISTRATORS: "Un administrateur technique est nommé par un médecin du cabinet, jamais par un autre.",
        },
        _ASK_DOCTOR,
    ),
}
"""What a role is not told to do, it does not. Nobody signed in is no role: who runs the workstation's own command line."""


def may(role: Role, task: Task) -> bool:
    return task in TABLE[role].may


def refusal(role: Role, task: Task) -> str:
    """Why this role does not do it, in French; empty where it does."""
    rights = TABLE[role]
    return "" if task in rights.may else rights.why.get(task, rights.otherwise)


def remedy(role: Role) -> str:
    """What to do about a refusal, in French."""
    return TABLE[role].remedy
