"""The door: TLS 1.2 only, the DMP's suites, a client certificate, sessions resumed, loopback only."""

from __future__ import annotations

import json
import socket
import ssl
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from dmp_desktop.sandbox import Sandbox
from tests.helpers.dmp_wire import Caller, tls_context

SUITES = (
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305",
)


def connect(sandbox: Sandbox, context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
    port = urlsplit(sandbox.url).port
    plain = socket.create_connection(("127.0.0.1", port or 0), timeout=60)
    return context.wrap_socket(plain, server_hostname="localhost", session=session)


@pytest.mark.parametrize("suite", SUITES)
def test_each_suite_of_the_dmp_is_accepted(sandbox: Sandbox, doctor: Caller, suite: str) -> None:
    doctor.context.maximum_version = ssl.TLSVersion.TLSv1_2
    doctor.context.set_ciphers(suite)
    with connect(sandbox, doctor.context) as link:
        assert link.version() == "TLSv1.2"
        assert link.cipher()[0] == suite  # type: ignore[index]


@pytest.mark.parametrize("suite", ["ECDHE-RSA-AES256-SHA", "AES256-GCM-SHA384", "DHE-RSA-AES256-GCM-SHA384"])
def test_other_suites_are_refused(sandbox: Sandbox, doctor: Caller, suite: str) -> None:
    doctor.context.maximum_version = ssl.TLSVersion.TLSv1_2
    doctor.context.set_ciphers(suite)
    with pytest.raises(ssl.SSLError):
        connect(sandbox, doctor.context)


def test_tls_1_3_is_refused(sandbox: Sandbox, doctor: Caller) -> None:
    doctor.context.minimum_version = ssl.TLSVersion.TLSv1_3
    with pytest.raises(ssl.SSLError):
        connect(sandbox, doctor.context)


def test_no_certificate_no_entry(sandbox: Sandbox) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connect(sandbox, tls_context(sandbox.ready["ca"], None)).do_handshake()


def test_signature_certificate_does_not_open_tls(sandbox: Sandbox, doctor: Caller) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connect(sandbox, tls_context(sandbox.ready["ca"], doctor.sign)).do_handshake()


def test_session_is_resumed(sandbox: Sandbox, doctor: Caller) -> None:
    with connect(sandbox, doctor.context) as first:
        session = first.session
    with connect(sandbox, doctor.context, session) as second:
        assert second.session_reused


def test_resumed_session_still_knows_who_calls(sandbox: Sandbox, doctor: Caller, patients: dict[str, str]) -> None:
    """The client certificate comes back with the ticket: the VIHF is compared with it."""
    assert doctor.existence(patients["ordinary"]).status == 200
    doctor.close()
    assert doctor.existence(patients["ordinary"]).status == 200


def test_only_the_loopback_listens(sandbox: Sandbox) -> None:
    assert urlsplit(sandbox.url).hostname == "localhost"
    assert sandbox._server.bind_addr[0] == "127.0.0.1"


def test_cards_are_told_apart_by_key_usage(doctor: Caller) -> None:
    auth = doctor.auth.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    sign = doctor.sign.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (auth.digital_signature, auth.content_commitment) == (True, False)
    assert (sign.digital_signature, sign.content_commitment) == (False, True)
    assert doctor.auth.key.private_numbers() != doctor.sign.key.private_numbers()


def test_ready_file_is_as_the_command_line_says(sandbox: Sandbox) -> None:
    ready = json.loads(json.dumps(sandbox.ready))
    assert set(ready) == {"url", "ca", "identities", "patients", "psc", "web_dmp"}
    assert set(ready["identities"]) == {"doctor", "secretary", "structure"}
    assert all(set(row) == {"p12", "password", "professional", "facility"} for row in ready["identities"].values())
    stories = {row["story"] for row in ready["patients"]}
    assert stories == {"ordinary", "chronic", "child", "closed", "none", "forbidden", "opposed", "empty"} | {
        "elsewhere",
        "adolescent",
        "expired",
    }
    for row in ready["patients"]:
        assert row["patient"]["birth_family"].startswith("TEST-")
        assert row["ins_oid"] == "1.2.250.1.213.1.4.10"
