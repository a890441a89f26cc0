"""« Propriétés du document » in the window: what it says, what it asks, what it changes, and what it never does late."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.documents import Author, Availability, Code
from dmp_desktop.errors import DmpError
from dmp_desktop.services.document_changes import Change
from dmp_desktop.services.visibility import WARNINGS
from dmp_desktop.ui import strings_properties_fr as fr
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.views.documents import properties as panel_module
from tests.ui import fakes
from tests.ui.conftest import Bench
from tests.ui.properties import CONFIDENTIALITY, FakeProperties
from tests.ui.record import FakeReading
from tests.ui.sign_in import FakeEntries, FakePsc


class Wished(Bench):
    """A bench whose window can change documents."""

    properties: FakeProperties


@pytest.fixture
def bench(qtbot, dossier, settings):
    session, compose, outbox = fakes.FakeSession(), fakes.FakeCompose(), fakes.FakeOutbox()
    search, habits, reading, digest = fakes.FakeSearch(), fakes.FakeHabits(), FakeReading(), fakes.FakeDigest()
    properties, psc, entries = FakeProperties(dossier), FakePsc(), FakeEntries()
    services = Services(
        session, dossier, compose, outbox, digest, search, habits, reading, settings, properties=properties
    )
    window = MainWindow(sandbox=True)
    window.furnish(services, clock := fakes.FixedClock())
    window.complete()
    qtbot.addWidget(window)
    window.show()
    bench = Wished(window, session, dossier, compose, outbox, clock, search, habits, reading, digest, psc, entries)
    bench.properties = properties
    yield bench
    properties.gate.set()
    assert window.tasks.close()


def opened(bench, qtbot, number: int = 0):
    """The panel of a document of the list, its buttons there."""
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.open(view.model.entries[number])
    view.properties.click()
    qtbot.waitUntil(lambda: bool(view.panel.buttons))
    return view


def idle(bench, qtbot) -> None:
    """Everything asked for has come, the list anew too."""
    view = bench.window.page.documents
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy and not view.model.loading)
    qtbot.wait(30)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy and not view.model.loading)


def test_it_says_what_the_document_is(bench, qtbot):
    entry = replace(
        bench.dossier.documents[7],
        service_start=fakes.NOW,
        authors=(Author("LEROY", "Hugo", institution="Cabinet TEST"),),
        confidentiality=tuple(
            Code(code, CONFIDENTIALITY) for code in ("INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")
        ),
    )
    bench.dossier.documents[7] = entry
    view = opened(bench, qtbot, 7)
    told = dict(zip(fr.FACTS, (label.text() for label in view.panel.facts), strict=True))
    assert told["Titre"] == entry.title
    assert told["Auteur"] == "Hugo LEROY, Cabinet TEST"
    assert (told["Date de l'acte"], told["Version"], told["État"]) == ("20/11/2026", "1", "actif")
    assert told["Visibilité"] == "invisible au patient, invisible aux représentants légaux"
    assert view.panel.warnings.text().splitlines() == list(WARNINGS.values())
    assert list(view.panel.buttons) == [
        Change.MASK, Change.SHOW_PATIENT, Change.SHOW_REPRESENTATIVES, Change.ARCHIVE, Change.DELETE
    ]  # fmt: skip
    assert not view.pane.isVisible()


def test_what_may_not_be_done_is_grey_and_says_why(bench, qtbot):
    bench.properties.refusals = {Change.DELETE: "Seul l'auteur peut le supprimer.", Change.MASK: "Pas ici."}
    view = opened(bench, qtbot)
    assert not view.panel.buttons[Change.DELETE].isEnabled()
    assert view.panel.reasons[Change.DELETE].text() == "Seul l'auteur peut le supprimer."
    qtbot.waitUntil(view.panel.reasons[Change.DELETE].isVisible)
    assert view.panel.buttons[Change.MASK].toolTip() == "Pas ici."
    assert view.panel.buttons[Change.ARCHIVE].isEnabled()
    view.panel.buttons[Change.DELETE].click()
    idle(bench, qtbot)
    assert bench.properties.made == []


def test_the_attending_doctor_is_told_of_to_the_service(bench, qtbot):
    bench.dossier.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE, attending=True)
    opened(bench, qtbot)
    assert bench.properties.asked_attending == [True]


def test_what_can_be_taken_back_goes_at_once_with_the_way_back(bench, qtbot):
    view = opened(bench, qtbot)
    name = view.entry.unique_id
    view.panel.buttons[Change.MASK].click()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    assert bench.window.notices.what.text == fr.DONE[Change.MASK]
    idle(bench, qtbot)
    assert bench.properties.made == [(name, Change.MASK, fakes.DOCTOR.national_id)]
    assert view.entry.unique_id == name
    assert "masqué" in view.pane.source.text()
    bench.window.notices.button.click()
    qtbot.waitUntil(lambda: len(bench.properties.made) == 2)
    idle(bench, qtbot)
    assert bench.properties.made[1][1] is Change.UNMASK
    assert bench.window.notices.what.text == fr.DONE[Change.UNMASK]
    assert "masqué" not in view.pane.source.text()
    bench.window.notices.clear()


def test_two_clicks_delete_and_nothing_of_it_stays(bench, qtbot):
    view = opened(bench, qtbot)
    entry = view.entry
    questions = []
    view.changes.ask = lambda *asked: not questions.append(asked)
    view.panel.buttons[Change.DELETE].click()
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    qtbot.waitUntil(lambda: view.entry is None)
    idle(bench, qtbot)
    assert questions == [(entry, Change.DELETE)]
    assert entry.unique_id not in {one.unique_id for one in view.model.entries}
    assert view.pane.ready is None
    assert bench.dossier.calls.count("status") == 2, "list, synthesis, search and Nouveautés were asked for again"
    assert bench.window.notices.button.isHidden()


def test_no_is_no(bench, qtbot):
    view = opened(bench, qtbot)
    view.changes.ask = lambda _entry, _change: False
    view.panel.buttons[Change.DELETE].click()
    idle(bench, qtbot)
    assert bench.properties.made == []


def answer(qtbot, act) -> list[QDialog]:
    """Does something with the question once it is asked."""
    from PySide6.QtCore import QTimer

    seen: list[QDialog] = []

    def look() -> None:
        dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
        if not dialogs:
            QTimer.singleShot(10, look)
            return
        seen.extend(dialogs)
        act(dialogs[0])

    QTimer.singleShot(0, look)
    return seen


def test_the_question_says_the_consequence_and_enter_answers_no(bench, qtbot):
    view = opened(bench, qtbot)
    seen = answer(qtbot, lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Return))
    view.panel.buttons[Change.DELETE].click()
    assert len(seen) == 1
    assert bench.properties.made == []


def test_yes_is_a_button_of_its_own(bench, qtbot):
    view = opened(bench, qtbot)

    def yes(dialog: QDialog) -> None:
        words = [label.text() for label in dialog.findChildren(panel_module.PlainLabel)]
        assert fr.QUESTIONS[Change.DELETE][1] in words
        assert "TEST-" not in dialog.windowTitle()
        next(b for b in dialog.findChildren(QPushButton) if b.text() == fr.QUESTIONS[Change.DELETE][2]).click()

    answer(qtbot, yes)
    view.panel.buttons[Change.DELETE].click()
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    idle(bench, qtbot)


def test_the_question_ends_with_the_session_and_nothing_is_changed(bench, qtbot):
    view = opened(bench, qtbot)

    def leave(dialog: QDialog) -> None:
        bench.window.card_event(fakes.cps(False))

    answer(qtbot, leave)
    view.panel.buttons[Change.DELETE].click()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert bench.properties.made == []
    assert not view.panel.isVisible()
    assert all(label.text() == "" for label in view.panel.facts)


def test_a_question_answered_for_another_record_changes_nothing(bench, qtbot):
    view = opened(bench, qtbot)

    def other(_entry, _change) -> bool:
        bench.window.record.show(fakes.PAUL)
        return True

    view.changes.ask = other
    view.panel.buttons[Change.DELETE].click()
    idle(bench, qtbot)
    assert bench.properties.made == []


def test_a_question_answered_by_somebody_else_changes_nothing(bench, qtbot):
    view = opened(bench, qtbot)

    def other(_entry, _change) -> bool:
        view.professional = replace(fakes.DOCTOR, rpps="10009999999")
        return True

    view.changes.ask = other
    view.panel.buttons[Change.DELETE].click()
    idle(bench, qtbot)
    assert bench.properties.made == []


def test_an_unknown_outcome_is_told_and_listed_anew(bench, qtbot):
    view = opened(bench, qtbot)
    name = view.entry.unique_id
    bench.properties.error, bench.properties.carried_out = DmpError("DelaiDepasse", "…", ambiguous=True), True
    view.panel.buttons[Change.ARCHIVE].click()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    assert bench.window.notices.what.text == fr.UNKNOWN
    idle(bench, qtbot)
    assert name not in {one.unique_id for one in view.model.entries}
    assert view.entry is None


def test_a_refusal_is_told_and_changes_nothing(bench, qtbot):
    view = opened(bench, qtbot)
    bench.properties.error = DmpError("DMPAccessDeniedByRightsService", "Le DMP refuse.")
    view.panel.buttons[Change.ARCHIVE].click()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    assert bench.window.notices.what.text == "Le DMP refuse."
    assert bench.window.notices.safe.text() == fr.NOTHING_DONE
    qtbot.waitUntil(lambda: bool(view.panel.buttons) and view.panel.buttons[Change.ARCHIVE].isEnabled())
    assert bench.dossier.calls.count("status") == 1


def test_the_list_that_cannot_be_read_again_shows_no_old_state(bench, qtbot):
    view = opened(bench, qtbot)
    name = view.entry.unique_id
    bench.dossier.errors = [DmpError("Injoignable", "Le DMP ne répond pas.", retryable=True)]
    view.panel.buttons[Change.MASK].click()
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    idle(bench, qtbot)
    assert name not in {one.unique_id for one in view.model.entries}
    assert view.pane.ready is None


def test_what_is_archived_is_found_again_and_taken_up(bench, qtbot):
    view = opened(bench, qtbot)
    name = view.entry.unique_id
    view.panel.buttons[Change.ARCHIVE].click()
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    idle(bench, qtbot)
    bench.window.notices.clear()
    assert name not in {one.unique_id for one in view.model.entries}
    view.shelf.setChecked(True)
    qtbot.waitUntil(lambda: name in {one.unique_id for one in view.model.entries})
    shelved = next(one for one in view.model.entries if one.unique_id == name)
    assert shelved.status is Availability.ARCHIVED
    view.open_properties(shelved)
    qtbot.waitUntil(lambda: Change.RESTORE in view.panel.buttons)
    view.panel.buttons[Change.RESTORE].click()
    idle(bench, qtbot)
    qtbot.waitUntil(lambda: view.entry is not None)
    assert view.entry.status is Availability.APPROVED
    view.shelf.setChecked(False)
    assert name in {one.unique_id for one in view.model.entries}


def test_the_shelf_is_of_one_record(bench, qtbot):
    bench.properties.put_away = [replace(fakes.entries(1)[0], unique_id="9.9", status=Availability.ARCHIVED)]
    bench.open(qtbot)
    view = bench.window.page.documents
    view.shelf.setChecked(True)
    qtbot.waitUntil(lambda: "9.9" in {one.unique_id for one in view.model.entries})
    bench.window.record.show(fakes.PAUL)
    idle(bench, qtbot)
    assert not view.shelf.isChecked()
    assert "9.9" not in {one.unique_id for one in view.model.entries}


def test_the_keyboard_opens_leaves_and_asks(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.list.view.setFocus()
    view.list.view.setCurrentIndex(view.model.index(1, 0))
    QTest.keyClick(view.list.view, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: bool(view.panel.buttons))
    for widget in (view.panel.back, *view.panel.buttons.values()):
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface.text(QAccessible.Text.Name)
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    QTest.keyClick(view.panel.back, Qt.Key.Key_Escape)
    assert not view.panel.isVisible()
    assert view.entry is not None
    asked = []
    view.changes.ask = lambda *question: bool(asked.append(question))
    view.list.view.setFocus()
    QTest.keyClick(view.list.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(asked))
    assert asked[0][1] is Change.DELETE
    assert bench.properties.made == []


def test_a_click_meant_for_something_else_changes_nothing(bench, qtbot, monkeypatch):
    monkeypatch.setattr(panel_module.Settling, "begin", _SETTLING)
    view = opened(bench, qtbot)
    assert not view.panel.buttons[Change.MASK].isEnabled()
    qtbot.waitUntil(view.panel.buttons[Change.MASK].isEnabled, timeout=2000)


def _begin(settling, answers) -> None:
    settling.ms = 200
    _REAL(settling, answers)


_REAL, _SETTLING = panel_module.Settling.begin, _begin
