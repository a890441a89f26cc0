"""The VIHF: the SAML 2.0 assertion that says who asks, for which patient, and how (reference/dmp-transactions.md §3).

It is built once as bytes and spliced as bytes into every envelope: lxml re-prefixes what it appends, which breaks the signature.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from dmp_desktop.dmp.names import DS, HL7, SAML, XSI
from dmp_desktop.dmp.signing import Algorithm, digest_value, rsa_signature
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.access import AccessMode, AuthenticationMode
from dmp_desktop.domain.documents import Author, Code, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import Clock, Entropy, Signer
from dmp_desktop.terminology import oids

EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
SAML_CLASSES = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
X509_SUBJECT = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"

# The freshness window of the DMP is not published: sign anew well within a consultation.
LIFETIME = timedelta(minutes=10)

# AuthnContextClassRef by mode: card; local log-in behind a structure certificate; Pro Santé Connect before that certificate.
_CONTEXT_CLASS = {
    AuthenticationMode.DIRECTE: "SmartcardPKI",
    AuthenticationMode.INDIRECTE: "Password",
    AuthenticationMode.INDIRECTE_RENFORCEE: "TLSClient",
}
# AuthnContextDecl of mode AIR, the only value the reference quotes with this mode (docs/adr/0013).
_AIR_DECLARATION = "APP_BROWSER_AUTH"
# TRE_R248.
_PURPOSE = {
    AccessMode.NORMAL: "Accès normal",
    AccessMode.BRIS_DE_GLACE: "Accès par bris de glace",
    AccessMode.CENTRE_15: "Accès au centre de régulation 15",
}

# JDV_J64, secret connection of a minor. The reference gives the attribute, not its syntax: as Secteur_Activite ([R]).
_CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
_SECRET = f"{Visibility.INVISIBLE_REPRESENTANTS_LEGAUX.code}^{oids.DMP_CONFIDENTIALITY}"


@dataclass(frozen=True, slots=True)
class Software:
    """How the software presents itself to the DMP; `approval` is the homologation number."""

    name: str
    version: str
    approval: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who speaks: `national_id` is PS_IdNat, `structure_id` Struct_IdNat, both from the same exercise; `roles` as JDV_J65.

    `authenticated_at` is when Pro Santé Connect authenticated the person; None when the assertion itself is the moment.
    `author` is the same person as XDS writes one: who signs a change of a document (TD3.3), and the structure of TD2.2.
    """

    national_id: str
    name: str
    structure_id: str
    sector: str
    roles: tuple[Code, ...]
    mode: AuthenticationMode
    authenticated_at: datetime | None = None
    author: Author = field(default_factory=Author)

    @property
    def is_employee(self) -> bool:
        """A CPE card: a function of TRE_A00 in place of a profession."""
        return any(role.system == oids.OTHER_FUNCTION for role in self.roles)


class VihfFactory:
    """Signed assertions, one per patient, access mode and secrecy, reused during their lifetime: one card signature each.

    In mode AIR each is new: no card is asked, and the signer refuses as soon as the Pro Santé Connect session is over.
    """

    def __init__(self, signer: Signer, caller: Caller, software: Software, clock: Clock, entropy: Entropy) -> None:
        self._signer = signer
        self._caller = caller
        self._software = software
        self._clock = clock
        self._entropy = entropy
        self._issuer = issuer_name(signer.certificate_der)
        self._kept: dict[tuple[InsIdentity | None, AccessMode, bool], tuple[datetime, bytes]] = {}
        self._lock = threading.Lock()

    def assertion(
        self, patient: InsIdentity | None, access: AccessMode = AccessMode.NORMAL, *, secret: bool = False
    ) -> bytes:
        """The signed assertion as bytes; `secret`: a minor's visit of which the legal representatives are told nothing.

        Raises CardError when the signature key is out of reach.
        """
        now = self._clock.now()
        key = (patient, access, secret)
        with self._lock:
            issued, kept = self._kept.get(key, (None, b""))
            reinforced = self._caller.mode is AuthenticationMode.INDIRECTE_RENFORCEE
            if issued is not None and timedelta(0) <= now - issued < LIFETIME and not reinforced:
                return kept
            signed = self._sign(now, patient, access, secret)
            self._kept[key] = (now, signed)
            return signed

    def _sign(self, now: datetime, patient: InsIdentity | None, access: AccessMode, secret: bool) -> bytes:
        identifier = f"_{self._entropy.uuid()}"
        head, tail = self._unsigned(identifier, now, patient, access, secret)
        bare = etree.fromstring(head + tail)
        digest = digest_value(Algorithm.SHA256, _canonical(bare))
        signed_info = _SIGNED_INFO.format(id=identifier, digest=digest)
        value = rsa_signature(self._signer, Algorithm.SHA256, _canonical(etree.fromstring(signed_info)))
        certificate = base64.b64encode(self._signer.certificate_der).decode()
        signature = (
            f'<Signature xmlns="{DS}">{signed_info}<SignatureValue>{value}</SignatureValue>'
            f"<KeyInfo><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></Signature>"
        )
        return (head + signature + tail).encode()

    def _unsigned(
        self, identifier: str, now: datetime, patient: InsIdentity | None, access: AccessMode, secret: bool
    ) -> tuple[str, str]:
        """The assertion in two parts, between which the signature goes (SAML schema: after Issuer)."""
        caller = self._caller
        instant = _instant(now)
        head = (
            f'<saml2:Assertion xmlns:saml2="{SAML}" xmlns:xsi="{XSI}" ID="{identifier}" IssueInstant="{instant}" '
            f'Version="2.0"><saml2:Issuer Format="{X509_SUBJECT}">{xml(self._issuer)}</saml2:Issuer>'
        )
        values = {
            "VIHF_Version": "3.0",
            "Authentification_Mode": caller.mode.value,
            "Identifiant_Structure": caller.structure_id,
            "Secteur_Activite": f"{caller.sector}^{oids.FACILITY_TYPE}",
            "Ressource_URN": "urn:dmp",
            "urn:oasis:names:tc:xspa:1.0:subject:subject-id": caller.name,
            "LPS_Nom": self._software.name,
            "LPS_Version": self._software.version,
            "LPS_ID_HOMOLOGATION_DMP": self._software.approval,
        }
        if patient is not None:
            values["urn:oasis:names:tc:xacml:2.0:resource:resource-id"] = patient.cx
        if secret:
            values[_CONFIDENTIALITY] = _SECRET
        attributes = "".join(_attribute(name, xml(value)) for name, value in values.items())
        roles = [_coded("Role", role) for role in caller.roles]
        attributes += _attribute("urn:oasis:names:tc:xacml:2.0:subject:role", *roles)
        purpose = Code(access.value, oids.ACCESS_MODE, _PURPOSE[access])
        attributes += _attribute("urn:oasis:names:tc:xspa:1.0:subject:purposeofuse", _coded("PurposeOfUse", purpose))
        reinforced = caller.mode is AuthenticationMode.INDIRECTE_RENFORCEE
        declaration = f"<saml2:AuthnContextDecl>{_AIR_DECLARATION}</saml2:AuthnContextDecl>" if reinforced else ""
        authenticated = _instant(caller.authenticated_at or now)
        tail = (
            f"<saml2:Subject><saml2:NameID>{xml(caller.national_id)}</saml2:NameID></saml2:Subject>"
            f'<saml2:AuthnStatement AuthnInstant="{authenticated}"><saml2:AuthnContext><saml2:AuthnContextClassRef>'
            f"{SAML_CLASSES}{_CONTEXT_CLASS[caller.mode]}</saml2:AuthnContextClassRef>{declaration}</saml2:AuthnContext>"
            f"</saml2:AuthnStatement><saml2:AttributeStatement>{attributes}</saml2:AttributeStatement></saml2:Assertion>"
        )
        return head, tail


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def issuer_name(certificate_der: bytes) -> str:
    """RFC 2253 name of the signer, with the short names the DMP's samples use."""
    subject = x509.load_der_x509_certificate(certificate_der).subject
    return subject.rfc4514_string({NameOID.GIVEN_NAME: "GN", NameOID.SURNAME: "SN", NameOID.TITLE: "T"})


_SIGNED_INFO = (
    f'<SignedInfo xmlns="{DS}"><CanonicalizationMethod Algorithm="{EXC_C14N}"></CanonicalizationMethod>'
    f'<SignatureMethod Algorithm="{Algorithm.SHA256.signature_uri}"></SignatureMethod><Reference URI="#{{id}}">'
    f'<Transforms><Transform Algorithm="{ENVELOPED}"></Transform><Transform Algorithm="{EXC_C14N}"></Transform>'
    f'</Transforms><DigestMethod Algorithm="{Algorithm.SHA256.digest_uri}"></DigestMethod>'
    "<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
)


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True)


def _attribute(name: str, *contents: str) -> str:
    values = "".join(f"<saml2:AttributeValue>{content}</saml2:AttributeValue>" for content in contents)
    return f'<saml2:Attribute Name="{name}">{values}</saml2:Attribute>'


def _coded(tag: str, code: Code) -> str:
    """An HL7 CE; `codeSystemName` as the DMP's samples write it."""
    return (
        f'<{tag} xmlns="{HL7}" xsi:type="CE" code="{xml(code.code)}" codeSystem="{xml(code.system)}" '
        f'codeSystemName="{_SYSTEM_NAMES.get(code.system, "")}" displayName="{xml(code.display)}"/>'
    )


_SYSTEM_NAMES = {
    oids.PROFESSION: "professions",
    oids.SKILL: "specialites RPPS",
    oids.OTHER_FUNCTION: "autres fonctions",
    oids.ACCESS_MODE: "mode acces VIHF 2.0",
}
