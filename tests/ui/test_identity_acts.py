"""What is done on the pages of identities is followed, and its failure told to who asked, whatever is shown by then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.consent import AccessAct, Subject
from dmp_desktop.domain.identity import DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, Matricule
from dmp_desktop.domain.people import Professional, Role
from dmp_desktop.errors import DmpError, StorageError
from dmp_desktop.services.identity import CHANGED
from dmp_desktop.services.identity_desk import LastVitale
from dmp_desktop.services.identity_proposal import Proposal
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui import strings_opinions_fr as opinions_fr
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.views.identity.acting import Late
from dmp_desktop.ui.views.identity.desk import DeskActs
from dmp_desktop.ui.views.identity.view import IdentityView
from tests.helpers.identities import Practice, ScriptedInsi, found, number, practice, told
from tests.ui import fakes
from tests.ui.access import FakeAccess
from tests.ui.conftest import Bench
from tests.ui.identity import ADULT, Page, Reader, SlowDesk, slow_desk, texts
from tests.ui.record import FakeReading

SECRETARY = Professional("10009999999", "MARTEL", "Nora", "", "MME", "")
OTHER = Professional("10008888888", "AUTRE", "Alix", "G15_10/SM26", "M", "DR")
CONSULTATION, FEEDING = Subject


@pytest.fixture
def insi() -> ScriptedInsi:
    return ScriptedInsi(lambda _: found(told(ADULT)))


@pytest.fixture
def kept(tmp_path, insi) -> Iterator[Practice]:
    with practice(tmp_path, insi) as opened:
        yield opened


@pytest.fixture
def page(kept, qtbot) -> Iterator[Page]:
    shown = Page(kept, qtbot)
    yield shown
    shown.desk.gate.set()
    assert shown.pool.close()


def press(qtbot, view: IdentityView, text: str) -> None:
    def offered() -> list[QAbstractButton]:
        return [one for one in view.findChildren(QAbstractButton) if one.isVisible() and one.text() == text]

    qtbot.waitUntil(lambda: len(offered()) == 1 and offered()[0].isEnabled())
    qtbot.mouseClick(offered()[0], Qt.MouseButton.LeftButton)


def follow(view: IdentityView) -> list[Late]:
    lates: list[Late] = []
    view.late.connect(lates.append)
    return lates


def show(page: Page, qtbot, identity: Identity) -> None:
    page.view.show_for(None)
    page.view.show_identity(identity)
    page.settle(qtbot)


def _qualified(kept: Practice) -> Identity:
    return kept.service.see_document(kept.service.accept(kept.service.ask(kept.service.known(ADULT))), DocumentKind.CNI)


def _doubt(doubt: Doubt) -> tuple[str, ...]:
    return fr.DOUBT_ASK[doubt], fr.DOUBT_CONFIRM


CNI, PASSPORT = fr.DOCUMENT[DocumentKind.CNI], fr.DOCUMENT[DocumentKind.PASSPORT]
CORRECTION = fr.CORRECT.rstrip("…")
ACTS = {
    "document": ((PASSPORT,), fr.SEE),
    "doubtful": (_doubt(Doubt.DOUBTFUL), fr.DOUBT_ASK[Doubt.DOUBTFUL]),
    "fictitious": (_doubt(Doubt.FICTITIOUS), fr.DOUBT_ASK[Doubt.FICTITIOUS]),
    "correction": ((fr.CORRECT, fr.SAVE), CORRECTION),
    "doubt cleared": ((fr.CLEAR,), fr.CLEAR),
    "answer taken": ((fr.ASK_TRAITS, fr.TAKE), fr.TAKE),
    "answer taken, document seen": ((fr.ASK_TRAITS, PASSPORT), fr.TAKE),
}
"""What is pressed, and the words the act is told by."""


@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_fails_once_its_page_was_left_is_told_to_who_asked(page, kept, qtbot, act):
    buttons, words = ACTS[act]
    identity = kept.service.see_document(kept.service.known(ADULT), DocumentKind.CNI)
    if "taken" in act:
        identity = kept.service.clear(kept.service.doubt(identity, Doubt.DOUBTFUL))  # no document is noted any more
    if act == "doubt cleared":
        identity = kept.service.doubt(identity, Doubt.DOUBTFUL)
    lates = follow(page.view)
    show(page, qtbot, identity)
    for button in buttons[:-1]:
        press(qtbot, page.view, button)
        page.settle(qtbot)
    page.desk.gate.clear()
    press(qtbot, page.view, buttons[-1])
    page.view.clear()
    page.who = OTHER  # by now
    kept.service.correct(identity, replace(ADULT, birth_place_cog="13055"), privileged=True)
    page.desk.gate.set()
    qtbot.waitUntil(lambda: len(lates) == 1)
    (late,) = lates
    assert (late.who, late.identity, late.error.code) == (fakes.DOCTOR, identity, CHANGED)
    assert late.text.startswith(f"« {words} », demandé pour une identité montrée plus tôt, n'a pas abouti.")
    assert late.remedy == fr.LATE_REMEDY
    assert "ADRTROIS" not in repr(late) + late.text + late.remedy
    assert not [one for one in texts(page.view) if "ADRTROIS" in one or "13055" in one], (
        "nothing is drawn of who was left"
    )
    assert page.view.trouble.isHidden()


@pytest.mark.parametrize("act", ACTS)
def test_an_act_left_early_is_done_and_says_nothing(page, kept, qtbot, act):
    buttons, _words = ACTS[act]
    identity = kept.service.known(ADULT)
    if act == "doubt cleared":
        identity = kept.service.doubt(identity, Doubt.DOUBTFUL)
    lates, opened = follow(page.view), []
    page.view.qualified.connect(opened.append)
    show(page, qtbot, identity)
    for button in buttons[:-1]:
        press(qtbot, page.view, button)
    before = kept.kept(ADULT)
    page.desk.gate.clear()
    press(qtbot, page.view, buttons[-1])
    page.view.clear()
    page.desk.gate.set()
    page.settle(qtbot)
    assert kept.kept(ADULT) != before
    assert (lates, opened) == ([], []), "no record opens before whoever left the page"
    assert not [one for one in texts(page.view) if "ADRTROIS" in one]


def test_a_page_shown_again_meanwhile_shows_them_as_they_are_now(page, kept, qtbot):
    identity = kept.service.see_document(kept.service.known(ADULT), DocumentKind.CNI)
    show(page, qtbot, identity)
    press(qtbot, page.view, fr.DOUBT_ASK[Doubt.DOUBTFUL])
    page.desk.gate.clear()
    press(qtbot, page.view, fr.DOUBT_CONFIRM)
    page.view.show_for(None)
    page.view.show_identity(identity)
    assert page.view.person.refused.text() == ""
    page.desk.gate.set()
    qtbot.waitUntil(lambda: page.view.person.refused.text() == fr.DOUBT[Doubt.DOUBTFUL])
    assert page.view.said.text() == "", "it was said to nobody that somebody doubts"


def test_what_is_typed_when_an_act_ends_late_stays(page, kept, qtbot):
    identity = kept.service.see_document(kept.service.known(ADULT), DocumentKind.CNI)
    show(page, qtbot, identity)
    page.desk.gate.clear()
    press(qtbot, page.view, PASSPORT)
    page.view.show_for(None)
    page.view.show_identity(identity)
    press(qtbot, page.view, fr.CORRECT)
    place = page.view.person.form.place
    place.clear()
    qtbot.keyClicks(place, "13055")
    page.desk.gate.set()
    page.settle(qtbot)
    assert (place.text(), place.isVisible()) == ("13055", True)
    press(qtbot, page.view, fr.SAVE)
    qtbot.waitUntil(page.view.trouble.isVisible)
    assert CHANGED in page.view.trouble.text()
    assert kept.service.now(identity).traits == ADULT


def test_the_work_list_follows_a_number_lost_once_its_page_was_left(page, kept, insi, qtbot):
    """Rule 49: taken away by the answer itself, told to who asked."""
    _qualified(kept)
    gate = threading.Event()

    def unknown(_query) -> InsiAnswer:
        gate.wait(120)
        return InsiAnswer(InsiOutcome.NONE)

    insi.answer = unknown
    lates = follow(page.view)
    page.show(qtbot, ADULT)
    press(qtbot, page.view, fr.ASK_TRAITS)
    page.view.show_for(None)
    assert page.view.search.review.isHidden()
    gate.set()
    qtbot.waitUntil(lambda: len(page.view.search.review.buttons) == 1)
    (late,) = lates
    assert (late.who, late.text, late.error, late.remedy) == (fakes.DOCTOR, fr.LATE_LOST, None, "")


def test_insi_out_of_reach_is_told_although_its_page_was_left(page, insi, qtbot):
    gate = threading.Event()

    def fail(_query) -> InsiAnswer:
        gate.wait(120)
        raise DmpError("Http503", "L'INSi ne répond pas.", "Les envois reprendront seuls.", retryable=True)

    insi.answer = fail
    lates = follow(page.view)
    page.show(qtbot, ADULT)
    press(qtbot, page.view, fr.ASK_TRAITS)
    page.view.clear()
    gate.set()
    qtbot.waitUntil(lambda: len(lates) == 1)
    assert lates[0].text.startswith(f"« {fr.ASK_TRAITS} »")
    assert lates[0].text.endswith("L'INSi ne répond pas.")


def test_homonyms_asked_for_before_the_page_was_left_are_for_nobody(page, kept, qtbot):
    other = replace(ADULT, birth_given="DOMINIQUE LOU", birth_place_cog="13055")
    _qualified(kept)
    lates = follow(page.view)
    page.view.show_for(None)
    page.desk.gate.clear()
    page.view.search.created.emit(other)
    page.view.show_for(None)
    page.desk.gate.set()
    page.settle(qtbot)
    assert page.view.search.found.isHidden()
    assert lates == []


def test_who_was_said_to_be_somebody_new_and_is_not_is_told_although_the_page_was_left(page, kept, qtbot):
    """A merge is refused: their number is already that of somebody else here."""
    _qualified(kept)
    other = replace(ADULT, birth_given="DOMINIQUE LOU", birth_place_cog="13055")
    lates = follow(page.view)
    page.view.show_for(None)
    page.view.search.created.emit(other)
    press(qtbot, page.view, fr.SOMEBODY_NEW)
    press(qtbot, page.view, fr.ASK_TRAITS)
    page.desk.gate.clear()
    press(qtbot, page.view, fr.TAKE)
    page.view.clear()
    page.desk.gate.set()
    qtbot.waitUntil(lambda: len(lates) == 1)
    assert lates[0].error.code == "identity.duplicate"
    assert [one.traits for one in kept.store.born_on(ADULT.birth_date)] == [ADULT]


# The front desk's page


def test_a_question_that_fails_while_an_act_is_under_way_lets_nothing_be_touched(desk, qtbot, monkeypatch):
    page, access = desk
    gate = threading.Event()

    def away(_patient) -> DossierStatus:
        gate.wait(120)
        raise DmpError("Http503", "Le DMP ne répond pas.")

    monkeypatch.setattr(page.view.desk, "_acts", replace(page.view.desk._acts, status=away))
    page.view.desk.ask_dmp.click()
    access.gate.clear()
    page.view.desk.opinions.opinions[FEEDING].oppose.click()
    gate.set()
    qtbot.waitUntil(page.view.trouble.isVisible)
    assert not page.view.form.isEnabled()
    access.gate.set()
    qtbot.waitUntil(page.view.form.isEnabled)
    assert len(access.acts) == 1


@pytest.fixture
def desk(kept, qtbot) -> Iterator[tuple[Page, FakeAccess]]:
    """With somebody qualified."""
    access = FakeAccess()
    shown = Page(kept, qtbot, desk=DeskActs(lambda _patient: DossierStatus(True), access))
    shown.role, shown.who = Role.SECRETARY, SECRETARY
    _qualified(kept)
    shown.show(qtbot, ADULT)
    qtbot.waitUntil(shown.view.desk.opinions.isVisible)
    yield shown, access
    access.gate.set()
    assert shown.pool.close()


@pytest.mark.parametrize("subject", Subject)
def test_an_opinion_noted_once_the_desk_was_left_is_followed(desk, qtbot, subject):
    page, access = desk
    lates, noted = follow(page.view), []
    page.view.desk.noted.connect(lambda patient, anew: noted.append((patient.ins.value, anew)))
    access.gate.clear()
    page.view.desk.opinions.opinions[subject].oppose.click()
    page.view.clear()
    access.gate.set()
    page.settle(qtbot)
    assert noted == [(number("297022A020778").value, subject is CONSULTATION)]
    assert (len(access.acts), lates) == (1, [])
    assert page.view.desk.isHidden()


def test_an_opinion_that_ends_late_is_shown_where_its_person_is_shown_again(desk, qtbot):
    page, access = desk
    identity = page.view._identity
    access.gate.clear()
    page.view.desk.opinions.opinions[FEEDING].oppose.click()
    page.view.show_for(None)
    page.view.show_identity(identity)
    qtbot.waitUntil(page.view.desk.opinions.isVisible)
    state = page.view.desk.opinions.opinions[FEEDING].state
    assert state.text == access_fr.OPINION_STATE[None][0]
    access.gate.set()
    qtbot.waitUntil(lambda: state.text == access_fr.OPINION_STATE[True][0])


@pytest.mark.parametrize(
    ("subject", "button", "words"),
    [(CONSULTATION, "oppose", access_fr.NOTE_OPPOSED), (FEEDING, "agree", access_fr.NOTE_AGREED)],
)
def test_an_opinion_refused_once_the_desk_was_left_is_told(desk, qtbot, subject, button, words):
    page, access = desk
    lates = follow(page.view)
    access.gate.clear()
    access.errors.append(DmpError("SessionFermee", "Personne n'est connecté.", "Insérez votre carte."))
    getattr(page.view.desk.opinions.opinions[subject], button).click()
    page.view.clear()
    page.who = None
    access.gate.set()
    qtbot.waitUntil(lambda: len(lates) == 1)
    assert (lates[0].who, access.acts) == (SECRETARY, [])
    assert words in lates[0].text


def test_an_opinion_of_who_is_no_longer_qualified_is_not_said_to_be_noted(desk, kept, qtbot):
    page, access = desk
    kept.service.doubt(kept.service.now(page.view._identity), Doubt.FICTITIOUS)
    page.view.desk.opinions.opinions[FEEDING].oppose.click()
    qtbot.waitUntil(page.view.trouble.isVisible)
    assert opinions_fr.NOT_NOTED in page.view.trouble.text()
    assert (access.acts, page.view.said.text()) == ([], "")


def test_an_opinion_noted_is_not_said_to_have_failed_when_it_cannot_be_read_again(desk, qtbot, monkeypatch):
    page, access = desk

    def away(_patient) -> None:
        raise StorageError("disk", "Le disque ne répond pas.")

    monkeypatch.setattr(access, "consent", away)
    page.view.desk.opinions.opinions[FEEDING].oppose.click()
    qtbot.waitUntil(lambda: page.view.said.text() == opinions_fr.NOTED)
    assert [act.act for act in access.acts] == [AccessAct.FEEDING_OPPOSED]
    assert page.view.trouble.isHidden()
    assert page.view.desk.opinions.isHidden(), "what is not known is not shown"


# In the window


@pytest.fixture
def access() -> FakeAccess:
    return FakeAccess()


@pytest.fixture
def slow(kept) -> SlowDesk:
    return slow_desk(kept, LastVitale(Reader(), kept.clock), lambda: Role.DOCTOR)


@pytest.fixture
def bench(qtbot, dossier, settings, access, slow) -> Iterator[Bench]:
    session, compose, outbox = fakes.FakeSession(), fakes.FakeCompose(), fakes.FakeOutbox()
    search, habits, reading, digest = fakes.FakeSearch(), fakes.FakeHabits(), FakeReading(), fakes.FakeDigest()
    services = Services(
        session, dossier, compose, outbox, digest, search, habits, reading, settings, identity=slow, access=access
    )
    clock = fakes.FixedClock()
    window = MainWindow(sandbox=True)
    window.furnish(services, clock)
    window.complete()
    qtbot.addWidget(window)
    window.show()
    yield Bench(window, session, dossier, compose, outbox, clock, search, habits, reading, digest, None, None)  # type: ignore[arg-type]
    for gate in (slow.gate, access.gate):
        gate.set()
    assert window.tasks.close()


def page_of_patient(bench, qtbot) -> IdentityView:
    next(line for line in bench.window.banner.acts.menu().actions() if line.text() == fr.ASK).trigger()
    view = bench.window.body.currentWidget()
    assert isinstance(view, IdentityView)
    qtbot.waitUntil(view.person.isVisible)
    return view


def refuse_late(bench, qtbot, slow, kept, leave) -> None:
    """A passport is noted for Léa; once her page was left by `leave`, it turns out that it was not for who she is now."""
    bench.open(qtbot)
    lea = kept.service.see_document(slow.of_patient(fakes.LEA), DocumentKind.CNI)
    view = page_of_patient(bench, qtbot)
    slow.gate.clear()
    press(qtbot, view, PASSPORT)
    leave(view)
    kept.service.see_document(lea, DocumentKind.ELECTRONIC)
    slow.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)


def told_late(bench, qtbot) -> IdentityView:
    """Of nobody in particular; what it leads to is their identity as it is now."""
    notices = bench.window.notices
    qtbot.waitUntil(notices.isVisible)
    assert notices.what.text.startswith(f"« {fr.SEE} », demandé pour une identité montrée plus tôt, n'a pas abouti.")
    assert notices.safe.text() == fr.LATE_REMEDY
    assert CHANGED in notices.code.text()
    assert not [one for one in ("MARTIN", "BERNARD", "Léa", "Paul") if one in notices.what.text + notices.safe.text()]
    notices.button.click()
    qtbot.waitUntil(lambda: isinstance(bench.window.body.currentWidget(), IdentityView))
    view = bench.window.body.currentWidget()
    qtbot.waitUntil(lambda: "TEST-MARTIN" in view.person.traits.text())
    assert "identité électronique" in view.person.seen.text()
    return view


def test_told_over_the_record_that_came_back(bench, qtbot, slow, kept):
    refuse_late(bench, qtbot, slow, kept, lambda view: view.back.click())
    assert bench.window.record.patient == fakes.LEA
    assert told_late(bench, qtbot).patient == fakes.LEA


def test_told_when_another_record_is_open(bench, qtbot, slow, kept):
    def leave(view: IdentityView) -> None:
        bench.window.session.close_patient()
        qtbot.waitUntil(lambda: bench.window.record.patient is None)
        bench.open(qtbot, fakes.PAUL)

    refuse_late(bench, qtbot, slow, kept, leave)
    assert bench.window.record.patient == fakes.PAUL
    assert told_late(bench, qtbot).patient is None


def test_told_when_the_record_was_closed(bench, qtbot, slow, kept):
    def leave(view: IdentityView) -> None:
        bench.window.session.close_patient()
        qtbot.waitUntil(lambda: bench.window.record.patient is None)

    refuse_late(bench, qtbot, slow, kept, leave)
    told_late(bench, qtbot)


def test_told_to_who_asked_once_they_are_back_and_to_nobody_else(bench, qtbot, slow, kept):
    def leave(view: IdentityView) -> None:
        bench.window.session.lock()
        qtbot.waitUntil(lambda: bench.window.session.state.phase is Phase.LOCKED)

    refuse_late(bench, qtbot, slow, kept, leave)
    assert not bench.window.notices.isVisible()
    takes_her_card(bench, qtbot)
    bench.session.who = OTHER
    bench.sign_in(qtbot)
    qtbot.wait(50)
    assert not bench.window.notices.isVisible()
    takes_her_card(bench, qtbot)
    bench.session.who = fakes.DOCTOR
    bench.sign_in(qtbot)
    told_late(bench, qtbot)


def test_a_doubt_told_early_closes_the_record_although_its_page_was_left(bench, qtbot, slow):
    bench.open(qtbot)
    view = page_of_patient(bench, qtbot)
    press(qtbot, view, fr.DOUBT_ASK[Doubt.FICTITIOUS])
    slow.gate.clear()
    press(qtbot, view, fr.DOUBT_CONFIRM)
    view.back.click()
    assert bench.window.record.patient == fakes.LEA
    slow.gate.set()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert bench.window.notices.what.text == fr.CLOSED


def test_a_number_lost_once_its_page_was_left_is_said_once_by_the_record_that_closes(bench, qtbot, kept, insi):
    lea = kept.service.see_document(kept.service.known(StrictTraits.of(fakes.LEA)), DocumentKind.CNI)
    kept.service.accept(Proposal(lea, lea_found(), lea.traits))
    bench.open(qtbot)
    view = page_of_patient(bench, qtbot)
    lates, gate = follow(view), threading.Event()

    def unknown(_query) -> InsiAnswer:
        gate.wait(120)
        return InsiAnswer(InsiOutcome.NONE)

    insi.answer = unknown
    press(qtbot, view, fr.ASK_TRAITS)
    view.back.click()
    gate.set()
    notices = bench.window.notices
    qtbot.waitUntil(lambda: notices.isVisible() and notices.what.text == fr.CLOSED)
    assert [late.text for late in lates] == [fr.LATE_LOST]
    view.late.emit(lates[0])  # it may come after, too
    assert notices.what.text == fr.CLOSED


# What is typed and not kept


def typed_again(bench, qtbot) -> str:
    """What the page of the open patient has in its form, where it shows one."""
    form = page_of_patient(bench, qtbot).person.form
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    return form.place.text() if form.isVisible() else ""


def half_typed(bench, qtbot) -> IdentityView:
    bench.open(qtbot)
    view = page_of_patient(bench, qtbot)
    press(qtbot, view, fr.CORRECT)
    view.person.form.place.clear()
    qtbot.keyClicks(view.person.form.place, "13055")
    return view


@pytest.mark.parametrize("leave", ["back", "escape", "asked anew"])
def test_a_correction_half_typed_waits_as_long_as_the_record_is_open(bench, qtbot, leave):
    view = half_typed(bench, qtbot)
    if leave == "back":
        view.back.click()
    elif leave == "escape":
        qtbot.keyClick(view.person.form.place, Qt.Key.Key_Escape)
    else:
        bench.window.record.reopen()
    assert view.person.form.place.text() == ""
    assert bench.window.body.currentWidget() is not view
    assert typed_again(bench, qtbot) == "13055"


@pytest.mark.parametrize("end", ["closed", "another one", "session"])
def test_and_no_longer(bench, qtbot, end):
    view = half_typed(bench, qtbot)
    if end == "closed":
        bench.window.conductor.close_patient()
        qtbot.waitUntil(lambda: bench.window.record.patient is None)
    elif end == "another one":
        bench.window.record.show(fakes.PAUL)
    else:
        takes_her_card(bench, qtbot)
    assert view.person.form.place.text() == ""
    if end == "session":
        bench.open(qtbot)
    bench.window.record.show(fakes.LEA)
    assert typed_again(bench, qtbot) == ""


# The front desk in the window


def test_the_keyboard_is_at_the_desk_when_it_opens_and_in_no_field(bench, qtbot):
    bench.window.activateWindow()
    bench.session.who, bench.session.role = SECRETARY, Role.SECRETARY
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(bench.window.desk.isVisible)
    (view,) = bench.window.desk.findChildren(IdentityView)
    assert QApplication.focusWidget() is view


def test_somebody_half_typed_at_the_desk_waits_for_who_typed_and_for_nobody_else(bench, qtbot):
    bench.session.who, bench.session.role = SECRETARY, Role.SECRETARY
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(bench.window.desk.isVisible)
    (view,) = bench.window.desk.findChildren(IdentityView)
    view.search.new.click()
    qtbot.keyClicks(view.search.form.family, "TEST-NOUVEAU")
    view.show_for(None)
    assert view.search.form.family.text() == "TEST-NOUVEAU"
    takes_her_card(bench, qtbot)
    comes_in(bench, qtbot, SECRETARY, Role.SECRETARY)
    assert view.search.form.family.text() == "", "her session had ended"


def at_desk(bench, qtbot, kept, access) -> IdentityView:
    """Nora's card, and Léa, qualified, on her page."""
    lea = kept.service.see_document(kept.service.known(StrictTraits.of(fakes.LEA)), DocumentKind.CNI)
    kept.service.accept(Proposal(lea, lea_found(), lea.traits))
    bench.session.who, bench.session.role = SECRETARY, Role.SECRETARY
    bench.window.card_event(fakes.cps())
    desk = bench.window.desk
    qtbot.waitUntil(desk.isVisible)
    (view,) = desk.findChildren(IdentityView)
    view.show_identity(kept.service.known(StrictTraits.of(fakes.LEA), fakes.LEA.ins.value))
    qtbot.waitUntil(view.desk.opinions.isVisible)
    return view


def lea_found() -> InsiAnswer:
    return InsiAnswer(InsiOutcome.FOUND, "OK", Matricule(fakes.LEA.ins.value, fakes.LEA.ins.oid))


def takes_her_card(bench, qtbot) -> None:
    bench.window.card_event(fakes.cps(inserted=False))
    qtbot.waitUntil(lambda: bench.window.session.state.phase is Phase.MASKED and not bench.window.tasks.card.busy)


def comes_in(bench, qtbot, who: Professional, role: Role) -> None:
    bench.session.who, bench.session.role = who, role
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: bench.window.session.state.professional == who)


def test_an_objection_noted_at_the_desk_reaches_the_record_that_a_doctor_opened_meanwhile(bench, qtbot, kept, access):
    view = at_desk(bench, qtbot, kept, access)
    access.gate.clear()
    view.desk.opinions.opinions[CONSULTATION].oppose.click()
    takes_her_card(bench, qtbot)
    bench.session.who, bench.session.role = fakes.DOCTOR, Role.DOCTOR
    bench.open(qtbot)
    bench.dossier.errors.append(DmpError("ConsultationOpposee", "Le patient s'est opposé."))
    access.gate.set()
    qtbot.waitUntil(lambda: not bench.window.page.documents.model.entries)
    assert bench.window.record.patient == fakes.LEA


def test_an_opinion_refused_late_is_told_to_the_secretary_and_not_to_the_doctor(bench, qtbot, kept, access):
    view = at_desk(bench, qtbot, kept, access)
    access.gate.clear()
    access.errors.append(DmpError("SessionFermee", "Personne n'est connecté.", "Insérez votre carte."))
    view.desk.opinions.opinions[FEEDING].oppose.click()
    takes_her_card(bench, qtbot)
    comes_in(bench, qtbot, fakes.DOCTOR, Role.DOCTOR)
    access.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert not bench.window.notices.isVisible()
    takes_her_card(bench, qtbot)
    comes_in(bench, qtbot, replace(SECRETARY, rpps="10007777777"), Role.SECRETARY)
    qtbot.wait(50)
    assert view.trouble.isHidden(), "told to another secretary"
    takes_her_card(bench, qtbot)
    comes_in(bench, qtbot, SECRETARY, Role.SECRETARY)
    qtbot.waitUntil(view.trouble.isVisible)
    assert access_fr.NOTE_OPPOSED in view.trouble.text()
    assert "(code SessionFermee)" in view.trouble.text()
    assert "MARTIN" not in " ".join(texts(view))
    assert access.acts == []


def test_nothing_of_anybody_stays_at_the_desk_for_who_comes_after(bench, qtbot, kept, access):
    view = at_desk(bench, qtbot, kept, access)
    assert "TEST-MARTIN" in view.person.traits.text()
    takes_her_card(bench, qtbot)
    assert (view.person.traits.text(), view.isVisible()) == ("", False)
    comes_in(bench, qtbot, fakes.DOCTOR, Role.DOCTOR)
    assert not bench.window.desk.isVisible()
    takes_her_card(bench, qtbot)
    comes_in(bench, qtbot, SECRETARY, Role.SECRETARY)
    qtbot.waitUntil(view.search.isVisible)
    assert bench.window.desk.findChildren(IdentityView) == [view]
    assert view.person.isHidden()
