"""Rules on all the others: author, keeper, responsible, recipients, informants (reference cda.md §4)."""

from __future__ import annotations

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.check.values import check_ids, check_national_id, check_national_ids, check_person
from dmp_desktop.cda.read.values import interval, utc
from dmp_desktop.cda.xml import Element, attribute, child, children, text
from dmp_desktop.domain.ins import INS_OIDS
from dmp_desktop.terminology import ValueSet, coded, function, specialty
from dmp_desktop.terminology.oids import DMP_HOST, PS_IDNAT, STRUCT_IDNAT

_INFORMANTS = frozenset({"ECON", "NOK", "CON", "CAREGIVER", "PAT"})
_PARTICIPANTS = frozenset({"REF", "REFB", "INF", "RESP", "PRF", "CON", "VRF"})
_ASSOCIATED = frozenset({"PROV", "AGNT"})


def check_authors(document: Element, report: Report) -> None:
    authors = children(document, "author")
    if not authors:
        report.error("author-missing", "L'auteur manque.", document, "author")
    for author in authors:
        _check_author(document, author, report)


def _check_author(document: Element, author: Element, report: Report) -> None:
    """A professional with code, name and organisation; or a device; or the patient."""
    entity = child(author, "assignedAuthor")
    if entity is None:
        report.error("author-missing", "L'auteur n'est pas décrit.", author, "assignedAuthor")
        return
    _check_author_time(document, author, report)
    _check_function(author, report)
    check_ids(entity, report, "L'auteur")
    if {attribute(item, "root") for item in children(entity, "id")} & INS_OIDS:
        return
    profession = child(entity, "code")
    if profession is None:
        report.error("author-code", "La profession ou la spécialité de l'auteur manque.", entity, "code")
    elif specialty(attribute(profession, "code")) is None:
        report.warn("author-code-unknown", "La spécialité de l'auteur n'est pas dans JDV_J01.", profession, "@code")
    if child(entity, "assignedAuthoringDevice") is None:
        check_person(entity, "assignedPerson", report, "de l'auteur")
    _check_organisation(document, entity, report)


def _check_author_time(document: Element, author: Element, report: Report) -> None:
    moment = utc(attribute(child(author, "time"), "value"))
    made = utc(attribute(child(document, "effectiveTime"), "value"))
    if moment is None:
        report.error("author-time", "La date de l'auteur manque ou n'existe pas.", author, "time/@value")
    elif made is not None and moment > made:
        report.error("author-late", "La date de l'auteur suit celle du document.", author, "time/@value")


def _check_function(participation: Element, report: Report) -> None:
    role = child(participation, "functionCode")
    if role is not None and role.get("nullFlavor") is None and function(attribute(role, "code")) is None:
        report.error("function", "Le rôle n'est pas dans JDV_J47.", role, "@code")


def _check_organisation(document: Element, entity: Element, report: Report) -> None:
    """Optional for CI-SIS, but the DMP wants it (authorInstitution): a document that knows it elsewhere says it here."""
    organisation = child(entity, "representedOrganization")
    if organisation is None:
        known = child(document, "legalAuthenticator", "assignedEntity", "representedOrganization")
        tell = report.warn if known is None else report.error
        tell("author-organisation", "La structure de l'auteur manque.", entity, "representedOrganization")
        return
    _check_named(organisation, report)


def _check_named(organisation: Element, report: Report) -> None:
    if not children(organisation, "id"):
        report.error("organisation-id", "L'identifiant de la structure manque.", organisation, "id/@extension")
    if not text(child(organisation, "name")):
        report.error("organisation-name", "Le nom de la structure manque.", organisation, "name")


def check_data_enterer(document: Element, report: Report) -> None:
    for item in children(document, "dataEnterer"):
        _check_entity(item, report, "L'opérateur de saisie", "de l'opérateur de saisie")


def check_informants(document: Element, report: Report) -> None:
    for item in children(document, "informant"):
        related = child(item, "relatedEntity")
        if related is None:
            _check_entity(item, report, "L'informateur", "de l'informateur")
            continue
        if related.get("classCode") not in _INFORMANTS:
            report.error("informant-class", "Le lien de l'informateur est inconnu.", related, "@classCode")
        relation = child(related, "code")
        if (
            relation is not None
            and relation.get("nullFlavor") is None
            and coded(ValueSet.RELATION, attribute(relation, "code")) is None
        ):
            report.error("relation", "La relation avec le patient n'est pas dans JDV_J11.", relation, "@code")
        check_person(related, "relatedPerson", report, "de la personne à joindre")


def check_custodian(document: Element, report: Report) -> None:
    organisation = child(document, "custodian", "assignedCustodian", "representedCustodianOrganization")
    if organisation is None:
        report.error("custodian-missing", "La structure qui conserve le document manque.", document, "custodian")
        return
    if not {attribute(item, "root") for item in children(organisation, "id")} & {STRUCT_IDNAT, DMP_HOST}:
        report.error(
            "custodian-root", "L'identifiant de la structure qui conserve est inconnu.", organisation, "id/@root"
        )
    if not text(child(organisation, "name")):
        report.error("custodian-name", "Le nom de la structure qui conserve manque.", organisation, "name")


def check_recipients(document: Element, report: Report) -> None:
    for item in children(document, "informationRecipient"):
        entity = child(item, "intendedRecipient")
        person = text(child(entity, "informationRecipient", "name", "family"))
        if not person and not text(child(entity, "receivedOrganization", "name")):
            report.error(
                "recipient",
                "Le nom du destinataire manque.",
                item,
                "intendedRecipient/informationRecipient/name/family",
            )
        for identifier in _given_ids(entity):
            if attribute(identifier, "root") == PS_IDNAT:
                check_national_id(identifier, report, "Un destinataire")
            else:
                message = "L'identifiant d'un destinataire n'est pas un identifiant national de professionnel."
                report.warn("recipient-id", message, identifier, "@root")


def check_legal_authenticator(document: Element, report: Report) -> None:
    legal = child(document, "legalAuthenticator")
    if legal is None or child(legal, "assignedEntity") is None:
        report.error("legal-missing", "Le responsable du document manque.", document, "legalAuthenticator")
        return
    if attribute(child(legal, "signatureCode"), "code") != "S":
        report.error(
            "legal-signature", "Le code de signature du responsable doit être S.", legal, "signatureCode/@code"
        )
    if utc(attribute(child(legal, "time"), "value")) is None:
        report.error("legal-time", "La date de validation manque ou n'existe pas.", legal, "time/@value")
    _check_entity(legal, report, "Le responsable", "du responsable")
    entity = child(legal, "assignedEntity")
    given = _given_ids(entity)
    if len(given) > 1 or any(not attribute(item, "extension") for item in given):
        message = "Le responsable a un identifiant et un seul, avec son numéro."
        report.error("legal-id", message, legal, "assignedEntity/id/@extension")
    organisation = child(entity, "representedOrganization")
    if organisation is not None:  # optional; named where it is told
        _check_named(organisation, report)


def check_authenticators(document: Element, report: Report) -> None:
    for item in children(document, "authenticator"):
        if attribute(child(item, "signatureCode"), "code") != "S":
            report.error("authenticator-signature", "Le code de signature doit être S.", item, "signatureCode/@code")
        if utc(attribute(child(item, "time"), "value")) is None:
            report.error("authenticator-time", "La date d'une validation manque ou n'existe pas.", item, "time/@value")
        check_national_ids(child(item, "assignedEntity"), item, "assignedEntity", report, "Un validateur")


def check_participants(document: Element, report: Report) -> None:
    for item in children(document, "participant"):
        if item.get("typeCode") not in _PARTICIPANTS:
            report.error("participant-type", "Le rôle d'un participant est inconnu.", item, "@typeCode")
        time = child(item, "time")
        if time is None or not (any(interval(time)) or time.get("nullFlavor")):
            report.error(
                "participant-time", "La période d'un participant manque (NA si elle est sans objet).", item, "time"
            )
        _check_function(item, report)
        entity = child(item, "associatedEntity")
        if entity is None:
            report.error("participant-entity", "Un participant n'est pas décrit.", item, "associatedEntity")
            continue
        if entity.get("nullFlavor") is None and entity.get("classCode") not in _ASSOCIATED:
            report.error("participant-class", "La catégorie d'un participant est inconnue.", entity, "@classCode")
        organisation = text(child(entity, "scopingOrganization", "name"))
        if entity.get("nullFlavor") is None and not organisation and child(entity, "associatedPerson") is None:
            report.error("participant-name", "Un participant n'a pas de nom.", entity, "associatedPerson/name/family")
        given = _given_ids(entity)
        if len(given) > 1:
            report.error("participant-ids", "Un participant a plusieurs identifiants.", entity, "id")
        for identifier in given:
            if attribute(identifier, "root") == PS_IDNAT:
                check_national_id(identifier, report, "Un participant")
            elif not attribute(identifier, "extension"):
                report.error("participant-id", "L'identifiant d'un participant manque.", identifier, "@extension")


def _given_ids(entity: Element | None) -> list[Element]:
    """Those that are not said to be unknown. Their roots are those of all identifiers (`values`)."""
    return [item for item in children(entity, "id") if item.get("nullFlavor") is None]


def _check_entity(participation: Element, report: Report, who: str, whose: str) -> None:
    """assignedEntity: an identifier and a name."""
    entity = child(participation, "assignedEntity")
    if entity is None:
        report.error("person-missing", f"{who} n'est pas décrit.", participation, "assignedEntity")
        return
    check_ids(entity, report, who)
    check_person(entity, "assignedPerson", report, whose)
