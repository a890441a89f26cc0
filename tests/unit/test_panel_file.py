"""Where the window stood: kept whole, bounded, and never in the way whatever the file holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.panel_file import SCREEN_SETS, SHORTCUTS, PanelChoices, PanelFile, Place

PLACE = Place(10, -20, 420, 900, docked=False, wide=True)


def test_what_was_chosen_comes_back(tmp_path: Path) -> None:
    file = PanelFile(tmp_path / "f.json")
    assert file.load() == PanelChoices()
    chosen = PanelChoices(on_top=True, shortcut="", to_tray=True, tray_told=True, places={"a": PLACE})
    file.save(chosen)
    assert PanelFile(tmp_path / "f.json").load() == chosen


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        "null",
        "1e999",
        "[" * 100_000,
        '"x"',
        json.dumps({"places": [1], "on_top": "oui", "shortcut": "Ctrl+C"}),
    ],
)
def test_a_damaged_file_is_no_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "f.json").write_text(content)
    assert PanelFile(tmp_path / "f.json").load() == PanelChoices()


@pytest.mark.parametrize(
    "change",
    [{"x": "1"}, {"x": 10**9}, {"width": 0}, {"height": -1}, {"docked": 1}, {"wide": None}, {"y": 1.5}, {"x": True}],
)
def test_a_damaged_place_goes_and_the_rest_stays(tmp_path: Path, change: dict[str, object]) -> None:
    file = PanelFile(tmp_path / "f.json")
    file.save(PanelChoices(on_top=True, places={"good": PLACE, "bad": PLACE}))
    stored = json.loads((tmp_path / "f.json").read_text())
    stored["places"]["bad"] |= change
    (tmp_path / "f.json").write_text(json.dumps(stored))
    assert file.load() == PanelChoices(on_top=True, places={"good": PLACE})


def test_the_set_of_screens_used_longest_ago_goes() -> None:
    choices = PanelChoices()
    for number in [*range(SCREEN_SETS), 0, SCREEN_SETS]:
        choices = PanelChoices(places=choices.placed(str(number), PLACE))
    assert list(choices.places) == [*map(str, range(2, SCREEN_SETS)), "0", str(SCREEN_SETS)]


def test_a_disk_that_refuses_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        PanelFile(tmp_path / "none" / "f.json").save(PanelChoices())


def test_the_usual_shortcut_is_one_of_those_offered() -> None:
    assert PanelChoices().shortcut == SHORTCUTS[0] == "Ctrl+Alt+D"
