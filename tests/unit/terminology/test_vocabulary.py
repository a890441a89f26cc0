"""Drugs, vaccines, laboratory results, units and abbreviations."""

from __future__ import annotations

import re

import pytest

from dmp_desktop import terminology


def test_loinc_codes_have_their_check_digit() -> None:
    rows = terminology.read_table("loinc")
    assert len(rows) >= 150
    for code, _, unit, _, origin in rows:
        digits, check = code.split("-")
        total = 0
        for index, digit in enumerate(reversed(digits)):  # LOINC users' guide, "mod 10 check digits"
            value = int(digit) * (2 if index % 2 == 0 else 1)
            total += value - 9 if value > 9 else value
        assert (10 - total % 10) % 10 == int(check), code
        assert origin in {"ans", "known"}
        assert not unit or unit in {row[0] for row in terminology.read_table("ucum")}, (code, unit)


def test_results_are_measures() -> None:
    for term, code, unit, _ in terminology.read_table("results"):
        measure = terminology.measure(code)
        assert measure is not None, term
        assert measure.unit == unit, term
    assert terminology.measure("0-0") is None


@pytest.mark.parametrize(
    ("written", "ucum"),
    [
        ("mmHg", "mm[Hg]"),
        ("MMHG", "mm[Hg]"),
        ("G/L", "10*9/L"),
        ("g/l", "g/L"),
        ("g/L", "g/L"),
        ("µmol/l", "umol/L"),
        ("umol/L", "umol/L"),
        ("UI/L", "[IU]/L"),
        ("U/L", "U/L"),
        ("bpm", "/min"),
        ("°C", "Cel"),
        ("mL/min/1,73 m²", "mL/min/{1.73_m2}"),
        ("kilos", "kg"),
        ("comprimé", None),
        ("", None),
    ],
)
def test_unit_from_text(written: str, ucum: str | None) -> None:
    assert terminology.unit_from_text(written) == ucum


def test_units_are_printed_as_people_read_them() -> None:
    rows = terminology.read_table("ucum")
    assert len(rows) >= 60
    for code, printed, _ in rows:
        assert terminology.unit_label(code) == printed
        assert not re.search(r"[\[\]{}*]", printed), code
    assert terminology.unit_label("furlong") == "furlong"


def test_vaccines() -> None:
    rows = terminology.read_table("vaccines")
    assert sum(row[2] == "brand" for row in rows) >= 60
    hexyon = terminology.vaccine("hexyon")
    assert hexyon is not None
    assert (hexyon.atc.code, hexyon.cisis) == ("J07CA09", None)
    prevenar = terminology.vaccine("prevenar 20")
    assert prevenar is not None
    assert prevenar.cisis is not None
    assert prevenar.cisis.code == "J07AL"
    sets = [terminology.ValueSet.VACCINE_CS8, terminology.ValueSet.VACCINE_CS9, terminology.ValueSet.VACCINE_CS24]
    for term, atc, _, _, _, cisis in rows:
        listed = [
            code.code for value_set in sets for code in terminology.codes_of(value_set) if atc.startswith(code.code)
        ]
        assert cisis == max(listed, key=len, default=""), term
    assert terminology.vaccine("doliprane") is None


def test_drug_and_abbreviation() -> None:
    eliquis = terminology.drug("eliquis")
    assert eliquis is not None
    assert (eliquis.atc.code, eliquis.dci) == ("B01AF02", "apixaban")
    assert terminology.drug("table") is None
    assert len(terminology.read_table("abbreviations")) >= 200
    assert terminology.expansion("ECBU") == "examen cytobactériologique des urines"
    assert terminology.expansion("zzz") is None
