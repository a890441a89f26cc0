"""The exchanges with Pro Santé Connect: what comes from elsewhere than the provider configured is never followed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import certifi
import pytest

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.psc_provider import Provider, Registration, discover
from dmp_desktop.dmp.psc_redirect import Redirect
from dmp_desktop.dmp.psc_web import LIMIT_BYTES, PscWeb
from dmp_desktop.errors import DmpError
from tests.helpers.tls_server import TlsServer, tls_server


@pytest.fixture
def server(identity_folder: Path) -> Iterator[TlsServer]:
    with tls_server(identity_folder) as running:
        yield running


@pytest.fixture
def web(identity: Pkcs12Identity, identity_folder: Path) -> PscWeb:
    return PscWeb(identity_folder / "ca.pem", identity.authentication)


def reply(content: bytes, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n{more}Connection: close\r\n\r\n"
    return head.encode() + content


def refusal(ask: Any) -> str:
    with pytest.raises(DmpError) as caught:
        ask()
    return caught.value.code


def test_the_structure_s_certificate_is_shown(web: PscWeb, server: TlsServer) -> None:
    server.answers = [reply(b'{"a": 1}')]
    assert web.get(f"{server.url}/x?y=1").json() == {"a": 1}
    assert web.post(server.url, {"z": "é"}, "moi", "mot:de passe").status == 200
    assert [seen[3] for seen in server.seen] == ["TEST-AUTH", "TEST-AUTH"]


def test_a_redirection_is_not_followed(web: PscWeb, server: TlsServer) -> None:
    server.answers = [reply(b"", "302 Found", f"Location: {server.url}/ailleurs\r\n")]
    assert web.get(server.url).status == 302
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(b"[]"), "psc.unreadable"),
        (reply(b"pas du JSON"), "psc.unreadable"),
        (reply(b"{}", "503 Service Unavailable"), "psc.unreachable"),
        (reply(b" " * (LIMIT_BYTES + 1)), "psc.unreadable"),
        (b"n'importe quoi\r\n\r\n", "psc.unreachable"),
    ],
)
def test_what_cannot_be_read_is_told(web: PscWeb, server: TlsServer, answer: bytes, code: str) -> None:
    server.answers = [answer]
    assert refusal(lambda: web.get(server.url).json()) == code


def test_nobody_there_and_somebody_else_there(
    web: PscWeb, server: TlsServer, identity: Pkcs12Identity, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert refusal(lambda: web.get(f"https://localhost:{port}/")) == "psc.unreachable"
    assert refusal(lambda: PscWeb(tmp_path / "absent.pem", identity.authentication)) == "psc.tls"
    public = PscWeb(Path(certifi.where()), identity.authentication)
    assert refusal(lambda: public.get(server.url)) == "psc.tls"


def document(base: str, **changes: object) -> dict[str, object]:
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    return {"issuer": f"{base}/realm"} | {name: f"{base}/{name}" for name in names} | changes


def found(web: PscWeb, server: TlsServer, certificate: bool = True, **changes: object) -> Provider:
    server.answers = [reply(json.dumps(document(server.url, **changes)).encode())]
    registration = Registration(f"{server.url}/realm/.well-known/wallet-openid-configuration", "moi")
    return discover(web, registration, certificate=certificate)


def test_discovery(web: PscWeb, server: TlsServer) -> None:
    provider = found(web, server, mtls_endpoint_aliases={"token_endpoint": "https://mtls.test/token"})
    assert (provider.issuer, provider.token, provider.ciba) == (f"{server.url}/realm", "https://mtls.test/token", "")
    without = found(web, server, certificate=False, mtls_endpoint_aliases={"token_endpoint": "https://mtls.test/token"})
    assert without.token == f"{server.url}/token_endpoint"


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://ailleurs.test/realm"},
        {"token_endpoint": "http://localhost/token"},
        {"jwks_uri": "https:///certs"},
        {"userinfo_endpoint": 7},
        {"authorization_endpoint": ""},
    ],
)
def test_a_document_of_someone_else_is_refused(web: PscWeb, server: TlsServer, changes: dict[str, object]) -> None:
    assert refusal(lambda: found(web, server, **changes)) == "psc.untrusted"


def test_the_way_back_is_closed_in_time() -> None:
    with Redirect() as redirect:
        assert refusal(lambda: redirect.wait(0.01)) == "psc.timeout"
        port = int(redirect.uri.split(":")[2].split("/")[0])
        assert refusal(lambda: Redirect(port)) == "psc.unreachable"  # nobody shares it
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_only_one_answer_counts() -> None:
    browser = build_opener(ProxyHandler({}))
    with Redirect() as redirect:
        first = f"{redirect.uri}?code=un&state={redirect.state}"
        visits = [threading.Thread(target=lambda: browser.open(first).close())]
        visits[0].start()
        assert redirect.wait(60) == "un"
        visits[0].join()
        assert redirect.take(f"/retour?code=deux&state={redirect.state}")[0] == 400
        assert redirect.take(f"/retour?code=un&code=deux&state={redirect.state}")[0] == 400
        assert redirect.take(f"/ailleurs?code=un&state={redirect.state}")[0] == 400
