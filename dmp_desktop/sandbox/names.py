"""Namespaces, actions, object identifiers and UUIDs of the DMP's wire (reference/dmp-transactions.md §1, §2, §5).

`[R]` marks what the reference could not read in a source: it is recalled or inferred.
"""

from __future__ import annotations

SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
WSA_ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.1.1#"
HL7 = "urn:hl7-org:v3"
XOP = "http://www.w3.org/2004/08/xop/include"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
XDSB = "urn:ihe:iti:xds-b:2007"
HABILITATIONS = "urn:si-dmp-habilitations"
PATIENTS = "urn:si-dmp-patients"
GDP = "asip:ci-sis:gdp:2010"

BASE_PATH = "/si-dmp-server/v2/services"

ACTION_EXISTENCE = "urn:hl7-org:v3:PRPA_IN201307UV02"
ACTION_SET_AUTHORIZATION = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization"
ACTION_LIST_AUTHORIZATIONS = "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient"
ACTION_PATIENT_LIST = "urn:si-dmp-patients:PatientSpecificEndPoint:patientList"
ACTION_PERSON_SEARCH = "urn:hl7-org:v3:PRPA_IN201305UV02"
ACTION_CREATE = "urn:hl7-org:v3:PRPA_IN201311UV02"
ACTION_REVISE = "urn:hl7-org:v3:PRPA_IN201314UV02"
ACTION_REVISE_ANSWER = "urn:hl7-org:v3:PRPA_IN201314ResponseUV02"
ACTION_QUERY = "urn:ihe:iti:2007:RegistryStoredQuery"
ACTION_PROVIDE = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
ACTION_RETRIEVE = "urn:ihe:iti:2007:RetrieveDocumentSet"
ACTION_UPDATE = "urn:ihe:iti:2010:UpdateDocumentSet"
ACTION_FAULT = "http://www.w3.org/2005/08/addressing/soap/fault"

# Devices and domains of the stand-in: those of the DMP's test environment (§2.2, §2.1 TD3.2).
DMP_DEVICE_OID = "1.2.250.1.213.4.1.1.1"
REPOSITORY_OID = "1.2.250.1.213.4.1.1.1.2"
STRUCTURE_OID = "1.2.250.1.71.4.2.2"
PROFESSIONAL_OID = "1.2.250.1.71.4.2.1"
CONFIDENTIALITY_OID = "2.16.840.1.113883.5.25"
RESTRICTION_OID = "1.2.250.1.213.1.1.4.13"
LOINC = "2.16.840.1.113883.6.1"

SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
PARTIAL = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
FAILURE = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"
SEVERITY_ERROR = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"

HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
REPLACE = "urn:ihe:iti:2007:AssociationType:RPLC"
TRANSFORM_REPLACE = "urn:ihe:iti:2007:AssociationType:XFRM_RPLC"
REPLACING = frozenset({REPLACE, TRANSFORM_REPLACE})
DERIVING = REPLACING | {"urn:ihe:iti:2007:AssociationType:XFRM", "urn:ihe:iti:2007:AssociationType:APND"}
"""What links a document to one that must be active."""
SIGNS = "urn:ihe:iti:2007:AssociationType:signs"
UPDATE_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
RELATIONSHIPS = DERIVING | {HAS_MEMBER, SIGNS}
"""What a lot may say of its documents (ITI TF-3 §4.2.2.2)."""

# Object types and schemes (ITI TF-3 §4.2, table of §5.1).
STABLE_DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
SET_NODE = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
FOLDER_NODE = "urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"

AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
CLASS_CODE = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
TYPE_CODE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
EVENT_CODE = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
FORMAT_CODE = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
FACILITY_CODE = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
PRACTICE_CODE = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
ENTRY_PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
ENTRY_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"

SET_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SET_PATIENT_ID = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_SOURCE_ID = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SET_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"

FOLDER_PATIENT_ID = "urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a"
FOLDER_UNIQUE_ID = "urn:uuid:75df8f67-9973-4fbe-a900-df66cefecc5a"

PATIENT_CLASS = "90"
"""classCode of what the patient deposits (JDV_J57)."""
SIGNATURE_CLASS = "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1"


def q(namespace: str, name: str) -> str:
    """Clark notation, as lxml wants it."""
    return f"{{{namespace}}}{name}"
