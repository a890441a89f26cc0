"""The conversation with Pro Santé Connect: code flow with PKCE, CIBA in poll mode, refresh, revocation, logout."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from dmp_desktop.dmp.psc_errors import psc_error
from dmp_desktop.dmp.psc_provider import ACR, SCOPE, Provider, Registration, discover
from dmp_desktop.dmp.psc_redirect import Redirect
from dmp_desktop.dmp.psc_tokens import LEEWAY, Authentication, Tokens, read_tokens, read_user_info, verify_id_token
from dmp_desktop.dmp.psc_web import SECONDS, PscWeb
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError, DmpError

CIBA_GRANT = "urn:openid:params:grant-type:ciba"
DEFAULT_INTERVAL, SLOWER = 5.0, 5.0
"""Seconds between two polls when none is told, and what slow_down adds (CIBA Core §7.3, §11)."""
LEAVING_SECONDS = 3.0
"""Patience with the provider when someone leaves: the program may be waiting to end."""
DEFAULT_LIFE = 120.0  # what Pro Santé Connect gives a CIBA request (reference §8)

# Errors of RFC 6749 §5.2, CIBA Core §11 and §13. Others are told as unreadable, with the provider's word.
_REFUSALS = {
    "access_denied": "psc.denied",
    "expired_token": "psc.expired",
    "invalid_grant": "psc.expired",
    "invalid_client": "psc.client",
    "unauthorized_client": "psc.client",
    "unknown_user_id": "psc.unknown_user",
}


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """A person who signed in: tokens, what the ID token proved, and the claims of UserInfo."""

    tokens: Tokens
    authentication: Authentication
    claims: Mapping[str, Any]

    def __repr__(self) -> str:
        return "Grant(…)"


@dataclass(frozen=True, slots=True)
class Ringing:
    """A request shown on the phone. `seconds` and `interval` as the provider told them."""

    request: str
    seconds: float
    interval: float


class PscClient:
    """One provider, one registration. Safe from several threads once made. Every method may raise DmpError (`psc.…`)."""

    def __init__(self, web: PscWeb, registration: Registration, clock: Clock, *, certificate: bool) -> None:
        self._web = web
        self._registration = registration
        self._clock = clock
        self._provider: Provider = discover(web, registration, certificate=certificate)
        self._keys: dict[str, Any] = {}

    def by_browser(self, redirect: Redirect, show: Callable[[str], None], seconds: float) -> Grant:
        """Give `show` the address to open, wait for the browser at most `seconds`, and prove what comes back."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._registration.client_id,
            "redirect_uri": redirect.uri,
            "scope": SCOPE,
            "acr_values": ACR,
            "state": redirect.state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "prompt": "login",  # the browser may remember whoever was here before (OpenID Connect Core §3.1.2.1)
            "max_age": "0",  # so that the answer says when they were authenticated
        }
        asked_at = self._clock.now()
        show(f"{self._provider.authorization}?{urlencode(asked)}")
        code = redirect.wait(seconds)
        form = {"code": code, "redirect_uri": redirect.uri, "code_verifier": verifier}
        return self._granted(self._token("authorization_code", form), nonce, asked_at)

    def ring(self, national_id: str, binding: str) -> Ringing:
        """Ask the phone of a person (PS_IdNat); `binding` is shown there to be compared."""
        if not self._provider.ciba:
            raise psc_error("psc.client", detail="ciba")
        answer = self._post(
            self._provider.ciba,
            {"scope": SCOPE, "acr_values": ACR, "login_hint": national_id, "binding_message": binding},
        )
        try:
            return Ringing(
                str(answer["auth_req_id"]),
                float(answer.get("expires_in") or DEFAULT_LIFE),
                max(float(answer.get("interval") or DEFAULT_INTERVAL), 0.1),
            )
        except (KeyError, TypeError, ValueError):
            raise psc_error("psc.unreadable", detail="ciba") from None

    def answered(self, ringing: Ringing, cancelled: Callable[[float], bool]) -> Grant:
        """Poll until the person answers. `cancelled` waits that many seconds and tells whether to give up."""
        interval, deadline = ringing.interval, self._clock.monotonic() + ringing.seconds
        while True:
            if cancelled(interval):
                raise psc_error("psc.cancelled")
            if self._clock.monotonic() > deadline:
                raise psc_error("psc.expired")
            try:
                tokens = self._token(CIBA_GRANT, {"auth_req_id": ringing.request})
            except DmpError as error:
                if error.detail == "slow_down":
                    interval += SLOWER
                elif error.detail != "authorization_pending" and not error.retryable:
                    raise
            else:
                return self._granted(tokens)

    def refresh(self, tokens: Tokens, authentication: Authentication) -> Tokens:
        """New tokens of the same person. Raises DmpError("psc.ended") when the provider closed the session."""
        try:
            fresh = self._token("refresh_token", {"refresh_token": tokens.refresh})
        except DmpError as error:
            raise psc_error("psc.ended", detail=error.detail) if error.code == "psc.expired" else error from None
        if self._verified(fresh).subject != authentication.subject:  # OpenID Connect Core §12.2
            raise psc_error("psc.untrusted", detail="refresh sub")
        return fresh

    def end(self, tokens: Tokens) -> None:
        """Revoke the refresh token (RFC 7009) and close the session by the logout address, whichever the provider has."""
        provider = self._provider
        if provider.revocation:
            form = {"token": tokens.refresh, "token_type_hint": "refresh_token"}
            self._post(provider.revocation, form, LEAVING_SECONDS)
        if provider.end_session:
            form = {"refresh_token": tokens.refresh, "id_token_hint": tokens.id_token}
            self._post(provider.end_session, form, LEAVING_SECONDS)

    def close(self) -> None:
        """Let go of the structure's key."""
        self._web.close()

    def quietly_end(self, tokens: Tokens) -> None:
        """`end`, as far as the provider can be reached: tokens die by themselves within half an hour."""
        with contextlib.suppress(DmpDesktopError):
            self.end(tokens)

    def _granted(self, tokens: Tokens, nonce: str | None = None, since: datetime | None = None) -> Grant:
        """Prove what the tokens say, of somebody authenticated after `since`; a session that cannot be believed is not left
        open at the provider."""
        try:
            authentication = self._verified(tokens, nonce)
            if since is not None and authentication.at < since - LEEWAY:
                raise psc_error("psc.remembered")
            reply = self._web.get(self._provider.user_info, tokens.access)
            client = self._registration.client_id
            claims = read_user_info(reply, self._keys, self._provider, client, authentication)
        except DmpDesktopError:
            self.quietly_end(tokens)
            raise
        return Grant(tokens, authentication, claims)

    def _verified(self, tokens: Tokens, nonce: str | None = None) -> Authentication:
        """By the keys at hand; they are read once more when the token names another: the provider changes them."""
        for again in (False, True):
            if again or not self._keys:
                self._keys = self._web.get(self._provider.keys).json()
            try:
                return verify_id_token(
                    tokens.id_token, self._keys, self._provider, self._registration.client_id, nonce=nonce
                )
            except DmpError as error:
                if again or error.detail != "kid":
                    raise
        raise AssertionError  # the second round returns or raises

    def _token(self, grant_type: str, form: Mapping[str, str]) -> Tokens:
        answer = self._post(self._provider.token, {"grant_type": grant_type, **form})
        return read_tokens(answer, self._clock.now())

    def _post(self, url: str, form: Mapping[str, str], seconds: float = SECONDS) -> dict[str, Any]:
        """POST as this software: by its secret, else by the certificate of the connection and `client_id` (RFC 8705 §2)."""
        registered = self._registration
        fields = {**form, "client_id": registered.client_id}
        reply = self._web.post(url, fields, registered.client_id, registered.client_secret, seconds)
        if reply.status in (200, 204):
            return reply.json() if reply.content else {}
        error = str(reply.json().get("error", ""))
        description = str(reply.json().get("error_description", ""))
        if (
            error == "invalid_request" and description == "invalid_user"
        ):  # Keycloak, on which Pro Santé Connect is built
            error = "unknown_user_id"
        raise psc_error(_REFUSALS.get(error, "psc.unreadable"), detail=error[:40] or f"HTTP {reply.status}")
