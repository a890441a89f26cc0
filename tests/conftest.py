"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

from tests.helpers.garbage import set_aside

if TYPE_CHECKING:
    from tests.helpers.postgres import Cluster

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# How long an example takes, to be run or to be made, is no property of ours.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
WAIT_MS = 30_000
"""How long a test of the window waits for what it expects, where it says nothing else: only one that fails waits so long."""
AGAIN = 2
"""How many times a measure of time that failed is taken again."""
SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def pytest_configure() -> None:
    """The 5 s of pytest-qt are no property of ours either: a busy machine needs more."""
    for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals, QtBot.waitActive, QtBot.waitExposed):
        assert wait.__kwdefaults__ is not None
        wait.__kwdefaults__["timeout"] = WAIT_MS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A machine's other work only adds to a time, and not three times in a row: what takes too long does so every time. `run.py`
    tells which were measured again."""
    for item in items:
        marker = item.get_closest_marker("alone")
        if marker and marker.kwargs.get("again", True):
            item.add_marker(
                pytest.mark.flaky(reruns=AGAIN, only_rerun=["AssertionError", "DmpError", "CardError", "TimeoutError"])
            )


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end: the collections of garbage between tests need not walk through them."""
    set_aside()


def pytest_sessionfinish() -> None:
    """What a test put in Qt's clipboard would go after the interpreter, and a class of PySide cannot: the run died at its very end."""
    if (gui := sys.modules.get("PySide6.QtGui")) and gui.QGuiApplication.instance():
        gui.QGuiApplication.clipboard().clear()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of official rules and samples, which is not part of the project."""
    if not SHARED.is_dir():
        pytest.skip(f"official material absent: {SHARED} (set DMP_DESKTOP_SHARED)")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The session's PostgreSQL cluster, made when first asked for. Who stops it starts it again."""
    from tests.helpers.postgres import Cluster

    cluster = Cluster.make()
    yield cluster
    cluster.close()
