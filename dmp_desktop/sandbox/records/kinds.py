"""Kinds of documents: codes as JDV_J07 (typeCode), JDV_J57 (classCode) and JDV_J60 (formatCode) have them (reference §5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

LOINC = "2.16.840.1.113883.6.1"
TA_ASIP = "1.2.250.1.213.1.1.4.12"
FORMAT_IHE = "1.3.6.1.4.1.19376.1.2.3"
FORMAT_ASIP = "1.2.250.1.213.1.1.4.2.282"


class Body(Enum):
    """How the body is made."""

    BIOLOGY = auto()
    """CR-BIO 2024.01: coded results, narrative tables, a PDF copy."""
    LETTER = auto()
    """Narrative sections without a CI-SIS volet (modelesHorsProfils)."""
    PDF = auto()
    """CDA N1: a PDF/A-1b in nonXMLBody."""


CLASSES = {
    "10": "Compte rendu",
    "11": "Synthèse",
    "31": "Imagerie médicale",
    "42": "Prescription",
    "45": "Traitement administré",
    "52": "Certificat, déclaration",
}
FORMATS = {
    Body.BIOLOGY: ("urn:ihe:lab:xd-lab:2008", FORMAT_IHE, "Compte rendu d'examens de biologie"),
    Body.LETTER: ("urn:asipSante:modelesHorsProfils:2011", FORMAT_ASIP, "Document non référencé IHE ou CI-SIS"),
    Body.PDF: ("urn:ihe:iti:xds-sd:pdf:2008", FORMAT_IHE, "Document à corps non structuré en Pdf/A-1"),
}


@dataclass(frozen=True, slots=True)
class KindOfDocument:
    """typeCode with its label, classCode, and the body it has here."""

    type_code: str
    label: str
    class_code: str
    body: Body

    @property
    def system(self) -> str:
        return LOINC if self.type_code[0].isdigit() else TA_ASIP

    @property
    def system_name(self) -> str:
        return "LOINC" if self.system == LOINC else "TA_ASIP"


BIOLOGY = KindOfDocument("11502-2", "CR d'examens biologiques", "10", Body.BIOLOGY)
CONSULTATION = KindOfDocument("11488-4", "CR ou fiche de consultation ou de visite", "10", Body.LETTER)
CONSULTATION_PDF = KindOfDocument("11488-4", "CR ou fiche de consultation ou de visite", "10", Body.PDF)
PRESCRIPTION = KindOfDocument("57833-6", "Prescription de produits de santé", "42", Body.PDF)
LAB_ORDER = KindOfDocument("PRESC-BIO", "Prescription d'actes de biologie médicale", "42", Body.PDF)
PHYSIO_ORDER = KindOfDocument("PRESC-KINE", "Prescription d'actes de kinésithérapie", "42", Body.PDF)
IMAGING = KindOfDocument("18748-4", "CR d'imagerie médicale", "31", Body.PDF)
DISCHARGE = KindOfDocument("11490-0", "Lettre de liaison à la sortie d'un établissement de soins", "10", Body.PDF)
HOSPITAL = KindOfDocument("34112-3", "CR hospitalier (séjour)", "10", Body.PDF)
EMERGENCY = KindOfDocument("15507-7", "CR de passage aux urgences", "10", Body.PDF)
OPERATION = KindOfDocument("34874-8", "CR opératoire", "10", Body.PDF)
CERTIFICATE = KindOfDocument("89601-9", "Certificat médical", "52", Body.PDF)
CHILD_VISIT = KindOfDocument("59283-2", "CR d'examen de l'enfant", "10", Body.LETTER)
VACCINATION = KindOfDocument("87273-9", "Note de vaccination", "45", Body.PDF)
SUMMARY = KindOfDocument("SYNTH", "Synthèse", "11", Body.PDF)
