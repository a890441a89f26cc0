"""A secret is asked for over the window, for a worker; a window that closes leaves no worker waiting."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from dmp_desktop.errors import ContextError
from dmp_desktop.ui.secret_prompt import SecretPrompt

QUESTION = ("Mot de passe :", "Remettez votre carte.")


def dialog() -> QInputDialog | None:
    return next(
        (one for one in QApplication.topLevelWidgets() if isinstance(one, QInputDialog) and one.isVisible()), None
    )


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.fixture
def prompt(window: QWidget) -> Iterator[SecretPrompt]:
    prompt = SecretPrompt(window)
    yield prompt
    prompt.close()


@pytest.fixture
def worker(prompt: SecretPrompt) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor
        prompt.close()


def ask(qtbot: QtBot, prompt: SecretPrompt, worker: ThreadPoolExecutor) -> tuple[Future[str], QInputDialog]:
    answer = worker.submit(prompt, *QUESTION)
    qtbot.waitUntil(lambda: dialog() is not None)
    shown = dialog()
    assert shown is not None
    return answer, shown


@pytest.mark.parametrize("accepted", [True, False])
def test_from_a_worker(qtbot, window, prompt, worker, accepted: bool) -> None:
    answer, shown = ask(qtbot, prompt, worker)
    assert shown.thread() is QThread.currentThread()
    assert shown.textEchoMode() is QLineEdit.EchoMode.Password
    assert shown.parentWidget() is window
    assert QApplication.activeModalWidget() is shown
    shown.setTextValue("secret")
    (shown.accept if accepted else shown.reject)()
    qtbot.waitUntil(answer.done)
    if accepted:
        assert answer.result() == "secret"
    else:
        refusal = answer.exception()
        assert isinstance(refusal, ContextError)
        assert refusal.remedy_fr == QUESTION[1]
    assert dialog() is None


def test_closing_refuses_what_is_asked(qtbot, prompt, worker) -> None:
    answer, _shown = ask(qtbot, prompt, worker)
    prompt.close()
    assert isinstance(answer.exception(timeout=60), ContextError)
    assert dialog() is None


def test_closing_refuses_what_is_not_yet_shown(qtbot, prompt, worker) -> None:
    """Asked, while the window's thread is busy and then closes it."""
    answer = worker.submit(prompt, *QUESTION)
    while not prompt._waiting:
        QThread.yieldCurrentThread()
    prompt.close()
    assert isinstance(answer.exception(timeout=60), ContextError)
    QApplication.processEvents()  # the question comes to the window's thread now
    assert dialog() is None


def test_nothing_is_asked_once_closed(qtbot, prompt, worker) -> None:
    prompt.close()
    assert isinstance(worker.submit(prompt, *QUESTION).exception(timeout=60), ContextError)
    assert dialog() is None


def test_two_questions_at_a_time(qtbot, prompt, worker) -> None:
    """The start's and the card's: each gets its own answer, or its refusal."""
    first, shown = ask(qtbot, prompt, worker)
    second = worker.submit(prompt, *QUESTION)
    qtbot.waitUntil(lambda: len(prompt._window.findChildren(QInputDialog)) == 2)
    shown.setTextValue("secret")
    shown.accept()
    assert first.result(timeout=60) == "secret"
    assert not second.done()
    prompt.close()
    assert isinstance(second.exception(timeout=60), ContextError)
