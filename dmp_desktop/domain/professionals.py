"""A health professional as a context file hands one over, whoever reads the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dmp_desktop.domain.fields import Fields
from dmp_desktop.domain.people import Professional

PHONE_PATTERN: Final = r"tel:\+?[0-9][0-9 .()-]{2,24}"
PREFIXES: Final = frozenset({"M", "MME"})  # JDV_J245
SUFFIXES: Final = frozenset({"DR", "PR", "MC", "MG", "PC", "PG"})  # JDV_J246


def read_professional(untrusted: Any, path: str, specialty: Callable[[str], object | None]) -> Professional:
    """A professional, or an employee who has no RPPS number (a secretary). `specialty` looks a code of JDV_J01 up."""
    fields = Fields(untrusted, path)
    employee = fields.raw("rpps") == "" and not str(fields.raw("specialty")).startswith("G15_")
    professional = Professional(
        rpps="" if employee else fields.text("rpps", "numéro RPPS de 11 chiffres", r"\d{11}"),
        family=fields.text("family", "nom d'exercice"),
        given=fields.text("given", "prénom"),
        specialty=fields.code(
            "specialty", specialty, "code de profession ou spécialité (JDV_J01, par exemple G15_10/SM26)"
        ),
        prefix=None if fields.raw("prefix") is None else fields.choice("prefix", PREFIXES),
        suffix=None if fields.raw("suffix") is None else fields.choice("suffix", SUFFIXES),
        phone=fields.optional("phone", "téléphone sous la forme tel:0102030405", PHONE_PATTERN),
    )
    fields.close()
    return professional
