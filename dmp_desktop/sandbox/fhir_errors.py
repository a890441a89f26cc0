"""Refusals as FHIR tells them: an HTTP status and an OperationOutcome that carries the DMP's or XDS's own code."""

from __future__ import annotations

from dmp_desktop.sandbox import fhir_names
from dmp_desktop.sandbox.faults import RegistryRefusal, SoapFault
from dmp_desktop.sandbox.fhir_names import Json

PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    412: "Precondition Failed",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_ISSUES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "duplicate",
    412: "conflict",
    415: "not-supported",
    422: "business-rule",
    500: "exception",
    503: "transient",
}
STATUSES = {
    "DMPInvalidVIHF": 401,
    "DMPInvalidCertificate": 401,
    "DMPAccessDeniedByRightsService": 403,
    "DMPPatientIdDoesNotMatch": 403,
    "XDSPatientIdDoesNotMatch": 403,
    "DMPNotFound": 404,
    "XDSDocumentUniqueIdError": 404,
    "XDSDuplicateUniqueIdInRegistry": 409,
    "XDSNonIdenticalHash": 409,
    "DMPInvalidMessage": 400,
    "XDSStoredQueryMissingParam": 400,
    "XDSStoredQueryParamNumber": 400,
    "XDSRegistryError": 400,
    "XDSUnknownPatientId": 400,
    "XDSRepositoryError": 500,
    "XDSRegistryNotAvailable": 503,
}
"""All others break a rule of the record: 422. Which status goes with which code is ours."""


class Refused(Exception):  # noqa: N818  # an answer, not a failure of ours
    """A refusal of the facade itself: status, code of an issue of the DMP or XDS, French sentence, where."""

    def __init__(self, status: int, code: str, text: str, where: str = "") -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code
        self.text = text
        self.where = where


def malformed(text: str, where: str = "") -> Refused:
    """A message that is not well made."""
    return Refused(400, "DMPInvalidMessage", text, where)


def wrong(text: str, where: str = "") -> Refused:
    """Metadata that XDS would not take."""
    return Refused(422, "XDSRegistryMetadataError", text, where)


def missing_element(where: str) -> Refused:
    return malformed("Élément obligatoire absent", where)


def absent() -> Refused:
    """No such resource, or none the asker may know of."""
    return Refused(404, "XDSDocumentUniqueIdError", "Document inconnu pour ce patient")


def outcome(error: Refused | SoapFault | RegistryRefusal) -> tuple[int, Json]:
    """The status, that of the first issue, and the OperationOutcome. A matter of rights comes before those of form."""
    if isinstance(error, Refused):
        status, rows = error.status, [(error.code, error.text, error.where)]
    elif isinstance(error, SoapFault):
        status, rows = STATUSES.get(error.code, 422), [(error.code, error.reason, "")]
    else:
        problems = sorted(error.problems, key=lambda problem: STATUSES.get(problem.code) != 403)
        status = STATUSES.get(problems[0].code, 422)
        rows = [(problem.code, problem.context, problem.location) for problem in problems]
    return status, {"resourceType": "OperationOutcome", "issue": [_issue(status, *row) for row in rows]}


def _issue(status: int, code: str, text: str, where: str) -> Json:
    issue: Json = {
        "severity": "error",
        "code": _ISSUES[status],
        "details": {"coding": [{"system": fhir_names.ERRORS, "code": code}], "text": text},
    }
    return issue | ({"diagnostics": where} if where else {})
