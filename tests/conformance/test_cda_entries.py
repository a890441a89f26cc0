"""Every entry of the official examples and of foreign documents is read: counts against XPath, written without our reader."""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from dmp_desktop.cda.read import data_from_cda, entry_from_cda, facts_from_cda
from dmp_desktop.domain.clinical import ItemKind, Origin
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.errors import CdaError
from dmp_desktop.sandbox.records.bodies import write_document
from dmp_desktop.services.changes import changes
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.services.medication import reconcile
from dmp_desktop.services.synthesis import synthesis
from dmp_desktop.services.synthesis_text import as_text
from dmp_desktop.services.trends import trends_of
from tests.conformance.test_sandbox_documents import everything

SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", Path(__file__).parents[3] / "shared"))
EXAMPLES = sorted((SHARED / "ans" / "examples").glob("*.xml"))
SAMPLES = [
    *sorted((SHARED / "samples" / "ihe" / "c-cda").glob("*.xml")),
    *sorted((SHARED / "samples" / "cda").glob("*.xml")),
]

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not EXAMPLES, reason=f"official examples absent: {SHARED}")]

PCC = "1.3.6.1.4.1.19376.1.5.3.1.4."
CCDA = "2.16.840.1.113883.10.20.22.4."
REACTION = "2.16.840.1.113883.10.20.1.54"
ALERT = "2.16.840.1.113883.10.20.1.18"


SPACES = {"h": "urn:hl7-org:v3", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}


def has(*roots: str) -> str:
    return "(" + " or ".join(f"h:templateId/@root='{root}'" for root in roots) + ")"


# A treatment has a product of its own: a name or a code somewhere in it, or words of its own where it is no part of another.
PRODUCT = (
    "(h:consumable//h:manufacturedMaterial//*[@code or @displayName] or "
    "normalize-space(h:consumable//h:manufacturedMaterial/h:name) or "
    "h:consumable//h:manufacturedMaterial//h:reference/@value or "
    "(not(ancestor::h:substanceAdministration or ancestor::h:supply) and (h:text/h:reference/@value or normalize-space(h:text))))"
)
RESULT = ("1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.209", CCDA + "2")
# A simple observation (and of no other kind) whose value is a number: what the reader saw and programs were never given.
QUANTITY = (
    f"({has(PCC + '13')} and not({has(PCC + '5', PCC + '6', PCC + '13.2', PCC + '13.3', PCC + '13.4', REACTION, ALERT, *RESULT)}) "
    "and h:value[@value and contains(' PQ INT REAL ', concat(' ', @xsi:type, ' '))])"
)
COUNTS = {
    "problems": f"//h:observation[{has(PCC + '5', CCDA + '4')} and not({has(PCC + '6', PCC + '13.3', REACTION, ALERT)})]",
    "allergies": f"//h:observation[{has(PCC + '6', CCDA + '7', ALERT)}]",
    "vitals": f"//h:observation[{has(PCC + '13.2', CCDA + '27')}]",
    "results": f"//h:observation[{has(*RESULT)} or {QUANTITY}]",
    "quoted_results": "//h:observation/h:entryRelationship[@typeCode='REFR']/h:observation[not(h:templateId)]",
    "lifestyle": f"//h:observation[{has(PCC + '13.4', CCDA + '78', CCDA + '38')}]",
    "family": f"//h:observation[{has(PCC + '13.3', CCDA + '46')}]",
    "vaccinations": f"//h:substanceAdministration[{has(PCC + '12', CCDA + '52')}]",
    "treatments": f"//h:substanceAdministration[{has(PCC + '7', CCDA + '16')} and {PRODUCT}]",
    "dispensations": f"//h:supply[{has('1.3.6.1.4.1.19376.1.9.1.3.4', CCDA + '18')}]",
    "devices": f"//h:supply[{has('1.2.250.1.213.1.1.3.20')}]",
    "procedures": f"//h:procedure[{has(PCC + '19', CCDA + '14')}] | //h:observation[{has(CCDA + '13')}] | //h:act[{has(CCDA + '12')}]",
}
# Entries of empty boxes: no code, no word but a dash. There is nothing to show.
NAMELESS = {
    ("CANCER-FRCP_2022.01_Appareil", "problems"): 1,
    ("CANCER-FRCP_2022.01_Transversale", "problems"): 1,
    ("CANCER-FRCP_2025.01_Appareil", "problems"): 1,
    ("DLU-EHPAD-FLUDT_2022.01", "procedures"): 1,
    ("OBP-SEM_2024.01", "problems"): 1,
    ("SDM-MR_2022.01", "procedures"): 1,
    ("SDM-MR_2022.01", "family"): 1,
}


def counted(cda: bytes) -> dict[str, int]:
    document = etree.fromstring(cda)
    return {kind: len(document.xpath(query, namespaces=SPACES)) for kind, query in COUNTS.items()}


@pytest.mark.parametrize("path", [*EXAMPLES, *SAMPLES], ids=lambda path: path.stem)
def test_every_entry_is_read(path: Path) -> None:
    data = data_from_cda(path.read_bytes())
    expected = {kind: count - NAMELESS.get((path.stem, kind), 0) for kind, count in counted(path.read_bytes()).items()}
    assert {kind: len(data[kind]) for kind in COUNTS} == expected


def test_every_entry_of_the_sandbox_is_read() -> None:
    total: Counter[str] = Counter()
    for plan in everything():
        cda = write_document(plan)
        data, expected = data_from_cda(cda), counted(cda)
        assert {kind: len(data[kind]) for kind in COUNTS} == expected, plan.title
        total.update(expected)
    assert total["results"] > 1000
    assert total["treatments"] > 100


def facts(name: str):  # type: ignore[no-untyped-def]
    return facts_from_cda((SHARED / "ans" / "examples" / f"{name}.xml").read_bytes())


def test_the_examples_hold_every_kind() -> None:
    total: Counter[str] = Counter()
    for path in EXAMPLES:
        data = data_from_cda(path.read_bytes())
        total.update({kind: len(data[kind]) for kind in COUNTS})
    assert all(total[kind] for kind in COUNTS)


def test_the_quantities_of_a_pacemaker_are_all_there() -> None:
    """28 simple observations; the ejection fraction, which has a LOINC code, is also a fact, the leads' "Impédance" is not."""
    name = "CARD-F-PRC-PSC_2022.01"
    results = data_from_cda((SHARED / "ans" / "examples" / f"{name}.xml").read_bytes())["results"]
    assert len(results) == 28
    (fraction,) = [one for one in results if one["loinc"] == "10230-1"]
    assert (fraction["value"], fraction["unit"], fraction["status"]) == (33, "%", "done")
    assert fraction["date"]
    leads = [(one["value"], one["unit"]) for one in results if one["label"] == "Impédance"]
    assert len(leads) == 7
    assert (91.6, "Ohm") in leads
    assert [(item.value, item.unit) for item in facts(name).of(ItemKind.VITAL)] == [(33, "%")]
    assert not facts(name).of(ItemKind.RESULT)


def test_nothing_known_is_an_absence_and_no_information_is_no_fact() -> None:
    (allergy,) = facts("LDL-SES_2022.01").of(ItemKind.ALLERGY)
    assert allergy.status is ProposalStatus.ABSENT


def test_a_reaction_is_told_with_its_allergy() -> None:
    found = facts("IPS-FR_2024.01")
    allergy = next(item for item in found.of(ItemKind.ALLERGY) if item.agent)
    assert allergy.label == "PARACETAMOL"
    assert allergy.code == allergy.agent
    assert allergy.comment.startswith("Bronchospasme d'origine médicamenteuse, ")
    assert not [item for item in found.of(ItemKind.PROBLEM) if "Bronchospasme" in item.label]


def test_an_allergy_is_named_by_its_agent_and_keeps_what_is_said_of_it() -> None:
    found = facts("CARD-F-PRC-AVK_2022.01").of(ItemKind.ALLERGY)
    assert ("ofloxacine", "J01MA01", "Augmentation de l'INR") in {
        (item.label, item.code.code if item.code else "", item.comment) for item in found
    }


def test_what_a_family_has_is_not_the_patients() -> None:
    (mother,) = [item for item in facts("VSM_1.4_2022.01").items if item.status is ProposalStatus.FAMILY]
    assert (mother.label, mother.comment) == ("Anémie à hématies falciformes sans crises", "Mère")


def test_prescribed_dispensed_and_reimbursed() -> None:
    prescribed = facts("eP-MED-DM_2023.01_PosoNonStruct").of(ItemKind.TREATMENT)[0]
    dispensed = facts("eDISP-MED_2024.01").of(ItemKind.TREATMENT)[0]
    reimbursed = facts("CNAM-HR_2021.01").of(ItemKind.TREATMENT)[1]
    assert prescribed.product is not None
    assert (prescribed.product.origin, prescribed.product.atc) == (Origin.PRESCRIBED, "N02BE01")
    assert prescribed.dosage is not None
    assert prescribed.dosage.text.startswith("1 à 2 comprimés 3 fois/j à partir du 01/12/2021")
    assert prescribed.comment == "A prendre au cours d'un repas"
    assert dispensed.product is not None
    assert (dispensed.product.origin, dispensed.product.prescriber) == (Origin.DISPENSED, "Jacques BIDEAULT")
    assert (dispensed.when, dispensed.until) == ("2023-01-25", "2023-01-27")
    assert reimbursed.product is not None
    assert (reimbursed.label, reimbursed.product.substances) == ("CRESTOR 5MG CPR9/10", ("ROSUVASTATINE",))
    assert (reimbursed.product.origin, reimbursed.when) == (Origin.REIMBURSED, "2019-03-11")
    assert facts("CNAM-HR_2021.01").of(ItemKind.DEVICE)[0].when == "2019-07-11"


def test_a_value_is_kept_as_written() -> None:
    (crp,) = facts("BIO-CR-BIO_2024.01_CRP_non_LOINC").of(ItemKind.RESULT)
    assert crp.measure is not None
    assert (crp.code, crp.value, crp.measure.text, crp.measure.high) == (None, "<= 1.0", "<= 1.0", 5.0)
    germ = facts("BIO-CR-BIO_2024.01_Microbiologie_V1").of(ItemKind.RESULT)
    told = {
        (item.measure.specimen, item.measure.flag)
        for item in germ
        if item.measure and item.code and item.code.code == "20-8"
    }
    assert len({specimen for specimen, _ in told}) == 2
    open_bound = next(item for item in germ if item.code and item.code.code == "28-1")
    assert open_bound.value == "< 0.128"


JUNK = ["", "x", "-1", "1e999", "00010101", "99991231235959+1400", "20240230", "nan", "10*9", "#", "<"]


def test_damaged_documents_are_read_or_refused() -> None:
    """Elements removed, attributes and texts spoilt at random: facts, or a CdaError; and every service takes those facts."""
    random = Random(20261122)
    small = [path for path in EXAMPLES if path.stat().st_size < 200_000]
    for _ in range(120):
        root = etree.parse(random.choice(small)).getroot()
        for element in random.choices(list(root.iter("*")), k=random.randint(1, 12)):
            parent = element.getparent()
            if parent is not None and random.random() < 0.4:
                parent.remove(element)
            elif element.attrib and random.random() < 0.6:
                element.set(random.choice(list(element.attrib)), random.choice(JUNK))
            else:
                element.text = random.choice(JUNK)
        cda = etree.tostring(root)
        try:
            read = ReadDocument(entry_from_cda(cda), facts_from_cda(cda))
        except CdaError:
            continue
        trends_of([read])
        reconcile([read], date(2026, 11, 22))
        as_text(synthesis([read]), str, str, str)
        changes([read], [])


@pytest.mark.alone
def test_reading_is_quick() -> None:
    """Median of 10 ms a document, none above 100 ms."""
    times = []
    for path in EXAMPLES:
        cda = path.read_bytes()
        started = time.process_time()
        facts_from_cda(cda)
        times.append(time.process_time() - started)
    assert statistics.median(times) < 0.010
    assert max(times) < 0.100
