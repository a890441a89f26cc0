"""docs/cartes.md: each row names a test and a picture that exist and the code's own words, and playing the case shows them.

The words on each picture are kept beside it, not compared by pixels: another machine has other fonts.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.ui.screenshots_cards import CASES, SIZE, WORDS, played

ROOT = Path(__file__).parents[2]
NOTHING = "(rien)"
ROW = re.compile(r"\| (?P<mode>.+?) \| `(?P<test>[^`]+)` \| (?P<message>.+?) \| \[image\]\((?P<image>[^)]+)\) \|")
DRAWN: dict[str, list[str]] = json.loads(WORDS.read_text("utf-8"))
ROWS = [found.groupdict() for found in ROW.finditer((ROOT / "docs/cartes.md").read_text("utf-8"))]


def test_every_line_of_the_tables_is_a_row_and_every_case_is_in_one() -> None:
    lines = (ROOT / "docs/cartes.md").read_text("utf-8").splitlines()
    assert len(ROWS) == sum(line.startswith("| ") for line in lines) - 3  # the heads
    assert {Path(row["image"]).stem for row in ROWS} == set(CASES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["mode"])
def test_a_row_names_a_test_a_message_and_a_picture_that_exist(row: dict[str, str]) -> None:
    file, _, function = row["test"].partition("::")
    assert re.search(rf"def {function}\b", (ROOT / file).read_text("utf-8"))
    picture = ROOT / "docs" / row["image"]
    assert picture.stat().st_size <= 90_000
    image = QImage(str(picture))
    assert (image.width(), image.height()) == SIZE
    message = CASES[picture.stem].message
    assert row["message"] == (message or NOTHING)
    assert any(message in words for words in DRAWN[picture.stem]), "drawn before the sentence was changed"


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_window_shows_it_as_drawn(name: str, qtbot, tmp_path: Path) -> None:
    """A picture says what the window says now; else draw it anew: `python -m tests.ui.screenshots_cards`."""
    with played(name, tmp_path) as scene:
        if not CASES[name].message:
            assert scene.window.pin.isVisible()
        assert scene.words() == DRAWN[name]
