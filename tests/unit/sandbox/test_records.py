"""The invented records: plausible, coherent with their metadata, and as strict as what the server demands of others."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
from lxml import etree

from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.ins import is_ins
from dmp_desktop.sandbox import checks, lot_checks, names, seed
from dmp_desktop.sandbox.model import Lot
from dmp_desktop.sandbox.patients import STORIES, Story
from dmp_desktop.sandbox.records import drugs, metadata
from dmp_desktop.sandbox.records.analyses import ANALYSES
from dmp_desktop.sandbox.records.bodies import write_document
from dmp_desktop.sandbox.records.facts import Checkup, Delivery, Growth, Order, Refunds, Stay, Summary
from dmp_desktop.sandbox.records.kinds import BIOLOGY, BIOLOGY_PDF, ORDER, STAY, Body
from dmp_desktop.sandbox.records.other_units import elsewhere
from dmp_desktop.sandbox.records.plan import Plan
from dmp_desktop.sandbox.records.timeline import plans
from dmp_desktop.sandbox.store import Store
from dmp_desktop.sandbox.tolerances import Tolerances

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
BY_NAME = {story.name: story for story in STORIES}
HL7 = {"h": "urn:hl7-org:v3"}
XSI = {"xsi": "http://www.w3.org/2001/XMLSchema-instance"}
T = TypeVar("T")


@pytest.fixture(scope="module")
def records() -> dict[str, list[Plan]]:
    return {story.name: plans(story, NOW) for story in STORIES}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_identities_are_invented_and_valid(story: Story) -> None:
    patient = story.patient
    assert is_ins(patient.ins.value)
    assert patient.ins.oid == "1.2.250.1.213.1.4.10"
    assert patient.birth_family.startswith("TEST-")
    assert patient.ins.value[1:3] == f"{patient.birth_date:%y}"
    assert patient.ins.value[3:5] == f"{patient.birth_date:%m}"
    assert patient.ins.value[5:10] == patient.birth_place_cog


def test_counts_and_statuses(records: dict[str, list[Plan]]) -> None:
    for story in STORIES:
        found = Counter(plan.status for plan in records[story.name])
        hidden = sum(
            Visibility.MASQUE_PS in plan.restrictions and plan.writer.national_id != "810002422979"
            for plan in records[story.name]
        )
        assert found[Availability.APPROVED] - (0 if story.attending else hidden) == story.approved
        if story.approved:
            assert found[Availability.ARCHIVED] == (3 if story.name == "chronic" else 2)
            assert found[Availability.DEPRECATED] >= 1


def test_identifiers_never_repeat(records: dict[str, list[Plan]]) -> None:
    every = [plan for found in records.values() for plan in found]
    assert len({plan.unique_id for plan in every}) == len(every)
    assert len({plan.entry_uuid for plan in every}) == len(every)


def test_versions_chain(records: dict[str, list[Plan]]) -> None:
    """Each replaced version is Deprecated, replaced once, of the same set, and one version younger."""
    for found in records.values():
        known = {plan.unique_id: plan for plan in found}
        replaced = [plan.replaces for plan in found if plan.replaces]
        assert sorted(replaced) == sorted(plan.unique_id for plan in found if plan.status is Availability.DEPRECATED)
        for plan in found:
            if plan.replaces:
                old = known[plan.replaces]
                assert (old.set_id, old.version) == (plan.set_id, plan.version - 1)
                assert old.created < plan.created


def test_metadata_pass_our_own_rules(records: dict[str, list[Plan]]) -> None:
    """As they were sent: their statuses came later."""
    apart = {lot_checks.signature_present, lot_checks.entries_have_documents, lot_checks.nothing_updated}
    rules = set(lot_checks.RULES) - apart
    for story in records:
        for plan in records[story]:
            entry = metadata.entry(plan, b"x")
            found, links = metadata.submission(plan)
            lot = Lot((found,), (entry,), (), tuple(links), {entry.id: b"x"})
            subject = checks.Subject(lot, plan.patient.ins, Tolerances())
            assert [wrong for rule in rules for wrong in rule(subject)] == []


def test_documents_say_what_their_metadata_say(records: dict[str, list[Plan]]) -> None:
    for plan in records["ordinary"]:
        content = write_document(plan)
        root = etree.fromstring(content)
        entry = metadata.entry(plan, content)
        assert root.find("h:id", HL7).get("root") == entry.unique_id
        assert root.find("h:code", HL7).get("code") == entry.coded(names.TYPE_CODE)[0].node
        assert root.find("h:recordTarget/h:patientRole/h:id", HL7).get("extension") == plan.patient.ins.value
        assert int(entry.slot("size")) == len(content)
        parent = root.find("h:relatedDocument/h:parentDocument/h:id", HL7)
        assert (parent.get("root") if parent is not None else "") == plan.replaces
        moment = datetime.strptime(root.find("h:effectiveTime", HL7).get("value"), "%Y%m%d%H%M%S%z")
        assert moment.astimezone(UTC).strftime("%Y%m%d%H%M%S") == entry.slot("creationTime")


def test_biology_of_the_chronic_patient(records: dict[str, list[Plan]]) -> None:
    """Ten years of values with each kind of flag, and a narrative that agrees with the entries."""
    reports = [plan for plan in records["chronic"] if plan.kind is BIOLOGY and plan.status is Availability.APPROVED]
    results = [result for plan in reports for result in plan.results]
    assert {"N", "H", "L"} <= {result.flag for result in results}
    assert {result.flag for result in results} & {"HH", "LL", "AA"}
    for loinc in ("14682-9", "2823-3", "4548-4", "2089-1", "718-7"):
        assert sum(result.analysis.loinc == loinc for result in results) >= 30
    creatinine = [r.value for plan in reports for r in plan.results if r.analysis.loinc == "14682-9"]
    assert sum(creatinine[-10:]) > 1.3 * sum(creatinine[:10])
    root = etree.fromstring(write_document(reports[-1]))
    for result in reports[-1].results:
        anchor = f"r{(result.analysis.loinc or result.analysis.local).replace('-', '_')}"
        (shown,) = root.xpath(f"//h:content[@ID='{anchor}']", namespaces=HL7)
        assert shown.text.replace(",", ".") == ("< " if result.below else "") + result.text


def test_each_body_holds_its_pdf(records: dict[str, list[Plan]]) -> None:
    """One of each kind of body; those that carry a PDF carry one."""
    every = [plan for found in records.values() for plan in found if not plan.padding]
    for body in Body:
        plan = next(plan for plan in every if plan.kind.body is body)
        root = etree.fromstring(write_document(plan))
        texts = root.xpath("//*[@mediaType='application/pdf']/text()")
        assert len(texts) == (body in {Body.PDF, Body.BIOLOGY, Body.ORDER})
        assert all(base64.b64decode(text).startswith(b"%PDF-1.4") for text in texts)


def test_entries_refer_to_words_of_the_narrative(records: dict[str, list[Plan]]) -> None:
    """Each reference of an entry is the ID of words of the same document, and no ID stands twice."""
    for plan in (plan for found in records.values() for plan in found if plan.content is not None):
        root = etree.fromstring(write_document(plan))
        anchors = root.xpath("//@ID")
        assert len(set(anchors)) == len(anchors)
        wanted = {value.removeprefix("#") for value in root.xpath("//h:reference/@value", namespaces=HL7)}
        assert wanted
        assert wanted <= set(anchors)


def test_same_story_same_bytes() -> None:
    """Nothing but the story and the clock: two processes, two days of work, give the same documents."""
    for name in ("ordinary", "child"):
        first, second = (plans(BY_NAME[name], NOW) for _ in range(2))
        assert [write_document(plan) for plan in first] == [write_document(plan) for plan in second]


def contents(found: list[Plan], kind: type[T]) -> list[tuple[Plan, T]]:
    """Documents that tell a kind of facts, the latest first."""
    told = [(plan, plan.content) for plan in found if isinstance(plan.content, kind)]
    return sorted(told, key=lambda pair: pair[0].created, reverse=True)


def test_medicines_of_the_chronic_patient(records: dict[str, list[Plan]]) -> None:
    """Ordered and delivered: one never fetched, one replaced by another of its class, one by two doctors, one stopped."""
    orders, deliveries = contents(records["chronic"], Order), contents(records["chronic"], Delivery)
    lines = {line.item: line for _, order in orders for line in order.lines}
    handed = [line for _, delivery in deliveries for line in delivery.lines]
    assert all(lines[line.order.item] == line.order and line.drug.atc == line.order.drug.atc for line in handed)
    prescriptions = {plan.unique_id for plan, _ in orders}
    assert {delivery.prescription for _, delivery in deliveries} < prescriptions
    fetched = {line.order.drug for line in handed}
    assert {line.drug for line in lines.values()} - fetched == {drugs.MIRTAZAPINE}
    assert {(line.order.drug, line.drug) for line in handed if line.drug is not line.order.drug} == {
        (drugs.RAMIPRIL, drugs.RAMIPRIL_EG),
        (drugs.FUROSEMIDE, drugs.FUROSEMIDE_EG),
    }
    current = [
        (plan.writer, line.drug)
        for plan, order in orders
        for line in order.lines
        if order.start + timedelta(days=line.days * (line.renewals + 1)) > NOW.date()
    ]
    blockers = {writer.specialty for writer, drug in current if drug.substance == "bisoprolol"}
    assert len(blockers) == 2
    assert drugs.ROSUVASTATIN not in {drug for _, drug in current}
    refunds = contents(records["chronic"], Refunds)
    assert [plan.status for plan, _ in refunds] == [Availability.APPROVED, Availability.DEPRECATED]
    assert {line.drug for line in refunds[0][1].drugs} < {line.drug for line in handed}


def test_what_two_documents_tell_otherwise(records: dict[str, list[Plan]]) -> None:
    """The summary knows an allergy; the hospital's letters say that none is known. The later summary replaces the earlier."""
    summaries, stays = contents(records["chronic"], Summary), contents(records["chronic"], Stay)
    (latest, _), (older, _), (former, _) = summaries
    assert (latest.version, latest.replaces, older.status) == (2, older.unique_id, Availability.DEPRECATED)
    assert former.writer.national_id != latest.writer.national_id
    assert all("amoxicilline" in {allergy.agent for allergy in told.allergies} for _, told in summaries)
    for plan, _ in stays:
        assert b'code="no-known-allergies"' in write_document(plan)


def test_laboratories_differ_in_units(records: dict[str, list[Plan]]) -> None:
    """The second laboratory writes the same quantities in other units under codes of their own; limits follow."""
    reports = [plan for plan in records["chronic"] if plan.kind is BIOLOGY]
    for own, unit, other, other_unit in (
        ("14682-9", "umol/L", "2160-0", "mg/L"),
        ("14771-0", "mmol/L", "1558-6", "g/L"),
        ("718-7", "g/dL", "718-7", "g/L"),
    ):
        seen = {
            (result.analysis.loinc, result.analysis.unit): result
            for plan in reports
            for result in plan.results
            if result.analysis.loinc in {own, other}
        }
        assert set(seen) == {(own, unit), (other, other_unit)}
    creatinine = [ANALYSES["14682-9"], elsewhere(ANALYSES["14682-9"])[0]]
    assert [analysis.flag(value) for analysis, value in zip(creatinine, (214, 24.2), strict=True)] == ["H", "H"]


def test_odd_results(records: dict[str, list[Plan]]) -> None:
    """Below what can be measured, without a LOINC code, on paper only, coded and printed in one lot."""
    results = [result for plan in records["chronic"] for result in plan.results]
    assert any(result.below and result.flag == "N" for result in results)
    alert = next(plan for plan in records["chronic"] if any(not result.analysis.loinc for result in plan.results))
    root = etree.fromstring(write_document(alert))
    assert root.xpath("//h:value[@xsi:type='IVL_PQ']/h:high[@inclusive='false']", namespaces=HL7 | XSI)
    assert root.xpath("//h:observation/h:code[not(@code)]/h:translation[@code='CYSC-T2']", namespaces=HL7)
    assert "AA" in {result.flag for result in alert.results}
    papers = [plan for plan in records["chronic"] if plan.kind is BIOLOGY_PDF]
    assert len(papers) == 3
    (twin,) = [plan for plan in papers if plan.lot]
    (coded,) = [plan for plan in records["chronic"] if plan.unique_id == twin.lot]
    assert coded.results == twin.results
    assert metadata.submission(coded)[0] == metadata.submission(twin)[0]


def test_the_last_discharge_is_one_lot(records: dict[str, list[Plan]]) -> None:
    """The hospital's letter and its order come in one sending; nothing else is in it."""
    (order,) = [plan for plan in records["chronic"] if plan.lot and plan.kind is ORDER]
    sent = [plan for plan in records["chronic"] if order.lot in (plan.unique_id, plan.lot)]
    (letter,) = [plan for plan in sent if plan is not order]
    assert letter.kind is STAY
    assert not letter.lot
    assert metadata.submission(letter)[0].id == metadata.submission(order)[0].id
    assert letter.created >= order.created  # a sending is not older than what it brings


def test_documents_of_the_patient(records: dict[str, list[Plan]]) -> None:
    """Author and place of what the patient writes: the INS, no structure (reference §5.2)."""
    found = [plan for plan in records["chronic"] if plan.kind.class_code == "90"]
    assert {plan.kind.type_code for plan in found} == {"DOCPAT01", "EXPPAT_3"}
    for plan in found:
        author = metadata.entry(plan, b"x").coded(names.AUTHOR)[0]
        assert author.slots["authorPerson"][0].startswith(f"{plan.patient.ins.value}^TEST-")
        assert author.slots["authorPerson"][0].endswith(f"&{plan.patient.ins.oid}&ISO^D^^^NH")
        assert "authorInstitution" not in author.slots


def test_the_child_grows(records: dict[str, list[Plan]]) -> None:
    measured = [growth for _, growth in contents(records["child"], Growth)][::-1]
    assert len(measured) == 7
    for before, after in pairwise(measured):
        assert (before.day, before.weight, before.height) < (after.day, after.weight, after.height)
        assert before.height < after.height
        assert before.head < after.head
    assert len(contents(records["child"], Checkup)) == 2


def test_the_largest_document_is_kept_packed(tmp_path: Path) -> None:
    """20 MB of film: small in the store, whole when it is asked for."""
    store = Store(tmp_path / "dmp.sqlite")
    seed.ensure(store, NOW)
    found = next(plan for plan in plans(BY_NAME["chronic"], NOW) if plan.padding)
    content = store.document(found.unique_id)
    entry, _ = store.object(found.unique_id)
    store.close()
    assert content == write_document(found)
    assert len(content) > 20_000_000
    assert entry.slot("size") == str(len(content))
    assert entry.slot("hash") == hashlib.sha1(content, usedforsecurity=False).hexdigest()
    assert (tmp_path / "dmp.sqlite").stat().st_size < 30_000_000
