"""Who speaks to the DMP. Two keys that are never the same: authentication for TLS only, signature for VIHF and XAdES only.

The card's identity (PKCS#11) comes with issue D; `Pkcs12Identity` is the structure's software certificate, and in the sandbox it
also stands for the demonstration's card.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from cryptography import x509

from dmp_desktop.dmp.pkcs12 import Opened, open_pkcs12
from dmp_desktop.domain.digest_info import digest_info
from dmp_desktop.errors import CardError, DmpError


class SoftwareSigner:
    """A Signer whose key is in OpenSSL's memory, out of reach of its users. `forget` makes it unusable."""

    def __init__(self, opened: Opened) -> None:
        self._key = opened.key
        self.certificate_der = opened.certificate_der
        self.chain_der = tuple(der for der in opened.others_der if not _is_root(der))

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 of a DigestInfo. Raises CardError once forgotten."""
        try:
            return self._key.sign(digest_info)
        except ValueError:
            raise removed() from None

    def sign_sha256(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256. Raises CardError once forgotten."""
        return self.sign_digest_info(digest_info(message, "sha256"))

    def sign_sha1(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-1. Raises CardError once forgotten."""
        return self.sign_digest_info(digest_info(message, "sha1"))

    @property
    def can_pss(self) -> bool:
        return True

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        """RSASSA-PSS as the port says. Raises CardError once forgotten."""
        try:
            return self._key.sign_pss(digest, hash_name)
        except ValueError:
            raise removed() from None

    def forget(self) -> None:
        self._key.close()


class Pkcs12Identity:
    """`auth.p12` and `sign.p12` of one folder, opened with one password.

    Raises DmpError when a file is missing, the password is wrong, or both files hold the same key.
    """

    def __init__(self, folder: Path, password: str) -> None:
        self.authentication = _open(folder / "auth.p12", password)
        try:
            self.signature = _open(folder / "sign.p12", password)
        except DmpError:
            self.authentication.forget()
            raise
        if same_key(self.authentication.certificate_der, self.signature.certificate_der):
            self.close()
            raise one_key_for_both()

    def close(self) -> None:
        """Forget both keys."""
        self.authentication.forget()
        self.signature.forget()


def removed() -> CardError:
    """The key went away with its card."""
    return CardError("card.removed", "La carte a été retirée.", "Remettez la carte dans le lecteur.")


def same_key(one_der: bytes, other_der: bytes) -> bool:
    """Whether two certificates are of one key: one renewed with its old key differs from what it was in everything else."""
    one, other = (x509.load_der_x509_certificate(der).public_key() for der in (one_der, other_der))
    return one == other


def one_key_for_both() -> DmpError:
    return DmpError(
        "CertificatsIdentiques",
        "Le certificat d'authentification et celui de signature ont la même clé.",
        "Installez les deux certificats distincts délivrés par l'ANS (AUTH_CLI et SIGN).",
    )


def _open(file: Path, password: str) -> SoftwareSigner:
    try:
        return SoftwareSigner(open_pkcs12(file.read_bytes(), password))
    except ssl.SSLError:
        raise DmpError(
            "CertificatIllisible",
            f"Le fichier {file.name} ne s'ouvre pas, ou ne contient pas de clé RSA avec son certificat.",
            "Vérifiez son mot de passe dans Réglages.",
        ) from None
    except OSError:
        raise DmpError(
            "CertificatAbsent", f"Le fichier {file.name} est introuvable.", "Indiquez le dossier des certificats."
        ) from None


def _is_root(der: bytes) -> bool:
    certificate = x509.load_der_x509_certificate(der)
    return certificate.subject == certificate.issuer
