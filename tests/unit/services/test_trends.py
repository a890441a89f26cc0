"""Biology across laboratories: one curve an analyte, conversions told, nothing invented, nothing pooled that differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.services.lab_series import Direction, LabPoint, LabSeries
from dmp_desktop.services.trends import in_unit, trends_of, units_of
from dmp_desktop.terminology.analytes import analytes
from tests.helpers.facts import PDF, entry, read, result


def series(*documents: ReadDocument) -> dict[str, LabSeries]:
    return {one.key: one for one in trends_of(documents).series}


def test_mass_and_moles_share_a_curve_and_the_conversion_is_told() -> None:
    found = series(
        read(entry("2024-10-01"), result("40193-5", 5.3, "mmol/L", "2024-10-01T08:00:00+02:00", low=3.5, high=6.1)),
        read(entry("2024-11-10"), result("53049-3", 0.95, "g/L", "2024-11-10T08:00:00+01:00", low=0.63, high=1.1)),
    )
    glucose = found["glucose_fasting"]
    assert (glucose.unit, glucose.loinc) == ("mmol/L", ("40193-5", "53049-3"))
    first, last = glucose.points
    assert (first.value, first.conversion) == (5.3, "")
    assert (last.value, last.text, last.unit) == (5.273, "0.95", "g/L")
    assert last.conversion == "0,95 g/L × 5,551 = 5,27 mmol/L"
    assert (last.low, last.high) == (3.497, 6.106)
    assert (glucose.direction, glucose.band) == (Direction.DOWN, (3.497, 6.106))


def test_reports_that_agree_on_a_unit_keep_it() -> None:
    found = series(
        read(entry("2024-10-01"), result("2093-3", 1.9, "g/L", "2024-10-01")),
        read(entry("2024-11-10"), result("2093-3", 2.1, "g/L", "2024-11-10")),
    )
    assert found["cholesterol"].unit == "g/L"
    assert not any(point.conversion for point in found["cholesterol"].points)


def test_scales_and_french_writings() -> None:
    found = series(
        read(
            entry("2024-10-01"),
            result("718-7", 132, "g/L", "2024-10-01"),
            result("777-3", 220000, "/mm3", "2024-10-01"),
        ),
        read(
            entry("2024-11-10"), result("718-7", 13.1, "g/dL", "2024-11-10"), result("777-3", 210, "G/L", "2024-11-10")
        ),
    )
    assert [point.value for point in found["haemoglobin"].points] == [13.2, 13.1]
    assert found["haemoglobin"].direction is Direction.DOWN
    assert [point.value for point in found["platelets"].points] == [220, 210]


def test_hba1c_is_converted_by_its_equation() -> None:
    found = series(
        read(entry("2024-10-01"), result("59261-8", 53, "mmol/mol", "2024-10-01")),
        read(entry("2024-11-10"), result("4548-4", 7.1, "%", "2024-11-10")),
    )
    first, last = found["hba1c"].points
    assert (found["hba1c"].unit, first.value, last.value) == ("%", 7.0, 7.1)
    assert first.conversion == "53 mmol/mol × 0,09148 + 2,152 = 7 %"


def test_what_cannot_be_converted_is_a_series_of_its_own() -> None:
    found = series(
        read(entry("2024-10-01"), result("14682-9", 80, "umol/L", "2024-10-01")),
        read(entry("2024-11-10"), result("14682-9", 9, "", "2024-11-10")),
        read(entry("2024-11-11"), result("14682-9", 8, "verres", "2024-11-11")),
    )
    assert {one.unit: [point.value for point in one.points] for one in found.values()} == {
        "umol/L": [80],
        "": [9],
        "verres": [8],
    }


def test_a_bare_number_is_no_percentage() -> None:
    found = series(
        read(entry("2024-10-01"), result("4544-3", 41, "%", "2024-10-01")),
        read(entry("2024-11-10"), result("4544-3", 42, "", "2024-11-10")),
        read(entry("2024-12-10"), result("4544-3", 0.43, "L/L", "2024-12-10")),
    )
    assert [point.value for point in found["haematocrit"].points] == [41, 43]
    assert [one.unit for one in found.values()] == ["%", ""]


def test_formulas_specimens_and_isolates_stay_apart() -> None:
    found = series(
        read(
            entry("2024-10-01"),
            result("62238-1", 60, "mL/min", "2024-10-01"),
            result("33914-3", 62, "mL/min", "2024-10-01"),
            result("3016-3", 2.0, "m[IU]/L", "2024-10-01"),
            result("29575-8", 2.0, "m[IU]/L", "2024-10-01"),
            result("20-8", ">= 0.5", "ug/mL", "2024-10-01", specimen="E. coli", flag="R"),
            result("20-8", "<= 0.1", "ug/mL", "2024-10-01", specimen="Proteus", flag="S"),
        )
    )
    assert len(found) == 6


def test_bounds_are_no_values() -> None:
    (crp,) = series(read(entry("2024-10-01"), result("1988-5", "<= 1.0", "mg/L", "2024-10-01", high=5.0))).values()
    assert (crp.last.value, crp.last.bound, crp.last.text) == (None, 1.0, "<= 1.0")
    assert crp.direction is Direction.UNKNOWN
    assert not crp.last.abnormal


def test_without_a_code_the_name_places_it_and_this_is_marked() -> None:
    found = series(
        read(entry("2024-10-01"), result("1988-5", 3, "mg/L", "2024-10-01", high=5)),
        read(entry("2024-11-10"), result("", 12, "mg/L", "2024-11-10", label="CRP", high=4)),
        read(entry("2024-11-10"), result("", 4, "mg/L", "2024-11-10", label="Dosage maison")),
    )
    assert [point.by_label for point in found["crp"].points] == [False, True]
    assert found["crp"].by_label
    assert found["label:dosage maison"].last.value == 4


def test_a_result_told_twice_counts_once_with_both_documents() -> None:
    own, again = entry("2024-10-01", author="A"), entry("2024-10-02", author="B")
    found = series(
        read(again, result("2823-3", 4.1, "mmol/L", "2024-10-01T08:00:00+02:00", quoted=True)),
        read(own, result("2823-3", 4.1, "mmol/L", "2024-10-01T08:00:30+02:00", flag="N")),
        read(entry("2024-10-03"), result("2823-3", 4.1, "mmol/L", "2024-10-03T08:00:00+02:00")),
    )
    first, last = found["potassium"].points
    assert first.sources == (again, own) or first.sources == (own, again)
    assert not first.quoted
    assert last.sources != first.sources


def test_one_tube_in_two_units_is_one_result() -> None:
    found = series(
        read(
            entry("2024-10-01"),
            result("40193-5", 5.3, "mmol/L", "2024-10-01T08:00:00+02:00"),
            result("53049-3", 0.95, "g/L", "2024-10-01T08:00:00+02:00"),
        )
    )
    (point,) = found["glucose_fasting"].points
    assert (point.value, point.also) == (5.3, ("0,95 g/L",))


def test_a_result_without_a_date_takes_that_of_its_document_and_says_so() -> None:
    (one,) = series(read(entry("2024-10-01"), result("2823-3", 4.1, "mmol/L"))).values()
    assert (one.last.when.date().isoformat(), one.last.dated) == ("2024-10-01", False)


def test_abnormal_by_the_flag_else_by_the_limits() -> None:
    found = series(
        read(
            entry("2024-10-01"),
            result("2823-3", 6.4, "mmol/L", "2024-10-01", flag="AA", high=5.1),
            result("2951-2", 150, "mmol/L", "2024-10-01", high=145),
            result("2075-0", 110, "mmol/L", "2024-10-01", high=107, flag="N"),
        )
    )
    assert found["potassium"].last.critical
    assert found["sodium"].last.abnormal
    assert not found["sodium"].last.critical
    assert not found["chloride"].last.abnormal


def test_reports_that_no_program_can_read_are_listed_but_not_the_twin_of_one_that_was() -> None:
    told = entry("2024-10-01T08:00:00")
    twin, alone, letter = (
        entry("2024-10-01T08:00:00", form=PDF),
        entry("2024-11-10T08:00:00", form=PDF),
        entry("2024-11-11T08:00:00", type_code="11488-4", form=PDF),
    )
    found = trends_of([read(told, result("2823-3", 4.1, "mmol/L")), read(twin), read(alone), read(letter)])
    assert found.unexploitable == (alone,)


def test_a_report_that_is_not_surely_the_twin_stays_to_be_read() -> None:
    """Other analyses of the same sample, as a PDF: of another title, of another day, or one of two."""
    told = replace(entry("2024-10-01T08:00:00"), title="CR biologie")
    twin = replace(entry("2024-10-01T08:00:00", form=PDF), title="CR biologie")
    blood = read(told, result("2823-3", 4.1, "mmol/L"))
    assert trends_of([blood, read(twin)]).unexploitable == ()
    for other in (
        replace(twin, title="CR biologie : hémocultures"),
        replace(twin, creation_time=told.creation_time + timedelta(days=2)),
    ):
        assert trends_of([blood, read(other)]).unexploitable == (other,)
    second = replace(twin, unique_id="2.25.99999")
    assert len(trends_of([blood, read(twin), read(second)]).unexploitable) == 2


@pytest.mark.parametrize("order", [1, -1])
def test_the_worst_flag_and_the_known_limits_of_one_result_are_kept_whatever_the_order(order: int) -> None:
    """The letter tells the number, the laboratory tells that it is critical."""
    when = "2026-11-01T08:00:00+01:00"
    letter = read(entry("2026-11-01", "Lettre"), result("2823-3", 6.5, "mmol/L", when))
    normal = read(entry("2026-11-01", "Autre"), result("2823-3", 6.5, "mmol/L", when, flag="N"))
    report = read(entry("2026-11-01", "Labo"), result("2823-3", 6.5, "mmol/L", when, flag="HH", low=3.5, high=5.1))
    (found,) = series(*[letter, report, normal][::order]).values()
    (point,) = found.points
    assert (point.flag, point.critical, point.low, point.high) == ("HH", True, 3.5, 5.1)
    limits = read(entry("2026-11-01"), result("2823-3", 6.5, "mmol/L", when, low=3.5, high=5.1))
    (found,) = series(*[letter, limits, normal][::order]).values()
    assert found.last.abnormal
    assert found.last.sources == tuple(one.entry for one in [letter, limits, normal][::order])


@pytest.mark.parametrize("flag", ["POS", "DET", "E", "R", "*", "anormal++"])
def test_a_flag_that_judges_nothing_leaves_the_limits_to_judge(flag: str) -> None:
    def point(value: float) -> LabPoint:
        told = result("2823-3", value, "mmol/L", "2026-11-01", flag=flag, low=3.5, high=5.1)
        return series(read(entry("2026-11-02"), told))["potassium"].last

    assert point(6.5).abnormal
    assert point(3.0).abnormal
    assert not point(4.0).abnormal


@pytest.mark.parametrize(("flag", "abnormal"), [("POS", True), ("DET", True), ("RR", True), ("R", False), ("E", False)])
def test_what_was_found_is_abnormal_where_no_limits_judge(flag: str, abnormal: bool) -> None:
    told = result("600-7", "Staphylococcus aureus", "", "2026-11-01", flag=flag)
    (found,) = series(read(entry("2026-11-02"), told)).values()
    assert found.last.abnormal is abnormal


@pytest.mark.parametrize(
    ("flag", "critical"),
    [("HX", False), ("LX", False), ("h", False), ("hh", True), ("H>", True), ("HH ", True), ("N HH", True)],
)
def test_flags_are_known_in_any_case_and_the_worst_counts(flag: str, critical: bool) -> None:
    told = result("2823-3", 4.0, "mmol/L", "2026-11-01", flag=flag, low=3.5, high=5.1)
    point = series(read(entry("2026-11-02"), told))["potassium"].last
    assert (point.abnormal, point.critical) == (True, critical)


@pytest.mark.parametrize(
    ("text", "abnormal"),
    [
        ("> 10000", True),
        (">= 14", False),
        ("> 14", True),
        (">= 15", True),
        ("< 3", True),
        ("<= 5", False),
        ("< 9", False),
    ],
)
def test_a_result_off_the_scale_is_judged_by_its_limits(text: str, abnormal: bool) -> None:
    told = result("6598-7", text, "ng/L", "2026-11-01", low=5, high=14)
    assert series(read(entry("2026-11-02"), told))["loinc:6598-7"].last.abnormal is abnormal


def test_limits_in_another_unit_are_converted_or_dropped() -> None:
    def point(unit: str) -> LabPoint:
        told = result("2160-0", 20, "mg/L", "2026-11-01", low=60, high=110, limits_unit=unit)
        return series(read(entry("2026-11-02"), told))["creatinine"].last

    assert (point("umol/L").low, point("umol/L").high, point("umol/L").abnormal) == (6.787, 12.44, True)
    assert (point("verres").low, point("verres").high, point("verres").abnormal) == (None, None, False)
    assert (point("mg/L").high, point("").high) == (110, 110)


SERUM = result("2160-0", 80, "umol/L", "2026-11-01", label="Créatinine", low=60, high=110)


@pytest.mark.parametrize(
    "told",
    [
        {"material": "Urine"},
        {"material_hint": "Urine"},
        {"material": "LCR", "low": 60, "high": 110},
        {"section": "18729-4"},
        {"low": 3.0, "high": 18.0},
        {"low": 0.06},
    ],
)
def test_a_name_alone_joins_no_curve_of_another_specimen(told: dict[str, object]) -> None:
    urine = result("", 8.0, "mmol/L", "2026-11-01", label="Créatinine", **told)
    found = trends_of([read(entry("2026-11-02"), SERUM, urine)]).series
    assert [[point.value for point in one.points] for one in found] == [[80.0], [8.0]]
    assert found[1].by_label


def test_a_name_joins_the_curve_where_the_specimen_or_the_limits_are_the_same() -> None:
    told = [
        result("", 9.0, "mg/L", "2026-11-02", label="Créatinine", low=6.0, high=12.0),
        result("", 85, "umol/L", "2026-11-03", label="Créatininémie"),
        result("", 86, "umol/L", "2026-11-04", label="Créatinine", material="Sérum"),
        result("", 87, "umol/L", "2026-11-05", label="Créatinine", material_hint="Sang"),
    ]
    (found,) = series(read(entry("2026-11-05"), SERUM, *told)).values()
    assert [point.by_label for point in found.points] == [False, True, True, True, True]


def test_a_code_of_serum_on_a_declared_urine_stays_apart() -> None:
    wrong = result("2160-0", 8, "mmol/L", "2026-11-01", material="Urine")
    assert len(series(read(entry("2026-11-02"), SERUM, wrong))) == 2


def test_a_result_dated_after_its_document_is_never_the_last_value() -> None:
    known = result("2823-3", 5.0, "mmol/L", "2026-11-01")
    wrong = result("2823-3", 4.0, "mmol/L", "2099-11-01")
    found = trends_of([read(entry("2026-11-02"), known, wrong)]).series
    assert [(one.last.value, one.future) for one in found] == [(5.0, False), (4.0, True)]


def test_what_was_not_found_is_on_no_curve_and_is_told() -> None:
    denied = replace(result("600-7", "Staphylococcus aureus", "", "2026-11-01"), status=ProposalStatus.ABSENT)
    cancelled = replace(result("2823-3", 6.9, "mmol/L", "2026-11-02", flag="HH"), status=ProposalStatus.CANCELLED)
    found = trends_of([read(entry("2026-11-02"), denied, cancelled)])
    assert found.series == ()
    assert [(point.status, point.value, point.abnormal) for point in found.others] == [
        (ProposalStatus.CANCELLED, None, False),
        (ProposalStatus.ABSENT, None, False),
    ]
    assert found.unexploitable == ()


CODES = [code for analyte in analytes() for code in analyte.loinc] + ["99999-9", ""]
UNITS = [
    "g/L",
    "mmol/L",
    "umol/L",
    "mg/dL",
    "%",
    "mmol/mol",
    "10*9/L",
    "/mm3",
    "UI/L",
    "m[IU]/L",
    "",
    "verres",
    "mL/min",
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(CODES),
            st.sampled_from(UNITS),
            st.one_of(st.floats(1e-4, 1e7), st.sampled_from(["négatif", "<= 1.0", ""])),
        ),
        max_size=12,
    )
)
def test_every_result_has_its_point_and_no_value_is_invented(told: list[tuple[str, str, float | str]]) -> None:
    """Any codes and units: as many points as results; what is not converted is as written; what is, tells how."""
    document = entry("2026-01-01")
    items = [
        result(code, value, unit, f"2025-{month:02}-01", label="Analyse")
        for month, (code, unit, value) in enumerate(told, 1)
    ]
    found = trends_of([read(document, *items)]).series
    points = [point for one in found for point in one.points]
    assert len(points) == len(items)
    for one in found:
        assert list(one.points) == sorted(one.points, key=lambda point: point.when)
        for point in one.points:
            if point.conversion:
                assert point.unit != one.unit
            elif point.value is not None:
                assert str(point.value) == point.text


def test_a_series_may_be_shown_in_any_unit_it_was_written_in() -> None:
    (glucose,) = series(
        read(entry("2024-10-01"), result("40193-5", 5.3, "mmol/L", "2024-10-01", low=3.5, high=6.1)),
        read(entry("2024-11-10"), result("53049-3", 0.95, "g/L", "2024-11-10", low=0.63, high=1.1)),
    ).values()
    assert units_of(glucose) == ("mmol/L", "g/L")
    first, last = in_unit(glucose, "g/L").points
    assert (first.value, first.conversion) == (0.955, "5,3 mmol/L × 0,1802 = 0,955 g/L")
    assert (last.value, last.low, last.high, last.conversion) == (0.95, 0.63, 1.1, "")
    assert in_unit(glucose, "mmol/L") == glucose
    assert in_unit(glucose, "verres") == glucose


def test_bounds_and_words_follow_the_unit_or_stay() -> None:
    (found,) = series(
        read(entry("2024-10-01"), result("2093-3", 1.9, "g/L", "2024-10-01")),
        read(entry("2024-10-02"), result("2093-3", 5.0, "mmol/L", "2024-10-02")),
        read(entry("2024-10-03"), result("2093-3", "< 0.5", "g/L", "2024-10-03")),
        read(entry("2024-10-04"), result("2093-3", "prélèvement coagulé", "", "2024-10-04")),
    ).values()
    other = next(unit for unit in units_of(found) if unit != found.unit)
    moved = in_unit(found, other)
    assert [point.text for point in moved.points] == [point.text for point in found.points]
    assert moved.points[3].value is None
    assert moved.points[2].bound == (0.5 if other == "g/L" else 1.29)
