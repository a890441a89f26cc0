"""The page where two workstations differ: one point at a time, one key each, in no one's way where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from dmp_desktop.domain.people import Role
from dmp_desktop.ui import strings_conflicts_fr as fr
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.conflicts.flow import NOTICE, ConflictFlow
from dmp_desktop.ui.views.conflicts.view import ConflictView
from tests.ui import fakes
from tests.ui.conflicts import DESK, THERE, TwoStations


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoStations]:
    two = TwoStations(tmp_path)
    yield two
    two.close()


@pytest.fixture
def view(two: TwoStations, qtbot) -> Iterator[ConflictView]:
    pool = TaskRunner(1)
    view = ConflictView(two.conflicts, lambda: DESK, pool)
    qtbot.addWidget(view)
    view.resize(420, 800)
    view.show()
    yield view
    view.clear()
    pool.close()


def test_each_answer_says_all_that_differs_and_has_its_key(two: TwoStations, view: ConflictView, qtbot) -> None:
    kept, view._settling.ms = two.identity(), 60
    view.show_for(None)
    qtbot.waitUntil(lambda: len(view.answers) == 2)
    assert view.question.text() == fr.ABOUT["identity"]
    there, here = (button.accessibleName() for button in view.answers)
    assert there.startswith("1. TEST-PATIENTE MARIE CLAUDE ANNE, née le 12/03/1979, lieu 51215 · validée")
    assert "sans INS · pièce vue : passeport" in there
    assert fr.BY_OTHER in there
    assert "qualifiée · INS 2" in here
    assert fr.BY_ME in here
    QTest.keyClick(view, Qt.Key.Key_2)
    assert two.conflicts.count() == 1, "a key on its way was meant for what stood there before"
    qtbot.waitUntil(view.answers[1].isEnabled)
    assert two.people.of(kept.person) == THERE
    QTest.keyClick(view, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: view.question.text() == fr.NONE)
    assert two.people.of(kept.person) == kept
    assert two.acts == ["conflict-settled identity"]
    assert "Retenu" in view.said.text()


def test_points_are_shown_one_after_the_other_and_may_be_passed(two: TwoStations, view: ConflictView, qtbot) -> None:
    two.identity()
    two.arrival()
    view.show_for(None)
    qtbot.waitUntil(lambda: len(view.answers) == 2)
    first = view.question.text()
    assert view.place.text() == fr.PLACE_OF.format(1, 2)
    qtbot.waitUntil(view.next.isEnabled)
    view.next.click()
    assert {first, view.question.text()} == {fr.ABOUT["identity"], fr.ABOUT["expected"]}
    qtbot.waitUntil(view.answers[0].isEnabled)
    QTest.keyClick(view, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: view.question.text() == first and not view.place.isVisible())
    view.clear()
    assert (view.answers, view.whose.text(), view.question.text()) == ([], "", "")


def test_settled_elsewhere_it_leaves_the_page_and_answers_nothing(two: TwoStations, view: ConflictView, qtbot) -> None:
    two.identity()
    view.show_for(None)
    qtbot.waitUntil(lambda: len(view.answers) == 2 and view.answers[0].isEnabled())
    failed: list[object] = []
    view.failed.connect(failed.append)
    [point] = two.conflicts.pending()
    two.conflicts.settle(point, point.versions[1])
    view.answers[0].click()
    qtbot.waitUntil(lambda: bool(failed) and view.question.text() == fr.NONE)
    assert [error.code for error in failed] == ["conflict-gone"]  # type: ignore[attr-defined]


def test_a_doctor_is_told_once_quietly_and_the_line_goes_with_the_last_point(bench, two: TwoStations, qtbot) -> None:
    two.role = Role.DOCTOR
    flow = ConflictFlow(bench.window, two.conflicts)
    bench.sign_in(qtbot)
    assert bench.window.notices.notice is None
    two.identity()
    qtbot.waitUntil(lambda: bench.window.notices.notice is not None)
    assert bench.window.notices.what.text == fr.REMINDER[1]
    bench.window.notices.button.click()
    [page] = flow._pages
    qtbot.waitUntil(lambda: len(page.answers) == 2 and page.answers[1].isEnabled())
    page.answers[1].click()
    qtbot.waitUntil(lambda: page.question.text() == fr.NONE)
    assert bench.window.notices.notice is None or bench.window.notices.notice.key != NOTICE


def test_at_the_desk_a_button_stands_as_long_as_there_is_something(bench, two: TwoStations, qtbot) -> None:
    flow = ConflictFlow(bench.window, two.conflicts)
    two.identity()
    flow._there.who = fakes.DOCTOR
    flow._tell(two.conflicts.count(), desk=True)
    assert flow.button.text() == fr.OPEN_COUNT.format(1)
    assert not flow.button.isHidden()
    flow._tell(0, desk=True)
    assert flow.button.isHidden()
