"""A CDA file made elsewhere, before it enters the outbox."""

from __future__ import annotations

from dmp_desktop.cda.check import Severity, check
from dmp_desktop.cda.read import read_patient
from dmp_desktop.cda.xml import parse
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.errors import CdaError


def patient_of(untrusted_cda: bytes) -> Patient:
    """The patient a document names, once our strict rules accept the document.

    Its INS counts as qualified: no other may stand in a CDA under the INS's OIDs (CI-SIS, "structuration minimale").
    Raises CdaError with the first thing the rules refuse.
    """
    for finding in check(untrusted_cda):
        if finding.severity is Severity.ERROR:
            raise CdaError(
                finding.code, finding.message_fr, "Corrigez le document, puis recommencez.", path=finding.path
            )
    named = read_patient(parse(untrusted_cda))
    if named.ins is None or named.birth_date is None:
        raise CdaError(
            "cda-patient", "Le document ne dit pas quel est son patient.", "Ajoutez son INS.", path="recordTarget"
        )
    return Patient(
        ins=InsIdentity(named.ins.value, named.ins.oid, InsStatus.QUALIFIEE),
        birth_family=named.birth_family,
        birth_given=named.birth_given,
        first_given=named.first_given,
        sex=Sex(named.sex),
        birth_date=named.birth_date,
        birth_place_cog=named.birth_place_cog,
        birth_place=named.birth_place,
        used_family=named.used_family or None,
        used_given=named.used_given or None,
    )
