"""Every answer of the sandbox against the official schemas of IHE, ebXML and HL7."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.sandbox import Sandbox
from tests.helpers.dmp_lot import Lot
from tests.helpers.dmp_update import ARCHIVED, Update
from tests.helpers.dmp_wire import APPROVED, EXISTENCE, Answer, Caller, existence_body
from tests.helpers.seeded import seeded

pytestmark = pytest.mark.shared
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
HL7 = "pdqv3-wsdl/schema/HL7V3/NE2008/multicacheschemas"


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    with Sandbox(seeded(tmp_path_factory.mktemp("schemas"))) as sandbox, Caller(sandbox.ready, "doctor") as doctor:
        yield doctor


@pytest.fixture(scope="module")
def ins(caller: Caller) -> dict[str, str]:
    return {patient["story"]: patient["ins"] for patient in caller.ready["patients"]}


def check(schema: Path, element: etree._Element) -> None:
    """Raises with the schema's own words."""
    etree.XMLSchema(etree.parse(str(schema))).assertValid(etree.fromstring(etree.tostring(element)))


def check_soap(shared: Path, answer: Answer) -> None:
    """The envelope alone: its body, unless a fault, is checked with its own schema."""
    envelope = answer.envelope
    body = envelope.find("{*}Body")
    if not body[0].tag.endswith("}Fault"):
        body.clear()
    check(shared / "xsd/pdqv3-wsdl/schema/soap-1.2-envelope.xsd", envelope)


@pytest.fixture(scope="module")
def schema_308(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PRPA_IN201308UV02 is not in the copy: it differs from 201306 by its patient (MT201303) and its query (MT201307)."""
    text = (shared / "xsd" / HL7 / "PRPA_IN201306UV02.xsd").read_text(encoding="utf-8")
    for old, new in (
        ("PRPA_IN201306UV02", "PRPA_IN201308UV02"),
        ("PRPA_MT201310UV02", "PRPA_MT201303UV02"),
        ("PRPA_MT201306UV02", "PRPA_MT201307UV02"),
    ):
        text = text.replace(old, new)
    base = (shared / "xsd" / HL7).resolve()
    text = text.replace('schemaLocation="../', f'schemaLocation="{base.parent.as_uri()}/')
    text = text.replace('schemaLocation="M', f'schemaLocation="{base.as_uri()}/M')
    text = text.replace('schemaLocation="P', f'schemaLocation="{base.as_uri()}/P')
    made = tmp_path_factory.mktemp("xsd") / "PRPA_IN201308UV02.xsd"
    made.write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize("reason", ["TEST_EXST", "CNSLT_DATA"])
@pytest.mark.parametrize("story", ["ordinary", "closed", "none", "opposed", "child"])
def test_existence(
    shared: Path, schema_308: Path, caller: Caller, ins: dict[str, str], story: str, reason: str
) -> None:
    answer = caller.call("/patients", EXISTENCE, existence_body(ins[story], reason=reason), ins[story])
    check_soap(shared, answer)
    body = answer.body
    for element in body.iter("{*}value"):
        if element.get(XSI_TYPE) == "CV":  # the copy of the schemas knows CE, its parent, but not CV
            element.set(XSI_TYPE, "CE")
    check(schema_308, body)


def test_search(shared: Path, caller: Caller, ins: dict[str, str]) -> None:
    schema = shared / "xsd/xds-nist-v3/query.xsd"
    for answer in (
        caller.find(ins["ordinary"]),
        caller.find(ins["ordinary"], return_type="ObjectRef"),
        caller.find(ins["ordinary"], status="urn:asip:ci-sis:2010:StatusType:Archived"),
        caller.find(ins["ordinary"], TypeCode="('x')"),
    ):
        check_soap(shared, answer)
        check(schema, answer.body)


def test_retrieve(shared: Path, caller: Caller, ins: dict[str, str]) -> None:
    entry = next(caller.find(ins["ordinary"]).body.iter("{*}ExtrinsicObject"))
    unique_id = entry.find(
        "{*}ExternalIdentifier[@identificationScheme='urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab']"
    )
    schema = shared / "xsd/xds-nist-v3/XDS.b_DocumentRepository.xsd"
    for wanted in ([unique_id.get("value")], ["1.2.3"], [unique_id.get("value"), "1.2.3"]):
        answer = caller.retrieve(ins["ordinary"], *wanted)
        body = answer.body
        for document in body.iter(
            "{urn:ihe:iti:xds-b:2007}Document"
        ):  # XOP: the schema speaks of the reconstituted infoset
            document.remove(document[0])
            document.text = "AA=="
        check(schema, body)


def test_submission(shared: Path, caller: Caller, ins: dict[str, str]) -> None:
    schema = shared / "xsd/xds-nist-v3/rs.xsd"
    good = Lot(ins["ordinary"])
    for lot in (good, good, Lot(ins["ordinary"], edit=lambda text: text.replace("fr-FR", "fr_FR"))):
        answer = lot.send(caller)
        check_soap(shared, answer)
        check(schema, answer.body)


def test_update(shared: Path, caller: Caller, ins: dict[str, str]) -> None:
    """Both ways: the messages of our tests are those the rules are proved with."""
    lot = Lot(ins["ordinary"])
    assert lot.send(caller).errors == []
    row = next(
        row for row in caller.find(ins["ordinary"]).body.iter("{*}ExtrinsicObject") if lot.unique_id in text(row)
    )
    masked = Update(ins["ordinary"], versions=((row, "1", ("MASQUE_PS",)),))
    archived = Update(ins["ordinary"], ((row.get("id"), APPROVED, ARCHIVED),))
    for update in (archived, masked, archived):
        check(shared / "xsd/xds-nist-v3/lcm.xsd", etree.fromstring(update.body()))
        answer = update.send(caller)
        check_soap(shared, answer)
        check(shared / "xsd/xds-nist-v3/rs.xsd", answer.body)
    assert answer.errors, "the last one names a version that is no longer the current one"
    found = caller.find(ins["ordinary"], status=ARCHIVED)
    assert lot.unique_id in text(found.body)
    check(shared / "xsd/xds-nist-v3/query.xsd", found.body)


def text(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode")


def test_faults(shared: Path, caller: Caller, ins: dict[str, str]) -> None:
    stale = replace(caller.vihf(ins["ordinary"]), purpose="x")
    for answer in (
        caller.existence(ins["ordinary"], stale),
        caller.find(ins["forbidden"]),
        caller.post("/patients", b"<", "application/soap+xml"),
    ):
        assert answer.status == 500
        check_soap(shared, answer)
