"""Everything our client says to the stand-in, and all it is answered, against the schemas of SOAP, SAML, HL7, ebXML and IHE."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.dmp.names import SAML
from tests.helpers.dmp_day import whole_day

pytestmark = pytest.mark.shared

HL7 = "pdqv3-wsdl/schema/HL7V3/NE2008/multicacheschemas"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
SOAP_BODY = "{http://www.w3.org/2003/05/soap-envelope}Body"
XOP_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
SCHEMAS = {
    "AdhocQueryRequest": "xds-nist-v3/query.xsd",
    "AdhocQueryResponse": "xds-nist-v3/query.xsd",
    "SubmitObjectsRequest": "xds-nist-v3/lcm.xsd",
    "RegistryResponse": "xds-nist-v3/rs.xsd",
    "ProvideAndRegisterDocumentSetRequest": "xds-nist-v3/XDS.b_DocumentRepository.xsd",
    "RetrieveDocumentSetRequest": "xds-nist-v3/XDS.b_DocumentRepository.xsd",
    "RetrieveDocumentSetResponse": "xds-nist-v3/XDS.b_DocumentRepository.xsd",
    "PRPA_IN201305UV02": f"{HL7}/PRPA_IN201305UV02.xsd",
    "PRPA_IN201306UV02": f"{HL7}/PRPA_IN201306UV02.xsd",
}
# Not in the copy of HL7's schemas: each differs from its neighbour by its patient and its query.
DERIVED = {
    "PRPA_IN201307UV02": ("PRPA_IN201305UV02", {"PRPA_MT201306UV02": "PRPA_MT201307UV02"}),
    "PRPA_IN201308UV02": (
        "PRPA_IN201306UV02",
        {"PRPA_MT201310UV02": "PRPA_MT201303UV02", "PRPA_MT201306UV02": "PRPA_MT201307UV02"},
    ),
}
WITHOUT_SCHEMA = {
    "setAuthorization", "setAuthorizationResponse", "patientList", "patientListResponse", "listAuthorizationByPatient",
    "listAuthorizationByPatientResponse", "RECSANSVITALE", "RECVITALE", "RESULTAT",
}  # fmt: skip
"""The DMP's own services and INSi: their WSDL are not public. The stand-in holds them to the reference §2.1 and §7."""

PNR, UPDATE = "ProvideAndRegisterDocumentSetRequest", "SubmitObjectsRequest"
DONE = "RegistryResponse .*ResponseStatusType:Success"
LISTED = "AdhocQueryResponse .*ResponseStatusType:Success"
VERSION = "PreviousVersion"
TRANSACTIONS = {
    "TD0.2": ("PRPA_IN201307UV02 .*TEST_EXST", "PRPA_IN201308UV02"),
    "TD0.3 add": ("setAuthorization .*>AJOUT<(?!.*MEDECIN_TRAITANT)", "setAuthorizationResponse"),
    "TD0.3 attending doctor": ("setAuthorization .*MEDECIN_TRAITANT", "setAuthorizationResponse"),
    "TD0.3 remove": ("setAuthorization .*>SUPPRESSION<", "setAuthorizationResponse"),
    "TD0.4 by authorisation": ("patientList .*>LASTAUTORIZATION<", "patientListResponse"),
    "TD0.4 by document": ("patientList .*>LASTDOC<", "patientListResponse"),
    "TD0.5": ("PRPA_IN201305UV02 ", "PRPA_IN201306UV02"),
    "TD1.3a": ("PRPA_IN201307UV02 .*CNSLT_DATA", "PRPA_IN201308UV02"),
    "TD1.6 active": ("listAuthorizationByPatient .*>ACTIVE<", "listAuthorizationByPatientResponse"),
    "TD1.6 forbidden": ("listAuthorizationByPatient .*>INTERDITE<", "listAuthorizationByPatientResponse"),
    "TD1.6 all": ("listAuthorizationByPatient .*>TOUTE<", "listAuthorizationByPatientResponse"),
    "TD2.1a": (f"{PNR} (?!.*RPLC)", DONE),
    "TD2.1b": (f"{PNR} .*AssociationType:RPLC", DONE),
    "TD2.2": (f"{PNR} .*SECRETARIAT_MEDICAL", DONE),
    "TD3.1 FindDocuments": ("AdhocQueryRequest .*14d4debf-8f97-4251-9a74-a90016b0af0d", LISTED),
    "TD3.1 FindSubmissionSets": ("AdhocQueryRequest .*f26abbcb-ac74-4422-8a30-edb644bbc1a9", LISTED),
    "TD3.1 GetDocuments": ("AdhocQueryRequest .*5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4", LISTED),
    "TD3.1 FindDocumentsByReferenceId": ("AdhocQueryRequest .*12941a89-e02e-4be5-967c-ce4bfc8fe492", LISTED),
    "TD3.1 GetAssociations": ("AdhocQueryRequest .*a7ae438b-4bc2-4642-93e9-be891f7bb155", LISTED),
    "TD3.1 GetDocumentsAndAssociations": ("AdhocQueryRequest .*bab9529a-4a10-40b3-a01f-f68a615d247a", LISTED),
    "TD3.1 references": ("AdhocQueryRequest .*ObjectRef", f"{LISTED}.*ObjectRef"),
    "TD3.2": ("RetrieveDocumentSetRequest ", "RetrieveDocumentSetResponse .*Status(Type)?:Success"),
    "TD3.2 of several": (
        "RetrieveDocumentSetRequest .*DocumentUniqueId.*DocumentUniqueId>.*DocumentUniqueId",
        "RetrieveDocumentSetResponse .*DocumentResponse.*DocumentResponse.*DocumentResponse",
    ),
    "TD3.3a mask": (f"{UPDATE} (?=.*{VERSION}).*MASQUE_PS", DONE),
    "TD3.3a unmask, TD3.3b": (f"{UPDATE} (?!.*(MASQUE_PS|INVISIBLE)).*{VERSION}", DONE),
    "TD3.3c": (f"{UPDATE} .*NewStatus.{{0,60}}StatusType:Deleted", DONE),
    "TD3.3d archive": (f"{UPDATE} .*NewStatus.{{0,60}}StatusType:Archived", DONE),
    "TD3.3d back": (f"{UPDATE} .*NewStatus.{{0,80}}StatusType:Approved", DONE),
    "INSi by traits": ("RECSANSVITALE ", "RESULTAT .*>00<"),
    "INSi, nobody": ("RECSANSVITALE ", "RESULTAT .*>01<"),
    "INSi, several": ("RECSANSVITALE ", "RESULTAT .*>02<"),
    "INSi by carte Vitale": ("RECVITALE ", "RESULTAT .*>00<"),
    "a fault of the DMP": ("AdhocQueryRequest ", "Fault .*DMPAccessDeniedByRightsService"),
    "a fault of INSi": ("RECSANSVITALE ", "Fault .*siram_100"),
    "a refused deposit": (f"{PNR} ", "RegistryResponse .*RegistryError"),
    "a refused update": (f"{UPDATE} ", "RegistryResponse .*RegistryError"),
    "a refused reading": ("RetrieveDocumentSetRequest ", "RetrieveDocumentSetResponse .*RegistryError"),
}
"""What is asked and what is answered, both as `told` writes them."""


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[etree._Element, etree._Element]]:
    return whole_day(tmp_path_factory.mktemp("messages"))


@pytest.fixture(scope="module")
def messages(exchanges: list[tuple[etree._Element, etree._Element]]) -> list[etree._Element]:
    return [message for exchange in exchanges for message in exchange]


@pytest.fixture(scope="module")
def schemas(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, etree.XMLSchema]:
    found = {path: etree.XMLSchema(etree.parse(shared / "xsd" / path)) for path in set(SCHEMAS.values())}
    made = {name: found[path] for name, path in SCHEMAS.items()}
    base = (shared / "xsd" / HL7).resolve()
    for name, (neighbour, changes) in DERIVED.items():
        text = (base / f"{neighbour}.xsd").read_text("utf-8").replace(neighbour, name)
        for old, new in changes.items():
            text = text.replace(old, new)
        text = text.replace('schemaLocation="../', f'schemaLocation="{base.parent.as_uri()}/')
        for family in "MPQ":
            text = text.replace(f'schemaLocation="{family}', f'schemaLocation="{base.as_uri()}/{family}')
        file = tmp_path_factory.mktemp("xsd") / f"{name}.xsd"
        file.write_text(text, "utf-8")
        made[name] = etree.XMLSchema(etree.parse(file))
    return made


def content(envelope: etree._Element) -> etree._Element:
    """What the Body holds, by itself, as the schemas can judge it."""
    alone = etree.fromstring(etree.tostring(envelope.find(SOAP_BODY)[0]))
    for value in alone.iter("{*}value"):
        if value.get(XSI_TYPE) == "CV":  # the copy of the schemas knows CE, its parent, but not CV
            value.set(XSI_TYPE, "CE")
    for include in list(alone.iter(XOP_INCLUDE)):  # XOP stands for base64 in the infoset the schema speaks of
        holder = include.getparent()
        holder.remove(include)
        holder.text = "AA=="
    return alone


def without_hl7_types(element: etree._Element) -> None:
    """SAML lets any element in an attribute, and its schema knows no type of HL7."""
    for coded in element.iter("{urn:hl7-org:v3}*"):
        coded.attrib.pop(XSI_TYPE, None)


def told(envelope: etree._Element) -> str:
    """The name of what the Body holds, then all of the envelope."""
    body = envelope.find(SOAP_BODY)[0]
    return f"{etree.QName(body).localname} {etree.tostring(envelope, encoding='unicode')}"


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_each_transaction_was_said_and_answered(
    exchanges: list[tuple[etree._Element, etree._Element]], name: str
) -> None:
    """The schemas judge every message of that day: this one is among them, both ways."""
    said, answered = (re.compile(pattern, re.DOTALL) for pattern in TRANSACTIONS[name])
    assert any(said.match(told(one)) and answered.match(told(other)) for one, other in exchanges)


def test_every_body(messages: list[etree._Element], schemas: dict[str, etree.XMLSchema]) -> None:
    seen = set()
    for envelope in messages:
        body = content(envelope)
        name = etree.QName(body).localname
        seen.add(name)
        if name in schemas:
            assert schemas[name].validate(body), f"{name}: {schemas[name].error_log}"
        else:
            assert name in WITHOUT_SCHEMA | {"Fault"}
    assert seen >= schemas.keys() | WITHOUT_SCHEMA, "a kind of message that nothing was judged of"


def test_every_envelope(shared: Path, messages: list[etree._Element]) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "xsd/pdqv3-wsdl/schema/soap-1.2-envelope.xsd"))
    for message in messages:
        envelope = etree.fromstring(etree.tostring(message))
        without_hl7_types(envelope)
        body = envelope.find(SOAP_BODY)
        if not body[0].tag.endswith("}Fault"):
            body.clear()
        assert schema.validate(envelope), schema.error_log


def test_every_assertion(shared: Path, messages: list[etree._Element]) -> None:
    """The VIHF of each mode, and of the secret connection."""
    schema = etree.XMLSchema(etree.parse(shared / "xsd/xacml_saml/sstc-saml-schema-assertion-2.0.xsd"))
    told = set()
    for message in messages:
        for assertion in message.iter(f"{{{SAML}}}Assertion"):
            alone = etree.fromstring(etree.tostring(assertion))
            without_hl7_types(alone)
            assert schema.validate(alone), schema.error_log
            told |= {value.get("code") for value in alone.iter("{*}PurposeOfUse")}
            told |= {(value.text or "").partition("^")[0] for value in alone.iter(f"{{{SAML}}}AttributeValue")}
    assert told >= {"normal", "bris_de_glace", "centre_15", "INVISIBLE_REPRESENTANTS_LEGAUX"}
