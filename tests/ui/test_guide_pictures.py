"""The pictures of the user guide say what the window says now: by their words, as another machine has other fonts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from dmp_desktop.domain.cards import PinState
from dmp_desktop.ui import strings_card_fr as fr
from tests.ui.screenshots_guide import FOLDER, PICTURES, SIZE, WORDS, drawn, words

DRAWN: dict[str, list[str]] = json.loads(WORDS.read_text("utf-8"))


def test_each_picture_is_in_the_guide_and_says_what_it_is_there_for() -> None:
    guide = (FOLDER.parent / "guide-utilisateur.md").read_text("utf-8")
    assert set(re.findall(r"\(images/([\w-]+)\.png\)", guide)) == set(PICTURES) == set(DRAWN)
    for name, said in (
        ("connexion-code", fr.PIN_WARNING[PinState.LAST_TRY]),
        ("connexion-lieux", fr.PLACES_HINT),
        ("connexion-e-cps", fr.PSC_STEP["phone"]),
    ):
        assert said in DRAWN[name], "drawn before the sentence was changed"


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_the_window_shows(name: str, qtbot, tmp_path: Path) -> None:
    """Else draw it anew: `python -m tests.ui.screenshots_guide`."""
    image = QImage(str(FOLDER / f"{name}.png"))
    assert (image.width(), image.height()) == SIZE
    with drawn(name, tmp_path) as stage:
        assert words(stage) == DRAWN[name]
