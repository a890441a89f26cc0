"""Altered messages through every parser of the wire, ours and the stand-in's: errors of ours come out, nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop.domain.access import AccessMode, AuthorisationFilter, DossierDate, PersonQuery
from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.insi import TraitQuery, VitaleQuery
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.sandbox import Sandbox, insi, names, vihf, xades
from dmp_desktop.sandbox.assertion import SignedAssertion
from dmp_desktop.sandbox.faults import RegistryRefusal, SoapFault
from dmp_desktop.sandbox.tolerances import Tolerances
from tests.contract.test_dmp_repository import build, lot
from tests.helpers import wire_fuzz
from tests.helpers.insi_client import InsiConnection
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.seeded import seeded
from tests.helpers.wire_fuzz import Message, Recorder, altered

SEEDS = st.integers(0, 2**48)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="module")
def recorded(sandbox: Sandbox) -> Recorder:
    """What goes by in a visit that uses every transaction."""
    patient = patient_of(sandbox, "ordinary")
    with Connection(sandbox) as doctor:
        recorder = Recorder(doctor.transport)
        client = doctor.client
        for channel in {id(one): one for one in (client._channel, client._feeding)}.values():
            channel._transport = recorder
        client.status(patient.ins)
        client.authorise(patient.ins)
        listed = list(client.find(patient.ins, FindCriteria()))
        client.find_submissions(patient.ins, datetime.now(UTC) - timedelta(days=3650))
        client.find_by_entry_uuid(patient.ins, [listed[0].entry_uuid])
        client.retrieve(patient.ins, min(listed, key=lambda entry: entry.size))
        client.administrative(patient.ins)
        client.professionals(patient.ins, next(iter(AuthorisationFilter)))
        client.records(datetime.now(UTC) - timedelta(days=300), next(iter(DossierDate)))
        built = build(doctor, patient)
        client.submit(lot(built, patient))
        (entry,) = client.find_by_unique_id(patient.ins, [built.unique_id])
        client.set_visibility(patient.ins, entry, frozenset({Visibility.MASQUE_PS}))
        (masked,) = client.find_by_unique_id(patient.ins, [built.unique_id])
        client.set_status(patient.ins, masked, Availability.ARCHIVED)
        client.in_mode(AccessMode.CENTRE_15).search_person(PersonQuery(patient.birth_family))
    with InsiConnection(sandbox) as asked:
        recorder.listen(asked.client._transport)
        asked.client._transport = recorder
        asked.client.by_traits(TraitQuery("TEST-ADRTROIS", ("DOMINIQUE",), Sex.FEMALE, date(1997, 2, 26), "2A020"))
        asked.client.by_vitale(VitaleQuery("20150714", 1, "181066311304262"))
    return recorder


def check_client(messages: list[Message], seed: int) -> None:
    random = Random(seed)
    wire_fuzz.client_takes(altered(random.choice(messages), random))


def check_sandbox(messages: list[Message], seed: int) -> None:
    random = Random(seed)
    wire_fuzz.sandbox_takes(altered(random.choice(messages), random))


def check_whole_sandbox(sandbox: Sandbox, recorded: Recorder, seed: int) -> None:
    """From the HTTP request to the answer: whatever is asked, SOAP comes back."""
    random = Random(seed)
    message = altered(random.choice(recorded.requests), random)
    environ = {
        "PATH_INFO": message.path if message.path == insi.PATH else names.BASE_PATH + message.path, "REQUEST_METHOD": "POST", "CONTENT_TYPE": message.content_type,
        "CONTENT_LENGTH": str(len(message.body)), "wsgi.input": io.BytesIO(message.body), "SSL_CLIENT_CERT": _peer(sandbox).public_bytes(Encoding.PEM).decode(),
        "sandbox.drop": lambda: None,
    }  # fmt: skip
    told: list[str] = []
    body = b"".join(sandbox._server.wsgi_app(environ, lambda status, _headers: told.append(status)))
    assert told[0][:3] in ("200", "500")
    assert b"Envelope" in body


@lru_cache(maxsize=1)
def _peer(sandbox: Sandbox) -> x509.Certificate:
    told = sandbox.ready["identities"]["doctor"]
    file = Path(told["p12"]) / "auth.p12"
    certificate = pkcs12.load_pkcs12(file.read_bytes(), told["password"].encode()).cert
    assert certificate is not None
    return certificate.certificate


def check_vihf(sandbox: Sandbox, recorded: Recorder, seed: int) -> None:
    """As if somebody had signed it so."""
    random = Random(seed)
    request = random.choice([one for one in recorded.requests if not one.content_type.startswith("multipart")])
    element = next(etree.fromstring(request.body).iter(names.q(names.SAML, "Assertion")))
    message = altered(Message("", "", etree.tostring(element)), random)
    peer = _peer(sandbox)
    try:
        found = etree.fromstring(message.body)
    except etree.XMLSyntaxError:
        return
    for tolerances in (Tolerances(), Tolerances.all()):
        try:
            vihf.read(SignedAssertion(found, peer), peer, datetime.now(UTC), tolerances, sandbox.psc.sessions)
        except SoapFault:
            continue


def check_xades(sandbox: Sandbox, recorded: Recorder, seed: int) -> None:
    random = Random(seed)
    deposit = next(one for one in recorded.requests if one.content_type.startswith("multipart"))
    start = deposit.body.index(b"<ds:Signature", deposit.body.index(b"Envelope>"))
    signature = deposit.body[start : deposit.body.index(b"</ds:Signature>", start) + len(b"</ds:Signature>")]
    message = altered(Message("", "", signature), random)
    authority = x509.load_pem_x509_certificate(Path(sandbox.ready["ca"]).read_bytes())
    try:
        xades.verify(message.body, "1.2", {}, authority, authority, datetime.now(UTC), Tolerances.all())
    except (SoapFault, RegistryRefusal):
        return


CHECKS = {
    "client": lambda sandbox, recorded, seed: check_client(recorded.answers + recorded.requests, seed),
    "sandbox": lambda sandbox, recorded, seed: check_sandbox(recorded.requests + recorded.answers, seed),
    "whole sandbox": check_whole_sandbox,
    "vihf": check_vihf,
    "xades": check_xades,
}
QUICK, LONG = 20, 2000


@pytest.mark.parametrize("name", CHECKS)
def test_altered_messages_of_ours(sandbox: Sandbox, recorded: Recorder, name: str) -> None:
    @settings(max_examples=QUICK, deadline=None, derandomize=True)
    @given(SEEDS)
    def check(seed: int) -> None:
        CHECKS[name](sandbox, recorded, seed)

    check()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CHECKS)
def test_many_altered_messages_of_ours(sandbox: Sandbox, recorded: Recorder, name: str) -> None:
    @settings(max_examples=LONG, deadline=None)
    @given(SEEDS)
    def check(seed: int) -> None:
        CHECKS[name](sandbox, recorded, seed)

    check()


@pytest.mark.shared
@pytest.mark.parametrize("check", [check_client, check_sandbox])
@pytest.mark.parametrize("examples", [QUICK, pytest.param(LONG, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_altered_messages_of_others(shared: Path, check: object, examples: int) -> None:
    messages = wire_fuzz.foreign(shared)

    @settings(max_examples=examples, deadline=None, derandomize=examples == QUICK)
    @given(SEEDS)
    def run(seed: int) -> None:
        check(messages, seed)  # type: ignore[operator]

    run()


def test_every_mode_of_the_visit_was_recorded(recorded: Recorder) -> None:
    assert {one.path for one in recorded.requests} == {
        "/patients",
        "/habilitations",
        "/registry",
        "/repository",
        insi.PATH,
    }
    assert any(one.content_type.startswith("multipart") for one in recorded.answers)
    assert AccessMode.NORMAL.value.encode() in recorded.requests[0].body
