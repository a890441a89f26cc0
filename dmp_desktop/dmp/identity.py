"""Who speaks to the DMP. Two keys that are never the same: authentication for TLS only, signature for VIHF and XAdES only.

The card's identity (PKCS#11) comes with issue D; `Pkcs12Identity` is the structure's software certificate, and in the sandbox it
also stands for the demonstration's card.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from dmp_desktop.errors import CardError, DmpError


class SoftwareSigner:
    """A Signer whose key is in memory, out of reach of its users. `forget` makes it unusable."""

    def __init__(self, sign: Callable[[bytes], bytes], certificate_der: bytes, chain_der: tuple[bytes, ...]) -> None:
        self._sign: Callable[[bytes], bytes] | None = sign
        self.certificate_der = certificate_der
        self.chain_der = chain_der

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 of a DigestInfo. Raises CardError once forgotten."""
        if self._sign is None:
            raise CardError(
                "IdentiteRetiree",
                "La carte du professionnel a été retirée.",
                "Remettez votre carte CPS dans le lecteur.",
            )
        return self._sign(digest_info)

    def forget(self) -> None:
        self._sign = None


class Pkcs12Identity:
    """`auth.p12` and `sign.p12` of one folder, opened with one password.

    Raises DmpError when a file is missing, the password is wrong, or both files hold the same key. Opening takes 2 µs a
    round of the file's key derivation (usually 2,048), with the interpreter locked: `cryptography` does not release it.
    """

    def __init__(self, folder: Path, password: str) -> None:
        self.authentication = _open(folder / "auth.p12", password)
        self.signature = _open(folder / "sign.p12", password)
        if self.authentication.certificate_der == self.signature.certificate_der:
            raise DmpError(
                "CertificatsIdentiques",
                "Le certificat d'authentification et celui de signature sont les mêmes.",
                "Installez les deux certificats distincts délivrés par l'ANS (AUTH_CLI et SIGN).",
            )

    def close(self) -> None:
        """Forget both keys."""
        self.authentication.forget()
        self.signature.forget()


def _open(file: Path, password: str) -> SoftwareSigner:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(file.read_bytes(), password.encode())
    except OSError:
        raise DmpError(
            "CertificatAbsent", f"Le fichier {file.name} est introuvable.", "Indiquez le dossier des certificats."
        ) from None
    except ValueError:
        raise DmpError(
            "CertificatIllisible", f"Le fichier {file.name} ne s'ouvre pas.", "Vérifiez son mot de passe dans Réglages."
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey) or certificate is None:
        raise DmpError(
            "CertificatIncomplet", f"Le fichier {file.name} ne contient pas de clé RSA avec son certificat.", ""
        )
    chain = tuple(other.public_bytes(Encoding.DER) for other in others if other.subject != other.issuer)

    def sign(digest_info: bytes) -> bytes:
        return key.sign(digest_info, padding.PKCS1v15(), NoDigestInfo())

    return SoftwareSigner(sign, certificate.public_bytes(Encoding.DER), chain)
