"""Good documents for the rules to find nothing in, from which each test breaks one thing."""

from __future__ import annotations

from dmp_desktop.cda.build import Parent
from dmp_desktop.cda.build.assemble import assemble
from tests.helpers.documents import NOTE, OTHER_ID
from tests.unit.cda.test_build import request

GOOD = assemble(request(NOTE, replaces=Parent(OTHER_ID, OTHER_ID, 1)), None).cda

_PS = b'<id root="1.2.250.1.71.4.2.1" extension="801234567897"/>'
_NAME = b"<assignedPerson><name><family>SECRETAIRE</family></name></assignedPerson>"
# What our builder never writes and CI-SIS allows: (before which tag, what).
_MORE: tuple[tuple[bytes, bytes], ...] = (
    (
        b"<birthplace>",
        b"<guardian><guardianPerson><name><family>TEST-TUTRICE</family></name></guardianPerson></guardian>",
    ),
    (
        b"<custodian>",
        b'<dataEnterer><time value="20261120103000+0100"/><assignedEntity>'
        + _PS
        + _NAME
        + b"</assignedEntity></dataEnterer>"
        b'<informant><relatedEntity classCode="ECON"><code code="MTH" displayName="M\xc3\xa8re" codeSystem="2.16.840.1.113883.5.111"/>'
        b'<addr use="HP"><houseNumber>1</houseNumber><city>Dolancourt</city></addr><telecom value="tel:0601020304" use="MC"/>'
        b"<relatedPerson><name><family>TEST-MERE</family></name></relatedPerson></relatedEntity></informant>"
        b"<informant><assignedEntity>" + _PS + b"<assignedPerson><name><family>TEMOIN</family></name></assignedPerson>"
        b"</assignedEntity></informant>",
    ),
    (
        b'<participant typeCode="INF"',
        b'<authenticator><time value="20261120103100+0100"/><signatureCode code="S"/><assignedEntity>'
        + _PS
        + b"</assignedEntity>"
        b"</authenticator>",
    ),
    (
        b"<documentationOf>",
        b'<inFulfillmentOf><order><id root="1.2.250.1.999.7" extension="42"/></order></inFulfillmentOf>',
    ),
    (
        b"<componentOf>",
        b'<authorization><consent><code code="64292-6" displayName="Non-opposition" codeSystem="2.16.840.1.113883.6.1"/>'
        b'<statusCode code="completed"/></consent></authorization>',
    ),
    (
        b"<location>",
        b"<responsibleParty><assignedEntity>" + _PS + b"</assignedEntity></responsibleParty>"
        b'<encounterParticipant typeCode="ATND"><assignedEntity>' + _PS + b"</assignedEntity></encounterParticipant>",
    ),
)


def _rich() -> bytes:
    document = GOOD
    for tag, more in _MORE:
        assert tag in document
        document = document.replace(tag, more + tag, 1)  # the header comes first
    return document


RICH = _rich()


def section(code: str, *templates: str, entries: str = "", text: str = "Texte.") -> str:
    ids = "".join(f'<templateId root="{root}"/>' for root in templates)
    return (
        f'<component><section>{ids}<code code="{code}" displayName="Section" codeSystem="2.16.840.1.113883.6.1"/>'
        f"<title>Titre</title><text>{text}</text>{entries}</section></component>"
    )


def structured(
    body: str, *, kind: str = "", templates: str = "", service: str = "", setting: str = "AMBULATOIRE"
) -> bytes:
    """GOOD as another kind: its type, its declarations, its act, its sections."""
    document = GOOD.decode()
    start, end = document.index("<structuredBody>"), document.index("</structuredBody>")
    document = f"{document[:start]}<structuredBody>{body}{document[end:]}"
    if kind:
        start = document.index("<code ", document.index("<templateId"))
        document = f"{document[:start]}{kind}{document[document.index('/>', start) + 2 :]}"
    if templates:
        document = document.replace('<templateId root="1.3.6.1.4.1.19376.1.5.3.1.1.1"/>', templates)
    document = document.replace("<serviceEvent>", f"<serviceEvent>{service}")
    return document.replace('code="AMBULATOIRE"', f'code="{setting}"').encode()


_PCC = "1.3.6.1.4.1.19376.1.5.3.1.3."
_LOINC = "2.16.840.1.113883.6.1"
_TEXT = '<text><reference value="#mot"/></text>'
_DONE = '<statusCode code="completed"/>'
_WORD = '<content ID="mot">Un mot.</content>'
_ACTING = (
    '<author><time value="20261120"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="810002422979"/>'
    '<code code="G15_10/SM26" displayName="Médecin" codeSystem="1.2.250.1.213.1.1.4.5"/>'
    "<assignedPerson><name><family>DUPONT</family></name></assignedPerson></assignedAuthor></author>"
)
_RANKED = (
    '<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.82"/>'
    '<templateId root="2.16.840.1.113883.10.20.1.46"/>'
    f'<code code="30973-2" displayName="Rang" codeSystem="{_LOINC}"/>{_DONE}<value xsi:type="INT" value="2"/></observation></entryRelationship>'
)
VACCINATION = (
    '<entry><substanceAdministration classCode="SBADM" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.12"/>'
    '<templateId root="2.16.840.1.113883.10.20.1.24"/><templateId root="1.2.250.1.213.1.1.3.45"/><id root="1.2.3.4"/>'
    f'<code code="INITIMMUNIZ" displayName="Vaccination" codeSystem="2.16.840.1.113883.5.4"/>{_TEXT}{_DONE}'
    '<effectiveTime value="20261120"/><consumable><manufacturedProduct><templateId root="1.2.250.1.213.1.1.3.43"/>'
    '<templateId root="2.16.840.1.113883.10.20.1.53"/><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.7.2"/><manufacturedMaterial>'
    '<code codeSystem="1.2.250.1.213.2.3.1" nullFlavor="UNK"><translation code="J07AM51" displayName="Anatoxine" codeSystem="2.16.840.1.113883.6.73"/>'
    f"</code><name>Tétanos</name><lotNumberText>A123</lotNumberText></manufacturedMaterial></manufacturedProduct></consumable>{_ACTING}{_RANKED}"
    "</substanceAdministration></entry>"
)
WEIGHT = (
    '<entry><organizer classCode="CLUSTER" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.49"/>'
    '<templateId root="2.16.840.1.113883.10.20.1.32"/><templateId root="2.16.840.1.113883.10.20.1.35"/>'
    '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13.1"/><id root="1.2.3.5"/>'
    f'<code code="85353-1" displayName="Signes vitaux" codeSystem="{_LOINC}"/>{_DONE}<effectiveTime value="20261120"/><component>'
    '<observation classCode="OBS" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.50"/>'
    '<templateId root="2.16.840.1.113883.10.20.1.31"/><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13"/>'
    '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13.2"/><id root="1.2.3.6"/>'
    f'<code code="29463-7" displayName="Poids" codeSystem="{_LOINC}"/>{_TEXT}{_DONE}<effectiveTime value="20261120"/>'
    '<value xsi:type="PQ" value="12.4" unit="kg"/></observation></component></organizer></entry>'
)
TEST = (
    '<entry><templateId root="1.3.6.1.4.1.19376.1.3.1"/><act classCode="ACT" moodCode="EVN">'
    f'<code code="96173-0" displayName="TROD" codeSystem="{_LOINC}"/>{_DONE}'
    '<participant typeCode="DEV"><participantRole><playingDevice/></participantRole></participant>'
    '<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.3.1.6"/>'
    f'<code code="78012-2" displayName="Streptocoque A" codeSystem="{_LOINC}"/>{_TEXT}{_DONE}<effectiveTime value="20261120101000+0100"/>'
    '<value xsi:type="CD" code="260385009" displayName="Négatif" codeSystem="2.16.840.1.113883.6.96"/></observation></entryRelationship>'
    "</act></entry>"
)
ABSENCE = (
    '<entry><observation classCode="OBS" moodCode="EVN" negationInd="false"><id root="1.2.3.7"/>'
    f'<code code="48765-2" displayName="Allergies" codeSystem="{_LOINC}"/>{_TEXT}{_DONE}'
    '<value xsi:type="CD" code="no-known-allergies" displayName="Aucune allergie connue" codeSystem="2.16.840.1.113883.5.1150.1"/>'
    "</observation></entry>"
)


def _type(code: str, label: str, system: str = _LOINC) -> str:
    return f'<code code="{code}" displayName="{label}" codeSystem="{system}"/>'


def _template(root: str, version: str = "") -> str:
    return f'<templateId root="{root}" extension="{version}"/>' if version else f'<templateId root="{root}"/>'


_MEDICAL = _template("1.3.6.1.4.1.19376.1.5.3.1.1.1")
VSM = structured(
    section("46612-8", "1.2.250.1.213.1.1.2.29")
    + section("30954-2", f"{_PCC}27")
    + section("18776-5", "1.2.250.1.213.1.1.2.32"),
    kind=_type("SYNTH", "Synthèse", "1.2.250.1.213.1.1.4.12"),
    templates=_template("1.2.250.1.213.1.1.1.13", "2023.01"),
    service=_type("34117-2", "Historique et clinique"),
)
IPS = structured(
    "".join(
        (
            section("11450-4", f"{_PCC}6"),
            section("47519-4", f"{_PCC}11"),
            section("48765-2", f"{_PCC}13", entries=ABSENCE, text=_WORD),
            section("10160-0", f"{_PCC}19"),
            section("46264-8", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.5"),
        )
    ),
    kind=_type("60591-5", "Synthèse médicale"),
    templates=_template("2.16.840.1.113883.10.22.1.1") + _template("1.2.250.1.213.1.1.1.51", "2024.01"),
).replace("Médecin traitant".encode(), "Médecin Traitant".encode())
VACCINATION_NOTE = structured(
    section("11369-6", f"{_PCC}23", entries=VACCINATION, text=_WORD),
    kind=_type("87273-9", "Note de vaccination"),
    templates=_template("1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2") + _template("1.2.250.1.213.1.1.1.46", "2023.01"),
)
ADMISSION_LETTER = structured(
    "".join(
        (
            section("42349-1", f"{_PCC}1"),
            section("48765-2", f"{_PCC}13"),
            section("42346-7", f"{_PCC}20"),
            section("55112-7", "1.3.6.1.4.1.19376.1.4.1.2.16"),
        )
    ),
    kind=_type("18761-7", "Lettre de liaison"),
    templates=_template("1.2.250.1.213.1.1.1.21", "2022.01"),
    service=_type("IMP", "Hospitalisation", "2.16.840.1.113883.5.4"),
)
CHILD_MEASURES = structured(
    section("8716-3", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2", entries=WEIGHT, text=_WORD),
    kind=_type("29274-8", "Mesures"),
    templates=_MEDICAL + _template("1.2.250.1.213.1.1.1.5") + _template("1.2.250.1.213.1.1.1.5.4", "2023.01"),
)
RAPID_TEST = structured(
    section("18725-2", "1.3.6.1.4.1.19376.1.3.3.2.1", entries=TEST, text=_WORD),
    kind=_type("96173-0", "Test rapide d'orientation diagnostique"),
    templates=_MEDICAL + _template("1.2.250.1.213.1.1.1.59", "2024.01"),
    setting="DEPISTAGE",
)
