"""Who may do what in the program: the one table, its reasons, and that nothing clinical is an administrator's."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.roles import TABLE, WORDS, Task, may, refusal, remedy
from dmp_desktop.services.act_words import result_words

CLINICAL = (
    Task.READ_RECORDS,
    Task.WRITE_NOTES,
    Task.PROPOSE_NOTES,
    Task.VALIDATE_NOTES,
    Task.SEND_OWN,
    Task.SEND_FOR_PRACTICE,
    Task.SEE_PATIENTS,
    Task.CORRECT_IDENTITY,
    Task.BE_ATTENDING,
    Task.PRACTICE_CODE,
    Task.READ_JOURNAL,
    Task.OWN_FEEDING,
)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("task", Task)
def test_every_question_has_an_answer(role: Role, task: Task) -> None:
    why = refusal(role, task)
    assert bool(why) is not may(role, task)
    assert not why or (why[0].isupper() and why.endswith("."))
    assert remedy(role).endswith(".")


def test_every_role_has_its_line() -> None:
    assert set(TABLE) == set(Role)


@pytest.mark.parametrize("task", CLINICAL)
def test_an_administrator_sees_nobody(task: Task) -> None:
    assert refusal(Role.ADMINISTRATOR, task)


def test_an_administrator_looks_after_the_workstation() -> None:
    allowed = {task for task in Task if may(Role.ADMINISTRATOR, task)}
    assert allowed == set(Task) - set(CLINICAL) - {Task.OWN_SETTINGS, Task.NAME_ADMINISTRATORS}


@pytest.mark.parametrize(
    ("role", "task", "said"),
    [
        (Role.TRAINEE, Task.SEND_OWN, "formation"),
        (Role.TRAINEE, Task.VALIDATE_NOTES, "formation"),
        (Role.REPLACEMENT, Task.VALIDATE_NOTES, "remplaçant"),
        (Role.SECRETARY, Task.VALIDATE_NOTES, "secrétariat"),
        (Role.DOCTOR, Task.PROPOSE_NOTES, "en votre nom"),
        (Role.SECRETARY, Task.READ_RECORDS, "secrétariat"),
        (Role.SECRETARY, Task.READ_JOURNAL, "secrétariat"),
        (Role.REPLACEMENT, Task.BE_ATTENDING, "remplaçant"),
        (Role.REPLACEMENT, Task.PRACTICE_CODE, "remplacez"),
        (Role.REPLACEMENT, Task.WORKSTATION_SETTINGS, "remplacez"),
        (Role.OTHER_PROFESSIONAL, Task.BE_ATTENDING, "médecin"),
        (Role.DOCTOR, Task.SEND_FOR_PRACTICE, "secrétariat"),
    ],
)
def test_what_is_said(role: Role, task: Task, said: str) -> None:
    assert said in refusal(role, task)


def test_who_replaces_writes_and_sends_in_their_own_name() -> None:
    for task in (Task.READ_RECORDS, Task.WRITE_NOTES, Task.SEND_OWN, Task.OWN_FEEDING, Task.OWN_SETTINGS):
        assert may(Role.REPLACEMENT, task)


def test_every_role_is_named_once_for_the_screen_and_the_journal() -> None:
    assert set(WORDS) == set(Role)
    assert len(set(WORDS.values())) == len(Role)
    assert {role: result_words(Act.SIGN_IN, role) for role in Role} == WORDS
