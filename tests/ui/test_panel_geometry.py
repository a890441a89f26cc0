"""Where a panel may stand, whatever the screens: laptops that leave their dock, projectors, remote sessions, other scales."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect

from dmp_desktop.ui.panel.geometry import Screen, docked, in_view, screen_of, screen_set

DESK = Screen(QRect(0, 0, 1920, 1080), QRect(0, 0, 1920, 1040))
SIDE = Screen(QRect(1920, -200, 2560, 1440), QRect(1920, -200, 2560, 1440))
BAR_RIGHT = Screen(QRect(0, 0, 1920, 1080), QRect(0, 0, 1860, 1080))


@pytest.mark.parametrize(
    ("screen", "width", "place"),
    [
        (DESK, 420, (1500, 0, 420, 1040)),
        (SIDE, 420, (4060, -200, 420, 1440)),
        (BAR_RIGHT, 420, (1440, 0, 420, 1080)),
        (Screen(QRect(0, 0, 320, 480), QRect(0, 0, 320, 480)), 420, (0, 0, 320, 480)),
    ],
)
def test_docked_fills_the_right_edge_and_leaves_the_task_bar_alone(screen, width, place):
    assert docked(screen, width).getRect() == place


@pytest.mark.parametrize(
    ("frame", "screen"),
    [
        (QRect(1500, 0, 420, 1040), DESK),
        (QRect(4060, -200, 420, 1440), SIDE),
        (QRect(1800, 0, 420, 800), SIDE),  # across both: most of it is there
        (QRect(5000, 0, 420, 800), None),
        (QRect(-380, 0, 420, 800), None),  # a strip of it is seen
    ],
)
def test_a_place_counts_where_a_screen_still_covers_it(frame, screen):
    assert screen_of(frame, [DESK, SIDE]) is screen


def test_no_screen_at_all_covers_nothing():
    assert screen_of(QRect(0, 0, 10, 10), []) is None


@pytest.mark.parametrize(
    ("frame", "seen"),
    [
        ((100, 100, 500, 700), (100, 100, 500, 700)),
        ((1700, 900, 500, 700), (1420, 340, 500, 700)),
        ((-300, -50, 500, 700), (0, 0, 500, 700)),
        ((0, 0, 4000, 3000), (0, 0, 1920, 1040)),
    ],
)
def test_what_stands_out_comes_back_into_view(frame, seen):
    assert in_view(QRect(*frame), DESK).getRect() == seen


def test_another_scale_another_place_or_another_screen_is_another_set():
    scaled = Screen(DESK.geometry, DESK.available, 1.5)
    moved = Screen(SIDE.geometry.translated(0, 200), SIDE.available)
    bar = Screen(DESK.geometry, BAR_RIGHT.available)
    sets = [screen_set(one) for one in ([DESK], [scaled], [DESK, SIDE], [DESK, moved])]
    assert len(set(sets)) == len(sets)
    assert screen_set([DESK, SIDE]) == screen_set([SIDE, DESK])
    assert screen_set([DESK]) == screen_set([bar])  # the task bar comes and goes
