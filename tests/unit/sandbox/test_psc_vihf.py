"""Mode INDIRECTE_RENFORCEE (AIR): one test a rule, each with an assertion that breaks it alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.psc_state import OTHER_USER, USERS, Session
from tests.helpers.clock import START
from tests.helpers.dmp_wire import PROVIDE, Answer, Caller, Vihf
from tests.helpers.psc_desk import DOCTOR_ID, OTHER_ID

DENIED = "soap:DMPAccessDeniedByRightsService"


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Session]:
    """The doctor signed in by Pro Santé Connect."""
    opened = sandbox.psc.sessions.open(USERS[DOCTOR_ID])
    yield opened
    sandbox.psc.sessions.close(opened.access)


def air(structure: Caller, ins: str, session: Session) -> Vihf:
    """A right assertion in mode AIR, by the keys of the structure."""
    return replace(
        structure.vihf(ins),
        mode="INDIRECTE_RENFORCEE",
        context="TLSClient",
        declaration="APP_BROWSER_AUTH",
        authenticated=session.authenticated,
    )


def reason(answer: Answer) -> str:
    assert answer.status == 500
    return answer.fault[1]


def test_a_right_assertion_reads(structure: Caller, patients: dict[str, str], session: Session) -> None:
    ins = patients["ordinary"]
    vihf = air(structure, ins, session)
    assert structure.existence(ins, vihf).status == 200
    found = structure.find(ins, vihf)
    assert (found.status, b"ExtrinsicObject" in found.content) == (200, True)


def test_what_air_reads_the_certificate_alone_does_not(
    structure: Caller, patients: dict[str, str], session: Session
) -> None:
    assert structure.find(patients["ordinary"]).fault[0] == DENIED


def test_air_never_feeds(structure: Caller, patients: dict[str, str], session: Session) -> None:
    ins = patients["ordinary"]
    body = (
        '<ProvideAndRegisterDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007"><l:SubmitObjectsRequest '
        'xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"><r:RegistryObjectList '
        'xmlns:r="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"/></l:SubmitObjectsRequest></ProvideAndRegisterDocumentSetRequest>'
    )
    answer = structure.call("/repository", PROVIDE, body, ins, air(structure, ins, session))
    assert (answer.fault[0], "TD2.1" in answer.fault[1]) == (DENIED, True)


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "context of a card": ({"context": "SmartcardPKI"}, "AuthnContextClassRef"),
    "no declaration": ({"declaration": ""}, "AuthnContextDecl"),
    "unknown declaration": ({"declaration": "MOT_DE_PASSE"}, "AuthnContextDecl"),
    "declaration without the mode": ({"mode": "INDIRECTE"}, "AuthnContextDecl"),
    "mode": ({"mode": "RENFORCEE"}, "Mode"),
    "instant": ({"authenticated": START}, "AuthnInstant"),
    "other name": ({"subject": "LEROY Alix"}, "nom"),
    "no name": ({"omitted": ("urn:oasis:names:tc:xspa:1.0:subject:subject-id",)}, "subject-id"),
    "person without a session": ({"name_id": OTHER_USER, "subject": "LEROY Alix"}, "Aucune session Pro Santé Connect"),
    "structure of nobody": ({"structure": "1100000017"}, "Structure introuvable"),
    "profession": ({"roles": (("60", "1.2.250.1.71.1.2.7"),)}, "rôle"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_rule_refuses(structure: Caller, patients: dict[str, str], session: Session, name: str) -> None:
    changes, expected = CHANGES[name]
    ins = patients["ordinary"]
    answer = structure.existence(ins, replace(air(structure, ins, session), **changes))
    assert expected in reason(answer)


def test_a_card_cannot_speak_for_the_structure(
    doctor: Caller, structure: Caller, patients: dict[str, str], session: Session
) -> None:
    ins = patients["ordinary"]
    vihf = replace(air(structure, ins, session), issuer=doctor.vihf(ins).issuer)
    assert "signataire" in reason(doctor.existence(ins, vihf))


def test_a_closed_session_ends_the_right(
    sandbox: Sandbox, structure: Caller, patients: dict[str, str], session: Session
) -> None:
    ins = patients["ordinary"]
    sandbox.psc.sessions.close(session.refresh)
    assert "Aucune session" in reason(structure.existence(ins, air(structure, ins, session)))


def test_an_expired_session_ends_the_right(structure: Caller, patients: dict[str, str], session: Session) -> None:
    ins = patients["ordinary"]
    session.refresh_until = session.authenticated
    assert "Aucune session" in reason(structure.existence(ins, air(structure, ins, session)))


def test_someone_who_works_elsewhere(sandbox: Sandbox, structure: Caller, patients: dict[str, str]) -> None:
    session = sandbox.psc.sessions.open(USERS[OTHER_ID])
    ins = patients["ordinary"]
    vihf = replace(air(structure, ins, session), name_id=OTHER_ID, subject="LEROY Alix")
    assert "PS introuvable" in reason(structure.existence(ins, vihf))
