"""All rules on one document."""

from __future__ import annotations

from dmp_desktop.cda.check.body import check_body
from dmp_desktop.cda.check.findings import Finding, Report
from dmp_desktop.cda.check.header import check_act, check_document, check_encounter
from dmp_desktop.cda.check.people import (
    check_author,
    check_custodian,
    check_details,
    check_legal_authenticator,
    check_patient,
)
from dmp_desktop.cda.xml import children, parse
from dmp_desktop.errors import CdaError


def check(cda: bytes) -> list[Finding]:
    """Findings in the order of the header, then of the body; empty when the document is good."""
    try:
        document = parse(cda)
    except CdaError as error:
        return [Finding(error.code, error.message_fr, "/")]
    report = Report()
    check_document(document, report)
    check_patient(document, report)
    authors = children(document, "author")
    if not authors:
        report.error("author-missing", "L'auteur manque.", document, "author")
    for author in authors:
        check_author(author, report)
    check_custodian(document, report)
    check_legal_authenticator(document, report)
    check_act(document, report)
    check_encounter(document, report)
    check_details(document, report)
    check_body(document, report)
    return report.findings
