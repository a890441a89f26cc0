"""Keys heard whatever program has the keyboard: `listen` for X11 and Windows. Wayland lets no program hear them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from dmp_desktop.errors import ContextError

MODIFIERS = ("Ctrl", "Alt", "Shift")


@dataclass(frozen=True, slots=True)
class Keys:
    """`key` is a capital letter, or F1 to F12."""

    modifiers: frozenset[str]
    key: str

    @property
    def function(self) -> int:
        """The number of a function key; 0 for a letter."""
        return int(self.key[1:]) if len(self.key) > 1 else 0


class Listening(Protocol):
    """From `listen` on."""

    def give_keyboard(self, window: int) -> None:
        """To a window that is shown, by its handle, for the press that was heard last."""
        ...

    def stop(self) -> None:
        """The keys are everybody's again when it returns; nothing is called any more."""
        ...


def parse(words: str) -> Keys:
    """Of "Ctrl+Alt+D". Raises ContextError("shortcut")."""
    *held, key = words.split("+")
    known = (len(key) == 1 and "A" <= key <= "Z") or key in {f"F{number}" for number in range(1, 13)}
    if not known or not held or not set(held) <= set(MODIFIERS):
        raise ContextError(
            "shortcut", f"Le raccourci « {words} » ne se comprend pas.", "Choisissez-en un autre.", field=words
        )
    return Keys(frozenset(held), key)


def listen(words: str, pressed: Callable[[], None], system: str, environment: Mapping[str, str]) -> Listening:
    """`pressed` is called from a thread of its own, once a press however long the keys are held. `system` is Qt's platform name.

    Blocks for some milliseconds. Raises ContextError("shortcut-taken") where another program has these keys, and
    ContextError("shortcut-unavailable") where the system lets no program have any.
    """
    keys = parse(words)
    if system == "xcb" and not environment.get("WAYLAND_DISPLAY"):
        from dmp_desktop.platform.global_shortcut_x11 import X11Listening

        return X11Listening(keys, words, pressed)
    if sys.platform == "win32" and system == "windows":
        from dmp_desktop.platform.global_shortcut_windows import WindowsListening

        return WindowsListening(keys, words, pressed)
    raise unavailable()


def taken(words: str) -> ContextError:
    """Another program has them."""
    return ContextError(
        "shortcut-taken",
        f"{words} est déjà pris par un autre logiciel.",
        "Choisissez un autre raccourci dans Réglages, « Fenêtre ».",
        field="shortcut",
    )


def unavailable() -> ContextError:
    """The system lets no program have any."""
    return ContextError(
        "shortcut-unavailable",
        "Ce système ne permet pas de raccourci pour tout l'écran.",
        "Ouvrez DMP Desktop par son icône.",
        field="shortcut",
    )
