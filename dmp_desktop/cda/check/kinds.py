"""Rules on the kinds of documents that CI-SIS specifies ("volets", reference cda.md §3), by the templateId of the header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.read.values import utc
from dmp_desktop.cda.xml import XSI_TYPE, Element, Q, attribute, child, children, sections, template_ids, text
from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology.oids import ACT_CODE, ATC, CIS, LOINC, PARTICIPATION_FUNCTION, TA_ASIP

_MEDICAL_DOCUMENT = "1.3.6.1.4.1.19376.1.5.3.1.1.1"  # IHE PCC
_PCC = "1.3.6.1.4.1.19376.1.5.3.1.3."  # IHE PCC sections
_VITAL_SIGNS = "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2"
_VACCINATION = "1.3.6.1.4.1.19376.1.5.3.1.4.12"
_RANK = "1.2.250.1.213.1.1.3.82"
_LABORATORY = "1.3.6.1.4.1.19376.1.3.3.2.1"
_REPORT = "1.3.6.1.4.1.19376.1.3.1"
_FINDING = "1.3.6.1.4.1.19376.1.3.1.6"
_CHILD_MEASURES = frozenset(
    {"29463-7", "8302-2", "8287-5", "9843-4", "39156-5"}
)  # weight, height, head (two codes), BMI


def nothing_more(document: Element, report: Report) -> None:
    """For kinds that are all in the table."""


@dataclass(frozen=True, slots=True)
class Volet:
    """One kind: `versions` are the known extensions of its templateId, `sections` the required ones (templateId -> title).

    The first of `types` is written with this volet only.
    """

    name: str
    root: str
    types: tuple[Code, ...]
    versions: frozenset[str]
    templates: tuple[str, ...] = ()
    sections: dict[str, str] = field(default_factory=dict)
    service: Code | None = None
    more: Callable[[Element, Report], None] = nothing_more


def _check_attending(document: Element, report: Report) -> None:
    """IPS-FR writes this label with two capitals, and nobody else may be of this type."""
    for item in children(document, "participant"):
        coded = child(item, "functionCode")
        known = {
            ("PCP", PARTICIPATION_FUNCTION, "Médecin Traitant"),
            ("ES-PREF", "1.2.250.1.213.1.1.4.2.280", "Etablissement de santé de préférence"),
        }
        found = (attribute(coded, "code"), attribute(coded, "codeSystem"), attribute(coded, "displayName"))
        if item.get("typeCode") == "INF" and found not in known:
            report.error(
                "kind-attending", "Le rôle du médecin traitant doit se lire « Médecin Traitant ».", item, "functionCode"
            )


def _check_vaccinations(document: Element, report: Report) -> None:
    """Each section is one injection that was made: product, lot, day, and who answers for it."""
    for section in document.iter(f"{Q}section"):
        if f"{_PCC}23" not in template_ids(section):
            continue
        found = [item for item in section.iter(f"{Q}substanceAdministration") if _VACCINATION in template_ids(item)]
        if len(found) != 1:
            report.error("vaccination-count", "Une section décrit une vaccination et une seule.", section, "entry")
        for item in found:
            _check_vaccination(item, report)


def _check_vaccination(item: Element, report: Report) -> None:
    if item.get("negationInd") == "true":
        report.error(
            "vaccination-negated",
            "Une note de vaccination ne peut pas dire qu'un vaccin n'a pas été fait.",
            item,
            "@negationInd",
        )
    day = attribute(child(item, "effectiveTime"), "value")
    if len(day) != 8 or utc(day) is None:
        report.error("vaccination-day", "Le jour de la vaccination manque (AAAAMMJJ).", item, "effectiveTime/@value")
    product = "consumable/manufacturedProduct/manufacturedMaterial"
    material = child(item, *product.split("/"))
    if attribute(child(material, "code"), "codeSystem") != CIS:
        report.error("vaccination-cis", "La nomenclature du vaccin n'est pas CIS.", item, f"{product}/code/@codeSystem")
    translations = children(child(material, "code"), "translation")
    if not any(attribute(coded, "codeSystem") == ATC and attribute(coded, "displayName") for coded in translations):
        report.error(
            "vaccination-atc", "Le code ATC du vaccin, avec son libellé, manque.", item, f"{product}/code/translation"
        )
    lot = child(material, "lotNumberText")
    if lot is None or not (text(lot) or lot.get("nullFlavor")):
        report.error("vaccination-lot", "Le numéro de lot du vaccin manque.", item, f"{product}/lotNumberText")
    author = child(item, "author", "assignedAuthor")
    for part in ("id", "code", "assignedPerson/name"):
        if child(author, *part.split("/")) is None:
            report.error(
                "vaccination-author",
                "Qui valide la vaccination n'est pas décrit.",
                item,
                f"author/assignedAuthor/{part}",
            )
    for rank in (rank for rank in item.iter(f"{Q}observation") if _RANK in template_ids(rank)):
        if not attribute(child(rank, "value"), "value").isdecimal():
            report.error("vaccination-rank", "Le rang de la dose n'est pas un nombre.", rank, "value/@value")


def _check_child_measures(document: Element, report: Report) -> None:
    path = "documentationOf/serviceEvent/performer/assignedEntity"
    entity = child(document, *path.split("/"))
    organisation = child(entity, "representedOrganization")
    if child(entity, "assignedPerson") is None:
        report.error("kind-performer", "Le professionnel qui a mesuré manque.", document, f"{path}/assignedPerson")
    for part in ("id", "name"):
        if child(organisation, part) is None:
            report.error(
                "kind-performer",
                "La structure où l'on a mesuré manque.",
                document,
                f"{path}/representedOrganization/{part}",
            )
    measured = (
        attribute(child(item, "value"), "value")
        for item in document.iter(f"{Q}observation")
        if attribute(child(item, "code"), "code") in _CHILD_MEASURES
    )
    if not any(measured):
        report.error("kind-measure", "Le poids, la taille ou le périmètre crânien manque.", document, "component")


def _check_test(document: Element, report: Report) -> None:
    """Each section is a laboratory chapter with one report, one device, and findings with a value and a time."""
    setting = "documentationOf/serviceEvent/performer/assignedEntity/representedOrganization/standardIndustryClassCode"
    if attribute(child(document, *setting.split("/")), "code") != "DEPISTAGE":
        report.error("kind-setting", "Le cadre d'exercice d'un TROD est le dépistage.", document, f"{setting}/@code")
    for section in sections(document):
        if _LABORATORY not in template_ids(section):
            report.error("kind-section", "Une section d'un TROD est un chapitre de biologie.", section, "templateId")
        if not any(_REPORT in template_ids(entry) for entry in children(section, "entry")):
            report.error("kind-report", "Le résultat codé du test manque.", section, "entry")
        devices = [item for item in section.iter(f"{Q}participant") if item.get("typeCode") == "DEV"]
        if len(devices) != 1:
            report.error(
                "kind-device", "Le dispositif du test manque, ou il y en a plusieurs.", section, "entry/act/participant"
            )
        _check_findings(section, report)


def _check_findings(section: Element, report: Report) -> None:
    found = [item for item in section.iter(f"{Q}observation") if _FINDING in template_ids(item)]
    if not found:
        report.error("kind-finding", "Un test n'a pas de résultat.", section, "entry/act/entryRelationship/observation")
    for item in found:
        values = children(item, "value")
        if len(values) != 1 or values[0].get(XSI_TYPE) not in {"CD", "PQ", "IVL_PQ"}:
            report.error(
                "kind-value", "Un résultat de test a une valeur et une seule, code ou quantité.", item, "value"
            )
        if child(item, "effectiveTime") is None:
            report.error("kind-time", "La date et l'heure du test manquent.", item, "effectiveTime")


VOLETS = (
    Volet(
        "volet de synthèse médicale",
        "1.2.250.1.213.1.1.1.13",
        (Code("SYNTH", TA_ASIP),),
        frozenset({"201310", "2022.01", "2023.01"}),
        sections={
            "1.2.250.1.213.1.1.2.29": "Pathologies, antécédents, allergies et facteurs de risque",
            f"{_PCC}27": "Résultats",
            "1.2.250.1.213.1.1.2.32": "Traitement au long cours",
        },
        service=Code("34117-2", LOINC, "Historique et clinique"),
    ),
    Volet(
        "synthèse médicale IPS-FR",
        "1.2.250.1.213.1.1.1.51",
        (Code("60591-5", LOINC), Code("74207-2", LOINC)),
        frozenset({"2022.01", "2023.01", "2024.01"}),
        templates=("2.16.840.1.113883.10.22.1.1",),
        sections={
            f"{_PCC}6": "Problèmes actifs",
            f"{_PCC}11": "Historique des actes",
            f"{_PCC}13": "Allergies et hypersensibilités",
            f"{_PCC}19": "Traitements",
            "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.5": "Dispositifs médicaux",
        },
        more=_check_attending,
    ),
    Volet(
        "note de vaccination",
        "1.2.250.1.213.1.1.1.46",
        (Code("87273-9", LOINC),),
        frozenset({"2023.01"}),
        templates=("1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2",),
        sections={f"{_PCC}23": "Vaccinations"},
        more=_check_vaccinations,
    ),
    Volet(
        "lettre de liaison d'entrée",
        "1.2.250.1.213.1.1.1.21",
        (Code("18761-7", LOINC),),
        frozenset({"2022.01"}),
        sections={
            f"{_PCC}1": "Motif",
            f"{_PCC}13": "Allergies et hypersensibilités",
            f"{_PCC}20": "Traitements à l'admission",
            "1.3.6.1.4.1.19376.1.4.1.2.16": "Commentaire",
        },
        service=Code("IMP", ACT_CODE),
    ),
    Volet(
        "mesures de l'enfant",
        "1.2.250.1.213.1.1.1.5.4",
        (Code("29274-8", LOINC),),
        frozenset({"2023.01"}),
        templates=(_MEDICAL_DOCUMENT, "1.2.250.1.213.1.1.1.5"),
        sections={_VITAL_SIGNS: "Signes vitaux"},
        more=_check_child_measures,
    ),
    Volet(
        "test rapide d'orientation diagnostique",
        "1.2.250.1.213.1.1.1.59",
        (Code("96173-0", LOINC, "Test rapide d'orientation diagnostique"),),
        frozenset({"2024.01"}),
        templates=(_MEDICAL_DOCUMENT,),
        more=_check_test,
    ),
)


def check_kind(document: Element, report: Report) -> None:
    """The volet a structured document declares, or must declare by its type."""
    if child(document, "component", "structuredBody") is None:
        return
    roots = template_ids(document)
    kind = attribute(child(document, "code"), "code")
    for volet in VOLETS:
        if volet.root in roots:
            _check_volet(volet, document, report)
        elif kind == volet.types[0].code:
            report.error(
                "kind-template", f"La déclaration de conformité « {volet.name} » manque.", document, "templateId"
            )


def _check_volet(volet: Volet, document: Element, report: Report) -> None:
    declared = [item for item in children(document, "templateId") if attribute(item, "root") == volet.root]
    if len(declared) > 1 or attribute(declared[0], "extension") not in volet.versions:
        report.error(
            "kind-version",
            f"La version déclarée du volet « {volet.name} » est inconnue.",
            document,
            "templateId/@extension",
        )
    roots = template_ids(document)
    if any(root not in roots for root in volet.templates):
        report.error("kind-templates", f"Une déclaration de conformité manque ({volet.name}).", document, "templateId")
    if not any(_is_code(child(document, "code"), coded) for coded in volet.types):
        report.error("kind-type", f"Le type n'est pas celui d'un document « {volet.name} ».", document, "code/@code")
    if volet.service is not None and not any(
        _is_code(child(item, "serviceEvent", "code"), volet.service) for item in children(document, "documentationOf")
    ):
        report.error(
            "kind-service",
            "L'acte documenté n'est pas celui de ce type.",
            document,
            "documentationOf/serviceEvent/code",
        )
    present = {root for section in document.iter(f"{Q}section") for root in template_ids(section)}
    for root, title in volet.sections.items():
        if root not in present:
            report.error("kind-section", f"La section « {title} » manque.", document, "component/structuredBody")
    volet.more(document, report)


def _is_code(element: Element | None, wanted: Code) -> bool:
    return (attribute(element, "code"), attribute(element, "codeSystem")) == (wanted.code, wanted.system) and (
        not wanted.display or attribute(element, "displayName") == wanted.display
    )
