"""A secret is asked for in the window, whatever thread needs it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot

from dmp_desktop.app import SecretPrompt
from dmp_desktop.errors import ContextError


def dialog() -> QInputDialog | None:
    return next(
        (one for one in QApplication.topLevelWidgets() if isinstance(one, QInputDialog) and one.isVisible()), None
    )


@pytest.mark.parametrize("accepted", [True, False])
def test_from_a_worker(qtbot: QtBot, accepted: bool) -> None:
    prompt = SecretPrompt()
    with ThreadPoolExecutor(1) as worker:
        answer = worker.submit(prompt, "Mot de passe :")

        def act() -> bool:
            shown = dialog()
            if shown is None:
                return False
            assert shown.thread() is QThread.currentThread()
            assert shown.textEchoMode() is QLineEdit.EchoMode.Password
            shown.setTextValue("secret")
            (shown.accept if accepted else shown.reject)()
            return True

        qtbot.waitUntil(act)
        qtbot.waitUntil(answer.done)
    if accepted:
        assert answer.result() == "secret"
    else:
        assert isinstance(answer.exception(), ContextError)
