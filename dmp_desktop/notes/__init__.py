"""From the free text of a consultation note to proposals tied to its words: `propose(text)`. Nothing is coded without a tick."""

from dmp_desktop.notes.extract import propose

__all__ = ["propose"]
