"""Altered FHIR answers through the client: errors of ours come out, or what is a value of the domain, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.dmp.channel import SHORT_ANSWER
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
from tests.helpers.seeded import seeded
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
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox, Connection(sandbox, protocol="fhir") as doctor:
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
    assert not any(ins.value in one.path for one in recorder.exchanges)
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


@pytest.mark.parametrize("written", [INS.value, f"{INS.value[:3]}%{ord(INS.value[3]):X}{INS.value[4:]}"])
@pytest.mark.parametrize("path", ["DocumentReference", "/fhir/DocumentReference/_search"])
def test_a_page_named_by_the_criteria_is_asked_for_by_form(
    written: str, path: str, talk: Callable[..., tuple[FhirClient, Answering]]
) -> None:
    client, line = talk(page(f"{path}?patient.identifier=x%7C{written}&_offset=100"), page())
    assert list(client.find(INS, FindCriteria())) == []
    assert line.asked == [("POST", "/DocumentReference/_search")] * 2
    assert line.bodies[1].decode() == f"patient.identifier=x%7C{written}&_offset=100"


def test_no_search_has_the_ins_in_its_address(talk: Callable[..., tuple[FhirClient, Answering]]) -> None:
    client, line = talk(page())
    client.status(INS)
    client.find_submissions(INS, SINCE)
    client.find_references(INS, ["2.25.1"])
    assert {path for _method, path in line.asked} == {
        "/Patient/_search",
        "/List/_search",
        "/DocumentReference/_search",
    }


def test_what_is_told_of_one_document_is_short(talk: Callable[..., tuple[FhirClient, Answering]]) -> None:
    """The lease of the outbox counts on it (test_outbox_lease)."""
    long = 200, json.dumps({"resourceType": "Bundle", "id": "x" * SHORT_ANSWER}).encode()
    for answer in (long, page("/fhir/DocumentReference?page=2")):
        client, line = talk(answer)
        for ask in (client.find_by_unique_id, client.find_references):
            with pytest.raises(DmpError, match="ReponseIllisible"):
                ask(INS, ["2.25.1"])
        assert len(line.asked) == 2
    client, line = talk(long)
    assert list(client.find(INS, FindCriteria())) == []
    client, line = talk(page("/fhir/DocumentReference?page=2"), page())
    assert client.find_by_unique_id(INS, ["2.25.1", "2.25.2"]) == []


@pytest.mark.parametrize("status", [200, 500])
def test_an_acknowledgement_is_short(status: int, talk: Callable[..., tuple[FhirClient, Answering]]) -> None:
    client, _line = talk((status, json.dumps({"resourceType": "Consent", "id": "x" * SHORT_ANSWER}).encode()))
    with pytest.raises(DmpError, match="ReponseIllisible") as caught:
        client.authorise(INS)
    assert caught.value.ambiguous


def test_the_pages_of_a_search_are_bounded_together(talk: Callable[..., tuple[FhirClient, Answering]]) -> None:
    pages = []
    for number in range(20):
        status, answer = page(f"/fhir/DocumentReference?page={number}")
        pages.append((status, answer[:-1] + b',"id":"' + b"x" * 10_000_000 + b'"}'))
    client, line = talk(*pages)
    with pytest.raises(DmpError, match="ReponseIllisible"):
        list(client.find(INS, FindCriteria()))
    assert len(line.asked) == 7  # 64 MiB


def test_only_a_told_code_says_that_the_same_bytes_are_there(talk: Callable[..., tuple[FhirClient, Answering]]) -> None:
    client, _line = talk((409, b"{}"))
    with pytest.raises(DmpError, match="HTTP409") as caught:
        client.authorise(INS)
    assert not caught.value.retryable


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
    [(202, False, True), (400, False, False), (403, False, False), (404, False, False), (429, True, False), (500, True, True), (503, True, True), (504, True, True)],
)  # fmt: skip
def test_a_plain_refusal_of_a_deposit_is_told_as_with_soap(
    status: int, retryable: bool, ambiguous: bool, talk: Callable[..., tuple[FhirClient, Answering]]
) -> None:
    client, line = talk((status, b"<html>"))
    with pytest.raises(DmpError) as caught:
        client.authorise(INS)
    assert (caught.value.retryable, caught.value.ambiguous) == (retryable, ambiguous)
    assert len(line.asked) == 1


LARGE = (
    b'{"a":[' + b"0," * tree.MAX_VALUES + b"0]}",
    b'{"a":[' + b"[]," * (tree.MAX_VALUES // 2) + b"0]}",
    b'{"a":"' + b"x" * tree.MAX_PAGE + b'"}',
    b'{"a":' * (tree.MAX_DEPTH + 1) + b"0" + b"}" * (tree.MAX_DEPTH + 1),
)


@pytest.mark.parametrize("text", LARGE, ids=["values", "lists", "bytes", "depth"])
def test_what_is_too_much_is_not_read(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "loads", lambda *_args, **_more: pytest.fail("read"))
    with pytest.raises(DmpError, match="ReponseIllisible"):
        tree.parse(text)


def test_marks_within_texts_are_no_structure() -> None:
    value = '[{,"\\' * tree.MAX_DEPTH * 2
    assert tree.parse(json.dumps({"a": value, value: [value]}).encode()) == {"a": value, value: [value]}
    deep = b'{"a":' * tree.MAX_DEPTH + b"0" + b"}" * tree.MAX_DEPTH
    assert tree.parse(deep)


@pytest.mark.parametrize("quoted", [b'"', b'\\"', b'"\\', b"\\"], ids=["quotes", "escaped", "open", "bars"])
@pytest.mark.alone
def test_measuring_takes_no_longer_than_its_length(quoted: bytes) -> None:
    began = time.process_time()
    with pytest.raises(DmpError, match="ReponseIllisible"):
        tree.parse(b'{"a' + quoted * (4_000_000 // len(quoted)))
    assert time.process_time() - began < 5  # measured: under 0.5 s


@pytest.mark.parametrize(
    "text", [b"[]", b"NaN", b'{"a":NaN}', b'{"a":' * 60 + b"1" + b"}" * 60, b"[" * 100_000, b"\xff{}", b""]
)
def test_no_resource(text: bytes) -> None:
    with pytest.raises(DmpError, match="ReponseIllisible"):
        tree.parse(text)
