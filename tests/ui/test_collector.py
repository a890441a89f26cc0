"""Garbage with Qt objects in it is collected on the window's thread only."""

from __future__ import annotations

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from dmp_desktop.ui import collector
from tests.helpers.garbage import put_back


@pytest.fixture
def settled(qapp):
    collector.hold()
    collector.settle()
    sweeper = qapp.findChild(collector._Sweeper)
    yield sweeper
    sweeper.stop()
    sweeper.setParent(None)
    put_back()


def test_only_the_windows_thread_collects(settled, qtbot):
    threads: list[int] = []

    def note(_phase: str, _info: dict[str, int]) -> None:
        threads.append(threading.get_ident())

    def allocate() -> None:
        for _ in range(20_000):
            cycle: list[object] = []
            cycle.append(cycle)

    gc.callbacks.append(note)
    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert threads == []
    settled.sweep()
    gc.callbacks.remove(note)
    assert set(threads) == {threading.get_ident()}


def test_qt_objects_in_cycles_go(settled):
    gone: list[bool] = []
    thing = QObject()
    thing.itself = thing  # type: ignore[attr-defined]
    thing.destroyed.connect(lambda: gone.append(True))
    del thing
    settled.sweep()
    assert gone == [True]
