"""The page Identité (INS): what INSi says in plain words, nothing taken without a click, nothing of anybody left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.consent import AccessAct, Channel, Subject
from dmp_desktop.domain.identity import DocumentKind, Doubt
from dmp_desktop.domain.ins import OID_INS_NIA, OID_INS_NIR, InsStatus
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, Matricule
from dmp_desktop.domain.people import Role, Sex
from dmp_desktop.errors import DmpError
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.views.identity.desk import DeskActs, dmp_words
from dmp_desktop.ui.views.identity.traits import TraitsForm, read_day
from tests.helpers.identities import Practice, ScriptedInsi, found, number, practice, told
from tests.ui import fakes
from tests.ui.access import BY, FakeAccess
from tests.ui.identity import ADULT, CHILD, LATE, ON_CARD, Page, texts


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
    assert shown.pool.close()


def press(qtbot, page: Page, text: str) -> None:
    qtbot.waitUntil(lambda: text in texts(page.view))
    (button,) = [one for one in page.view.findChildren(QAbstractButton) if one.isVisible() and one.text() == text]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    page.settle(qtbot)


@pytest.mark.parametrize(
    ("outcome", "words"), [(InsiOutcome.NONE, "ne trouve personne"), (InsiOutcome.SEVERAL, "plusieurs personnes")]
)
def test_nobody_or_several_is_a_sentence_and_nothing_may_be_taken(page, insi, qtbot, outcome, words):
    insi.answer = lambda _: InsiAnswer(outcome)
    page.show(qtbot, ADULT)
    press(qtbot, page, fr.ASK_TRAITS)
    assert words in page.view.answer.outcome.text()
    assert fr.TAKE not in texts(page.view)
    assert page.view.answer.documents.isHidden()


def test_a_difference_is_one_line_and_is_taken_by_a_click_only(page, insi, kept, qtbot):
    page.show(qtbot, replace(ADULT, birth_given="DOMINIQUE ZOE", birth_place_cog="75056"))
    press(qtbot, page, fr.ASK_TRAITS)
    lines = page.view.answer.differs.text().split("\n")
    assert lines[1:] == [
        "Prénoms de naissance : DOMINIQUE ZOE ici, DOMINIQUE ANNE pour l'INSi",
        "Lieu de naissance : 75056 ici, 2A020 pour l'INSi",
    ]
    assert kept.store.born_on(ADULT.birth_date) == []
    press(qtbot, page, fr.TAKE)
    (identity,) = kept.store.born_on(ADULT.birth_date)
    assert (identity.traits, identity.status) == (ADULT, InsStatus.RECUPEREE)
    assert "RÉCUPÉRÉE" in page.view.person.status.text
    assert page.view.answer.isHidden()


def test_documents_of_a_child_for_minors_only(page, insi, qtbot):
    book, certificate = fr.DOCUMENT[DocumentKind.FAMILY_BOOK], fr.DOCUMENT[DocumentKind.BIRTH_CERTIFICATE]
    page.show(qtbot, ADULT)
    assert book not in texts(page.view)
    assert certificate not in texts(page.view)
    page.show(qtbot, CHILD)
    qtbot.waitUntil(lambda: {book, certificate} <= {*texts(page.view)})
    press(qtbot, page, book)
    assert "VALIDÉE" in page.view.person.status.text
    assert "livret de famille" in page.view.person.seen.text()


def test_by_the_card_of_the_child_to_a_record_that_opens(page, insi, qtbot):
    insi.answer = lambda _: found(told(CHILD), "2150763113019")
    page.vitale.read("slot")
    opened = []
    page.view.qualified.connect(opened.append)
    page.view.start_with(ON_CARD)
    qtbot.waitUntil(lambda: page.view.answer.take.isVisible())
    assert opened == []
    press(qtbot, page, fr.DOCUMENT[DocumentKind.BIRTH_CERTIFICATE])
    (identity,) = opened
    assert identity.status is InsStatus.QUALIFIEE
    assert page.view.said.text() == fr.OPENING


def test_a_card_read_long_ago_is_told_and_the_page_goes_on(page, kept, insi, qtbot):
    page.vitale.read("slot")
    kept.clock.advance(LATE)
    page.view.start_with(ON_CARD)
    qtbot.waitUntil(lambda: page.view.trouble.isVisible())
    assert "plus de 20 minutes" in page.view.trouble.text()
    assert "card.vitale_stale" in page.view.trouble.text()
    assert page.view.search.isVisible()
    assert insi.asked == []


def test_an_answer_about_somebody_else_is_not_taken(page, insi, qtbot):
    page.vitale.read("slot")
    insi.answer = lambda _: found(told(CHILD), "2150763113019")
    page.show(qtbot, ADULT)
    press(qtbot, page, fr.ASK_VITALE.format("ROSE"))
    assert page.view.answer.outcome.text() == fr.OTHER_PERSON
    assert fr.TAKE not in texts(page.view)
    assert "TEST-ADRTROIS" in page.view.person.traits.text()


def test_a_doubt_is_said_and_cleared(page, insi, qtbot):
    page.show(qtbot, ADULT)
    press(qtbot, page, fr.DOUBT_ASK[Doubt.FICTITIOUS])
    assert page.view.person.doubt_note.text().startswith("TEST-ADRTROIS DOMINIQUE : ")
    press(qtbot, page, fr.CANCEL)
    assert fr.DOUBT_CONFIRM not in texts(page.view)
    press(qtbot, page, fr.DOUBT_ASK[Doubt.FICTITIOUS])
    press(qtbot, page, fr.DOUBT_CONFIRM)
    assert page.view.person.refused.text() == fr.DOUBT[Doubt.FICTITIOUS]
    assert fr.ASK_TRAITS not in texts(page.view)
    assert page.view.person.documents.isHidden()
    press(qtbot, page, fr.CLEAR)
    assert fr.ASK_TRAITS in texts(page.view)


def test_who_may_not_correct_reads_why(page, insi, qtbot):
    page.role = Role.SECRETARY
    page.show(qtbot, ADULT)
    press(qtbot, page, fr.ASK_TRAITS)
    press(qtbot, page, fr.TAKE)
    assert not page.view.person.correct.isEnabled()
    assert fr.CORRECT_LOCKED in texts(page.view)
    page.role = Role.DOCTOR
    page.view.show_identity(page.desk.known(ADULT))
    press(qtbot, page, fr.CORRECT)
    assert fr.CORRECT_WARNING in texts(page.view)  # before anything is changed
    page.view.person.form.first.setText("ANNE")
    page.view.person.form.given.clear()
    press(qtbot, page, fr.SAVE)
    assert page.view.person.ins.text() == fr.NO_INS
    assert "Ancien matricule" in page.view.person.history.text()
    assert "PROVISOIRE" in page.view.person.status.text


@pytest.mark.parametrize("status", [InsStatus.RECUPEREE, InsStatus.QUALIFIEE])
def test_rule_26_not_one_trait_can_be_typed_over_and_it_is_said(page, kept, qtbot, status):
    """INS/va1.47: no field to type in, the button greyed out, the reason beside it."""
    page.role = Role.SECRETARY
    identity = kept.service.accept(kept.service.ask(kept.service.known(ADULT)))
    if status is InsStatus.QUALIFIEE:
        identity = kept.service.see_document(identity, DocumentKind.CNI)
    assert identity.status is status
    page.show(qtbot, ADULT)
    fields = [*page.view.findChildren(QLineEdit), *page.view.findChildren(QComboBox)]
    assert [one.accessibleName() for one in fields if one.isVisible()] == []
    assert not page.view.person.correct.isEnabled()
    assert page.view.person.correct.toolTip() == fr.CORRECT_LOCKED
    assert page.view.person.correct_locked.isVisible()
    page.view.person.correct.click()
    assert page.view.person.form.isHidden()


@pytest.mark.parametrize("missing", ["family", "first", "born", "place", "sex", None])
def test_rule_5_no_identity_without_one_of_the_five(page, qtbot, missing):
    """INS/va1.21, INS/va1.22: each one in turn; the list of given names may be left out."""
    page.view.show_for(None)
    press(qtbot, page, fr.NEW)
    form = page.view.search.form
    for name, typed in (("family", "TEST-X"), ("first", "Anne"), ("born", "01/02/1960"), ("place", "75056")):
        getattr(form, name).setText("" if name == missing else typed)
    form.sex.choose(None if missing == "sex" else Sex.FEMALE)
    press(qtbot, page, fr.CREATE)
    made = page.view.person.isVisible()
    assert made is (missing is None)
    assert form.wrong.isHidden() is made


def test_a_card_that_is_no_longer_there_fills_in_what_it_told(page, qtbot):
    """Also the appli carte Vitale: its names may be those in use, it tells no sex, and INSi is not asked by it."""
    page.inside = False
    page.view.start_with(ON_CARD)
    qtbot.waitUntil(page.view.search.form.isVisible)
    form = page.view.search.form
    assert (form.family.text(), form.first.text(), form.born.text()) == ("TEST-OUVRANT", "ROSE", "14/07/2015")
    assert form.sex.currentIndex() < 0
    assert page.view.search.hint.text() == fr.READ_HINT
    press(qtbot, page, fr.CREATE)
    assert form.wrong.text() == fr.WRONG_SEX
    page.view.start_with(replace(ON_CARD, birth_date="20150000"))
    qtbot.waitUntil(page.view.search.form.isVisible)
    assert form.born.text() == ""
    page.view.clear()
    assert form.family.text() == ""


def test_a_fault_is_told_where_it_was_asked(page, insi, qtbot):
    def fail(_query):
        raise DmpError("DESIR_550", "L'INSi refuse.", "Prévenez l'assistance.")

    insi.answer = fail
    page.show(qtbot, ADULT)
    press(qtbot, page, fr.ASK_TRAITS)
    assert page.view.trouble.text() == "L'INSi refuse. Prévenez l'assistance. (code DESIR_550)"
    assert page.view.answer.isHidden()
    assert fr.ASK_TRAITS in texts(page.view)


def test_the_work_list(page, insi, qtbot):
    page.show(qtbot, ADULT)
    press(qtbot, page, fr.ASK_TRAITS)
    press(qtbot, page, fr.TAKE)
    insi.answer = lambda _: InsiAnswer(InsiOutcome.NONE)
    changed = []
    page.desk.follow(changed.append)
    press(qtbot, page, fr.ASK_TRAITS)
    assert "ne connaît plus" in page.view.answer.outcome.text()
    assert [one.status for one in changed] == [InsStatus.PROVISOIRE]
    press(qtbot, page, fr.OTHER)
    qtbot.waitUntil(lambda: bool(page.view.search.review.buttons))
    assert fr.REVIEW.format(1) in texts(page.view)
    qtbot.mouseClick(page.view.search.review.buttons[0], Qt.MouseButton.LeftButton)
    assert "À revoir" in page.view.person.refused.text()


def test_numbers_and_their_authorities_in_words(page, kept, qtbot):
    old = Matricule(number("7970299352018").value, OID_INS_NIA, date(1997, 3, 1), date(2001, 4, 30))
    active = Matricule(number("297022A020778").value, OID_INS_NIR)
    identity = page.desk.known(ADULT).found(ADULT, active, (old,))
    page.view.show_for(None)
    page.view.show_identity(identity)
    assert f"NIR, OID {OID_INS_NIR}" in page.view.person.ins.text()
    assert "NIA (numéro d'attente)), du 01/03/1997 au 30/04/2001" in page.view.person.history.text()


def test_the_open_patient_as_the_practice_software_gave_them(page, qtbot):
    page.view.show_for(fakes.LEA)
    qtbot.waitUntil(lambda: page.view.person.isVisible())
    assert page.view.person.status.text == "QUALIFIÉE"
    assert page.view.person.received.text() == fr.RECEIVED
    assert page.view.other.isHidden()
    assert page.view.search.isHidden()


def test_nothing_of_anybody_stays(page, insi, qtbot):
    page.vitale.read("slot")
    page.show(qtbot, ADULT)
    press(qtbot, page, fr.ASK_TRAITS)
    page.view.clear()
    for part in (page.view, page.view.person.form, page.view.search):
        words = [one.text() for one in (*part.findChildren(QLineEdit), *part.findChildren(QAbstractButton))]
        assert not [one for one in words if "ADRTROIS" in one or "OUVRANT" in one or "26/02/1997" in one]
    assert not [one for one in texts(page.view) if "ADRTROIS" in one or "1997" in one]


def test_an_answer_that_comes_late_is_for_nobody(page, insi, qtbot):
    gate = threading.Event()

    def wait(_query):
        gate.wait(120)
        return found(told(ADULT))

    insi.answer = wait
    page.show(qtbot, ADULT)
    page.view.person.ask_traits.click()
    assert page.view.answer.outcome.text() == fr.ASKING
    page.view.clear()
    gate.set()
    page.settle(qtbot)
    assert page.view.answer.isHidden()
    assert page.view.answer.told.text() == ""


def test_nothing_can_be_touched_while_insi_is_asked(page, insi, qtbot):
    gate = threading.Event()

    def wait(_query):
        gate.wait(120)
        return found(told(ADULT))

    insi.answer = wait
    page.show(qtbot, ADULT)
    page.view.person.ask_traits.click()
    assert not page.view.form.isEnabled()
    gate.set()
    qtbot.waitUntil(page.view.form.isEnabled)
    assert page.view.answer.offers


def test_what_changed_meanwhile_is_told_and_shown_as_it_is_now(page, kept, qtbot):
    page.view.show_for(None)
    page.view.show_identity(shown := kept.service.see_document(kept.service.known(ADULT), DocumentKind.CNI))
    kept.service.doubt(shown, Doubt.FICTITIOUS)
    press(qtbot, page, fr.DOCUMENT[DocumentKind.PASSPORT])
    qtbot.waitUntil(lambda: page.view.person.refused.text() == fr.DOUBT[Doubt.FICTITIOUS])
    assert "identity.changed" in page.view.trouble.text()
    assert kept.service.now(shown).doubt is Doubt.FICTITIOUS


def test_homonyms_are_asked_about_and_none_is_taken_for_who_is_there(page, kept, insi, qtbot):
    """Same name, sex and day as somebody qualified here, other given names and place."""
    other = replace(ADULT, birth_given="DOMINIQUE LOU", birth_place_cog="13055")
    kept.service.see_document(kept.service.accept(kept.service.ask(kept.service.known(ADULT))), DocumentKind.CNI)
    page.view.show_for(None)
    page.view.search.created.emit(other)
    qtbot.waitUntil(lambda: len(page.view.search.found.buttons) == 2)
    assert not page.view.person.isVisible()
    assert page.view.search.found.words.text() == fr.HOMONYMS
    first = page.view.search.found.buttons[0].text()
    assert "DOMINIQUE ANNE" in first
    assert "2A020" in first
    assert number("297022A020778").value in first
    press(qtbot, page, fr.SOMEBODY_NEW)
    assert "DOMINIQUE LOU" in page.view.person.traits.text()
    assert page.view.person.ins.text() == fr.NO_INS
    assert fr.OPEN not in texts(page.view)
    page.view.show_for(None)
    page.view.search.created.emit(ADULT)
    qtbot.waitUntil(lambda: fr.OPEN in texts(page.view))


def test_insi_naming_somebody_else_than_the_card_opens_nothing(page, kept, insi, qtbot):
    twin = replace(CHILD, first_given="LILY", birth_given="LILY")
    insi.answer = lambda _: found(told(twin), "2150763113019")
    taken = kept.service.accept(kept.service.ask(kept.service.known(twin)))
    kept.service.see_document(taken, DocumentKind.PASSPORT)
    page.vitale.read("slot")
    page.view.start_with(ON_CARD)
    qtbot.waitUntil(lambda: "Prénom de la carte" in page.view.answer.differs.text())
    assert fr.OPEN not in texts(page.view)


def test_another_number_is_a_divergence(page, kept, insi, qtbot):
    kept.service.see_document(kept.service.accept(kept.service.ask(kept.service.known(ADULT))), DocumentKind.CNI)
    insi.answer = lambda _: found(told(ADULT), "2751263220749", "297022A020778")
    page.show(qtbot, ADULT)
    press(qtbot, page, fr.ASK_TRAITS)
    assert "Matricule INS : 297022A02077878 ici" in page.view.answer.differs.text()
    press(qtbot, page, fr.TAKE)
    assert page.view.person.status.text.startswith("RÉCUPÉRÉE")


@pytest.fixture
def desk(kept, qtbot) -> Iterator[tuple[Page, FakeAccess]]:
    """The page of the front desk, with somebody qualified."""
    access = FakeAccess()
    shown = Page(kept, qtbot, desk=DeskActs(lambda _patient: DossierStatus(True), access))
    shown.role = Role.SECRETARY
    taken = kept.service.accept(kept.service.ask(kept.service.known(ADULT)))
    kept.service.see_document(taken, DocumentKind.CNI)
    shown.show(qtbot, ADULT)
    yield shown, access
    assert shown.pool.close()


def test_the_front_desk_notes_each_opinion_and_how_it_was_given(desk, qtbot):
    page, access = desk
    opinions = page.view.desk.opinions
    qtbot.waitUntil(opinions.isVisible)
    consultation, feeding = opinions.opinions[Subject.CONSULTATION], opinions.opinions[Subject.FEEDING]
    for one in (consultation, feeding):
        assert one.state.text == access_fr.OPINION_STATE[None][0]
        assert one.agree.isVisible()
        assert one.oppose.isVisible()
    opinions.channel.choose(Channel.PHONE)
    qtbot.mouseClick(feeding.oppose, Qt.MouseButton.LeftButton)
    page.settle(qtbot)
    assert [(act.act, act.reason) for act in access.acts] == [(AccessAct.FEEDING_OPPOSED, "phone")]
    assert feeding.state.text == access_fr.OPINION_STATE[True][0]
    assert BY in feeding.when.text()
    assert "par téléphone" in feeding.when.text()
    assert consultation.state.text == access_fr.OPINION_STATE[None][0]
    assert not feeding.oppose.isVisible()
    assert page.view.form.isEnabled()
    access.note(AccessAct.FEEDING_AGREED)  # elsewhere, by who is not asked how
    page.show(qtbot, ADULT)
    qtbot.waitUntil(opinions.isVisible)
    assert feeding.state.text == access_fr.OPINION_STATE[False][0]
    assert "par téléphone" not in feeding.when.text()
    assert opinions.channel.chosen is Channel.COUNTER
    page.view.show_for(None)
    page.settle(qtbot)
    assert opinions.isHidden()
    assert feeding.when.text() == ""


def test_opinions_are_for_a_qualified_person_at_the_desk_only(desk, page, kept, qtbot):
    at_desk, _access = desk
    at_desk.show(qtbot, CHILD)
    assert at_desk.view.desk.opinions.isHidden()
    page.show(qtbot, ADULT)
    assert kept.service.known(ADULT).status is InsStatus.QUALIFIEE
    assert page.view.desk.opinions.isHidden()


def test_a_refused_opinion_is_told_and_nothing_is_shown_as_noted(desk, qtbot):
    page, access = desk
    qtbot.waitUntil(page.view.desk.opinions.isVisible)
    access.errors.append(DmpError("SessionFermee", "Personne n'est connecté.", "Insérez votre carte."))
    oppose = page.view.desk.opinions.opinions[Subject.FEEDING].oppose
    qtbot.mouseClick(oppose, Qt.MouseButton.LeftButton)
    page.settle(qtbot)
    assert "Personne n'est connecté." in page.view.trouble.text()
    assert page.view.desk.opinions.opinions[Subject.FEEDING].state.text == access_fr.OPINION_STATE[None][0]
    assert page.view.form.isEnabled()


def test_everything_has_a_name_and_a_key(page, qtbot):
    page.view.show_for(None)
    page.settle(qtbot)
    page.view.search.new.click()
    fields = [*page.view.findChildren(QLineEdit), *page.view.findChildren(QComboBox)]
    fields = [one for one in fields if one.isVisible()]
    assert len(fields) >= 9
    for one in fields:
        assert one.accessibleName()
        assert one.focusPolicy() & Qt.FocusPolicy.TabFocus
    buttons = [one for one in page.view.findChildren(QAbstractButton) if one.isVisible()]
    assert buttons
    for button in buttons:
        assert button.text() or button.accessibleName()
    names = [one.accessibleName() or one.text() for one in buttons]
    assert len(names) == len(set(names))


def test_all_by_keyboard_and_the_keyboard_stays_on_the_page(desk, qtbot):
    """Tab leads from top to bottom through all that can be touched; what is pressed away leaves the keyboard on the page."""
    page, _access = desk
    view = page.view
    qtbot.waitUntil(view.desk.opinions.isVisible)
    view.window().activateWindow()
    qtbot.waitUntil(view.window().isActiveWindow)
    view.other.setFocus()
    reached = []
    for _step in range(40):
        focused = view.window().focusWidget()
        if focused in reached:
            break
        reached.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    controls = [*view.form.findChildren(QAbstractButton), *view.form.findChildren(QComboBox)]
    controls = [one for one in controls if one.isVisible() and one.isEnabled()]
    assert set(controls) <= set(reached)
    places = [one.mapTo(view.form, one.rect().topLeft()) for one in reached if one in controls]
    assert [place.y() for place in places] == sorted(place.y() for place in places)
    feeding = view.desk.opinions.opinions[Subject.FEEDING]
    feeding.oppose.setFocus()
    QTest.keyClick(feeding.oppose, Qt.Key.Key_Space)
    page.settle(qtbot)
    qtbot.waitUntil(lambda: feeding.state.text == access_fr.OPINION_STATE[True][0])
    qtbot.waitUntil(lambda: QApplication.focusWidget() is view.other)
    names = [one.accessibleName() or one.text() for one in controls if isinstance(one, QAbstractButton)]
    assert len(names) == len(set(names))


TYPED = {"family": "Test-d'Été", "first": "Anne", "given": "Anne Lucie", "born": "01/02/1960", "place": "2a020"}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, ""),
        ({"given": "", "place": "99999"}, ""),
        ({"place": ""}, fr.WRONG_PLACE),
        ({"born": ""}, fr.WRONG_DAY),
        ({"family": " "}, fr.WRONG_FAMILY),
        ({"first": ""}, fr.WRONG_FAMILY),
        ({"given": "Lucie Anne"}, fr.WRONG_GIVEN),
        ({"born": "31/02/1960"}, fr.WRONG_DAY),
        ({"born": "1960"}, fr.WRONG_DAY),
        ({"place": "2C020"}, fr.WRONG_PLACE),
        ({"sex": None}, fr.WRONG_SEX),
    ],
)
def test_traits_as_typed(qtbot, changes, wrong):
    form = TraitsForm()
    qtbot.addWidget(form)
    form.show_traits(None)
    for name, words in (TYPED | changes).items():
        if name != "sex":
            getattr(form, name).setText(words)
    form.sex.choose(None if "sex" in changes else Sex.FEMALE)
    traits = form.read()
    assert (traits is None, form.wrong.text()) == (bool(wrong), wrong)
    if traits is not None:
        assert (traits.birth_family, traits.first_given, traits.birth_date) == ("TEST-D'ÉTÉ", "ANNE", date(1960, 2, 1))
        assert traits.birth_place_cog == ("2A020" if not changes else "")
        assert traits.birth_given == ("ANNE LUCIE" if not changes else "ANNE")


def test_days_as_they_are_typed():
    assert read_day("1/02/1960") == read_day("01021960") == read_day(" 01-02-1960 ") == date(1960, 2, 1)
    assert read_day("") is read_day("00/02/1960") is read_day("01/02/60") is None
    assert read_day("1/2/1960") == date(1960, 2, 1)
    assert read_day("1121985") is read_day("112/1985") is None  # the 1st of December, or the 11th of February
    assert read_day("12/03/2085") is read_day("01/01/1700") is None


def test_the_dmp_in_words_for_the_front_desk():
    said = {dmp_words(DossierStatus(True, authorization=one)) for one in (None, *Authorization)}
    assert len(said) == len(Authorization) + 1
    assert "Mon espace santé" in dmp_words(DossierStatus(False))
    assert "fermé" in dmp_words(DossierStatus(True, closed=True))


def leave_by_escape(page, qtbot) -> None:
    left = []
    page.view.left.connect(lambda: left.append(True))
    QTest.keyClick(page.view.search.form.family, Qt.Key.Key_Escape)
    assert left == [True]
    page.view.clear()


def look_at_somebody(page, qtbot) -> None:
    page.show(qtbot, CHILD)
    assert not page.view.search.isVisible()


def hide_and_show(page, qtbot) -> None:
    press(qtbot, page, fr.NEW)
    assert page.view.search.form.isHidden()


def show_a_card_nobody_knows(page, qtbot) -> None:
    page.inside = False
    page.view.start_with(ON_CARD)
    qtbot.waitUntil(lambda: page.view.search.form.family.text() == ON_CARD.family)
    page.view.clear()


@pytest.mark.parametrize("leave", [leave_by_escape, look_at_somebody, hide_and_show, show_a_card_nobody_knows])
def test_somebody_new_half_typed_is_there_again(page, qtbot, leave):
    page.view.show_for(None)
    press(qtbot, page, fr.NEW)
    form = page.view.search.form
    QTest.keyClicks(form.family, "TEST-NOUVEAU")
    form.sex.choose(Sex.MALE)
    leave(page, qtbot)
    if leave is hide_and_show:
        press(qtbot, page, fr.NEW)
    else:
        assert leave is look_at_somebody or form.family.text() == "", "nothing stays in a page that is left"
        page.view.show_for(None)
        assert page.view.said.text() == fr.TYPED_KEPT
    assert (form.isVisible(), form.family.text(), form.sex.chosen) == (True, "TEST-NOUVEAU", Sex.MALE)
    page.view.clear()
    page.view.forget()
    page.view.show_for(None)
    assert (form.isVisible(), form.family.text()) == (False, "")


def test_a_correction_half_typed_is_there_again_for_whom_it_is_of(page, kept, qtbot):
    adult = kept.service.see_document(kept.service.known(ADULT), DocumentKind.CNI)
    page.view.show_for(None)
    page.view.show_identity(adult)
    press(qtbot, page, fr.CORRECT)
    form = page.view.person.form
    form.place.clear()
    QTest.keyClicks(form.place, "13055")
    page.view.show_identity(page.desk.known(CHILD))
    assert (form.isVisible(), form.place.text()) == (False, CHILD.birth_place_cog)
    page.view.clear()
    page.view.show_for(None)
    page.view.show_identity(adult)
    assert (form.isVisible(), form.place.text(), page.view.said.text()) == (True, "13055", fr.TYPED_KEPT)
    press(qtbot, page, fr.SAVE)
    qtbot.waitUntil(lambda: "13055" in page.view.person.birth.text())
    page.view.show_for(None)
    page.view.show_identity(kept.service.now(adult))
    assert not form.isVisible(), "it was kept"
    press(qtbot, page, fr.CORRECT)
    QTest.keyClicks(form.given, " LOUISE")
    press(qtbot, page, fr.CANCEL)
    page.view.show_for(None)
    page.view.show_identity(kept.service.now(adult))
    assert not form.isVisible(), "it was given up"


def test_somebody_new_is_typed_until_they_are_kept(page, kept, qtbot):
    page.view.show_for(None)
    press(qtbot, page, fr.NEW)
    form = page.view.search.form
    for line, text in (
        (form.family, "TEST-NOUVEAU"),
        (form.first, "LUC"),
        (form.born, "12/03/1980"),
        (form.place, "75056"),
    ):
        line.setFocus()
        line.clear()
        QTest.keyClicks(line, text)
    form.sex.choose(Sex.MALE)
    press(qtbot, page, fr.CREATE)
    qtbot.waitUntil(page.view.person.isVisible)
    page.view.show_for(None)
    assert form.family.text() == "TEST-NOUVEAU", "they were nobody's yet"
    press(qtbot, page, fr.CREATE)
    qtbot.waitUntil(page.view.person.isVisible)
    press(qtbot, page, fr.DOCUMENT[DocumentKind.CNI])
    qtbot.waitUntil(lambda: page.view.said.text() == fr.SEEN_DONE)
    page.view.show_for(None)
    assert form.family.text() == ""


def test_somebody_new_half_typed_outlives_who_came_with_a_card(page, insi, qtbot):
    insi.answer = lambda _: found(told(CHILD), "2150763113019")
    page.vitale.read("slot")
    page.view.show_for(None)
    press(qtbot, page, fr.NEW)
    form = page.view.search.form
    QTest.keyClicks(form.family, "TEST-NOUVEAU")
    page.view.start_with(ON_CARD)
    qtbot.waitUntil(page.view.answer.take.isVisible)
    press(qtbot, page, fr.DOCUMENT[DocumentKind.BIRTH_CERTIFICATE])
    qtbot.waitUntil(lambda: page.view.said.text() == fr.OPENING)
    page.view.show_for(None)
    assert form.family.text() == "TEST-NOUVEAU"


def test_escape_takes_back_a_question_before_it_leaves_the_page(page, kept, qtbot):
    page.show(qtbot, ADULT)
    left = []
    page.view.left.connect(lambda: left.append(True))
    [doubt, *_others] = page.view.person.doubts.values()
    doubt.click()
    QTest.keyClick(page.view.person.confirm_doubt, Qt.Key.Key_Escape)
    assert (left, page.view.person.confirm_doubt.isVisible(), doubt.isVisible()) == ([], False, True)
    QTest.keyClick(page.view, Qt.Key.Key_Escape)
    assert left == [True]


def test_the_keyboard_is_on_nothing_that_changes_somebody_who_was_just_chosen(page, kept, insi, qtbot):
    kept.service.see_document(kept.service.known(ADULT), DocumentKind.CNI)
    view = page.view
    view.show_for(None)
    view.window().activateWindow()
    qtbot.waitUntil(view.window().isActiveWindow)
    view.search.born.setFocus()
    QTest.keyClicks(view.search.born, "26021997")
    QTest.keyClick(view.search.born, Qt.Key.Key_Return)
    qtbot.waitUntil(view.search.found.isVisible)
    [found] = view.search.found.buttons
    found.setFocus()
    QTest.keyClick(found, Qt.Key.Key_Space)
    assert QApplication.focusWidget() is view.other
    QTest.keyClick(view.other, Qt.Key.Key_Space)
    assert QApplication.focusWidget() is view, "what was pressed is gone, and in no field"
    view.search.new.setFocus()
    QTest.keyClick(view.search.new, Qt.Key.Key_Space)
    form = view.search.form
    for line, text in ((form.family, "TEST-NOUVEAU"), (form.first, "LUC"), (form.born, "12/03/1980")):
        QTest.keyClicks(line, text)
    form.place.setText("75056")
    form.sex.choose(Sex.MALE)
    view.search.create_person.setFocus()
    QTest.keyClick(view.search.create_person, Qt.Key.Key_Space)
    qtbot.waitUntil(view.person.isVisible)
    assert QApplication.focusWidget() is view.other


def test_what_a_card_holds_is_never_read_as_markup_by_a_tool_tip(page, qtbot):
    page.show(qtbot, ADULT)
    identity, hostile = page.desk.known(ADULT), replace(ON_CARD, given="<h1>ROSE</h1>")
    page.view.person.show_identity(identity, None, (hostile,), privileged=True)
    (button,) = page.view.person.ask_vitale.widgets
    assert "<h1>" not in button.toolTip()
    assert "&lt;h1&gt;ROSE" in button.toolTip()


def test_who_got_at_an_ins_is_told_when_asked(page, kept, qtbot):
    """INS/va1.39."""
    page.show(qtbot, ADULT)
    assert not page.view.accesses.isVisible()  # no number
    press(qtbot, page, fr.ASK_TRAITS)
    press(qtbot, page, fr.TAKE)
    press(qtbot, page, fr.ACCESSES_ASK)
    (head, asked) = page.view.accesses.told.text().splitlines()
    assert head == fr.ACCESSES.format(1, 1)
    assert asked.endswith(f"{kept.actor} : demandé à l'INSi")
    page.view.show_for(None)
    assert page.view.accesses.told.text() == ""
