"""A raw TD2.1 submission for the tests of the sandbox: metadata, CDA, lot signature, MTOM body, each changeable."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from tests.helpers.dmp_wire import DS, PROVIDE, Answer, Caller, Key, Vihf, envelope

SET_NODE = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
C14N_COMMENTS = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
XADES = "http://uri.etsi.org/01903/v1.1.1#"
_METHODS = {"sha1": f"{DS}rsa-sha1", "sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}
_DIGESTS = {"sha1": f"{DS}sha1", "sha256": "http://www.w3.org/2001/04/xmlenc#sha256"}
PERSON = "810002422979^DUPONT^Camille^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS"
STRUCTURE = "Cabinet des Lilas^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^410002422979001"


def oid() -> str:
    return f"2.25.{uuid.uuid4().int}"


def cda(unique_id: str, ins: str, replaces: str = "", oid_ins: str = "1.2.250.1.213.1.4.10") -> bytes:
    """As much of a CDA as the sandbox looks at."""
    parent = ""
    if replaces:
        parent = f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{replaces}"/></parentDocument></relatedDocument>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- essai --><ClinicalDocument xmlns="urn:hl7-org:v3">'
        f'<id root="{unique_id}"/><recordTarget><patientRole><id root="{oid_ins}" extension="{ins}"/></patientRole>'
        f"</recordTarget>{parent}</ClinicalDocument>"
    ).encode()


def slot(name: str, *values: str) -> str:
    rows = "".join(f"<Value>{value}</Value>" for value in values)
    return f'<Slot name="{name}"><ValueList>{rows}</ValueList></Slot>'


def code(owner: str, scheme: str, value: str, system: str) -> str:
    return (
        f'<Classification id="urn:uuid:{uuid.uuid4()}" classificationScheme="urn:uuid:{scheme}" classifiedObject="{owner}" '
        f'nodeRepresentation="{value}">{slot("codingScheme", system)}<Name><LocalizedString value="{value}"/></Name>'
        "</Classification>"
    )


def _author(owner: str, scheme: str) -> str:
    return (
        f'<Classification id="urn:uuid:{uuid.uuid4()}" classificationScheme="urn:uuid:{scheme}" classifiedObject="{owner}" '
        f'nodeRepresentation="">{slot("authorPerson", PERSON)}{slot("authorInstitution", STRUCTURE)}</Classification>'
    )


def _external(owner: str, scheme: str, value: str) -> str:
    return (
        f'<ExternalIdentifier id="urn:uuid:{uuid.uuid4()}" registryObject="{owner}" '
        f'identificationScheme="urn:uuid:{scheme}" value="{value}"><Name><LocalizedString value="x"/></Name></ExternalIdentifier>'
    )


def association(kind: str, source: str, target: str, slots: str = "") -> str:
    return (
        f'<Association id="urn:uuid:{uuid.uuid4()}" associationType="{kind}" sourceObject="{source}" '
        f'targetObject="{target}">{slots}</Association>'
    )


@dataclass
class Lot:
    """One document and the signature of its lot. `edit` changes the metadata, `edit_signature` the signature document."""

    ins: str
    unique_id: str = field(default_factory=oid)
    set_unique_id: str = field(default_factory=oid)
    replaces_uuid: str = ""
    replaces_unique_id: str = ""
    restrictions: tuple[str, ...] = ()
    digest: str = "sha1"
    content: bytes = b""
    more_slots: str = ""
    edit: Callable[[str], str] = str
    edit_signature: Callable[[str], str] = str
    without_documents: tuple[str, ...] = ()
    stray_document: bool = False
    signed_content: bytes = b""

    def __post_init__(self) -> None:
        self.content = self.content or cda(self.unique_id, self.ins, self.replaces_unique_id)

    @property
    def cx(self) -> str:
        return f"{self.ins}^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"

    def metadata(self) -> str:
        """The RegistryObjectList."""
        members = slot("SubmissionSetStatus", "Original")
        has_member = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
        links = association(has_member, "set", "doc", members) + association(has_member, "set", "sig", members)
        links += association("urn:ihe:iti:2007:AssociationType:signs", "sig", "set")
        if self.replaces_uuid:
            links += association("urn:ihe:iti:2007:AssociationType:RPLC", "doc", self.replaces_uuid)
        document = self._entry(
            "doc", self.unique_id, "Compte rendu", ("10", "1.2.250.1.213.1.1.4.1"), ("11488-4", "2.16.840.1.113883.6.1"),
            "urn:ihe:iti:xds-sd:pdf:2008", self.restrictions,
        )  # fmt: skip
        signature = self._entry(
            "sig", oid(), "Source", ("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN"), ("E1762", "ASTM"),
            "http://www.w3.org/2000/09/xmldsig#", ("MASQUE_PS", "INVISIBLE_PATIENT"),
        )  # fmt: skip
        return self.edit(
            '<RegistryObjectList xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">'
            f"{self.submission_set()}{document}{signature}{links}</RegistryObjectList>"
        )

    def submission_set(self) -> str:
        """The RegistryPackage of the lot."""
        return (
            f'<RegistryPackage id="set">{slot("submissionTime", "20261122100500")}<Name><LocalizedString value="Lot"/></Name>'
            f'<Classification id="urn:uuid:{uuid.uuid4()}" classifiedObject="set" classificationNode="{SET_NODE}"/>'
            f"{_author('set', 'a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d')}"
            f"{code('set', 'aa543740-bdda-424e-8c96-df4873be8500', '07', '1.2.250.1.213.2.2')}"
            f"{_external('set', '6b5aea1a-874d-4603-a4bc-96a0a7b38446', self.cx)}"
            f"{_external('set', '554ac39e-e3fe-47fe-b233-965d2a147832', '1.2.250.1.999.1')}"
            f"{_external('set', '96fdda7c-d067-4183-912e-bf5ee74998a8', self.set_unique_id)}</RegistryPackage>"
        )

    def _entry(
        self, owner: str, unique_id: str, title: str, group: tuple[str, str], kind: tuple[str, str], form: str,
        restrictions: tuple[str, ...],
    ) -> str:  # fmt: skip
        times = slot("creationTime", "20261122100000") + slot("serviceStartTime", "20261122090000")
        patient = slot("sourcePatientId", self.cx) + slot("sourcePatientInfo", "PID-5|TEST-X^Y^^^^^L", "PID-8|F")
        more = self.more_slots if owner == "doc" else ""
        codes = (
            _author(owner, "93606bcf-9494-43ec-9b4e-a7748d1a838d")
            + code(owner, "41a5887f-8865-4c09-adf7-e362475b143a", *group)
            + code(owner, "f0306f51-975f-434e-a61c-c59651d33983", *kind)
            + code(owner, "a09d5840-386c-46f2-b5ad-9c3699a4309d", form, "1.3.6.1.4.1.19376.1.2.3")
            + code(owner, "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", "SA07", "1.2.250.1.71.4.2.4")
            + code(owner, "cccf5598-8b07-4b77-a05e-ae952c785ead", "AMBULATOIRE", "1.2.250.1.213.1.1.4.9")
            + code(owner, "f4f85eac-e6cb-4883-b524-f2705394840f", "N", "2.16.840.1.113883.5.25")
            + "".join(
                code(owner, "f4f85eac-e6cb-4883-b524-f2705394840f", name, "1.2.250.1.213.1.1.4.13")
                for name in restrictions
            )
        )
        return (
            f'<ExtrinsicObject id="{owner}" mimeType="text/xml" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
            f"{times}{slot('languageCode', 'fr-FR')}{slot('legalAuthenticator', PERSON)}{patient}{more}"
            f'<Name><LocalizedString xml:lang="fr-FR" charset="UTF-8" value="{title}"/></Name>{codes}'
            f"{_external(owner, '58a6f841-87b3-4a3e-92fd-a8ffeff98427', self.cx)}"
            f"{_external(owner, '2e82c1f6-a085-4c72-9da3-8640a32e42ab', unique_id)}</ExtrinsicObject>"
        )

    def signature(self, signer: Key) -> bytes:
        """The XAdES document over the manifest of the lot."""
        parser = etree.XMLParser(huge_tree=True)
        root = etree.fromstring(self.signed_content or self.content, parser).getroottree()
        digest = _digest(etree.tostring(root, method="c14n", with_comments=True), self.digest)
        method = f'<ds:DigestMethod Algorithm="{_DIGESTS[self.digest]}"/>'
        manifest = (
            f'<ds:Manifest Id="IHEManifest"><ds:Reference URI="urn:oid:{self.set_unique_id}">{method}'
            f'<ds:DigestValue>AA==</ds:DigestValue></ds:Reference><ds:Reference URI="urn:oid:{self.unique_id}"><ds:Transforms>'
            f'<ds:Transform Algorithm="{C14N_COMMENTS}"/></ds:Transforms>{method}<ds:DigestValue>{digest}</ds:DigestValue>'
            "</ds:Reference></ds:Manifest>"
        )
        properties = (
            '<xad:SignedProperties Id="S0-SignedProperties"><xad:SignedSignatureProperties>'
            "<xad:SigningTime>2026-11-22T10:05:00Z</xad:SigningTime><xad:SigningCertificate><xad:Cert><xad:CertDigest>"
            f'<xad:DigestMethod Algorithm="{_DIGESTS[self.digest]}"/>'
            f"<xad:DigestValue>{_digest(signer.der, self.digest)}</xad:DigestValue></xad:CertDigest><xad:IssuerSerial>"
            "<ds:X509IssuerName>CN=x</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber></xad:IssuerSerial>"
            "</xad:Cert></xad:SigningCertificate><xad:SignaturePolicyIdentifier><xad:SignaturePolicyImplied/>"
            "</xad:SignaturePolicyIdentifier></xad:SignedSignatureProperties></xad:SignedProperties>"
        )
        certificate = base64.b64encode(signer.der).decode()
        shell = (
            f'<ds:Signature xmlns:ds="{DS}" Id="S0">@@INFO@@<ds:SignatureValue>@@VALUE@@</ds:SignatureValue><ds:KeyInfo>'
            f"<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            f'<ds:Object><xad:QualifyingProperties xmlns:xad="{XADES}" Target="#S0">{properties}</xad:QualifyingProperties>'
            '</ds:Object><ds:Object><ds:SignatureProperties><ds:SignatureProperty Id="purposeOfSignature" Target="#S0">'
            f"1.2.840.10065.1.12.1.14</ds:SignatureProperty></ds:SignatureProperties></ds:Object><ds:Object>{manifest}"
            "</ds:Object></ds:Signature>"
        )
        tree = etree.fromstring(shell.replace("@@INFO@@", "").encode())
        references = self._references(tree, method)
        info = (
            f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{C14N_COMMENTS}"/><ds:SignatureMethod '
            f'Algorithm="{_METHODS[self.digest]}"/>{references}</ds:SignedInfo>'
        )
        element = etree.fromstring(shell.replace("@@INFO@@", info).encode())[0]
        value = signer.sign(etree.tostring(element, method="c14n", with_comments=True), self.digest)
        return self.edit_signature(shell.replace("@@INFO@@", info).replace("@@VALUE@@", value)).encode()

    def _references(self, tree: etree._Element, method: str) -> str:
        rows = ""
        for name, kind in (("IHEManifest", f"{DS}Manifest"), ("S0-SignedProperties", f"{XADES}SignedProperties")):
            (element,) = tree.xpath(f'.//*[@Id="{name}"]')
            digest = _digest(etree.tostring(element, method="c14n"), self.digest)
            rows += f'<ds:Reference URI="#{name}" Type="{kind}">{method}<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>'
        return rows

    def body(self, signer: Key, *, inline: bool = False) -> tuple[str, dict[str, bytes]]:
        """The SOAP body and the parts it names."""
        contents = {"doc": self.content, "sig": self.signature(signer)}
        if self.stray_document:
            contents["stray"] = b"<x/>"
        for name in self.without_documents:
            del contents[name]
        rows = "".join(
            f'<xdsb:Document id="{name}">'
            + (
                base64.b64encode(content).decode()
                if inline
                else f'<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{name}%40test"/>'
            )
            + "</xdsb:Document>"
            for name, content in contents.items()
        )
        text = (
            '<xdsb:ProvideAndRegisterDocumentSetRequest xmlns:xdsb="urn:ihe:iti:xds-b:2007"><lcm:SubmitObjectsRequest '
            f'xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0">{self.metadata()}</lcm:SubmitObjectsRequest>{rows}'
            "</xdsb:ProvideAndRegisterDocumentSetRequest>"
        )
        return text, {} if inline else {f"{name}@test": content for name, content in contents.items()}

    def send(self, caller: Caller, vihf: Vihf | None = None) -> Answer:
        """Submit through the caller's connection."""
        text, parts = self.body(caller.sign)
        root = envelope(PROVIDE, text, (vihf or caller.vihf(self.ins)).signed(caller.sign))
        content_type, content = multipart(root, parts)
        return caller.post("/repository", content, content_type)


def _digest(content: bytes, name: str) -> str:
    return base64.b64encode(hashlib.new(name, content).digest()).decode()


def multipart(root: bytes, parts: dict[str, bytes], boundary: str = "limite-essai") -> tuple[str, bytes]:
    """An MTOM message."""
    head = 'Content-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\nContent-ID: <root@test>'
    pieces = [f"--{boundary}\r\n{head}\r\n\r\n".encode() + root]
    pieces += [
        f"--{boundary}\r\nContent-Type: text/xml\r\nContent-ID: <{name}>\r\n\r\n".encode() + content
        for name, content in parts.items()
    ]
    content_type = (
        f'multipart/related; type="application/xop+xml"; start="<root@test>"; start-info="application/soap+xml"; '
        f'boundary="{boundary}"; action="{PROVIDE}"'
    )
    return content_type, b"\r\n".join(pieces) + f"\r\n--{boundary}--\r\n".encode()
