"""The first run in the window: in the place of the masked screen, a step at a time, none of them compulsory."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.diagnostics.model import Verdict
from dmp_desktop.ui import strings_first_run_fr as fr
from dmp_desktop.ui.assembly import offer_diagnostic
from dmp_desktop.ui.first_run import offer_first_run
from dmp_desktop.ui.views.diagnostic.view import DiagnosticView
from dmp_desktop.ui.views.first_run.view import CARD_CHECKS, READER_CHECKS, FirstRunView
from tests.ui import fakes
from tests.ui.first_run import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def view(bench, qtbot, world) -> FirstRunView:
    bench.window.show()
    offer_first_run(bench.window, world.port, world.diagnostics)
    qtbot.waitUntil(lambda: bench.window.findChild(FirstRunView) is not None)
    view = bench.window.findChild(FirstRunView)
    assert isinstance(view, FirstRunView)
    return view


def go_to(view: FirstRunView, number: int) -> None:
    while view.steps.currentIndex() < number:
        view.forward.click()


def test_it_begins_with_the_reader_and_looks_at_once(view, bench, world, qtbot):
    assert not bench.window.stack.isVisible()
    assert fr.READER in view.step.text()
    assert not view.back.isEnabled()
    qtbot.waitUntil(lambda: view.reader.again.isEnabled())
    assert set(view.reader.cards) == set(READER_CHECKS)
    assert view.reader.cards["reader.present"].result.verdict is Verdict.PROBLEM
    world.pcsc.plug("Lecteur TEST 00 00")
    view.reader.again.click()
    qtbot.waitUntil(lambda: view.reader.cards["reader.present"].result.verdict is Verdict.OK)


def test_without_a_reader_one_goes_on_to_the_end(view, world, bench, qtbot):
    go_to(view, 4)
    assert view.forward.text() == fr.END
    view.forward.click()
    qtbot.waitUntil(bench.window.stack.isVisible)
    assert not view.isVisible()
    assert not world.port.wanted()


def test_the_card_is_looked_at_without_its_code(view, qtbot):
    go_to(view, 1)
    qtbot.waitUntil(lambda: view.card.again.isEnabled() and bool(view.card.cards))
    assert set(view.card.cards) == set(CARD_CHECKS)


def test_put_off_it_comes_back(view, world, bench):
    view.later.click()
    assert bench.window.stack.isVisible()
    assert world.port.wanted()


def test_the_practice_typed_is_kept_and_shown_as_such(view, world, qtbot):
    go_to(view, 2)
    assert not view.place.save.isEnabled()
    view.place.name.setText("Cabinet des Lilas")
    view.place.number.setText("410002422979001")
    view.place.save.click()
    qtbot.waitUntil(lambda: view.place.said.text() == fr.PLACE_SAVED)
    assert world.port.place_is_set()
    assert not view.place.number.isEnabled()


def test_a_number_that_is_none_is_refused_with_what_is_expected(view, world, qtbot):
    go_to(view, 2)
    view.place.name.setText("Cabinet")
    view.place.number.setText("4")
    view.place.save.click()
    qtbot.waitUntil(lambda: "identifiant national" in view.place.said.text())
    assert not world.port.place_is_set()
    assert view.place.save.isEnabled()


def test_the_scanners_folder_is_chosen(view, world, qtbot, tmp_path):
    go_to(view, 3)
    view.folders.ask_folder = lambda: str(tmp_path)
    view.folders.choose.click()
    qtbot.waitUntil(lambda: str(tmp_path) in view.folders.where.text())
    assert world.port.scan_folder() == str(tmp_path)


def test_the_training_opens_or_says_why_not(view, world, qtbot):
    go_to(view, 4)
    view.training.train.click()
    qtbot.waitUntil(lambda: view.training.said.text() == fr.TRAINS)
    assert world.trained == 1
    world.trouble = DmpDesktopError("EntrainementAbsent", "L'entraînement n'a pas pu s'ouvrir.", "Réinstallez.")
    view.training.train.click()
    qtbot.waitUntil(lambda: "pas pu s'ouvrir" in view.training.said.text())


def test_a_card_does_not_take_it_away_and_the_diagnosis_does(view, world, bench, qtbot):
    bench.window.card_event(fakes.cps(True))
    assert view.isVisible()
    offer_diagnostic(bench.window, world.diagnostics)
    bench.window.strip.diagnostic_asked.emit()
    assert not view.isVisible()
    diagnostic = bench.window.findChild(DiagnosticView)
    assert diagnostic.isVisible()
    assert not bench.window.stack.isVisible()
    diagnostic.back.click()
    assert bench.window.stack.isVisible()


def test_a_workstation_that_is_set_is_left_alone(bench, qtbot, world):
    world.port.done()
    bench.window.show()
    offer_first_run(bench.window, world.port, world.diagnostics)
    asked = []
    bench.window.tasks.general.submit(lambda: None, asked.append, asked.append)
    qtbot.waitUntil(lambda: bool(asked))
    assert bench.window.findChild(FirstRunView) is None
    assert bench.window.stack.isVisible()
