"""A Python in which no card could authenticate says so in the window, before a card is in."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.dmp import openssl
from tests.helpers.real_window import real_window

pytestmark = pytest.mark.slow


def test_a_python_that_cannot_be_bridged_is_told_with_what_to_do(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openssl.load(), "SSL_CTX_get_options", lambda _context: 1)  # as read at a wrong place
    with real_window(qapp, tmp_path) as real:
        assert real.desktop.settled, "cards are watched, and nothing waits for the check"
        real.until(real.window.notices.isVisible)
        assert real.window.notices.what.words.text() == (
            "Cette version de Python ne permet pas de s'authentifier avec une carte. "
            "Installez la version fournie avec DMP Desktop (Python 3.11 à 3.13, OpenSSL 3)."
        )
        assert "PontTls" in real.window.notices.code.text()


def test_this_one_has_nothing_to_say(qapp: QApplication, tmp_path: Path) -> None:
    with real_window(qapp, tmp_path) as real:
        real.until(lambda: not real.window.tasks.general.busy)
        assert not real.window.notices.isVisible()
