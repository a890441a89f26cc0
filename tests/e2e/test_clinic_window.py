"""The window says when the practice's server is away, and no more once it is back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.helpers.postgres import Cluster
from tests.helpers.real_window import real_window

pytestmark = pytest.mark.slow


def test_a_server_that_is_away_is_told_until_it_is_back(qapp: QApplication, tmp_path: Path, postgres: Cluster) -> None:
    clinic = f"{postgres.database()}?ca={postgres.ca}"
    postgres.stop()
    try:
        with real_window(qapp, tmp_path, clinic=clinic) as real:
            notices = real.window.notices
            real.until(lambda: notices.notice is not None and notices.notice.key == "clinic")
            assert "ne répond pas" in notices.what.words.text()
            assert "Continuez" in notices.what.words.text()
            postgres.start()
            link = real.desktop._wiring.clinic
            assert link is not None
            real.window.tasks.general.submit(link.step, lambda _pause: None, lambda _error: None)
            real.until(lambda: notices.notice is None)
    finally:
        if postgres._process is None:
            postgres.start()
