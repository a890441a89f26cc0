"""Altered FHIR answers through the client: errors of ours come out, or what is a value of the domain, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.dmp.fhir import tree
from dmp_desktop.dmp.fhir.client import FhirClient
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from tests.contract.test_dmp_repository import build, lot
from tests.helpers import signers
from tests.helpers.fhir_wire import Answering, FhirRecorder, altered
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.wire_fuzz import ENTRY, INS
from tests.unit.dmp.test_vihf import CALLER, SOFTWARE

SEEDS = st.integers(0, 2**48)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
Asked = Callable[[FhirClient], object]
QUESTIONS: tuple[Asked, ...] = (
    lambda client: client.status(INS),
    lambda client: client.administrative(INS),
    lambda client: client.authorise(INS),
    lambda client: list(client.find(INS, FindCriteria())),
    lambda client: client.find_submissions(INS, SINCE),
    lambda client: client.find_associations(INS, ["urn:uuid:1"]),
    lambda client: client.find_by_entry_uuid(INS, ["urn:uuid:1"]),
    lambda client: client.retrieve(INS, ENTRY),
    lambda client: client.set_visibility(INS, ENTRY, frozenset({Visibility.MASQUE_PS})),
    lambda client: client.set_status(INS, ENTRY, Availability.ARCHIVED),
)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, bytes]]:
    """What the stand-in answers in a visit, the lists cut to a few documents."""
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox, Connection(sandbox, protocol="fhir") as doctor:
        recorder = FhirRecorder(doctor.transport)
        client, ins = doctor.client, patient_of(sandbox, "ordinary").ins
        client._channel._transport = recorder
        client.status(ins)
        client.authorise(ins)
        listed = list(client.find(ins, FindCriteria()))
        client.find_submissions(ins, datetime.now(UTC) - timedelta(days=3650))
        client.find_by_entry_uuid(ins, [listed[0].entry_uuid])
        client.submit(lot(build(doctor, patient_of(sandbox, "ordinary")), patient_of(sandbox, "ordinary")))
        with pytest.raises(DmpError):
            client.find_by_entry_uuid(patient_of(sandbox, "empty").ins, ["urn:uuid:1"])
    assert not any(ins.value in one.path for one in recorder.exchanges if one.method == "POST")
    return [(one.status, _shortened(one.answer)) for one in recorder.exchanges]


def _shortened(answer: bytes) -> bytes:
    resource = json.loads(answer)
    resource["entry"] = resource.get("entry", [])[:2]
    resource.pop("link", None)
    return json.dumps(resource).encode()


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., tuple[FhirClient, Answering]]]:
    identity = Pkcs12Identity(signers.write_identity(tmp_path_factory.mktemp("identity")), signers.PASSWORD)

    def client(*given: tuple[int, bytes]) -> tuple[FhirClient, Answering]:
        line = Answering(*given)
        return FhirClient(line, identity, CALLER, SOFTWARE, SystemClock(), SystemEntropy()), line

    yield client
    identity.close()


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS)
def test_whatever_is_answered(
    seed: int, answers: list[tuple[int, bytes]], talk: Callable[..., tuple[FhirClient, Answering]]
) -> None:
    random = Random(seed)
    status, answer = random.choice(answers)
    client, _line = talk((random.choice((status, status, 200, 400, 500)), altered(answer, random)))
    for ask in QUESTIONS:
        try:
            repr(ask(client)).encode()
        except DmpError as error:
            str(error).encode()


def page(*links: str) -> tuple[int, bytes]:
    told = [{"relation": "next", "url": link} for link in links]
    return 200, json.dumps({"resourceType": "Bundle", "type": "searchset", "link": told}).encode()


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://elsewhere.invalid/fhir/DocumentReference?page=2", "/DocumentReference?page=2"),
        ("DocumentReference?page=2", "/DocumentReference?page=2"),
        ("/fhir?page=2", "?page=2"),
    ],
)
def test_pages_are_followed_on_our_own_line(
    link: str, path: str, talk: Callable[..., tuple[FhirClient, Answering]]
) -> None:
    client, line = talk(page(link), page())
    assert list(client.find(INS, FindCriteria())) == []
    assert [method for method, _path in line.asked] == ["POST", "GET"]
    assert line.asked[1][1] == path
    assert INS.value not in "".join(asked for _method, asked in line.asked)
    assert INS.value.encode() in line.bodies[0]


@pytest.mark.parametrize("link", ["https://[", "/fhir/../admin", "/fhir/x y", "/fhir/\u00e9"])
def test_odd_pages_are_refused(link: str, talk: Callable[..., tuple[FhirClient, Answering]]) -> None:
    client, _line = talk(page(link), page())
    with pytest.raises(DmpError, match="ReponseIllisible"):
        list(client.find(INS, FindCriteria()))


def test_pages_that_never_end(talk: Callable[..., tuple[FhirClient, Answering]]) -> None:
    client, line = talk(page("/fhir/DocumentReference?page=2"))
    with pytest.raises(DmpError, match="ReponseIllisible"):
        list(client.find(INS, FindCriteria()))
    assert len(line.asked) < 5


@pytest.mark.parametrize(
    ("status", "retryable", "ambiguous"),
    [(202, False, True), (400, True, True), (403, False, False), (404, False, False), (429, True, False), (500, True, True), (503, True, True), (504, True, True)],
)  # fmt: skip
def test_a_plain_refusal_of_a_deposit_is_told_as_with_soap(
    status: int, retryable: bool, ambiguous: bool, talk: Callable[..., tuple[FhirClient, Answering]]
) -> None:
    client, line = talk((status, b"<html>"))
    with pytest.raises(DmpError) as caught:
        client.authorise(INS)
    assert (caught.value.retryable, caught.value.ambiguous) == (retryable, ambiguous)
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    "text", [b"[]", b"NaN", b'{"a":NaN}', b'{"a":' * 60 + b"1" + b"}" * 60, b"[" * 100_000, b"\xff{}", b""]
)
def test_no_resource(text: bytes) -> None:
    with pytest.raises(DmpError, match="ReponseIllisible"):
        tree.parse(text)
