"""The practice's recovery code as people meet it: shown until it is on paper, typed where a card or a workstation is new."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from dmp_desktop.domain import roles
from dmp_desktop.domain.recovery_code import secret_of
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError
from dmp_desktop.services.practice_keys import PracticeKeyring
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.vault import Vault


class PracticeCode:
    """Every method may block, and raises StorageError where the system's key store does not answer.

    `who` is who is signed in; nobody is the workstation's own command line. `place` names the practice on paper. `training`: in
    the sandbox nobody is reminded of it. `noted` is told what was done with it, for the journal.
    """

    def __init__(
        self,
        keyring: PracticeKeyring,
        vault: Vault,
        who: Callable[[], SignedIn | None],
        place: Callable[[], str],
        *,
        training: bool = False,
        noted: Callable[[str], None] = lambda _what: None,
    ) -> None:
        self._noted = noted
        self._keyring = keyring
        self._vault = vault
        self._who = who
        self._place = place
        self._training = training

    def to_print(self) -> bool:
        """Whether it is still to be put on paper."""
        return self._keyring.code_to_print() is not None

    def to_remind(self) -> bool:
        """Whether whoever is signed in is to be told so: who may print it, outside the training sandbox."""
        who = self._who()
        return not self._training and who is not None and roles.may(who.role, Task.PRACTICE_CODE) and self.to_print()

    def code(self) -> str:
        """13 groups of 5 signs. Raises ContextError once it is on paper, and to who has no key of their own here."""
        who = self._who()
        if who is not None and not roles.may(who.role, Task.PRACTICE_CODE):
            raise ContextError(
                "practice-code-reserved",
                "Le code de secours du cabinet n'est montré qu'à un professionnel de santé du cabinet.",
                "Demandez-lui de l'imprimer.",
            )
        code = self._keyring.code_to_print()
        if code is None:
            raise ContextError(
                "practice-code-gone",
                "Ce poste ne connaît plus le code de secours : il est sur papier.",
                "Prenez la page imprimée.",
            )
        return code

    def sheet(self) -> bytes:
        """The page to print (PDF). Raises as `code`."""
        from dmp_desktop.services.practice_sheet import practice_sheet  # fpdf2 is left out of the start for its 100 ms

        sheet = practice_sheet(self.code(), self._place())
        self._noted("sheet")
        return sheet

    def printed(self, last_group: str) -> None:
        """It is on paper, as the last group copied from there tells: this workstation forgets it. Raises ContextError."""
        expected = self.code().rpartition("-")[2]
        if not hmac.compare_digest(last_group.strip().upper().encode(), expected.encode()):
            raise ContextError(
                "practice-code-copy",
                "Ce n'est pas le dernier groupe du code.",
                "Recopiez les 5 derniers signes de la page imprimée.",
            )
        self._keyring.printed()
        self._noted("printed")

    def join(self, code: str) -> None:
        """This workstation is of the practice whose code this is. Raises ContextError("recovery-code") with the wrong groups."""
        self._keyring.join(code)
        self._noted("join")

    def recover(self, code: str) -> int:
        """Open with their present card what who is signed in closed with another; how many keys. Raises ContextError
        ("recovery-code"), StorageError("vault-closed") when nobody who reads records is signed in."""
        secret = secret_of(code)
        self._vault.seal("cache")
        opened = self._vault.recover(secret)
        self._noted("recover")
        return opened
