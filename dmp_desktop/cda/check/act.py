"""Rules on what was done: the acts documented, and the encounter (reference cda.md §4)."""

from __future__ import annotations

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.check.values import check_ids, check_national_ids
from dmp_desktop.cda.read.values import interval, utc
from dmp_desktop.cda.xml import Element, attribute, child, children
from dmp_desktop.terminology import encounter_kind, facility_type, practice_setting

# JDV_J07 types about what is still to be done: their act may be to come.
_REQUESTS = frozenset(
    {
        "18761-7",
        "57833-6",
        "57832-8",
        "57828-6",
        "55115-0",
        "75496-0",
        "96349-6",
        "PRESC-BIO",
        "PRESC-KINE",
        "PRESC-INF",
        "PRESC-AAT",
    }
)


def check_act(document: Element, report: Report) -> None:
    """The first documentationOf is the main act: when, by whom, in which setting."""
    events = [event for item in children(document, "documentationOf") for event in children(item, "serviceEvent")]
    if not events:
        report.error("act", "L'acte documenté manque.", document, "documentationOf/serviceEvent")
        return
    main = events[0]
    if not interval(child(main, "effectiveTime"))[0]:
        report.error("act-start", "Le début de l'acte manque.", main, "effectiveTime/low/@value")
    for event in events:
        _check_period(child(event, "effectiveTime"), event, report)
    _check_not_to_come(document, main, report)
    performers = [item for item in children(main, "performer") if item.get("typeCode") == "PRF"]
    if len(performers) != 1:
        report.error("performer", "L'acte principal a un exécutant et un seul.", main, "performer[@typeCode='PRF']")
        return
    entity = child(performers[0], "assignedEntity")
    if entity is None:
        report.error("performer-missing", "L'exécutant de l'acte n'est pas décrit.", performers[0], "assignedEntity")
        return
    if not any(attribute(item, "nullFlavor") for item in children(entity, "id")):
        check_ids(entity, report, "L'exécutant de l'acte")
    setting = child(entity, "representedOrganization", "standardIndustryClassCode")
    if practice_setting(attribute(setting, "code")) is None:
        path = "representedOrganization/standardIndustryClassCode/@code"
        report.error("practice-setting", "Le cadre d'exercice n'est pas dans JDV_J04.", entity, path)


def _check_not_to_come(document: Element, event: Element, report: Report) -> None:
    start = utc(interval(child(event, "effectiveTime"))[0])
    made = utc(attribute(child(document, "effectiveTime"), "value"))
    if start and made and start > made and attribute(child(document, "code"), "code") not in _REQUESTS:
        report.warn("act-to-come", "L'acte commence après la date du document.", event, "effectiveTime/low/@value")


def _check_period(period: Element | None, event: Element, report: Report) -> None:
    low, high = interval(period)
    start, end = utc(low) if low else None, utc(high) if high else None
    if low and start is None:
        report.error("period-start", "Le début d'une période n'existe pas.", event, "effectiveTime/low/@value")
    if high and end is None:
        report.error("period-end", "La fin d'une période n'existe pas.", event, "effectiveTime/high/@value")
    if start and end and end < start:
        report.error("period-order", "La fin d'une période précède son début.", event, "effectiveTime/high/@value")


def check_encounter(document: Element, report: Report) -> None:
    encounter = child(document, "componentOf", "encompassingEncounter")
    if encounter is None:
        report.error("encounter", "La prise en charge manque.", document, "componentOf/encompassingEncounter")
        return
    period = child(encounter, "effectiveTime")
    if period is None or not (any(interval(period)) or period.get("nullFlavor")):
        report.error("encounter-time", "La date de la prise en charge manque.", encounter, "effectiveTime")
    _check_period(period, encounter, report)
    kind = child(encounter, "code")
    if kind is not None and encounter_kind(attribute(kind, "code")) is None:
        report.error("encounter-kind", "Le type de rencontre n'est pas dans JDV_J142.", kind, "@code")
    place = child(encounter, "location", "healthCareFacility", "code")
    if facility_type(attribute(place, "code")) is None:
        path = "location/healthCareFacility/code/@code"
        report.error("facility", "Le secteur d'activité n'est pas dans JDV_J02.", encounter, path)
    for name in ("responsibleParty", "encounterParticipant"):
        for person in children(encounter, name):
            check_national_ids(child(person, "assignedEntity"), person, "assignedEntity", report, "Un intervenant")
