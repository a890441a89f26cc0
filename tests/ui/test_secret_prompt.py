"""A secret is asked for in the window, whatever thread needs it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot

from dmp_desktop.errors import ContextError
from dmp_desktop.start import SecretPrompt


def dialog() -> QInputDialog | None:
    return next(
        (one for one in QApplication.topLevelWidgets() if isinstance(one, QInputDialog) and one.isVisible()), None
    )


@pytest.mark.parametrize("accepted", [True, False])
def test_from_a_worker(qtbot: QtBot, accepted: bool) -> None:
    prompt = SecretPrompt()
    seen: list[tuple[bool, QLineEdit.EchoMode]] = []

    def act() -> None:
        """Inside the dialog's own event loop."""
        if shown := dialog():
            seen.append((shown.thread() is QThread.currentThread(), shown.textEchoMode()))
            shown.setTextValue("secret")
            (shown.accept if accepted else shown.reject)()

    timer = QTimer()
    timer.timeout.connect(act)
    timer.start(10)
    with ThreadPoolExecutor(1) as worker:
        answer = worker.submit(prompt, "Mot de passe :")
        qtbot.waitUntil(answer.done)
    timer.stop()
    assert seen[0] == (True, QLineEdit.EchoMode.Password)
    if accepted:
        assert answer.result() == "secret"
    else:
        assert isinstance(answer.exception(), ContextError)
