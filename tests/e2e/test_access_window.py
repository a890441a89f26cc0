"""An emergency, its end, what bars it, regulation and a patient's opinions, in the real window on the stand-in server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.consent import Subject
from dmp_desktop.services.special_words import Reason
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui.views.access.special_dialog import SpecialDialog
from dmp_desktop.ui.views.access.view import AccessView
from dmp_desktop.ui.views.regulation.view import RegulationView
from tests.helpers.real_window import RealWindow, real_window

pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support", "Populating font family")]


@pytest.fixture(scope="module")
def real(qapp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path_factory.mktemp("acces")) as world:
        world.sign_in()
        yield world


def present(real: RealWindow, story: str) -> None:
    """The Vitale of a patient, until the DMP has said what it is."""
    close(real)
    real.stage.insert(1, real.stage.patient_card(story))
    settle(real)


def settle(real: RealWindow) -> None:
    real.until(lambda: real.window.record.status is not None and not real.window.tasks.general.busy)


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
    real.until(lambda: real.window.record.patient is None or real.window.record.status is not None)
    assert not real.page.documents.model.entries


def test_what_the_dmp_tells_bars_it(real: RealWindow) -> None:
    present(real, "opposed")
    break_glass(real)
    real.until(real.window.notices.isVisible)
    assert "s'est opposé à l'accès en urgence" in real.window.notices.what.text
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
    real.window.conductor.close_patient()
    real.until(lambda: ended(real))


def test_no_record_says_what_to_do(real: RealWindow) -> None:
    present(real, "none")
    page = page_of(real)
    assert "Mon espace santé" in page.guidance.text()
    assert page.declare.why.text() == fr.NO_RECORD
