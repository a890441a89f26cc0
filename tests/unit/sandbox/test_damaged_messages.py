"""Messages with holes, doubles and empty values: the sandbox answers with an error it has words for, and keeps nothing wrong."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop.sandbox import Sandbox, search
from dmp_desktop.sandbox.model import Kind
from tests.helpers.dmp_lot import Lot, multipart
from tests.helpers.dmp_update import ARCHIVED, UPDATE, Update
from tests.helpers.dmp_wire import (
    APPROVED,
    PROVIDE,
    QUERY,
    RETRIEVE,
    Answer,
    Caller,
    envelope,
    query_body,
    retrieve_body,
)
from tests.helpers.seeded import seeded


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("damaged"))) as running:
        yield running


@pytest.fixture(scope="module")
def asker(own: Sandbox) -> Iterator[Caller]:
    with Caller(own.ready, "doctor") as caller:
        yield caller


@pytest.fixture(scope="module")
def ins(own: Sandbox) -> str:
    return next(str(p["ins"]) for p in own.ready["patients"] if p["story"] == "child")


@st.composite
def damage(draw: st.DrawFn, body: str) -> str:
    """The body after one to three accidents to its elements."""
    root = etree.fromstring(body.encode())
    for _ in range(draw(st.integers(1, 3))):
        elements = list(root.iterdescendants())
        if not elements:
            break
        element: Any = draw(st.sampled_from(elements))
        accident = draw(st.sampled_from(["removed", "doubled", "emptied", "renamed", "bared", "blanked"]))
        parent = element.getparent()
        if accident == "removed":
            parent.remove(element)
        elif accident == "doubled":
            parent.append(deepcopy(element))
        elif accident == "emptied":
            element.text = draw(st.sampled_from(["", "'", "(", "^^^", "urn:uuid:", "99999999999999999999"]))
        elif accident == "renamed":
            element.tag = "{urn:x}" + etree.QName(element).localname
        elif accident == "bared":
            element.attrib.clear()
        elif element.attrib:
            element.set(draw(st.sampled_from(sorted(element.attrib))), draw(st.sampled_from(["", "x", "urn:uuid:x"])))
    return etree.tostring(root, encoding="unicode")


def understood(answer: Answer) -> None:
    """A registry answer or a SOAP fault with a code: never an error of the server itself."""
    if answer.status == 200:
        return
    assert answer.status == 500
    assert answer.content_type.startswith("application/soap+xml"), answer.content[:300]
    assert answer.fault[0]


FUZZ = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(data=st.data())
@FUZZ
def test_updates(own: Sandbox, asker: Caller, ins: str, data: st.DataObject) -> None:
    first, second = list(asker.find(ins).body.iter("{*}ExtrinsicObject"))[:2]
    restrictions = ("MASQUE_PS",)
    body = Update(ins, ((first.get("id"), APPROVED, ARCHIVED),), ((second, "1", restrictions),)).body()
    understood(asker.call("/registry", UPDATE, data.draw(damage(body)), ins))
    for entry in own.registry.objects(ins, Kind.ENTRY):
        assert entry.unique_id
        assert entry.confidentiality & {"N", "R", "V"}
        assert entry.lid.startswith("urn:uuid:")


@given(data=st.data())
@FUZZ
def test_queries(asker: Caller, ins: str, data: st.DataObject) -> None:
    slots: dict[str, str | list[str]] = {
        "$XDSDocumentEntryPatientId": f"'{ins}^^^&1.2.250.1.213.1.4.10&ISO^NH'",
        "$XDSDocumentEntryStatus": f"('{APPROVED}')",
        "$XDSDocumentEntryClassCode": "('10^^1.2.250.1.213.1.1.4.1')",
        "$XDSDocumentEntryCreationTimeFrom": "2025",
        "$XDSDocumentEntryAuthorPerson": "('%A%')",
    }
    body = query_body(search.FIND_DOCUMENTS, slots)
    understood(asker.call("/registry", QUERY, data.draw(damage(body)), ins))


@given(data=st.data())
@FUZZ
def test_retrievals(asker: Caller, ins: str, data: st.DataObject) -> None:
    understood(asker.call("/repository", RETRIEVE, data.draw(damage(retrieve_body("1.2.3", "1.2.4"))), ins))


@given(data=st.data())
@FUZZ
def test_lots(own: Sandbox, asker: Caller, ins: str, data: st.DataObject) -> None:
    lot = Lot(ins)
    text, parts = lot.body(asker.sign)
    root = envelope(PROVIDE, data.draw(damage(text)), asker.vihf(ins).signed(asker.sign))
    content_type, content = multipart(root, parts)
    answer = asker.post("/repository", content, content_type)
    understood(answer)
    accepted = answer.status == 200 and not answer.errors
    assert own.registry.count(lot.unique_id) == accepted or not accepted
