"""The passphrase that protects this workstation where its system has no key store: how strong one is, and another one chosen."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.session_state import SignedIn

LEAST = 12
"""Characters: from there on a password is of some strength (ANSSI, « Recommandations relatives à l'authentification multifacteur
et aux mots de passe », 2021)."""
_FRESH, _LONG, _WORDS, _DISTINCT = 10, 20, 4, 6


class Strength(StrEnum):
    SHORT = "short"
    WEAK = "weak"
    FAIR = "fair"
    GOOD = "good"


def strength(passphrase: str) -> Strength:
    """By its length, what it repeats and how many words it has; nothing is looked up. SHORT ones are refused."""
    if len(passphrase) < LEAST:
        return Strength.SHORT
    fresh = 1 + sum(
        abs(ord(after) - ord(before)) > 1 for before, after in pairwise(passphrase)
    )  # neither « aaaa » nor « 1234 »
    distinct = len(set(passphrase.casefold()))
    if fresh < _FRESH or distinct < _DISTINCT:
        return Strength.WEAK
    words = {word.casefold() for word in passphrase.split() if len(word) > 2}
    return Strength.GOOD if len(words) >= _WORDS or (fresh >= _LONG and distinct >= 2 * _DISTINCT) else Strength.FAIR


class PassphraseDesk:
    """`alone` tells whether no other process of this workstation runs: another one would know the former passphrase only.
    `given`: the environment gives it at each start (automated tests), and would go on giving the former one."""

    def __init__(
        self,
        keystore: PassphraseKeyStore,
        alone: Callable[[], bool],
        acts: ActBook,
        who: Callable[[], SignedIn | None],
        *,
        given: bool = False,
    ) -> None:
        self._keystore, self._alone, self._acts, self._who, self._given = keystore, alone, acts, who, given

    def refusal(self) -> str:
        """Why who is signed in does not change it, in French; empty where they may. Never blocks."""
        who = self._who()
        if self._given:
            return "La phrase de passe est donnée à chaque lancement par DMP_DESKTOP_SECRETS : changez-la là."
        return roles.refusal(who.role, Task.WORKSTATION_SETTINGS) if who else ""

    def strength(self, passphrase: str) -> Strength:
        """Never blocks."""
        return strength(passphrase)

    def change(self, former: str, coming: str, again: str) -> None:
        """From the next start on, `coming` opens this workstation. Raises ContextError, StorageError: the former one then still
        does."""
        self._check(former, coming, again)
        try:
            self._keystore.change(former, coming)
        except StorageError as error:
            if error.code != "passphrase":
                raise
            self._acts.note(Act.PASSPHRASE_CHANGED, result=error.code)
            self._acts.flush()
            raise ContextError(
                "passphrase",
                "L'ancienne phrase de passe n'est pas la bonne : rien n'a été changé.",
                "Saisissez-la à nouveau. Oubliée : fermez DMP Desktop et relancez-le, le code de secours la remplace.",
            ) from None
        self._acts.note(Act.PASSPHRASE_CHANGED)
        self._acts.flush()

    def _check(self, former: str, coming: str, again: str) -> None:
        if why := self.refusal():
            who = self._who()
            raise ContextError("role-reserved", why, roles.remedy(who.role) if who else "", field="role")
        if coming != again:
            raise ContextError(
                "passphrase-differs",
                "Les deux nouvelles saisies ne sont pas les mêmes : rien n'a été changé.",
                "Recommencez.",
            )
        if strength(coming) is Strength.SHORT:
            raise ContextError(
                "passphrase-short",
                f"La nouvelle phrase de passe a moins de {LEAST} caractères : rien n'a été changé.",
                "Choisissez-en une plus longue, par exemple quatre mots sans lien.",
            )
        if coming == former:
            raise ContextError(
                "passphrase-same",
                "La nouvelle phrase de passe est l'ancienne : rien n'a été changé.",
                "Choisissez-en une autre.",
            )
        if not self._alone():
            raise ContextError(
                "passphrase-others",
                "Un autre DMP Desktop est ouvert sur ce poste : rien n'a été changé.",
                "Fermez-le, puis recommencez.",
            )
