"""Rules on the document itself: type, identifiers, versions (CI-SIS structuration minimale, reference cda.md §4)."""

from __future__ import annotations

import re

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.check.values import OID, check_time, is_root
from dmp_desktop.cda.xml import Element, attribute, child, children, local, template_ids, text
from dmp_desktop.terminology import document_type
from dmp_desktop.terminology.oids import CONFIDENTIALITY

_HEADER_TEMPLATES = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1")  # HL7 France, CI-SIS
_XDS_SD = "1.3.6.1.4.1.19376.1.2.20"
_TYPE_ID = ("2.16.840.1.113883.1.3", "POCD_HD000040")  # CDA R2
_MAX_TITLE = 128  # characters, IHE ITI TF-3 table 4.2.3.2-1
_MAX_OID = 128  # characters, XDS uniqueId
# POCD_MT000040 (CDA.xsd): the order of the header; those that come several times.
_ORDER = (
    "realmCode",
    "typeId",
    "templateId",
    "id",
    "code",
    "title",
    "effectiveTime",
    "confidentialityCode",
    "languageCode",
    "setId",
    "versionNumber",
    "copyTime",
    "recordTarget",
    "author",
    "dataEnterer",
    "informant",
    "custodian",
    "informationRecipient",
    "legalAuthenticator",
    "authenticator",
    "participant",
    "inFulfillmentOf",
    "documentationOf",
    "relatedDocument",
    "authorization",
    "componentOf",
    "component",
)
_SEVERAL = frozenset(
    {
        "templateId",
        "recordTarget",
        "author",
        "informant",
        "informationRecipient",
        "authenticator",
        "participant",
        "inFulfillmentOf",
        "documentationOf",
        "authorization",
    }
)


def check_order(document: Element, report: Report) -> None:
    """The schema's order and cardinalities, which every reader of CDA counts on."""
    names = [local(element) for element in document if local(element)]
    ranks = [_ORDER.index(name) for name in names if name in _ORDER]
    if ranks != sorted(ranks):
        report.error("order", "Les éléments de l'en-tête ne sont pas dans l'ordre du schéma.", document)
    for name in _ORDER:
        if name not in _SEVERAL and names.count(name) > 1:
            report.error("once", f"L'élément {name} figure plus d'une fois.", document, name)


def check_constants(document: Element, report: Report) -> None:
    if attribute(child(document, "realmCode"), "code") != "FR":
        report.error("realm", "Le domaine doit être FR.", document, "realmCode/@code")
    type_id = child(document, "typeId")
    if (attribute(type_id, "root"), attribute(type_id, "extension")) != _TYPE_ID:
        report.error("type-id", "Le document ne se déclare pas CDA R2.", document, "typeId")
    if not re.fullmatch(r"[a-z]{2}-[A-Z]{2}", attribute(child(document, "languageCode"), "code")):
        report.error("language", "La langue doit être de la forme fr-FR.", document, "languageCode/@code")


def check_templates(document: Element, report: Report) -> None:
    roots = template_ids(document)
    for root in _HEADER_TEMPLATES:
        if roots.count(root) != 1:
            report.error(
                "template", f"La déclaration de conformité {root} doit figurer une fois.", document, "templateId"
            )
    if not set(roots) - set(_HEADER_TEMPLATES):
        report.error(
            "template-kind", "La déclaration de conformité du type de document manque.", document, "templateId"
        )
    if child(document, "component", "nonXMLBody") is not None and sorted(roots) != sorted(
        (*_HEADER_TEMPLATES, _XDS_SD)
    ):
        report.error(
            "template-n1", "Un document non structuré a exactement trois déclarations.", document, "templateId"
        )


def check_identifiers(document: Element, report: Report) -> None:
    identifier = child(document, "id")
    root = attribute(identifier, "root")
    if not OID.fullmatch(root) or len(root) > _MAX_OID:
        report.error("id", "L'identifiant du document doit être un OID.", document, "id/@root")
    if attribute(identifier, "extension"):
        report.error("id-extension", "Le DMP n'accepte pas d'extension dans l'identifiant.", document, "id/@extension")
    if not is_root(attribute(child(document, "setId"), "root")):
        report.error("set-id", "L'identifiant du lot de versions manque.", document, "setId/@root")
    if not _version(document):
        report.error("version", "Le numéro de version doit être un entier positif.", document, "versionNumber/@value")


def check_replacement(document: Element, report: Report) -> None:
    """A new version: a new id, the same set, a higher number, RPLC."""
    own, version = attribute(child(document, "id"), "root"), _version(document)
    for item in children(document, "relatedDocument"):
        parent = child(item, "parentDocument")
        replaced = child(parent, "id")
        if item.get("typeCode") != "RPLC":
            report.error("related", "Seul le remplacement (RPLC) d'un document est permis.", item, "@typeCode")
        if not is_root(attribute(replaced, "root")):
            report.error("related-id", "L'identifiant du document remplacé manque.", item, "parentDocument/id")
        elif attribute(replaced, "root") == own:
            report.error("related-self", "Un document ne peut pas se remplacer lui-même.", item, "parentDocument/id")
        family = child(parent, "setId")
        if family is not None and attribute(family, "root") != attribute(child(document, "setId"), "root"):
            report.error(
                "related-set",
                "Le document remplacé est d'un autre lot de versions.",
                item,
                "parentDocument/setId/@root",
            )
        known = child(parent, "versionNumber")
        number = attribute(known, "value")
        if known is not None and not number.isdecimal():
            report.error(
                "related-number", "La version du document remplacé manque.", item, "parentDocument/versionNumber/@value"
            )
        elif known is not None and version and version <= int(number):
            report.error(
                "related-version",
                "La version ne suit pas celle du document remplacé.",
                item,
                "parentDocument/versionNumber/@value",
            )


def _version(document: Element) -> int:
    """The version number, 0 when it is none."""
    value = attribute(child(document, "versionNumber"), "value")
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 0


def check_type(document: Element, report: Report) -> None:
    coded = child(document, "code")
    kind = document_type(attribute(coded, "code"))
    if kind is None:
        report.error("type", "Le type du document n'est pas dans JDV_J07.", document, "code/@code")
    elif coded is not None and attribute(coded, "codeSystem") != kind.system:
        report.error("type-system", "La nomenclature du type de document est fausse.", coded, "@codeSystem")


def check_title(document: Element, report: Report) -> None:
    title = text(child(document, "title"))
    if not title:
        report.error("title", "Le titre manque.", document, "title")
    elif len(title) > _MAX_TITLE:
        report.warn("title-length", "Le titre dépasse 128 caractères.", document, "title")


def check_creation(document: Element, report: Report) -> None:
    check_time(child(document, "effectiveTime"), document, "effectiveTime", report)


def check_confidentiality(document: Element, report: Report) -> None:
    level = child(document, "confidentialityCode")
    if attribute(level, "code") not in {"N", "R", "V"} or attribute(level, "codeSystem") != CONFIDENTIALITY:
        report.error(
            "confidentiality", "La confidentialité doit être N, R ou V.", document, "confidentialityCode/@code"
        )


def check_orders(document: Element, report: Report) -> None:
    """What the document answers to, and what the patient agreed to, where it says so."""
    for item in children(document, "inFulfillmentOf"):
        if child(item, "order", "id") is None:
            report.error("order-id", "Le numéro de la prescription exécutée manque.", item, "order/id")
    for item in children(document, "authorization"):
        if attribute(child(item, "consent", "statusCode"), "code") != "completed":
            report.error(
                "consent", "Un consentement cité doit être donné (completed).", item, "consent/statusCode/@code"
            )
