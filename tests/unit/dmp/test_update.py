"""TD3.3 as it leaves: XSD-valid, ids used once, the whole metadata with nothing but the restrictions changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path

import pytest
from lxml import etree

from benchmarks.open_record import answer
from dmp_desktop.dmp import names, registry_reader, update
from dmp_desktop.dmp.soap import xml_parser
from dmp_desktop.domain.documents import Author, Availability, Code, DocumentEntry, Submission, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpError
from tests.unit.dmp.conftest import NOW

RIM = f"{{{names.RIM}}}"
NEW = uuid.UUID(int=9)


@pytest.fixture
def lot(ins: InsIdentity) -> Submission:
    doctor = Author("DUPONT", "Camille", "810002422979", "1.2.250.1.71.4.2.1", "Cabinet & Cie", "410002422979001")
    return Submission("2.25.99", ins, doctor, Code("SA07", "1.2.250.1.71.4.2.4"), "2.25.7", (), "Modification")


@pytest.fixture
def told() -> etree._Element:
    """One answer of GetDocuments, as the stand-in writes them."""
    return etree.fromstring(answer(2), xml_parser()).find(".//{*}AdhocQueryResponse")


@pytest.fixture
def entry(told: etree._Element) -> DocumentEntry:
    return registry_reader.entry(told.find(f".//{RIM}ExtrinsicObject"))


def sets() -> Iterator[frozenset[Visibility]]:
    return map(frozenset, chain.from_iterable(combinations(Visibility, count) for count in range(len(Visibility) + 1)))


def plain(element: etree._Element) -> list[object]:
    """What an ExtrinsicObject says, without its names, its version and its restrictions."""
    kept = []
    for child in element:
        restriction = child.get("nodeRepresentation") in {item.code for item in Visibility}
        if child.tag != f"{RIM}VersionInfo" and not restriction:
            attributes = {
                k: v for k, v in child.attrib.items() if k not in ("id", "classifiedObject", "registryObject")
            }
            content = "".join(
                etree.tostring(part, method="c14n", exclusive=True, with_tail=False).decode() for part in child
            )
            kept.append((child.tag, attributes, content))
    return [{k: v for k, v in element.attrib.items() if k not in ("id", "lid")}, *kept]


@pytest.mark.parametrize("before", list(sets()), ids=lambda codes: "+".join(sorted(codes)) or "none")
def test_exactly_the_restrictions_wanted(
    lot: Submission, told: etree._Element, entry: DocumentEntry, before: frozenset[Visibility]
) -> None:
    original = update.current(told, entry)
    first = etree.fromstring(update.change_visibility(lot, deepcopy(original), before, NEW, NOW))
    restricted = first.find(f".//{RIM}ExtrinsicObject")
    assert registry_reader.entry(restricted).visibility == before
    assert plain(restricted) == plain(original)
    for after in sets():
        body = etree.fromstring(update.change_visibility(lot, deepcopy(restricted), after, NEW, NOW))
        again = registry_reader.entry(body.find(f".//{RIM}ExtrinsicObject"))
        assert again.visibility == after
        assert len(again.confidentiality) == len(after) + 1, "each code once"
        assert again.confidentiality[0].code == entry.confidentiality[0].code


def test_names_of_the_new_version(lot: Submission, told: etree._Element, entry: DocumentEntry) -> None:
    current = update.current(told, entry)
    current.set("lid", "urn:uuid:00000000-0000-4000-8000-0000000000aa")
    body = etree.fromstring(update.change_visibility(lot, current, (), NEW, NOW))
    (sent,) = body.iter(f"{RIM}ExtrinsicObject")
    assert (sent.get("id"), sent.get("lid")) == (f"urn:uuid:{NEW}", "urn:uuid:00000000-0000-4000-8000-0000000000aa")
    assert sent.find(f"{RIM}VersionInfo") is None, "the registry numbers the versions"
    assert {child.get("classifiedObject") for child in sent.iter(f"{RIM}Classification")} == {sent.get("id")}
    assert {child.get("registryObject") for child in sent.iter(f"{RIM}ExternalIdentifier")} == {sent.get("id")}
    identifiers = [element.get("id") for element in body.iter() if element.get("id")]
    assert len(identifiers) == len(set(identifiers))
    (member,) = body.iter(f"{RIM}Association")
    slots = {slot.get("name"): slot.findtext(f".//{RIM}Value") for slot in member}
    assert slots == {"SubmissionSetStatus": "Original", "PreviousVersion": str(entry.version)}
    assert (member.get("associationType"), member.get("targetObject")) == (names.HAS_MEMBER, sent.get("id"))


def test_from_what_it_was_to_what_it_becomes(lot: Submission, entry: DocumentEntry) -> None:
    body = etree.fromstring(update.change_status(lot, entry, Availability.ARCHIVED, NOW))
    package, link = body[0]
    assert (link.get("sourceObject"), link.get("targetObject")) == (package.get("id"), entry.entry_uuid)
    slots = {slot.get("name"): slot.findtext(f".//{RIM}Value") for slot in link}
    assert slots == {"OriginalStatus": Availability.APPROVED.value, "NewStatus": Availability.ARCHIVED.value}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("id", "urn:uuid:00000000-0000-4000-8000-000000000001"), ("status", Availability.DEPRECATED.value)],
)
def test_what_is_no_longer_as_listed(told: etree._Element, entry: DocumentEntry, attribute: str, value: str) -> None:
    told.find(f".//{RIM}ExtrinsicObject").set(attribute, value)
    with pytest.raises(DmpError, match="XDSMetadataVersionError"):
        update.current(told, entry)


def test_another_version_than_the_one_listed(told: etree._Element, entry: DocumentEntry) -> None:
    with pytest.raises(DmpError, match="XDSMetadataVersionError"):
        update.current(told, replace(entry, version=entry.version + 1))


@pytest.mark.shared
def test_valid_against_the_ebxml_schema(
    lot: Submission, told: etree._Element, entry: DocumentEntry, shared: Path
) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "xsd/xds-nist-v3/lcm.xsd"))
    bodies = [update.change_status(lot, entry, status, NOW) for status in update.REACHABLE]
    bodies += [
        update.change_visibility(lot, deepcopy(update.current(told, entry)), wanted, NEW, NOW) for wanted in sets()
    ]
    for body in bodies:
        assert schema.validate(etree.fromstring(body)), schema.error_log


@pytest.mark.shared
@pytest.mark.parametrize("name", ["update", "update_sameLid"])
def test_entries_of_others_are_changed_too(lot: Submission, shared: Path, name: str) -> None:
    """Other prefixes, no restriction, no version: foreign samples of ebRIM."""
    root = etree.parse(shared / f"samples/ihe/ipf-xds/SubmitObjectsRequest_ebrs30_{name}.xml").getroot()
    original = root.find(f".//{RIM}ExtrinsicObject")
    body = etree.fromstring(update.change_visibility(lot, deepcopy(original), {Visibility.MASQUE_PS}, NEW, NOW))
    sent = body.find(f".//{RIM}ExtrinsicObject")
    assert plain(sent) == plain(original)
    assert registry_reader.entry(sent).visibility == {Visibility.MASQUE_PS}
