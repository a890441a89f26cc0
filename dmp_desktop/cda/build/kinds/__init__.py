"""All kinds of documents that can be made."""

from __future__ import annotations

from dmp_desktop.cda.build.kinds.admission_letter import ADMISSION_LETTER
from dmp_desktop.cda.build.kinds.child_measures import CHILD_MEASURES
from dmp_desktop.cda.build.kinds.consultation import CONSULTATION
from dmp_desktop.cda.build.kinds.ips import IPS
from dmp_desktop.cda.build.kinds.rapid_test import RAPID_TEST
from dmp_desktop.cda.build.kinds.unstructured import CERTIFICATE, LETTER, PRESCRIPTION, SCAN
from dmp_desktop.cda.build.kinds.vaccination import VACCINATION
from dmp_desktop.cda.build.kinds.vsm import VSM
from dmp_desktop.cda.build.plan import DocumentPlan
from dmp_desktop.domain.documents import DocumentKind

_PLANS = {
    plan.kind: plan
    for plan in (
        CONSULTATION,
        VSM,
        IPS,
        ADMISSION_LETTER,
        VACCINATION,
        CHILD_MEASURES,
        RAPID_TEST,
        LETTER,
        CERTIFICATE,
        PRESCRIPTION,
        SCAN,
    )
}


def plan_of(kind: DocumentKind) -> DocumentPlan:
    return _PLANS[kind]
