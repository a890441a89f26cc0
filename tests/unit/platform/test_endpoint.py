"""What the environment may decide, and when."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dmp_desktop.errors import ContextError
from dmp_desktop.platform.endpoint import (
    Endpoint,
    IdentitySpec,
    InsiSpec,
    Secrets,
    find_endpoint,
    is_loopback,
    parse_identity,
)

PRODUCTION = Endpoint("https://lps2.dmp.gouv.fr/si-dmp-server/v2/services", Path("/signed/ca.pem"))
LOCAL = "https://127.0.0.1:8443/si-dmp-server/v2/services/"


def test_in_the_sandbox_the_environment_decides(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps({"p12": "a", "pin": "1234", "storage": "c"}))
    endpoint = find_endpoint(
        {
            "DMP_DESKTOP_SERVER": LOCAL,
            "DMP_DESKTOP_CA": "/tmp/ca.pem",
            "DMP_DESKTOP_IDENTITY": "p12:/tmp/doctor",
            "DMP_DESKTOP_SECRETS": str(tmp_path / "s.json"),
        },
        PRODUCTION,
    )
    assert endpoint == Endpoint(
        LOCAL.rstrip("/"),
        Path("/tmp/ca.pem"),
        IdentitySpec(p12_folder=Path("/tmp/doctor")),
        sandbox=True,
        secrets=Secrets("a", "1234", "c"),
    )
    assert "1234" not in repr(endpoint)


@pytest.mark.parametrize(
    "server",
    [
        "",
        "https://lps2.dmp.gouv.fr/x",
        "https://127.0.0.1.evil.example/",
        "https://evil.example/?127.0.0.1",
        "https://127.0.0.1@evil.example/",
        "https://localhost.evil.example/",
        "http://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::2]/",
        "https://[oops",
        "127.0.0.1",
    ],
)
def test_elsewhere_server_anchors_and_software_identity_come_from_the_signed_settings(server: str) -> None:
    environment = {
        "DMP_DESKTOP_SERVER": server,
        "DMP_DESKTOP_CA": "/tmp/evil.pem",
        "DMP_DESKTOP_IDENTITY": "p12:/tmp/doctor",
    }
    endpoint = find_endpoint({name: value for name, value in environment.items() if value}, PRODUCTION)
    assert (endpoint.base_url, endpoint.ca_file) == (PRODUCTION.base_url, PRODUCTION.ca_file)
    assert endpoint.identity is None
    assert not endpoint.sandbox
    assert len(endpoint.notices) == (3 if server else 2)


def test_secrets_are_refused_outside_the_sandbox(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text("{}")
    for server in ({}, {"DMP_DESKTOP_SERVER": "https://lps2.dmp.gouv.fr"}):
        with pytest.raises(ContextError, match="environment-secrets"):
            find_endpoint({**server, "DMP_DESKTOP_SECRETS": str(tmp_path / "s.json")}, PRODUCTION)


def test_a_card_may_always_be_named() -> None:
    spec = "pkcs11:/usr/lib/libcps3_pkcs11_lux.so?token=CPS%20TEST"
    endpoint = find_endpoint({"DMP_DESKTOP_IDENTITY": spec}, PRODUCTION)
    assert endpoint.identity == IdentitySpec(pkcs11_module=Path("/usr/lib/libcps3_pkcs11_lux.so"), token="CPS TEST")
    assert endpoint.notices == ()


@pytest.mark.parametrize("text", ["", "p12:", "pem:/tmp/key", "pkcs11:?token=a"])
def test_an_identity_that_cannot_be_understood(text: str) -> None:
    with pytest.raises(ContextError, match="environment-identity"):
        parse_identity(text)


def test_secrets_that_cannot_be_read(tmp_path: Path) -> None:
    for content in ("", "[]"):
        (tmp_path / "s.json").write_text(content)
        with pytest.raises(ContextError, match="environment-secrets"):
            find_endpoint({"DMP_DESKTOP_SERVER": LOCAL, "DMP_DESKTOP_SECRETS": str(tmp_path / "s.json")})


@pytest.mark.parametrize(
    "url", ["https://localhost:1", "https://127.9.9.9/a", "https://[::1]:8443/", "https://LOCALHOST/"]
)
def test_this_machine(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost:abc",
        "https://localhost:99999",
        "https://localhost:0",
        "https://127.0.0.1:1?x",
        "https://[::1]#",
    ],
)
def test_an_address_that_cannot_work_is_said_to_be_wrong_and_not_out_of_reach(url: str) -> None:
    with pytest.raises(ContextError, match="DMP_DESKTOP_SERVER ne se comprend pas") as caught:
        find_endpoint({"DMP_DESKTOP_SERVER": url})
    assert (caught.value.code, caught.value.field) == ("environment-server", "DMP_DESKTOP_SERVER")


def test_nothing_known_is_no_server() -> None:
    assert find_endpoint({}) == Endpoint()


def psc_file(folder: Path, **changes: object) -> Path:
    told = {"discovery": "https://localhost:1/.well-known/x", "ca": "/ca.pem", "client_id": "moi", "structure": "/keys"}
    file = folder / "psc.json"
    file.write_text(json.dumps(told | {"client_secret": "motus"} | changes))
    return file


def test_pro_sante_connect_of_the_sandbox(tmp_path: Path) -> None:
    environment = {"DMP_DESKTOP_SERVER": LOCAL, "DMP_DESKTOP_PSC": str(psc_file(tmp_path))}
    endpoint = find_endpoint(environment | {"DMP_DESKTOP_IDENTITY": "psc:navigateur"})
    assert endpoint.psc is not None
    assert (endpoint.psc.client_id, endpoint.psc.structure_folder) == ("moi", Path("/keys"))
    assert endpoint.identity == IdentitySpec(psc="navigateur")
    assert "motus" not in repr(endpoint)


def test_pro_sante_connect_is_not_taken_from_the_environment_elsewhere(tmp_path: Path) -> None:
    environment = {"DMP_DESKTOP_PSC": str(psc_file(tmp_path)), "DMP_DESKTOP_IDENTITY": "psc:navigateur"}
    endpoint = find_endpoint(environment, PRODUCTION)
    assert (endpoint.psc, endpoint.identity) == (None, None)
    assert [notice.split()[0] for notice in endpoint.notices] == ["DMP_DESKTOP_PSC", "DMP_DESKTOP_IDENTITY"]


@pytest.mark.parametrize("changes", [{"discovery": "http://localhost/"}, {"redirect_port": "x"}, {"ca": None}])
def test_pro_sante_connect_that_cannot_be_read(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ContextError) as caught:
        find_endpoint({"DMP_DESKTOP_SERVER": LOCAL, "DMP_DESKTOP_PSC": str(psc_file(tmp_path, **changes))})
    assert caught.value.code == "environment-psc"


@pytest.mark.parametrize("site", ["https://localhost:8443", "https://127.0.0.1:8443/"])
def test_the_web_dmp_of_the_sandbox(site: str) -> None:
    endpoint = find_endpoint({"DMP_DESKTOP_SERVER": LOCAL, "DMP_DESKTOP_WEB_DMP": site})
    assert endpoint.web_dmp == site.rstrip("/")


@pytest.mark.parametrize(
    "site",
    [
        "http://localhost:8443",
        "https://localhost:8443/AccesDirect",
        "https://localhost?x=1",
        "https://localhost#x",
        "https://moi@localhost",
        "https://web.exemple.invalid",
        "https://localhost:abc",
        "https://localhost:99999",
        "localhost",
    ],
)
def test_a_web_dmp_that_is_elsewhere_or_no_root_is_refused(site: str) -> None:
    with pytest.raises(ContextError, match="DMP_DESKTOP_WEB_DMP"):
        find_endpoint({"DMP_DESKTOP_SERVER": LOCAL, "DMP_DESKTOP_WEB_DMP": site})


def test_outside_the_sandbox_the_web_dmp_is_that_of_the_signed_settings() -> None:
    signed = Endpoint("https://lps2.dmp.gouv.fr/x", web_dmp="https://web.dmp.exemple")
    endpoint = find_endpoint({"DMP_DESKTOP_WEB_DMP": "https://localhost:1"}, signed)
    assert endpoint.web_dmp == "https://web.dmp.exemple"
    assert [notice.split()[0] for notice in endpoint.notices] == ["DMP_DESKTOP_WEB_DMP"]


def insi_file(folder: Path, **changes: object) -> dict[str, str]:
    told = {"url": "https://localhost:8444", "ca": "/ca.pem", "approval": "0123456789"}
    (folder / "insi.json").write_text(json.dumps(told | changes))
    return {"DMP_DESKTOP_INSI": str(folder / "insi.json")}


def test_insi_of_the_sandbox_and_of_the_signed_settings(tmp_path: Path) -> None:
    endpoint = find_endpoint({"DMP_DESKTOP_SERVER": LOCAL} | insi_file(tmp_path, url="https://localhost:8444/"))
    assert endpoint.insi == InsiSpec("https://localhost:8444", Path("/ca.pem"), "0123456789")
    assert find_endpoint({"DMP_DESKTOP_SERVER": LOCAL}).insi is None
    signed = replace(PRODUCTION, insi=InsiSpec("https://insi.example", Path("/signed/ca.pem"), "9"))
    endpoint = find_endpoint(insi_file(tmp_path), signed)
    assert endpoint.insi == signed.insi
    assert "DMP_DESKTOP_INSI" in endpoint.notices[0]


@pytest.mark.parametrize(
    "changes",
    [{"url": "https://insi.example"}, {"url": "http://localhost"}, {"url": "https://localhost/x"}, {"approval": " "}, {"ca": None}],
)  # fmt: skip
def test_insi_that_cannot_be_understood(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ContextError) as caught:
        find_endpoint({"DMP_DESKTOP_SERVER": LOCAL} | insi_file(tmp_path, **changes))
    assert caught.value.code == "environment-insi"
