"""The signature of a submission set: a detached XAdES document deposited beside the CDA (reference §6).

Only its structure is known from published samples (XAdES 1.1.1, C14N with comments, SHA-1): the algorithm is a setting, since
nobody could try SHA-256 on the real DMP from here.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from lxml import etree

from dmp_desktop.dmp.names import DS, XADES
from dmp_desktop.dmp.signing import Algorithm, digest_value, rsa_signature
from dmp_desktop.dmp.soap import xml_parser
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.ports import Signer

C14N_WITH_COMMENTS = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
TYPE_MANIFEST = f"{DS}Manifest"
TYPE_SIGNED_PROPERTIES = f"{XADES}SignedProperties"
PURPOSE_SOURCE = "1.2.840.10065.1.12.1.14"
"""ASTM E1762 signature purpose: source of the documents."""
SET_PLACEHOLDER_DIGEST = "AA=="
"""The submission set has no bytes: DMP samples put this in its reference."""


def sign_lot(
    signer: Signer, set_unique_id: str, documents: Sequence[tuple[str, bytes]], now: datetime, algorithm: Algorithm
) -> bytes:
    """The signature document of a lot of (uniqueId, CDA bytes). Raises CardError when the signature key is out of reach."""
    manifest = _manifest(set_unique_id, documents, algorithm)
    properties = _signed_properties(signer, now, algorithm)
    references = "".join(
        f'<ds:Reference URI="#{target}" Type="{kind}"><ds:DigestMethod Algorithm="{algorithm.digest_uri}"></ds:DigestMethod>'
        f"<ds:DigestValue>{digest_value(algorithm, _canonical(fragment))}</ds:DigestValue></ds:Reference>"
        for target, kind, fragment in (
            ("IHEManifest", TYPE_MANIFEST, manifest),
            ("S0-SignedProperties", TYPE_SIGNED_PROPERTIES, properties),
        )
    )
    signed_info = (
        f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{C14N_WITH_COMMENTS}">'
        f'</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{algorithm.signature_uri}"></ds:SignatureMethod>'
        f"{references}</ds:SignedInfo>"
    )
    value = rsa_signature(signer, algorithm, _canonical(signed_info))
    certificate = base64.b64encode(signer.certificate_der).decode()
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ds:Signature xmlns:ds="{DS}" Id="S0">{signed_info}'
        f'<ds:SignatureValue Id="S0-SIG-Value">{value}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        f"<ds:Object>{manifest}</ds:Object>"
        f'<ds:Object><ds:SignatureProperties><ds:SignatureProperty Id="purposeOfSignature" Target="#S0">{PURPOSE_SOURCE}'
        f"</ds:SignatureProperty></ds:SignatureProperties></ds:Object>"
        f'<ds:Object><xad:QualifyingProperties xmlns:xad="{XADES}" Target="#S0">{properties}</xad:QualifyingProperties>'
        f"</ds:Object></ds:Signature>"
    ).encode()


def _manifest(set_unique_id: str, documents: Sequence[tuple[str, bytes]], algorithm: Algorithm) -> str:
    """Written with its namespaces, so that its canonical form is the same alone and inside the signature."""
    method = f'<ds:DigestMethod Algorithm="{algorithm.digest_uri}"></ds:DigestMethod>'
    references = f'<ds:Reference URI="urn:oid:{xml(set_unique_id)}">{method}<ds:DigestValue>{SET_PLACEHOLDER_DIGEST}'
    references += "</ds:DigestValue></ds:Reference>"
    transform = f'<ds:Transforms><ds:Transform Algorithm="{C14N_WITH_COMMENTS}"></ds:Transform></ds:Transforms>'
    for unique_id, content in documents:
        digest = digest_value(algorithm, canonical_document(content))
        references += f'<ds:Reference URI="urn:oid:{xml(unique_id)}">{transform}{method}<ds:DigestValue>{digest}'
        references += "</ds:DigestValue></ds:Reference>"
    return f'<ds:Manifest xmlns:ds="{DS}" Id="IHEManifest">{references}</ds:Manifest>'


def _signed_properties(signer: Signer, now: datetime, algorithm: Algorithm) -> str:
    certificates = "".join(
        _certificate_reference(der, algorithm) for der in (signer.certificate_der, *signer.chain_der)
    )
    return (
        f'<xad:SignedProperties xmlns:ds="{DS}" xmlns:xad="{XADES}" Id="S0-SignedProperties">'
        f"<xad:SignedSignatureProperties><xad:SigningTime>{now:%Y-%m-%dT%H:%M:%SZ}</xad:SigningTime>"
        f"<xad:SigningCertificate>{certificates}</xad:SigningCertificate><xad:SignaturePolicyIdentifier>"
        f"<xad:SignaturePolicyImplied></xad:SignaturePolicyImplied></xad:SignaturePolicyIdentifier>"
        f"</xad:SignedSignatureProperties></xad:SignedProperties>"
    )


def _certificate_reference(der: bytes, algorithm: Algorithm) -> str:
    certificate = x509.load_der_x509_certificate(der)
    return (
        f'<xad:Cert><xad:CertDigest><xad:DigestMethod Algorithm="{algorithm.digest_uri}"></xad:DigestMethod>'
        f"<xad:DigestValue>{digest_value(algorithm, der)}</xad:DigestValue></xad:CertDigest><xad:IssuerSerial>"
        f"<ds:X509IssuerName>{xml(certificate.issuer.rfc4514_string())}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{certificate.serial_number}</ds:X509SerialNumber></xad:IssuerSerial></xad:Cert>"
    )


def canonical_document(content: bytes) -> bytes:
    """C14N with comments of a CDA, what the manifest digests."""
    return etree.tostring(etree.fromstring(content, xml_parser()).getroottree(), method="c14n", with_comments=True)


def _canonical(fragment: str) -> bytes:
    return etree.tostring(etree.fromstring(fragment), method="c14n", with_comments=True)
