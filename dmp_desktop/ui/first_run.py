"""The first run: shown by itself once, on a workstation where nothing is set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmp_desktop.ui.stand_in import stand_in
from dmp_desktop.ui.workstation_ports import DiagnosticsPort, FirstRunPort

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


def offer_first_run(window: MainWindow, port: FirstRunPort, find: Callable[[], DiagnosticsPort]) -> None:
    """A failure to find out is no reason to stand in anybody's way: it is told, the window stays as it is."""

    def show(wanted: bool) -> None:
        if wanted and not window.gate.open(window.session.state):
            _show(window, port, find)

    window.tasks.general.submit(port.wanted, show, window.session.failed.emit)


def _show(window: MainWindow, port: FirstRunPort, find: Callable[[], DiagnosticsPort]) -> None:
    from dmp_desktop.ui.views.first_run.view import FirstRunView

    stand_in(window, FirstRunView, lambda parent: FirstRunView(port, find, window.tasks.general, parent))
