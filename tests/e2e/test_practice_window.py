"""The recovery code in the real window, over the real key store of the workstation: shown, copied, forgotten, typed back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_practice_fr as fr
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


def settings_page(real: RealWindow) -> SettingsView:
    real.page.documents.settings_asked.emit()
    view = real.window.body.currentWidget()
    assert isinstance(view, SettingsView)
    assert view.code is not None
    real.until(lambda: view.form.isEnabled() and view.code.status.text() in (fr.TO_PRINT, fr.ON_PAPER))
    return view


def test_from_the_screen_to_paper_and_back(qapp: QApplication, tmp_path: Path) -> None:
    with real_window(qapp, tmp_path) as real:
        real.sign_in()
        real.open("ordinary")
        assert real.window.notices.notice is None, "in the training sandbox nobody is reminded"
        view = settings_page(real)
        section = view.code
        assert section is not None
        section.show_code.click()
        real.until(section.code.isVisible)
        groups = [part for part in section.code.text().split() if len(part) == 5]
        code = "-".join(groups)
        assert len(groups) == 13

        section.typed.setText(code[:-1] + ("0" if code[-1] != "0" else "1"))
        section.recover.click()
        real.until(lambda: "groupe 13" in section.answer.text())
        section.typed.setText(code)
        section.recover.click()
        real.until(lambda: section.answer.text() == fr.NOTHING_MORE)

        section.last.setText(groups[-1])
        section.printed.click()
        real.until(lambda: section.status.text() == fr.ON_PAPER)
        assert section.code.text() == ""
        assert not section.unprinted.isVisible()

        section.typed.setText(code)
        section.join.click()
        real.until(lambda: section.answer.text() == fr.JOINED)
        assert real.window.session.state.phase is Phase.OPEN
        kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and "server" not in file.parts]
        assert not [one for one in kept if groups[0].encode() in one and groups[1].encode() in one]
