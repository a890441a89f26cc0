"""The reasons beside greyed-out buttons. That the rights are those of the DMP is tests/contract/test_rights_contract.py's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.access import AccessMode, AuthenticationMode
from dmp_desktop.domain.people import Role
from dmp_desktop.services.rights import RIGHTS, TRAINEE, Action, Profile, Whose, profile_of, refusal, wire_refusal

DIRECT, INDIRECT, AIR = AuthenticationMode
NORMAL, BROKEN, REGULATION = AccessMode


def test_every_action_has_its_line() -> None:
    assert set(RIGHTS) == set(Action)


@given(
    st.sampled_from(Action),
    st.sampled_from(Role),
    st.sampled_from(AuthenticationMode),
    st.sampled_from(AccessMode),
    st.sampled_from(["", "G15_60", "G15_10/SM26", "G15_10/SM25"]),
    st.booleans(),
    st.sampled_from(Whose),
)
def test_every_question_has_an_answer(
    action: Action,
    role: Role,
    means: AuthenticationMode,
    mode: AccessMode,
    specialty: str,
    attending: bool,
    whose: Whose,
) -> None:
    why = refusal(action, role, means, mode, specialty=specialty, attending=attending, whose=whose)
    assert why is None or (why.endswith(".") and why[0].isupper())
    if why is None:
        more = refusal(action, role, means, mode, specialty=specialty, attending=True, whose=whose)
        assert more is None, "being the médecin traitant takes nothing away"


@pytest.mark.parametrize(
    ("role", "specialty", "profile"),
    [
        (Role.DOCTOR, "G15_10/SM26", Profile.DOCTOR),
        (Role.DOCTOR, "G15_10/SM25", Profile.OCCUPATIONAL),
        (Role.OTHER_PROFESSIONAL, "G15_60", Profile.PROFESSIONAL),
        (Role.REPLACEMENT, "G15_10/SM26", Profile.DOCTOR),
        (Role.TRAINEE, "", Profile.PROFESSIONAL),
        (Role.SECRETARY, "SECRETARIAT_MEDICAL", Profile.SECRETARY),
        (Role.STRUCTURE, "", Profile.STRUCTURE),
    ],
)
def test_whose_column(role: Role, specialty: str, profile: Profile) -> None:
    assert profile_of(role, specialty) is profile


@pytest.mark.parametrize(
    ("action", "role", "mode", "whose", "said"),
    [
        (Action.LIST, Role.SECRETARY, NORMAL, Whose.MINE, "secrétariat"),
        (Action.READ, Role.STRUCTURE, NORMAL, Whose.MINE, "certificat du cabinet"),
        (Action.FEED_FOR_STRUCTURE, Role.OTHER_PROFESSIONAL, NORMAL, Whose.MINE, "Seul le secrétariat"),
        (Action.MASK, Role.DOCTOR, BROKEN, Whose.MINE, "accès en urgence"),
        (Action.AUTHORISE, Role.DOCTOR, BROKEN, Whose.MINE, "accès normal"),
        (Action.SEARCH_PERSON, Role.DOCTOR, NORMAL, Whose.MINE, "centre 15"),
        (Action.LIST, Role.OTHER_PROFESSIONAL, REGULATION, Whose.MINE, "médecins de la régulation"),
        (Action.STATUS, Role.SECRETARY, BROKEN, Whose.MINE, "professionnels de santé"),
        (Action.UNMASK, Role.DOCTOR, NORMAL, Whose.OTHER, "médecin traitant"),
        (Action.DELETE, Role.DOCTOR, NORMAL, Whose.STRUCTURE, "Seul l'auteur"),
        (Action.DELETE, Role.DOCTOR, NORMAL, Whose.PATIENT, "vient du patient"),
        (Action.ARCHIVE, Role.DOCTOR, NORMAL, Whose.PATIENT, "vient du patient"),
        (Action.DELETE, Role.SECRETARY, NORMAL, Whose.OTHER, "son cabinet"),
    ],
)
def test_what_is_said(action: Action, role: Role, mode: AccessMode, whose: Whose, said: str) -> None:
    means = INDIRECT if role is Role.STRUCTURE else DIRECT
    assert said in (refusal(action, role, means, mode, specialty="G15_10/SM26", whose=whose) or "")


def test_a_trainee_reads_and_changes_nothing() -> None:
    assert refusal(Action.READ, Role.TRAINEE, DIRECT) is None
    for action in (
        Action.FEED,
        Action.DELETE,
        Action.MASK,
        Action.AUTHORISE,
        Action.WITHDRAW,
        Action.DECLARE_ATTENDING,
    ):
        assert refusal(action, Role.TRAINEE, DIRECT) == TRAINEE
    assert refusal(Action.LIST, Role.TRAINEE, DIRECT, BROKEN) == TRAINEE


def test_who_replaces_does_all_a_doctor_does_but_become_the_attending_one() -> None:
    for action in Action:
        mine, theirs = (refusal(action, role, DIRECT) for role in (Role.REPLACEMENT, Role.DOCTOR))
        assert (mine == theirs) is (action is not Action.DECLARE_ATTENDING)
    assert "remplaçant" in (refusal(Action.DECLARE_ATTENDING, Role.REPLACEMENT, DIRECT) or "")


@pytest.mark.parametrize("action", Action)
def test_an_administrator_asks_the_dmp_nothing(action: Action) -> None:
    for mode in AccessMode:
        assert "aucun dossier" in (refusal(action, Role.ADMINISTRATOR, DIRECT, mode) or "")


def test_an_occupational_doctor_lists_and_does_not_read() -> None:
    told = [refusal(action, Role.DOCTOR, AIR, specialty="G15_10/SM25") for action in (Action.LIST, Action.READ)]
    assert told[0] is None
    assert "médecin du travail" in (told[1] or "")


def test_signed_in_by_phone_the_office_deposits_nothing() -> None:
    assert refusal(Action.FEED, Role.DOCTOR, AIR) is None
    assert "ne dépose pas" in (refusal(Action.FEED_FOR_STRUCTURE, Role.SECRETARY, AIR) or "")


def test_the_attending_doctor_archives_all_and_deletes_what_the_patient_brought() -> None:
    for whose in Whose:
        assert wire_refusal(Action.ARCHIVE, Profile.DOCTOR, DIRECT, attending=True, whose=whose) is None
    assert wire_refusal(Action.DELETE, Profile.DOCTOR, DIRECT, attending=True, whose=Whose.PATIENT) is None
    assert wire_refusal(Action.DELETE, Profile.DOCTOR, DIRECT, attending=True, whose=Whose.OTHER)
