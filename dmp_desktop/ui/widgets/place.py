"""A place in a document, to open it there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """The section of one of `section_codes`, else titled `section_title`; in it `text`, met `occurrence` times before.

    What is empty is not looked for; where nothing is found the document is shown from its top.
    """

    text: str = ""
    occurrence: int = 0
    section_codes: tuple[str, ...] = ()
    section_title: str = ""
