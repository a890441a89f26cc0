"""Our strict rules on header and body: each refuses what it should, says where, and quotes no value."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from dmp_desktop.cda import check as package
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.cda.check.rules import RULES
from dmp_desktop.cda.check.values import luhn
from dmp_desktop.domain.documents import Attachment, DocumentFormat
from tests.helpers.files import PDF, jpeg
from tests.unit.cda import test_check_kinds
from tests.unit.cda.checked_documents import GOOD, RICH
from tests.unit.cda.test_build import request

N1 = assemble(request("", format=DocumentFormat.PDF, attachment=Attachment("application/pdf", PDF)), None).cda
AUTHOR_CODE = (
    '<code code="G15_10/SM26" displayName="Médecin - Qualifié en Médecine Générale (SM)" codeSystem="1.2.250.1.213.1.1.4.5"/>'
).encode()
ORGANISATION = b'<id root="1.2.250.1.71.4.2.2" extension="410002422979001"/><name>Cabinet des Lilas &amp; Cie</name>'
LEGAL_ID = b'<signatureCode code="S"/><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="810002422979"/>'
VITALS = GOOD[GOOD.index(b"<text><table>") : GOOD.index(b"</table></text>") + 15]


def cut(document: bytes, element: str, start: int = 0) -> bytes:
    """The first such element, whole, as it stands."""
    first = document.index(f"<{element}".encode(), start)
    close = f"</{element}>".encode()
    return document[first : document.index(close, first) + len(close)]


# (what to change, into what, code expected, end of its path): in RICH, everywhere it stands.
BROKEN: list[tuple[bytes, bytes, str, str]] = [
    # the document
    (b'<realmCode code="FR"/>', b'<realmCode code="US"/>', "realm", "realmCode/@code"),
    (b'extension="POCD_HD000040"', b'extension="POCD"', "type-id", "ClinicalDocument/typeId"),
    (b'<templateId root="1.2.250.1.213.1.1.1.1"/>', b"", "template", "ClinicalDocument/templateId"),
    (b'<templateId root="1.3.6.1.4.1.19376.1.5.3.1.1.1"/>', b"", "template-kind", "ClinicalDocument/templateId"),
    (b'<languageCode code="fr-FR"/><setId root="2.25.187443573024983402749823749823749999"/>',
     b'<setId root="2.25.187443573024983402749823749823749999"/><languageCode code="fr-FR"/>', "order", "ClinicalDocument"),
    (b"<languageCode", b'<languageCode code="fr-FR"/><languageCode', "once", "languageCode"),
    (b'749823"/><code', b'749823" extension="7"/><code', "id-extension", "ClinicalDocument/id/@extension"),
    (b'<id root="2.25.187443573024983402749823749823749823"/>', b'<id root="3F2504E0-4F89-11D3-9A0C-0305E82C3301"/>', "id", "ClinicalDocument/id/@root"),
    (b'<setId root="2.25.187443573024983402749823749823749999"/>', b"<setId/>", "set-id", "setId/@root"),
    (b'<versionNumber value="2"/>', b'<versionNumber value="0"/>', "version", "ClinicalDocument/versionNumber/@value"),
    (b'<versionNumber value="2"/>', b'<versionNumber value="1"/>', "related-version", "parentDocument/versionNumber/@value"),
    (b'typeCode="RPLC"', b'typeCode="APND"', "related", "@typeCode"),
    (b'<parentDocument><id root="2.25.187443573024983402749823749823749999"/>', b"<parentDocument>", "related-id", "id"),
    (b'<parentDocument><id root="2.25.187443573024983402749823749823749999"/>',
     b'<parentDocument><id root="2.25.187443573024983402749823749823749823"/>', "related-self", "parentDocument/id"),
    (b'<versionNumber value="1"/></parent', b'<setId root="1.2.3"/><versionNumber value="1"/></parent', "related-set", "setId/@root"),
    (b'<code code="11488-4"', b'<code code="99999-9"', "type", "ClinicalDocument/code/@code"),
    (b'codeSystem="2.16.840.1.113883.6.1"/><title>CR', b'codeSystem="1.2.3"/><title>CR', "type-system", "@codeSystem"),
    (b'code="11488-4" displayName="CR ou fiche de consultation ou de visite"', b'code="11488-4"', "code-label", "@displayName"),
    (b"<title>CR ou fiche de consultation ou de visite</title>", b"<title> </title>", "title", "ClinicalDocument/title"),
    (b'<effectiveTime value="20261120103015+0100"/><conf', b'<effectiveTime value="20261320"/><conf', "time", "@value"),
    (b'confidentialityCode code="N"', b'confidentialityCode code="L"', "confidentiality", "@code"),
    (b'languageCode code="fr-FR"', b'languageCode code="french"', "language", "@code"),
    (b"<order><id root=\"1.2.250.1.999.7\" extension=\"42\"/></order>", b"<order/>", "order-id", "order/id"),
    (b'<statusCode code="completed"/></consent>', b'<statusCode code="active"/></consent>', "consent", "statusCode/@code"),
    # the patient
    (b"<patientRole>", b'<patientRole><id root="1.2.250.1.213.1.4.10" extension="193056210317243"/>', "ins-several", "patientRole/id"),
    (b'extension="279035121518989"', b'extension="12"', "ins-length", "recordTarget/patientRole/id/@extension"),
    (b'extension="279035121518989"', b'extension="279035121518988"', "ins-key", "patientRole/id/@extension"),
    (b'root="1.2.250.1.213.1.4.10"', b'root="1.2.250.1.213.1.4.99"', "ins-missing", "patientRole/id"),
    (b'<id root="1.2.250.1.213.1.4.10" extension="279035121518989"/>', b"", "ins-missing", "patientRole/id"),
    (b"<county>51215</county>", b"<county>ZZ</county>", "birth-place", "birthplace/place/addr/county"),
    (b"<county>51215</county>", b"", "birth-place", "county"),
    (b"<county>51215</county>", b"<county>00215</county>", "birth-department", "county"),
    (b"<county>51215</county>", b"<county>97999</county>", "birth-department", "county"),
    (b'<birthTime value="19790312"/>', b'<birthTime value="19790230"/>', "birth-date", "birthTime/@value"),
    (b'<birthTime value="19790312"/>', b'<birthTime value="1979"/>', "birth-date", "birthTime/@value"),
    (b'<birthTime value="19790312"/>', b'<birthTime value="20790312"/>', "birth-future", "birthTime/@value"),
    (b'<family qualifier="BR">TEST-PATIENTE</family>', b"", "birth-family", "family[@qualifier='BR']"),
    (b'<family qualifier="CL">', b"<family>", "family-qualifier", "@qualifier"),
    (b'<given qualifier="CL">', b'<given qualifier="SP">', "given-qualifier", "@qualifier"),
    (b"<given>MARIE CLAUDE</given>", b"", "birth-given", "name/given"),
    (b'<given qualifier="BR">MARIE</given>', b"", "first-given", "given[@qualifier='BR']"),
    (b'administrativeGenderCode code="F"', b'administrativeGenderCode code="X"', "gender", "@code"),
    (b"<family>TEST-TUTRICE</family>", b"", "guardian", "guardianPerson/name/family"),
    # people
    (b"<author><time value=\"20261120103015+0100\"/>", b"<author><time value=\"hier\"/>", "author-time", "author/time/@value"),
    (b"<author><time value=\"20261120103015+0100\"/>", b"<author><time value=\"20261121\"/>", "author-late", "author/time/@value"),
    (AUTHOR_CODE, b"", "author-code", "assignedAuthor/code"),
    (b"<assignedPerson><name><family>DUPONT</family>", b"<assignedPerson><name>", "person-name", "assignedPerson/name/family"),
    (b"<representedOrganization>" + ORGANISATION + b"</representedOrganization></assignedAuthor>", b"</assignedAuthor>",
     "author-organisation", "assignedAuthor/representedOrganization"),
    (ORGANISATION + b"</representedOrganization></assignedAuthor>",
     b'<id root="1.2.250.1.71.4.2.2"/><name>Cabinet</name></representedOrganization></assignedAuthor>',
     "organisation-id", "representedOrganization/id/@extension"),
    (ORGANISATION + b"</representedOrganization></assignedAuthor>",
     ORGANISATION[: ORGANISATION.index(b"<name>")] + b"</representedOrganization></assignedAuthor>",
     "organisation-name", "representedOrganization/name"),
    (b'extension="810002422979"', b'extension="8X"', "rpps", "@extension"),
    (b'extension="810002422979"', b'extension="X"', "rpps", "@extension"),
    (b'extension="810002422979"', b'extension="81000242297"', "rpps", "@extension"),
    (b'extension="810002422979"', b'extension="10002422979"', "rpps", "@extension"),
    (b'<id root="1.2.250.1.71.4.2.1" extension="810002422979"/>', b"", "person-id", "assignedAuthor/id"),
    (b'<functionCode code="PCP"', b'<functionCode code="GURU"', "function", "functionCode/@code"),
    (cut(RICH, "assignedEntity", RICH.index(b"<dataEnterer>")), b"", "person-missing", "dataEnterer/assignedEntity"),
    (b'classCode="ECON"', b'classCode="VOISIN"', "informant-class", "relatedEntity/@classCode"),
    (b'<code code="MTH"', b'<code code="VOISIN"', "relation", "relatedEntity/code/@code"),
    (b"<family>TEST-MERE</family>", b"", "person-name", "relatedPerson/name/family"),
    (ORGANISATION + b"</representedCustodianOrganization>", b'<id root="1.2.250.1.71.4.2.2"/><name>A</name></representedCustodianOrganization>',
     "organisation-id", "id/@extension"),
    (ORGANISATION + b"</representedCustodianOrganization>", b'<id root="1.2.3" extension="4"/><name>A</name></representedCustodianOrganization>',
     "custodian-root", "id/@root"),
    (ORGANISATION + b"</representedCustodianOrganization>",
     b'<id root="1.2.250.1.71.4.2.2" extension="4"/></representedCustodianOrganization>', "custodian-name", "name"),
    (b'<intendedRecipient><id root="1.2.250.1.71.4.2.1"', b"<intendedRecipient><id", "id-root", "intendedRecipient/id/@root"),
    (b'<intendedRecipient><id root="1.2.250.1.71.4.2.1"', b'<intendedRecipient><id root="1.2..250"', "id-root", "intendedRecipient/id/@root"),
    (b'<intendedRecipient><id root="1.2.250.1.71.4.2.1" extension="80', b'<intendedRecipient><id root="1.2.250.1.71.4.2.1" extension="8', "rpps", "intendedRecipient/id/@extension"),
    (b'classCode="PROV"><id root="1.2.250.1.71.4.2.1"', b'classCode="PROV"><id', "id-root", "associatedEntity/id/@root"),
    (b'classCode="PROV"><id root="1.2.250.1.71.4.2.1"', b'classCode="PROV"><id root="01.2"', "id-root", "associatedEntity/id/@root"),
    (b'classCode="PROV"><id root="1.2.250.1.71.4.2.1" extension="80', b'classCode="PROV"><id root="1.2.250.1.71.4.2.1" extension="800', "rpps", "associatedEntity/id/@extension"),
    (b'classCode="PROV"><id root="1.2.250.1.71.4.2.1" extension="801234567897"', b'classCode="PROV"><id root="1.2.250.1.999.7"', "participant-id", "associatedEntity/id/@extension"),
    (b'classCode="PROV">', b'classCode="PROV"><id root="1.2.250.1.999.7" extension="4"/>', "participant-ids", "associatedEntity/id"),
    (LEGAL_ID, LEGAL_ID + b'<id root="1.2.250.1.999.7" extension="4"/>', "legal-id", "assignedEntity/id/@extension"),
    (LEGAL_ID, LEGAL_ID[: LEGAL_ID.rindex(b"<id")] + b'<id root="1.2.250.1.999.7"/>', "legal-id", "assignedEntity/id/@extension"),
    (ORGANISATION + b"</representedOrganization></assignedEntity></legalAuthenticator>",
     ORGANISATION[ORGANISATION.index(b"<name>") :] + b"</representedOrganization></assignedEntity></legalAuthenticator>",
     "organisation-id", "representedOrganization/id/@extension"),
    (ORGANISATION + b"</representedOrganization></assignedEntity></legalAuthenticator>",
     ORGANISATION[: ORGANISATION.index(b"<name>")] + b"</representedOrganization></assignedEntity></legalAuthenticator>",
     "organisation-name", "representedOrganization/name"),
    (cut(RICH, "associatedPerson"), b"<scopingOrganization><id root=\"1.2.250.1.71.4.2.2\" extension=\"4\"/></scopingOrganization>",
     "participant-name", "associatedEntity/associatedPerson/name/family"),
    (b"<family>DURAND</family>", b"", "recipient", "informationRecipient/name/family"),
    (b'<signatureCode code="S"/><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="810', b'<signatureCode code="X"/><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="810',
     "legal-signature", "legalAuthenticator/signatureCode/@code"),
    (b"<legalAuthenticator><time value=\"20261120103015+0100\"/>", b"<legalAuthenticator><time/>", "legal-time", "legalAuthenticator/time/@value"),
    (b'+0100"/><signatureCode code="S"/><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="801', b'+0100"/><signatureCode code="I"/><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="801',
     "authenticator-signature", "authenticator/signatureCode/@code"),
    (b'<authenticator><time value="20261120103100+0100"/>', b"<authenticator>", "authenticator-time", "authenticator/time/@value"),
    (cut(RICH, "assignedEntity", RICH.index(b"<authenticator>")) + b"</authenticator>", b'<assignedEntity><id root="1.2.3" extension="4"/></assignedEntity></authenticator>',
     "national-id", "assignedEntity/id/@root"),
    (b'<participant typeCode="INF">', b'<participant typeCode="VOISIN">', "participant-type", "participant/@typeCode"),
    (b'<time nullFlavor="NA"/>', b"", "participant-time", "participant/time"),
    (cut(RICH, "associatedEntity"), b"", "participant-entity", "participant/associatedEntity"),
    (b'classCode="PROV"', b'classCode="VOISIN"', "participant-class", "associatedEntity/@classCode"),
    (cut(RICH, "associatedPerson"), b"", "participant-name", "associatedEntity/associatedPerson/name/family"),
    (b"<family>MARTIN</family>", b"", "person-name", "associatedPerson/name/family"),
    (b'<time nullFlavor="NA"/>', b"<time/>", "participant-time", "participant/time"),
    (b'<versionNumber value="1"/></parent', b"<versionNumber/></parent", "related-number", "parentDocument/versionNumber/@value"),
    (b'<code code="64292-6"', b"<code", "code-missing", "consent/code/@code"),
    (b'<high value="20261120102500+0100"/>', b"<high/>", "bound-missing", "effectiveTime/high/@value"),
    (b'<templateId root="1.3.6.1.4.1.19376.1.5.3.1.1.1"/>', b'<templateId root="1.3.6.1.4.1.19376.1.5.3.1.1.1"/><templateId/>', "id-root", "@root"),
    # the act and the encounter
    (b"<serviceEvent><effectiveTime><low value=\"20261120100500+0100\"/><high value=\"20261120102500+0100\"/></effectiveTime>",
     b"<serviceEvent>", "act-start", "serviceEvent/effectiveTime/low/@value"),
    (b'<low value="20261120100500+0100"/><high', b'<low value="demain"/><high', "period-start", "effectiveTime/low/@value"),
    (b'<high value="20261120102500+0100"', b'<high value="20261199"', "period-end", "high/@value"),
    (b'high value="20261120102500+0100"', b'high value="20261119102500+0100"', "period-order", "high/@value"),
    (b'typeCode="PRF"', b'typeCode="SPRF"', "performer", "performer[@typeCode='PRF']"),
    (cut(RICH, "assignedEntity", RICH.index(b"<performer")), b"", "performer-missing", "performer/assignedEntity"),
    (b'code="AMBULATOIRE"', b'code="VILLE"', "practice-setting", "standardIndustryClassCode/@code"),
    (cut(RICH, "effectiveTime", RICH.index(b"<encompassingEncounter>")) + b"<resp", b"<resp", "encounter-time", "encompassingEncounter/effectiveTime"),
    (b'<code code="AMB"', b'<code code="LUNE"', "encounter-kind", "encompassingEncounter/code/@code"),
    (b'code="SA07"', b'code="SA99"', "facility", "healthCareFacility/code/@code"),
    (b'<responsibleParty><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="801234567897"/>',
     b"<responsibleParty><assignedEntity>", "national-id", "responsibleParty/assignedEntity/id/@root"),
    # single values
    (b'<prefix>MME</prefix>', b"<prefix>DAME</prefix>", "prefix", "prefix"),
    (b"<suffix>DR</suffix>", b"<suffix>DOC</suffix>", "suffix", "suffix"),
    (b'value="tel:0102030405"', b'value="0102030405"', "telecom", "telecom/@value"),
    (b'value="tel:0102030405"', b'value="tel:"', "telecom", "telecom/@value"),
    (b'value="tel:0102030405"', b'value="tel:inconnu"', "telecom-number", "telecom/@value"),
    (b'value="mailto:test.patiente@example.org"', b'value="mailto:test"', "telecom-mail", "telecom[2]/@value"),
    (b'<telecom value="tel:0601020304"', b'<telecom nullFlavor="NAV" value="tel:0601020304"', "telecom-null", "telecom/@nullFlavor"),
    (b'use="MC"', b'use="ZZ"', "use", "telecom/@use"),
    (b"<houseNumber>1</houseNumber>", b"<streetAddressLine>1 rue</streetAddressLine>", "address-mixed", "relatedEntity/addr"),
    (b'<order><id root="1.2.250.1.999.7"', b'<order><id root="ordre"', "id-root", "order/id/@root"),
    (b'code="SA07" displayName="Cabinet individuel"', b'code="SA07"', "code-label", "healthCareFacility/code/@displayName"),
    (b'displayName="Cabinet individuel" codeSystem="1.2.250.1.71.4.2.4"', b'displayName="Cabinet individuel"', "code-system", "@codeSystem"),
    # the body
    (b"<title>Signes vitaux</title>", b"", "section-title", "section/title"),
    (b'<code code="8716-3"', b"<code", "section-code", "section/code/@code"),
    (VITALS, b"<text/>", "section-empty", "section/text"),
    (VITALS, b"", "section-text", "section/text"),
    (b'ID="vital-2"', b'ID="vital-1"', "id-twice", "@ID"),
    # coded data
    (b'<statusCode code="completed"/><effectiveTime value="20261120100500+0100"/><value', b'<statusCode code="completed"/><value', "entry-part", "effectiveTime"),
    (b'displayName="interpr\xc3\xa9tation diagnostique" codeSystem="2.16.840.1.113883.6.96"', b'displayName="diagnostic"', "entry-code-system", "@codeSystem"),
    (b'<value xsi:type="PQ" value="82"', b'<value xsi:type="PQ" value="lourd"', "quantity", "value/@value"),
    (b'<statusCode code="completed"/><effectiveTime value="20261120100500+0100"/><component', b'<statusCode code="completed"/><effectiveTime value="20261320"/><component', "entry-time", "effectiveTime/@value"),
    (b'value="82" unit="kg"', b'value="82" unit="kilos de poids"', "unit", "value/@unit"),
    (b'value="82" unit="kg"', b'value="82" unit=""', "unit", "value/@unit"),
    (b'<period value="12" unit="h"/>', b'<period value="12" unit="h\xc2\xb2"/>', "unit", "period/@unit"),
    (b'negationInd="false"', b'negationInd="oui"', "negation", "@negationInd"),
]  # fmt: skip

# In a document with a file for a body.
BROKEN_N1: list[tuple[bytes, bytes, str, str]] = [
    (b'<templateId root="1.3.6.1.4.1.19376.1.2.20"/>', b'<templateId root="1.3.6.1.4.1.19376.1.2.20"/><templateId root="1.2.3"/>', "template-n1", "templateId"),
    (b'mediaType="application/pdf"', b'mediaType="image/gif"', "body-type", "text/@mediaType"),
    (b'representation="B64"', b'representation="TXT"', "body-encoding", "text/@representation"),
    (b'mediaType="application/pdf"', b'mediaType="image/jpeg"', "body-content", "nonXMLBody/text"),
    (cut(N1, "text"), b"", "body", "nonXMLBody/text"),
    (b'mediaType="application/pdf" representation="B64">' + base64.b64encode(PDF), b'mediaType="image/jpeg" representation="B64">' + base64.b64encode(jpeg()[:-2]), "body-cut", "nonXMLBody/text"),
]  # fmt: skip

# Told, and sent all the same.
WARNED: list[tuple[bytes, bytes, str]] = [
    (b'extension="810002422979"', b'extension="810002422978"', "rpps-key"),
    (b'value="#vital-1"', b'value="#nowhere"', "reference"),
    (b'<effectiveTime value="20261120103015+0100"/><conf', b'<effectiveTime value="20261120103015"/><conf', "time-zone"),
    (b"<title>CR ou", b"<title>" + 130 * b"a" + b" CR ou", "title-length"),
    (b'<low value="20261120100500+0100"/><high value="20261120102500+0100"/>', b'<low value="20261121"/>', "act-to-come"),
    (AUTHOR_CODE, AUTHOR_CODE.replace(b"SM26", b"SM99"), "author-code-unknown"),
    (b'<value xsi:type="CD" code="I10" displayName="', b'<value xsi:type="CD" code="I10" other="', "entry-code-label"),
    (b'<value xsi:type="PQ" value="82"', b'<value xsi:type="PQ" value="820"', "implausible"),
    (b'<value xsi:type="CD" code="I10"', b'<value xsi:type="CD" code="I10.XX"', "icd10"),
    (b'unit="mm[Hg]"', b'unit="mmHg"', "unit-unknown"),
    (b'<intendedRecipient><id root="1.2.250.1.71.4.2.1"', b'<intendedRecipient><id root="1.2.250.1.999.7"', "recipient-id"),
]  # fmt: skip


def ids(rows: list[tuple[bytes, bytes, str, str]]) -> list[str]:
    return [f"{row[2]}-{rank}" for rank, row in enumerate(rows)]


def assert_refused(document: bytes, row: tuple[bytes, bytes, str, str]) -> None:
    old, new, code, path = row
    assert old in document
    findings = [item for item in check(document.replace(old, new)) if item.severity is Severity.ERROR]
    assert {item.code for item in findings} == {code}
    assert any(item.path.endswith(path) for item in findings), findings
    assert all(item.path.startswith("ClinicalDocument") and item.message_fr.endswith(".") for item in findings)
    assert all("27903" not in item.message_fr for item in findings)


@pytest.mark.parametrize("document", [GOOD, RICH, N1], ids=["good", "rich", "n1"])
def test_good_document(document: bytes) -> None:
    assert check(document) == []


@pytest.mark.parametrize("row", BROKEN, ids=ids(BROKEN))
def test_refused(row: tuple[bytes, bytes, str, str]) -> None:
    assert_refused(RICH, row)


@pytest.mark.parametrize("row", BROKEN_N1, ids=ids(BROKEN_N1))
def test_refused_file(row: tuple[bytes, bytes, str, str]) -> None:
    assert_refused(N1, row)


@pytest.mark.parametrize(("old", "new", "code"), WARNED, ids=[row[2] for row in WARNED])
def test_warned(old: bytes, new: bytes, code: str) -> None:
    assert old in GOOD
    findings = check(GOOD.replace(old, new))
    assert {(item.code, item.severity) for item in findings} == {(code, Severity.WARNING)}


def test_a_pdf_that_is_none_is_told() -> None:
    findings = check(N1.replace(base64.b64encode(PDF), base64.b64encode(PDF[:9])))
    assert [(item.code, item.severity) for item in findings] == [("body-cut", Severity.WARNING)]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (f'mediaType="image/jpeg" representation="B64">{base64.b64encode(jpeg()).decode()}', ""),
        ('mediaType="image/jpeg" representation="B64">/9j/4A==', "media-cut"),
        ('mediaType="image/jpeg" representation="B64">JVBERi0=', "media-content"),
        ('mediaType="image/jpeg" representation="B64">', "media-empty"),
        ('mediaType="image/jpeg" representation="B64">pas du tout', "media-encoding"),
    ],
)
def test_file_in_a_section(value: str, code: str) -> None:
    media = f'<entry><observationMedia classCode="OBS" moodCode="EVN"><value {value}</value></observationMedia></entry>'
    section = GOOD.rindex(b"</section>")
    found = [item.code for item in check(GOOD[:section] + media.encode() + GOOD[section:])]
    assert [item for item in found if item.startswith("media")] == ([code] if code else [])


def test_lot_that_is_announced_and_missing() -> None:
    section = GOOD.rindex(b"</section>")
    lots = b"<entry><material><lotNumberText> </lotNumberText><lotNumberText>A1</lotNumberText></material></entry>"
    assert [item.code for item in check(GOOD[:section] + lots + GOOD[section:])].count("lot") == 1


def test_wrong_key_is_told_once_with_whose() -> None:
    wrong = GOOD.replace(b'extension="810002422979"', b'extension="810002422978"')
    (finding,) = [item for item in check(wrong) if item.code == "rpps-key"]
    assert finding.message_fr.startswith("L'auteur")


def test_reference_to_nothing_to_read() -> None:
    start = GOOD.index(b'<tr ID="vital-1"')
    row = GOOD[start : GOOD.index(b"</tr>", start)]
    findings = check(GOOD.replace(row, b'<tr ID="vital-1"><td/>'))
    assert {(item.code, item.severity) for item in findings} == {("reference-empty", Severity.WARNING)}


def test_born_between_act_and_document() -> None:
    """The act is of the eve of the birth, the document of the day after."""
    born = RICH.replace(b'<birthTime value="19790312"/>', b'<birthTime value="20261120"/>')
    before = re.sub(rb'<(low|high) value="20261120', rb'<\1 value="20261119', born)
    assert {item.code for item in check(before)} == {"birth-after-act"}


def test_author_without_organisation_where_none_is_known() -> None:
    """Legal for CI-SIS, so told; a document that names it elsewhere is refused (above)."""
    document = GOOD
    for parent in ("assignedAuthor", "assignedEntity></legalAuthenticator"):
        document = document.replace(
            b"<representedOrganization>" + ORGANISATION + f"</representedOrganization></{parent}>".encode(),
            f"</{parent}>".encode(),
        )
    findings = check(document)
    assert {(item.code, item.severity) for item in findings} == {("author-organisation", Severity.WARNING)}


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("recordTarget", "patient-count"),
        ("patientRole", "patient-missing"),
        ("author", "author-missing"),
        ("assignedAuthor", "author-missing"),
        ("custodian", "custodian-missing"),
        ("legalAuthenticator", "legal-missing"),
        ("documentationOf", "act"),
        ("componentOf", "encounter"),
        ("structuredBody", "body"),
    ],
)
def test_missing_part(element: str, code: str) -> None:
    findings = check(GOOD.replace(cut(GOOD, element), b""))
    assert code in {item.code for item in findings if item.severity is Severity.ERROR}


def test_patient_without_a_name() -> None:
    name = cut(GOOD, "name", GOOD.index(b"<patient>"))
    assert "patient-name" in {item.code for item in check(GOOD.replace(name, b""))}


def test_every_header_element_is_needed() -> None:
    """Those §4 says R: without any one of them the document is refused."""
    for element in (
        "realmCode",
        "typeId",
        "id",
        "code",
        "effectiveTime",
        "confidentialityCode",
        "languageCode",
        "setId",
        "versionNumber",
    ):
        start = GOOD.index(f"<{element} ".encode(), GOOD.index(b"<realmCode"))
        document = GOOD[:start] + GOOD[GOOD.index(b"/>", start) + 2 :]
        assert any(item.severity is Severity.ERROR for item in check(document)), element


@pytest.mark.parametrize("content", [b"", b"not xml", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]>' + GOOD[38:]])
def test_unreadable_is_one_finding(content: bytes) -> None:
    (finding,) = check(content)
    assert finding.severity is Severity.ERROR


def test_every_rule_has_its_test() -> None:
    """Each code our rules can give is provoked by a test here or in `test_check_kinds`."""
    folder = Path(str(package.__file__)).parent
    given = {
        code
        for path in folder.glob("*.py")
        for code in re.findall(r'(?:error|warn|warn_once|tell)\(\s*"([a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    }
    tested = "".join(Path(str(module)).read_text(encoding="utf-8") for module in (__file__, test_check_kinds.__file__))
    assert {code for code in given if f'"{code}"' not in tested} == set()
    assert len(given) > 90
    assert len(set(RULES)) == len(RULES) > 30


def test_findings_are_counted() -> None:
    """A document broken all over tells its first 200 faults."""
    assert len(check(GOOD.replace(b"</text>", 300 * b"</text>", 1))) == 1
    empty = 300 * b"<component><section/></component>"
    assert len(check(GOOD.replace(b"<structuredBody>", b"<structuredBody>" + empty))) == 200


def test_luhn() -> None:
    """Values of the official examples (reference notes-terminologies-formats §4.1)."""
    assert luhn("10002422979")
    assert luhn("01234567897")
    assert not luhn("07505123456")
