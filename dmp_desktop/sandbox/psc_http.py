"""What the stand-in Pro Santé Connect is asked and answers, as HTTP carries it, and the document that tells its addresses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

REALM = "/auth/realms/esante-wallet"
PROTOCOL = f"{REALM}/protocol/openid-connect"


class Refused(Exception):  # noqa: N818  # an answer of the protocol
    """`error` and `error_description` of RFC 6749 §5.2."""

    def __init__(self, error: str, description: str = "", status: str = "400 Bad Request") -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: query and form together (no name is in both)."""

    method: str
    path: str
    values: dict[str, str]
    authorization: str
    certificate: str

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    body: str
    status: str = "200 OK"
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def json_reply(content: object, status: str = "200 OK") -> Reply:
    return Reply(json.dumps(content), status)


def html_reply(content: str, status: str = "200 OK") -> Reply:
    return Reply(content, status, "text/html; charset=utf-8")


def discovery(base: str) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0 §3, CIBA §4."""
    protocol = base + PROTOCOL
    return {
        "issuer": base + REALM,
        "authorization_endpoint": f"{base}/auth",
        "token_endpoint": f"{protocol}/token",
        "userinfo_endpoint": f"{protocol}/userinfo",
        "jwks_uri": f"{protocol}/certs",
        "revocation_endpoint": f"{protocol}/revoke",
        "end_session_endpoint": f"{protocol}/logout",
        "backchannel_authentication_endpoint": f"{protocol}/ext/ciba/auth",
        "backchannel_token_delivery_modes_supported": ["poll"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "scope_all"],
        "acr_values_supported": ["eidas1"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "tls_client_auth"],
    }
