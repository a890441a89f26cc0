"""Who writes in the invented records: laboratories, hospitals, specialists, and the doctor of the sandbox."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.domain.people import Patient
from dmp_desktop.sandbox.directory import CABINET, COLLEAGUE, DOCTOR, OTHER_PRACTICE
from dmp_desktop.sandbox.names import PROFESSIONAL_OID

PATIENT_AUTHOR = "EXP_PATIENT"
"""Speciality, sector and setting of what a patient writes (JDV_J01, JDV_J02, JDV_J04)."""
_NO_PROFESSIONAL = "1.2.250.1.213.1.1.4.6"
"""Code system of the authors who are no professionals: the patient, software, the Assurance Maladie."""
# Labels of JDV_J01 (specialities), JDV_J02 (sectors) and JDV_J04 (practice settings), ANS.
_SPECIALTIES = {
    "G15_10/SM26": "Médecin - Qualifié en Médecine Générale (SM)",
    "G15_10/SM03": "Médecin - Biologie médicale (SM)",
    "G15_10/SM04": "Médecin - Cardiologie et maladies vasculaires (SM)",
    "G15_10/SM16": "Médecin - Endocrinologie et métabolisme (SM)",
    "G15_10/SM30": "Médecin - Néphrologie (SM)",
    "G15_10/SM38": "Médecin - Ophtalmologie (SM)",
    "G15_10/SM40": "Médecin - Pédiatrie (SM)",
    "G15_10/SM44": "Médecin - Radio-diagnostic (SM)",
    "G15_10/SM24": "Médecin - Gastro-entérologie et hépatologie (SM)",
    "G15_10/SM34": "Médecin - ORL et Chirurgie cervico-faciale (SM)",
    "G15_21/A": "Pharmacien titulaire d'officine",
    "ALIM_AM": "Alimentation automatique à partir du Système d'Information de l'Assurance Maladie",
    "DISPOSITIF": "Dispositif médical",
    PATIENT_AUTHOR: "Expression personnelle du patient",
}
_SECTORS = {
    "SA01": "Etablissement public de santé",
    "SA07": "Cabinet individuel",
    "SA08": "Cabinet de groupe",
    "SA24": "Organisme de sécurité sociale",
    "SA25": "Laboratoire de biologie médicale",
    "SA33": "Pharmacie d'officine",
    PATIENT_AUTHOR: "Expression personnelle du patient",
}
_SETTINGS = {
    "AMBULATOIRE": "Ambulatoire",
    "AMO": "Organisme d'assurance maladie obligatoire",
    "ETABLISSEMENT": "Etablissement de santé",
    PATIENT_AUTHOR: "Expression personnelle du patient",
}


@dataclass(frozen=True, slots=True)
class Writer:
    """An author and the structure it writes for. `sector` and `setting` are JDV_J02 and JDV_J04 codes; `root` is the OID
    `national_id` belongs to; `device` names the software where nobody writes."""

    national_id: str
    family: str
    given: str
    prefix: str
    specialty: str
    structure_id: str
    structure: str
    sector: str
    setting: str
    address: str
    city: str
    phone: str
    root: str = PROFESSIONAL_OID
    device: str = ""

    @property
    def is_patient(self) -> bool:
        return self.specialty == PATIENT_AUTHOR

    @property
    def suffix(self) -> str:
        """JDV_J246: a doctor, a pharmacist, nothing."""
        return {"G15_10": "DR", "G15_21": "PC"}.get(self.specialty.partition("/")[0], "")

    @property
    def specialty_system(self) -> str:
        return "1.2.250.1.213.1.1.4.5" if self.specialty.startswith("G15_") else _NO_PROFESSIONAL

    @property
    def sector_system(self) -> str:
        return _NO_PROFESSIONAL if self.is_patient else "1.2.250.1.71.4.2.4"

    @property
    def setting_system(self) -> str:
        return _NO_PROFESSIONAL if self.is_patient else "1.2.250.1.213.1.1.4.9"

    @property
    def specialty_label(self) -> str:
        return _SPECIALTIES[self.specialty]

    @property
    def sector_label(self) -> str:
        return _SECTORS[self.sector]

    @property
    def setting_label(self) -> str:
        return _SETTINGS[self.setting]


def _rpps(stem: str) -> str:
    """`8` + RPPS: ten digits and their Luhn key."""
    total = 0
    for rank, char in enumerate(reversed(stem)):
        digit = int(char) * (2 if rank % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return f"8{stem}{-total % 10}"


def _town(
    stem: str, family: str, given: str, prefix: str, specialty: str, structure: str, address: str, city: str
) -> Writer:
    """A specialist in town; the structure is identified by the RPPS and a rank."""
    number = _rpps(stem)
    return Writer(
        number,
        family,
        given,
        prefix,
        specialty,
        f"4{number[1:]}001",
        structure,
        "SA07",
        "AMBULATOIRE",
        address,
        city,
        f"tel:03255{stem[-5:]}",
    )


def _institution(
    stem: str, family: str, given: str, prefix: str, specialty: str, finess: str, structure: str, city: str
) -> Writer:
    """A member of a laboratory or a hospital, identified by its FINESS number."""
    laboratory = specialty == "G15_10/SM03"
    return Writer(
        _rpps(stem),
        family,
        given,
        prefix,
        specialty,
        f"1{finess}",
        structure,
        "SA25" if laboratory else "SA01",
        "AMBULATOIRE" if laboratory else "ETABLISSEMENT",
        "101 avenue Anatole France",
        city,
        f"tel:03254{stem[-5:]}",
    )


def patient_herself(patient: Patient) -> Writer:
    """The patient as author (reference §5.2: the INS and its OID, no structure)."""
    ins, name = patient.ins, patient.birth_family
    same = (PATIENT_AUTHOR, "", "", PATIENT_AUTHOR, PATIENT_AUTHOR, "", "", "")
    return Writer(ins.value, name, patient.first_given, "", *same, root=ins.oid)


def _insurance(specialty: str, branch: str, device: str) -> Writer:
    """Software of the Assurance Maladie, named by its SIRET (invented) and an OID of its own."""
    number = "18003599900019"
    where = (f"3{number}", "Assurance Maladie", "SA24", "AMO", "", "", "")
    return Writer(f"5{number}/{branch}", device, ".", "", specialty, *where, device=device)


def _pharmacy(stem: str, family: str, given: str, prefix: str, finess: str, name: str, address: str) -> Writer:
    number = _rpps(stem)
    ids = ("G15_21/A", f"1{finess}", name, "SA33", "AMBULATOIRE")
    return Writer(number, family, given, prefix, *ids, address, "10200 Bar-sur-Aube", f"tel:03252{stem[-5:]}")


DOCTOR_HERSELF = Writer(
    DOCTOR.national_id,
    DOCTOR.family,
    DOCTOR.given,
    "MME",
    DOCTOR.specialty,
    CABINET.id,
    CABINET.name,
    CABINET.sector,
    CABINET.practice_setting,
    "3 place des Lilas",
    "10200 Bar-sur-Aube",
    DOCTOR.phone or "",
)
WRITERS = {
    "doctor": DOCTOR_HERSELF,
    "colleague": Writer(
        COLLEAGUE.national_id,
        COLLEAGUE.family,
        COLLEAGUE.given,
        "M",
        COLLEAGUE.specialty,
        OTHER_PRACTICE.id,
        OTHER_PRACTICE.name,
        OTHER_PRACTICE.sector,
        OTHER_PRACTICE.practice_setting,
        "2 place du Pont",
        "10200 Bar-sur-Aube",
        "tel:0325990003",
    ),
    "former_gp": _town(
        "1099100101", "CHAUVIN", "Henri", "M", "G15_10/SM26", "Cabinet du Dr Chauvin", "8 rue Nationale", "10000 Troyes"
    ),
    "laboratory": _institution(
        "1099100202",
        "ROUSSEL",
        "Isabelle",
        "MME",
        "G15_10/SM03",
        "100990124",
        "Laboratoire Champagne Biologie",
        "10000 Troyes",
    ),
    "laboratory_2": _institution(
        "1099100303", "PETITJEAN", "Marc", "M", "G15_10/SM03", "100990217", "Laboratoire de la Seine", "10000 Troyes"
    ),
    "cardiologist": _town(
        "1099100404",
        "AUBRY",
        "Sylvie",
        "MME",
        "G15_10/SM04",
        "Cabinet de cardiologie du Mail",
        "2 mail des Charmilles",
        "10000 Troyes",
    ),
    "nephrologist": _institution(
        "1099100505", "BENALI", "Karim", "M", "G15_10/SM30", "100990329", "Centre hospitalier de l'Aube", "10000 Troyes"
    ),
    "endocrinologist": _institution(
        "1099100606",
        "FERRAND",
        "Claire",
        "MME",
        "G15_10/SM16",
        "100990329",
        "Centre hospitalier de l'Aube",
        "10000 Troyes",
    ),
    "hospital": _institution(
        "1099100707",
        "LEMAIRE",
        "Antoine",
        "M",
        "G15_10/SM04",
        "100990329",
        "Centre hospitalier de l'Aube",
        "10000 Troyes",
    ),
    "radiologist": _town(
        "1099100808",
        "GAUTHIER",
        "Nadine",
        "MME",
        "G15_10/SM44",
        "Imagerie médicale Saint-Loup",
        "17 rue Saint-Loup",
        "10000 Troyes",
    ),
    "ophthalmologist": _town(
        "1099100909",
        "TEXIER",
        "Bruno",
        "M",
        "G15_10/SM38",
        "Cabinet d'ophtalmologie des Halles",
        "5 rue des Halles",
        "10000 Troyes",
    ),
    "paediatrician": _town(
        "1099101010",
        "MERCIER",
        "Anne",
        "MME",
        "G15_10/SM40",
        "Cabinet de pédiatrie",
        "12 quai Dampierre",
        "10000 Troyes",
    ),
    "gastroenterologist": _town(
        "1099101111",
        "DELORME",
        "Philippe",
        "M",
        "G15_10/SM24",
        "Cabinet de gastro-entérologie",
        "9 rue Thiers",
        "10000 Troyes",
    ),
    "ent": _town(
        "1099101212", "SAUVAGE", "Émilie", "MME", "G15_10/SM34", "Cabinet ORL", "22 boulevard Gambetta", "10000 Troyes"
    ),
    "pharmacy": _pharmacy("1099101313", "NOBLET", "Julie", "MME", "100990426", "Pharmacie du Pont", "2 rue du Pont"),
    "pharmacy_2": _pharmacy(
        "1099101414", "HAMELIN", "Serge", "M", "100990533", "Pharmacie de la Gare", "40 avenue de la Gare"
    ),
    "insurance": _insurance("ALIM_AM", "1.2.250.1.215.1.2", "Assurance Maladie"),
    "consolidation": _insurance("DISPOSITIF", "1.2.250.1.213.4.5", "Dossier médical partagé"),
}
