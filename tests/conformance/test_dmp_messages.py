"""Everything our client says to the stand-in, and all it is answered, against the schemas of SOAP, SAML, HL7, ebXML and IHE."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.dmp.names import SAML
from dmp_desktop.domain.access import AccessMode, AuthorisationFilter, DossierDate, PersonQuery
from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.domain.ports import FindCriteria, Transport, TransportReply
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Sandbox
from tests.contract.test_dmp_repository import build, lot
from tests.helpers.sandbox_client import Connection, patient_of

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
    "listAuthorizationByPatientResponse",
}  # fmt: skip
"""The DMP's own services: their WSDL is not public."""


@dataclass
class Heard:
    """A transport that keeps what passes."""

    transport: Transport
    messages: list[etree._Element] = field(default_factory=list)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        self._keep(body)
        reply = self.transport.post(path, body, headers)
        content = reply.read()
        self._keep(content)
        return Told(reply.status, reply.headers, content)

    def _keep(self, body: bytes) -> None:
        """The envelope, alone or as the root of a package."""
        found = re.search(rb"<([\w.-]+:)?Envelope.*?</([\w.-]+:)?Envelope>", body, re.DOTALL)
        assert found
        self.messages.append(etree.fromstring(found[0]))

    def close(self) -> None:
        self.transport.close()


@dataclass
class Told:
    status: int
    headers: Mapping[str, str]
    content: bytes

    def read(self) -> bytes:
        return self.content

    def chunks(self) -> Iterator[bytes]:
        yield self.content


def refused(ask: Callable[[], object]) -> None:
    with pytest.raises(DmpError):
        ask()


def whole_day(connection: Connection, patient: Patient, child: Patient, absent: Patient) -> None:
    """Every transaction once, with its refusals."""
    dmp, ins = connection.client, patient.ins
    for one in (patient, child, absent):
        dmp.status(one.ins)
    dmp.withdraw(ins)
    dmp.authorise(ins, attending=True)
    dmp.authorise(ins)
    for date in DossierDate:
        dmp.records(datetime(2020, 1, 1, tzinfo=UTC), date)
    dmp.administrative(child.ins)
    refused(lambda: dmp.administrative(absent.ins))
    for which in AuthorisationFilter:
        dmp.professionals(ins, which)
    regulation = dmp.in_mode(AccessMode.CENTRE_15)
    assert patient.address
    regulation.search_person(PersonQuery(patient.birth_family))
    regulation.search_person(
        PersonQuery(
            patient.birth_family, patient.first_given, patient.birth_date, Sex.FEMALE, patient.address.city, patient.address.postal_code
        )
    )  # fmt: skip
    regulation.search_person(PersonQuery("TEST-<&>", sex=Sex.UNKNOWN))
    list(dmp.in_mode(AccessMode.NORMAL, secret=True).find(child.ins, FindCriteria()))
    list(dmp.in_mode(AccessMode.BRIS_DE_GLACE).find(ins, FindCriteria(authors=("DUPONT",))))
    built = build(connection, patient)
    dmp.submit(lot(built, patient))
    refused(lambda: dmp.submit(lot(built, patient)))
    (entry,) = dmp.find_by_unique_id(ins, [built.unique_id])
    dmp.retrieve(ins, entry)
    dmp.find_by_entry_uuid(ins, [entry.entry_uuid])
    dmp.find_associations(ins, [entry.entry_uuid])
    dmp.find_submissions(ins, datetime(2026, 1, 1, tzinfo=UTC))
    dmp.find_by_reference(ins, ["1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order"])
    dmp.set_visibility(ins, entry, frozenset({Visibility.MASQUE_PS}))
    (masked,) = dmp.find_by_unique_id(ins, [built.unique_id])
    dmp.set_status(ins, masked, Availability.ARCHIVED)
    refused(lambda: dmp.set_status(ins, masked, Availability.DELETED))


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[etree._Element]:
    heard: list[Heard] = []

    def listen(transport: Transport) -> Transport:
        heard.append(Heard(transport))
        return heard[0]

    with Sandbox(tmp_path_factory.mktemp("messages")) as sandbox, Connection(sandbox, heard=listen) as connection:
        whole_day(connection, *(patient_of(sandbox, story) for story in ("ordinary", "child", "none")))
    return heard[0].messages


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
