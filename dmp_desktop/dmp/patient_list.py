"""TD0.4: the records I may open (`patientList`; reference §2.1). No patient stands in the VIHF of this question."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from dmp_desktop.dmp import own_service
from dmp_desktop.dmp.hl7v3 import day, truth
from dmp_desktop.dmp.metadata import utc
from dmp_desktop.dmp.names import PATIENT_LIST
from dmp_desktop.dmp.own_service import moment, text
from dmp_desktop.domain.access import DossierDate, KnownDossier
from dmp_desktop.domain.ins import INS_OIDS, OID_INS_NIA, InsIdentity


def request(since: datetime, by: DossierDate) -> str:
    return f'<patientList xmlns="{PATIENT_LIST}"><startDate>{utc(since)}</startDate><dateType>{by}</dateType></patientList>'


def read(root: etree._Element) -> list[KnownDossier]:
    """The lines in the order of the DMP; one without an INS is left out, for nothing can be asked of it. Raises DmpError."""
    own_service.check(root)
    identifiers: dict[etree._Element, list[InsIdentity]] = {}
    for holder in own_service.lines(root, "nationalId"):
        line = holder.getparent()
        value, oid = text(holder, "nationalId"), text(holder, "nationalIdType")
        if line is not None and value and oid in INS_OIDS:
            identifiers.setdefault(line, []).append(InsIdentity(value, oid))
    return [
        _dossier(line, sorted(dict.fromkeys(every), key=lambda one: one.oid == OID_INS_NIA))
        for line, every in identifiers.items()
    ]


def _dossier(line: etree._Element, numbers: list[InsIdentity]) -> KnownDossier:
    patient, *others = numbers
    return KnownDossier(
        patient=patient,
        others=tuple(others),
        family=text(line, "lastName") or text(line, "patronymicalName"),
        given=text(line, "firstName"),
        birth_family=text(line, "patronymicalName"),
        birth_date=day(text(line, "dateOfBirth")),
        attending=truth(text(line, "MT")) is True,
        message=text(line, "message"),
        last_access=moment(text(line, "lastAccessDate")),
        last_update=moment(text(line, "lastUpdateDate")),
        last_document=moment(text(line, "lastAddDate")),
    )
