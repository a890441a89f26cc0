"""HTTPS to Pro Santé Connect: short exchanges, each on a connection of its own, with the structure's certificate if there is one.

The standard library suffices: no redirection is ever followed, no proxy nor authority of the environment is taken.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from dmp_desktop.dmp import openssl_bridge
from dmp_desktop.dmp.external_key import ExternalKey
from dmp_desktop.dmp.psc_errors import psc_error
from dmp_desktop.dmp.tls_client import BriefConnection, ClientContext
from dmp_desktop.domain.ports import Signer

SECONDS = 10.0
LIMIT_BYTES = 1024 * 1024
"""Of one answer: a UserInfo with many exercises is a few tens of kilobytes."""


@dataclass(frozen=True, slots=True)
class WebReply:
    """An answer. `content` is the untrusted body."""

    status: int
    media_type: str
    content: bytes

    def json(self) -> dict[str, Any]:
        """The JSON object of the body. Raises DmpError("psc.unreadable")."""
        try:
            found = json.loads(self.content)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise psc_error("psc.unreadable", detail=f"HTTP {self.status}")
        return found


class PscWeb:
    """Talks to one provider. `ca_file` (PEM) holds the only trusted authorities; `signer` is the structure's TLS key, or None.

    Safe from several threads. Raises DmpError when the authorities cannot be read, or the key cannot be used.
    """

    def __init__(self, ca_file: Path, signer: Signer | None = None) -> None:
        self._context = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
        self._key: ExternalKey | None = None
        try:
            self._context.trust(ca_file)
        except OSError:
            raise psc_error("psc.tls", detail="CA") from None
        if signer is not None:
            self._context.maximum_version = ssl.TLSVersion.TLSv1_2  # what the bridge speaks (docs/adr/0002)
            self._key = openssl_bridge.attach(self._context, signer)

    def close(self) -> None:
        """Let go of the structure's key."""
        if self._key is not None:
            self._key.forget()

    def get(self, url: str, bearer: str = "") -> WebReply:
        """One GET. Raises DmpError psc.unreachable or psc.tls."""
        headers = {"Accept": "application/json, application/jwt"}
        return self._exchange("GET", url, None, headers | ({"Authorization": f"Bearer {bearer}"} if bearer else {}))

    def post(
        self, url: str, form: Mapping[str, str], user: str = "", password: str = "", seconds: float = SECONDS
    ) -> WebReply:
        """One POST of a form, with HTTP Basic when there is a password (RFC 6749 §2.3.1). Errors as `get`."""
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        if password:
            pair = f"{quote_plus(user)}:{quote_plus(password)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return self._exchange("POST", url, urlencode(form).encode(), headers, seconds)

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], seconds: float = SECONDS
    ) -> WebReply:
        parts = urlsplit(url)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection = BriefConnection(parts.hostname or "", parts.port, self._context, seconds)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read(LIMIT_BYTES + 1)
        except ssl.SSLError:
            raise psc_error("psc.tls") from None
        except (OSError, http.client.HTTPException):
            raise psc_error("psc.unreachable", retryable=True) from None
        finally:
            connection.close()
        if len(content) > LIMIT_BYTES:
            raise psc_error("psc.unreadable", detail="too long")
        if response.status >= 500:
            raise psc_error("psc.unreachable", retryable=True, detail=f"HTTP {response.status}")
        return WebReply(response.status, response.headers.get_content_type(), content)
