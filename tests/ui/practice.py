"""The recovery code in memory: an honest small PracticeCodePort over the real keys and the real printed page."""

from __future__ import annotations

import threading

from dmp_desktop.domain.recovery_code import secret_of
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.services.practice_code import PracticeCode
from dmp_desktop.services.practice_keys import PracticeKeyring
from dmp_desktop.services.session_state import SignedIn


class _NoKeys:
    """A vault to which the code gives `lost` keys, once."""

    def __init__(self) -> None:
        self.lost = 0

    def seal(self, _purpose: str) -> None: ...

    def recover(self, _secret: bytes) -> int:
        lost, self.lost = self.lost, 0
        return lost


class FakePracticeCode(PracticeCode):
    """`gate` holds back what shows the code; `who` None: nobody is asked who they are. `asked`: how often it was shown."""

    def __init__(self, *, training: bool = False) -> None:
        self.keyring, self.vault = PracticeKeyring(MemoryKeyStore()), _NoKeys()
        self.keyring.keys()
        self.who: SignedIn | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.asked = 0
        super().__init__(
            self.keyring,
            self.vault,  # type: ignore[arg-type]
            lambda: self.who,
            lambda: "Cabinet des Lilas",
            training=training,
        )

    def code(self) -> str:
        self.gate.wait(120)
        self.asked += 1
        return super().code()

    @property
    def secret(self) -> bytes:
        return secret_of(self.keyring.code_to_print() or "")
