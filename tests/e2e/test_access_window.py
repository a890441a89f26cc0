"""An emergency, its end, what bars it, regulation and a patient's opinions, in the real window on the stand-in server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.consent import AccessAct, Subject
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.platform.paths import training_station
from dmp_desktop.sandbox.directory import CABINET
from dmp_desktop.services.accounts import PRACTICE_FILE
from dmp_desktop.services.special_words import Reason
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui import strings_fr
from dmp_desktop.ui.views.access.special_dialog import SpecialDialog
from dmp_desktop.ui.views.access.view import AccessView
from dmp_desktop.ui.views.regulation.view import RegulationView
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


PARENTS = Visibility.INVISIBLE_REPRESENTANTS_LEGAUX


@pytest.fixture(scope="module")
def real(qapp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWindow]:
    folder = tmp_path_factory.mktemp("acces")
    of_a_centre_15(folder)
    with real_window(qapp, folder) as world:
        world.sign_in()
        yield world


def of_a_centre_15(folder: Path) -> None:
    """What who manages the workstation writes there: who regulates, no card tells."""
    home = training_station(folder).home
    home.mkdir(mode=0o700)
    facility = {"id": CABINET.id, "name": CABINET.name, "sector": CABINET.sector, "practice_setting": "AMBULATOIRE"}
    (home / PRACTICE_FILE).write_text(json.dumps({"facility": facility, "regulation": True}), "utf-8")


def present(real: RealWindow, story: str) -> None:
    """The Vitale of a patient, until the DMP has said what it is."""
    close(real)
    real.stage.insert(1, real.stage.patient_card(story))
    settle(real)


def settle(real: RealWindow) -> None:
    real.until(lambda: real.window.record.status is not None and not real.window.tasks.general.busy)


def settle_tasks(real: RealWindow) -> None:
    real.until(lambda: not real.window.tasks.general.busy)


def close(real: RealWindow) -> None:
    real.window.conductor.close_patient()
    real.until(lambda: real.window.record.patient is None)
    if real.window.session.state.vitale_present:
        real.stage.remove(1)
    real.until(lambda: not real.window.session.state.vitale_present)


def answer(act: Callable[[SpecialDialog], None]) -> None:
    shown = QApplication.activeModalWidget()
    if isinstance(shown, SpecialDialog):
        act(shown)
    else:
        QTimer.singleShot(20, lambda: answer(act))


def break_glass(real: RealWindow) -> None:
    def fill(dialog: SpecialDialog) -> None:
        dialog.settling.end()
        dialog.reason.choose(Reason.IMMEDIATE_RISK)
        if dialog.objection:
            dialog.tick.click()
        dialog.confirm.click()

    answer(fill)
    real.until(real.window.banner.emergency.isEnabled)
    real.window.banner.emergency.click()


def page_of(real: RealWindow) -> AccessView:
    real.window.access.show_page()
    page = real.window.body.currentWidget()
    assert isinstance(page, AccessView)
    real.until(lambda: page.history.text() and not real.window.tasks.general.busy)
    return page


def ended(real: RealWindow) -> bool:
    return real.window.access.opened is None and not real.window.framed.framed


def test_an_emergency_from_the_banner_to_its_end(real: RealWindow) -> None:
    present(real, "expired")
    assert not real.page.documents.model.entries
    break_glass(real)
    real.until(lambda: real.page.documents.model.entries and not real.page.documents.model.loading)
    assert real.window.framed.framed
    assert real.window.access.bar.words.text() == "ACCÈS EN URGENCE"
    assert real.window.access.bar.left.text() == "encore 30 min"
    assert real.window.banner.dmp.text == "DMP : ouvert en urgence"
    assert not real.window.banner.authorise.isVisible()
    real.window.access.bar.end.click()
    real.until(lambda: ended(real) and not real.page.documents.model.entries)
    settle(real)
    assert real.window.banner.emergency.isVisible()
    lines = page_of(real).history.text().splitlines()
    assert "Fin de l'accès particulier" in lines[0]
    assert "Accès en urgence — Risque immédiat" in lines[1]


def test_a_card_that_is_pulled_ends_it(real: RealWindow) -> None:
    present(real, "expired")
    break_glass(real)
    real.until(lambda: real.page.documents.model.entries)
    real.stage.remove(0)
    real.until(lambda: ended(real))
    assert real.window.stack.currentWidget() is not real.window.content
    real.sign_in()
    real.until(lambda: real.window.notices.what.text == fr.ENDED_WITH_SESSION.format("ACCÈS EN URGENCE"))
    real.until(lambda: real.window.record.patient is None or real.window.record.status is not None)
    assert not real.page.documents.model.entries


def test_what_the_dmp_tells_bars_it(real: RealWindow) -> None:
    present(real, "opposed")
    break_glass(real)
    real.until(lambda: "s'est opposé à l'accès en urgence" in real.window.notices.what.text)
    assert ended(real)
    assert "Opposition à l'accès en urgence (bris de glace) : oui" in page_of(real).told.text()


def test_an_opinion_noted_closes_the_record_yet_no_emergency(real: RealWindow) -> None:
    present(real, "expired")
    page = page_of(real)
    page.opinions[Subject.CONSULTATION].oppose.click()
    real.until(lambda: page.opinions[Subject.CONSULTATION].state.text == "Le patient s'oppose")
    settle(real)
    break_glass(real)
    real.until(lambda: real.page.documents.model.entries and not real.page.documents.model.loading)
    assert real.window.framed.framed
    assert fr.ACT["opened-despite-objection"] in page_of(real).history.text()  # type: ignore[index]
    real.window.access.end()
    real.until(lambda: ended(real))


def test_who_objects_during_an_emergency_ends_it(real: RealWindow) -> None:
    present(real, "expired")
    consultation = page_of(real).opinions[Subject.CONSULTATION]
    if not consultation.agree.isHidden():
        real.until(consultation.agree.isEnabled)
        consultation.agree.click()
        settle_tasks(real)
    break_glass(real)
    real.until(lambda: real.window.framed.framed and read(real))
    page = page_of(real)
    real.until(consultation.oppose.isEnabled)
    consultation.oppose.click()
    real.until(lambda: ended(real) and not real.page.documents.model.entries)
    real.until(lambda: real.window.banner.dmp.text == fr.OPPOSED_STATE[0])
    settle_tasks(real)
    assert not real.window.access.bar.isVisible()
    assert real.window.notices.what.text == fr.ENDED.format("ACCÈS EN URGENCE")
    assert page.emergency.why.text() == "", "not said to be under way; the law leaves it open (ADR 15)"
    assert real.window.access.emergency_line.isEnabled()
    lines = page_of(real).history.text().splitlines()
    assert fr.ACT[AccessAct.SPECIAL_ENDED] in lines[0]
    assert fr.ACT[AccessAct.CONSULTATION_OPPOSED] in lines[1]
    real.until(consultation.agree.isEnabled)
    consultation.agree.click()
    real.until(lambda: consultation.agree.isHidden())
    settle_tasks(real)
    assert ended(real)
    assert not real.page.documents.model.entries, "what it opened does not come back with the agreement"


def read(real: RealWindow) -> bool:
    """The whole list is there."""
    return bool(real.page.documents.model.entries) and not real.page.documents.model.loading


def send(real: RealWindow, text: str) -> None:
    real.window.conductor.write()
    real.window.composer.editor.setPlainText(text)
    real.until(lambda: real.window.composer.can_send)
    real.window.conductor.send()


def test_each_opinion_counts_by_itself_and_is_changed_back(real: RealWindow) -> None:
    present(real, "elsewhere")
    real.until(lambda: read(real))
    patient, wiring = real.window.record.patient, real.desktop._wiring
    assert patient
    page, sent = page_of(real), len(wiring.outbox.items())
    feeding, consultation = page.opinions[Subject.FEEDING], page.opinions[Subject.CONSULTATION]
    feeding.oppose.click()
    real.until(lambda: feeding.state.text == "Le patient s'oppose")
    settle(real)
    assert read(real), "only what is sent stops"
    send(real, "TEST. Toux depuis 3 jours. Repos.")
    real.until(lambda: len(wiring.outbox.items()) == sent + 1)
    real.until(lambda: "s'est opposé à l'envoi de documents" in real.window.notices.what.text)
    assert wiring.outbox.items()[0].waiting_for is WaitingFor.OPPOSITION
    page_of(real)
    real.until(consultation.oppose.isEnabled)
    consultation.oppose.click()
    real.until(lambda: consultation.state.text == "Le patient s'oppose" and not real.page.documents.model.entries)
    settle_tasks(real)
    assert not wiring.dossier.kept(patient)
    assert not real.page.documents.model.entries
    real.until(consultation.agree.isEnabled)
    consultation.agree.click()
    real.until(lambda: read(real))
    assert feeding.state.text == "Le patient s'oppose"
    real.until(feeding.agree.isEnabled)
    feeding.agree.click()
    real.until(lambda: feeding.state.text == "Le patient est d'accord")
    real.until(lambda: wiring.outbox.items()[0].state is OutboxState.SENT)


def test_a_minor_s_secret_visit_from_the_page_to_its_end(real: RealWindow) -> None:
    window, wiring = real.window, real.desktop._wiring
    wiring.outbox._undo_delay = timedelta(0)
    present(real, "adolescent")
    real.until(lambda: read(real))
    patient, before = window.record.patient, {entry.unique_id for entry in real.page.documents.model.entries}
    assert patient
    page = page_of(real)
    page.discreetly.button.click()
    real.until(page.question.yes.isEnabled)
    page.question.yes.click()
    real.until(lambda: window.framed.framed and read(real))
    assert (window.access.bar.words.text(), window.access.bar.left.text()) == ("CONNEXION SECRÈTE", "")
    settle(real)
    sent = len(wiring.outbox.items())
    window.conductor.write()
    real.until(lambda: list(window.composer.options.visibility._values) == [PARENTS])
    assert window.composer.options.visibility.currentText() == strings_fr.VISIBILITY_CHOICE[PARENTS]
    send(real, "Motif : TEST-contraception. Repos.")
    real.until(lambda: window.composer.sensitive.buttons)
    [only] = window.composer.sensitive.buttons
    assert "représentants légaux" in only.text()
    only.click()
    real.until(lambda: len(wiring.outbox.items()) == sent + 1)
    real.until(lambda: wiring.outbox.items()[0].state is OutboxState.SENT)
    window.record.refresh()
    real.until(lambda: read(real) and not before >= {entry.unique_id for entry in real.page.documents.model.entries})
    [mine] = [entry for entry in real.page.documents.model.entries if entry.unique_id not in before]
    assert mine.visibility == {PARENTS}
    wiring.dossier.content(patient, mine)
    assert mine.unique_id in wiring.dossier.kept(patient)
    left: list[frozenset[str]] = []
    wiring.access.special.follow(lambda whose: left.append(wiring.dossier.kept(whose)))
    window.access.bar.end.click()
    real.until(lambda: ended(real) and left)
    assert left == [frozenset()]
    settle(real)
    lines = page_of(real).history.text().splitlines()
    assert "Fin de l'accès particulier" in lines[0]
    assert "Connexion secrète" in lines[1]
    window.conductor.write()
    real.until(lambda: len(window.composer.options.visibility._values) > 1)


def test_a_note_begun_before_a_secret_visit_and_sent_after_it_is_hidden_from_the_parents(real: RealWindow) -> None:
    window, wiring = real.window, real.desktop._wiring
    wiring.outbox._undo_delay = timedelta(0)
    present(real, "adolescent")
    real.until(lambda: read(real))
    window.conductor.write()
    draft = window.composer.draft
    page = page_of(real)
    page.discreetly.button.click()
    real.until(page.question.yes.isEnabled)
    page.question.yes.click()
    real.until(lambda: window.framed.framed and read(real))
    window.conductor.write()
    assert window.composer.draft is draft
    window.composer.editor.setPlainText("TEST. Toux depuis 3 jours. Repos.")
    window.access.bar.end.click()
    real.until(lambda: ended(real))
    settle(real)
    sent = len(wiring.outbox.items())
    real.until(lambda: window.composer.can_send)
    window.conductor.send()
    real.until(lambda: len(wiring.outbox.items()) == sent + 1)
    assert wiring.outbox.items()[0].visibility == {PARENTS}


def test_regulation_finds_and_opens(real: RealWindow) -> None:
    close(real)
    real.window.access.regulation_line.trigger()
    page = real.window.body.currentWidget()
    assert isinstance(page, RegulationView)
    page.fields[fr.FAMILY].setText("TEST-GIRARD")
    page.fields[fr.BORN].setText("02/11/1990")
    page.search.click()
    real.until(lambda: page.cards)
    page.cards[0].open.click()
    real.until(lambda: real.window.framed.framed)
    assert real.window.access.bar.words.text() == "RÉGULATION (CENTRE 15)"
    settle(real)
    assert real.window.record.status
    assert real.window.record.status.readable
    real.until(lambda: real.window.banner.dmp.text == "DMP : ouvert en régulation")
    real.window.conductor.close_patient()
    real.until(lambda: ended(real))


def test_no_record_says_what_to_do(real: RealWindow) -> None:
    present(real, "none")
    page = page_of(real)
    assert "Mon espace santé" in page.guidance.text()
    assert page.declare.why.text() == fr.NO_RECORD


def test_an_act_is_followed_although_its_page_was_left(real: RealWindow) -> None:
    present(real, "elsewhere")
    real.until(lambda: read(real))
    page = page_of(real)
    page.opinions[Subject.CONSULTATION].oppose.click()
    page.left.emit()
    real.until(lambda: not real.page.documents.model.entries)
    real.until(lambda: real.window.banner.dmp.text == fr.OPPOSED_STATE[0])
    settle_tasks(real)
    assert real.window.banner.emergency.isEnabled(), "the law leaves the emergency open (ADR 15)"
    assert real.window.notices.button.text() == fr.PAGE, "where it is noted otherwise"
    break_glass(real)
    real.until(lambda: real.window.framed.framed and read(real))
    real.window.access.bar.end.click()
    real.until(lambda: ended(real))
    settle_tasks(real)
    consultation = page_of(real).opinions[Subject.CONSULTATION]
    real.until(consultation.agree.isEnabled)
    consultation.agree.click()
    real.until(lambda: read(real))
    page = page_of(real)
    page.withdraw.button.click()
    real.until(page.question.yes.isEnabled)
    page.question.yes.click()
    page.left.emit()
    real.until(lambda: real.window.banner.authorise.isVisible())
    assert not real.page.documents.model.entries


def test_opening_declares_by_itself_where_the_setting_says_so_and_nobody_objects(qapp, tmp_path: Path) -> None:
    """DMP/UX.50."""
    of_a_centre_15(tmp_path)
    (training_station(tmp_path).home / "settings.json").write_text(json.dumps({"authorisation": "automatic"}), "utf-8")
    with real_window(qapp, tmp_path) as real:
        real.sign_in()
        access = real.desktop._wiring.access
        told = next(item["patient"] for item in real.stage.ready["patients"] if item["story"] == "expired")
        access.oppositions.record(patient_from_dict(told), Subject.CONSULTATION, opposed=True)
        present(real, "empty")
        real.until(lambda: real.window.banner.dmp.text == "DMP : accès autorisé")
        patient = real.window.record.patient
        assert patient
        assert [one.act for one in access.oppositions.history(patient.ins)] == [AccessAct.AUTHORISED_ALONE]
        present(real, "expired")
        assert real.window.record.status
        assert real.window.record.status.authorization is Authorization.EXPIRE
        assert real.window.banner.dmp.text == fr.OPPOSED_STATE[0]
        assert not real.window.banner.authorise.isVisible()
