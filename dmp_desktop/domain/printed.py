"""Which traits a page names besides those it always does (rule 32 of the INS guide, INS/va1.10)."""

from __future__ import annotations

from enum import StrEnum


class PrintedTrait(StrEnum):
    """As a context file names them. The birth name, the first given name, the day, the sex, the code of the place and the INS
    with its nature are always there."""

    GIVEN = "birth_given"
    USED_FAMILY = "used_family"
    USED_GIVEN = "used_given"
    PLACE = "birth_place"


EVERY_TRAIT = frozenset(PrintedTrait)
