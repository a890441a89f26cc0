"""Who may see a sensitive document: asked once, in place, one key an answer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.ui import strings_forms_fr as fr
from tests.ui import fakes

NOTE = "Renouvellement pilule. VIH négatif."


@pytest.fixture
def asked(bench, qtbot):
    """A sensitive note for Léa, its sending asked for."""
    ask(bench, qtbot)
    return bench


def ask(bench, qtbot, *patients) -> None:
    bench.compose.topics = {"pilule": "contraception", "VIH": "VIH"}
    bench.open(qtbot, *patients)
    bench.window.acts.write.click()
    bench.window.activateWindow()
    bench.window.composer.editor.setPlainText(NOTE)
    bench.window.conductor.send()
    qtbot.waitUntil(bench.window.composer.sensitive.isVisible)


def sent(bench, qtbot):
    qtbot.waitUntil(lambda: bool(bench.outbox.held))
    return bench.outbox.held[0].visibility


def test_it_is_asked_in_place_and_nothing_left(asked):
    bar = asked.window.composer.sensitive
    assert bar.question.text() == "Ce texte parle de : contraception, VIH. Qui peut le voir ?"
    assert asked.outbox.held == []
    assert bar.buttons[0].hasFocus()
    assert not asked.window.composer.editor.isReadOnly()
    assert asked.window.isActiveWindow()


@pytest.mark.parametrize(
    ("key", "visibility"),
    [
        ("1", None),
        ("&", None),
        ("2", Visibility.MASQUE_PS),
        ("é", Visibility.MASQUE_PS),
        ("3", Visibility.INVISIBLE_PATIENT),
    ],
)
def test_one_key_answers_and_sends(asked, qtbot, key, visibility):
    press = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, key)
    QApplication.sendEvent(asked.window.composer.sensitive.buttons[0], press)
    assert sent(asked, qtbot) == frozenset({visibility} - {None})
    assert not asked.window.composer.sensitive.isVisible()


def test_enter_on_visible_is_enough(asked, qtbot):
    qtbot.keyClick(asked.window.composer.sensitive.buttons[0], Qt.Key.Key_Space)
    assert sent(asked, qtbot) == frozenset()


def test_legal_representatives_are_named_for_minors_only(asked):
    names = [button.text() for button in asked.window.composer.sensitive.buttons]
    assert names == ["&1 Visible de tous", "&2 Masqué aux professionnels", "&3 Non visible du patient"]


def test_for_a_child_the_legal_representatives_too(bench, qtbot):
    ask(bench, qtbot, fakes.BABY)
    bar = bench.window.composer.sensitive
    assert bar.buttons[-1].text() == "&4 Non visible des représentants légaux"
    assert bench.window.composer.options.visibility.count() == 4
    QTest.keyClicks(bar.buttons[0], "4")
    assert sent(bench, qtbot) == {Visibility.INVISIBLE_REPRESENTANTS_LEGAUX}


def test_escape_goes_back_to_the_note_and_asks_again_later(asked, qtbot):
    composer = asked.window.composer
    qtbot.keyClick(composer.sensitive.buttons[0], Qt.Key.Key_Escape)
    assert not composer.sensitive.isVisible()
    assert composer.editor.hasFocus()
    asked.window.conductor.send()
    qtbot.waitUntil(composer.sensitive.isVisible)


def test_the_answer_is_remembered_for_the_draft(asked, qtbot):
    asked.compose.warnings = ("Relisez.",)
    composer = asked.window.composer
    QTest.keyClicks(composer.sensitive.buttons[0], "1")
    qtbot.waitUntil(asked.window.notices.isVisible)
    assert asked.outbox.held == []
    composer.editor.insertPlainText("Suite. ")
    asked.compose.warnings = ()
    asked.window.conductor.send()
    assert sent(asked, qtbot) == frozenset()


def test_a_visibility_chosen_before_is_not_asked_for(bench, qtbot):
    bench.compose.topics = {"pilule": "contraception"}
    bench.open(qtbot)
    bench.window.acts.write.click()
    composer = bench.window.composer
    composer.editor.setPlainText(NOTE)
    composer.options.visibility.setCurrentIndex(0)
    composer.options.visibility.activated.emit(0)
    bench.window.conductor.send()
    assert sent(bench, qtbot) == frozenset()


def test_another_note_takes_the_question_away(asked, qtbot):
    asked.window.composer.discard.click()
    assert not asked.window.composer.sensitive.isVisible()
    assert asked.window.composer.sensitive.question.text() == ""


def test_words_of_the_form_count_too(bench, qtbot):
    from dmp_desktop.domain.documents import DocumentKind

    bench.compose.topics = {"IVG": "IVG"}
    bench.open(qtbot)
    bench.window.conductor.write(DocumentKind.CERTIFICATE)
    form = bench.window.composer.form.form
    form.fields["purpose"].set_value("Arrêt après IVG")
    form.changed.emit()
    bench.window.conductor.send()
    qtbot.waitUntil(bench.window.composer.sensitive.isVisible)
    assert bench.window.composer.sensitive.question.text() == fr.SENSITIVE.format("IVG")
