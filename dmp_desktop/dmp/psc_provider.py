"""The provider and this software's registration with it: all by configuration (OpenID Connect Discovery 1.0, reference §8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dmp_desktop.dmp.psc_errors import psc_error
from dmp_desktop.dmp.psc_web import PscWeb

SCOPE = "openid scope_all"
ACR = "eidas1"
"""The only level Pro Santé Connect gives (reference §8)."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How this software is known. `discovery` is the https address of the provider's document.

    `client_secret` is empty where the structure's certificate alone tells who asks. `redirect_port` 0 takes any free port
    (RFC 8252 §7.3); a provider that wants the address registered whole needs a fixed one.
    """

    discovery: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    redirect_port: int = 0


@dataclass(frozen=True, slots=True)
class Provider:
    """Addresses of the provider's services; `ciba`, `revocation` and `end_session` are empty where it has none."""

    issuer: str
    authorization: str
    token: str
    user_info: str
    keys: str
    ciba: str = ""
    revocation: str = ""
    end_session: str = ""


def discover(web: PscWeb, registration: Registration, *, certificate: bool) -> Provider:
    """Read the provider's document; `certificate` takes the addresses made for mutual TLS (RFC 8705 §5).

    Raises DmpError when it cannot be read, is not of the issuer it was asked from, or names an address that is not https.
    """
    document = web.get(registration.discovery).json()
    if certificate and isinstance(document.get("mtls_endpoint_aliases"), dict):
        document = document | document["mtls_endpoint_aliases"]

    def address(name: str, *, needed: bool = True) -> str:
        found = document.get(name, "")
        if not found and not needed:
            return ""
        if not isinstance(found, str) or urlsplit(found).scheme != "https" or not urlsplit(found).hostname:
            raise psc_error("psc.untrusted", detail=name)
        return found

    issuer = address("issuer")
    if not registration.discovery.startswith(f"{issuer.rstrip('/')}/.well-known/"):  # Discovery §4.3
        raise psc_error("psc.untrusted", detail="issuer")
    return Provider(
        issuer=issuer,
        authorization=address("authorization_endpoint"),
        token=address("token_endpoint"),
        user_info=address("userinfo_endpoint"),
        keys=address("jwks_uri"),
        ciba=address("backchannel_authentication_endpoint", needed=False),
        revocation=address("revocation_endpoint", needed=False),
        end_session=address("end_session_endpoint", needed=False),
    )
