"""The stand-in Pro Santé Connect: OpenID Connect (code flow with PKCE, refresh, UserInfo) and CIBA in poll mode.

Written from the reference §8, OpenID Connect Core 1.0, CIBA Core 1.0, RFC 7636 and RFC 7009. `psc_signing` signs its ID tokens,
not the library our client verifies them with.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography import x509
from cryptography.x509.oid import NameOID

from dmp_desktop.sandbox import psc_pages as pages
from dmp_desktop.sandbox.psc_http import PROTOCOL, REALM, Asked, Refused, Reply, discovery, html_reply, json_reply
from dmp_desktop.sandbox.psc_signing import TokenKey, b64
from dmp_desktop.sandbox.psc_state import (
    ACCESS_LIFE,
    CIBA_LIFE,
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_STRUCTURE,
    CODE_LIFE,
    OTHER_USER,
    REFRESH_LIFE,
    USERS,
    Code,
    PhoneRequest,
    PscFaults,
    Session,
    Sessions,
)

CIBA_GRANT = "urn:openid:params:grant-type:ciba"
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:\d{1,5}/[A-Za-z0-9/_-]*")  # RFC 8252 §7.3: any port
MAX_FORM = 16 * 1024

StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(slots=True)
class Provider:
    """The WSGI application. `base` is its address once it listens; `interval` what CIBA asks between two polls, in seconds."""

    sessions: Sessions
    faults: PscFaults = field(default_factory=PscFaults)
    base: str = ""
    interval: float = 1
    key: TokenKey = field(default_factory=TokenKey, repr=False)

    @property
    def issuer(self) -> str:
        return self.base + REALM

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """WSGI entry point. Nothing of a request is logged: tokens and secrets are in it."""
        length = min(int(environ.get("CONTENT_LENGTH") or 0), MAX_FORM)
        text = f"{environ.get('QUERY_STRING', '')}&{environ['wsgi.input'].read(length).decode('utf-8', 'replace')}"
        asked = Asked(
            str(environ["REQUEST_METHOD"]),
            str(environ["PATH_INFO"]),
            dict(parse_qsl(text)),
            str(environ.get("HTTP_AUTHORIZATION", "")),
            str(environ.get("SSL_CLIENT_CERT", "")),
        )
        reply = self._reply(asked)
        body = reply.body.encode()
        headers = [
            ("Content-Type", reply.content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start_response(reply.status, headers + list(reply.headers))
        return (body,)

    def _reply(self, asked: Asked) -> Reply:
        handlers: dict[tuple[str, str], Callable[[Asked], Reply]] = {
            ("GET", f"{REALM}/.well-known/wallet-openid-configuration"): lambda _: json_reply(discovery(self.base)),
            ("GET", f"{PROTOCOL}/certs"): lambda _: json_reply({"keys": [self.key.jwk()]}),
            ("GET", "/auth"): self._ask_person,
            ("POST", "/auth"): self._person_answered,
            ("POST", f"{PROTOCOL}/token"): self._token,
            ("POST", f"{PROTOCOL}/ext/ciba/auth"): self._ring,
            ("GET", f"{PROTOCOL}/userinfo"): self._user_info,
            ("POST", f"{PROTOCOL}/revoke"): self._close,
            ("POST", f"{PROTOCOL}/logout"): self._close,
            ("GET", "/telephone"): lambda _: html_reply(pages.phone(self._ringing())),
            ("POST", "/telephone"): self._phone_answered,
            ("POST", "/fautes"): self._order,
        }
        handler = handlers.get((asked.method, asked.path))
        if handler is None:
            return json_reply({"error": "not_found"}, "404 Not Found")
        if asked.path.startswith(REALM) and self.faults.take("unavailable"):
            return Reply("", "503 Service Unavailable", "text/plain")
        try:
            return handler(asked)
        except Refused as refused:
            return json_reply({"error": refused.error, "error_description": refused.description}, refused.status)

    def _ask_person(self, asked: Asked) -> Reply:
        problem = self._request_problem(asked)
        return (
            html_reply(pages.problem(problem), "400 Bad Request")
            if problem
            else html_reply(pages.sign_in(asked.values, USERS))
        )

    def _request_problem(self, asked: Asked) -> str:
        """What is wrong with an authorization request, or nothing."""
        expected = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "acr_values": "eidas1",
            "code_challenge_method": "S256",
        }
        wrong = [name for name, value in expected.items() if asked[name] != value]
        wrong += [name for name in ("state", "nonce") if len(asked[name]) < 16]
        if {"openid", "scope_all"} - set(asked["scope"].split()):
            wrong.append("scope")
        if not _LOOPBACK.fullmatch(asked["redirect_uri"]):
            wrong.append("redirect_uri")
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}", asked["code_challenge"]):
            wrong.append("code_challenge")
        return f"Paramètres absents ou faux : {', '.join(wrong)}" if wrong else ""

    def _person_answered(self, asked: Asked) -> Reply:
        problem = self._request_problem(asked)
        user = USERS.get(asked["person"])
        if problem or user is None:
            return html_reply(pages.problem(problem or "Personne inconnue"), "400 Bad Request")
        back = {"state": asked["state"]}
        if asked["answer"] != "yes" or self.faults.take("deny"):
            back["error"] = "access_denied"
        else:
            code = secrets.token_urlsafe(32)
            until = self.sessions.clock.now() + CODE_LIFE
            self.sessions.codes[code] = Code(
                user, asked["redirect_uri"], asked["nonce"], asked["code_challenge"], until
            )
            back["code"] = code
        return Reply("", "303 See Other", "text/plain", (("Location", f"{asked['redirect_uri']}?{urlencode(back)}"),))

    def _ring(self, asked: Asked) -> Reply:
        """CIBA §7: the person's phone rings."""
        self._authenticate(asked)
        user = USERS.get(asked["login_hint"])
        if user is None:
            raise Refused("unknown_user_id")
        if {"openid", "scope_all"} - set(asked["scope"].split()) or asked["acr_values"] != "eidas1":
            raise Refused("invalid_scope")
        if not re.fullmatch(r"\d{2}", asked["binding_message"]):
            raise Refused("invalid_binding_message")
        key = secrets.token_urlsafe(24)
        until = self.sessions.clock.now() + CIBA_LIFE
        self.sessions.phone[key] = PhoneRequest(user, asked["binding_message"], until, self.interval)
        return json_reply({"auth_req_id": key, "expires_in": int(CIBA_LIFE.total_seconds()), "interval": self.interval})

    def _ringing(self) -> dict[str, PhoneRequest]:
        now = self.sessions.clock.now()
        with self.sessions.lock:
            return {k: r for k, r in self.sessions.phone.items() if r.decision is None and r.until > now}

    def _phone_answered(self, asked: Asked) -> Reply:
        request = self._ringing().get(asked["request"])
        if request is not None:
            request.decision = asked["answer"] == "yes"
        return Reply("", "303 See Other", "text/plain", (("Location", "/telephone"),))

    def _token(self, asked: Asked) -> Reply:
        self._authenticate(asked)
        match asked["grant_type"]:
            case "authorization_code":
                return self._from_code(asked)
            case "refresh_token":
                session = self.sessions.by_refresh(asked["refresh_token"])
                if session is None or self.faults.take("refuse_refresh"):
                    raise Refused("invalid_grant", "Session not active")
                return self._tokens(self.sessions.renew(session))
            case grant if grant == CIBA_GRANT:
                return self._from_phone(asked)
        raise Refused("unsupported_grant_type")

    def _from_code(self, asked: Asked) -> Reply:
        with self.sessions.lock:
            code = self.sessions.codes.pop(asked["code"], None)  # once only
        expired = code is not None and code.until < self.sessions.clock.now()
        if code is None or expired or self.faults.take("expire") or code.redirect_uri != asked["redirect_uri"]:
            raise Refused("invalid_grant", "Code not valid")
        if b64(hashlib.sha256(asked["code_verifier"].encode()).digest()) != code.challenge:  # RFC 7636 §4.6
            raise Refused("invalid_grant", "PKCE verification failed")
        user = USERS[OTHER_USER] if self.faults.take("other_user") else code.user
        return self._tokens(self.sessions.open(user), nonce=code.nonce)

    def _from_phone(self, asked: Asked) -> Reply:
        """CIBA §11: what a poll may be told."""
        now = self.sessions.clock.now()
        with self.sessions.lock:
            request = self.sessions.phone.get(asked["auth_req_id"])
            if request is None:
                raise Refused("invalid_grant")
            if request.until <= now or self.faults.take("expire"):
                raise Refused("expired_token")
            early = request.last_poll and now - request.last_poll < timedelta(seconds=request.interval * 0.8)
            request.last_poll = now
            if early or self.faults.take("slow_down"):
                request.interval += 5
                raise Refused("slow_down")
            if request.decision is False or self.faults.take("deny"):
                raise Refused("access_denied")
            if request.decision is None:
                raise Refused("authorization_pending")
            del self.sessions.phone[asked["auth_req_id"]]
        user = USERS[OTHER_USER] if self.faults.take("other_user") else request.user
        return self._tokens(self.sessions.open(user))

    def _tokens(self, session: Session, nonce: str = "") -> Reply:
        return json_reply(
            {
                "access_token": session.access,
                "expires_in": int(ACCESS_LIFE.total_seconds()),
                "refresh_token": session.refresh,
                "refresh_expires_in": int(REFRESH_LIFE.total_seconds()),
                "token_type": "Bearer",
                "scope": "openid scope_all",
                "id_token": self._id_token(session, nonce),
            }
        )

    def _user_info(self, asked: Asked) -> Reply:
        session = self.sessions.by_access(asked.authorization.removeprefix("Bearer "))
        if session is None:
            raise Refused("invalid_token", status="401 Unauthorized")
        sub = "someone-else" if self.faults.take("other_subject") else session.sub
        return json_reply(session.user.user_info(sub))

    def _close(self, asked: Asked) -> Reply:
        """Revocation (RFC 7009) and the back channel of logout (`refresh_token`, as this provider's software takes it)."""
        self._authenticate(asked)
        self.sessions.close(asked["token"] or asked["refresh_token"])
        return json_reply({})

    def _order(self, asked: Asked) -> Reply:
        """For tests in another process: `deny=1&…`."""
        try:
            for name, count in asked.values.items():
                self.faults.order(name, int(count))
        except (KeyError, ValueError) as error:
            raise Refused("unknown_fault") from error
        return json_reply({})

    def _authenticate(self, asked: Asked) -> None:
        """The software, by the certificate of its structure or by its secret (RFC 8705 §2, RFC 6749 §2.3.1)."""
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if secrets.compare_digest(asked.authorization.encode(), f"Basic {basic}".encode()):
            return
        if asked.certificate and asked["client_id"] == CLIENT_ID:
            subject = x509.load_pem_x509_certificate(asked.certificate.encode()).subject
            units = [name.value for name in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
            if units == [CLIENT_STRUCTURE]:
                return
        raise Refused("invalid_client", status="401 Unauthorized")

    def _id_token(self, session: Session, nonce: str) -> str:
        faults, now = self.faults, self.sessions.clock.now()
        if faults.take("expired_token"):
            now -= timedelta(hours=1)
        claims = {
            "iss": "https://ailleurs.example" if faults.take("wrong_issuer") else self.issuer,
            "aud": "un-autre-logiciel" if faults.take("wrong_audience") else CLIENT_ID,
            "azp": CLIENT_ID,
            "sub": session.sub,
            "iat": _seconds(now),
            "exp": _seconds(now + ACCESS_LIFE),
            "auth_time": _seconds(session.authenticated),
            "acr": "eidas0" if faults.take("wrong_acr") else "eidas1",
            "SubjectNameID": session.user.national_id,
        }
        if nonce:
            claims["nonce"] = "x" * len(nonce) if faults.take("wrong_nonce") else nonce
        return self.key.sign(claims, forged=faults.take("wrong_signature"))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
