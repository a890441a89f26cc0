"""All kinds of documents that can be made."""

from __future__ import annotations

from dmp_desktop.cda.build.kinds.consultation import CONSULTATION
from dmp_desktop.cda.build.kinds.unstructured import CERTIFICATE, LETTER, PRESCRIPTION, SCAN
from dmp_desktop.cda.build.plan import DocumentPlan
from dmp_desktop.domain.documents import DocumentKind

_PLANS = {plan.kind: plan for plan in (CONSULTATION, LETTER, CERTIFICATE, PRESCRIPTION, SCAN)}


def plan_of(kind: DocumentKind) -> DocumentPlan:
    return _PLANS[kind]
