"""What only the practice's recovery code opens again: sealed to a public key that every workstation has (HPKE, RFC 9180)."""

from __future__ import annotations

from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage.boxes import open_box, public_of, seal_to
from dmp_desktop.storage.sealing import derive


def recovery_public(secret: bytes) -> bytes:
    """The 32 bytes of the public key that belongs to a practice's secret."""
    return public_of(_private(secret))


def seal_for_recovery(public: bytes, clear: bytes, place: str) -> bytes:
    """`place` names what it is: kept elsewhere, the bytes no longer open."""
    return seal_to(public, clear, place)


def recover(secret: bytes, sealed: bytes, place: str) -> bytes:
    """Raises ContextError("recovery-code") when the secret is another practice's, or the bytes were changed or moved."""
    try:
        return open_box(_private(secret), sealed, place)
    except StorageError as error:
        raise ContextError(
            "recovery-code",
            "Ce code de secours n'ouvre pas les clés gardées sur ce poste.",
            "Prenez le code imprimé quand ce poste a été installé.",
        ) from error


def _private(secret: bytes) -> bytes:
    return derive(secret, "practice recovery")
