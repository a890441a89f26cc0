"""RSA signatures through a Signer: the digest is made here, the key stays where it is."""

from __future__ import annotations

import base64
import hashlib
from enum import Enum

from dmp_desktop.domain.ports import Signer


class Algorithm(Enum):
    """(hash name, DER prefix of the DigestInfo, xmldsig signature URI, xmldsig digest URI). RFC 8017 §9.2 note 1; RFC 6931."""

    SHA1 = (
        "sha1",
        bytes.fromhex("3021300906052b0e03021a05000414"),
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#sha1",
    )
    SHA256 = (
        "sha256",
        bytes.fromhex("3031300d060960864801650304020105000420"),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    )

    @property
    def signature_uri(self) -> str:
        return self.value[2]

    @property
    def digest_uri(self) -> str:
        return self.value[3]

    def digest(self, data: bytes) -> bytes:
        return hashlib.new(self.value[0], data, usedforsecurity=True).digest()

    def digest_info(self, data: bytes) -> bytes:
        return self.value[1] + self.digest(data)


def split_digest_info(digest_info: bytes) -> tuple[str, bytes]:
    """The hash name and the digest of a DigestInfo. Raises ValueError for another hash."""
    for algorithm in Algorithm:
        name, prefix = algorithm.value[:2]
        if digest_info.startswith(prefix):
            return name, digest_info[len(prefix) :]
    raise ValueError("hash")


def rsa_signature(signer: Signer, algorithm: Algorithm, data: bytes) -> str:
    """RSASSA-PKCS1-v1_5 over `data`, in base64. Raises CardError when the key is out of reach."""
    return base64.b64encode(signer.sign_digest_info(algorithm.digest_info(data))).decode()


def digest_value(algorithm: Algorithm, data: bytes) -> str:
    return base64.b64encode(algorithm.digest(data)).decode()
