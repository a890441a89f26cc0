"""What our strict rules find: a stable code, a French sentence, where, and whether the document may leave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dmp_desktop.cda.xml import Element, path_of

MAX_FINDINGS = 200


class Severity(StrEnum):
    ERROR = "error"  # refused
    WARNING = "warning"  # to be read, then sent


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken. `path` is the element (`ClinicalDocument/author[1]/assignedAuthor/code`); no value is ever quoted."""

    code: str
    message_fr: str
    path: str
    severity: Severity = Severity.ERROR


class Report:
    """Collects the findings of one document, up to MAX_FINDINGS: a document with more is broken all over."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._told: set[tuple[str, str]] = set()

    def error(self, code: str, message: str, element: Element, *below: str) -> None:
        self._add(code, message, element, below, Severity.ERROR)

    def warn(self, code: str, message: str, element: Element, *below: str) -> None:
        self._add(code, message, element, below, Severity.WARNING)

    def warn_once(self, code: str, message: str, about: str, element: Element, *below: str) -> None:
        """As `warn`, once for all findings of this code `about` the same thing, which is never shown."""
        if (code, about) not in self._told:
            self._told.add((code, about))
            self.warn(code, message, element, *below)

    def _add(self, code: str, message: str, element: Element, below: tuple[str, ...], severity: Severity) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(code, message, "/".join((path_of(element), *below)), severity))
