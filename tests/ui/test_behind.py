"""A card is put in while the diagnosis is read: the page stays, and a line leads to what the card asks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from dmp_desktop.services.session_state import Phase
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.assembly import offer_diagnostic
from dmp_desktop.ui.gate import BEHIND_NOTICE
from dmp_desktop.ui.views.diagnostic.view import DiagnosticView
from tests.ui import fakes
from tests.ui.sign_in import ASKED, LOCKED


class NoChecks:
    topics = ()

    def run(self, *_arguments) -> None: ...

    def ordered(self, results) -> list:
        return list(results)


@pytest.fixture
def view(bench, qtbot) -> DiagnosticView:
    offer_diagnostic(bench.window, NoChecks)
    bench.window.strip.more.setChecked(True)
    qtbot.mouseClick(bench.window.strip.diagnostic, Qt.MouseButton.LeftButton)
    return bench.window.findChild(DiagnosticView)


def behind(bench) -> str:
    notice = bench.window.notices.notice
    return notice.text if notice and notice.key == BEHIND_NOTICE else ""


def test_the_pin_is_one_button_away(bench, qtbot, view):
    window, bench.session.pin = bench.window, ASKED
    window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: behind(bench) == fr.BEHIND[Phase.PIN][0])
    assert view.isVisible(), "whoever reads the diagnosis goes on"
    assert window.notices.button.isVisible()
    qtbot.mouseClick(window.notices.button, Qt.MouseButton.LeftButton)
    assert not view.isVisible()
    assert window.pin.field.isVisible()
    qtbot.waitUntil(window.pin.field.hasFocus)
    qtbot.keyClicks(window.pin.field, "1234")
    qtbot.keyClick(window.pin.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.state.phase is Phase.READY)
    assert behind(bench) == "", "nothing is behind any more"


def test_the_line_goes_with_what_it_told_of(bench, qtbot, view):
    window, bench.session.pin = bench.window, ASKED
    window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: behind(bench) != "")
    window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: behind(bench) == "")
    window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: behind(bench) != "")
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert behind(bench) == ""
    qtbot.waitUntil(window.pin.field.hasFocus)


def test_a_card_that_cannot_be_used_and_one_that_asks_no_pin(bench, qtbot, view):
    bench.session.pin = LOCKED
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: behind(bench) == fr.BEHIND_REFUSED[0])
    bench.window.card_event(fakes.cps(False))
    bench.session.pin = None
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: behind(bench) == fr.BEHIND[Phase.READY][0])
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: behind(bench) == fr.BEHIND[Phase.OPEN][0])
    assert "TEST" not in behind(bench)
    assert view.isVisible()


def test_without_the_diagnosis_there_is_no_such_line(bench, qtbot):
    bench.open(qtbot)
    assert behind(bench) == ""
