"""What keys are understood, and what is said where a system has none. Real keys: tests/ui/test_panel_desk.py."""

from __future__ import annotations

import pytest

from dmp_desktop.errors import ContextError
from dmp_desktop.platform.global_shortcut import Keys, listen, parse
from dmp_desktop.platform.panel_file import SHORTCUTS


@pytest.mark.parametrize("words", [one for one in SHORTCUTS if one])
def test_what_is_offered_is_understood(words: str) -> None:
    assert parse(words).modifiers


def test_modifiers_and_a_key() -> None:
    assert parse("Ctrl+Alt+D") == Keys(frozenset({"Ctrl", "Alt"}), "D")
    assert [parse(words).function for words in ("Ctrl+D", "Shift+F12", "Ctrl+F")] == [0, 12, 0]


@pytest.mark.parametrize("words", ["", "D", "F12", "Ctrl+", "Ctrl+d", "Ctrl+É", "Meta+D", "Ctrl+F13", "Ctrl+DD", "+D"])
def test_others_are_refused(words: str) -> None:
    with pytest.raises(ContextError, match="ne se comprend pas"):
        parse(words)


@pytest.mark.parametrize(
    ("system", "environment"), [("wayland", {}), ("offscreen", {}), ("xcb", {"WAYLAND_DISPLAY": "wayland-0"})]
)
def test_a_system_without_such_keys_says_so(system: str, environment: dict[str, str]) -> None:
    with pytest.raises(ContextError) as told:
        listen("Ctrl+Alt+D", lambda: None, system, environment)
    assert told.value.code == "shortcut-unavailable"
    assert told.value.remedy_fr
