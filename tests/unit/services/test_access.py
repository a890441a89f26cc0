"""Who declares the patient's agreement and when, what opposition stops, and being the médecin traitant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dmp_desktop.domain.access import Authorization, DossierStatus, FoundPerson, PersonQuery
from dmp_desktop.domain.consent import AccessAct, Subject
from dmp_desktop.domain.documents import Author, Availability, Visibility
from dmp_desktop.domain.outbox import WaitingFor
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.access_acts import AccessActs
from dmp_desktop.services.rights import TRAINEE, Action
from dmp_desktop.services.special_words import Reason
from tests.helpers.access_world import World
from tests.helpers.outbox import PATIENT, built

MASKED, HIDDEN, _PARENTS = Visibility
VALID = DossierStatus(exists=True, authorization=Authorization.VALIDE)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "a.db")
    yield world
    world.database.close()


@pytest.fixture
def automatic(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "b.db", Settings(authorisation="automatic"))
    yield world
    world.database.close()


def acts(world: World) -> list[AccessAct]:
    return [traced.act for traced in world.access.oppositions.history(PATIENT.ins)]


def test_by_itself_opening_declares_nothing(world: World) -> None:
    assert not world.dossier.status(PATIENT).readable
    assert world.dmp.asked == ["status"]
    assert world.dossier.authorise(PATIENT).readable
    assert acts(world) == [AccessAct.AUTHORISED]


def test_automatic_declares_on_opening_and_once(automatic: World) -> None:
    assert automatic.dossier.status(PATIENT).readable
    assert automatic.dmp.asked == ["status", "authorise False"]
    automatic.dossier.status(PATIENT)
    assert automatic.dmp.asked[2:] == ["status"]
    assert acts(automatic) == [AccessAct.AUTHORISED_ALONE]


def test_automatic_declares_nothing_for_a_patient_who_is_not_there(automatic: World) -> None:
    automatic.dossier.check(PATIENT)
    automatic.dossier.preload(PATIENT)
    assert automatic.dmp.asked == ["status"]


@pytest.mark.parametrize(
    "answer",
    [
        DossierStatus(exists=False),
        DossierStatus(exists=True, closed=True, authorization=Authorization.NON_EXISTE),
        DossierStatus(exists=True, authorization=Authorization.INTERDIT),
        VALID,
    ],
)
def test_automatic_leaves_alone_what_is_shut_forbidden_or_open(automatic: World, answer: DossierStatus) -> None:
    automatic.dmp.answers[PATIENT.ins.value] = answer
    assert automatic.dossier.status(PATIENT) == answer
    assert automatic.dmp.asked == ["status"]


def test_automatic_gives_way_to_the_patient_and_to_the_card(automatic: World) -> None:
    automatic.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    automatic.dossier.status(PATIENT)
    automatic.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=False)
    for role in (Role.SECRETARY, Role.STRUCTURE):
        automatic.sign_in(role)
        automatic.dossier.status(PATIENT)
    assert automatic.dmp.asked == ["status"] * 3


def test_automatic_declares_nothing_for_who_reads_no_document(automatic: World) -> None:
    automatic.sign_in(Role.DOCTOR, "G15_10/SM25")
    automatic.dossier.status(PATIENT)
    assert (automatic.dmp.asked, acts(automatic)) == (["status"], [])


def test_automatic_leaves_withdrawn_what_was_withdrawn_until_it_is_declared_by_hand(automatic: World) -> None:
    assert automatic.dossier.status(PATIENT).readable
    assert not automatic.dossier.withdraw(PATIENT).readable
    assert not automatic.dossier.status(PATIENT).readable
    assert automatic.dossier.authorise(PATIENT).readable
    automatic.dmp.answers.pop(PATIENT.ins.value)  # it lapsed
    assert automatic.dossier.status(PATIENT).readable
    assert acts(automatic)[::-1] == [
        AccessAct.AUTHORISED_ALONE,
        AccessAct.WITHDRAWAL_ASKED,
        AccessAct.WITHDRAWN,
        AccessAct.AUTHORISED,
        AccessAct.AUTHORISED_ALONE,
    ]


def test_automatic_declares_nobody_whom_regulation_found(automatic: World) -> None:
    born = PATIENT.birth_date
    found = FoundPerson(PATIENT.ins, PATIENT.birth_family, PATIENT.first_given, born, PATIENT.sex, 100)
    automatic.dmp.found = [found]
    automatic.access.special.search_person(PersonQuery(PATIENT.birth_family))
    assert not automatic.dossier.status(PATIENT).readable
    automatic.access.special.regulate(PATIENT)
    automatic.access.special.end()
    assert not automatic.dossier.status(PATIENT).readable, "nor once the regulation is over"
    assert AccessAct.AUTHORISED_ALONE not in acts(automatic)


def test_a_trainee_declares_and_forces_nothing(automatic: World) -> None:
    automatic.sign_in(Role.TRAINEE)
    assert not automatic.dossier.status(PATIENT).readable
    automatic.dmp.answers[PATIENT.ins.value] = VALID
    special = automatic.access.special
    acts_of_a_doctor = (
        lambda: automatic.dossier.authorise(PATIENT),
        lambda: automatic.dossier.withdraw(PATIENT),
        lambda: automatic.attending.declare(PATIENT),
        lambda: special.break_glass(PATIENT, Reason.IMMEDIATE_RISK),
    )
    for act in acts_of_a_doctor:
        with pytest.raises(DmpError, match="Avec une carte de formation"):
            act()
    assert (automatic.dmp.asked, acts(automatic)) == (["status"], [])
    assert special.break_glass_refusal() == TRAINEE
    assert automatic.dossier.status(PATIENT).readable, "it reads what the patient opened"


def test_a_refusal_of_the_dmp_on_opening_is_no_error(automatic: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **_named: object) -> None:
        raise DmpError("DMPAccessDeniedByRightsService", "Non.")

    monkeypatch.setattr(automatic.dmp, "authorise", refuse)
    assert automatic.dossier.status(PATIENT).authorization is Authorization.NON_EXISTE
    assert acts(automatic) == []


def test_feeding_and_deleting_never_declare_anything(automatic: World) -> None:
    automatic.outbox.enqueue(PATIENT, built(9))
    automatic.clock.advance(60)
    automatic.outbox.deliver_due()
    entry = automatic.dmp.registered[0][0]
    automatic.dmp.answers[PATIENT.ins.value] = DossierStatus(True, authorization=Authorization.NON_EXISTE)
    mine = replace(entry, authors=(Author(person_id="810002422979"),))
    automatic.properties.set_status(PATIENT, mine, Availability.DELETED, attending=False)
    assert len(automatic.dmp.submissions) == 1
    assert automatic.dmp.asked == ["status DELETED"]


def test_opposed_nothing_is_read_not_even_from_the_disk(world: World) -> None:
    world.dmp.answers[PATIENT.ins.value] = VALID
    [entry] = world.dossier.entries(PATIENT)
    world.dossier.content(PATIENT, entry)
    assert world.cache.ids(PATIENT.ins.value)
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    assert not world.cache.ids(PATIENT.ins.value)
    asked = len(world.dmp.asked)
    for read in (
        lambda: world.dossier.entries(PATIENT),
        lambda: world.dossier.kept_list(PATIENT),
        lambda: world.dossier.preload(PATIENT),
        lambda: world.dossier.content(PATIENT, entry),
        lambda: world.dossier.fetch(PATIENT, entry),
        lambda: world.dossier.links(PATIENT, entry),
        lambda: world.dossier.deposited(PATIENT, world.clock.now()),
        lambda: world.dossier.authorise(PATIENT),
    ):
        with pytest.raises(DmpError) as caught:
            read()
        assert caught.value.code == "ConsultationOpposee"
    assert world.dmp.asked[asked:] == ["status"]  # of `authorise`: TD0.2 is no consultation
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=False)
    assert world.dossier.entries(PATIENT)


def test_without_a_recorded_agreement_where_that_is_wanted(tmp_path: Path) -> None:
    world = World(tmp_path / "c.db", Settings(unrecorded_consent="refused"))
    world.dmp.answers[PATIENT.ins.value] = VALID
    with pytest.raises(DmpError, match="n'est pas noté"):
        world.dossier.entries(PATIENT)
    waiting = world.outbox.enqueue(PATIENT, built(9))
    assert (waiting.waiting_for, "n'est pas noté" in waiting.message) == (WaitingFor.OPPOSITION, True)
    for subject in Subject:
        world.access.oppositions.record(PATIENT, subject, opposed=False)
    assert world.dossier.entries(PATIENT)
    world.outbox.enqueue(PATIENT, built(9))
    world.database.close()


def test_declared_and_ended_as_attending(world: World) -> None:
    world.dmp.answers[PATIENT.ins.value] = VALID
    assert world.attending.declare(PATIENT).attending
    assert world.dossier.authorise(PATIENT).attending, "declaring again keeps it"
    assert not world.attending.end(PATIENT).attending
    told = [AccessAct.ATTENDING_WITHDRAWN, AccessAct.AUTHORISED, AccessAct.ATTENDING_DECLARED]
    assert acts(world) == told
    assert [asked for asked in world.dmp.asked if "authorise" in asked] == [
        "authorise True",
        "authorise True",
        "authorise False",
    ]


def test_only_a_doctor_is_attending(world: World) -> None:
    world.sign_in(Role.OTHER_PROFESSIONAL, "G15_60")
    assert world.attending.refusal(PATIENT) == "Seul un médecin peut le faire."
    with pytest.raises(DmpError, match="Seul un médecin"):
        world.attending.declare(PATIENT)
    assert world.dossier.authorise(PATIENT).readable


def test_withdrawn_access_leaves_nothing(world: World) -> None:
    world.dmp.answers[PATIENT.ins.value] = VALID
    [entry] = world.dossier.entries(PATIENT)
    world.dossier.content(PATIENT, entry)
    assert not world.dossier.withdraw(PATIENT).readable
    assert not world.cache.ids(PATIENT.ins.value)
    assert acts(world) == [AccessAct.WITHDRAWN, AccessAct.WITHDRAWAL_ASKED]


def test_buttons_without_a_card(world: World) -> None:
    world.who = None
    assert world.access.policy.refusal(Action.LIST) == "Insérez votre carte CPS."


def test_what_was_changed_is_no_longer_kept(world: World) -> None:
    world.dmp.answers[PATIENT.ins.value] = VALID
    [entry] = world.dossier.entries(PATIENT)
    world.dossier.content(PATIENT, entry)
    world.properties.set_visibility(PATIENT, entry, frozenset({MASKED}), attending=False)
    assert world.dmp.asked[-1] == "visibility ['masque_ps']"
    assert world.cache.ids(PATIENT.ins.value) == frozenset()


def test_changes_that_cannot_be_are_refused_before_they_are_sent(world: World) -> None:
    [(entry, _)] = world.dmp.registered
    with pytest.raises(ContextError, match="ne peut plus"):
        world.properties.set_visibility(PATIENT, entry, frozenset({HIDDEN}), attending=False)
    with pytest.raises(DmpError, match="Seul l'auteur"):
        world.properties.set_status(PATIENT, entry, Availability.DELETED, attending=True)
    with pytest.raises(DmpError, match="médecin traitant"):
        world.properties.set_status(PATIENT, entry, Availability.ARCHIVED, attending=False)
    with pytest.raises(ValueError, match="DEPRECATED"):
        world.properties.set_status(PATIENT, entry, Availability.DEPRECATED, attending=False)
    world.properties.set_visibility(PATIENT, entry, frozenset(), attending=False)
    assert world.dmp.asked == []
    world.properties.set_status(PATIENT, entry, Availability.ARCHIVED, attending=True)
    assert world.dmp.asked == ["status ARCHIVED"]


def screen(world: World) -> AccessActs:
    """What the window asks."""
    return AccessActs(world.access, world.dossier, world.attending, lambda: None)


def test_the_window_is_told_of_each_opinion_and_why_nothing_is_sent(world: World) -> None:
    asked, noted = screen(world), []
    asked.follow_opinions(noted.append)
    assert asked.feeding_refusal(PATIENT) is None
    world.access.oppositions.record(PATIENT, Subject.FEEDING, opposed=True)
    assert noted == [PATIENT.ins]
    why = asked.feeding_refusal(PATIENT)
    assert why
    assert "s'est opposé à l'envoi de documents" in why
    assert "« Accès au dossier »" in why
    world.access.oppositions.record(PATIENT, Subject.FEEDING, opposed=False)
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    assert (asked.feeding_refusal(PATIENT), len(noted)) == (None, 3)


@pytest.mark.parametrize(("specialty", "told"), [("G15_10/SM26", False), ("G15_10/SM25", True)])
def test_the_window_is_told_who_opens_no_document(world: World, specialty: str, *, told: bool) -> None:
    world.sign_in(Role.DOCTOR, specialty)
    why = screen(world).reading_refusal(PATIENT)
    assert bool(why) is told
    assert "médecin du travail" in (why or "médecin du travail")
