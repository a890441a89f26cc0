"""A declaration whose answer is lost: nothing is believed of it, the DMP tells, and nobody undoes a withdrawal behind the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.consent import CHECKED, AccessAct
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.platform.settings import Settings
from tests.helpers.access_world import ModalDmp, World
from tests.helpers.outbox import PATIENT

VALID = DossierStatus(exists=True, authorization=Authorization.VALIDE)
LOST = DmpError("ReponsePerdue", "La connexion avec le DMP a été coupée.", retryable=True, ambiguous=True)
DOWN = DmpError("x", "Le DMP reçoit trop de demandes.", retryable=True)


@pytest.fixture(params=["explicit", "automatic"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    world = World(tmp_path / "a.db", Settings(authorisation=request.param))
    world.dmp.answers[PATIENT.ins.value] = VALID
    yield world
    world.database.close()


def history(world: World) -> list[tuple[AccessAct, str, str]]:
    found = world.access.oppositions.history(PATIENT.ins)
    return [(traced.act, traced.reason, traced.by_name) for traced in found]


def lose(world: World, monkeypatch: pytest.MonkeyPatch, name: str, *, done: bool, leaves: bool = False) -> None:
    """The next request of this name is carried out or not, and its answer is lost; with `leaves` the card is pulled meanwhile."""
    kind, real = type(world.dmp), getattr(type(world.dmp), name)

    def lost(dmp: object, *arguments: object, **named: object) -> None:
        monkeypatch.setattr(kind, name, real)
        if done:
            real(dmp, *arguments, **named)
        if leaves:
            world.who = None
        raise LOST

    monkeypatch.setattr(kind, name, lost)


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("done", [False, True])
def test_a_withdrawal_that_is_not_answered(
    world: World, monkeypatch: pytest.MonkeyPatch, *, done: bool, leaves: bool
) -> None:
    [entry] = world.dossier.entries(PATIENT)
    world.dossier.content(PATIENT, entry)
    account = world.who
    assert account
    name = account.professional.display_name
    lose(world, monkeypatch, "withdraw", done=done, leaves=leaves)
    with pytest.raises(DmpError) as told:
        world.dossier.withdraw(PATIENT)
    assert told.value.ambiguous
    assert not world.cache.ids(PATIENT.ins.value), "it may have been withdrawn"
    asked = [(AccessAct.UNANSWERED, "withdrawn", name), (AccessAct.WITHDRAWAL_ASKED, "", name)]
    assert history(world) == asked
    world.who = account
    assert world.dossier.status(PATIENT).readable is not done, "what the DMP says, and nothing is declared"
    now = (AccessAct.WITHDRAWN, CHECKED, name) if done else (AccessAct.NOT_DONE, "withdrawn", name)
    assert history(world) == [now, *asked]
    world.dossier.status(PATIENT)
    assert history(world) == [now, *asked], "said once"


def test_no_withdrawal_that_was_asked_is_undone_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.dmp, "refuses", DOWN)
    with pytest.raises(DmpError):
        world.dossier.withdraw(PATIENT)
    monkeypatch.setattr(world.dmp, "refuses", None)
    assert history(world)[0][:2] == (AccessAct.NOT_DONE, "withdrawn")
    assert world.dossier.status(PATIENT).readable
    world.dmp.answers.pop(PATIENT.ins.value)  # later it lapses
    assert not world.dossier.status(PATIENT).readable
    assert "authorise False" not in world.dmp.asked
    assert world.dossier.authorise(PATIENT).readable, "by the doctor's own act"


def test_killed_before_the_answer_the_next_program_finds_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_arguments: object) -> None:
        world.dmp.answers.pop(PATIENT.ins.value)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(world.dmp), "withdraw", killed)
        with pytest.raises(KeyboardInterrupt):
            world.dossier.withdraw(PATIENT)
    assert [act for act, *_ in history(world)] == [AccessAct.WITHDRAWAL_ASKED]
    world.dossier.forget()
    assert not world.dossier.status(PATIENT).readable
    assert history(world)[0][:2] == (AccessAct.WITHDRAWN, CHECKED)


@pytest.mark.parametrize("done", [False, True])
def test_an_authorisation_that_is_not_answered(world: World, monkeypatch: pytest.MonkeyPatch, *, done: bool) -> None:
    world.dmp.answers.pop(PATIENT.ins.value)
    world.dossier.check(PATIENT)
    lose(world, monkeypatch, "authorise", done=done)
    with pytest.raises(DmpError):
        world.dossier.authorise(PATIENT)
    assert history(world)[0][:2] == (AccessAct.UNANSWERED, "authorised")
    assert bool(world.dossier.entries(PATIENT)) is done, "the DMP is asked anew, what was known of it is not believed"
    now = (AccessAct.AUTHORISED, CHECKED) if done else (AccessAct.NOT_DONE, "authorised")
    assert history(world)[0][:2] == now


def test_what_is_declared_on_opening_and_not_answered_is_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not world.access.policy._automatic:
        return
    world.dmp.answers.pop(PATIENT.ins.value)
    lose(world, monkeypatch, "authorise", done=True)
    assert world.dossier.status(PATIENT).readable
    assert [act for act, *_ in history(world)] == [AccessAct.AUTHORISED_ALONE, AccessAct.UNANSWERED]


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("wanted", [False, True])
def test_a_role_that_is_not_answered(
    world: World, monkeypatch: pytest.MonkeyPatch, *, wanted: bool, done: bool
) -> None:
    world.dmp.answers[PATIENT.ins.value] = DossierStatus(True, authorization=Authorization.VALIDE, attending=not wanted)
    world.dossier.check(PATIENT)
    lose(world, monkeypatch, "authorise", done=done)
    with pytest.raises(DmpError):
        (world.attending.declare if wanted else world.attending.end)(PATIENT)
    asked = AccessAct.ATTENDING_DECLARED if wanted else AccessAct.ATTENDING_WITHDRAWN
    assert history(world)[0][:2] == (AccessAct.UNANSWERED, asked)
    assert world.dossier.status(PATIENT).attending is (wanted if done else not wanted)
    assert history(world)[0][:2] == ((asked, CHECKED) if done else (AccessAct.NOT_DONE, asked))


def test_what_is_answered_once_the_card_is_pulled_is_still_theirs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.who
    name, real = world.who.professional.display_name, type(world.dmp).withdraw

    def pulled(dmp: ModalDmp, patient: InsIdentity) -> None:
        real(dmp, patient)
        world.who = None

    monkeypatch.setattr(type(world.dmp), "withdraw", pulled)
    with pytest.raises(CardError):
        world.dossier.withdraw(PATIENT)
    assert history(world)[0] == (AccessAct.WITHDRAWN, "", name)
