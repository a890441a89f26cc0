"""What changed inside: abnormal first, what is new against what earlier documents said, in the words of the author."""

from __future__ import annotations

from datetime import date

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.changes import Severity, changes
from tests.helpers.facts import entry, read, result, treatment


def problem(label: str, status: str = "present") -> ClinicalItem:
    return ClinicalItem(ItemKind.PROBLEM, label, ProposalStatus(status))


def test_abnormal_results_of_a_report_with_the_value_before() -> None:
    old = read(entry("2026-10-01"), result("2823-3", 4.8, "mmol/L", "2026-10-01"))
    new = read(
        entry("2026-11-02"),
        result("2951-2", 140, "mmol/L", "2026-11-02", flag="N"),
        result("2093-3", 2.6, "g/L", "2026-11-02", flag="H", high=2.0),
        result("2823-3", 5.9, "mmol/L", "2026-11-02", flag="AA", low=3.5, high=5.1),
    )
    (found,) = changes([new], [old])
    assert found.text == "Potassium 5,9 mmol/L ▲ (3,5–5,1), avant 4,8 · Cholestérol total 2,6 g/L ▲ (≤ 2)"
    assert (found.severity, found.icon) == (Severity.CRITICAL, "lab")


def test_many_abnormal_results_are_counted_and_what_was_normal_before_comes_first() -> None:
    codes = ["14682-9", "22664-7", "2951-2", "2823-3", "2075-0", "1963-8"]
    old = read(entry("2026-10-01"), *(result(code, 1, "mmol/L", "2026-10-01", flag="L") for code in codes[:5]))
    new = read(entry("2026-11-02"), *(result(code, 2, "mmol/L", "2026-11-02", flag="L") for code in codes))
    (found,) = changes([new], [old])
    assert found.text.startswith("Bicarbonates 2 mmol/L ▼")
    assert found.text.endswith("et 2 autres")
    assert found.severity is Severity.WARNING


def test_a_quoted_or_already_told_result_is_not_news() -> None:
    told = result("2823-3", 6.0, "mmol/L", "2026-10-01T08:00:00+02:00", flag="H")
    quoted = result("2823-3", 6.0, "mmol/L", "2026-10-01T08:00:00+02:00", quoted=True, flag="H")
    old = read(entry("2026-10-01"), told)
    assert not changes([read(entry("2026-11-02"), quoted)], [old])
    assert not changes([read(entry("2026-11-02"), told)], [old])


def test_treatments_begun_and_ended() -> None:
    old = read(entry("2026-01-01"), treatment("TRIATEC 5 mg"), treatment("Bisoprolol 2,5 mg"))
    new = read(
        entry("2026-11-02"),
        treatment("Apixaban 5 mg", Origin.PRESCRIBED, "1-0-1"),
        treatment("BISOPROLOL EG 2,5 mg", Origin.PRESCRIBED),
        treatment("Ramipril 5 mg", end=date(2026, 11, 2)),
    )
    begun, ended = changes([new], [old])
    assert begun.text == "+ Apixaban 5 mg (1-0-1)"
    assert ended.text == "− Ramipril 5 mg"


def test_new_diagnoses_and_allergies_once() -> None:
    first = read(entry("2026-11-01"), problem("Fibrillation atriale"), problem("HTA"))
    second = read(
        entry("2026-11-02"),
        problem("Fibrillation atriale"),
        problem("BPCO", "suspected"),
        problem("Appendicite", "history"),
        ClinicalItem(ItemKind.ALLERGY, "Pénicilline"),
    )
    found = changes([second, first], [read(entry("2020-01-01"), problem("HTA"))])
    assert [(change.unique_id, change.text) for change in found] == [
        (first.entry.unique_id, "Nouveau diagnostic : Fibrillation atriale"),
        (second.entry.unique_id, "Nouveau diagnostic : suspicion de BPCO"),
        (second.entry.unique_id, "Allergie : Pénicilline"),
    ]
