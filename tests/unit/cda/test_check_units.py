"""Units of measure: ours, those of the UCUM grammar, those nobody knows, and what is no UCUM."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.cda.check.units import Unit, judge
from dmp_desktop.terminology.resources import read_table

SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", Path(__file__).parents[4] / "shared"))
OFFICIAL = SHARED / "ans/schematrons/profils/terminologies/terminologie/2.16.840.1.113883.6.8.xml"


@pytest.mark.parametrize(
    "unit",
    [
        "mm[Hg]",
        "g/mL",
        "mV",
        "Ohm",
        "umol/L/h",
        "mg/mmol{creat}",
        "{tbl}",
        "/(12.h)",
        "dyn.s/(cm.m2)",
        "((kg))",
        "m/s2",
        "10*-3.[CFU]/mL",
        "10^6",
        "24.h",
        "[in_i'H2O]",
        "daPa",
        "nkat",
    ],
)
def test_known(unit: str) -> None:
    assert judge(unit) is Unit.KNOWN


@pytest.mark.parametrize(
    "unit", ["mmHg", "UI", "UI/L", "cp", "mEq/L", "[blob]", "{comprimé}", "{1,73 m2}", "G/L", "kh"]
)
def test_unknown(unit: str) -> None:
    assert judge(unit) is Unit.UNKNOWN


@pytest.mark.parametrize(
    "unit",
    [
        *("", " ", " kg", "kg ", "mm Hg", "µg", "°C", "kg/m²", "mg/24h", "mL/min/1,73m2", "H2O", "g par jour"),
        *(
            "mg//L",
            "mg/",
            ".g",
            "g.",
            "(g",
            "g)",
            "()",
            "(g)2",
            "cm[H2O",
            "{a",
            "a}",
            "{a}{b}",
            "2kg3x",
            "-1",
            "g" * 101,
        ),
        *("\0", "(" * 49 + "g" + ")" * 50),
    ],
)
def test_no_ucum(unit: str) -> None:
    assert judge(unit) is Unit.FOREIGN


def test_all_of_ours_hold_in_the_grammar_too() -> None:
    """Each in a product with another unit, which the table does not hold."""
    for code, *_ in read_table("ucum"):
        assert judge(f"{code.removeprefix('/')}.km") is Unit.KNOWN, code


@pytest.mark.shared
@pytest.mark.skipif(not OFFICIAL.exists(), reason=f"official list of UCUM codes absent: {OFFICIAL}")
def test_official_list() -> None:
    """Nothing on the list of the ANS is refused but what breaks UCUM's own grammar; the unknown are units of other trades."""
    judged = {code: judge(code) for item in etree.parse(OFFICIAL).iter("code") if (code := (item.text or "").strip())}
    assert {code for code, unit in judged.items() if unit is Unit.FOREIGN} == {"[m/s2/Hz^(1/2)]"}
    known = sum(unit is Unit.KNOWN for unit in judged.values())
    assert known / len(judged) > 0.85
    assert all("[" in code or code in {"Ao", "Torr"} for code, unit in judged.items() if unit is Unit.UNKNOWN)
