"""Rules on units of measure: UCUM codes (HL7 V3 data types, PQ.unit; reference notes-terminologies-formats.md §2).

What is not written as UCUM is refused: two readers would take it for two units. What is written well of atoms nobody knows
(`mmHg`, `UI`) is told. Amounts of a product (`quantity`) count other things, which have codes of their own (BDPM).
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.xml import Element, Q, child
from dmp_desktop.terminology import is_ucum

_MEASURES: Final = tuple(
    f"{Q}{name}"
    for name in ("value", "low", "high", "center", "width", "period", "doseQuantity", "rateQuantity", "numerator")
)
_LONGEST: Final = 100  # characters; ours: the longest of the official list has 20

# Syntax (UCUM specification 2.2 §2): terms of components, an annotation in braces anywhere a component ends.
_GROUP: Final = "\0"  # in place of a term in parentheses: no XML holds it
_SIMPLE: Final = r"(?:10[*^]|(?:[A-Za-z%'_]|\[[!-Z^-z|~]+\])+)"
_COMPONENT: Final = rf"(?:(?:{_SIMPLE}(?:[+-]?\d+)?|\d+|{_GROUP})(?:\{{[^{{}}]*\}})?|\{{[^{{}}]*\}})"
_TERM: Final = rf"/?{_COMPONENT}(?:[./]{_COMPONENT})*"
_WHOLE: Final = re.compile(_TERM)
_INNER: Final = re.compile(rf"\(({_TERM})\)")
_ANNOTATION: Final = re.compile(r"\{[^{}]*\}")
_PLAIN_ANNOTATION: Final = re.compile(r"\{[!-z|~]*\}")
_ATOMS_OF: Final = re.compile(_SIMPLE)

# UCUM 2.2 tables 2, 5 and 6: prefixes, and atoms that take one.
_PREFIXES: Final = ("da", "Ki", "Mi", "Gi", "Ti", *"YZEPTGMkhdcmunpfazy")
_METRIC_ATOMS: Final = (
    "m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc st B B[SPL] B[V] B[mV] "
    "B[uV] B[W] B[kW] Np cal cal_th cal_IT cal_m eq osm g% kat U [iU] [IU] m[Hg] m[H2O] G Gal dyn erg P Bi St Mx Oe Gb sb "
    "Lmb ph Ci R RAD REM Ky mho gf tex bit By Bd [m_e] [e] [g] [c] [ly]"
)
_OTHER_ATOMS: Final = (
    "10* 10^ % ' '' gon deg min h d wk mo mo_s mo_j mo_g a a_t a_j a_g AU atm att b circ sph bit_s "
    "[ppth] [ppm] [ppb] [pptr] [pi] [pH] [HPF] [LPF] [CFU] [PFU] [FFU] [TCID_50] [CCID_50] [EID_50] [AU] [BAU] [ELU] [EU] "
    "[FEU] [PNU] [PRU] [IR] [Lf] [G] [MET] [S] [Ch] [Cal] [diop] [p'diop] [mesh_i] [drp] [degF] [degR] [degRe] [HP] [psi] "
    "[car_m] [car_Au] %[slope] [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [bdsk'U] [ka'U] [todd'U] [tb'U] [dye'U] "
    "[smgy'U] [mclg'U] [hnsf'U] [wood'U] [anti'Xa'U] [Amb'a'1'U] [D'ag'U] [knk'U] [in_i] [ft_i] [yd_i] [mi_i] [sin_i] [sft_i] "
    "[cin_i] [lb_av] [oz_av] [gr] [in_i'Hg] [in_i'H2O] [tsp_us] [tbs_us] [foz_us] [tsp_m] [tbs_m] [cup_m]"
)
_METRIC: Final = frozenset(_METRIC_ATOMS.split())
_OTHERS: Final = frozenset(_OTHER_ATOMS.split())
# French laboratories print these for 10*9/L and 10*12/L; to a program they are gauss and tesla per litre.
_MISREAD: Final = frozenset({"G/L", "T/L"})


class Unit(Enum):
    """What an untrusted unit is."""

    KNOWN = auto()
    UNKNOWN = auto()  # written as UCUM, of atoms that are not in its tables as we have them, or surely not meant
    FOREIGN = auto()  # no UCUM at all


@lru_cache(maxsize=1024)
def judge(unit: str) -> Unit:
    """By our table, else by the grammar and the atoms. Case-sensitive."""
    if is_ucum(unit):
        return Unit.KNOWN
    if not 0 < len(unit) <= _LONGEST or _GROUP in unit:
        return Unit.FOREIGN
    flat, inside = unit, ""
    while flat != inside:
        flat, inside = _INNER.sub(_GROUP, flat), flat
    if not _WHOLE.fullmatch(flat):
        return Unit.FOREIGN
    if unit in _MISREAD or not all(map(_PLAIN_ANNOTATION.fullmatch, _ANNOTATION.findall(unit))):
        return Unit.UNKNOWN
    atoms = _ATOMS_OF.findall(_ANNOTATION.sub("", unit))
    return Unit.KNOWN if all(map(_is_atom, atoms)) else Unit.UNKNOWN


def _is_atom(text: str) -> bool:
    if text in _METRIC or text in _OTHERS:
        return True
    return any(text.startswith(prefix) and text[len(prefix) :] in _METRIC for prefix in _PREFIXES)


def check_units(document: Element, report: Report) -> None:
    """Every measure of the body that has a unit."""
    body = child(document, "component", "structuredBody")
    for element in () if body is None else body.iter(*_MEASURES):
        unit = element.get("unit")
        match None if unit is None else judge(unit):
            case Unit.FOREIGN:
                report.error("unit", "L'unité d'une mesure n'est pas écrite en UCUM.", element, "@unit")
            case Unit.UNKNOWN:
                report.warn("unit-unknown", "L'unité d'une mesure n'est pas une unité UCUM connue.", element, "@unit")
