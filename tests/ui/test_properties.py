"""« Propriétés du document » in the window: what it says, what it asks, what it changes, and what it never does late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.documents import (
    Attachment,
    Author,
    Availability,
    BuiltDocument,
    Code,
    DocumentFormat,
    DocumentKind,
)
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.errors import DmpError
from dmp_desktop.services.document_changes import Change
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.services.visibility import WARNINGS
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_properties_fr as fr
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.views.documents import properties as panel_module
from dmp_desktop.ui.widgets.notice_bar import Notice
from tests.ui import fakes
from tests.ui.conftest import Bench
from tests.ui.properties import CONFIDENTIALITY, FakeProperties
from tests.ui.record import FakeReading
from tests.ui.sign_in import FakeEntries, FakePsc

PDF = Attachment("application/pdf", b"%PDF-1.4")


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
    properties.held.set()
    assert window.tasks.close()


def opened(bench, qtbot, number: int = 0):
    """The panel of a document of the list, its buttons there."""
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.open(view.model.entries[number])
    view.altering.button.click()
    qtbot.waitUntil(lambda: bool(view.altering.panel.buttons))
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
    told = dict(zip(fr.FACTS, (label.text() for label in view.altering.panel.facts), strict=True))
    assert told["Titre"] == entry.title
    assert told["Auteur"] == "Hugo LEROY, Cabinet TEST"
    assert (told["Date de l'acte"], told["Version"], told["État"]) == ("20/11/2026", "1", "actif")
    assert told["Visibilité"] == "invisible au patient, invisible aux représentants légaux"
    assert view.altering.panel.warnings.text().splitlines() == list(WARNINGS.values())
    assert list(view.altering.panel.buttons) == [
        Change.MASK, Change.SHOW_PATIENT, Change.SHOW_REPRESENTATIVES, Change.ARCHIVE, Change.DELETE
    ]  # fmt: skip
    assert not view.pane.isVisible()


def test_when_it_came_is_told_apart_from_when_it_was_written(bench, qtbot):
    first, second = bench.dossier.documents[:2]
    bench.properties.came = {first.unique_id: first.creation_time + timedelta(days=40)}
    bench.properties.held.clear()
    view = opened(bench, qtbot)
    label = view.altering.panel.facts[fr.DEPOSITED]
    assert label.text() == fr.AWAITED
    bench.properties.held.set()
    qtbot.waitUntil(lambda: label.text() == formats.day(first.creation_time + timedelta(days=40)))
    view.altering.open(second)
    qtbot.waitUntil(lambda: label.text() == fr.UNTOLD)
    bench.properties.untold = True
    view.altering.open(first)
    qtbot.waitUntil(lambda: label.text() == fr.UNTOLD)
    assert bench.window.notices.isHidden(), "it is no reason to trouble the doctor"


def test_when_another_document_came_is_not_told_of_this_one(bench, qtbot):
    first, second = bench.dossier.documents[:2]
    bench.properties.came = {first.unique_id: first.creation_time + timedelta(days=40)}
    bench.properties.held.clear()
    view = opened(bench, qtbot)
    view.altering.open(second)
    bench.properties.held.set()
    idle(bench, qtbot)
    assert view.entry is second
    assert view.altering.panel.facts[fr.DEPOSITED].text() == fr.UNTOLD


def test_what_may_not_be_done_is_grey_and_says_why(bench, qtbot):
    bench.properties.refusals = {Change.DELETE: "Seul l'auteur peut le supprimer.", Change.MASK: "Pas ici."}
    view = opened(bench, qtbot)
    assert not view.altering.panel.buttons[Change.DELETE].isEnabled()
    assert view.altering.panel.reasons[Change.DELETE].text() == "Seul l'auteur peut le supprimer."
    qtbot.waitUntil(view.altering.panel.reasons[Change.DELETE].isVisible)
    assert view.altering.panel.buttons[Change.MASK].toolTip() == "Pas ici."
    assert view.altering.panel.buttons[Change.ARCHIVE].isEnabled()
    view.altering.panel.buttons[Change.DELETE].click()
    idle(bench, qtbot)
    assert bench.properties.made == []


def test_the_attending_doctor_is_told_of_to_the_service(bench, qtbot):
    bench.dossier.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE, attending=True)
    opened(bench, qtbot)
    assert bench.properties.asked_attending == [True]


def test_what_can_be_taken_back_goes_at_once_with_the_way_back(bench, qtbot):
    view = opened(bench, qtbot)
    name = view.entry.unique_id
    view.altering.panel.buttons[Change.MASK].click()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    assert bench.window.notices.what.text == fr.DONE[Change.MASK]
    idle(bench, qtbot)
    assert bench.properties.made == [(name, Change.MASK, fakes.DOCTOR.national_id)]
    assert view.entry.unique_id == name
    assert "masqué" in view.pane.heading.source.text()
    bench.window.notices.button.click()
    qtbot.waitUntil(lambda: len(bench.properties.made) == 2)
    idle(bench, qtbot)
    assert bench.properties.made[1][1] is Change.UNMASK
    assert bench.window.notices.what.text == fr.DONE[Change.UNMASK]
    assert "masqué" not in view.pane.heading.source.text()
    bench.window.notices.clear()


def test_two_clicks_delete_and_nothing_of_it_stays(bench, qtbot):
    view = opened(bench, qtbot)
    entry = view.entry
    questions = []
    view.altering.changes.ask = lambda *asked: not questions.append(asked)
    view.altering.panel.buttons[Change.DELETE].click()
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    qtbot.waitUntil(lambda: view.entry is None)
    idle(bench, qtbot)
    assert questions == [(entry, Change.DELETE)]
    assert entry.unique_id not in {one.unique_id for one in view.model.entries}
    assert view.pane.ready is None
    assert bench.dossier.calls.count("status") == 2, "list, synthesis, search and Nouveautés were asked for again"
    assert bench.window.notices.button.isHidden()


def mine(bench):
    """A document of who is signed in, as its DMP holds it."""
    author = Author("DUPONT", "Camille", fakes.DOCTOR.national_id)
    bench.dossier.documents[2] = replace(bench.dossier.documents[2], authors=(author,), title="Ma note TEST")
    return bench.dossier.documents[2].unique_id


def test_one_s_own_open_document_is_deleted_in_two_clicks(bench, qtbot):
    """The one on the document and the answer to its question: no page is gone through."""
    name = mine(bench)
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.open(next(one for one in view.model.entries if one.unique_id == name))
    qtbot.waitUntil(lambda: view.pane.ready is not None)
    seen = answer(qtbot, lambda dialog: (qtbot.wait(800), QTest.mouseClick(yes(dialog), Qt.MouseButton.LeftButton)))
    QTest.mouseClick(view.altering.delete, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    assert len(seen) == 1
    assert bench.properties.made == [(name, Change.DELETE, fakes.DOCTOR.national_id)]
    idle(bench, qtbot)
    assert name not in {one.unique_id for one in view.model.entries}


def yes(dialog: QDialog) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == fr.QUESTIONS[Change.DELETE][2])


def test_the_deletion_of_others_documents_is_not_at_hand(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.open(view.model.entries[0])
    assert not view.altering.delete.isVisible()
    assert view.altering.button.isVisible()
    qtbot.waitUntil(lambda: view.pane.ready is not None)
    qtbot.waitUntil(lambda: view.pane.acts.height() == view.replace.height())  # what is hidden takes no room


def test_every_tool_of_one_s_own_document_fits_a_docked_window(bench, qtbot):
    """With its text and two PDFs, a table of contents and the original layout: nothing widens the window or is cut."""
    name = mine(bench)
    sections = "".join(f'<h2 id="s{n}">TEST {n}</h2><p>texte</p>' for n in range(4))
    html = f"<html><body>{sections}</body></html>"
    bench.dossier.html = lambda entry, palette: OpenedDocument(
        entry, html, pdfs=(PDF, PDF), original_html=html, details=html
    )
    bench.window.resize(420, 900)
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.open(next(one for one in view.model.entries if one.unique_id == name))
    qtbot.waitUntil(lambda: view.pane.ready is not None)
    view.pane.bar.contents.show()
    view.pane.bar.original.show()
    qtbot.wait(50)
    bar = view.pane.bar
    tools = (view.back, view.replace, view.altering.delete, view.altering.button, bar.contents, bar.original, bar.look,
             bar.zoom_out, bar.zoom_in, bar.more, *view.pane.parts.buttons())  # fmt: skip
    assert len(view.pane.parts.buttons()) == 3
    assert bench.window.width() == 420
    for tool in tools:
        assert tool.isVisible()
        assert tool.width() >= tool.sizeHint().width() or tool.width() >= tool.minimumSizeHint().width()
        right = tool.mapTo(bench.window, tool.rect().bottomRight())
        assert right.x() < 420
        assert tool.visibleRegion().boundingRect() == tool.rect()
    places = [tool.rect().translated(tool.mapTo(view, tool.rect().topLeft())) for tool in tools]
    assert not any(one.intersects(other) for n, one in enumerate(places) for other in places[:n])


def test_opening_a_document_leaves_the_keyboard_in_the_list(bench, qtbot):
    """It is gone through by the arrows; and a focus in the document would be handed to the screen that masks it."""
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.list.view.setFocus()
    view.open(view.model.entries[0])
    qtbot.waitUntil(lambda: view.pane.ready is not None)
    assert view.list.view.hasFocus()


def test_the_guide_tells_each_change_by_the_words_of_the_window():
    """How a document is deleted is written (DMP/CONF.03), and what is written is what is on the buttons."""
    guide = (Path(__file__).parents[2] / "docs/guide-utilisateur.md").read_text("utf-8")
    chapter = " ".join(guide.partition("## Les propriétés d'un document")[2].partition("\n## ")[0].split())
    said = [*(words for change, words in fr.CHANGES.items() if change is not Change.DELETE), fr.OPEN, fr.ASK, fr.DELETE,
            fr.QUESTIONS[Change.DELETE][2], fr.SHELVED, fr.WAY_BACK, forms_fr.REPLACE]  # fmt: skip
    assert [words for words in said if words not in chapter] == []
    assert "définitif, pour tout le monde" in chapter


def test_no_is_no(bench, qtbot):
    view = opened(bench, qtbot)
    view.altering.changes.ask = lambda _entry, _change: False
    view.altering.panel.buttons[Change.DELETE].click()
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
    view.altering.panel.buttons[Change.DELETE].click()
    assert len(seen) == 1
    assert bench.properties.made == []


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (OutboxState.WAITING, True),
        (OutboxState.REFUSED, True),
        (OutboxState.CANCELLED, False),
        (OutboxState.SENT, False),
    ],
)
def test_what_waits_to_replace_it_is_told_before_it_is_deleted(bench, qtbot, state, told):
    view = opened(bench, qtbot)
    built = BuiltDocument("2.25.7", b"", DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED, "TEST")
    bench.outbox.send(fakes.LEA, built)
    bench.outbox.move(1, state=state, replaces=view.entry.unique_id)
    qtbot.waitUntil(lambda: [one.state for one in bench.window.outbox.all] == [state])
    words = []

    def no(dialog: QDialog) -> None:
        words.extend(label.text() for label in dialog.findChildren(panel_module.PlainLabel))
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    answer(qtbot, no)
    view.altering.panel.buttons[Change.DELETE].click()
    assert fr.QUESTIONS[Change.DELETE][1] in words
    assert (fr.AWAITED_BY in words) is told


def test_yes_is_a_button_of_its_own_and_it_is_said_whose_document_goes(bench, qtbot):
    author = Author("LEROY", "Hugo", institution="Cabinet TEST")
    bench.dossier.documents[0] = replace(bench.dossier.documents[0], authors=(author,))
    title, moment = bench.dossier.documents[0].title, bench.dossier.documents[0].creation_time
    view = opened(bench, qtbot)
    assert view.entry.authors == (author,)

    seen = []

    def yes(dialog: QDialog) -> None:
        seen.append((dialog.windowTitle(), [label.text() for label in dialog.findChildren(panel_module.PlainLabel)]))
        answers = [one for one in dialog.findChildren(QPushButton) if one.isVisible()]
        seen.append([one.text() for one in sorted(answers, key=lambda one: one.x())])
        next(one for one in answers if one.text() == fr.QUESTIONS[Change.DELETE][2]).click()

    answer(qtbot, yes)
    view.altering.panel.buttons[Change.DELETE].click()
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    (window_title, words), order = seen
    assert "TEST-" not in window_title
    assert fr.QUESTIONS[Change.DELETE][1] in words
    assert f"Dossier de {fakes.LEA.display_name}, née le 12/03/1985" in words
    which = fr.OF_DOCUMENT.format(title=title, day=formats.day(moment), author="Hugo LEROY, Cabinet TEST")
    assert which in words
    assert order == [fr.NO, fr.QUESTIONS[Change.DELETE][2]], "as in every question of the window"
    idle(bench, qtbot)


def test_the_question_ends_with_the_session_and_nothing_is_changed(bench, qtbot):
    view = opened(bench, qtbot)

    def leave(dialog: QDialog) -> None:
        bench.window.card_event(fakes.cps(False))

    answer(qtbot, leave)
    view.altering.panel.buttons[Change.DELETE].click()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert bench.properties.made == []
    assert not view.altering.panel.isVisible()
    assert all(label.text() == "" for label in view.altering.panel.facts)


def test_a_question_answered_for_another_record_changes_nothing(bench, qtbot):
    view = opened(bench, qtbot)

    def other(_entry, _change) -> bool:
        bench.window.record.show(fakes.PAUL)
        return True

    view.altering.changes.ask = other
    view.altering.panel.buttons[Change.DELETE].click()
    idle(bench, qtbot)
    assert bench.properties.made == []


def test_a_question_answered_by_somebody_else_changes_nothing(bench, qtbot):
    view = opened(bench, qtbot)

    def other(_entry, _change) -> bool:
        view.professional = replace(fakes.DOCTOR, rpps="10009999999")
        return True

    view.altering.changes.ask = other
    view.altering.panel.buttons[Change.DELETE].click()
    idle(bench, qtbot)
    assert bench.properties.made == []


def test_an_unknown_outcome_is_told_and_listed_anew(bench, qtbot):
    view = opened(bench, qtbot)
    name = view.entry.unique_id
    bench.properties.error, bench.properties.carried_out = DmpError("DelaiDepasse", "…", ambiguous=True), True
    view.altering.panel.buttons[Change.ARCHIVE].click()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    assert bench.window.notices.what.text == fr.UNKNOWN
    idle(bench, qtbot)
    assert name not in {one.unique_id for one in view.model.entries}
    assert view.entry is None


def test_a_refusal_is_told_and_changes_nothing(bench, qtbot):
    view = opened(bench, qtbot)
    bench.properties.error = DmpError("DMPAccessDeniedByRightsService", "Le DMP refuse.")
    view.altering.panel.buttons[Change.ARCHIVE].click()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    assert bench.window.notices.what.text == "Le DMP refuse."
    assert bench.window.notices.safe.text() == fr.NOTHING_DONE
    qtbot.waitUntil(
        lambda: bool(view.altering.panel.buttons) and view.altering.panel.buttons[Change.ARCHIVE].isEnabled()
    )
    assert bench.dossier.calls.count("status") == 1


def test_the_list_that_cannot_be_read_again_shows_no_old_state(bench, qtbot):
    view = opened(bench, qtbot)
    name = view.entry.unique_id
    bench.dossier.errors = [DmpError("Injoignable", "Le DMP ne répond pas.", retryable=True)]
    view.altering.panel.buttons[Change.MASK].click()
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    idle(bench, qtbot)
    assert name not in {one.unique_id for one in view.model.entries}
    assert view.pane.ready is None


def test_what_is_archived_is_found_again_and_taken_up(bench, qtbot):
    view = opened(bench, qtbot)
    name = view.entry.unique_id
    view.altering.panel.buttons[Change.ARCHIVE].click()
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    idle(bench, qtbot)
    bench.window.notices.clear()
    assert name not in {one.unique_id for one in view.model.entries}
    view.altering.shelf.setChecked(True)
    qtbot.waitUntil(lambda: name in {one.unique_id for one in view.model.entries})
    shelved = next(one for one in view.model.entries if one.unique_id == name)
    assert shelved.status is Availability.ARCHIVED
    view.altering.open(shelved)
    qtbot.waitUntil(lambda: Change.RESTORE in view.altering.panel.buttons)
    view.altering.panel.buttons[Change.RESTORE].click()
    idle(bench, qtbot)
    qtbot.waitUntil(lambda: view.entry is not None)
    assert view.entry.status is Availability.APPROVED
    view.altering.shelf.setChecked(False)
    assert name in {one.unique_id for one in view.model.entries}


def test_the_shelf_is_of_one_record(bench, qtbot):
    bench.properties.put_away = [replace(fakes.entries(1)[0], unique_id="9.9", status=Availability.ARCHIVED)]
    bench.open(qtbot)
    view = bench.window.page.documents
    view.altering.shelf.setChecked(True)
    qtbot.waitUntil(lambda: "9.9" in {one.unique_id for one in view.model.entries})
    bench.window.record.show(fakes.PAUL)
    idle(bench, qtbot)
    assert not view.altering.shelf.isChecked()
    assert "9.9" not in {one.unique_id for one in view.model.entries}


def test_the_keyboard_opens_leaves_and_asks(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.list.view.setFocus()
    view.list.view.setCurrentIndex(view.model.index(1, 0))
    QTest.keyClick(view.list.view, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: bool(view.altering.panel.buttons))
    for widget in (view.altering.panel.back, *view.altering.panel.buttons.values()):
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface.text(QAccessible.Text.Name)
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    QTest.keyClick(view.altering.panel.back, Qt.Key.Key_Escape)
    assert not view.altering.panel.isVisible()
    assert view.entry is not None
    asked = []
    view.altering.changes.ask = lambda *question: bool(asked.append(question))
    view.list.view.setFocus()
    QTest.keyClick(view.list.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(asked))
    assert asked[0][1] is Change.DELETE
    assert bench.properties.made == []


def test_the_keyboard_in_the_list_means_the_line_highlighted_there(bench, qtbot):
    """Whatever document is open below."""
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    first = view.model.entries[0]
    view.open(first)
    view.list.view.setFocus()
    for _line in range(2):
        QTest.keyClick(view.list.view, Qt.Key.Key_Down)
    meant = view.list.current_entry
    assert meant is not None
    assert meant is not first
    assert view.entry is first
    QTest.keyClick(view.list.view, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: bool(view.altering.panel.buttons))
    assert view.entry is meant
    assert view.altering.panel.facts[0].text() == meant.title
    view.close_document()
    view.open(first)
    view.list.view.setCurrentIndex(view.model.index(2, 0))
    view.altering.button.setFocus()
    QTest.keyClick(view.altering.button, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: bool(view.altering.panel.buttons))
    assert view.entry is first, "away from the list, the document being read is meant"


def test_the_document_being_read_stays_when_the_change_of_another_ends(bench, qtbot):
    view = opened(bench, qtbot)
    bench.properties.gate.clear()
    view.altering.panel.buttons[Change.MASK].click()
    other = view.model.entries[3]
    view.open(other)
    qtbot.waitUntil(lambda: view.pane.ready is not None)
    bench.properties.gate.set()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    idle(bench, qtbot)
    assert view.entry is other
    assert view.pane.isVisible()
    assert view.pane.ready is not None


def test_the_properties_being_read_stay_when_the_change_of_another_ends(bench, qtbot):
    view = opened(bench, qtbot)
    bench.properties.gate.clear()
    view.altering.panel.buttons[Change.MASK].click()
    other = view.model.entries[3]
    view.altering.open(other)
    qtbot.waitUntil(lambda: bool(view.altering.panel.buttons))
    bench.properties.gate.set()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    idle(bench, qtbot)
    assert view.entry is other
    assert view.altering.panel.isVisible()
    assert view.altering.panel.facts[0].text() == other.title


@pytest.mark.parametrize("next_patient", [None, fakes.PAUL])
def test_the_way_back_goes_with_its_record(bench, qtbot, next_patient):
    view = opened(bench, qtbot)
    view.altering.panel.buttons[Change.MASK].click()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    idle(bench, qtbot)
    bench.window.record.show(next_patient)
    assert not bench.window.notices.isVisible()


def fail_later(bench, qtbot, error: DmpError, change: Change) -> None:
    """Asked for, and not answered before the gate opens."""
    view = opened(bench, qtbot)
    bench.properties.gate.clear()
    bench.properties.error = error
    view.altering.panel.buttons[change].click()


def test_what_failed_once_the_record_was_closed_is_told_without_a_name(bench, qtbot):
    first = bench.dossier.documents[0]
    fail_later(bench, qtbot, DmpError("HTTP503", "Le DMP ne répond pas.", "Les envois reprendront."), Change.MASK)
    bench.window.record.show(fakes.PAUL)
    bench.properties.gate.set()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    notices = bench.window.notices
    day = formats.day(first.creation_time)
    assert notices.what.text == fr.LATE_NOT_DONE.format(change="Masquer aux soignants", day=day)
    assert notices.safe.text() == f"Le DMP ne répond pas. {fr.LATE_REMEDY}"
    assert "TEST-" not in notices.what.text
    assert first.title not in notices.what.text
    idle(bench, qtbot)
    bench.window.record.show(None)
    assert notices.isVisible(), "it is of no record on the screen"
    notices.clear()


def test_an_unknown_outcome_once_the_record_was_closed_is_told_as_unknown(bench, qtbot):
    fail_later(bench, qtbot, DmpError("DelaiDepasse", "…", ambiguous=True), Change.ARCHIVE)
    bench.window.record.show(None)
    bench.properties.gate.set()
    qtbot.waitUntil(lambda: bench.window.notices.isVisible())
    day = formats.day(bench.dossier.documents[0].creation_time)
    assert bench.window.notices.what.text == fr.LATE_UNKNOWN.format(change="Archiver", day=day)
    bench.window.notices.clear()


def test_what_failed_while_all_was_covered_is_told_to_who_asked_once_back(bench, qtbot):
    fail_later(bench, qtbot, DmpError("HTTP503", "Le DMP ne répond pas."), Change.MASK)
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    bench.properties.gate.set()
    qtbot.waitUntil(lambda: bool(bench.properties.made) and not bench.window.tasks.general.busy)
    qtbot.wait(30)
    assert bench.window.notices.notice is None or "Masquer" not in bench.window.notices.notice.text
    bench.sign_in(qtbot)
    qtbot.waitUntil(lambda: bench.window.notices.isVisible() and "Masquer" in bench.window.notices.what.text)
    bench.window.notices.clear()


def test_each_that_failed_late_is_told_by_itself_with_its_own_way_back(bench, qtbot):
    view, asked = opened(bench, qtbot), []
    for words in ("un", "deux"):
        notice = Notice(words, code=words, button="Voir", act=lambda words=words: asked.append(words))
        view.told_late.emit(fakes.DOCTOR, notice)
    notices = bench.window.notices
    assert notices.what.text == "deux"
    assert "1 autre message ensuite" in notices.code.text()
    notices.button.click()
    assert (asked, notices.what.text) == (["deux"], "un")
    assert "ensuite" not in notices.code.text()
    notices.button.click()
    assert asked == ["deux", "un"]
    assert not notices.isVisible()


def test_what_failed_late_outlives_what_is_told_over_it(bench, qtbot):
    view, notices = opened(bench, qtbot), bench.window.notices
    view.told_late.emit(fakes.DOCTOR, Notice("un"))
    notices.tell(Notice("La carte a été retirée.", key="session"))
    assert notices.what.text == "La carte a été retirée."
    notices.clear("session")
    assert notices.what.text == "un"
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    assert notices.what.text != "un", "nobody is there to read it"
    bench.sign_in(qtbot)
    qtbot.waitUntil(lambda: notices.what.text == "un")
    notices.close_notice.click()
    bench.window.session.changed.emit(bench.window.session.state)
    assert not notices.isVisible(), "it was read"


def test_a_click_meant_for_one_message_does_not_answer_the_next(bench, qtbot):
    view, notices = opened(bench, qtbot), bench.window.notices
    notices._settling.ms = 60
    for words in ("un", "deux"):
        view.told_late.emit(fakes.DOCTOR, Notice(words, button="Voir", act=lambda: None))
    notices.close_notice.click()
    assert notices.what.text == "un"
    assert not notices.close_notice.isEnabled()
    assert not notices.button.isEnabled()
    qtbot.waitUntil(notices.close_notice.isEnabled)
    notices.close_notice.click()


def test_an_unknown_outcome_is_still_told_when_the_list_fails_too(bench, qtbot):
    """One cut of the network: the answer is lost, then the DMP is out of reach."""
    view, notices = opened(bench, qtbot), bench.window.notices
    bench.properties.error = DmpError("DelaiDepasse", "…", ambiguous=True)
    bench.dossier.errors.append(DmpError("HTTP503", "Le DMP ne répond pas.", retryable=True))
    view.altering.panel.buttons[Change.ARCHIVE].click()
    qtbot.waitUntil(lambda: notices.isVisible() and "Le DMP ne répond pas." in notices.what.text)
    assert notices.safe.text() == fr.UNKNOWN
    idle(bench, qtbot)
    bench.window.record.refresh()
    idle(bench, qtbot)
    assert notices.what.text == fr.UNKNOWN, "the list came, and nobody has said since whether to look"
    bench.window.record.show(fakes.PAUL)
    assert not notices.isVisible()


def test_no_second_change_of_a_document_while_the_first_is_under_way(bench, qtbot):
    view = opened(bench, qtbot)
    panel, entry = view.altering.panel, view.entry
    bench.properties.gate.clear()
    panel.buttons[Change.MASK].click()
    view._escape()
    view.altering.open(entry)
    assert panel.state.text() == fr.WORKING
    qtbot.wait(30)
    assert not panel.buttons, "left and opened again, it is still being changed"
    bench.properties.gate.set()
    qtbot.waitUntil(lambda: bool(bench.properties.made))
    idle(bench, qtbot)
    view.altering.open(next(one for one in view.model.entries if one.unique_id == entry.unique_id))
    qtbot.waitUntil(lambda: bool(panel.buttons))


@pytest.mark.alone
def test_a_click_meant_for_something_else_changes_nothing(bench, qtbot, monkeypatch):
    monkeypatch.setattr(panel_module.Settling, "begin", _SETTLING)
    view = opened(bench, qtbot)
    assert not view.altering.panel.buttons[Change.MASK].isEnabled()
    qtbot.waitUntil(view.altering.panel.buttons[Change.MASK].isEnabled)


def _begin(settling, answers) -> None:
    settling.ms = 200
    _REAL(settling, answers)


_REAL, _SETTLING = panel_module.Settling.begin, _begin
