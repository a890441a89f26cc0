"""What is told above a covered screen: how the workstation stands, and nothing that was told to somebody."""

from __future__ import annotations

import pytest

from dmp_desktop.ui.widgets.notice_bar import Notice, NoticeBar

PLACE = Notice("La base du cabinet ne répond pas.", key="clinic", place=True)
OTHER = Notice("La dernière sauvegarde a échoué.", key="backup", place=True)
THEIRS = Notice("Brouillon non gardé.", key="keep", lasting=True)
NEWS = Notice("Document envoyé.", key="sent")


@pytest.fixture
def bar(qtbot) -> NoticeBar:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    return bar


def test_covering_ends_what_was_told_to_somebody_and_leaves_how_the_place_stands(bar):
    for one in (PLACE, THEIRS, OTHER, NEWS):
        bar.tell(one)
    bar.cover()
    assert bar.notice is OTHER
    bar.close_notice.click()
    assert bar.notice is PLACE, "the lasting one of somebody is gone, the place's was below it"
    bar.close_notice.click()
    assert bar.notice is None


def test_covering_again_and_again_changes_nothing(bar):
    bar.tell(PLACE)
    for _ in range(3):
        bar.cover()
    assert (bar.notice, bar.code.text()) == (PLACE, "")


def test_its_owner_takes_it_back_wherever_it_stands(bar):
    bar.tell(PLACE)
    bar.tell(NEWS)
    bar.clear("clinic")
    bar.cover()
    assert bar.notice is None


def test_what_comes_over_it_does_not_end_it_and_a_reminder_may_come_over_it(bar):
    bar.tell(PLACE)
    assert not bar.busy
    bar.tell(NEWS)
    assert bar.busy
    bar.close_notice.click()
    assert bar.notice is PLACE


def test_the_window_s_own_covering_leaves_it(bench, qtbot):
    notices = bench.window.notices
    notices.tell(PLACE)
    bench.sign_in(qtbot)
    assert notices.notice is PLACE
    notices.tell(THEIRS)
    bench.window.session.lock()
    qtbot.waitUntil(lambda: notices.notice is PLACE)
