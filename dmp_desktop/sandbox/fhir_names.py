"""Addresses and code systems of the FHIR facade (IHE MHD 4.2, PDSm 3.1.1, PDSm4DMP-EEDS draft; docs/adr/0016).

A coding scheme of XDS has the address of the table, else `urn:oid:…`; both are understood for every scheme.
"""

from __future__ import annotations

import re
from typing import Any

from dmp_desktop.sandbox import names

Json = dict[str, Any]

BASE = "/fhir"
JSON_TYPE = "application/fhir+json"
JSON_PATCH_TYPE = "application/json-patch+json"
URIS = "urn:ietf:rfc:3986"
ERRORS = "urn:dmp:error"
"""System of the codes of an OperationOutcome (ours)."""

_PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
IS_ARCHIVED = f"{_PDSM}pdsm-ext-is-archived"
IS_DELETED = f"{_PDSM}pdsm-ext-is-deleted"
"""Of PDSm after 3.1.1."""
_DMP = "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/"
CLOSURE = f"{_DMP}dmp-fermeture"
ATTACHED = f"{_DMP}dmp-rattachement-mes"
ATTENDING = f"{_DMP}dmp-medecin-traitant"
_MHD = "https://profiles.ihe.net/ITI/MHD/"
DESIGNATION = f"{_MHD}StructureDefinition/ihe-designationType"
SOURCE_ID = f"{_MHD}StructureDefinition/ihe-sourceId"
LIST_TYPES = f"{_MHD}CodeSystem/MHDlistTypes"
SUBMISSION_SET = "submissionset"

_NOS = "https://mos.esante.gouv.fr/NOS/"
SYSTEMS = {
    names.LOINC: "http://loinc.org",
    names.CONFIDENTIALITY_OID: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    names.RESTRICTION_OID: f"{_NOS}TRE_A07-StatusVisibiliteDocument/FHIR/TRE-A07-StatusVisibiliteDocument",
    "1.2.250.1.213.1.1.4.1": f"{_NOS}TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument",
    "1.2.250.1.71.4.2.4": f"{_NOS}TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite",
    "URN": f"{_NOS}TRE_A10-NomenclatureURN/FHIR/TRE-A10-NomenclatureURN",
    "ASTM": f"{_NOS}TRE_A12-NomenclatureASTM/FHIR/TRE-A12-NomenclatureASTM",
}
_SCHEMES = {system: scheme for scheme, system in SYSTEMS.items()} | {
    f"{_NOS}TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument": names.RESTRICTION_OID,
    "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode": "1.3.6.1.4.1.19376.1.2.3",
}
"""The first of the two more is how the draft for the DMP writes TRE_A07."""
_OID = re.compile(r"[0-2](?:\.\d+)+")

RELATIONS = {
    names.REPLACE: "replaces",
    names.TRANSFORM_REPLACE: "transforms",
    "urn:ihe:iti:2007:AssociationType:XFRM": "transforms",
    "urn:ihe:iti:2007:AssociationType:APND": "appends",
}
LINKS = {
    "replaces": names.REPLACE,
    "transforms": "urn:ihe:iti:2007:AssociationType:XFRM",
    "appends": "urn:ihe:iti:2007:AssociationType:APND",
}


def system_of(scheme: str) -> str:
    """The address of a coding scheme."""
    known = SYSTEMS.get(scheme)
    return known or (f"urn:oid:{scheme}" if _OID.fullmatch(scheme) else scheme)


def scheme_of(system: str) -> str:
    """The coding scheme of an address, or nothing when it is not known."""
    oid = system.removeprefix("urn:oid:")
    return _SCHEMES.get(system) or (oid if oid != system and _OID.fullmatch(oid) else "")
