"""Units and analytes: exact conversions, and the pools that must never be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.terminology.analytes import analyte_by_code, analyte_by_label, analytes
from dmp_desktop.terminology.conversion import conversion, hba1c, parse
from dmp_desktop.terminology.vocabulary import measure

CODES = [code for analyte in analytes() for code in analyte.loinc]


@pytest.mark.parametrize(
    ("source", "target", "molar_mass", "value", "expected"),
    [
        ("g/L", "mmol/L", 180.16, 0.95, 5.273),
        ("mg/dL", "mmol/L", 180.16, 95, 5.273),
        ("mg/L", "umol/L", 113.12, 8.3, 73.37),
        ("umol/L", "mg/L", 113.12, 73.37, 8.3),
        ("ug/L", "nmol/L", 441.4, 25, 56.64),
        ("g/L", "g/dL", None, 132, 13.2),
        ("/mm3", "10*9/L", None, 6600, 6.6),
        ("/uL", "10*9/L", None, 6600, 6.6),
        ("10*6/uL", "10*12/L", None, 4.5, 4.5),
        ("u[IU]/mL", "m[IU]/L", None, 2.1, 2.1),
        ("[IU]/L", "U/L", None, 30, 30),
        ("pg/mL", "ng/L", None, 125, 125),
        ("mg/g", "mg/mmol", 113.12, 30, 3.394),
        ("%", "1", None, 41, 0.41),
        ("L/L", "%", None, 0.41, 41),
        ("mL/min", "mL/min/{1.73_m2}", None, 62, 62),
        ("mL/s", "mL/min", None, 1.0, 60),
    ],
)
def test_conversions(source: str, target: str, molar_mass: float | None, value: float, expected: float) -> None:
    found = conversion(source, target, molar_mass)
    assert found is not None
    assert found.apply(value) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("source", "target", "molar_mass"),
    [
        ("g/L", "mmol/L", None),
        ("g/L", "U/L", 100.0),
        ("g/L", "g", 100.0),
        ("mm/h", "s", None),
        ("[pH]", "1", None),
        ("furlong", "m", None),
        ("g/L", "10*9/L", 100.0),
        ("mmol/L", "mmol/d", 100.0),
    ],
)
def test_what_cannot_be_converted_is_not(source: str, target: str, molar_mass: float | None) -> None:
    assert conversion(source, target, molar_mass) is None


def test_hba1c_is_no_scale() -> None:
    to_ngsp, to_ifcc = hba1c("mmol/mol", "%"), hba1c("%", "mmol/mol")
    assert to_ngsp is not None
    assert to_ifcc is not None
    assert to_ngsp.apply(53) == pytest.approx(7.0, abs=0.01)
    assert to_ifcc.apply(7.0) == pytest.approx(53, abs=0.1)
    assert hba1c("g/L", "%") is None


@given(st.sampled_from(["g/L", "mg/dL", "mmol/L", "umol/L", "ug/mL", "nmol/mL"]), st.floats(1e-3, 1e4))
def test_there_and_back(unit: str, value: float) -> None:
    there, back = conversion(unit, "mmol/L", 180.16), conversion("mmol/L", unit, 180.16)
    assert there is not None
    assert back is not None
    assert back.apply(there.apply(value)) == pytest.approx(value, rel=1e-8)


@given(st.text(max_size=12))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    unit = parse(text)
    assert unit is None or unit.scale > 0


@pytest.mark.parametrize("unit", ["10*99.10*99/10*-99", "fm9.fm9.fm9", "10*-99/L", "g" * 5000])
def test_a_hostile_unit_is_refused(unit: str) -> None:
    assert parse(unit) is None


def test_codes_are_loinc_and_belong_to_one_analyte() -> None:
    """The check digit is that of LOINC (modulus 10): a slip of the pen does not pass."""
    assert len(CODES) == len(set(CODES))
    for code in CODES:
        number, _, check = code.partition("-")
        reverse = number[::-1]
        total = sum(int(digit) for digit in str(2 * int(reverse[::2][::-1])) + reverse[1::2])
        assert (10 - total % 10) % 10 == int(check), code


def test_units_are_understood_and_agree_with_the_other_tables() -> None:
    for analyte in analytes():
        assert parse(analyte.unit) is not None, analyte.key
        for code in analyte.loinc:
            known = measure(code)
            if known is not None and known.unit:
                assert analyte.conversion(known.unit, analyte.unit) is not None, code


def test_other_specimens_formulas_and_calibrations_stay_apart() -> None:
    apart = [
        ("3016-3", "29575-8"),  # TSH: serum, dried spot
        ("2345-7", "32016-8"),  # glucose: serum, capillary
        ("2345-7", "53049-3"),  # random, fasting
        ("62238-1", "33914-3"),
        ("62238-1", "98979-8"),
        ("48065-7", "48066-5"),
        ("4548-4", "27353-2"),  # HbA1c, mean glucose estimated from it
        ("3091-6", "3094-0"),  # urea, its nitrogen
        ("1988-5", "30522-7"),
    ]
    for one, other in apart:
        assert analyte_by_code(one) is not analyte_by_code(other), (one, other)
    assert analyte_by_code("3016-3") is analyte_by_code("11580-8")
    assert analyte_by_code("40193-5") is analyte_by_code("53049-3")


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("CRP", "crp"),
        ("C Réactive protéine [Masse/Volume] Sérum/Plasma ; Numérique", "crp"),
        ("Thyréostimuline [Arbitraire/Volume] Sang buvard ; Numérique", None),
        ("Leucocytes [Nombre/Volume] Urine ; Numérique", None),
        ("HÉMATOCRITE", "haematocrit"),
        ("Glycémie post-prandiale", None),
        ("", None),
    ],
)
def test_by_label(label: str, key: str | None) -> None:
    found = analyte_by_label(label)
    assert (found.key if found else None) == key
