"""From one UCUM unit to another: metric prefixes, powers of ten, per volume or per volume element; moles by a molar mass.

Only what medical laboratories write (UCUM 2.1, §§ 27-30, 43-46). International units and enzyme units count as one: an enzyme's
[IU] is its U. What is not understood is not converted: `parse` gives None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_PREFIXES = {
    "": 0,
    "T": 12,
    "G": 9,
    "M": 6,
    "k": 3,
    "h": 2,
    "d": -1,
    "c": -2,
    "m": -3,
    "u": -6,
    "n": -9,
    "p": -12,
    "f": -15,
}
_ATOMS = {"g": "mass", "mol": "amount", "L": "volume", "l": "volume", "m": "length", "U": "unit", "[IU]": "unit", "[iU]": "unit",
          "s": "time"}  # fmt: skip
_SECONDS = {"min": 60.0, "h": 3600.0, "d": 86400.0}
_POWER = re.compile(r"10[*^](-?\d{1,2})")
_TERM = re.compile(r"([TGMkhdcmunpf]?)(mol|\[[iI]U\]|[gLlmUs])(\d?)")
_SMALLEST = 1e-40  # beyond, no measure of anything
_ANNOTATION = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as `scale` times base units (g, mol, L, U, s), with the power of each in `dimensions`."""

    scale: float
    dimensions: tuple[tuple[str, int], ...]

    def power(self, name: str) -> int:
        return dict(self.dimensions).get(name, 0)


@dataclass(frozen=True, slots=True)
class Conversion:
    """`value * factor + offset`."""

    factor: float
    offset: float = 0.0

    def apply(self, value: float) -> float:
        return value * self.factor + self.offset


@cache
def parse(ucum: str) -> Unit | None:
    """None when it is not one of the units understood. `%`, `1`, a ratio and an empty unit have no dimension."""
    scale, powers = 1.0, dict[str, int]()
    first, *divisors = _ANNOTATION.sub("", ucum.strip()).split("/")
    for sign, part in [(1, first), *((-1, divisor) for divisor in divisors)]:
        for term in filter(None, part.split(".")):
            read = _term(term)
            if read is None:
                return None
            factor, name, power = read
            scale *= factor**sign
            if name:
                powers[name] = powers.get(name, 0) + sign * power
    if not _SMALLEST < scale < 1 / _SMALLEST:
        return None
    kept = {name: power for name, power in powers.items() if power}
    return Unit(scale, tuple(sorted(kept.items())))


def _term(term: str) -> tuple[float, str, int] | None:
    """(scale, base unit, power); a cubed length is a volume in litres."""
    if term in ("1", "%"):
        return (0.01 if term == "%" else 1.0), "", 0
    if term in _SECONDS:
        return _SECONDS[term], "time", 1
    power_of_ten = _POWER.fullmatch(term)
    if power_of_ten:
        return 10.0 ** int(power_of_ten[1]), "", 0
    match = _TERM.fullmatch(term)
    if match is None:
        return None
    prefix, atom, exponent = match[1], _ATOMS[match[2]], int(match[3] or 1)
    scale = 10.0 ** (_PREFIXES[prefix] * exponent)
    if atom == "length" and exponent == 3:
        return scale * 1000, "volume", 1
    return scale, atom, exponent


def conversion(source: str, target: str, molar_mass: float | None = None) -> Conversion | None:
    """Between two units of one quantity; `molar_mass` (g/mol) lets mass and amount change into each other. None: not the same."""
    one, other = parse(source), parse(target)
    if one is None or other is None:
        return None
    factor = one.scale / other.scale
    if one.dimensions == other.dimensions:
        return Conversion(_round(factor))
    moved = other.power("amount") - one.power("amount")
    balanced = one.power("mass") - other.power("mass") == moved
    rest = {name for name, _ in (*one.dimensions, *other.dimensions)} - {"mass", "amount"}
    if not molar_mass or not balanced or any(one.power(name) != other.power(name) for name in rest):
        return None
    return Conversion(_round(factor / molar_mass**moved))


# IFCC-NGSP master equation: NGSP (%) = 0.09148 x IFCC (mmol/mol) + 2.152.
_NGSP, _NGSP_OFFSET = 0.09148, 2.152


def hba1c(source: str, target: str) -> Conversion | None:
    """HbA1c between % (NGSP) and mmol/mol (IFCC): two calibrations, not two scales."""
    if source == target:
        return Conversion(1.0)
    if (source, target) == ("mmol/mol", "%"):
        return Conversion(_NGSP, _NGSP_OFFSET)
    if (source, target) == ("%", "mmol/mol"):
        return Conversion(1 / _NGSP, -_NGSP_OFFSET / _NGSP)
    return None


def _round(factor: float) -> float:
    """Without the dust of binary fractions: 10 significant digits."""
    return float(f"{factor:.10g}")
