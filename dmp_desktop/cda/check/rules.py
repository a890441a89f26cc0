"""All rules on one document."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.cda.check import (
    act,
    body,
    entries,
    header,
    kinds,
    patient,
    people,
    structure,
    templates,
    units,
    values,
)
from dmp_desktop.cda.check.findings import Finding, Report
from dmp_desktop.cda.xml import Element, parse
from dmp_desktop.errors import CdaError

RULES: tuple[Callable[[Element, Report], None], ...] = (
    header.check_order,
    header.check_constants,
    header.check_templates,
    header.check_identifiers,
    header.check_replacement,
    header.check_type,
    header.check_title,
    header.check_creation,
    header.check_confidentiality,
    patient.check_patient,
    people.check_authors,
    people.check_data_enterer,
    people.check_informants,
    people.check_custodian,
    people.check_recipients,
    people.check_legal_authenticator,
    people.check_authenticators,
    people.check_participants,
    header.check_orders,
    act.check_act,
    act.check_encounter,
    values.check_header_values,
    kinds.check_kind,
    body.check_file,
    body.check_sections,
    body.check_anchors,
    body.check_references,
    templates.check_companions,
    templates.check_coded_sections,
    structure.check_structure,
    entries.check_shapes,
    entries.check_entry_codes,
    entries.check_entry_times,
    entries.check_quantities,
    units.check_units,
    entries.check_negations,
    entries.check_lots,
    entries.check_plausible,
    entries.check_diseases,
    body.check_media,
    entries.check_absences,
)


def check(cda: bytes) -> list[Finding]:
    """Findings in the order of the header, then of the body; empty when the document is good."""
    try:
        document = parse(cda)
    except CdaError as error:
        return [Finding(error.code, error.message_fr, "/")]
    report = Report()
    for rule in RULES:
        rule(document, report)
    return report.findings
