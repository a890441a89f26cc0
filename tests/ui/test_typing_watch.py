"""What is typed in the composer holds sending back for two seconds; what the program writes there does not."""

from __future__ import annotations

from PySide6.QtTest import QTest

from dmp_desktop.ui.typing_watch import STILL_TYPING, TypingWatch
from tests.helpers.clock import FakeClock


def test_keys_in_the_note_are_typing(bench, qtbot):
    bench.open(qtbot)
    clock = FakeClock()
    watch = TypingWatch(clock, bench.window)
    bench.window.composer.editor.word_typed.connect(watch.note)
    assert not watch.busy()
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("toux")
    assert not watch.busy()
    QTest.keyClicks(bench.window.composer.editor, "x")
    assert watch.busy()
    clock.advance(STILL_TYPING)
    assert not watch.busy()
