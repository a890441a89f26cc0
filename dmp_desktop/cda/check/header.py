"""Rules on the document itself: type, identifiers, dates, act, encounter (CI-SIS structuration minimale, reference cda.md §4)."""

from __future__ import annotations

import re
from datetime import datetime

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.read.values import interval, utc
from dmp_desktop.cda.xml import Element, attribute, child, children, template_ids, text
from dmp_desktop.terminology import document_type, facility_type, practice_setting
from dmp_desktop.terminology.oids import CONFIDENTIALITY

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_HEADER_TEMPLATES = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1")  # HL7 France, CI-SIS
_XDS_SD = "1.3.6.1.4.1.19376.1.2.20"
_MAX_TITLE = 128  # characters, IHE ITI TF-3 table 4.2.3.2-1


def check_document(document: Element, report: Report) -> None:
    if attribute(child(document, "realmCode"), "code") != "FR":
        report.error("realm", "Le domaine doit être FR.", document, "realmCode/@code")
    _check_templates(document, report)
    _check_identifiers(document, report)
    _check_codes(document, report)
    if not text(child(document, "title")):
        report.error("title", "Le titre manque.", document, "title")
    elif len(text(child(document, "title"))) > _MAX_TITLE:
        report.warn("title-length", "Le titre dépasse 128 caractères.", document, "title")
    check_time(child(document, "effectiveTime"), document, "effectiveTime", report)


def _check_templates(document: Element, report: Report) -> None:
    roots = template_ids(document)
    for root in _HEADER_TEMPLATES:
        if roots.count(root) != 1:
            report.error(
                "template", f"La déclaration de conformité {root} doit figurer une fois.", document, "templateId"
            )
    if len(roots) < 3:
        report.error(
            "template-kind", "La déclaration de conformité du type de document manque.", document, "templateId"
        )
    if child(document, "component", "nonXMLBody") is not None and set(roots) != {*_HEADER_TEMPLATES, _XDS_SD}:
        report.error(
            "template-n1", "Un document non structuré a exactement trois déclarations.", document, "templateId"
        )


def _check_identifiers(document: Element, report: Report) -> None:
    identifier = child(document, "id")
    if not _OID.fullmatch(attribute(identifier, "root")):
        report.error("id", "L'identifiant du document doit être un OID.", document, "id/@root")
    if attribute(identifier, "extension"):
        report.error("id-extension", "Le DMP n'accepte pas d'extension dans l'identifiant.", document, "id/@extension")
    if not attribute(child(document, "setId"), "root"):
        report.error("set-id", "L'identifiant du lot de versions manque.", document, "setId/@root")
    version = attribute(child(document, "versionNumber"), "value")
    if not version.isdigit() or int(version) < 1:
        report.error("version", "Le numéro de version doit être un entier positif.", document, "versionNumber/@value")
    related = children(document, "relatedDocument")
    for item in related:
        parent = child(item, "parentDocument", "id")
        if item.get("typeCode") != "RPLC":
            report.error("related", "Seul le remplacement (RPLC) d'un document est permis.", item, "@typeCode")
        if parent is None or not attribute(parent, "root"):
            report.error("related-id", "L'identifiant du document remplacé manque.", item, "parentDocument/id")
        elif attribute(parent, "root") == attribute(identifier, "root"):
            report.error("related-self", "Un document ne peut pas se remplacer lui-même.", item, "parentDocument/id")


def _check_codes(document: Element, report: Report) -> None:
    coded = child(document, "code")
    kind = document_type(attribute(coded, "code"))
    if kind is None:
        report.error("type", "Le type du document n'est pas dans JDV_J07.", document, "code/@code")
    elif coded is not None:
        if attribute(coded, "codeSystem") != kind.system:
            report.error("type-system", "La nomenclature du type de document est fausse.", coded, "@codeSystem")
        if not attribute(coded, "displayName"):
            report.error("type-label", "Le libellé du type de document manque.", coded, "@displayName")
    level = child(document, "confidentialityCode")
    if attribute(level, "code") not in {"N", "R", "V"} or attribute(level, "codeSystem") != CONFIDENTIALITY:
        report.error(
            "confidentiality", "La confidentialité doit être N, R ou V.", document, "confidentialityCode/@code"
        )
    if not re.fullmatch(r"[a-z]{2}-[A-Z]{2}", attribute(child(document, "languageCode"), "code")):
        report.error("language", "La langue doit être de la forme fr-FR.", document, "languageCode/@code")


def check_time(element: Element | None, parent: Element, path: str, report: Report) -> datetime | None:
    """A time stamp that exists; with a zone when it has hours (else another country would read another moment)."""
    stamp = attribute(element, "value")
    moment = utc(stamp)
    if moment is None:
        report.error("time", "La date manque ou n'existe pas.", parent, f"{path}/@value")
    elif len(stamp) > 8 and not re.search(r"[+-]\d{4}$", stamp):
        report.warn("time-zone", "La date et l'heure n'ont pas de fuseau.", parent, f"{path}/@value")
    return moment


def check_act(document: Element, report: Report) -> None:
    """The first documentationOf is the main act: when, by whom, in which setting."""
    events = children(document, "documentationOf")
    event = child(events[0], "serviceEvent") if events else None
    if event is None:
        report.error("act", "L'acte documenté manque.", document, "documentationOf/serviceEvent")
        return
    _check_period(child(event, "effectiveTime"), event, report)
    performers = [item for item in children(event, "performer") if item.get("typeCode") == "PRF"]
    if len(performers) != 1:
        report.error("performer", "L'acte principal a un exécutant et un seul.", event, "performer[@typeCode='PRF']")
        return
    setting = child(performers[0], "assignedEntity", "representedOrganization", "standardIndustryClassCode")
    if practice_setting(attribute(setting, "code")) is None:
        path = "assignedEntity/representedOrganization/standardIndustryClassCode/@code"
        report.error("practice-setting", "Le cadre d'exercice n'est pas dans JDV_J04.", performers[0], path)


def _check_period(period: Element | None, event: Element, report: Report) -> None:
    low, high = interval(period)
    start, end = utc(low), utc(high) if high else None
    if start is None:
        report.error("act-start", "Le début de l'acte manque ou n'existe pas.", event, "effectiveTime/low/@value")
    if high and end is None:
        report.error("act-end", "La fin de l'acte n'existe pas.", event, "effectiveTime/high/@value")
    if start and end and end < start:
        report.error("act-order", "La fin de l'acte précède son début.", event, "effectiveTime/high/@value")


def check_encounter(document: Element, report: Report) -> None:
    encounter = child(document, "componentOf", "encompassingEncounter")
    if encounter is None:
        report.error("encounter", "La prise en charge manque.", document, "componentOf/encompassingEncounter")
        return
    if child(encounter, "effectiveTime") is None:
        report.error("encounter-time", "La date de la prise en charge manque.", encounter, "effectiveTime")
    place = child(encounter, "location", "healthCareFacility", "code")
    if facility_type(attribute(place, "code")) is None:
        path = "location/healthCareFacility/code/@code"
        report.error("facility", "Le secteur d'activité n'est pas dans JDV_J02.", encounter, path)
