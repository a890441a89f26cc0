"""TD0.5 and the messages of others: PDQv3 queries of IPF get an answer, and every answer is valid for HL7's schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.sandbox import Sandbox, Tolerances, person_search
from tests.conformance.test_sandbox_schemas import HL7, XSI_TYPE, check, check_soap
from tests.helpers.dmp_admin import SEARCH_PERSON, nobody, person_body
from tests.helpers.dmp_wire import Answer, Caller
from tests.helpers.seeded import seeded

pytestmark = pytest.mark.shared
V3 = "{urn:hl7-org:v3}"
QUERIES = (
    "01_PDQQuery1.xml",
    "PDQ.xml",
    "PDQ_ID_Query.xml",
    "PDQ_Maximal_Query.xml",
    "PDQ_connectathon2011_namespaces_issue.xml",
    "PDQ_unused_global_namespace_issue.xml",
    "PDQ_with_PID4.xml",
)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    tolerant = Tolerances(foreign_hl7=True)
    with (
        Sandbox(seeded(tmp_path_factory.mktemp("pdq")), tolerances=tolerant) as sandbox,
        Caller(sandbox.ready, "doctor") as it,
    ):
        yield it


def query(shared: Path, name: str) -> etree._Element:
    root = etree.fromstring((shared / "samples/ihe/ipf-pdqv3" / name).read_bytes())
    return root if root.tag.startswith(V3) else next(root.iter(f"{V3}PRPA_IN201305UV02"))


def ask(caller: Caller, body: str) -> Answer:
    return caller.call("/patients", SEARCH_PERSON, body, "", replace(nobody(caller.vihf("")), purpose="centre_15"))


def told(element: etree._Element) -> list[tuple[str, str, dict[str, str]]]:
    """Names, texts and attributes in order, prefixes of values left out."""
    return [
        (
            str(part.tag),
            (part.text or "").strip(),
            {str(key): str(value).rpartition(":")[2] if key == XSI_TYPE else str(value) for key, value in part.items()},
        )
        for part in element.iter("{*}*")
    ]


@pytest.mark.parametrize("name", QUERIES)
def test_queries_of_others_are_answered(shared: Path, caller: Caller, name: str) -> None:
    sent = query(shared, name)
    answer = ask(caller, etree.tostring(sent, encoding="unicode"))
    if not person_search.parse(sent).family:
        assert "livingSubjectName" in answer.fault[1]
        return
    assert answer.status == 200
    check_soap(shared, answer)
    check(shared / "xsd" / HL7 / "PRPA_IN201306UV02.xsd", answer.body)
    (asked,), (back,) = (list(root.iter(f"{V3}queryByParameter")) for root in (sent, answer.body))
    assert told(back) == told(asked)


def test_most_of_them_name_somebody(shared: Path) -> None:
    criteria = [person_search.parse(query(shared, name)) for name in QUERIES]
    assert sum(bool(found.family) for found in criteria) >= 5
    maximal = criteria[QUERIES.index("PDQ_Maximal_Query.xml")]
    assert (maximal.family, maximal.given, maximal.birth) == ("Wurm", "MARY", "19400101")
    assert (maximal.sex, maximal.city, maximal.threshold, maximal.most) == ("F", "Some City", 75, 2)


def test_strictly_they_are_refused(shared: Path, tmp_path: Path) -> None:
    with Sandbox(seeded(tmp_path / "sandbox")) as sandbox, Caller(sandbox.ready, "doctor") as strict:
        for name in QUERIES:
            fault = ask(strict, etree.tostring(query(shared, name), encoding="unicode")).fault
            assert (fault[0], "receiver" in fault[1]) == ("soap:DMPInvalidMessage", True)


@pytest.mark.parametrize(
    "body",
    [
        person_body("TEST-MOREAU", "GÉRARD", "19490523", "M", "Bar-sur-Aube"),
        person_body("TEST-COLONNA"),
        person_body("TEST-", more='<initialQuantity value="2"/>'),
        person_body("INCONNU"),
    ],
)
def test_answers_of_a_search_are_valid(shared: Path, caller: Caller, body: str) -> None:
    schema = shared / "xsd" / HL7
    check(schema / "PRPA_IN201305UV02.xsd", etree.fromstring(body.encode()))  # our own question first
    check(schema / "PRPA_IN201306UV02.xsd", ask(caller, body).body)
