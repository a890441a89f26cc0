"""What only the practice's recovery code opens again: sealed to a public key that every workstation has (HPKE, RFC 9180)."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from dmp_desktop.errors import ContextError
from dmp_desktop.storage.sealing import derive

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def recovery_public(secret: bytes) -> bytes:
    """The 32 bytes of the public key that belongs to a practice's secret."""
    return _private(secret).public_key().public_bytes_raw()


def seal_for_recovery(public: bytes, clear: bytes, place: str) -> bytes:
    """`place` names what it is: kept elsewhere, the bytes no longer open."""
    return _SUITE.encrypt(clear, X25519PublicKey.from_public_bytes(public), info=place.encode())


def recover(secret: bytes, sealed: bytes, place: str) -> bytes:
    """Raises ContextError("recovery-code") when the secret is another practice's, or the bytes were changed or moved."""
    try:
        return _SUITE.decrypt(sealed, _private(secret), info=place.encode())
    except (InvalidTag, ValueError) as error:
        raise ContextError(
            "recovery-code",
            "Ce code de secours n'ouvre pas les clés gardées sur ce poste.",
            "Prenez le code imprimé quand ce poste a été installé.",
        ) from error


def _private(secret: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(derive(secret, "practice recovery"))
