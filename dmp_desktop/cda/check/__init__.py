"""Our strict rules, stricter than the official ones where those let an unusable document pass.

`check(cda)` never raises: a document that cannot be read is one finding. A document with an ERROR must not leave.
"""

from dmp_desktop.cda.check.findings import Finding, Severity
from dmp_desktop.cda.check.rules import check

__all__ = ["Finding", "Severity", "check"]
