"""Raw DMP messages for the tests of the sandbox: written by hand, signed with lxml and cryptography, sent with http.client.

Nothing here comes from our client, so that the sandbox is not only tested by what it must judge.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import ssl
import tempfile
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

SOAP = "http://www.w3.org/2003/05/soap-envelope"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
EXISTENCE = "urn:hl7-org:v3:PRPA_IN201307UV02"
AUTHORISE = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization"
QUERY = "urn:ihe:iti:2007:RegistryStoredQuery"
RETRIEVE = "urn:ihe:iti:2007:RetrieveDocumentSet"
PROVIDE = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
LPS_OID = "1.2.250.1.999.1"

_HASHES: dict[str, hashes.HashAlgorithm] = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}
_SIGNATURES = {"sha1": f"{DS}rsa-sha1", "sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}
_DIGESTS = {"sha1": f"{DS}sha1", "sha256": "http://www.w3.org/2001/04/xmlenc#sha256"}


@dataclass(frozen=True)
class Key:
    """A private key with its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @staticmethod
    @lru_cache(maxsize=64)
    def load(path: Path, password: str) -> Key:
        key, certificate, _ = pkcs12.load_key_and_certificates(path.read_bytes(), password.encode())
        assert isinstance(key, rsa.RSAPrivateKey)
        assert certificate is not None
        return Key(key, certificate)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def sign(self, content: bytes, digest: str = "sha256") -> str:
        return base64.b64encode(self.key.sign(content, padding.PKCS1v15(), _HASHES[digest])).decode()


@dataclass(frozen=True)
class Vihf:
    """What an assertion says; tests replace one field at a time."""

    name_id: str
    issuer: str
    ins: str
    oid: str = "1.2.250.1.213.1.4.10"
    mode: str = "DIRECTE"
    context: str = "SmartcardPKI"
    declaration: str = ""
    authenticated: datetime | None = None
    subject: str = "DUPONT Camille"
    structure: str = "410002422979001"
    sector: str = "SA07^1.2.250.1.71.4.2.4"
    roles: tuple[tuple[str, str], ...] = (("10", "1.2.250.1.71.1.2.7"), ("SM26", "1.2.250.1.71.4.2.5"))
    purpose: str = "normal"
    resource: str = ""
    instant: datetime = field(default_factory=lambda: datetime.now(UTC))
    mode_attribute: str = "Authentification_Mode"
    omitted: tuple[str, ...] = ()
    digest: str = "sha256"
    identifier: str = field(default_factory=lambda: f"_{uuid.uuid4()}")

    def xml(self) -> str:
        """The unsigned assertion, with @@SIGNATURE@@ where the signature goes."""
        instant, authenticated = (
            moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            for moment in (self.instant, self.authenticated or self.instant)
        )
        declaration = self.declaration and f"<saml2:AuthnContextDecl>{self.declaration}</saml2:AuthnContextDecl>"
        values = {
            "VIHF_Version": "3.0",
            self.mode_attribute: self.mode,
            "Identifiant_Structure": self.structure,
            "Secteur_Activite": self.sector,
            "urn:oasis:names:tc:xacml:2.0:resource:resource-id": self.resource
            or f"{self.ins}^^^&amp;{self.oid}&amp;ISO^NH",
            "Ressource_URN": "urn:dmp",
            "urn:oasis:names:tc:xspa:1.0:subject:subject-id": self.subject,
            "LPS_Nom": "Essai",
            "LPS_Version": "0",
            "LPS_ID_HOMOLOGATION_DMP": "BAC-A-SABLE",
        }
        rows = "".join(_attribute(name, value) for name, value in values.items() if name not in self.omitted)
        hl7 = 'xmlns="urn:hl7-org:v3" xsi:type="CE"'
        roles = "".join(
            f"<saml2:AttributeValue><Role {hl7} code='{code}' codeSystem='{system}'/></saml2:AttributeValue>"
            for code, system in self.roles
        )
        purpose = f"<PurposeOfUse {hl7} code='{self.purpose}' codeSystem='1.2.250.1.213.1.1.4.248'/>"
        return (
            f'<saml2:Assertion xmlns:saml2="{SAML}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'ID="{self.identifier}" IssueInstant="{instant}" Version="2.0">'
            f'<saml2:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName">{escape(self.issuer)}'
            f"</saml2:Issuer>@@SIGNATURE@@<saml2:Subject><saml2:NameID>{self.name_id}</saml2:NameID></saml2:Subject>"
            f'<saml2:AuthnStatement AuthnInstant="{authenticated}"><saml2:AuthnContext><saml2:AuthnContextClassRef>'
            f"urn:oasis:names:tc:SAML:2.0:ac:classes:{self.context}</saml2:AuthnContextClassRef>{declaration}</saml2:AuthnContext>"
            f"</saml2:AuthnStatement><saml2:AttributeStatement>{rows}"
            f'<saml2:Attribute Name="urn:oasis:names:tc:xacml:2.0:subject:role">{roles}</saml2:Attribute>'
            f"{_attribute('urn:oasis:names:tc:xspa:1.0:subject:purposeofuse', purpose)}"
            "</saml2:AttributeStatement></saml2:Assertion>"
        )

    def signed(self, signer: Key) -> str:
        """The assertion with its enveloped signature."""
        content = etree.fromstring(self.xml().replace("@@SIGNATURE@@", "").encode())
        digest = _digest(etree.tostring(content, method="c14n", exclusive=True), self.digest)
        info = (
            f'<SignedInfo xmlns="{DS}"><CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
            f'<SignatureMethod Algorithm="{_SIGNATURES[self.digest]}"/><Reference URI="#{self.identifier}"><Transforms>'
            f'<Transform Algorithm="{DS}enveloped-signature"/><Transform Algorithm="{EXCLUSIVE}"/></Transforms>'
            f'<DigestMethod Algorithm="{_DIGESTS[self.digest]}"/><DigestValue>{digest}</DigestValue></Reference></SignedInfo>'
        )
        value = signer.sign(etree.tostring(etree.fromstring(info), method="c14n", exclusive=True), self.digest)
        certificate = base64.b64encode(signer.der).decode()
        signature = (
            f'<Signature xmlns="{DS}">{info}<SignatureValue>{value}</SignatureValue><KeyInfo><X509Data><X509Certificate>'
            f"{certificate}</X509Certificate></X509Data></KeyInfo></Signature>"
        )
        return self.xml().replace("@@SIGNATURE@@", signature)


def _attribute(name: str, value: str) -> str:
    return f'<saml2:Attribute Name="{name}"><saml2:AttributeValue>{value}</saml2:AttributeValue></saml2:Attribute>'


def _digest(content: bytes, name: str) -> str:
    return base64.b64encode(hashlib.new(name, content).digest()).decode()


def envelope(action: str, body: str, assertion: str, *, without: tuple[str, ...] = (), soap: str = SOAP) -> bytes:
    """A SOAP request; `without` names addressing headers to leave out."""
    headers = {
        "MessageID": f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>",
        "To": "<a:To/>",
        "ReplyTo": f'<a:ReplyTo s:mustUnderstand="true"><a:Address>{ANONYMOUS}</a:Address></a:ReplyTo>',
        "Action": f'<a:Action s:mustUnderstand="true">{action}</a:Action>',
    }
    kept = "".join(value for name, value in headers.items() if name not in without)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{soap}" xmlns:a="http://www.w3.org/2005/08/addressing" '
        f'xmlns:urn="urn:hl7-org:v3"><s:Header>{kept}<w:Security xmlns:w="{WSSE}">{assertion}</w:Security></s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def existence_body(ins: str, oid: str = "1.2.250.1.213.1.4.10", reason: str = "TEST_EXST") -> str:
    """PRPA_IN201307UV02 of TD0.2."""
    return (
        '<PRPA_IN201307UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">'
        f'<id root="{LPS_OID}" extension="{uuid.uuid4()}"/><creationTime value="20261122100000"/>'
        '<interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201307UV02"/><processingCode code="D"/>'
        '<processingModeCode code="T"/><acceptAckCode code="AL"/>'
        '<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE"><id root="1.2.250.1.213.4.1.1.1"/>'
        "<softwareName>DMP</softwareName></device></receiver>"
        f'<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id root="{LPS_OID}"/>'
        "<softwareName>Essai</softwareName></device></sender>"
        '<controlActProcess classCode="CACT" moodCode="EVN">'
        f'<reasonCode code="{reason}" codeSystem="1.2.250.1.213.1.1.4.11"/>'
        f'<queryByParameter><queryId root="{LPS_OID}" extension="1"/><statusCode code="new"/><parameterList>'
        f'<patientIdentifier><value root="{oid}" extension="{ins}"/><semanticsText>Patient.id</semanticsText>'
        "</patientIdentifier></parameterList></queryByParameter></controlActProcess></PRPA_IN201307UV02>"
    )


def authorise_body(action: str, role: str = "") -> str:
    """setAuthorization of TD0.3."""
    more = f"<role>{role}</role>" if role else ""
    return f'<setAuthorization xmlns="urn:si-dmp-habilitations"><action>{action}</action>{more}</setAuthorization>'


APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"


def query_body(query: str, slots: dict[str, str | list[str]], return_type: str = "LeafClass") -> str:
    """AdhocQueryRequest of TD3.1; values as they go on the wire."""
    rows = "".join(
        f'<rim:Slot name="{name}"><rim:ValueList>'
        + "".join(
            f"<rim:Value>{escape(value)}</rim:Value>" for value in ([values] if isinstance(values, str) else values)
        )
        + "</rim:ValueList></rim:Slot>"
        for name, values in slots.items()
    )
    return (
        '<query:AdhocQueryRequest xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" '
        'xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">'
        f'<query:ResponseOption returnComposedObjects="true" returnType="{return_type}"/>'
        f'<rim:AdhocQuery id="{query}">{rows}</rim:AdhocQuery></query:AdhocQueryRequest>'
    )


def find_body(ins: str, status: str = APPROVED, return_type: str = "LeafClass", **more: str | list[str]) -> str:
    """FindDocuments of one patient; keyword `TypeCode` stands for `$XDSDocumentEntryTypeCode`."""
    slots: dict[str, str | list[str]] = {
        "$XDSDocumentEntryPatientId": f"'{ins}^^^&1.2.250.1.213.1.4.10&ISO^NH'",
        "$XDSDocumentEntryStatus": f"('{status}')",
    }
    slots.update({f"$XDSDocumentEntry{name}": value for name, value in more.items()})
    return query_body(FIND_DOCUMENTS, slots, return_type)


def retrieve_body(*unique_ids: str, repository: str = "1.2.250.1.213.4.1.1.1.2") -> str:
    """RetrieveDocumentSetRequest of TD3.2."""
    rows = "".join(
        f"<DocumentRequest><RepositoryUniqueId>{repository}</RepositoryUniqueId>"
        f"<DocumentUniqueId>{unique_id}</DocumentUniqueId></DocumentRequest>"
        for unique_id in unique_ids
    )
    return f'<RetrieveDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007">{rows}</RetrieveDocumentSetRequest>'


@dataclass
class Answer:
    """An HTTP answer, its SOAP body and its attachments."""

    status: int
    content_type: str
    content: bytes
    parts: dict[str, bytes] = field(default_factory=dict)

    @property
    def envelope(self) -> Any:
        return etree.fromstring(self.content)

    @property
    def body(self) -> Any:
        return self.envelope.find(f"{{{SOAP}}}Body")[0]

    @property
    def fault(self) -> tuple[str, str]:
        """Subcode and reason of a fault."""
        subcode = self.body.findtext(f".//{{{SOAP}}}Subcode/{{{SOAP}}}Value")
        return subcode, self.body.findtext(f".//{{{SOAP}}}Reason/{{{SOAP}}}Text")

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(errorCode, codeContext) of a registry answer."""
        return [(e.get("errorCode"), e.get("codeContext")) for e in self.body.iter("{*}RegistryError")]


class Caller:
    """One identity of the sandbox, with its TLS connection."""

    def __init__(self, ready: dict[str, Any], identity: str) -> None:
        self.ready = ready
        chosen = ready["identities"][identity]
        folder = Path(chosen["p12"])
        self.auth = Key.load(folder / "auth.p12", chosen["password"])
        self.sign = Key.load(folder / "sign.p12", chosen["password"])
        self.identity = identity
        self.context = tls_context(ready["ca"], self.auth)
        self._connection: http.client.HTTPSConnection | None = None

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def vihf(self, ins: str) -> Vihf:
        """The ordinary assertion of this identity."""
        common = {"issuer": self.sign.certificate.subject.rfc4514_string(), "ins": ins}
        names = self.sign.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        if self.identity == "doctor":
            return Vihf(name_id=str(names[0].value), **common)
        if self.identity == "secretary":
            role = (("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6"),)
            return replace(Vihf(name_id=str(names[0].value), **common), roles=role)
        professional = self.ready["identities"]["structure"]["professional"]
        base = Vihf(name_id=f"8{professional['rpps']}", **common)
        return replace(base, mode="INDIRECTE", context="Password")

    def post(self, path: str, content: bytes, content_type: str) -> Answer:
        """One POST on the kept connection."""
        parts = urlsplit(self.ready["url"])
        if self._connection is None:
            assert parts.hostname is not None
            self._connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=self.context, timeout=30)
        self._connection.request("POST", parts.path + path, content, {"Content-Type": content_type})
        response = self._connection.getresponse()
        answer = Answer(response.status, response.getheader("Content-Type", ""), response.read())
        return _unpack(answer)

    def call(self, path: str, action: str, body: str, ins: str, vihf: Vihf | None = None) -> Answer:
        """One plain SOAP request with a fresh assertion."""
        message = envelope(action, body, (vihf or self.vihf(ins)).signed(self.sign))
        return self.post(path, message, f'application/soap+xml; charset=UTF-8; action="{action}"')

    def existence(self, ins: str, vihf: Vihf | None = None) -> Answer:
        return self.call("/patients", EXISTENCE, existence_body(ins), ins, vihf)

    def authorise(self, ins: str, action: str = "AJOUT", role: str = "", vihf: Vihf | None = None) -> Answer:
        return self.call("/habilitations", AUTHORISE, authorise_body(action, role), ins, vihf)

    def find(self, ins: str, vihf: Vihf | None = None, **criteria: Any) -> Answer:
        return self.call("/registry", QUERY, find_body(ins, **criteria), ins, vihf)

    def retrieve(self, ins: str, *unique_ids: str, vihf: Vihf | None = None) -> Answer:
        return self.call("/repository", RETRIEVE, retrieve_body(*unique_ids), ins, vihf)


def _unpack(answer: Answer) -> Answer:
    if not answer.content_type.startswith("multipart/related"):
        return answer
    boundary = answer.content_type.split('boundary="')[1].split('"')[0].encode()
    pieces = (b"\r\n" + answer.content).split(b"\r\n--" + boundary)[1:-1]
    named = {}
    for piece in pieces:
        head, _, content = piece.partition(b"\r\n\r\n")
        named[head.split(b"Content-ID: <")[1].split(b">")[0].decode()] = content
    root = answer.content_type.split('start="<')[1].split(">")[0]
    return Answer(answer.status, answer.content_type, named.pop(root), named)


def tls_context(ca: str, key: Key | None) -> ssl.SSLContext:
    """A strict client context: the sandbox's CA only, and the RFC 5280 checks that Python 3.13 makes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_verify_locations(ca)
    if key:
        plain = serialization.NoEncryption()
        with tempfile.TemporaryDirectory() as folder:
            pem = Path(folder) / "key.pem"
            private = key.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
            pem.write_bytes(key.certificate.public_bytes(serialization.Encoding.PEM) + private)
            context.load_cert_chain(pem)
    return context
