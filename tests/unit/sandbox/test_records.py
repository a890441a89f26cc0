"""The invented records: plausible, coherent with their metadata, and as strict as what the server demands of others."""

from __future__ import annotations

import base64
from collections import Counter
from datetime import UTC, datetime

import pytest
from lxml import etree

from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.ins import is_ins
from dmp_desktop.sandbox import checks, names
from dmp_desktop.sandbox.model import Lot
from dmp_desktop.sandbox.patients import STORIES, Story
from dmp_desktop.sandbox.records import metadata
from dmp_desktop.sandbox.records.bodies import write_document
from dmp_desktop.sandbox.records.kinds import BIOLOGY, Body
from dmp_desktop.sandbox.records.plan import Plan
from dmp_desktop.sandbox.records.timeline import plans
from dmp_desktop.sandbox.tolerances import Tolerances

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
BY_NAME = {story.name: story for story in STORIES}
HL7 = {"h": "urn:hl7-org:v3"}


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
            assert found[Availability.ARCHIVED] == 2
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
    rules = set(checks.RULES) - {checks.signature_present, checks.entries_have_documents}
    for story in ("ordinary", "child"):
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
        anchor = f"r{result.analysis.loinc.replace('-', '_')}"
        (shown,) = root.xpath(f"//h:content[@ID='{anchor}']", namespaces=HL7)
        assert shown.text.replace(",", ".") == result.text


def test_each_body_holds_its_pdf(records: dict[str, list[Plan]]) -> None:
    for body in Body:
        plan = next(plan for plan in records["ordinary"] if plan.kind.body is body)
        root = etree.fromstring(write_document(plan))
        texts = root.xpath("//*[@mediaType='application/pdf']/text()")
        assert len(texts) == (0 if body is Body.LETTER else 1)
        assert all(base64.b64decode(text).startswith(b"%PDF-1.4") for text in texts)
