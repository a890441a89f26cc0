"""Whose record to open: whole identities, never two alike, in the narrowest window."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.ui import strings_fr as fr

FAMILY = [
    ("TEST-DE LA TOUR D'AUVERGNE L", "MARIE-CHARLOTTE ÉLISABETH A", "19790000"),
    ("TEST-PATIENTE", "LÉA", "20200229"),
    ("TEST-PATIENTE", "LÉO", "20200229"),
    ("TEST-PATIENTE", "MARIE", "20210300"),
    ("TEST-PATIENTE", "MARIE", "20210300"),
    ("TEST-PATIENTE", "", "00000000"),
    ("TEST-A&B", "ZOÉ", "20261101"),
]
PEOPLE = [Beneficiary(*one, nir=str(rank), rank=rank) for rank, one in enumerate(FAMILY, 1)]


@pytest.mark.parametrize("width", [420, 1400])
def test_seven_people_whole_at_any_width(bench, qtbot, width):
    bench.sign_in(qtbot)
    window, picker = bench.window, bench.window.picker
    window.resize(width, 900)
    picker.ask(PEOPLE, record_open=False)
    qtbot.waitUntil(lambda: picker.isVisible() and picker.buttons[-1].y() > 0)
    assert window.width() == width
    for button in picker.buttons:
        lines = button._option(button.width()).text.split("\n")
        assert " ".join(lines) == button.text()
        assert all(button.fontMetrics().horizontalAdvance(line) < button.width() for line in lines)
        assert button.height() > len(lines) * button.fontMetrics().height()
        assert picker.rect().contains(button.geometry())
    assert (len(picker.buttons[0]._option(picker.buttons[0].width()).text.split("\n")) > 1) is (width == 420)
    tops = [button.y() for button in picker.buttons]
    assert tops == sorted(tops)


def test_born_is_written_as_the_number_tells_it(bench):
    """Where it is a parent's, nothing tells."""
    picker = bench.window.picker
    birth = ("TEST-PATIENTE", "A", "19790312")
    numbers = ("2790351215189", "1790351215189", "1550351215189", "")
    picker.ask([Beneficiary(*birth, nir=nir, rank=rank) for rank, nir in enumerate(numbers, 1)], record_open=False)
    said = [button.text().split(", ")[1].split(" ")[0] for button in picker.buttons[:-1]]
    assert said == ["née", "né", "né(e)", "né(e)"]
    picker.clear()


def test_no_two_alike(bench):
    picker = bench.window.picker
    picker.ask(PEOPLE, record_open=False)
    numbered = [button.text().split("\N{NO-BREAK SPACE}· ") for button in picker.buttons]
    assert [one[:-1] for one in numbered] == [*([str(number)] for number in range(1, 8)), []]
    texts = [one[-1] for one in numbered]
    assert len(set(texts)) == 8
    assert texts[1:3] == ["TEST-PATIENTE LÉA, né(e) le 29/02/2020", "TEST-PATIENTE LÉO, né(e) le 29/02/2020"]
    assert texts[3:5] == [f"TEST-PATIENTE MARIE, né(e) le 00/03/2021, n° {rank} sur la carte" for rank in (4, 5)]
    assert texts[5:] == [
        "TEST-PATIENTE, né(e) le 00/00/0000",
        "TEST-A&&B ZOÉ, né(e) le 01/11/2026",
        fr.CHOOSE_NONE,
    ]
    picker.clear()


def test_wider_again_on_one_line(bench, qtbot):
    bench.sign_in(qtbot)
    picker = bench.window.picker
    bench.window.resize(420, 900)
    picker.ask(PEOPLE, record_open=True)
    qtbot.waitUntil(lambda: picker.isVisible() and picker.buttons[0].height() > picker.buttons[1].height())
    bench.window.resize(1400, 900)
    qtbot.waitUntil(lambda: picker.buttons[0].height() == picker.buttons[1].height())
    with qtbot.waitSignal(picker.chosen) as chosen:
        picker.buttons[4].click()
    assert chosen.args == [PEOPLE[4]]
