"""Our rules on the kinds CI-SIS specifies: version, type, declarations, act, sections, entries."""

from __future__ import annotations

import pytest

from dmp_desktop.cda.check import Severity, check
from dmp_desktop.cda.check.entries import SHAPES
from tests.unit.cda.checked_documents import (
    ABSENCE,
    ADMISSION_LETTER,
    CHILD_MEASURES,
    IPS,
    RAPID_TEST,
    VACCINATION,
    VACCINATION_NOTE,
    VSM,
    WEIGHT,
    section,
    structured,
)

KINDS = {
    "vsm": VSM,
    "ips": IPS,
    "vaccination": VACCINATION_NOTE,
    "admission-letter": ADMISSION_LETTER,
    "child-measures": CHILD_MEASURES,
    "rapid-test": RAPID_TEST,
}

# (kind, what to change, into what, code expected)
BROKEN: list[tuple[str, str, str, str]] = [
    ("vsm", 'extension="2023.01"', 'extension="1999.01"', "kind-version"),
    ("vsm", 'displayName="Historique et clinique"', 'displayName="Clinique"', "kind-service"),
    ("vsm", '<templateId root="1.2.250.1.213.1.1.2.29"/>', "", "kind-section"),
    ("vsm", '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.3.27"/>', "", "kind-section"),
    ("vsm", '<templateId root="1.2.250.1.213.1.1.2.32"/>', "", "kind-section"),
    ("vsm", '<templateId root="1.2.250.1.213.1.1.1.13" extension="2023.01"/>', '<templateId root="1.2.3"/>', "kind-template"),
    ("ips", 'extension="2024.01"', "", "kind-version"),
    ("ips", '<code code="60591-5"', '<code code="11488-4"', "kind-type"),
    ("ips", '<templateId root="2.16.840.1.113883.10.22.1.1"/>', "", "kind-templates"),
    ("ips", "Médecin Traitant", "Médecin traitant", "kind-attending"),
    ("ips", '<reference value="#mot"/>', '<reference value="#rien"/>', "absence-words"),
    ("ips", '<content ID="mot">Un mot.</content>', 'Un mot.<content ID="mot"/>', "absence-words"),
    *(
        ("ips", f'<templateId root="1.3.6.1.4.1.19376.1.5.3.1.3.{number}"/>', "", "kind-section")
        for number in (6, 11, 13, 19)
    ),
    ("ips", '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.1.5.3.5"/>', "", "kind-section"),
    ("vaccination", VACCINATION, 2 * VACCINATION, "vaccination-count"),
    ("vaccination", VACCINATION, "", "vaccination-count"),
    ("vaccination", 'classCode="SBADM"', 'classCode="SBADM" negationInd="true"', "vaccination-negated"),
    ("vaccination", '<effectiveTime value="20261120"/><cons', '<effectiveTime value="2026"/><cons', "vaccination-day"),
    ("vaccination", 'codeSystem="1.2.250.1.213.2.3.1"', 'codeSystem="1.2.3"', "vaccination-cis"),
    ("vaccination", 'codeSystem="2.16.840.1.113883.6.73"', 'codeSystem="1.2.3"', "vaccination-atc"),
    ("vaccination", "<lotNumberText>A123</lotNumberText>", "<lotNumberText/>", "vaccination-lot"),
    ("vaccination", "<assignedPerson><name><family>DUPONT</family></name></assignedPerson></assignedAuthor></author>",
     "</assignedAuthor></author>", "vaccination-author"),
    ("vaccination", '<value xsi:type="INT" value="2"/>', '<value xsi:type="INT" nullFlavor="UNK"/>', "vaccination-rank"),
    ("vaccination", '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.3.23"/>', "", "kind-section"),
    ("vaccination", 'extension="2023.01"', 'extension="2022.01"', "kind-version"),
    *(
        ("admission-letter", f'<templateId root="1.3.6.1.4.1.19376.1.5.3.1.3.{number}"/>', "", "kind-section")
        for number in (1, 13, 20)
    ),
    ("admission-letter", '<templateId root="1.3.6.1.4.1.19376.1.4.1.2.16"/>', "", "kind-section"),
    ("admission-letter", '<code code="IMP"', '<code code="AMB"', "kind-service"),
    ("child-measures", "<id root=\"1.2.250.1.71.4.2.2\" extension=\"410002422979001\"/><name>Cabinet des Lilas &amp; Cie</name><standard",
     "<id root=\"1.2.250.1.71.4.2.2\" extension=\"410002422979001\"/><standard", "kind-performer"),
    ("child-measures", 'code="29463-7"', 'code="8867-4"', "kind-measure"),
    ("child-measures", '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2"/>', "", "kind-section"),
    ("rapid-test", 'code="DEPISTAGE"', 'code="AMBULATOIRE"', "kind-setting"),
    ("rapid-test", '<templateId root="1.3.6.1.4.1.19376.1.3.3.2.1"/>', "", "kind-section"),
    ("rapid-test", '<templateId root="1.3.6.1.4.1.19376.1.3.1"/>', "", "kind-report"),
    ("rapid-test", 'typeCode="DEV"', 'typeCode="CSM"', "kind-device"),
    ("rapid-test", '<templateId root="1.3.6.1.4.1.19376.1.3.1.6"/>', "", "kind-finding"),
    ("rapid-test", '<value xsi:type="CD"', '<value xsi:type="ST"', "kind-value"),
    ("rapid-test", '<effectiveTime value="20261120101000+0100"/>', "", "kind-time"),
    ("rapid-test", 'displayName="Test rapide d\'orientation diagnostique"', 'displayName="TROD"', "kind-type"),
]  # fmt: skip


_CODED = "1.2.250.1.213.1.1.2.75"  # coded vital signs, with the models it specialises
_CODED_WITH = ("2.16.840.1.113883.10.20.1.16", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2", "1.3.6.1.4.1.19376.1.5.3.1.3.25")
_AGENT = (
    '<observation classCode="OBS" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.41"/>'
    '<participant typeCode="CSM"><participantRole><playingEntity>%s</playingEntity></participantRole></participant></observation>'
)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13.2"/>', "", "template-companion"),
        ('<templateId root="2.16.840.1.113883.10.20.1.35"/>', "", "template-companion"),
        (WEIGHT, "", "section-entry"),
        ('classCode="CLUSTER" ', "", "part-class"),
        ('classCode="OBS" moodCode="EVN"', 'classCode="OBS"', "part-class"),
        ('<statusCode code="completed"/>', "<statusCode/>", "part-status"),
        ('<code code="29463-7"', "<code", "part-code"),
        ('<effectiveTime value="20261120"/><component>', "<effectiveTime/><component>", "part-time"),
        ('<value xsi:type="PQ"', "<value", "part-type"),
        ('<reference value="#mot"/>', "<reference/>", "part-reference"),
        ("</organizer></entry>", "</organizer></entry><entry/>", "part-empty"),
        ("<component><observation", "<component/><component><observation", "part-empty"),
        ("</organizer></entry>", "</organizer></entry><entry><act><participant/></act></entry>", "part-link"),
        ("</organizer></entry>", f"</organizer></entry><entry>{_AGENT % ''}</entry>", "part-agent"),
    ],
)
def test_part_of_a_coded_section(old: str, new: str, code: str) -> None:
    body = section("8716-3", _CODED, *_CODED_WITH, entries=WEIGHT, text='<content ID="mot">12,4 kg</content>')
    good = structured(body)
    assert [item for item in check(good) if item.severity is Severity.ERROR] == []
    assert old.encode() in good
    # After the header, which has a code and a status of its own.
    start = good.index(b"<structuredBody>")
    found = check(good[:start] + good[start:].replace(old.encode(), new.encode(), 1))
    assert code in {item.code for item in found if item.severity is Severity.ERROR}


@pytest.mark.parametrize("kind", KINDS)
def test_good_document(kind: str) -> None:
    assert check(KINDS[kind]) == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "code"), BROKEN, ids=[f"{row[0]}-{row[3]}-{rank}" for rank, row in enumerate(BROKEN)]
)
def test_refused(kind: str, old: str, new: str, code: str) -> None:
    document = KINDS[kind]
    assert old.encode() in document
    findings = [item for item in check(document.replace(old.encode(), new.encode())) if item.severity is Severity.ERROR]
    assert {item.code for item in findings} == {code}
    assert all(item.path.startswith("ClinicalDocument") and item.message_fr.endswith(".") for item in findings)


def test_absence_by_negation() -> None:
    """Negated is absent, whatever the code says."""
    entry = ABSENCE.replace("no-known-allergies", "unknown").replace('negationInd="false"', 'negationInd="true"')
    words = '<content ID="mot">Pas d\'allergie.</content>'
    for text, codes in ((words, set()), ("Autre chose.", {"absence-words"})):
        document = structured(section("48765-2", "1.2.3", entries=entry, text=text))
        assert {item.code for item in check(document) if item.severity is Severity.ERROR} == codes


@pytest.mark.parametrize(("root", "part"), [(root, part) for root, shape in SHAPES.items() for part in shape.parts])
def test_entry_without_a_part(root: str, part: str) -> None:
    """An entry that holds every part but one is told by the part that lacks."""

    def elements(paths: tuple[str, ...]) -> str:
        names = dict.fromkeys(path.partition("/")[0] for path in paths)
        inner = {name: tuple(path.partition("/")[2] for path in paths if path.startswith(f"{name}/")) for name in names}
        return "".join(f"<{name}>{elements(inner[name])}</{name}>" for name in names)

    def document(*parts: str) -> bytes:
        inside = elements(parts)
        entry = f'<entry><observation><templateId root="{root}"/>{inside}</observation></entry>'
        return structured(section("1-8", "1.2.3", entries=entry))

    parts = SHAPES[root].parts
    assert "entry-part" not in {item.code for item in check(document(*parts))}
    (finding,) = (
        item for item in check(document(*(other for other in parts if other != part))) if item.code == "entry-part"
    )
    assert finding.path.endswith(part)
