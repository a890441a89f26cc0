"""ID tokens of the stand-in Pro Santé Connect: JWS compact, RS256 (RFC 7515, RFC 7518), by `cryptography` alone."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class TokenKey:
    """The provider's signature key, made when the first token or its public half is asked for."""

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(65537, 2048)

    @cached_property
    def kid(self) -> str:
        return hashlib.sha256(str(self._key.public_key().public_numbers().n).encode()).hexdigest()[:16]

    def jwk(self) -> dict[str, str]:
        """The public key (RFC 7517 §4, RFC 7518 §6.3.1)."""
        numbers = self._key.public_key().public_numbers()
        modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
        exponent = numbers.e.to_bytes(3, "big")
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": b64(modulus), "e": b64(exponent)}

    def sign(self, claims: dict[str, Any], *, forged: bool = False) -> str:
        """A token; `forged` by a key nobody knows, under our key's name."""
        head = {"alg": "RS256", "typ": "JWT", "kid": self.kid}
        signed = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
        key = rsa.generate_private_key(65537, 2048) if forged else self._key
        return f"{signed}.{b64(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def b64(content: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
