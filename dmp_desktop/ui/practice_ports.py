"""What the window asks about the practice's recovery code. Every method may block and raise DmpDesktopError."""

from __future__ import annotations

from typing import Protocol


class PracticeCodePort(Protocol):
    def to_print(self) -> bool:
        """Whether it is still to be put on paper."""
        ...

    def to_remind(self) -> bool:
        """Whether whoever is signed in is to be told so."""
        ...

    def code(self) -> str:
        """13 groups of 5 signs, with hyphens."""
        ...

    def sheet(self) -> bytes:
        """The page to print (PDF)."""
        ...

    def printed(self, last_group: str) -> None: ...

    def join(self, code: str) -> None: ...

    def recover(self, code: str) -> int:
        """How many keys of who is signed in their card opens from now on."""
        ...
