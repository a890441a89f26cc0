"""Cards in and out: masked at once, kept open, asked first."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from dmp_desktop.domain.cards import CardEvent, CardEventType
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.documents import Column, DocumentsModel
from tests.ui import fakes


def readable(window: QWidget) -> str:
    """Everything any widget of the window holds, shown or hidden."""
    texts = []
    for widget in window.findChildren(QWidget):
        texts += [widget.accessibleName(), widget.toolTip(), widget.windowTitle()]
        if isinstance(widget, QLabel | QLineEdit):
            texts.append(widget.text())
        elif isinstance(widget, QPlainTextEdit | QTextEdit):
            texts.append(widget.toPlainText())
        elif isinstance(widget, QAbstractItemView) and (model := widget.model()):
            rows, columns = model.rowCount(), len(Column) if isinstance(model, DocumentsModel) else 1
            texts += [str(model.index(row, column).data()) for row in range(rows) for column in range(columns)]
        elif isinstance(widget, QAbstractButton):
            texts.append(widget.text())
    return "\n".join(texts)


def test_nothing_before_a_professional_card(bench):
    assert bench.window.stack.currentWidget() is bench.window.masked
    assert bench.dossier.calls == []


def test_card_in_then_record(bench, qtbot):
    bench.open(qtbot)
    assert bench.window.banner.name.text() == "TEST-MARTIN Léa"
    assert bench.window.banner.traits.text() == "F · 41 ans · 12/03/1985 · Reims"
    assert bench.window.banner.ins_status.text == "QUALIFIÉE"
    assert bench.window.banner.dmp.text == "DMP : accès autorisé"
    assert bench.dossier.calls[:2] == ["status", "entries"]


def test_card_calls_leave_the_gui_thread_and_use_one_thread(bench, qtbot):
    import threading

    bench.open(qtbot)
    assert len(bench.session.threads) == 1
    assert threading.get_ident() not in bench.session.threads


def test_professional_card_out_masks_before_the_session_answers(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.documents.open(bench.dossier.documents[0])
    qtbot.waitUntil(lambda: bench.window.page.documents.pane.ready is not None)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("Note sur TEST-MARTIN.")
    bench.session.gate.clear()  # the session itself is busy with the reader
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.masked)
    held = readable(bench.window)
    for secret in ("TEST-MARTIN", "Léa", "12/03/1985", "Potassium", "Hyperkaliémie", "K⁺", "CR d'examens"):
        assert secret not in held
    bench.session.gate.set()
    bench.sign_in(qtbot)
    assert [draft.text for draft in bench.window.drafts.of(fakes.DOCTOR)] == ["Note sur TEST-MARTIN."]


def test_keys_wait_neither_for_the_window_nor_for_the_session(bench, qtbot):
    """Told in the watcher's own thread: this one, which shows the window, is busy waiting for it."""
    import threading

    bench.open(qtbot)
    bench.session.gate.clear()
    out = fakes.cps(False)
    watcher = threading.Thread(target=bench.window.card_event, args=(out,))
    watcher.start()
    watcher.join(30)
    told = bench.session.let_go_of[-1]
    bench.session.gate.set()
    assert told == out


def test_the_window_does_not_wait_for_the_end_of_the_keys(bench, qtbot):
    import threading

    bench.open(qtbot)
    masked = threading.Event()
    bench.session.ending = lambda: masked.wait(120)
    watcher = threading.Thread(target=bench.window.card_event, args=(fakes.cps(False),))
    watcher.start()
    qtbot.waitUntil(lambda: bench.window.session.state.phase is Phase.MASKED)
    masked.set()
    watcher.join()


def test_an_answer_from_before_the_removal_does_not_unmask(bench, qtbot):
    bench.sign_in(qtbot)
    bench.session.gate.clear()
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: bench.window.tasks.card.busy)
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.masked)
    phases: list[Phase] = []
    bench.window.session.changed.connect(lambda state: phases.append(state.phase))
    bench.session.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.card.busy)
    assert bench.window.stack.currentWidget() is bench.window.masked
    assert set(phases) <= {Phase.MASKED}


def test_card_service_down_masks(bench, qtbot):
    bench.open(qtbot)
    bench.session.gate.clear()
    bench.window.card_event(CardEvent(CardEventType.SERVICE_DOWN))
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.masked)
    bench.session.gate.set()


def test_record_stays_when_the_vitale_leaves(bench, qtbot):
    bench.open(qtbot)
    calls = list(bench.dossier.calls)
    bench.window.card_event(fakes.vitale(False))
    qtbot.waitUntil(lambda: not bench.window.session.state.vitale_present)
    assert bench.window.stack.currentIndex() == 1
    assert bench.window.banner.name.text() == "TEST-MARTIN Léa"
    assert bench.dossier.calls == calls


def test_several_beneficiaries_are_asked_for(bench, qtbot):
    bench.sign_in(qtbot)
    bench.session.vitale = (fakes.LEA, fakes.BABY)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)
    assert bench.window.page.news.headline.text() == fr.CHOOSE_HINT
    assert bench.window.banner.traits.text() == "", "said once on a screen"
    assert [button.text() for button in bench.window.picker.buttons] == [
        "1\N{NO-BREAK SPACE}· TEST-MARTIN Léa, née le 12/03/1985",
        "2\N{NO-BREAK SPACE}· TEST-MARTIN Zoé, née le 25/02/2026",
        fr.CHOOSE_NONE,
    ]
    bench.window.picker.buttons[1].click()
    qtbot.waitUntil(lambda: bench.window.banner.name.text() == "TEST-MARTIN Zoé")
    assert "8 mois" in bench.window.banner.traits.text()
    assert not bench.window.picker.isVisible()


def test_second_vitale_asks_and_takes_no_focus(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.activateWindow()
    bench.window.composer.editor.setFocus()
    bench.session.vitale = (fakes.PAUL,)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)
    assert bench.window.focusWidget() is bench.window.composer.editor
    assert bench.window.banner.name.text() == "TEST-MARTIN Léa"
    bench.window.picker.buttons[-1].click()
    qtbot.waitUntil(lambda: not bench.window.picker.isVisible())
    assert bench.window.banner.name.text() == "TEST-MARTIN Léa"


def test_closing_the_record_empties_it(bench, qtbot):
    bench.open(qtbot)
    bench.window.banner.close_patient.click()
    qtbot.waitUntil(lambda: bench.window.banner.name.text() == fr.NO_PATIENT)
    assert "TEST-MARTIN" not in readable(bench.window)


def test_card_events_are_said_without_a_name(bench, qtbot):
    said: list[str] = []
    bench.window.announcer.said.connect(said.append)
    bench.open(qtbot)
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: len(said) == 3)
    assert said == [
        "Carte professionnelle insérée.",
        "Carte Vitale insérée.",
        "Carte professionnelle retirée, écran masqué.",
    ]


def test_title_and_sandbox_words_stand_in_every_phase(bench, qtbot):
    label = bench.window.findChild(QLabel, "sandbox")
    for step in (lambda: None, lambda: bench.open(qtbot)):
        step()
        assert bench.window.windowTitle() == "DMP Desktop — BAC À SABLE"
        assert label.isVisible()
        assert label.text().startswith("BAC À SABLE")
