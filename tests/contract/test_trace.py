"""The support's trace of a whole visit holds the shape of every message and nothing that any of them says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from lxml import etree

from dmp_desktop.dmp import trace as traces
from dmp_desktop.dmp.fhir.names import RESOURCES
from dmp_desktop.dmp.trace import FILE_NAME, Trace, outline
from dmp_desktop.domain.access import AuthorisationFilter, DossierDate
from dmp_desktop.domain.documents import Availability
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.platform.endpoint import is_traced
from dmp_desktop.sandbox import Sandbox
from tests.contract.test_dmp_repository import build, lot
from tests.helpers.fhir_wire import Exchange, FhirRecorder
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.seeded import seeded
from tests.helpers.wire_fuzz import Message, Recorder

STORY = "ordinary"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="module")
def visit(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recorder, Path, list[bytes]]:
    """A visit with a refusal, a deposit, two documents and a server that is down; what went by, its trace, the documents."""
    folder = tmp_path_factory.mktemp("logs")
    patient = patient_of(sandbox, STORY)
    trace = Trace(folder, SystemClock())
    with Connection(sandbox) as doctor:
        recorder, client = Recorder(doctor.transport), doctor.client
        traced = trace.watch(recorder)
        for channel in {id(one): one for one in (client._channel, client._feeding)}.values():
            channel._transport = traced
        client.status(patient.ins)
        client.authorise(patient.ins)
        listed = list(client.find(patient.ins, FindCriteria()))
        client.find_submissions(patient.ins, datetime.now(UTC) - timedelta(days=3650))
        documents = [content for _, content in client.retrieve_many(patient.ins, listed[:4])]
        client.administrative(patient.ins)
        client.professionals(patient.ins, next(iter(AuthorisationFilter)))
        client.records(datetime.now(UTC) - timedelta(days=300), next(iter(DossierDate)))
        sent = build(doctor, patient)
        client.submit(lot(sent, patient))
        with pytest.raises(DmpError, match="XDSDuplicateUniqueIdInRegistry"):
            client.submit(lot(sent, patient))
        sandbox.faults.unavailable = 1
        with pytest.raises(DmpError, match="HTTP503"):
            client.status(patient.ins)
    trace.close()
    return recorder, folder / FILE_NAME, [*documents, sent.cda]


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_each_request_has_its_line(visit: tuple[Recorder, Path, list[bytes]]) -> None:
    recorder, file, _ = visit
    told = lines(file)
    assert [one["path"] for one in told] == [one.path for one in recorder.requests]
    assert [one["sent_bytes"] for one in told] == [len(one.body) for one in recorder.requests]
    assert [one["bytes"] for one in told] == [len(one.body) for one in recorder.answers]
    assert {one["status"] for one in told} == {200, 503}
    assert ["XDSDuplicateUniqueIdInRegistry"] in [one["codes"] for one in told]
    assert all(
        str(one["sent"]).startswith("Envelope(Header(Action MessageID ReplyTo(Address) To Security") for one in told
    )
    assert re.search(r"Body\(AdhocQueryResponse\(RegistryObjectList\(ExtrinsicObject\(", str(told[2]["received"]))
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_value_of_any_message_is_in_it(visit: tuple[Recorder, Path, list[bytes]], sandbox: Sandbox) -> None:
    """Every text and attribute of all messages and documents, and the patient's traits, word by word."""
    recorder, file, documents = visit
    shown = file.read_text("utf-8")
    vocabulary = set(
        re.findall(r"[\w.-]+", re.sub(r'"(?:at|seconds|first_seconds|bytes|sent_bytes|whole)": [^,}]+', "", shown))
    )
    told = set().union(*(words(message) for message in recorder.requests + recorder.answers))
    told |= set().union(*(words(Message("", "", document)) for document in documents))
    assert len(told) > 1500
    known = {code for one in lines(file) for code in one.get("codes", ())} | names_of_elements(recorder)  # type: ignore[union-attr]
    actions = {
        word
        for one in lines(file)
        for word in re.findall(r"[\w.-]+", f"{one['action']} {one['path']} {one['sent_type']}")
    }
    types = {word for one in lines(file) for word in re.findall(r"[\w.-]+", str(one.get("type", "")))}
    assert vocabulary & told <= known | actions | types
    patient = patient_of(sandbox, STORY)
    for value in (
        patient.ins.value,
        patient.birth_family,
        "TEST-",
        f"{patient.birth_date:%Y%m%d}",
        "SM26",
        "810002422979",
    ):
        assert value not in shown
    assert patient.ins.status is InsStatus.QUALIFIEE


def words(message: Message) -> set[str]:
    """Words of four letters or more of all values of the XML within a message."""
    start = min((at for at in (message.body.find(b"<?xml"), message.body.find(b"<")) if at >= 0), default=0)
    root = etree.fromstring(message.body[start:], etree.XMLParser(recover=True, huge_tree=True))
    if root is None:
        return set()
    values = [
        value for element in root.iter("*") for value in (element.text, element.tail, *element.attrib.values()) if value
    ]
    return {word for value in values for word in re.findall(r"[\w.-]{4,}", value)}


def names_of_elements(recorder: Recorder) -> set[str]:
    """What is structure may be told, even where a value reads the same."""
    found = set()
    for message in recorder.requests + recorder.answers:
        found |= {name.decode() for name in re.findall(rb"<(?:\w+:)?([A-Za-z]\w+)[\s/>]", message.body)}
    return found


@pytest.fixture(scope="module")
def fhir_visit(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Exchange], list[dict[str, object]], str, list[bytes]]:
    """As `visit`, over FHIR: what went by, the lines of its trace, the trace itself, the documents."""
    folder = tmp_path_factory.mktemp("logs")
    patient = patient_of(sandbox, "child")
    trace = Trace(folder, SystemClock())
    with Connection(sandbox, protocol="fhir") as doctor:
        recorder, client = FhirRecorder(doctor.transport), doctor.client
        traced = trace.watch(recorder)
        for channel in {id(one): one for one in (client._channel, client._feeding)}.values():
            channel._transport = traced
        client.status(patient.ins)
        client.authorise(patient.ins)
        listed = list(client.find(patient.ins, FindCriteria()))
        client.find_submissions(patient.ins, datetime.now(UTC) - timedelta(days=3650))
        client.find_by_entry_uuid(patient.ins, [listed[0].entry_uuid])
        documents = [content for _, content in client.retrieve_many(patient.ins, listed[:4])]
        sent = build(doctor, patient)
        client.submit(lot(sent, patient))
        with pytest.raises(DmpError, match="XDSDuplicateUniqueIdInRegistry"):
            client.submit(lot(sent, patient))
        (mine,) = client.find_by_unique_id(patient.ins, [sent.unique_id])
        client.set_status(patient.ins, mine, Availability.ARCHIVED)
        sandbox.faults.unavailable = 1
        with pytest.raises(DmpError, match="HTTP503"):
            client.status(patient.ins)
    trace.close()
    return (
        recorder.exchanges,
        lines(folder / FILE_NAME),
        (folder / FILE_NAME).read_text("utf-8"),
        [*documents, sent.cda],
    )


def test_each_fhir_request_has_its_line(
    fhir_visit: tuple[list[Exchange], list[dict[str, object]], str, list[bytes]],
) -> None:
    exchanges, told, _, _ = fhir_visit
    assert [one["method"] for one in told] == [one.method for one in exchanges]
    assert [one["status"] for one in told] == [one.status for one in exchanges]
    assert [one["sent_bytes"] for one in told] == [len(one.body) for one in exchanges]
    assert [one["bytes"] for one in told] == [len(one.answer) for one in exchanges]
    assert {"/Patient/_search", "/DocumentReference/_search", "/Consent", "/Binary/…", "/DocumentReference"} <= {
        one["path"] for one in told
    }
    assert ["XDSDuplicateUniqueIdInRegistry"] in [one["codes"] for one in told]
    assert re.search(r"Bundle DocumentReference\*\d+", str(told[2]["received"]))


def test_no_value_of_any_fhir_message_is_in_it(
    fhir_visit: tuple[list[Exchange], list[dict[str, object]], str, list[bytes]], sandbox: Sandbox
) -> None:
    """Every value of all resources, criteria, headers and documents, word by word; names and codes are the only ones told."""
    exchanges, written, shown, documents = fhir_visit
    texts = " ".join(str(value) for one in written for name, value in one.items() if name != "at")
    vocabulary = set(re.findall(r"[\w.-]{4,}", texts))
    told: set[str] = set()
    for one in exchanges:
        for body in (one.body, one.answer):
            told |= values(body)
        query = parse_qsl(one.path.partition("?")[2]) + [(name, value) for name, value in one.headers.items()]
        told |= {word for _, value in query for word in re.findall(r"[\w.-]{4,}", value)}
    told |= set().union(*(words(Message("", "", document)) for document in documents))
    assert len(told) > 1500
    codes = {code for one in written for code in one["codes"]}  # type: ignore[attr-defined]
    media = set(re.findall(r"[\w.-]{4,}", "application fhir+json json text x-www-form-urlencoded xml POST PATCH"))
    assert vocabulary & told <= RESOURCES | codes | media
    patient = patient_of(sandbox, "child")
    for value in (patient.ins.value, patient.birth_family, "TEST-", f"{patient.birth_date:%Y-%m-%d}", "810002422979"):
        assert value not in shown


def values(body: bytes) -> set[str]:
    """Words of four letters or more of all values of a resource, of a form, or of a document."""
    if body.lstrip().startswith(b"<"):
        return words(Message("", "", body))
    try:
        found = [json.loads(body)] if body else []
    except ValueError:
        return {word for _, value in parse_qsl(body.decode()) for word in re.findall(r"[\w.-]{4,}", value)}
    said: set[str] = set()
    while found:
        one = found.pop()
        if isinstance(one, (dict, list)):
            found += one.values() if isinstance(one, dict) else one
        elif isinstance(one, str) and len(one) < 20_000:
            said |= set(re.findall(r"[\w.-]{4,}", one))
    return said


def test_words_that_are_not_of_a_known_vocabulary_are_not_told() -> None:
    untrusted = (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><TEST-DURAND a="b"><x/></TEST-DURAND>'
        b'<n xmlns="urn:279035121518989"/><s:Fault><s:Code><s:Subcode><s:Value>s:DURAND 279035121518989</s:Value></s:Subcode>'
        b"</s:Code></s:Fault></s:Body></s:Envelope>"
    )
    assert outline(untrusted) == "Envelope(Body(?(?) ? Fault(Code(Subcode(Value)))))"
    assert traces.codes(untrusted) == ["?"]
    assert outline(b"\xff<a/>") == ""
    assert outline(untrusted[: untrusted.index(b"<TEST")]) == "Envelope(Body)"


def test_off_unless_asked() -> None:
    assert [is_traced(told) for told in ({}, {"DMP_DESKTOP_TRACE": "oui"}, {"DMP_DESKTOP_TRACE": "non"})] == [
        False,
        True,
        False,
    ]
