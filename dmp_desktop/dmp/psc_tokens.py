"""Tokens of Pro Santé Connect: kept in memory, never shown, and believed only once verified (OpenID Connect Core §3.1.3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from dmp_desktop.dmp.psc_errors import psc_error
from dmp_desktop.dmp.psc_provider import ACR, Provider
from dmp_desktop.dmp.psc_web import WebReply

LEEWAY = timedelta(seconds=60)
"""Difference of clocks that is let pass: an ID token lives two minutes."""
ALGORITHMS = ("RS256",)


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """What the token endpoint gave; times by this workstation's clock."""

    access: str
    refresh: str
    id_token: str
    access_until: datetime
    refresh_until: datetime

    def __repr__(self) -> str:
        return "Tokens(…)"


@dataclass(frozen=True, slots=True)
class Authentication:
    """What a verified ID token says: whose (`sub`), and when they were authenticated."""

    subject: str
    at: datetime


def read_tokens(answer: dict[str, Any], now: datetime) -> Tokens:
    """The tokens of a successful answer. Raises DmpError("psc.unreadable")."""
    try:
        life = timedelta(seconds=float(answer["expires_in"]))
        refresh_life = timedelta(seconds=float(answer.get("refresh_expires_in") or 0)) or life
        access, refresh, id_token = (str(answer[name]) for name in ("access_token", "refresh_token", "id_token"))
        return Tokens(access, refresh, id_token, now + life, now + refresh_life)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise psc_error("psc.unreadable", detail="token") from None


def verify_id_token(
    untrusted: str, keys: dict[str, Any], provider: Provider, client_id: str, *, nonce: str | None = None
) -> Authentication:
    """Signature by one of the provider's keys, issuer, audience, times, nonce (when one was sent), level of authentication.

    Raises DmpError psc.untrusted, psc.clock or psc.too_weak.
    """
    claims = _claims(untrusted, keys, provider, client_id, ["exp", "iat", "iss", "aud", "sub"])
    if claims.get("azp", client_id) != client_id:
        raise psc_error("psc.untrusted", detail="azp")
    if nonce is not None and claims.get("nonce") != nonce:
        raise psc_error("psc.untrusted", detail="nonce")
    if claims.get("acr") != ACR:
        raise psc_error("psc.too_weak", detail="acr")
    try:
        at = datetime.fromtimestamp(float(claims.get("auth_time") or claims["iat"]), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise psc_error("psc.untrusted", detail="auth_time") from None
    return Authentication(str(claims["sub"]), at)


def read_user_info(
    reply: WebReply, keys: dict[str, Any], provider: Provider, client_id: str, authentication: Authentication
) -> dict[str, Any]:
    """The claims of UserInfo, plain or signed, of the very person of the ID token (§5.3.2, §5.3.4). Raises DmpError."""
    if reply.status != 200:
        raise psc_error("psc.untrusted", detail=f"userinfo {reply.status}")
    if reply.media_type == "application/jwt":
        claims = _claims(reply.content.decode("ascii", "replace"), keys, provider, client_id, ["iss", "aud", "sub"])
    else:
        claims = reply.json()
    if claims.get("sub") != authentication.subject:
        raise psc_error("psc.untrusted", detail="userinfo sub")
    return claims


def _claims(
    untrusted: str, keys: dict[str, Any], provider: Provider, client_id: str, required: list[str]
) -> dict[str, Any]:
    try:
        kid = jwt.get_unverified_header(untrusted).get("kid")
        key = next((key for key in jwt.PyJWKSet.from_dict(keys).keys if key.key_id == kid), None)
        if key is None:
            raise psc_error("psc.untrusted", detail="kid")
        return jwt.decode(
            untrusted,
            key,
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": required},
        )
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
        raise psc_error("psc.clock") from None
    except jwt.PyJWTError as error:
        raise psc_error("psc.untrusted", detail=type(error).__name__) from None
