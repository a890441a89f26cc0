"""TD1.3a: what the record tells about itself: oppositions, attachment to Mon espace santé, legal representatives.

Answered in the message of TD0.2 when its reason is CNSLT_DATA (reference §2.1). No authorisation is needed [R]: whoever means to
break the glass must first learn whether the patient has opposed it.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from dmp_desktop.sandbox import hl7
from dmp_desktop.sandbox.patients import Story, story_named
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.store import Dossier

INTERNET_ACCOUNT = "1.2.250.1.213.4.1.2.9"
RELATIONSHIPS = "2.16.840.1.113883.1.11.19579"
"""HL7 PersonalRelationshipRoleType: FTH father, MTH mother."""


def status(dossier: Dossier) -> str:
    """`statusCode` of the patient: a closed record is terminated."""
    return f'<statusCode code="{"terminated" if dossier.closed else "active"}"/>'


def connections(request: Request, story: Story) -> str:
    """Whether the patient has a web account, and whether the record is attached to Mon espace santé."""
    account = request.store.fact(request.patient.value, "internet_account", story.internet_account)
    return hl7.observation("subjectOf", "COMPTE_INTERNET_OUVERT", INTERNET_ACCOUNT, account) + hl7.observation(
        "subjectOf", "RATTACHEMENT_ENS", hl7.OBSERVATIONS, story.attached_to_mes
    )


def subject(request: Request, dossier: Dossier) -> str:
    """The patient of the answer of TD1.3a."""
    story = story_named(dossier.story)
    oppositions = {
        "OPPOSITION_BRIS_DE_GLACE": dossier.opposes_break_glass,
        "OPPOSITION_ACCES_URGENCE": dossier.opposes_emergency,
    }
    observations = "".join(
        hl7.observation("subjectOf", code, hl7.OBSERVATIONS, value) for code, value in oppositions.items()
    )
    relatives = "".join(_relative(*relative) for relative in story.representatives)
    return hl7.subject(
        f'<patient classCode="PAT">{hl7.identifiers(request.patient)}{status(dossier)}'
        f"{hl7.person(story.patient, relatives, address=True)}{hl7.provider()}"
        f"{connections(request, story)}{observations}</patient>"
    )


def _relative(link: str, family: str, given: str) -> str:
    return (
        f'<personalRelationship classCode="PRS"><code code="{link}" codeSystem="{RELATIONSHIPS}"/>'
        f'<relationshipHolder1 classCode="PSN" determinerCode="INSTANCE"><name><given>{escape(given)}</given>'
        f'<family qualifier="BR">{escape(family)}</family></name></relationshipHolder1></personalRelationship>'
    )
