"""Addresses, vocabularies and codes of the DMP over FHIR R4. Source of each: docs/adr/0016-fhir-facade.md, reference §8."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology import oids

BASE: Final = "/fhir"
"""Under the DMP's host, not under the address of its SOAP services."""
JSON: Final = "application/fhir+json"
FORM: Final = "application/x-www-form-urlencoded"
URI: Final = "urn:ietf:rfc:3986"
DMP_ERROR: Final = "urn:dmp:error"

IS_ARCHIVED: Final = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived"
_DMP: Final = "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/"
ATTENDING: Final = f"{_DMP}dmp-medecin-traitant"
ATTACHED_TO_MES: Final = f"{_DMP}dmp-rattachement-mes"
_MHD: Final = "https://profiles.ihe.net/ITI/MHD/"
DESIGNATION: Final = f"{_MHD}StructureDefinition/ihe-designationType"
SOURCE_ID: Final = f"{_MHD}StructureDefinition/ihe-sourceId"
LIST_TYPES: Final = f"{_MHD}CodeSystem/MHDlistTypes"
BUNDLE_PROFILE: Final = f"{_MHD}StructureDefinition/IHE.MHD.Comprehensive.ProvideBundle"

_NOS: Final = "https://mos.esante.gouv.fr/NOS/"
_SYSTEMS: Final = {
    oids.LOINC: "http://loinc.org",
    oids.CONFIDENTIALITY: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    oids.DMP_CONFIDENTIALITY: f"{_NOS}TRE_A07-StatusVisibiliteDocument/FHIR/TRE-A07-StatusVisibiliteDocument",
    oids.DOCUMENT_CLASS: f"{_NOS}TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument",
    oids.FACILITY_TYPE: f"{_NOS}TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite",
    "URN": f"{_NOS}TRE_A10-NomenclatureURN/FHIR/TRE-A10-NomenclatureURN",
    "ASTM": f"{_NOS}TRE_A12-NomenclatureASTM/FHIR/TRE-A12-NomenclatureASTM",
}
_SCHEMES: Final = {address: scheme for scheme, address in _SYSTEMS.items()}

CONSENT_SCOPE: Final = ("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")
CONSENT_CATEGORY: Final = ("http://loinc.org", "59284-0")  # Consent Document
CONSENT_RULE: Final = ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTIN")
ATTENDING_ROLE: Final = "MEDECIN_TRAITANT"

RESOURCES: Final = frozenset({
    "Binary", "Bundle", "Consent", "Device", "DocumentReference", "List", "OperationOutcome", "Organization", "Parameters",
    "Patient", "Practitioner", "PractitionerRole",
})  # fmt: skip
"""Kinds of resources of this conversation, which a trace may name."""


def base_of(services: str) -> str:
    """The FHIR base of the DMP whose SOAP services are at this address."""
    parts = urlsplit(services)
    return f"{parts.scheme}://{parts.netloc}{BASE}"


def system(scheme: str) -> str:
    """The URI of a coding scheme of XDS."""
    return _SYSTEMS.get(scheme) or (f"urn:oid:{scheme}" if scheme else "")


def scheme(uri: str) -> str:
    """The coding scheme of XDS that a URI stands for; what stands for none stays as it is."""
    return _SCHEMES.get(uri) or uri.removeprefix("urn:oid:")


def token(code: Code) -> str:
    """A coded criterion (FHIR R4 §3.1.1.4.10)."""
    return f"{escaped(system(code.system))}|{escaped(code.code)}" if code.system else escaped(code.code)


def escaped(value: str) -> str:
    """A value among others of a criterion (FHIR R4 §3.1.1.4.20)."""
    for separator in "\\,|$":
        value = value.replace(separator, f"\\{separator}")
    return value
