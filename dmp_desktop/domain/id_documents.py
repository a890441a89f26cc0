"""Which documents a practice looks at to know who somebody is, and how far each is trusted (rule 19, INS/va1.26)."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.domain.identity import FOR_MINORS, DocumentKind


@dataclass(frozen=True, slots=True)
class IdDocument:
    """`code` is what is kept of it; `label` its name in French, empty for those the program names itself.

    `trusted`: of high trust, it validates an identity; another one is noted and validates nothing.
    """

    code: str
    trusted: bool = True
    label: str = ""

    @property
    def for_minors(self) -> bool:
        """Only for a child without a document of their own, with a parent's document beside it."""
        return self.code in FOR_MINORS


PROGRAM_DOCUMENTS = tuple(IdDocument(kind) for kind in DocumentKind)
"""The list of who says nothing of theirs."""
