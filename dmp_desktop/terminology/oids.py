"""Object identifiers of code systems and of assigning authorities, in one place.

Sources: CI-SIS "structuration minimale" (schematron of October 2025), ANS value sets (MOS-NOS), HL7 OID registry.
"""

from __future__ import annotations

from typing import Final

# Code systems
LOINC: Final = "2.16.840.1.113883.6.1"
SNOMED_CT: Final = "2.16.840.1.113883.6.96"
ICD10: Final = "2.16.840.1.113883.6.3"  # CIM-10
ATC: Final = "2.16.840.1.113883.6.73"
UCUM: Final = "2.16.840.1.113883.6.8"
CCAM: Final = "1.2.250.1.213.2.5"
CIS: Final = "1.2.250.1.213.2.3.1"  # BDPM, drug code
CIP: Final = "1.2.250.1.213.2.3.2"  # BDPM, presentation code
TA_ASIP: Final = "1.2.250.1.213.1.1.4.12"  # document types without LOINC code
ABSENT_OR_UNKNOWN: Final = (
    "2.16.840.1.113883.5.1150.1"  # IPS: no-known-allergies, no-medication-info … (JDV AbsentOrUnknown…)
)
CONFIDENTIALITY: Final = "2.16.840.1.113883.5.25"  # HL7 Confidentiality
GENDER: Final = "2.16.840.1.113883.5.1"  # HL7 AdministrativeGender
ACT_CODE: Final = "2.16.840.1.113883.5.4"  # HL7 ActCode
PARTICIPATION_FUNCTION: Final = "2.16.840.1.113883.5.88"  # HL7 ParticipationFunction
FACILITY_TYPE: Final = "1.2.250.1.71.4.2.4"  # TRE_R02, sector of activity
PROFESSION: Final = "1.2.250.1.71.1.2.7"  # TRE_G15, roles of the VIHF (JDV_J65)
SKILL: Final = "1.2.250.1.71.4.2.5"  # savoir-faire of the RPPS: SM26 …
OTHER_FUNCTION: Final = "1.2.250.1.213.1.1.4.6"  # TRE_A00, functions outside the professions
ACCESS_MODE: Final = "1.2.250.1.213.1.1.4.248"  # TRE_R248, purpose of use of the VIHF
DOCUMENT_CLASS: Final = "1.2.250.1.213.1.1.4.1"  # JDV_J57
DMP_CONFIDENTIALITY: Final = "1.2.250.1.213.1.1.4.13"  # TRE_A07
FORMAT_ANS: Final = "1.2.250.1.213.1.1.4.2.282"  # TRE_A06
FORMAT_IHE: Final = "1.3.6.1.4.1.19376.1.2.3"  # TRE_A11

# Assigning authorities
PS_IDNAT: Final = "1.2.250.1.71.4.2.1"  # health professionals
STRUCT_IDNAT: Final = "1.2.250.1.71.4.2.2"  # organisations
DMP_HOST: Final = "1.2.250.1.213.4.1"  # custodian of documents deposited by patients

SYSTEM_NAMES: Final = {
    LOINC: "LOINC",
    SNOMED_CT: "SNOMED CT",
    ICD10: "CIM-10",
    ATC: "ATC",
    UCUM: "UCUM",
    CCAM: "CCAM",
    CIS: "CIS",
    CIP: "CIP",
    TA_ASIP: "TA_ASIP",
}
