"""The access in the window: what the patient said, an emergency and the frame around it, regulation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel

from dmp_desktop.domain.access import AccessMode, Authorization, DossierStatus, PersonQuery, Representative
from dmp_desktop.domain.clinical import ItemKind
from dmp_desktop.domain.consent import RESTART, AccessAct, Subject, TracedAct
from dmp_desktop.domain.documents import Code, DocumentKind
from dmp_desktop.domain.people import Professional, Role
from dmp_desktop.errors import DmpError
from dmp_desktop.services.rights import TRAINEE
from dmp_desktop.services.special_words import Reason
from dmp_desktop.ui import record_page, strings_fr, theme
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.models.facts import NO_KNOWN_ALLERGY, FactsModel
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.views.access.special_dialog import SpecialDialog
from dmp_desktop.ui.views.access.view import AccessView
from dmp_desktop.ui.views.regulation.view import RegulationView
from tests.ui import fakes
from tests.ui.access import BY, OBJECTS, FakeAccess, found
from tests.ui.conftest import Bench
from tests.ui.record import FakeReading
from tests.ui.test_accessibility import letters, names

SHUT = DossierStatus(exists=True, authorization=Authorization.NON_EXISTE)
BROKEN = replace(SHUT, mode=AccessMode.BRIS_DE_GLACE)
CONSULTATION, FEEDING = Subject
OTHER = Professional("10009999999", "LEROY", "Hugo", "G15_10/SM26", suffix="DR")


@pytest.fixture
def access() -> FakeAccess:
    return FakeAccess()


@pytest.fixture
def bench(qtbot, dossier, settings, access) -> Iterator[Bench]:
    session, compose, outbox = fakes.FakeSession(), fakes.FakeCompose(), fakes.FakeOutbox()
    search, habits, reading, digest = fakes.FakeSearch(), fakes.FakeHabits(), FakeReading(), fakes.FakeDigest()
    services = Services(
        session, dossier, compose, outbox, digest, search, habits, reading, settings, access=access
    )  # fmt: skip
    clock = fakes.FixedClock()
    window = MainWindow(sandbox=True)
    window.furnish(services, clock)
    window.complete()
    qtbot.addWidget(window)
    window.show()
    yield Bench(window, session, dossier, compose, outbox, clock, search, habits, reading, digest, None, None)  # type: ignore[arg-type]
    access.gate.set()
    assert window.tasks.close()


def page_of(bench, qtbot) -> AccessView:
    bench.window.banner.access_asked.emit()
    page = bench.window.body.currentWidget()
    assert isinstance(page, AccessView)
    qtbot.waitUntil(lambda: bool(page.history.text()) and not bench.window.tasks.general.busy)
    return page


def shut(bench, qtbot, *patients) -> None:
    """A record that may not be read, open."""
    bench.dossier.answer = SHUT
    bench.session.vitale = patients or (fakes.LEA,)
    bench.sign_in(qtbot)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: bench.window.record.status is not None and not bench.window.tasks.general.busy)


def answer(act) -> None:
    """`act(dialog)` once the question stands."""
    shown = QApplication.activeModalWidget()
    if isinstance(shown, SpecialDialog):
        act(shown)
    else:
        QTimer.singleShot(5, lambda: answer(act))


def framed(bench) -> bool:
    window = bench.window
    corner = window.framed.grab().toImage().pixelColor(1, window.framed.height() // 2)
    told = window.access.bar.isVisible()
    assert told == window.framed.framed == (corner == QColor(theme.current().danger))
    return told


def shown_texts(bench) -> str:
    return "\n".join(label.text() for label in bench.window.findChildren(QLabel) if label.isVisible())


def break_glass(bench, qtbot, access) -> None:
    shut(bench, qtbot)
    bench.dossier.answer = BROKEN

    def fill(dialog: SpecialDialog) -> None:
        dialog.reason.choose(Reason.IMMEDIATE_RISK)
        dialog.confirm.click()

    answer(fill)
    bench.window.banner.emergency.click()
    documents = bench.window.page.documents.model
    qtbot.waitUntil(lambda: bool(documents.entries) and not documents.loading)


# The page


def test_nothing_noted_is_neither_agreed_nor_opposed(bench, qtbot, access):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    for opinion in page.opinions.values():
        assert opinion.state.text == "Avis non noté"
        assert opinion.agree.isVisible()
        assert opinion.oppose.isVisible()
    page.opinions[FEEDING].agree.click()
    qtbot.waitUntil(lambda: page.opinions[FEEDING].state.text == "Le patient est d'accord")
    assert f"par {BY}" in page.opinions[FEEDING].when.text()
    assert page.opinions[CONSULTATION].state.text == "Avis non noté"
    assert [act.act for act in access.acts] == [AccessAct.FEEDING_AGREED]
    assert "Envois : accord du patient" in page.history.text()


def test_an_objection_to_consultation_takes_the_record_from_the_screen_and_the_page_stays(bench, qtbot, access):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    bench.dossier.errors.append(DmpError("ConsultationOpposee", "Le patient s'est opposé."))
    page.opinions[CONSULTATION].oppose.click()
    qtbot.waitUntil(lambda: page.opinions[CONSULTATION].state.text == "Le patient s'oppose")
    assert not bench.window.page.documents.model.entries
    assert bench.window.body.currentWidget() is page
    assert not page.opinions[CONSULTATION].oppose.isVisible()


def test_a_double_click_notes_once(bench, qtbot, access):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    access.gate.clear()
    page.opinions[FEEDING].oppose.click()
    page.opinions[FEEDING].oppose.click()
    access.gate.set()
    qtbot.waitUntil(lambda: page.opinions[FEEDING].state.text == "Le patient s'oppose")
    assert len(access.acts) == 1


def test_withdrawing_and_attending_are_confirmed_in_the_page(bench, qtbot, access):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    page.declare.button.click()
    assert "médecin traitant" in page.question.words.text()
    page.question.no.click()
    assert (access.calls, page.question.isVisible()) == ([], False)
    page.declare.button.click()
    page.question.yes.click()
    qtbot.waitUntil(lambda: access.calls == [("attend", True)])
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    bench.dossier.answer = SHUT
    page.withdraw.button.click()
    assert "Vous n'aurez plus accès" in page.question.words.text()
    page.question.yes.click()
    qtbot.waitUntil(lambda: page.withdraw.why.text() == fr.NO_AUTHORISATION)
    assert access.calls[-1] == "withdraw"
    assert not bench.window.page.documents.model.entries


def test_what_is_greyed_out_says_why(bench, qtbot, access):
    access.refusals = {"attending": "Seul un médecin peut le faire.", "break_glass": "Réservé."}
    shut(bench, qtbot)
    page = page_of(bench, qtbot)
    for act, why in ((page.declare, "Seul un médecin peut le faire."), (page.emergency, "Réservé.")):
        assert (act.button.isEnabled(), act.why.text(), act.why.isVisible()) == (False, why, True)
    assert not bench.window.banner.emergency.isEnabled()
    assert page.authorise.button.isEnabled()
    page.authorise.button.click()
    qtbot.waitUntil(lambda: "authorise" in bench.dossier.calls)
    qtbot.waitUntil(lambda: page.authorise.why.text() == fr.ALREADY)


def test_what_the_dmp_tells_unknown_is_not_no(bench, qtbot, access):
    mother = Representative(Code("MTH", "2.16.840.1.113883.5.111", "mère"), "TEST-MARTIN", "Léa")
    access.told = replace(access.told, representatives=(mother,))
    bench.open(qtbot, fakes.BABY)
    page = page_of(bench, qtbot)
    assert page.told.text().splitlines() == [
        "Opposition à l'accès en urgence (bris de glace) : non",
        "Opposition à l'accès de la régulation (centre 15) : le DMP ne le dit pas",
        "DMP relié à Mon espace santé : oui",
        "Représentants légaux : mère Léa TEST-MARTIN",
    ]
    assert page.discreetly.isVisible()


@pytest.mark.parametrize(
    ("representatives", "said"),
    [(None, fr.REPRESENTATIVES_UNTOLD), ((), fr.NO_REPRESENTATIVES)],
)
def test_representatives_that_are_not_told_are_not_absent(bench, qtbot, access, representatives, said):
    """Over FHIR nothing is said of them."""
    access.told = replace(access.told, representatives=representatives)
    bench.open(qtbot, fakes.BABY)
    page = page_of(bench, qtbot)
    assert page.told.text().splitlines()[-1] == said


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (DossierStatus(exists=False), "Mon espace santé"),
        (DossierStatus(exists=True, closed=True), "fermé"),
        (DossierStatus(exists=True, authorization=Authorization.INTERDIT), "refusé"),
    ],
)
def test_what_to_do_without_a_record(bench, qtbot, status, words):
    bench.dossier.answer = status
    bench.session.vitale = (fakes.LEA,)
    bench.sign_in(qtbot)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: bench.window.record.status is not None)
    page = page_of(bench, qtbot)
    assert words in page.guidance.text()
    assert page.guidance.isVisible()
    assert not page.declare.button.isEnabled()
    assert page.declare.why.text()


def test_one_quiet_line_at_the_first_opening_and_never_again(bench, qtbot, access):
    banner = bench.window.banner
    bench.open(qtbot)
    qtbot.waitUntil(banner.unrecorded.isVisible)
    bench.window.conductor.close_patient()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    assert not banner.unrecorded.isVisible()
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: bench.window.record.patient is not None and not bench.window.tasks.general.busy)
    assert not banner.unrecorded.isVisible()


def test_no_line_once_both_are_noted(bench, qtbot, access):
    for act in (AccessAct.CONSULTATION_AGREED, AccessAct.FEEDING_OPPOSED):
        access.note(act)
    bench.open(qtbot)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert not bench.window.banner.unrecorded.isVisible()


def test_nothing_of_the_patient_stays_in_the_page(bench, qtbot, access):
    access.note(AccessAct.GLASS_BROKEN, Reason.OTHER, "TEST-chute dans la rue")
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    assert "TEST-chute" in page.history.text()
    bench.window.session.lock()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    assert not any("TEST-chute" in label.text() for label in page.findChildren(QLabel))
    assert page.history.text() == page.told.text() == ""


# Breaking the glass


def test_the_question_is_answered_whole_before_anything_opens(bench, qtbot, access):
    dialog = SpecialDialog(access.note(AccessAct.CONSULTATION_OPPOSED), emergency=True, patient=fakes.LEA)
    qtbot.addWidget(dialog)
    assert f"par {BY}" in dialog.told.text()
    assert "20/11/2026" in dialog.told.text()
    assert not dialog.confirm.isEnabled()
    dialog.reason.choose(Reason.IMMEDIATE_RISK)
    assert not dialog.confirm.isEnabled()
    dialog.tick.setChecked(True)
    assert dialog.confirm.isEnabled()
    dialog.reason.choose(Reason.OTHER)
    assert not dialog.confirm.isEnabled(), "free words are needed"
    dialog.words.setPlainText("TEST-chute")
    assert dialog.confirm.isEnabled()
    dialog.show()
    assert dialog.cancel.x() < dialog.confirm.x(), "as in every question of the window"
    dialog.words.setPlainText("x" * 501)
    assert not dialog.confirm.isEnabled()
    assert not dialog.confirm.isDefault()


def test_the_frame_stands_on_every_page_with_the_time_left(bench, qtbot, access):
    assert not framed(bench)
    break_glass(bench, qtbot, access)
    assert access.calls == [(Reason.IMMEDIATE_RISK, "", None)]
    assert bench.window.access.bar.words.text() == "ACCÈS EN URGENCE"
    assert bench.window.access.bar.left.text() == "encore 30 min"
    for number in range(6):
        bench.window.page.go(number)
        assert framed(bench)
    bench.window.conductor.write()
    assert bench.window.body.currentWidget() is bench.window.composer
    assert framed(bench)
    page_of(bench, qtbot)
    assert framed(bench)
    access.left = 58.2
    bench.window.access.look()
    assert bench.window.access.bar.left.text() == "encore 59 s"
    assert not bench.window.banner.authorise.isVisible()


@pytest.mark.parametrize(
    ("mode", "words"),
    [(AccessMode.BRIS_DE_GLACE, "DMP : ouvert en urgence"), (AccessMode.CENTRE_15, "DMP : ouvert en régulation")],
)
def test_the_banner_and_the_page_say_by_what_right_it_is_open(bench, qtbot, access, mode, words):
    """Not that the patient still has to authorise it: declaring that now would be a mistake."""
    shut(bench, qtbot)
    banner = bench.window.banner
    assert (banner.dmp.text, banner.authorise.isVisible()) == ("DMP : accès à déclarer", True)
    bench.dossier.answer = replace(SHUT, mode=mode)
    access.refusals["authorise"] = "Ce n'est possible qu'en accès normal."
    access.begin(fakes.LEA, mode)
    qtbot.waitUntil(lambda: banner.dmp.text == words)
    assert not banner.dmp.picture.pixmap().isNull()
    assert not banner.authorise.isVisible()
    assert not banner.emergency.isVisible()
    page = page_of(bench, qtbot)
    assert page.authorisation.text == words
    assert not page.authorise.button.isEnabled()
    assert not page.declare.button.isEnabled()
    bench.dossier.answer = SHUT
    access.end()
    qtbot.waitUntil(lambda: banner.dmp.text == "DMP : accès à déclarer")
    assert banner.authorise.isVisible()


def test_the_history_says_that_a_restart_ended_it(bench, qtbot, access):
    access.note(AccessAct.GLASS_BROKEN, Reason.IMMEDIATE_RISK)
    access.acts.insert(0, TracedAct(AccessAct.SPECIAL_ENDED, fakes.NOW, "", "", RESTART))
    bench.open(qtbot)
    ended, broken = page_of(bench, qtbot).history.text().splitlines()
    assert "le logiciel s'était arrêté" in ended
    assert "redémarrage" not in broken


def test_who_opposes_is_not_declared_to_authorise(bench, qtbot, access):
    access.note(AccessAct.CONSULTATION_OPPOSED)
    shut(bench, qtbot)
    page = page_of(bench, qtbot)
    assert (page.authorise.button.isEnabled(), page.authorise.why.text()) == (False, fr.OPPOSED)
    page.opinions[CONSULTATION].agree.click()
    qtbot.waitUntil(page.authorise.button.isEnabled)


@pytest.mark.parametrize("scheme", ["dark", "high_contrast"])
def test_the_frame_in_other_colours(bench, qtbot, qapp, access, scheme):
    break_glass(bench, qtbot, access)
    theme.apply(qapp, theme.SCHEMES[scheme])
    assert framed(bench)


@pytest.mark.parametrize("way", ["button", "time", "told"])
def test_when_it_ends_nothing_read_in_it_stays(bench, qtbot, access, way):
    break_glass(bench, qtbot, access)
    bench.window.page.go(2)
    title = bench.window.page.documents.model.entries[0].title
    bench.dossier.answer = SHUT
    match way:
        case "button":
            bench.window.access.bar.end.click()
        case "time":
            access.left = 0
            bench.window.access._ticks.setInterval(20)
        case _:
            access.end()
    qtbot.waitUntil(lambda: access.opened is None and not framed(bench))
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert not bench.window.page.documents.model.entries
    assert title not in shown_texts(bench)
    assert "ACCÈS EN URGENCE" in bench.window.notices.what.text
    assert bench.window.banner.emergency.isVisible()


def test_the_frame_goes_with_the_session_and_the_access_ends(bench, qtbot, access):
    break_glass(bench, qtbot, access)
    bench.window.session.lock()
    assert not framed(bench)
    qtbot.waitUntil(lambda: access.opened is None)
    assert access.acts[0].act is AccessAct.SPECIAL_ENDED


def test_another_patient_ends_it(bench, qtbot, access):
    break_glass(bench, qtbot, access)
    bench.session.vitale = (fakes.PAUL,)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)
    assert framed(bench)
    bench.window.picker.buttons[0].click()
    qtbot.waitUntil(lambda: access.opened is None and not framed(bench))
    assert bench.window.record.patient == fakes.PAUL


def test_an_objection_noted_here_goes_with_the_answer(bench, qtbot, access):
    told = access.note(AccessAct.CONSULTATION_OPPOSED)
    shut(bench, qtbot)

    def fill(dialog: SpecialDialog) -> None:
        dialog.reason.choose(Reason.UNABLE)
        dialog.tick.click()
        dialog.confirm.click()

    answer(fill)
    bench.window.banner.emergency.click()
    qtbot.waitUntil(lambda: access.opened is not None)
    assert access.calls == [(Reason.UNABLE, "", told)]


def test_what_the_services_refuse_is_told_and_nothing_is_framed(bench, qtbot, access):
    shut(bench, qtbot)

    def fill(dialog: SpecialDialog) -> None:
        access.errors.append(DmpError("AccesSpecialOppose", "Le patient s'est opposé à l'accès en urgence.", "Non."))
        dialog.reason.choose(Reason.UNABLE)
        dialog.confirm.click()

    answer(fill)
    bench.window.banner.emergency.click()
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert "accès en urgence" in bench.window.notices.what.text
    assert not framed(bench)


def test_the_question_ends_with_the_session(bench, qtbot, access):
    shut(bench, qtbot)

    def pull(dialog: SpecialDialog) -> None:
        dialog.reason.choose(Reason.UNABLE)
        bench.window.session.lock()

    answer(pull)
    bench.window.banner.emergency.click()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert (access.opened, access.calls) == (None, [])


def test_the_secret_connection_is_confirmed_and_framed(bench, qtbot, access):
    bench.open(qtbot, fakes.BABY)
    page = page_of(bench, qtbot)
    page.discreetly.button.click()
    assert "représentants légaux" in page.question.words.text()
    page.question.yes.click()
    qtbot.waitUntil(lambda: framed(bench))
    assert (bench.window.access.bar.words.text(), bench.window.access.bar.left.text()) == ("CONNEXION SECRÈTE", "")


# Regulation


def regulation(bench, qtbot) -> RegulationView:
    bench.sign_in(qtbot)
    bench.window.access.regulation_line.trigger()
    page = bench.window.body.currentWidget()
    assert isinstance(page, RegulationView)
    return page


def test_who_may_not_is_told_why(bench, qtbot, access):
    assert not bench.window.access.regulation_line.isEnabled()
    access.refusals["regulation"] = "Réservé aux médecins de la régulation."
    bench.sign_in(qtbot)
    line = bench.window.access.regulation_line
    assert (line.isEnabled(), line.toolTip()) == (False, "Réservé aux médecins de la régulation.")


def test_found_then_opened_in_its_mode(bench, qtbot, access):
    access.found = [found(fakes.PAUL, 97), found(fakes.LEA, 40, opposes=True)]
    page = regulation(bench, qtbot)
    page.search.click()
    assert page.refused.text() == fr.FAMILY_NEEDED
    page.fields[fr.FAMILY].setText("TEST-BERNARD")
    page.fields[fr.BORN].setText("31/02/1952")
    page.search.click()
    assert page.refused.text() == fr.BAD_DATE
    page.fields[fr.BORN].setText("01/07/1952")
    page.search.click()
    qtbot.waitUntil(lambda: len(page.cards) == 2)
    assert access.queries == [PersonQuery("TEST-BERNARD", birth_date=fakes.PAUL.birth_date)]
    assert "97 %" in page.cards[0].accessibleName()
    assert not page.cards[1].open.isEnabled()
    page.cards[0].open.click()
    qtbot.waitUntil(lambda: access.opened is not None)
    assert (access.opened.mode, bench.window.record.patient) == (AccessMode.CENTRE_15, fakes.PAUL)
    qtbot.waitUntil(lambda: framed(bench))
    assert bench.window.access.bar.words.text() == "RÉGULATION (CENTRE 15)"
    assert not page.cards
    assert not page.fields[fr.FAMILY].text()


def test_who_is_not_qualified_here_is_not_opened(bench, qtbot, access):
    access.found = [replace(found(fakes.PAUL, 97), birth_date=None)]
    page = regulation(bench, qtbot)
    page.fields[fr.FAMILY].setText("TEST-BERNARD")
    page.search.click()
    qtbot.waitUntil(lambda: len(page.cards) == 1)
    page.cards[0].open.click()
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert "date de naissance" in bench.window.notices.what.text
    assert (bench.window.record.patient, access.opened) == (None, None)
    bench.session.vitale = (fakes.PAUL,)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: bench.window.record.patient == fakes.PAUL and not bench.window.tasks.general.busy)
    assert access.opened is None, "who comes later with a card is received as usual"


def test_an_objection_is_told_before_regulation(bench, qtbot, access):
    access.note(AccessAct.CONSULTATION_OPPOSED)
    access.found = [found(fakes.PAUL, 97)]
    page = regulation(bench, qtbot)
    page.fields[fr.FAMILY].setText("TEST-BERNARD")
    page.search.click()
    qtbot.waitUntil(lambda: len(page.cards) == 1)
    seen: list[bool] = []

    def renounce(dialog: SpecialDialog) -> None:
        seen.append(dialog.confirm.isEnabled())
        dialog.cancel.click()

    answer(renounce)
    page.cards[0].open.click()
    qtbot.waitUntil(lambda: seen == [False])
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert access.opened is None


# By keyboard, with a name on everything


def test_every_part_has_a_name_and_no_letter_stands_twice(bench, qtbot, access):
    access.found = [found(fakes.PAUL, 97)]
    page = regulation(bench, qtbot)
    page.fields[fr.FAMILY].setText("TEST-BERNARD")
    page.search.click()
    qtbot.waitUntil(lambda: len(page.cards) == 1)
    check_names(bench)
    page.left.emit()
    access.begin(fakes.BABY, AccessMode.BRIS_DE_GLACE)
    bench.dossier.answer = SHUT
    bench.session.vitale = (fakes.BABY,)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: bench.window.record.status is not None)
    view = page_of(bench, qtbot)
    view.discreetly.button.click()
    check_names(bench)
    dialog = SpecialDialog(access.note(AccessAct.CONSULTATION_OPPOSED), emergency=True, patient=fakes.LEA)
    qtbot.addWidget(dialog)
    assert all(names(dialog).values())


def check_names(bench) -> None:
    shown = {widget: name for widget, name in names(bench.window).items() if widget.isVisible()}
    assert [type(widget).__name__ for widget, name in shown.items() if not name] == []
    found_letters = letters(bench.window)
    assert found_letters == sorted(set(found_letters))


def test_the_emergency_is_greyed_out_where_nothing_has_to_be_broken(bench, qtbot, access):
    bench.open(qtbot)
    line = bench.window.access.emergency_line
    assert (line.isEnabled(), line.toolTip()) == (False, fr.ALREADY)
    bench.dossier.answer = DossierStatus(exists=True, closed=True)
    bench.window.record.refresh()
    qtbot.waitUntil(lambda: line.toolTip() == fr.NO_RECORD)
    bench.dossier.answer = SHUT
    bench.window.record.refresh()
    qtbot.waitUntil(line.isEnabled)


# Acts are followed, and their failure told, whatever page is shown by then


def leave_while(bench, access, act) -> None:
    """Back to the record before the answer of `act`."""
    access.gate.clear()
    act()
    bench.window.body.currentWidget().left.emit()
    assert bench.window.body.currentWidget() is bench.window.page


def test_an_objection_is_followed_although_its_page_was_left(bench, qtbot, access):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    bench.dossier.errors.append(DmpError("ConsultationOpposee", "Le patient s'est opposé."))
    leave_while(bench, access, page.opinions[CONSULTATION].oppose.click)
    assert bench.window.page.documents.model.entries
    access.gate.set()
    qtbot.waitUntil(lambda: not bench.window.page.documents.model.entries)
    assert bench.window.body.currentWidget() is bench.window.page, "nobody is led back to a page they left"


def test_a_withdrawal_is_followed_although_its_page_was_left(bench, qtbot, access):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    page.withdraw.button.click()
    leave_while(bench, access, page.question.yes.click)
    bench.dossier.answer = SHUT
    access.gate.set()
    qtbot.waitUntil(lambda: bench.window.banner.dmp.text == "DMP : accès à déclarer")
    assert not bench.window.page.documents.model.entries


@pytest.mark.parametrize("stays", [True, False])
def test_an_act_that_fails_is_told_with_what_to_do(bench, qtbot, access, stays):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    page.declare.button.click()
    away = DmpError("Http503", "Le DMP ne répond pas.", "Les envois reprendront seuls.", retryable=True)
    if stays:
        access.errors.append(away)
        page.question.yes.click()
    else:
        leave_while(bench, access, page.question.yes.click)
        access.errors.append(away)
        access.gate.set()
    qtbot.waitUntil(bench.window.notices.isVisible)
    text = bench.window.notices.what.text
    assert text == f"« {fr.DECLARE} » n'a pas abouti. Le DMP ne répond pas. {fr.ACT_REMEDY}"
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert page.form.isEnabled() is stays


def test_an_act_that_fails_behind_the_mask_is_told_on_return(bench, qtbot, access):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    page.declare.button.click()
    access.gate.clear()
    page.question.yes.click()
    bench.window.session.lock()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    access.errors.append(DmpError("Http503", "Le DMP ne répond pas.", retryable=True))
    access.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert not bench.window.notices.isVisible()
    bench.window.session.unlock()
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert fr.DECLARE in bench.window.notices.what.text


def test_one_act_at_a_time_and_it_is_said(bench, qtbot, access):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    access.gate.clear()
    page.declare.button.click()
    page.question.yes.click()
    assert page.said.text() == fr.ACTING
    assert not any(one.button.isEnabled() for one in (page.declare, page.withdraw))
    bench.window.record.refresh()
    qtbot.wait(50)
    assert not page.declare.button.isEnabled(), "the status asked meanwhile opens nothing"
    access.gate.set()
    qtbot.waitUntil(lambda: not page.said.text() and page.form.isEnabled())
    assert access.calls == [("attend", True)]


def test_a_second_click_or_key_does_not_note_the_contrary(bench, qtbot, access, monkeypatch):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    for subject in Subject:
        opinion = page.opinions[subject]
        opinion.settling.ms = 300
        opinion.agree.setFocus()
        qtbot.keyClick(opinion.agree, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda o=opinion: o.state.text == "Le patient est d'accord" and not o.agree.isVisible())
        assert not opinion.oppose.isEnabled()
        assert bench.window.focusWidget() is page
        qtbot.keyClick(bench.window.focusWidget(), Qt.Key.Key_Space)
        qtbot.waitUntil(opinion.oppose.isEnabled)
        assert bench.window.body.currentWidget() is page
    assert [act.act for act in access.acts] == [AccessAct.FEEDING_AGREED, AccessAct.CONSULTATION_AGREED]


# Who objects, who only learns


def test_an_objection_noted_here_leaves_the_emergency_open_where_access_was_authorised(
    bench, qtbot, access, monkeypatch
):
    """ADR 15: told, ticked, traced."""
    told = access.note(AccessAct.CONSULTATION_OPPOSED)

    def refuse(*_: object) -> None:
        raise DmpError("ConsultationOpposee", "Le patient s'est opposé.")

    monkeypatch.setattr(bench.dossier, "entries", refuse)
    bench.session.vitale = (fakes.LEA,)
    bench.sign_in(qtbot)
    bench.window.card_event(fakes.vitale())
    banner = bench.window.banner
    qtbot.waitUntil(banner.emergency.isVisible)
    assert banner.emergency.isEnabled()
    assert bench.window.access.emergency_line.isEnabled()
    assert (banner.dmp.text, banner.authorise.isVisible()) == (fr.OPPOSED_STATE[0], False)
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert strings_fr.UNREAD_OPPOSED in shown_texts(bench)
    assert bench.window.notices.button.text() == fr.PAGE
    bench.window.notices.button.click()
    assert isinstance(bench.window.body.currentWidget(), AccessView)
    page = page_of(bench, qtbot)
    assert page.emergency.button.isEnabled()

    def fill(dialog: SpecialDialog) -> None:
        dialog.reason.choose(Reason.UNABLE)
        dialog.tick.click()
        dialog.confirm.click()

    answer(fill)
    page.emergency.button.click()
    qtbot.waitUntil(lambda: access.opened is not None)
    assert access.calls == [(Reason.UNABLE, "", told)]


def test_the_emergency_is_greyed_out_once_the_dmp_says_the_patient_opposes_it(bench, qtbot, access):
    access.told = replace(access.told, opposes_break_glass=True)
    shut(bench, qtbot)
    assert bench.window.banner.emergency.isEnabled(), "nobody has asked yet"
    page = page_of(bench, qtbot)
    assert (page.emergency.button.isEnabled(), page.emergency.why.text()) == (False, fr.BARRED)
    assert (bench.window.banner.emergency.isEnabled(), bench.window.banner.emergency.toolTip()) == (False, fr.BARRED)


def test_who_objects_during_an_emergency_begun_despite_it_is_heard_in_one_act(bench, qtbot, access):
    access.note(AccessAct.CONSULTATION_OPPOSED)
    shut(bench, qtbot)
    bench.dossier.answer = BROKEN
    access.begin(fakes.LEA, AccessMode.BRIS_DE_GLACE)
    qtbot.waitUntil(lambda: framed(bench))
    page = page_of(bench, qtbot)
    assert page.opinions[CONSULTATION].oppose.isVisible()
    page.opinions[CONSULTATION].oppose.click()
    qtbot.waitUntil(lambda: [act.act for act in access.acts[:2]] == [AccessAct.CONSULTATION_OPPOSED] * 2)


def test_a_training_card_is_offered_no_declaration(bench, qtbot, access):
    bench.session.role = Role.TRAINEE
    shut(bench, qtbot)
    authorise = bench.window.banner.authorise
    assert (authorise.isEnabled(), authorise.toolTip()) == (False, TRAINEE)


# The question and the end


def test_a_double_click_asks_once_and_says_whose_record_it_is(bench, qtbot, access):
    shut(bench, qtbot)
    asked = []

    def fill(dialog: SpecialDialog) -> None:
        asked.append(dialog.whose.text())
        others = [one for one in QApplication.topLevelWidgets() if isinstance(one, SpecialDialog) and one.isVisible()]
        assert others == [dialog]
        dialog.reason.choose(Reason.IMMEDIATE_RISK)
        dialog.confirm.click()

    answer(fill)
    bench.window.banner.emergency.click()
    bench.window.banner.emergency.click()
    qtbot.waitUntil(lambda: access.opened is not None and not bench.window.tasks.general.busy)
    assert len(access.calls) == len(asked) == 1
    assert fakes.LEA.display_name in asked[0]
    assert f"{fakes.LEA.birth_date:%d/%m/%Y}" in asked[0]
    bench.window.access.end()
    qtbot.waitUntil(lambda: access.opened is None and not bench.window.tasks.general.busy)
    answer(lambda dialog: dialog.reject())
    bench.window.banner.emergency.click()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    answer(fill)
    bench.window.banner.emergency.click()
    qtbot.waitUntil(lambda: len(access.calls) == 2)


def test_an_access_that_ended_with_the_lock_is_told_on_return(bench, qtbot, access):
    break_glass(bench, qtbot, access)
    bench.dossier.answer = SHUT
    bench.window.session.lock()
    qtbot.waitUntil(lambda: access.opened is None and bench.window.access.opened is None)
    bench.window.session.unlock()
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert bench.window.notices.what.text == fr.ENDED_WITH_SESSION.format("ACCÈS EN URGENCE")


@pytest.mark.parametrize("way", ["end of the emergency", "objection"])
def test_what_a_review_took_from_the_record_leaves_it_with_the_access(bench, qtbot, access, way):
    bench.compose.facts = (fakes.fact(ItemKind.PROBLEM, "TEST-asthme"),)
    if way == "objection":
        bench.open(qtbot)
    else:
        break_glass(bench, qtbot, access)
    window = bench.window
    window.conductor.write(DocumentKind.VSM)
    draft = window.composer.draft
    qtbot.waitUntil(lambda: draft.review.facts is not None and not window.tasks.general.busy)
    taken = next(items for items in draft.review.facts.sections.values() if items)
    draft.review.tick(taken[0], True)
    draft.review.tick(NO_KNOWN_ALLERGY, True)
    window.composer.editor.setPlainText("TEST")
    bench.compose.read_error = DmpError("ConsultationOpposee", "Le patient s'est opposé.")
    if way == "objection":
        page_of(bench, qtbot).opinions[CONSULTATION].oppose.click()
        qtbot.waitUntil(lambda: bool(access.acts) and not window.tasks.general.busy)
        window.conductor.show_draft(draft)
    else:
        bench.dossier.answer = SHUT
        access.end()
    qtbot.waitUntil(lambda: access.opened is None and draft.review.facts is None and not window.tasks.general.busy)
    assert draft.review.ticked == {NO_KNOWN_ALLERGY}
    assert draft.text == "TEST"
    assert taken[0].label not in shown_texts(bench)
    models = window.composer.form.findChildren(FactsModel)
    assert models
    assert all(item is NO_KNOWN_ALLERGY for model in models for item in model.items)


# What became of an act is told to who asked for it, and to nobody else


def declare_unanswered(bench, qtbot, access) -> None:
    """« Médecin traitant » asked for, and not answered before the gate opens."""
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    access.gate.clear()
    page.declare.button.click()
    page.question.yes.click()


def fail(bench, qtbot, access) -> None:
    access.errors.append(DmpError("Http503", "Le DMP ne répond pas.", retryable=True))
    access.gate.set()
    qtbot.waitUntil(lambda: not access.errors and not bench.window.tasks.general.busy)


def another_card(bench, qtbot, who) -> None:
    """In place of the one that is in."""
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.session.state.professional is None and not bench.window.tasks.card.busy)
    bench.session.who = who
    bench.sign_in(qtbot)


def told(bench) -> str:
    return bench.window.notices.what.text if bench.window.notices.isVisible() else ""


def test_what_failed_is_told_to_who_asked_and_not_to_who_came_since(bench, qtbot, access):
    declare_unanswered(bench, qtbot, access)
    another_card(bench, qtbot, OTHER)
    fail(bench, qtbot, access)
    assert fr.DECLARE not in told(bench)
    another_card(bench, qtbot, fakes.DOCTOR)
    qtbot.waitUntil(lambda: fr.DECLARE in told(bench))
    bench.window.session.state = replace(bench.window.session.state, professional=OTHER)
    bench.window.session.changed.emit(bench.window.session.state)
    assert fr.DECLARE not in told(bench), "somebody else came, without a moment in which all was covered"


def test_an_access_that_ended_with_the_session_is_told_to_who_had_opened_it(bench, qtbot, access):
    break_glass(bench, qtbot, access)
    bench.dossier.answer = SHUT
    another_card(bench, qtbot, OTHER)
    qtbot.waitUntil(lambda: access.opened is None and bench.window.access.opened is None)
    assert "ACCÈS EN URGENCE" not in told(bench)
    another_card(bench, qtbot, fakes.DOCTOR)
    assert told(bench) == fr.ENDED_WITH_SESSION.format("ACCÈS EN URGENCE")


def test_what_failed_once_another_record_is_open_is_not_told_as_of_that_one(bench, qtbot, access):
    declare_unanswered(bench, qtbot, access)
    bench.window.record.show(fakes.PAUL)
    fail(bench, qtbot, access)
    assert told(bench) == fr.ACT_FAILED_LATE.format(act=fr.DECLARE, why="Le DMP ne répond pas.")
    assert bench.window.notices.safe.text() == fr.ACT_LATE_REMEDY
    assert "TEST-" not in told(bench)
    bench.window.record.show(None)
    assert told(bench), "it is of no record on the screen"


def test_what_failed_in_a_record_is_not_told_over_the_next_one(bench, qtbot, access):
    declare_unanswered(bench, qtbot, access)
    fail(bench, qtbot, access)
    assert fr.ACT_REMEDY in told(bench)
    bench.window.record.show(fakes.PAUL)
    assert not told(bench)


def test_an_emergency_refused_once_another_record_is_open_is_not_told_as_of_that_one(bench, qtbot, access):
    shut(bench, qtbot)

    def fill(dialog: SpecialDialog) -> None:
        access.gate.clear()
        access.errors.append(DmpError("AccesSpecialOppose", "Le patient s'est opposé à l'accès en urgence."))
        dialog.reason.choose(Reason.UNABLE)
        dialog.confirm.click()

    answer(fill)
    bench.window.banner.emergency.click()
    qtbot.waitUntil(lambda: not access.gate.is_set())
    bench.window.record.show(fakes.PAUL)
    qtbot.waitUntil(lambda: bench.window.record.status is not None)
    access.gate.set()
    qtbot.waitUntil(lambda: bool(told(bench)))
    why = "Le patient s'est opposé à l'accès en urgence."
    assert told(bench) == fr.ACT_FAILED_LATE.format(act="Accès en urgence", why=why)
    assert bench.window.banner.emergency.isEnabled(), "who is on screen opposes nothing"


def test_the_page_of_one_patient_is_not_held_up_by_an_act_on_another(bench, qtbot, access, monkeypatch):
    answers = threading.Event()
    monkeypatch.setattr(access, "attend", lambda _patient, *, attending: answers.wait(120))
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    page.declare.button.click()
    page.question.yes.click()
    assert not page.form.isEnabled()
    for patient, free in ((fakes.PAUL, True), (fakes.LEA, False)):
        bench.window.record.show(patient)
        bench.window.banner.access_asked.emit()
        qtbot.waitUntil(lambda: bool(page.history.text()))
        assert (page.form.isEnabled(), page.said.text()) == (free, "" if free else fr.ACTING)
    answers.set()
    qtbot.waitUntil(page.form.isEnabled)


def test_a_click_meant_for_the_consent_does_not_open_the_page_that_takes_its_place(bench, qtbot):
    shut(bench, qtbot)
    banner = bench.window.banner
    banner._settling.ms = 60
    qtbot.waitUntil(banner.unrecorded.isVisible)
    bench.dossier.answer = fakes.FakeDossier().answer
    banner.authorise.click()
    qtbot.waitUntil(banner.authorise.isHidden)
    assert not banner.unrecorded.isEnabled()
    qtbot.waitUntil(banner.unrecorded.isEnabled)


def test_escape_takes_back_the_question_and_then_leaves(bench, qtbot):
    bench.open(qtbot)
    page = page_of(bench, qtbot)
    page.declare.button.click()
    qtbot.keyClick(page.question.no, Qt.Key.Key_Escape)
    assert page.question.isHidden()
    assert bench.window.body.currentWidget() is page
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert bench.window.body.currentWidget() is not page


# The consent is declared once


@pytest.fixture
def declared(bench, monkeypatch) -> Iterator[threading.Event]:
    """Set: the DMP answers to the declaration."""
    answers, declare = threading.Event(), bench.dossier.authorise

    def slowly(patient):
        answers.wait(120)
        return declare(patient)

    monkeypatch.setattr(bench.dossier, "authorise", slowly)
    yield answers
    answers.set()


@pytest.mark.parametrize("way", ["banner", "page"])
def test_a_double_click_declares_the_consent_once(bench, qtbot, declared, way):
    shut(bench, qtbot)
    page, banner = page_of(bench, qtbot), bench.window.banner.authorise
    page_button = page.authorise.button
    (banner if way == "banner" else page_button).click()
    assert not banner.isEnabled()
    assert (page_button.isEnabled(), page.authorise.why.text()) == (False, fr.DECLARING)
    assert banner.text() == fr.DECLARING
    bench.window.banner.authorise_asked.emit()  # the second click of a double one, on its way before the first was heard
    page.authorise_asked.emit()
    declared.set()
    qtbot.waitUntil(lambda: page.authorise.why.text() == fr.ALREADY and not bench.window.tasks.general.busy)
    assert bench.dossier.calls.count("authorise") == 1


def test_a_consent_that_was_not_declared_may_be_declared_again(bench, qtbot, declared):
    shut(bench, qtbot)
    page = page_of(bench, qtbot)
    bench.dossier.errors.append(DmpError("DMPRefus", "Le DMP refuse."))
    page.authorise.button.click()
    declared.set()
    qtbot.waitUntil(page.authorise.button.isEnabled)
    assert bench.window.banner.authorise.isEnabled()
    assert bench.window.banner.authorise.text() == strings_fr.AUTHORISE
    assert told(bench) == "Le DMP refuse."


def test_the_record_opens_although_it_was_asked_for_anew_while_the_consent_was_declared(bench, qtbot, declared):
    shut(bench, qtbot)
    bench.window.banner.authorise.click()
    bench.window.record.refresh()
    qtbot.waitUntil(lambda: bench.window.record.status is not None and not bench.window.banner.authorise.isEnabled())
    declared.set()
    qtbot.waitUntil(lambda: bool(bench.window.page.documents.model.entries))


def test_a_consent_refused_once_the_record_was_closed_is_told(bench, qtbot, declared):
    shut(bench, qtbot)
    bench.window.banner.authorise.click()
    bench.window.record.show(None)
    bench.dossier.errors.append(DmpError("DMPRefus", "Le DMP refuse."))
    declared.set()
    qtbot.waitUntil(lambda: bool(told(bench)))
    words = strings_fr.AUTHORISE.replace("&", "")
    assert told(bench) == fr.ACT_FAILED_LATE.format(act=words, why="Le DMP refuse.")


# Nothing is sent for a patient who objects to it


def writing(bench, qtbot) -> None:
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("TEST. Toux depuis 3 jours.")
    qtbot.waitUntil(lambda: bench.window.composer.can_send and not bench.window.tasks.general.busy)


def barred_for(bench) -> tuple[bool, str, str]:
    acts = bench.window.acts
    shown = acts.barred.text() if acts.barred.isVisible() else ""
    return acts.send.isEnabled(), shown, acts.send.accessibleDescription()


def test_sending_is_greyed_out_with_its_reason_and_the_key_says_the_same(bench, qtbot, access):
    access.note(AccessAct.FEEDING_OPPOSED)
    writing(bench, qtbot)
    acts = bench.window.acts
    qtbot.waitUntil(lambda: barred_for(bench) == (False, OBJECTS, OBJECTS))
    assert acts.send.toolTip() == OBJECTS
    qtbot.keyClick(bench.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: told(bench) == OBJECTS)
    assert bench.window.notices.safe.text() == strings_fr.BUILD_SAFE
    assert not bench.outbox.held
    assert bench.window.composer.draft.text == "TEST. Toux depuis 3 jours."
    bench.window.composer.preview_button.click()
    qtbot.waitUntil(lambda: bench.window.composer.preview.ready is not None)
    bench.window.conductor.show_record()
    assert bench.window.drafts.of(fakes.DOCTOR), "it stays among the drafts"


@pytest.mark.parametrize(
    ("told_status", "why"),
    [
        (DossierStatus(exists=False), strings_fr.NO_RECORD_TO_FEED),
        (DossierStatus(exists=True, closed=True), strings_fr.RECORD_CLOSED_TO_FEED),
    ],
)
def test_a_note_that_has_no_record_to_go_to_stays_a_draft_and_says_why(bench, qtbot, access, told_status, why):
    writing(bench, qtbot)
    assert barred_for(bench)[0], "they have one, as far as is known"
    bench.dossier.answer = told_status
    bench.window.record.refresh()
    qtbot.waitUntil(lambda: barred_for(bench) == (False, why, why))
    bench.window.conductor.send()
    assert told(bench) == why
    assert not bench.outbox.held
    bench.dossier.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE)
    bench.window.record.refresh()
    qtbot.waitUntil(lambda: barred_for(bench)[0])


def test_the_way_to_another_opinion_is_offered_and_back_to_the_note(bench, qtbot, access):
    access.note(AccessAct.FEEDING_OPPOSED)
    writing(bench, qtbot)
    qtbot.waitUntil(lambda: not bench.window.acts.send.isEnabled())
    bench.window.conductor.send()
    assert bench.window.notices.button.text() == fr.PAGE
    bench.window.notices.button.click()
    page = bench.window.body.currentWidget()
    assert isinstance(page, AccessView)
    qtbot.waitUntil(page.opinions[FEEDING].agree.isVisible)
    page.opinions[FEEDING].agree.click()
    qtbot.waitUntil(lambda: page.opinions[FEEDING].state.text == "Le patient est d'accord")
    page.back.click()
    assert bench.window.body.currentWidget() is bench.window.composer
    qtbot.waitUntil(bench.window.acts.send.isEnabled)
    bench.window.record.show(fakes.PAUL)
    access.record(fakes.LEA, FEEDING, opposed=True)
    qtbot.waitUntil(lambda: not bench.window.acts.send.isEnabled())
    bench.window.conductor.send()
    assert bench.window.notices.notice.button == "", "that page would be of another patient"


def test_sending_follows_what_is_noted_while_the_note_is_before_the_eyes(bench, qtbot, access):
    """From a worker, as another page would note it."""
    writing(bench, qtbot)
    assert barred_for(bench) == (True, "", "")
    submit = bench.window.tasks.general.submit
    submit(lambda: access.record(fakes.LEA, FEEDING, opposed=True), lambda _done: None, lambda _error: None)
    qtbot.waitUntil(lambda: barred_for(bench) == (False, OBJECTS, OBJECTS))
    submit(lambda: access.record(fakes.LEA, FEEDING, opposed=False), lambda _done: None, lambda _error: None)
    qtbot.waitUntil(lambda: barred_for(bench) == (True, "", ""))
    assert "Ctrl+Entrée" in bench.window.acts.send.toolTip()
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(bench.outbox.held) == 1)


def test_the_objection_counts_for_the_note_s_own_patient(bench, qtbot, access, monkeypatch):
    monkeypatch.setattr(access, "feeding_refusal", lambda patient: OBJECTS if patient == fakes.PAUL else None)
    writing(bench, qtbot)
    bench.window.record.show(fakes.PAUL)
    bench.window.conductor.show_draft(bench.window.drafts.open_for(fakes.PAUL, fakes.DOCTOR, None))
    qtbot.waitUntil(lambda: barred_for(bench)[1] == OBJECTS)
    [leas] = [draft for draft in bench.window.drafts.of(fakes.DOCTOR) if draft.patient == fakes.LEA]
    bench.window.conductor.show_draft(leas)
    assert barred_for(bench) == (True, "", "")


# Who may open no document is told so before a click


def test_who_may_open_no_document_is_told_above_the_list(bench, qtbot, access):
    why = "Le médecin du travail ne peut pas le faire dans le DMP."
    access.refusals["reading"] = why
    bench.open(qtbot)
    documents = bench.window.page.documents
    bench.window.page.go(2)
    qtbot.waitUntil(documents.unopened.isVisible)
    line = viewer_fr.UNOPENED.format(why)
    assert documents.unopened.text() == line
    assert documents.unopened.geometry().top() < documents.list.geometry().top()
    documents.list.view.setCurrentIndex(documents.model.index(0, 0))
    assert (documents.selection.export.isEnabled(), documents.selection.export.toolTip()) == (False, line)
    documents.list.chosen.emit(documents.model.entries[0])
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert documents.pane.parts.message.text() == line
    assert not documents.replace.isEnabled()
    assert not told(bench)
    assert "open" not in bench.dossier.calls


def test_every_page_made_of_documents_says_so_and_asks_for_none(bench, qtbot, access):
    why = "Le médecin du travail ne peut pas le faire dans le DMP."
    access.refusals["reading"] = why
    bench.open(qtbot)
    page, line = bench.window.page, viewer_fr.UNOPENED.format(why)
    qtbot.waitUntil(lambda: bool(page.documents.unopened.text()))
    for index, tab in ((record_page.SYNTHESIS, page.synthesis), (record_page.BIOLOGY, page.biology)):
        page.go(index)
        qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
        qtbot.wait(30)
        assert (tab.message.text(), tab.message.isVisible(), tab.bar.isVisible()) == (line, True, False)
    assert not bench.reading.fetched
    page.go(record_page.NEWS)
    assert page.news.partial.text() == line
    access.refusals.clear()
    bench.window.record.reopen()
    page.go(record_page.SYNTHESIS)
    qtbot.waitUntil(lambda: page.synthesis.reader.complete)
    assert not page.synthesis.message.isVisible()
    assert page.news.partial.text() == viewer_fr.NEWS_PARTIAL


def test_nothing_tries_again_what_is_refused_to_who_opens_no_document(bench, qtbot, access, monkeypatch):
    """Asked for before it was known who is signed in."""
    bench.open(qtbot)
    documents = bench.window.page.documents
    monkeypatch.setattr(documents.unopened, "text", str)
    bench.dossier.errors.append(DmpError("DMPRefus", "Le DMP refuse.", "Vérifiez l'autorisation."))
    documents.open(documents.model.entries[0])
    qtbot.waitUntil(lambda: bool(told(bench)))
    assert bench.window.notices.button.isHidden(), "asked again it is refused again"
    bench.window.notices.clear()
    monkeypatch.undo()
    documents.unopened._show("Le médecin du travail ne peut pas le faire dans le DMP.")
    documents._refused(fakes.LEA, documents.entry, DmpError("DMPRefus", "Le DMP refuse."), None)
    assert not told(bench)


def test_who_may_open_documents_is_told_nothing(bench, qtbot, access):
    access.refusals["reading"] = "Le médecin du travail ne peut pas le faire dans le DMP."
    bench.open(qtbot)
    documents = bench.window.page.documents
    qtbot.waitUntil(lambda: bool(documents.unopened.text()))
    access.refusals.clear()
    bench.window.record.reopen()
    qtbot.waitUntil(lambda: bool(documents.model.entries) and not documents.model.loading)
    qtbot.waitUntil(lambda: not documents.unopened.text())
    assert documents.unopened.isHidden()
    documents.list.chosen.emit(documents.model.entries[0])
    qtbot.waitUntil(lambda: documents.pane.ready is not None)
    documents.list.view.setCurrentIndex(documents.model.index(1, 0))
    assert documents.selection.export.isEnabled()
    assert documents.selection.export.toolTip() == viewer_fr.EXPORT_TIP
