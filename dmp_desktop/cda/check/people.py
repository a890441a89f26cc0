"""Rules on people: the patient's identity, professionals, organisations.

The official schematrons let an INS of two characters, no INS at all, an RPPS of one letter and the COG "ZZ" pass (reference
cda.md §2); these rules do not.
"""

from __future__ import annotations

import re

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.read.values import birth_date, utc
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, text
from dmp_desktop.domain.ins import INS_OIDS, is_ins
from dmp_desktop.terminology import specialty
from dmp_desktop.terminology.oids import DMP_HOST, PS_IDNAT, STRUCT_IDNAT

_COG = re.compile(r"\d{5}|2[AB]\d{3}")
_GENDERS = frozenset({"M", "F", "UN"})
_PREFIXES = frozenset({"M", "MME"})  # JDV_J245
_SUFFIXES = frozenset({"DR", "PR", "MC", "MG", "PC", "PG"})  # JDV_J246
_SCHEMES = ("tel:", "fax:", "mailto:", "http:", "https:", "ftp:", "mllp:")
_RPPS_PREFIX = "8"  # PS_IdNat: 8 RPPS, 0 ADELI, 1 Cabinet ADELI, 3 FINESS, 4 SIREN…


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 check over all digits, the key included."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if rank % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def check_patient(document: Element, report: Report) -> None:
    targets = children(document, "recordTarget")
    if len(targets) != 1:
        report.error("patient-count", "Un document concerne un patient et un seul.", document, "recordTarget")
        return
    role = child(targets[0], "patientRole")
    patient = child(role, "patient")
    if role is None or patient is None:
        report.error("patient-missing", "Le patient n'est pas décrit.", targets[0], "patientRole/patient")
        return
    _check_ins(role, report)
    _check_names(patient, report)
    _check_traits(document, patient, report)


def _check_ins(role: Element, report: Report) -> None:
    found = [item for item in children(role, "id") if attribute(item, "root") in INS_OIDS]
    if not found:
        report.error("ins-missing", "Aucun matricule INS avec un identifiant d'autorité connu.", role, "id")
    for item in found:
        value = attribute(item, "extension")
        if len(value) != 15:
            report.error("ins-length", "Le matricule INS doit avoir 15 caractères, clé comprise.", item, "@extension")
        elif not is_ins(value):
            report.error("ins-key", "La forme ou la clé du matricule INS est fausse.", item, "@extension")


def _check_names(patient: Element, report: Report) -> None:
    name = child(patient, "name")
    if name is None:
        report.error("patient-name", "Le nom du patient manque.", patient, "name")
        return
    families, given = children(name, "family"), children(name, "given")
    if not any(item.get("qualifier") == "BR" and text(item) for item in families):
        report.error("birth-family", "Le nom de naissance manque.", name, "family[@qualifier='BR']")
    if not any(item.get("qualifier") is None and text(item) for item in given):
        report.error("birth-given", "La liste des prénoms de naissance manque.", name, "given")
    if not any(item.get("qualifier") == "BR" and text(item) for item in given):
        report.error("first-given", "Le premier prénom de naissance manque.", name, "given[@qualifier='BR']")


def _check_traits(document: Element, patient: Element, report: Report) -> None:
    if attribute(child(patient, "administrativeGenderCode"), "code") not in _GENDERS:
        report.error("gender", "Le sexe doit être M, F ou UN.", patient, "administrativeGenderCode/@code")
    born = birth_date(attribute(child(patient, "birthTime"), "value"))
    made = utc(attribute(child(document, "effectiveTime"), "value"))
    if born is None:
        report.error(
            "birth-date", "La date de naissance manque ou n'existe pas (AAAAMMJJ).", patient, "birthTime/@value"
        )
    elif made is not None and born > made.date():
        report.error("birth-future", "La date de naissance suit la date du document.", patient, "birthTime/@value")
    county = text(child(patient, "birthplace", "place", "addr", "county"))
    if not _COG.fullmatch(county):
        report.error(
            "birth-place",
            "Le code INSEE du lieu de naissance doit avoir 5 caractères (2A, 2B, 99xxx à l'étranger).",
            patient,
            "birthplace/place/addr/county",
        )


def check_author(author: Element, report: Report) -> None:
    """A professional with code, name and organisation; or a device; or the patient."""
    entity = child(author, "assignedAuthor")
    if entity is None:
        report.error("author-missing", "L'auteur n'est pas décrit.", author, "assignedAuthor")
        return
    if utc(attribute(child(author, "time"), "value")) is None:
        report.error("author-time", "La date de l'auteur manque ou n'existe pas.", author, "time/@value")
    check_ids(entity, report, "L'auteur")
    roots = {attribute(item, "root") for item in children(entity, "id")}
    if roots & INS_OIDS:
        return
    coded = child(entity, "code")
    if coded is None:
        report.error("author-code", "La profession ou la spécialité de l'auteur manque.", entity, "code")
    elif specialty(attribute(coded, "code")) is None:
        report.warn("author-code-unknown", "La spécialité de l'auteur n'est pas dans JDV_J01.", coded, "@code")
    if child(entity, "assignedAuthoringDevice") is None:
        check_person(entity, "assignedPerson", report, "de l'auteur")
    check_organisation(entity, report)


def check_organisation(entity: Element, report: Report) -> None:
    organisation = child(entity, "representedOrganization")
    if organisation is None:
        report.warn("author-organisation", "La structure de l'auteur manque.", entity, "representedOrganization")
        return
    if not any(attribute(item, "extension") for item in children(organisation, "id")):
        report.error("organisation-id", "L'identifiant de la structure manque.", organisation, "id/@extension")
    if not text(child(organisation, "name")):
        report.error("organisation-name", "Le nom de la structure manque.", organisation, "name")


def check_legal_authenticator(document: Element, report: Report) -> None:
    legal = child(document, "legalAuthenticator")
    entity = child(legal, "assignedEntity")
    if legal is None or entity is None:
        report.error("legal-missing", "Le responsable du document manque.", document, "legalAuthenticator")
        return
    if attribute(child(legal, "signatureCode"), "code") != "S":
        report.error(
            "legal-signature", "Le code de signature du responsable doit être S.", legal, "signatureCode/@code"
        )
    if utc(attribute(child(legal, "time"), "value")) is None:
        report.error("legal-time", "La date de validation manque ou n'existe pas.", legal, "time/@value")
    check_ids(entity, report, "Le responsable")
    check_person(entity, "assignedPerson", report, "du responsable")


def check_custodian(document: Element, report: Report) -> None:
    organisation = child(document, "custodian", "assignedCustodian", "representedCustodianOrganization")
    if organisation is None:
        report.error("custodian-missing", "La structure qui conserve le document manque.", document, "custodian")
        return
    ids = children(organisation, "id")
    if not any(attribute(item, "root") in {STRUCT_IDNAT, DMP_HOST} for item in ids):
        report.error(
            "custodian-root", "L'identifiant de la structure qui conserve est inconnu.", organisation, "id/@root"
        )
    elif not any(attribute(item, "extension") for item in ids if attribute(item, "root") == STRUCT_IDNAT) and not any(
        attribute(item, "root") == DMP_HOST for item in ids
    ):
        report.error(
            "custodian-id", "L'identifiant de la structure qui conserve manque.", organisation, "id/@extension"
        )
    if not text(child(organisation, "name")):
        report.error("custodian-name", "Le nom de la structure qui conserve manque.", organisation, "name")


def check_person(entity: Element, person: str, report: Report, whose: str) -> None:
    """A family name."""
    name = child(entity, person, "name")
    if not any(text(item) for item in children(name, "family")):
        report.error("person-name", f"Le nom {whose} manque.", entity, f"{person}/name/family")


def check_ids(entity: Element, report: Report, who: str) -> None:
    """At least one id; a national identifier starting with 8 is an RPPS number of 11 digits with a Luhn key."""
    ids = [item for item in children(entity, "id") if attribute(item, "root")]
    if not ids:
        report.error("person-id", f"{who} n'a pas d'identifiant.", entity, "id")
    for item in ids:
        if attribute(item, "root") == PS_IDNAT:
            check_national_id(item, report)


def check_national_id(item: Element, report: Report) -> None:
    value = attribute(item, "extension")
    if not value.isascii() or (not value.isalnum() and "/" not in value) or len(value) < 3:
        report.error("rpps", "L'identifiant national du professionnel manque ou n'en est pas un.", item, "@extension")
    elif value.startswith(_RPPS_PREFIX):
        digits = value[1:]
        if not re.fullmatch(r"[0-9]{11}", digits):
            report.error("rpps", "Le numéro RPPS doit avoir 11 chiffres, précédés de 8.", item, "@extension")
        elif not luhn(digits):
            report.warn("rpps-key", "La clé du numéro RPPS est fausse.", item, "@extension")
    elif not value[:1].isdigit():
        report.error("rpps", "L'identifiant national du professionnel manque ou n'en est pas un.", item, "@extension")


def check_details(document: Element, report: Report) -> None:
    """Titles, civilities and telecoms of the header."""
    for part in document:
        if part.tag != f"{Q}component":
            for element in part.iter(f"{Q}prefix", f"{Q}suffix", f"{Q}telecom"):
                _check_detail(element, report)


def _check_detail(element: Element, report: Report) -> None:
    name = element.tag.rpartition("}")[2]
    if name == "prefix" and text(element) not in _PREFIXES:
        report.error("prefix", "La civilité doit être M ou MME.", element)
    elif name == "suffix" and text(element) not in _SUFFIXES:
        report.error("suffix", "Le titre doit être DR, PR, MC, MG, PC ou PG.", element)
    elif name == "telecom" and element.get("nullFlavor") is None:
        value = attribute(element, "value")
        if not value.startswith(_SCHEMES):
            report.error("telecom", "Une adresse de contact commence par tel:, fax: ou mailto:.", element, "@value")
