"""Calls leave the GUI thread, outcomes come back to it."""

from __future__ import annotations

import sys
import threading
import time

import pytest
from PySide6.QtCore import QCoreApplication

from dmp_desktop.errors import DmpDesktopError, DmpError
from dmp_desktop.ui import immortal
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.stalls import StallMeter
from dmp_desktop.ui.tasks import TaskRunner, attempt
from tests.ui.timing import best


@pytest.fixture
def runner(qapp):
    runner = TaskRunner(4)
    yield runner
    assert runner.close()


def refuse(error):
    raise AssertionError(error)


def test_call_runs_elsewhere_and_outcome_comes_here(qtbot, runner):
    seen: list[int] = []
    runner.submit(threading.get_ident, lambda ident: seen.extend((ident, threading.get_ident())), refuse)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] != threading.get_ident()
    assert seen[1] == threading.get_ident()


def test_known_errors_come_as_they_are(qtbot, runner):
    error = DmpError("dmp-x", "Le DMP ne répond pas.", retryable=True)
    seen: list[DmpDesktopError] = []

    def fail():
        raise error

    runner.submit(fail, refuse, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [error]


def test_unexpected_errors_tell_nothing_of_a_patient(qtbot, runner, caplog):
    seen: list[DmpDesktopError] = []
    runner.submit(lambda: {}["TEST-MARTIN"], refuse, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0].code == "inattendu-KeyError"
    assert seen[0].message_fr == fr.UNEXPECTED
    assert "TEST-MARTIN" not in str(seen[0]) + caplog.text
    assert "KeyError" in caplog.text


def test_cancelled_call_says_nothing(qtbot, runner):
    gate = threading.Event()
    cancelled = runner.submit(lambda: gate.wait(120), refuse, refuse)
    cancelled.cancel()
    gate.set()
    done: list[int] = []
    runner.submit(lambda: 1, done.append, refuse)
    qtbot.waitUntil(lambda: bool(done) and not runner.busy)


def test_a_pool_of_one_keeps_the_order(qtbot):
    serial = TaskRunner(1)
    seen: list[int] = []
    for number in range(50):
        serial.submit(lambda number=number: number, seen.append, refuse)
    qtbot.waitUntil(lambda: len(seen) == 50)
    assert seen == list(range(50))
    assert serial.close()


def test_closing_drops_what_is_under_way(qtbot):
    runner = TaskRunner(1)
    started, gate = threading.Event(), threading.Event()
    runner.submit(lambda: started.set() or gate.wait(120), refuse, refuse)
    runner.submit(lambda: 1, refuse, refuse)
    assert started.wait(60)
    assert not runner.close(wait_ms=20)
    gate.set()
    assert runner.close()
    assert runner.submit(lambda: 1, refuse, refuse).cancelled  # a timer that was late
    assert not runner.busy


def test_a_call_that_ends_after_the_closing_touches_nothing(qtbot):
    """The objects of the window may be gone by then."""
    runner = TaskRunner(1)
    started, gate, told = threading.Event(), threading.Event(), []
    runner._ran.connect(told.append)
    runner.submit(lambda: started.set() or gate.wait(120), refuse, refuse)
    assert started.wait(60)
    runner.close(wait_ms=0)
    gate.set()
    assert runner.close()
    QCoreApplication.processEvents()
    assert told == []


def test_attempt_tells_what_a_call_here_raises():
    error, told = DmpError("dmp-x", "Le DMP ne répond pas."), []

    def fail():
        raise error

    attempt(fail, told.append)
    attempt(lambda: {}["TEST-MARTIN"], told.append)
    attempt(lambda: None, refuse)
    assert told[0] is error
    assert told[1].code == "inattendu-KeyError"
    assert "TEST-MARTIN" not in str(told[1])


def test_stall_meter_sees_a_blocked_window(qtbot):
    meter = StallMeter()
    meter.start()
    gate = threading.Event()
    gate.wait(0.12)  # the GUI thread itself stands still: what the meter is for
    with qtbot.waitSignal(meter._timer.timeout):
        pass
    assert meter.stop() > 80
    assert meter.over()
    assert meter.ours() == []  # it waited: no work was done


@pytest.mark.alone
def test_stall_meter_tells_work_from_a_busy_machine(qtbot):
    def unseen() -> int:
        meter = StallMeter()
        meter.start()
        until = time.process_time() + 0.12
        while time.process_time() < until:
            pass
        with qtbot.waitSignal(meter._timer.timeout):
            pass
        assert meter.stop() > 80
        return not meter.ours()

    assert best(unseen, 0) == 0


def test_qt_cannot_wear_out_none(qapp):
    """Python 3.11 under PySide6 6.12: see ui/immortal.py."""
    for singleton in (None, True, False):
        assert sys.getrefcount(singleton) > (immortal.ENOUGH // 2 if sys.version_info < (3, 12) else 1 << 20)
