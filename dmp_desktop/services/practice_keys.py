"""The practice's own keys: made once, from a secret that stays on paper.

Of the secret this workstation keeps only what is derived from it: the practice key, which closes what workstations share, and the
public key to which every professional's key is sealed. The secret itself is kept until somebody says that its code is printed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.domain.recovery_code import SECRET_BYTES, recovery_code, secret_of
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.recovery import recovery_public
from dmp_desktop.storage.sealing import derive

PRACTICE_KEY, RECOVERY_KEY, TO_PRINT = "practice-key", "practice-recovery-key", "practice-code-to-print"
"""Names in the key store; the last one is there until the code is printed."""

DAMAGED = "practice-key-damaged"


@dataclass(frozen=True, slots=True)
class PracticeKeys:
    """`key` closes what is shared; `fingerprint` tells practices apart and nothing of the key."""

    key: bytes = field(repr=False)
    recovery_key: bytes

    @property
    def fingerprint(self) -> str:
        return derive(self.key, "practice fingerprint")[:8].hex()


class PracticeKeyring:
    """The keys of this workstation's practice. Safe from several threads only as far as the key store is."""

    def __init__(self, keystore: KeyStore) -> None:
        self._keystore = keystore

    def keys(self) -> PracticeKeys:
        """Made on first use: call it first where no other process does (`open_base`'s lock). Raises StorageError."""
        kept = self._keystore.get(PRACTICE_KEY), self._keystore.get(RECOVERY_KEY)
        begun = self._keystore.get(TO_PRINT)
        if begun and not all(kept):  # a cut came between
            return self._keep(_bytes(begun))
        if any(kept):
            return PracticeKeys(*(_bytes(one or "") for one in kept))
        secret = secrets.token_bytes(SECRET_BYTES)
        self._keystore.set(TO_PRINT, secret.hex())
        return self._keep(secret)

    def code_to_print(self) -> str | None:
        """The recovery code as long as nobody said that it is printed. Raises StorageError."""
        kept = self._keystore.get(TO_PRINT)
        return recovery_code(_bytes(kept)) if kept else None

    def printed(self) -> None:
        """It is on paper: this workstation forgets it."""
        self._keystore.delete(TO_PRINT)

    def join(self, code: str) -> PracticeKeys:
        """Take the keys of the practice whose recovery code was typed. Raises ContextError("recovery-code"), StorageError."""
        keys = self._keep(secret_of(code))
        self.printed()
        return keys

    def _keep(self, secret: bytes) -> PracticeKeys:
        keys = PracticeKeys(derive(secret, "practice key"), recovery_public(secret))
        self._keystore.set(RECOVERY_KEY, keys.recovery_key.hex())
        self._keystore.set(PRACTICE_KEY, keys.key.hex())
        return keys


def _bytes(kept: str) -> bytes:
    try:
        found = bytes.fromhex(kept)
    except ValueError:
        found = b""
    if len(found) != SECRET_BYTES:
        raise StorageError(
            DAMAGED,
            "La clé du cabinet est abîmée dans le coffre à secrets.",
            "Saisissez le code de secours du cabinet (Réglages).",
        )
    return found
