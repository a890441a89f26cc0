"""The page Envois in the real window: from its menu, over the real outbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmp_desktop.ui import strings_dashboard_fr as fr
from dmp_desktop.ui.strings_journal_fr import ASK_FEEDING
from dmp_desktop.ui.views.dashboard.view import DashboardView
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real(qapp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path_factory.mktemp("envois")) as world:
        world.sign_in()
        yield world


def test_it_opens_from_the_menu_and_says_that_nothing_waits(real: RealWindow) -> None:
    window = real.desktop.window
    next(one for one in window.banner.acts.menu().actions() if one.text() == ASK_FEEDING).trigger()
    page = window.body.currentWidget()
    assert isinstance(page, DashboardView)
    real.until(lambda: page.unsent.told.text() == fr.UNSENT_NONE)
    real.until(lambda: page.told.text() == fr.NONE)
    assert page.export.isEnabled()
