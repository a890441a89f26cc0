"""The signature of a VIHF: exactly one assertion, signed in place, by a signature certificate of the sandbox's authority.

`signxml` verifies, independently of the code that signs in our client. What is read afterwards is the verified element only
(protection against signature wrapping, reference §3.2).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from dmp_desktop.sandbox import dn, names
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.tolerances import Tolerances

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
NOT_A_SIGNATURE_CERTIFICATE = "Le certificat ayant signé le VIHF est invalide : Not a valid signature certificate"
UNVERIFIED = (SignXMLException, etree.LxmlError, UnsupportedAlgorithm, ValueError, AttributeError, TypeError)
"""What signxml raises of a signature that does not hold, of odd XML, or of a key of no known type."""


@dataclass(frozen=True, slots=True)
class SignedAssertion:
    """The assertion as it was signed, and who signed it."""

    element: etree._Element
    certificate: x509.Certificate


def refuse(reason: str) -> SoapFault:
    """Refusal of a VIHF; the code is ours [R], the DMP's sentences are used where the reference quotes them."""
    return SoapFault("DMPInvalidVIHF", reason)


def invalid_certificate(reason: str) -> SoapFault:
    """Refusal of the signer, code confirmed by the reference §2.5."""
    return SoapFault("DMPInvalidCertificate", reason)


def verify(
    header: etree._Element | None, authority: x509.Certificate, now: datetime, tolerances: Tolerances
) -> SignedAssertion:
    """The one assertion of a SOAP header, once its signature and its signer are proved. Raises SoapFault."""
    assertion = locate(header)
    signature = _signature_of(assertion)
    _check_references(assertion, signature, tolerances)
    certificate = _certificate_of(signature)
    element = _verified(assertion, certificate, now, tolerances)
    _check_signer(certificate, authority, now)
    _check_issuer(element, certificate)
    return SignedAssertion(element, certificate)


def locate(header: etree._Element | None) -> etree._Element:
    """The single assertion of the message: child of the single `wsse:Security`, which holds nothing else."""
    security = [] if header is None else header.findall(q(names.WSSE, "Security"))
    if header is None or len(security) != 1:
        raise refuse("L'en-tête doit contenir exactement un élément wsse:Security")
    everywhere = list(header.getroottree().iter(q(names.SAML, "Assertion")))
    children = list(security[0])
    if len(everywhere) != 1 or children != everywhere:
        raise refuse("L'en-tête de sécurité doit contenir exactement un VIHF et rien d'autre")
    return children[0]


def _signature_of(assertion: etree._Element) -> etree._Element:
    signatures = list(assertion.iter(q(names.DSIG, "Signature")))
    children = [child for child in assertion if isinstance(child.tag, str)]
    if len(signatures) != 1 or len(children) < 2 or children[1] is not signatures[0]:
        raise refuse("Le VIHF doit porter une seule signature, placée juste après Issuer")
    if children[0].tag != q(names.SAML, "Issuer"):
        raise refuse("Le premier élément du VIHF doit être Issuer")
    return signatures[0]


def _check_references(assertion: etree._Element, signature: etree._Element, tolerances: Tolerances) -> None:
    identifier = assertion.get("ID") or ""
    same = [e for e in assertion.getroottree().iter() if identifier in {e.get(name) for name in ("ID", "Id", "id")}]
    if not identifier or same != [assertion]:
        raise refuse("L'identifiant du VIHF est absent ou n'est pas unique dans le message")
    references = list(signature.iter(q(names.DSIG, "Reference")))
    if len(references) != 1 or references[0].get("URI") != f"#{identifier}":
        raise refuse("La signature doit porter une seule référence, à l'identifiant du VIHF")
    transforms = list(references[0].iter(q(names.DSIG, "Transform")))
    if [transform.get("Algorithm") for transform in transforms] != [ENVELOPED, EXCLUSIVE]:
        raise refuse("Les transformations de la signature doivent être enveloped-signature puis exc-c14n")
    method = signature.find(f"{q(names.DSIG, 'SignedInfo')}/{q(names.DSIG, 'CanonicalizationMethod')}")
    if method is None or method.get("Algorithm") != EXCLUSIVE:
        raise refuse("SignedInfo doit être canonisé en exc-c14n")
    if any(len(transform) for transform in [*transforms, method]) and not tolerances.inclusive_prefixes:
        raise refuse("InclusiveNamespaces n'est pas accepté")


def _certificate_of(signature: etree._Element) -> x509.Certificate:
    texts = [element.text or "" for element in signature.iter(q(names.DSIG, "X509Certificate"))]
    if len(texts) != 1:
        raise invalid_certificate("La signature du VIHF doit porter exactement un certificat")
    try:
        return readable_certificate(base64.b64decode(texts[0]))
    except ValueError as error:
        raise invalid_certificate("Le certificat ayant signé le VIHF est illisible") from error


def readable_certificate(untrusted_der: bytes) -> x509.Certificate:
    """A certificate that can be read whole: cryptography reads each part as it is asked for. Raises ValueError."""
    try:
        found = x509.load_der_x509_certificate(untrusted_der)
        _ = found.subject, found.issuer, found.not_valid_after_utc, found.not_valid_before_utc, found.extensions
        found.public_key()
    except (
        CryptographyDeprecationWarning,  # where warnings are errors
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        UnsupportedAlgorithm,
        TypeError,
    ) as error:
        raise ValueError("unreadable certificate") from error
    if found.serial_number <= 0:  # RFC 5280 §4.1.2.2; cryptography only warns of it
        raise ValueError("serial number not positive")
    return found


def _verified(
    assertion: etree._Element, certificate: x509.Certificate, now: datetime, tolerances: Tolerances
) -> etree._Element:
    methods, digests = {SignatureMethod.RSA_SHA256}, {DigestAlgorithm.SHA256}
    if tolerances.sha1_vihf:
        methods.add(SignatureMethod.RSA_SHA1)
        digests.add(DigestAlgorithm.SHA1)
    configuration = SignatureConfiguration(
        location="./",
        signature_methods=frozenset(methods),
        digest_algorithms=frozenset(digests),
        verification_time=now,
    )
    try:
        result = XMLVerifier().verify(
            etree.tostring(assertion, with_tail=False),
            x509_cert=certificate,
            id_attribute="ID",
            expect_config=configuration,
        )
    except UNVERIFIED as error:
        raise refuse("La signature du VIHF n'est pas valide") from error
    verified = result.signed_xml if isinstance(result, VerifyResult) else None
    if verified is None or verified.tag != q(names.SAML, "Assertion"):
        raise refuse("La signature du VIHF ne porte pas sur le VIHF")
    return verified


def _check_signer(certificate: x509.Certificate, authority: x509.Certificate, now: datetime) -> None:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise invalid_certificate("Le certificat ayant signé le VIHF est invalide : autorité inconnue") from error
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise invalid_certificate("Le certificat ayant signé le VIHF est invalide : hors période de validité")
    if not is_signature_certificate(certificate):
        raise invalid_certificate(NOT_A_SIGNATURE_CERTIFICATE)


def is_signature_certificate(certificate: x509.Certificate) -> bool:
    """True when the key may sign documents: nonRepudiation in the key usage (RFC 5280 §4.2.1.3)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    except x509.ExtensionNotFound:
        return False


def _check_issuer(element: etree._Element, certificate: x509.Certificate) -> None:
    issuer = element.findtext(q(names.SAML, "Issuer"), "").strip()
    try:
        same = dn.parse(issuer) == dn.of(certificate.subject)
    except ValueError:
        same = False
    if not same:
        raise refuse("Issuer ne correspond pas au sujet du certificat ayant signé le VIHF")
