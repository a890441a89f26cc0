"""Our TLS beside servers that are not ours: nginx and OpenSSL's s_server, with a key in memory and one in a token."""

from __future__ import annotations

import http.client
import shutil
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from dmp_desktop.card.pkcs11.opener import Pkcs11CardOpener
from dmp_desktop.dmp import openssl_bridge
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.tls_context import ResumingContext
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.domain.ports import ClientIdentity
from dmp_desktop.errors import CardError, DmpError
from tests.helpers import cps_token, signers
from tests.helpers.slow_card import SlowCard
from tests.helpers.tls_programs import UNRESUMED, WAYS, Way, nginx, s_server

HOLDER = "899700000001"
RUNS = 3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's certificate, the root alone, and a professional's p12 under an intermediate authority."""
    folder = signers.write_identity(tmp_path_factory.mktemp("pki"))
    for file, signs in (("auth", False), ("sign", True)):
        key, certificate = signers.card_pair(signs=signs, holder=HOLDER)
        others = [signers.intermediate()[1], signers.authority()[1]]
        content = pkcs12.serialize_key_and_certificates(
            b"test", key, certificate, others, BestAvailableEncryption(signers.PASSWORD.encode())
        )
        (folder / f"{file}.p12").write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def servers(pki: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    if shutil.which("nginx") is None:
        pytest.skip("no nginx on this machine: mutual TLS is not proved with it")
    with nginx(tmp_path_factory.mktemp("nginx"), pki / "ca.pem", pki / "server.pem") as urls:
        yield urls


@pytest.fixture(scope="module")
def token() -> tuple[str, cps_token.Holder]:
    """A CPS in SoftHSM2: the label of its token and what is on it."""
    if not cps_token.SOFTHSM.exists():
        pytest.skip("no SoftHSM2 on this machine: mutual TLS is not proved with a token")
    pairs = {number: signers.token_pair(signs=number == cps_token.SIG) for number in (cps_token.SIG, cps_token.AUT)}
    who = cps_token.Holder(
        {number: key for number, (key, _) in pairs.items()},
        {number: certificate.public_bytes(Encoding.DER) for number, (_, certificate) in pairs.items()},
    )
    return cps_token.softhsm_token("TEST-TLS", who=who), who


@pytest.fixture(params=["memory", "token"])
def identity(request: pytest.FixtureRequest, pki: Path) -> Iterator[ClientIdentity]:
    """A p12 whose chain has an intermediate, or the token opened with its PIN."""
    held: ClientIdentity
    if request.param == "memory":
        held = Pkcs12Identity(pki, signers.PASSWORD)
    else:
        label, who = request.getfixturevalue("token")
        held = Pkcs11CardOpener(cps_token.SOFTHSM, label).open(who.public, cps_token.PIN)
    yield held
    held.close()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_nginx(servers: dict[str, str], pki: Path, identity: ClientIdentity, way: Way) -> None:
    transport = HttpsTransport(servers[way.name], identity, pki / "ca.pem")
    answers = [transport.post("/", b"hello", {}).read().decode().split(" ", 3) for _ in range(RUNS)]
    transport.close()
    assert [answer[:3] for answer in answers] == [
        [way.protocol, ".", "SUCCESS"],
        *[[way.protocol, "r", "SUCCESS"]] * (RUNS - 1),
    ]
    assert all(HOLDER in answer[3] for answer in answers)
    assert transport.signatures == 1


@pytest.mark.alone
@pytest.mark.parametrize("way", UNRESUMED, ids=lambda way: way.name)
def test_nginx_that_resumes_nothing(pki: Path, tmp_path: Path, way: Way, capsys: pytest.CaptureFixture[str]) -> None:
    """Its connections are kept and shared: one signature, and one more to find out what its tickets are worth."""
    if shutil.which("nginx") is None:
        pytest.skip("no nginx on this machine: mutual TLS is not proved with it")
    software = Pkcs12Identity(pki, signers.PASSWORD)
    card = SlowCard(software.authentication, 0.7)
    with nginx(tmp_path, pki / "ca.pem", pki / "server.pem", UNRESUMED, keep_seconds=60) as urls:
        transport = HttpsTransport(urls[way.name], card, pki / "ca.pem")
        start = time.monotonic()
        with ThreadPoolExecutor(5) as pool:
            answers = list(pool.map(lambda _: transport.post("/", b"hello", {}).read().decode(), range(50)))
        seconds = time.monotonic() - start
        transport.close()
    software.close()
    with capsys.disabled():
        print(f"\n50 calls, 5 threads, nginx resuming nothing, a card at 700 ms: {seconds:.2f} s", end=" ")
    assert {tuple(answer.split(" ", 3)[:3]) for answer in answers} == {(way.protocol, ".", "SUCCESS")}
    assert len(card.signed) <= 2
    assert seconds < 2.5


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_s_server(pki: Path, identity: ClientIdentity, way: Way) -> None:
    context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
    context.prepare()
    context.load_verify_locations(pki / "ca.pem")
    key = openssl_bridge.attach(context, identity.authentication)
    with s_server(way, pki / "ca.pem", pki / "server.pem") as port:
        pages = []
        for _ in range(RUNS):
            connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=60)
            connection.request("GET", "/")
            pages.append(connection.getresponse().read().decode())
            connection.close()
    context.drop()
    assert [page.count(f"Reused, {way.protocol}") for page in pages] == [0] + [1] * (RUNS - 1)
    assert key.signatures == 1


@pytest.mark.parametrize(
    "way", [way for way in WAYS if "pss" in way.name or way.protocol == "TLSv1.3"], ids=lambda way: way.name
)
def test_a_card_without_pss_is_not_asked_for_it(
    servers: dict[str, str], pki: Path, identity: ClientIdentity, way: Way
) -> None:
    """A CPS3: the handshake fails before any signature, nothing is sent, and the doctor is told what to do."""
    card = SlowCard(identity.authentication, can_pss=False)
    transport = HttpsTransport(servers[way.name], card, pki / "ca.pem")
    with pytest.raises((DmpError, CardError)) as caught:
        transport.post("/", b"hello", {})
    transport.close()
    assert isinstance(caught.value, DmpError)
    assert (caught.value.code, caught.value.ambiguous, card.signed) == ("SignatureInconnue", False, [])
