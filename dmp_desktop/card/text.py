"""Text read from a card, made fit to be shown."""

from __future__ import annotations


def printable(untrusted: str) -> str:
    """The text without padding or control characters, words parted by one space: a bad field must not draw on the screen."""
    return " ".join("".join(one if one.isprintable() else " " for one in untrusted).split())
