"""Kinds of documents: codes as JDV_J07 (typeCode), JDV_J57 (classCode) and JDV_J60 (formatCode) have them (reference §5.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    SUMMARY = auto()
    """Volet de synthèse médicale."""
    ORDER = auto()
    """Prescription of drugs."""
    DELIVERY = auto()
    """Dispensation of drugs."""
    REFUNDS = auto()
    """History of reimbursements."""
    SHOT = auto()
    """Vaccination note."""
    SHOTS = auto()
    """History of vaccinations."""
    STAY = auto()
    """Discharge letter."""
    STUDY = auto()
    """Imaging report."""
    GROWTH = auto()
    """Measures of a child."""
    CHECKUP_9 = auto()
    """Certificate of the 9th month."""
    CHECKUP_24 = auto()
    """Certificate of the 24th month."""


CLASSES = {
    "10": "Compte rendu",
    "11": "Synthèse",
    "31": "Imagerie médicale",
    "42": "Prescription",
    "43": "Dispensation",
    "45": "Traitement administré",
    "52": "Certificat, déclaration",
    "60": "Données de remboursement",
    "90": "Autres documents déposés par le patient",
}
FORMATS = {
    Body.BIOLOGY: ("urn:ihe:lab:xd-lab:2008", FORMAT_IHE, "Compte rendu d'examens de biologie"),
    Body.LETTER: ("urn:asipSante:modelesHorsProfils:2011", FORMAT_ASIP, "Document non référencé IHE ou CI-SIS"),
    Body.PDF: ("urn:ihe:iti:xds-sd:pdf:2008", FORMAT_IHE, "Document à corps non structuré en Pdf/A-1"),
    Body.SUMMARY: ("urn:asip:ci-sis:vsm:2012", FORMAT_ASIP, "Volet de synthèse médicale"),
    Body.ORDER: ("urn:ihe:pharm:pre:2010", FORMAT_IHE, "Prescription de médicaments et dispositifs"),
    Body.DELIVERY: ("urn:ihe:pharm:dis:2010", FORMAT_IHE, "Dispensation de médicaments"),
    Body.REFUNDS: ("urn:asip:ci-sis:hr:2019", FORMAT_ASIP, "Historique de remboursement"),
    Body.SHOT: ("urn:asip:ci-sis:vac-note:2021", FORMAT_ASIP, "Note de vaccination"),
    Body.SHOTS: ("urn:asip:ci-sis:vac:2019", FORMAT_ASIP, "Historique des vaccinations"),
    Body.STAY: ("urn:asip:ci-sis:ldl-ses:2017", FORMAT_ASIP, "Lettre de liaison à la sortie d'établissement"),
    Body.STUDY: ("urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013", FORMAT_IHE, "Compte rendu d'imagerie"),
    Body.GROWTH: ("urn:ans:ci-sis:cse-mde:2023", FORMAT_ASIP, "Mesures de l'enfant"),
    Body.CHECKUP_9: ("urn:asip:ci-sis:cse-cs9:2017", FORMAT_ASIP, "Certificat de santé du 9e mois"),
    Body.CHECKUP_24: ("urn:asip:ci-sis:cse-cs24:2017", FORMAT_ASIP, "Certificat de santé du 24e mois"),
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
BIOLOGY_PDF = replace(BIOLOGY, body=Body.PDF)
SYNTHESIS = replace(SUMMARY, body=Body.SUMMARY)
ORDER = replace(PRESCRIPTION, body=Body.ORDER)
DELIVERY = KindOfDocument("60593-1", "Dispensation médicamenteuse", "43", Body.DELIVERY)
REFUNDS = KindOfDocument("REMB", "Données de remboursement", "60", Body.REFUNDS)
SHOT = replace(VACCINATION, body=Body.SHOT)
SHOTS = KindOfDocument("11369-6", "Historique des vaccinations", "45", Body.SHOTS)
STAY = replace(DISCHARGE, body=Body.STAY)
STUDY = replace(IMAGING, body=Body.STUDY)
GROWTH = KindOfDocument("29274-8", "Mesures de signes vitaux", "10", Body.GROWTH)
CHILD_CERTIFICATE = KindOfDocument("CERT_DECL", "Certificat, déclaration", "52", Body.PDF)
CHECKUP_9 = replace(CHILD_CERTIFICATE, body=Body.CHECKUP_9)
CHECKUP_24 = replace(CHILD_CERTIFICATE, body=Body.CHECKUP_24)
LETTER = KindOfDocument("96349-6", "Lettre d'adressage", "10", Body.PDF)
BY_PATIENT = KindOfDocument("DOCPAT01", "Synthèse déposée par le patient", "90", Body.PDF)
DIRECTIVES = KindOfDocument("EXPPAT_3", "Directives anticipées", "90", Body.PDF)
