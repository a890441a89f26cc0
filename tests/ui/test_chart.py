"""The curve: points where their values say, shapes and words beside colours, every point within reach of the keyboard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPainter

from dmp_desktop.ui import theme
from dmp_desktop.ui.widgets.chart import Mark, Sign, TimeChart, date_ticks, round_ticks
from dmp_desktop.ui.widgets.sparkline import Spark, paint_sparkline
from tests.ui.timing import best

START = datetime(2024, 11, 4, 8, tzinfo=UTC)


def marks(*values: float, **more: object) -> list[Mark]:
    return [
        Mark(START + timedelta(days=30 * number), value, f"point {number + 1} : {value}", low=3.5, high=5.1, **more)
        for number, value in enumerate(values)
    ]


@pytest.fixture
def chart(qtbot):
    chart = TimeChart()
    qtbot.addWidget(chart)
    chart.resize(500, 260)
    chart.show_marks(marks(4.0, 5.0, 5.9), "mmol/L", "Potassium : 3 résultats")
    chart.show()
    return chart


def described(chart: TimeChart) -> str:
    return QAccessible.queryAccessibleInterface(chart).text(QAccessible.Text.Description)


def test_points_stand_in_order_of_time_and_value(chart):
    first, second, third = chart.places()
    assert first.x() < second.x() < third.x()
    assert first.y() > second.y() > third.y()
    for place in chart.places():
        assert chart.plot().contains(place)
    assert second.x() - first.x() == pytest.approx(third.x() - second.x())


def test_arrows_walk_the_points_and_each_is_said(chart, qtbot):
    assert described(chart) == "point 3 : 5.9. Potassium : 3 résultats"
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.current == 1
    assert described(chart).startswith("point 2 : 5.0")
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.current == 0
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.current == 2


def test_enter_and_click_open(chart, qtbot):
    with qtbot.waitSignal(chart.activated) as asked:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert asked.args == [2]
    with qtbot.waitSignal(chart.activated) as asked:
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.places()[0].toPoint())
    assert asked.args == [0]
    assert chart.current == 0
    with qtbot.assertNotEmitted(chart.activated):
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=(chart.plot().topLeft() + QPointF(20, 0)).toPoint())


def test_signs_differ_by_shape_not_only_by_colour(chart):
    """The same point in the same colour draws another picture for each sign."""
    pictures = []
    for sign in Sign:
        chart.show_marks([Mark(START, 5.0, "", sign, "accent")], "", "")
        pictures.append(chart.grab().toImage())
    assert all(one != other for number, one in enumerate(pictures) for other in pictures[number + 1 :])


def test_a_converted_point_is_hollow(chart):
    def middle(hollow: bool) -> str:
        chart.show_marks([*marks(4.0, hollow=hollow), *marks(4.0, 5.0)[1:]], "", "")
        return chart.grab().toImage().pixelColor(chart.places()[0].toPoint()).name().upper()

    assert middle(False) == theme.LIGHT.accent
    assert middle(True) == theme.LIGHT.base


def test_each_report_has_its_own_band(chart):
    narrow = Mark(START, 4.0, "", low=3.9, high=4.1)
    wide = Mark(START + timedelta(days=30), 4.0, "", low=3.0, high=5.0)
    chart.show_marks([narrow, wide], "", "")
    image, tint = chart.grab().toImage(), theme.LIGHT.shades()["success_tint"]
    up = chart._axes()[1]
    heights = round(up.at(4.55))
    left, right = (round(place.x()) for place in chart.places())
    assert image.pixelColor(left + 40, heights).name().upper() == theme.LIGHT.base
    assert image.pixelColor(right - 40, heights).name().upper() == tint


@pytest.mark.slow
@pytest.mark.parametrize("scheme", theme.SCHEMES)
def test_it_follows_the_palette(qapp, chart, scheme):
    colours = theme.SCHEMES[scheme]
    theme.apply(qapp, colours)
    qapp.processEvents()
    image = chart.grab().toImage()
    assert image.pixelColor(image.width() - 6, 6).name().upper() == colours.base
    for role in ("accent", "danger", "warning", "success", "muted"):
        assert theme.contrast(colours.roles()[role], colours.base) >= 3.0  # WCAG 1.4.11, graphics


@pytest.mark.slow
def test_one_value_equal_values_and_none(chart):
    for values in ((), (5.0,), (5.0, 5.0), (0.0, 0.0)):
        chart.show_marks(marks(*values), "", "")
        assert not chart.grab().isNull()
        assert all(chart.plot().contains(place) for place in chart.places())


def test_ticks_are_round_and_within():
    assert round_ticks(3.2, 6.1) == [3.5, 4.0, 4.5, 5.0, 5.5, 6.0]
    assert round_ticks(0, 1000) == [0, 200, 400, 600, 800, 1000]
    assert len(round_ticks(0.0031, 0.0047)) <= 7


def test_days_months_or_years():
    assert [words for _, words in date_ticks(START, START + timedelta(days=5))] == ["04/11/2024", "09/11/2024"]
    assert [words for _, words in date_ticks(START, START + timedelta(days=100))] == ["12/2024", "01/2025", "02/2025"]
    assert [words for _, words in date_ticks(START, START + timedelta(days=1500))] == ["2025", "2026", "2027", "2028"]


@pytest.mark.alone
def test_a_long_series_is_drawn_at_once(chart):
    """2,000 points: nobody has so many."""
    import time

    chart.show_marks(marks(*(4 + number % 20 / 10 for number in range(2000))), "mmol/L", "")

    def draw() -> float:
        began = time.perf_counter()
        chart.grab()
        return 1000 * (time.perf_counter() - began)

    assert best(draw, 150.0) < 150


def test_a_sparkline_shows_band_line_and_last_point():
    image = QImage(120, 30, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.LIGHT.base))
    painter = QPainter(image)
    spark = Spark(((0, 4.0), (1, 4.5), (2, 6.0)), 3.5, 5.0, "danger")
    paint_sparkline(painter, image.rect(), spark)
    painter.end()
    seen = {image.pixelColor(x, y).name().upper() for x in range(120) for y in range(30)}
    assert {theme.LIGHT.danger, theme.LIGHT.shades()["hover"], theme.LIGHT.base} <= seen
