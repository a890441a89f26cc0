"""Rules on the patient: a qualified INS and the five strict traits (RNIV, CI-SIS structuration minimale)."""

from __future__ import annotations

import re

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.read.values import birth_date, utc
from dmp_desktop.cda.xml import Element, attribute, child, children, text
from dmp_desktop.domain.ins import INS_OIDS, is_ins
from dmp_desktop.terminology.oids import GENDER

_COG = re.compile(r"\d{5}|2[AB]\d{3}")
# INSEE: metropolitan departments (20: Corsica before 1976; 96: former protectorates), overseas, abroad.
_DEPARTMENT = re.compile(r"0[1-9]|[1-8]\d|9[0-6]|2[AB]|97[1-8]|98[4-9]|99\d")
_BIRTH = re.compile(r"\d{8}(\d{4}(\d{2})?([+-]\d{4})?)?")
_GENDERS = frozenset({"M", "F", "UN"})
_QUALIFIERS = frozenset({"BR", "CL"})


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
    _check_gender(patient, report)
    _check_birth(document, patient, report)
    _check_birth_place(patient, report)
    _check_guardians(patient, report)


def _check_ins(role: Element, report: Report) -> None:
    found = [item for item in children(role, "id") if attribute(item, "root") in INS_OIDS]
    if not found:
        report.error("ins-missing", "Aucun matricule INS avec un identifiant d'autorité connu.", role, "id")
    if len({attribute(item, "extension") for item in found}) > 1:
        report.error("ins-several", "Le patient a plusieurs matricules INS.", role, "id")
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
    for item in families:
        if item.get("qualifier") not in _QUALIFIERS:
            report.error("family-qualifier", "Un nom est de naissance (BR) ou utilisé (CL).", item, "@qualifier")
    for item in given:
        if item.get("qualifier") not in {None, *_QUALIFIERS}:
            report.error("given-qualifier", "Un prénom est de naissance (BR) ou utilisé (CL).", item, "@qualifier")


def _check_gender(patient: Element, report: Report) -> None:
    gender = child(patient, "administrativeGenderCode")
    if attribute(gender, "code") not in _GENDERS or attribute(gender, "codeSystem") != GENDER:
        report.error("gender", "Le sexe doit être M, F ou UN.", patient, "administrativeGenderCode/@code")


def _check_birth(document: Element, patient: Element, report: Report) -> None:
    """A day that exists, before the act and the document."""
    stamp = attribute(child(patient, "birthTime"), "value")
    born = birth_date(stamp) if _BIRTH.fullmatch(stamp) else None
    if born is None:
        report.error(
            "birth-date", "La date de naissance manque ou n'existe pas (AAAAMMJJ).", patient, "birthTime/@value"
        )
        return
    made = utc(attribute(child(document, "effectiveTime"), "value"))
    act = utc(attribute(child(document, "documentationOf", "serviceEvent", "effectiveTime", "low"), "value"))
    if made is not None and born > made.date():
        report.error("birth-future", "La date de naissance suit la date du document.", patient, "birthTime/@value")
    elif act is not None and born > act.date():
        report.error("birth-after-act", "La date de naissance suit celle de l'acte.", patient, "birthTime/@value")


def _check_birth_place(patient: Element, report: Report) -> None:
    path = "birthplace/place/addr/county"
    county = text(child(patient, *path.split("/")))
    if not _COG.fullmatch(county):
        message = "Le code INSEE du lieu de naissance doit avoir 5 caractères (2A, 2B, 99xxx à l'étranger)."
        report.error("birth-place", message, patient, path)
    elif not _DEPARTMENT.match(county):
        report.error(
            "birth-department", "Le code INSEE du lieu de naissance est d'un département inconnu.", patient, path
        )


def _check_guardians(patient: Element, report: Report) -> None:
    for guardian in children(patient, "guardian"):
        person = text(child(guardian, "guardianPerson", "name", "family"))
        if not person and not text(child(guardian, "guardianOrganization", "name")):
            report.error("guardian", "Le nom du représentant légal manque.", guardian, "guardianPerson/name/family")
