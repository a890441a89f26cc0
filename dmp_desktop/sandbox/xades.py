"""The signature of a submission set: XAdES over an IHE manifest (reference §6).

SHA-1 is what every published sample uses, SHA-256 what it should be: both are accepted unless Tolerances says otherwise.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from dmp_desktop.sandbox import assertion, names
from dmp_desktop.sandbox.faults import RegistryProblem, RegistryRefusal, SoapFault
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.soap import parse_xml
from dmp_desktop.sandbox.tolerances import Tolerances

REFERENCES = {
    "#IHEManifest": f"{names.DSIG}Manifest",
    "#S0-SignedProperties": f"{names.XADES}SignedProperties",
}
WITH_COMMENTS = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
PLACEHOLDER = "AA=="
"""Digest of the submission set, whose bytes do not exist yet when it is signed."""
PURPOSE = "1.2.840.10065.1.12.1.14"
_DIGESTS = {"http://www.w3.org/2000/09/xmldsig#sha1": "sha1", "http://www.w3.org/2001/04/xmlenc#sha256": "sha256"}


def refuse(reason: str) -> RegistryRefusal:
    """Refusal of a lot signature; the code is ours [R]."""
    return RegistryRefusal(RegistryProblem("DMPInvalidLotSignature", reason))


def verify(
    untrusted: bytes,
    set_unique_id: str,
    documents: Mapping[str, bytes],
    authority: x509.Certificate,
    vihf_signer: x509.Certificate,
    now: datetime,
    tolerances: Tolerances,
) -> None:
    """Prove that the signature covers the set and exactly these documents (by uniqueId). Raises RegistryRefusal."""
    try:
        root = parse_xml(untrusted)
    except SoapFault as error:
        raise refuse(error.reason) from error
    if root.tag != q(names.DSIG, "Signature"):
        raise refuse("Le document de signature n'est pas une ds:Signature")
    found = {e.get("URI", ""): e.get("Type", "") for e in root.iterfind(f"{q(names.DSIG, 'SignedInfo')}/*[@URI]")}
    if found != REFERENCES:
        raise refuse("SignedInfo doit référencer #IHEManifest et #S0-SignedProperties, avec leur Type")
    certificate = _certificate(root)
    signed = {element.tag: element for element in _verified(root, certificate, now, tolerances)}
    manifest = signed.get(q(names.DSIG, "Manifest"))
    properties = signed.get(q(names.XADES, "SignedProperties"))
    if manifest is None or properties is None:
        raise refuse("La signature ne porte pas sur le manifeste et les propriétés signées")
    _check_signer(certificate, authority, vihf_signer, now)
    _check_targets(root, properties)
    _check_properties(root, properties, certificate)
    _check_manifest(manifest, set_unique_id, documents, tolerances)


def _certificate(root: etree._Element) -> x509.Certificate:
    """The first certificate of KeyInfo that is not an authority's."""
    try:
        for element in root.iterfind(f"{q(names.DSIG, 'KeyInfo')}//{q(names.DSIG, 'X509Certificate')}"):
            certificate = assertion.readable_certificate(base64.b64decode(element.text or ""))
            if not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                return certificate
    except (ValueError, x509.ExtensionNotFound) as error:
        raise refuse("Certificat du signataire illisible") from error
    raise refuse("La signature du lot ne porte aucun certificat")


def _verified(
    root: etree._Element, certificate: x509.Certificate, now: datetime, tolerances: Tolerances
) -> list[etree._Element]:
    methods, digests = {SignatureMethod.RSA_SHA256}, {DigestAlgorithm.SHA256}
    if tolerances.sha1_lot:
        methods.add(SignatureMethod.RSA_SHA1)
        digests.add(DigestAlgorithm.SHA1)
    configuration = SignatureConfiguration(
        expect_references=len(REFERENCES),
        signature_methods=frozenset(methods),
        digest_algorithms=frozenset(digests),
        verification_time=now,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    try:
        results = XMLVerifier().verify(
            etree.tostring(root),
            x509_cert=certificate,
            id_attribute="Id",
            expect_config=configuration,
            validate_schema=False,  # IHE writes the purpose as plain text, where xmldsig's schema wants an element
        )
    except assertion.UNVERIFIED as error:
        raise refuse("La signature du lot n'est pas valide") from error
    found = results if isinstance(results, list) else [results]
    return [result.signed_xml for result in found if result.signed_xml is not None]


def _check_signer(
    certificate: x509.Certificate, authority: x509.Certificate, vihf_signer: x509.Certificate, now: datetime
) -> None:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise refuse("Le signataire du lot n'est pas connu de l'autorité") from error
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise refuse("Le certificat du signataire du lot est hors période de validité")
    if not assertion.is_signature_certificate(certificate):
        raise refuse("Le certificat du signataire du lot n'est pas un certificat de signature")
    if certificate.subject != vihf_signer.subject:
        raise refuse("Le signataire du lot n'est pas celui du VIHF")


def _local(root: etree._Element, name: str) -> etree._Element | None:
    """First element of that local name: XAdES 1.1.1 puts digest elements in its own namespace, signers often in ds."""
    return next((e for e in root.iter() if isinstance(e.tag, str) and etree.QName(e).localname == name), None)


def _text(root: etree._Element, name: str) -> str:
    found = _local(root, name)
    return "" if found is None else (found.text or "").strip()


def _check_targets(root: etree._Element, properties: etree._Element) -> None:
    """What qualifies a signature names it (XAdES 1.1.1 §6.2, XML-DSig §5.2): properties of another one say nothing of this."""
    signature = root.get("Id", "")
    holders = list(root.iter(q(names.XADES, "QualifyingProperties")))
    if len(holders) != 1 or len(holders[0].findall(properties.tag)) != 1:
        raise refuse("QualifyingProperties absent ou répété")
    qualifying = [*holders, *root.iter(q(names.DSIG, "SignatureProperty"))]
    if not signature or any(element.get("Target") != f"#{signature}" for element in qualifying):
        raise refuse("QualifyingProperties et SignatureProperty doivent désigner (Target) la signature qui les porte")


def _check_properties(root: etree._Element, properties: etree._Element, certificate: x509.Certificate) -> None:
    """SigningTime, the signing certificate's digest, the implied policy, the purpose of the signature."""
    try:
        datetime.fromisoformat(_text(properties, "SigningTime"))
    except ValueError as error:
        raise refuse("SigningTime absent ou illisible") from error
    der = certificate.public_bytes(serialization.Encoding.DER)
    method = _local(properties, "DigestMethod")
    digest = _DIGESTS.get("" if method is None else method.get("Algorithm", ""), "")
    expected = base64.b64encode(hashlib.new(digest, der).digest()).decode() if digest else ""
    if not expected or _text(properties, "DigestValue") != expected:
        raise refuse("SigningCertificate n'est pas le certificat du signataire")
    if _local(properties, "SignaturePolicyImplied") is None:
        raise refuse("SignaturePolicyImplied absent")
    purposes = [(e.text or "").strip() for e in root.iter(q(names.DSIG, "SignatureProperty"))]
    if purposes != [PURPOSE]:
        raise refuse("purposeOfSignature doit être 1.2.840.10065.1.12.1.14")


def _check_manifest(
    manifest: etree._Element, set_unique_id: str, documents: Mapping[str, bytes], tolerances: Tolerances
) -> None:
    references = list(manifest.iterfind(q(names.DSIG, "Reference")))
    uris = [reference.get("URI", "").removeprefix("urn:oid:") for reference in references]
    if sorted(uris) != sorted([set_unique_id, *documents]):
        raise refuse("Le manifeste ne désigne pas exactement le lot et ses documents")
    for reference, unique_id in zip(references, uris, strict=True):
        value = _text(reference, "DigestValue")
        if unique_id == set_unique_id:
            right = value == PLACEHOLDER
        else:
            right = hmac.compare_digest(value, _digest(reference, documents[unique_id], tolerances))
        if not right:
            raise refuse("Une empreinte du manifeste n'est pas celle du document")


def _digest(reference: etree._Element, content: bytes, tolerances: Tolerances) -> str:
    """Digest of a document as the reference says: canonical with comments, or its bytes when there is no transform."""
    algorithms = [transform.get("Algorithm") for transform in reference.iter(q(names.DSIG, "Transform"))]
    method = _local(reference, "DigestMethod")
    digest = _DIGESTS.get("" if method is None else method.get("Algorithm", ""), "")
    if not digest or (digest == "sha1" and not tolerances.sha1_lot) or algorithms not in ([], [WITH_COMMENTS]):
        raise refuse("Algorithme ou transformation non accepté dans le manifeste")
    if algorithms:
        content = etree.tostring(parse_xml(content, large=True).getroottree(), method="c14n", with_comments=True)
    return base64.b64encode(hashlib.new(digest, content).digest()).decode()
