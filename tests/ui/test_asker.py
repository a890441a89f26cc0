"""The window hands each act to its services with the name of who asked for it."""

from __future__ import annotations

from typing import Any

from dmp_desktop.services.asker import asker


def test_what_is_submitted_is_asked_by_who_is_signed_in_at_that_time(bench: Any, qtbot: Any) -> None:
    window, told = bench.window, []
    window.tasks.general.submit(asker, told.append, told.append)
    qtbot.waitUntil(lambda: len(told) == 1)
    bench.sign_in(qtbot)
    who = window.session.state.professional
    window.tasks.general.submit(asker, told.append, told.append)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["", who.national_id]
    assert who.national_id
    assert asker() == ""
