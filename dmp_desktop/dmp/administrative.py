"""TD1.3a: what the record's administrative data say of access (PRPA_IN201307UV02, reason CNSLT_DATA; reference §2.1).

Identity traits are not read: the DMP's own are never displayed.
"""

from __future__ import annotations

from lxml import etree

from dmp_desktop.dmp import catalogue, hl7v3
from dmp_desktop.dmp.existence import ANSWER
from dmp_desktop.dmp.hl7v3 import NS
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.domain.access import Administrative, Representative
from dmp_desktop.domain.documents import Code

# HL7 PersonalRelationshipRoleType (FTH father, MTH mother …).
_RELATIONSHIPS = "2.16.840.1.113883.1.11.19579"


def read(root: etree._Element) -> Administrative:
    """The answer PRPA_IN201308UV02. Raises DmpError, DMPNotFound when there is no record."""
    control = hl7v3.accepted(root, ANSWER)
    if hl7v3.found_nothing(control):
        raise catalogue.error("DMPNotFound")
    patient = next(hl7v3.patients(control), None)
    if patient is None:
        raise unreadable("no patient, and not NF")
    told = hl7v3.observations(patient)
    person = patient.find(f"{NS}patientPerson")
    relations = None if person is None else person.iterfind(f"{NS}personalRelationship")
    return Administrative(
        opposes_break_glass=told.get("OPPOSITION_BRIS_DE_GLACE"),
        opposes_emergency=told.get("OPPOSITION_ACCES_URGENCE"),
        attached_to_mes=told.get("RATTACHEMENT_ENS"),
        internet_account=told.get("COMPTE_INTERNET_OUVERT"),
        representatives=None if relations is None else tuple(_representative(relation) for relation in relations),
    )


def _representative(relation: etree._Element) -> Representative:
    code, holder = relation.find(f"{NS}code"), relation.find(f"{NS}relationshipHolder1")
    link = Code("", _RELATIONSHIPS)
    if code is not None:
        link = Code(code.get("code", ""), code.get("codeSystem", _RELATIONSHIPS), code.get("displayName", ""))
    if holder is None:
        return Representative(link)
    return Representative(link, hl7v3.name_part(holder, "family", "SP"), hl7v3.name_part(holder, "given", "SP"))
