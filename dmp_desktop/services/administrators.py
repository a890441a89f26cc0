"""Who looks after the workstation: named by a doctor, each with a code of their own; their way in, without any card.

No card of the health system is an administrator's, and a CPE names nobody (PDT-INF-617). The practice's recovery code opens what
doctors have read: it is no way in for somebody who may read nothing. So each has a code that opens nothing but this, drawn here
and told once; only what verifies it is kept. Nobody shares a code: no generic account (SSI/GEN.17).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.identity import folded
from dmp_desktop.domain.people import Facility, Professional, Role
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.recovery_code import DIGITS, as_typed
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.clinic_preferences import PRACTICE
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.sign_in import Account

NAME = "administrators"
TECHNICAL = "technique/"
"""Begins the identifier of an administrator, which names them in the journal."""
MOST = 50
_GROUPS, _GROUP = 4, 5  # 100 bits: guessed by nobody, however often they try
_LONGEST = 60  # characters of a name
_TRIES = 10


class Store(Protocol):
    """storage.preferences.PreferenceStore."""

    def get(self, owner: str, name: str) -> Any: ...

    def replace(self, owner: str, name: str, expected: Any, value: Any) -> bool: ...


@dataclass(frozen=True, slots=True)
class Administrator:
    """`since` is the ISO day they were named."""

    family: str
    given: str
    since: str

    @property
    def person_id(self) -> str:
        return f"{TECHNICAL}{self.family} {self.given}"


class Administrators:
    """Methods may block and raise StorageError. `who` is signed in; nobody is the workstation's own command line, which may name
    the first one where no doctor has come yet. `place` is where the workstation is, `enter` opens a session."""

    def __init__(
        self,
        store: Store,
        acts: ActBook,
        clock: Clock,
        who: Callable[[], SignedIn | None],
        place: Callable[[], Facility],
        enter: Callable[[Account], SignedIn],
    ) -> None:
        self._store = store
        self._acts = acts
        self._clock = clock
        self._who = who
        self._place = place
        self._enter = enter

    def refusal(self) -> str:
        """Why who is signed in names none, in French; empty where they may. Never blocks."""
        who = self._who()
        return roles.refusal(who.role, Task.NAME_ADMINISTRATORS) if who else ""

    def any(self) -> bool:
        """Whether there is somebody to ask for a code."""
        return any("hash" in one for one in self._kept().values())

    def names(self) -> tuple[Administrator, ...]:
        """By name. Raises ContextError("role-reserved")."""
        self._may()
        known = (_person(one) for one in self._kept().values() if "hash" in one)
        return tuple(sorted(known, key=lambda one: folded(one.person_id)))

    def name(self, family: str, given: str) -> str:
        """Their code, 4 groups of 5 signs: told now and never again. Naming somebody anew replaces it. Raises ContextError."""
        self._may()
        if len(self._kept()) >= MOST:
            raise ContextError("administrators-full", f"{MOST} administrateurs ont déjà été nommés.", "")
        family, given = _name(family, "family"), _name(given, "given")
        code = "".join(secrets.choice(DIGITS) for _ in range(_GROUPS * _GROUP))
        salt = secrets.token_bytes(16)
        since = self._clock.now().astimezone().date().isoformat()
        told = {"family": family, "given": given, "since": since, "salt": salt.hex(), "hash": _hash(code, salt)}
        self._keep(_key(f"{family} {given}"), told)
        self._acts.note(Act.ADMINISTRATOR_NAMED, reason=_person(told).person_id)
        self._acts.flush()
        return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))

    def withdraw(self, person: Administrator) -> None:
        """Their code opens nothing any more. Raises ContextError."""
        self._may()
        gone = {"family": person.family, "given": person.given, "since": person.since}
        self._keep(_key(f"{person.family} {person.given}"), gone)
        self._acts.note(Act.ADMINISTRATOR_WITHDRAWN, reason=person.person_id)
        self._acts.flush()

    def sign_in(self, named: str, code: str) -> SignedIn:
        """Raises as `account`."""
        return self._enter(self.account(named, code))

    def account(self, named: str, code: str) -> Account:
        """Of who says this name, family name first or last, with their code. Raises DmpError("administrator-unknown"), which is
        an act: whose code was wrong is told there, what was typed is not."""
        kept = self._kept().get(_key(named), {})
        salt = bytes.fromhex(kept.get("salt", ""))
        if not hmac.compare_digest(_hash(as_typed(code), salt), kept.get("hash", "")):
            known = _person(kept).person_id if kept else ""
            self._acts.note(Act.SIGN_IN_REFUSED, actor=known, result="administrator-unknown")
            raise DmpError(
                "administrator-unknown",
                "Ce nom et ce code ne vont pas ensemble.",
                "Tapez votre nom et votre prénom, puis le code qu'un médecin du cabinet vous a remis (Réglages).",
            )
        person = _person(kept)
        professional = Professional("", person.family, person.given, "", other_id=person.person_id)
        return Account(person.person_id, professional, self._place(), Role.ADMINISTRATOR, _no_key)

    def _kept(self) -> dict[str, dict[str, str]]:
        return self._store.get(PRACTICE, NAME) or {}

    def _keep(self, key: str, told: Mapping[str, str]) -> None:
        """Beside what another process may write."""
        for _ in range(_TRIES):
            kept = self._store.get(PRACTICE, NAME)
            if self._store.replace(PRACTICE, NAME, kept, {**(kept or {}), key: dict(told)}):
                return
        raise ContextError(
            "administrators-busy", "La liste des administrateurs change sur un autre poste.", "Recommencez."
        )

    def _may(self) -> None:
        if why := self.refusal():
            who = self._who()
            raise ContextError("role-reserved", why, roles.remedy(who.role) if who else "", field="role")


def _person(kept: Mapping[str, str]) -> Administrator:
    return Administrator(kept["family"], kept["given"], kept["since"])


def _key(named: str) -> str:
    """The same whichever name comes first."""
    return " ".join(sorted(folded(named).split()))


def _hash(code: str, salt: bytes) -> str:
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1).hex()


def _name(typed: str, field: str) -> str:
    name = " ".join(typed.split())
    if not any(char.isalpha() for char in name) or len(name) > _LONGEST or any(char.isdigit() for char in name):
        raise ContextError(
            "administrator-name",
            "Un administrateur technique est une personne : son nom et son prénom, en lettres.",
            "Tapez le nom et le prénom de la personne, pas celui d'une fonction ni d'une société.",
            field=field,
        )
    return name


def _no_key() -> Any:
    raise DmpError("administrator-no-key", "Un administrateur technique n'a pas de clé pour le DMP.", "")
