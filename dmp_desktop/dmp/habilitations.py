"""TD1.6: who may open a record, who is blocked (`listAuthorizationByPatient`; reference §2.1)."""

from __future__ import annotations

from lxml import etree

from dmp_desktop.dmp import own_service
from dmp_desktop.dmp.names import HABILITATIONS
from dmp_desktop.dmp.own_service import moment, text
from dmp_desktop.domain.access import AuthorisationFilter, AuthorisedProfessional
from dmp_desktop.terminology import oids


def request(which: AuthorisationFilter) -> str:
    """The body; the patient is the one of the VIHF."""
    return f'<listAuthorizationByPatient xmlns="{HABILITATIONS}"><mode>{which}</mode></listAuthorizationByPatient>'


def read(root: etree._Element) -> list[AuthorisedProfessional]:
    """The lines in the order of the DMP. Raises DmpError."""
    own_service.check(root)
    return [
        AuthorisedProfessional(
            national_id=text(line, "nationalId"),
            id_oid=text(line, "nationalIdType") or oids.PS_IDNAT,
            family=text(line, "lastName"),
            given=text(line, "firstName"),
            specialty=text(line, "codeSpeciality"),
            since=moment(text(line, "startOfAuthorization")),
            last_action=moment(text(line, "lastActionDate")),
            blocked=text(line, "mode") == AuthorisationFilter.FORBIDDEN,
            right=text(line, "specificRight"),
        )
        for line in own_service.lines(root, "nationalId")
    ]
