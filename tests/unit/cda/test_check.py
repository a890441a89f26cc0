"""Our strict rules: each refuses what it should, says where, and quotes no value."""

from __future__ import annotations

import pytest

from dmp_desktop.cda.build import Parent
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.cda.check.people import luhn
from tests.helpers.documents import NOTE, OTHER_ID
from tests.unit.cda.test_build import request

GOOD = assemble(request(NOTE, replaces=Parent(OTHER_ID, OTHER_ID, 1)), None).cda
AUTHOR = b'<code code="G15_10/SM26" displayName="M\xc3\xa9decin - Qualifi\xc3\xa9 en M\xc3\xa9decine G\xc3\xa9n\xc3\xa9rale (SM)" codeSystem="1.2.250.1.213.1.1.4.5"/>'

# (what to change, into what, code expected, end of its path)
BROKEN: list[tuple[bytes, bytes, str, str]] = [
    (b'extension="279035121518989"', b'extension="12"', "ins-length", "recordTarget/patientRole/id/@extension"),
    (b'extension="279035121518989"', b'extension="279035121518988"', "ins-key", "patientRole/id/@extension"),
    (b'root="1.2.250.1.213.1.4.10"', b'root="1.2.250.1.213.1.4.99"', "ins-missing", "patientRole/id"),
    (b"<county>51215</county>", b"<county>ZZ</county>", "birth-place", "birthplace/place/addr/county"),
    (b"<county>51215</county>", b"", "birth-place", "county"),
    (b'<birthTime value="19790312"/>', b'<birthTime value="19790230"/>', "birth-date", "birthTime/@value"),
    (b'<birthTime value="19790312"/>', b'<birthTime value="20790312"/>', "birth-future", "birthTime/@value"),
    (b'<family qualifier="BR">TEST-PATIENTE</family>', b"", "birth-family", "family[@qualifier='BR']"),
    (b"<given>MARIE CLAUDE</given>", b"", "birth-given", "name/given"),
    (b'<given qualifier="BR">MARIE</given>', b"", "first-given", "given[@qualifier='BR']"),
    (b'administrativeGenderCode code="F"', b'administrativeGenderCode code="X"', "gender", "@code"),
    (b'extension="810002422979"', b'extension="8X"', "rpps", "@extension"),
    (b'extension="810002422979"', b'extension="X"', "rpps", "@extension"),
    (b'extension="810002422979"', b'extension="81000242297"', "rpps", "@extension"),
    (AUTHOR, b"", "author-code", "assignedAuthor/code"),
    (b"<family>DUPONT</family>", b"", "person-name", "assignedPerson/name/family"),
    (b"<name>Cabinet des Lilas &amp; Cie</name>", b"", "custodian-name", "representedCustodianOrganization/name"),
    (b'1.2.250.1.71.4.2.2" extension="410002422979001"', b'1.2.250.1.71.4.2.2"', "custodian-id", "id/@extension"),
    (b'<signatureCode code="S"/>', b'<signatureCode code="X"/>', "legal-signature", "signatureCode/@code"),
    (b'<code code="11488-4"', b'<code code="99999-9"', "type", "ClinicalDocument/code/@code"),
    (b'codeSystem="2.16.840.1.113883.6.1"/><title>', b'codeSystem="1.2.3"/><title>', "type-system", "@codeSystem"),
    (b"749823\"/><code", b"749823\" extension=\"7\"/><code", "id-extension", "ClinicalDocument/id/@extension"),
    (b'<versionNumber value="2"/>', b'<versionNumber value="0"/>', "version", "versionNumber/@value"),
    (b'typeCode="RPLC"', b'typeCode="APND"', "related", "@typeCode"),
    (b'confidentialityCode code="N"', b'confidentialityCode code="L"', "confidentiality", "@code"),
    (b'languageCode code="fr-FR"', b'languageCode code="french"', "language", "@code"),
    (b'<effectiveTime value="20261120103015+0100"/><conf', b'<effectiveTime value="20261320"/><conf', "time", "@value"),
    (b'code="AMBULATOIRE"', b'code="VILLE"', "practice-setting", "standardIndustryClassCode/@code"),
    (b'code="SA07"', b'code="SA99"', "facility", "healthCareFacility/code/@code"),
    (b'high value="20261120102500+0100"', b'high value="20261119102500+0100"', "act-order", "high/@value"),
    (b"<prefix>MME</prefix>", b"<prefix>DAME</prefix>", "prefix", "prefix"),
    (b"<suffix>DR</suffix>", b"<suffix>DOC</suffix>", "suffix", "suffix"),
    (b'value="tel:0102030405"', b'value="0102030405"', "telecom", "telecom/@value"),
    (b"<title>Signes vitaux</title>", b"", "section-title", "section/title"),
    (b"<realmCode code=\"FR\"/>", b"<realmCode code=\"US\"/>", "realm", "realmCode/@code"),
]  # fmt: skip


def test_good_document() -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "path"), BROKEN, ids=[f"{row[2]}-{rank}" for rank, row in enumerate(BROKEN)]
)
def test_refused(old: bytes, new: bytes, code: str, path: str) -> None:
    assert old in GOOD
    findings = [item for item in check(GOOD.replace(old, new)) if item.severity is Severity.ERROR]
    assert code in {item.code for item in findings}
    assert any(item.code == code and item.path.endswith(path) for item in findings), findings
    assert all(item.path.startswith("ClinicalDocument") and item.message_fr.endswith(".") for item in findings)
    assert all("27903" not in item.message_fr for item in findings)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'extension="810002422979"', b'extension="810002422978"', "rpps-key"),
        (b'value="#vital-1"', b'value="#nowhere"', "reference"),
        (
            b'<effectiveTime value="20261120103015+0100"/><conf',
            b'<effectiveTime value="20261120103015"/><conf',
            "time-zone",
        ),
    ],
)
def test_warned(old: bytes, new: bytes, code: str) -> None:
    findings = check(GOOD.replace(old, new))
    assert {(item.code, item.severity) for item in findings} == {(code, Severity.WARNING)}


def test_empty_narrative() -> None:
    start, end = GOOD.index(b"<text><table>"), GOOD.index(b"</table></text>") + len(b"</table></text>")
    assert "section-empty" in {item.code for item in check(GOOD[:start] + b"<text/>" + GOOD[end:])}
    assert "section-text" in {item.code for item in check(GOOD[:start] + GOOD[end:])}


@pytest.mark.parametrize(
    "element", ["author", "custodian", "legalAuthenticator", "recordTarget", "documentationOf", "componentOf"]
)
def test_missing_part(element: str) -> None:
    start = GOOD.index(f"<{element}>".encode())
    end = GOOD.index(f"</{element}>".encode()) + len(element) + 3
    findings = check(GOOD[:start] + GOOD[end:])
    assert any(item.severity is Severity.ERROR for item in findings)


@pytest.mark.parametrize("content", [b"", b"not xml", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]>' + GOOD[38:]])
def test_unreadable_is_one_finding(content: bytes) -> None:
    (finding,) = check(content)
    assert finding.severity is Severity.ERROR


def test_luhn() -> None:
    """Values of the official examples (reference notes-terminologies-formats §4.1)."""
    assert luhn("10002422979")
    assert luhn("01234567897")
    assert not luhn("07505123456")
