"""Breaking the glass, centre 15 and secret connections: who, why, how long, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dmp_desktop.domain.access import AccessMode, Administrative, Authorization, DossierStatus, PersonQuery
from dmp_desktop.domain.consent import AccessAct, Subject, TracedAct
from dmp_desktop.domain.documents import Availability, DocumentEntry, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.rights import Action
from dmp_desktop.services.special_access import BREAK_GLASS_LASTS, SpecialAccess
from dmp_desktop.services.special_words import REASONS, Reason
from tests.helpers.access_world import ModalDmp, World, account
from tests.helpers.clock import START
from tests.helpers.outbox import PATIENT, built

OTHER = replace(PATIENT, ins=replace(PATIENT.ins, value="149052123190561"))
CHILD = replace(PATIENT, birth_date=PATIENT.birth_date.replace(year=2012))
PARENTS = Visibility.INVISIBLE_REPRESENTANTS_LEGAUX
WORDS = "TEST-chute, confus, seul"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "a.db", Settings(authorisation="automatic"))
    yield world
    world.database.close()


def acts(world: World) -> list[AccessAct]:
    return [traced.act for traced in world.access.oppositions.history(PATIENT.ins)]


def break_glass(world: World) -> None:
    world.access.special.break_glass(PATIENT, Reason.IMMEDIATE_RISK)
    world.dmp.asked.clear()


def test_a_record_is_read_without_an_authorisation_and_only_in_that_mode(world: World) -> None:
    opened = world.access.special.break_glass(PATIENT, Reason.IMMEDIATE_RISK)
    assert (opened.title, opened.mode) == ("ACCÈS EN URGENCE", AccessMode.BRIS_DE_GLACE)
    status = world.dossier.status(PATIENT)
    assert (status.readable, status.authorization) == (True, Authorization.NON_EXISTE)
    [entry] = world.dossier.entries(PATIENT)
    assert world.dossier.content(PATIENT, entry) == b"lu"
    assert world.dmp.asked == [
        "administrative",
        "bris_de_glace status",
        "bris_de_glace find",
        "bris_de_glace find",
        "bris_de_glace retrieve",
    ]
    world.dossier.check(OTHER)
    assert world.dmp.asked[-1] == "status", "for this patient alone"


def test_nothing_read_in_it_is_kept(world: World) -> None:
    break_glass(world)
    [entry] = world.dossier.entries(PATIENT)
    world.dossier.content(PATIENT, entry)
    assert world.cache.ids(PATIENT.ins.value)
    world.access.special.end()
    assert not world.cache.ids(PATIENT.ins.value)
    assert world.access.special.current() is None
    assert world.dossier.preload(PATIENT) == []
    assert world.dmp.asked[-1] == "status"
    assert acts(world) == [AccessAct.SPECIAL_ENDED, AccessAct.GLASS_BROKEN]


@pytest.mark.parametrize("way", ["time", "card", "patient", "nobody", "list"])
def test_each_way_it_ends(world: World, way: str) -> None:
    break_glass(world)
    told: list[object] = []
    world.access.special.follow(lambda patient: told.append(world.access.special.current()))
    match way:
        case "time":
            world.clock.advance(BREAK_GLASS_LASTS.total_seconds() - 1)
            assert world.access.special.current()
            world.clock.advance(1)
            world.access.special.look()
        case "card":
            world.who = None
            world.dossier.forget()
        case "patient":
            world.access.special.patient_shown(PATIENT)
            assert world.access.special.current()
            world.access.special.patient_shown(OTHER)
        case "nobody":
            world.access.special.patient_shown(None)
        case _:
            world.dmp.answers[OTHER.ins.value] = DossierStatus(True, authorization=Authorization.VALIDE)
            world.dossier.entries(OTHER)
    assert told == [None], "the window is told once, when nothing is open any more"
    assert acts(world)[0] is AccessAct.SPECIAL_ENDED


def test_a_clock_that_is_set_back_makes_it_no_longer(world: World) -> None:
    break_glass(world)
    world.clock.set_back(3600)
    world.clock.advance(BREAK_GLASS_LASTS.total_seconds())
    assert world.access.special.current() is None


def test_a_killed_program_leaves_nothing_to_read(world: World, tmp_path: Path) -> None:
    break_glass(world)
    [entry] = world.dossier.entries(PATIENT)
    world.dossier.content(PATIENT, entry)
    world.database.close()
    again = World(tmp_path / "a.db")
    assert not again.cache.ids(PATIENT.ins.value)
    assert acts(again)[0] is AccessAct.SPECIAL_ENDED
    again.database.close()


def test_the_reason_is_asked_kept_here_and_never_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    for words in ("", "  ", "x" * 501):
        with pytest.raises(ContextError) as caught:
            world.access.special.break_glass(PATIENT, Reason.OTHER, words)
        assert caught.value.code == "reason"
    assert (world.dmp.asked, acts(world)) == ([], [])
    with caplog.at_level("DEBUG"):
        world.access.special.break_glass(PATIENT, Reason.OTHER, WORDS)
        world.access.special.end()
    [traced] = [one for one in world.access.oppositions.history(PATIENT.ins) if one.reason]
    assert (traced.reason, traced.words, traced.by_name) == (Reason.OTHER, WORDS, "Dr Camille DUPONT")
    assert "chute" not in caplog.text + repr(traced)
    assert set(REASONS) == set(Reason)


def test_not_when_the_patient_objects(world: World) -> None:
    world.dmp.told = Administrative(opposes_break_glass=True, opposes_emergency=True)
    for open_it in (
        lambda: world.access.special.break_glass(PATIENT, Reason.UNABLE),
        lambda: world.access.special.regulate(PATIENT),
    ):
        with pytest.raises(DmpError) as caught:
            open_it()
        assert caught.value.code == "AccesSpecialOppose"
    assert world.access.special.current() is None


def opening(world: World, mode: AccessMode) -> SpecialAccess:
    special = world.access.special
    if mode is AccessMode.CENTRE_15:
        return special.regulate(PATIENT)
    return special.break_glass(PATIENT, Reason.UNABLE)


@pytest.mark.parametrize("mode", [AccessMode.BRIS_DE_GLACE, AccessMode.CENTRE_15])
@pytest.mark.parametrize(
    ("refuses", "code"),
    [("DMPAccessDeniedByRightsService", "AccesSpecialOppose"), ("DmpInjoignable", "DmpInjoignable")],
)
def test_where_the_dmp_does_not_tell_it_judges_before_anything_opens(
    world: World, mode: AccessMode, refuses: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over FHIR no objection is told: the first thing asked in that mode is refused."""
    world.dmp.told = Administrative()
    changes: list[object] = []
    world.access.special.follow(changes.append)
    find = ModalDmp.find

    def refused(dmp: ModalDmp, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        assert acts(world)[0] in (AccessAct.GLASS_BROKEN, AccessAct.REGULATION_OPENED), "traced before it is asked"
        dmp.note("find")
        raise DmpError(refuses, "Non.").with_reason("Le patient s'est opposé à ce mode d'accès")

    monkeypatch.setattr(ModalDmp, "find", refused)
    with pytest.raises(DmpError) as caught:
        opening(world, mode)
    assert (caught.value.code, caught.value.reason) == (code, "Le patient s'est opposé à ce mode d'accès")
    assert world.dmp.asked == ["administrative", f"{mode} find"]
    assert (world.access.special.current(), changes) == (None, [])
    assert acts(world)[0] is AccessAct.SPECIAL_ENDED, "what began in the trace ends there"
    monkeypatch.setattr(ModalDmp, "find", find)
    assert opening(world, mode).mode is mode


def test_a_protocol_without_the_search_greys_regulation_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.access.special.regulation_refusal() is None
    lacked = {"TD0.5": "Pas de recherche."}
    monkeypatch.setattr(ModalDmp, "lacks", lambda _dmp, transaction: lacked.get(transaction), raising=False)
    assert world.access.special.regulation_refusal() == "Pas de recherche."
    assert world.access.special.break_glass_refusal() is None


def ways(world: World, despite: TracedAct | None) -> list[Callable[[], SpecialAccess]]:
    special = world.access.special
    return [
        lambda: special.break_glass(PATIENT, Reason.UNABLE, despite=despite),
        lambda: special.regulate(PATIENT, despite=despite),
    ]


@pytest.mark.parametrize("way", [0, 1])
def test_an_objection_noted_here_is_told_then_bars_no_emergency(world: World, way: int) -> None:
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    with pytest.raises(ContextError) as caught:
        ways(world, None)[way]()
    assert (caught.value.code, world.dmp.asked) == ("objection", [])
    told = world.access.special.objection(PATIENT.ins)
    assert told
    assert (told.act, told.by_name) == (AccessAct.CONSULTATION_OPPOSED, "Dr Camille DUPONT")
    ways(world, told)[way]()
    assert world.dossier.entries(PATIENT)
    assert acts(world)[1:] == [AccessAct.OPENED_DESPITE, AccessAct.CONSULTATION_OPPOSED]
    world.access.special.end()
    with pytest.raises(DmpError, match="s'est opposé à la consultation"):
        world.dossier.entries(PATIENT)


@pytest.mark.parametrize("way", [0, 1])
def test_the_dmp_s_objection_bars_whatever_was_ticked(world: World, way: int) -> None:
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    world.dmp.told = Administrative(opposes_break_glass=True, opposes_emergency=True)
    with pytest.raises(DmpError) as caught:
        ways(world, world.access.special.objection(PATIENT.ins))[way]()
    assert caught.value.code == "AccesSpecialOppose"
    assert acts(world) == [AccessAct.CONSULTATION_OPPOSED]


def test_an_objection_said_again_since_is_another_one(world: World) -> None:
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    told = world.access.special.objection(PATIENT.ins)
    world.clock.advance(60)
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    with pytest.raises(ContextError):
        world.access.special.break_glass(PATIENT, Reason.UNABLE, despite=told)
    world.access.special.break_glass(PATIENT, Reason.UNABLE, despite=world.access.special.objection(PATIENT.ins))
    world.clock.advance(60)
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    with pytest.raises(DmpError, match="s'est opposé"):
        world.dossier.entries(PATIENT)


def test_an_objection_noted_here_bars_a_secret_visit(world: World) -> None:
    world.access.oppositions.record(CHILD, Subject.CONSULTATION, opposed=True)
    with pytest.raises(DmpError, match="s'est opposé à la consultation"):
        world.access.special.connect_secretly(CHILD)
    assert world.access.special.current() is None


def test_the_screen_asks_without_ending_anything(world: World) -> None:
    assert (world.access.special.peek(), world.access.special.seconds_left()) == (None, None)
    break_glass(world)
    world.clock.advance(60)
    assert world.access.special.peek()
    assert world.access.special.seconds_left() == BREAK_GLASS_LASTS.total_seconds() - 60
    world.clock.advance(BREAK_GLASS_LASTS.total_seconds())
    assert world.access.special.peek() is None
    assert acts(world)[0] is AccessAct.GLASS_BROKEN, "not ended yet: that writes to the disk"
    world.access.special.look()
    assert acts(world)[0] is AccessAct.SPECIAL_ENDED


@pytest.mark.parametrize("despite", [False, True])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_objection_noted_meanwhile_ends_it(world: World, *, elsewhere: bool, despite: bool) -> None:
    record = world.access.oppositions.record
    if despite:
        record(PATIENT, Subject.CONSULTATION, opposed=True)
    special, told = world.access.special, world.access.special.objection(PATIENT.ins)
    special.break_glass(PATIENT, Reason.IMMEDIATE_RISK, despite=told)
    [entry] = world.dossier.entries(PATIENT)
    world.dossier.content(PATIENT, entry)
    record(PATIENT, Subject.FEEDING, opposed=True)
    record(OTHER, Subject.CONSULTATION, opposed=True)
    assert special.peek(), "neither about this access"
    world.clock.advance(1)  # the same act heard again, at the same moment, is not another objection
    if elsewhere:  # another window of the workstation
        objected = TracedAct(AccessAct.CONSULTATION_OPPOSED, world.clock.now(), "1", "Dr Lou TEST-BLANC")
        world.accesses.append(PATIENT.ins, objected)
    else:
        record(PATIENT, Subject.CONSULTATION, opposed=True)
        assert special.peek() is None
        assert acts(world)[:2] == [AccessAct.SPECIAL_ENDED, AccessAct.CONSULTATION_OPPOSED]
    with pytest.raises(DmpError, match="s'est opposé"):
        world.dossier.entries(PATIENT)
    assert special.peek() is None
    assert acts(world)[0] is AccessAct.SPECIAL_ENDED
    assert not world.cache.ids(PATIENT.ins.value)


def test_an_emergency_waits_for_no_recorded_agreement(tmp_path: Path) -> None:
    world = World(tmp_path / "c.db", Settings(unrecorded_consent="refused"))
    world.access.special.break_glass(PATIENT, Reason.IMMEDIATE_RISK)
    assert world.dossier.entries(PATIENT)
    world.database.close()


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.STRUCTURE])
def test_for_professionals_only(world: World, role: Role) -> None:
    world.sign_in(role)
    assert "professionnels de santé" in (world.access.special.break_glass_refusal() or "")
    with pytest.raises(DmpError, match="Rien n'a été ouvert"):
        world.access.special.break_glass(PATIENT, Reason.IMMEDIATE_RISK)
    assert world.dmp.asked == []


def test_nothing_is_declared_nor_changed_in_it(world: World) -> None:
    break_glass(world)
    [(entry, _)] = world.dmp.registered
    with pytest.raises(DmpError, match="accès normal"):
        world.dossier.authorise(PATIENT)
    with pytest.raises(ContextError, match="accès en urgence"):
        world.properties.set_visibility(PATIENT, entry, frozenset({Visibility.MASQUE_PS}), attending=True)
    with pytest.raises(DmpError, match="accès en urgence"):
        world.properties.set_status(PATIENT, entry, Availability.ARCHIVED, attending=True)
    assert world.access.policy.refusal(Action.MASK, OTHER.ins) is None
    assert all("status" in asked for asked in world.dmp.asked)


def test_centre_15_for_doctors(world: World) -> None:
    world.sign_in(Role.OTHER_PROFESSIONAL, "G15_60")
    assert "régulation" in (world.access.special.regulation_refusal() or "")
    world.sign_in(Role.DOCTOR)
    assert world.access.special.search_person(PersonQuery("TEST-PATIENTE")) == []
    opened = world.access.special.regulate(PATIENT)
    assert (opened.title, opened.ends) == ("RÉGULATION (CENTRE 15)", None)
    assert world.dossier.status(PATIENT).readable
    assert world.dmp.asked == ["centre_15 search", "administrative", "centre_15 status"]


@pytest.mark.parametrize(
    ("authenticated_at", "words"), [(None, "Ce poste n'est pas"), (START, "Pro Santé Connect ne vous indique pas")]
)
def test_who_does_not_regulate_neither_seeks_nor_opens(
    world: World, authenticated_at: datetime | None, words: str
) -> None:
    world.who = replace(account(regulation=False), authenticated_at=authenticated_at)
    special = world.access.special
    assert words in (special.regulation_refusal() or "")
    assert special.break_glass_refusal() is None
    for act in (lambda: special.search_person(PersonQuery("TEST-PATIENTE")), lambda: special.regulate(PATIENT)):
        with pytest.raises(DmpError, match=words):
            act()
    assert (world.dmp.asked, acts(world)) == ([], [])


def test_a_minor_s_secret_visit(world: World) -> None:
    assert "majeur" in (world.access.special.secret_refusal(PATIENT) or "")
    with pytest.raises(DmpError, match="majeur"):
        world.access.special.connect_secretly(PATIENT)
    opened = world.access.special.connect_secretly(CHILD)
    assert (opened.title, opened.secret) == ("CONNEXION SECRÈTE", True)
    assert not world.dossier.status(CHILD).readable, "it entitles to nothing more"
    assert world.dmp.asked == ["normal secret status"]
    for visibility in ((), (Visibility.INVISIBLE_PATIENT, PARENTS)):
        with pytest.raises(ContextError, match="connexion secrète"):
            world.outbox.enqueue(CHILD, built(9), visibility)
    world.outbox.enqueue(CHILD, built(9), [PARENTS])
    world.access.special.end()
    world.outbox.enqueue(CHILD, built(10))


def test_one_at_a_time(world: World) -> None:
    break_glass(world)
    world.access.special.break_glass(OTHER, Reason.IMMEDIATE_RISK)
    assert world.access.special.of(PATIENT.ins) is None
    assert world.access.special.of(OTHER.ins)
    assert acts(world)[0] is AccessAct.SPECIAL_ENDED


@pytest.mark.parametrize("way", ["closed", "other", "left"])
@pytest.mark.parametrize("mode", [AccessMode.BRIS_DE_GLACE, AccessMode.CENTRE_15])
def test_what_is_asked_for_a_patient_who_is_closed_meanwhile_does_not_begin(
    world: World, monkeypatch: pytest.MonkeyPatch, mode: AccessMode, way: str
) -> None:
    special, answer = world.access.special, ModalDmp.administrative

    def late(dmp: ModalDmp, patient: InsIdentity) -> Administrative:
        told = answer(dmp, patient)
        special.patient_shown(PATIENT)  # on screen still: reopened, that is all
        if way == "left":
            world.dossier.forget()
        else:
            special.patient_shown(OTHER if way == "other" else None)
        return told

    with monkeypatch.context() as patch:
        patch.setattr(ModalDmp, "administrative", late)
        with pytest.raises(ContextError, match="fermé avant la réponse") as told:
            ask(world, mode)
    assert PATIENT.birth_family not in str(told.value)
    assert special.peek() is None
    assert acts(world) == [], "the glass was not broken"
    ask(world, mode)
    assert special.peek(), "asked again once the record is open again"


@pytest.mark.parametrize("mode", [AccessMode.BRIS_DE_GLACE, AccessMode.CENTRE_15])
def test_closed_while_it_is_traced_it_ends_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch, mode: AccessMode
) -> None:
    special, append = world.access.special, type(world.accesses).append
    told: list[SpecialAccess | None] = []
    special.follow(lambda _patient: told.append(special.peek()))

    def closing(store: object, patient: InsIdentity, traced: TracedAct) -> None:
        append(store, patient, traced)  # type: ignore[arg-type]
        special.patient_shown(None)

    monkeypatch.setattr(type(world.accesses), "append", closing)
    with pytest.raises(ContextError, match="fermé avant la réponse"):
        ask(world, mode)
    assert (special.peek(), told) == (None, [None])
    assert len(acts(world)) == 2
    assert acts(world)[0] is AccessAct.SPECIAL_ENDED


def ask(world: World, mode: AccessMode) -> None:
    if mode is AccessMode.CENTRE_15:
        world.access.special.regulate(PATIENT)
    else:
        world.access.special.break_glass(PATIENT, Reason.IMMEDIATE_RISK)


def test_regulation_of_who_is_open_so_goes_on(world: World) -> None:
    opened = world.access.special.regulate(PATIENT)
    world.dmp.asked.clear()
    assert world.access.special.regulate(PATIENT) is opened
    assert world.dmp.asked == []
    assert acts(world) == [AccessAct.REGULATION_OPENED]
    broken = world.access.special.break_glass(PATIENT, Reason.IMMEDIATE_RISK)
    assert world.access.special.regulate(PATIENT) is not broken
