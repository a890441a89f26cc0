"""RSA signatures through a Signer: it gets the whole message, the key stays where it is."""

from __future__ import annotations

import base64
import hashlib
from enum import Enum

from dmp_desktop.domain.ports import Signer


class Algorithm(Enum):
    """(hash name, xmldsig signature URI, xmldsig digest URI). RFC 6931."""

    SHA1 = (
        "sha1",
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#sha1",
    )
    SHA256 = (
        "sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    )

    @property
    def signature_uri(self) -> str:
        return self.value[1]

    @property
    def digest_uri(self) -> str:
        return self.value[2]

    def digest(self, data: bytes) -> bytes:
        return hashlib.new(self.value[0], data, usedforsecurity=True).digest()


def rsa_signature(signer: Signer, algorithm: Algorithm, data: bytes) -> str:
    """RSASSA-PKCS1-v1_5 over `data`, in base64. Raises CardError when the key is out of reach."""
    sign = signer.sign_sha256 if algorithm is Algorithm.SHA256 else signer.sign_sha1
    return base64.b64encode(sign(data)).decode()


def digest_value(algorithm: Algorithm, data: bytes) -> str:
    return base64.b64encode(algorithm.digest(data)).decode()
