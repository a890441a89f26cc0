"""What changed inside: abnormal first, what is new against what earlier documents said, in the words of the author."""

from __future__ import annotations

from datetime import date

import pytest

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.changes import Severity, changes
from dmp_desktop.services.facts import ReadDocument
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


def test_a_critical_result_is_news_even_of_a_number_already_told() -> None:
    """The letter of the ward came first, without the flag; the laboratory's report is the news."""
    when = "2026-11-01T08:00:00+01:00"
    letter = read(entry("2026-11-01"), result("2823-3", 6.5, "mmol/L", when))
    report = read(entry("2026-11-02"), result("2823-3", 6.5, "mmol/L", when, flag="HH", low=3.5, high=5.1))
    (found,) = changes([report], [letter])
    assert (found.text, found.severity) == ("Potassium 6,5 mmol/L ▲ (3,5–5,1)", Severity.CRITICAL)
    assert found.unique_id == report.entry.unique_id
    assert len(changes([letter, report], [])) == 1
    assert not changes([letter], [report])
    known = read(entry("2026-11-01"), result("2823-3", 6.5, "mmol/L", when, flag="H"))
    (found,) = changes([report], [known])
    assert found.severity is Severity.CRITICAL


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


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (["BISOPROLOL 2,5 mg comprimé"], ["BISOPROLOL 10 mg comprimé"],
         ["BISOPROLOL 10 mg comprimé (dose changée : 2,5 mg → 10 mg)"]),
        (["LEVOTHYROX 100 microgrammes"], ["LEVOTHYROX 100 microgrammes", "LEVOTHYROX 25 microgrammes"],
         ["+ LEVOTHYROX 25 microgrammes (ajouté, déjà 100 µg)"]),
        (["LANTUS 100 U/ml"], ["LANTUS 300 U/ml"], ["LANTUS 300 U/ml (dose changée : 100 → 300)"]),
        (["AUGMENTIN 500 mg/62,5 mg"], ["AUGMENTIN 1 g/125 mg"],
         ["AUGMENTIN 1 g/125 mg (dose changée : 500 mg/62,5 mg → 1000 mg/125 mg)"]),
        (["DOLIPRANE 1000 mg"], ["Paracétamol 1 g"], []),
        (["Bisoprolol"], ["BISOPROLOL 10 mg"], []),
        (["BISOPROLOL 10 mg"], ["Bisoprolol"], []),
        (["LEVOTHYROX 100 µg", "LEVOTHYROX 25 µg"], ["LEVOTHYROX 100 µg"], []),
    ],
)  # fmt: skip
def test_another_dose_of_a_treatment_under_way_is_news(before: list[str], now: list[str], told: list[str]) -> None:
    old = read(entry("2026-01-01"), *(treatment(label, dosage="1 comprimé") for label in before))
    new = read(entry("2026-11-01"), *(treatment(label, Origin.PRESCRIBED, "1 comprimé") for label in now))
    found = changes([new], [old])
    assert [change.text for change in found] == told
    assert all(change.severity is Severity.WARNING for change in found)
    assert changes([read(entry("2026-11-02"), *new.facts.items)], [old, new]) == []


def test_a_return_to_the_former_dose_is_news_and_a_box_of_another_strength_is_no_change() -> None:
    low, high = (
        read(entry(day), treatment(f"BISOPROLOL {dose} mg"))
        for day, dose in (("2026-01-01", "2,5"), ("2026-02-01", "10"))
    )
    back = read(entry("2026-03-01"), treatment("BISOPROLOL 2,5 mg"))
    assert [one.text for one in changes([back], [low, high])] == ["BISOPROLOL 2,5 mg (dose changée : 10 mg → 2,5 mg)"]
    given = read(entry("2026-02-02"), treatment("BISOPROLOL 5 mg", Origin.DISPENSED))
    assert [one.text for one in changes([given], [low, high])] == ["Délivré : BISOPROLOL 5 mg"]
    again = read(entry("2026-03-01"), treatment("BISOPROLOL 10 mg"))
    assert changes([again], [low, high, given]) == []
    paid = read(entry("2026-01-05"), treatment("BISOPROLOL 2,5 mg", Origin.REIMBURSED))
    assert len(changes([read(entry("2026-01-10"), treatment("BISOPROLOL 10 mg", Origin.PRESCRIBED))], [paid])) == 1


def test_a_stop_of_one_strength_hides_no_stop_of_the_other() -> None:
    both = read(entry("2026-01-01"), *(treatment(f"LEVOTHYROX {dose} µg") for dose in (100, 25)))

    def stop(day: str, dose: int) -> ReadDocument:
        return read(entry(day), ClinicalItem(ItemKind.TREATMENT, f"LEVOTHYROX {dose} µg", ProposalStatus.STOPPED))

    first, again, last = stop("2026-02-01", 25), stop("2026-03-01", 25), stop("2026-04-01", 100)
    assert [one.text for one in changes([first], [both])] == ["− LEVOTHYROX 25 µg"]
    assert changes([again], [both, first]) == []
    assert changes([read(entry("2026-03-02"), treatment("LEVOTHYROX 100 µg"))], [both, first]) == []
    assert [one.text for one in changes([last], [both, first])] == ["− LEVOTHYROX 100 µg"]
    back = read(entry("2026-03-02"), *both.facts.items)
    assert [one.text for one in changes([back], [both, first])] == ["+ LEVOTHYROX 25 µg (ajouté, déjà 100 µg)"]


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


def said(day: str, *items: ClinicalItem) -> list[str]:
    """What a document of `day` tells after one of 2026-01-01 that denied, doubted, stopped and ordered things."""
    before = read(
        entry("2026-01-01"),
        ClinicalItem(ItemKind.ALLERGY, "Pénicilline", ProposalStatus.ABSENT),
        problem("Embolie pulmonaire", "suspected"),
        problem("Asthme", "family"),
        problem("Diabète de type 2"),
        ClinicalItem(ItemKind.TREATMENT, "Ramipril 5 mg", ProposalStatus.STOPPED),
        treatment("Amoxicilline 1 g", Origin.PRESCRIBED, start=date(2026, 1, 1), end=date(2026, 1, 7)),
        treatment("Bisoprolol 2,5 mg", Origin.PRESCRIBED, start=date(2026, 1, 1), end=date(2026, 4, 1)),
        treatment("Metformine 1 g"),
    )
    return [change.text for change in changes([read(entry(day), *items)], [before])]


def test_what_was_denied_or_a_doubt_is_news_once_it_is_stated() -> None:
    assert said("2026-11-02", ClinicalItem(ItemKind.ALLERGY, "Pénicilline")) == ["Allergie : Pénicilline"]
    assert said("2026-11-02", problem("Embolie pulmonaire")) == ["Nouveau diagnostic : Embolie pulmonaire"]
    assert said("2026-11-02", problem("Asthme")) == ["Nouveau diagnostic : Asthme"]
    assert said("2026-11-02", problem("Embolie pulmonaire", "suspected")) == []
    assert said("2026-11-02", problem("Diabète de type 2"), problem("Diabète de type 2", "suspected")) == []


def test_a_treatment_begun_again_is_news_and_a_renewal_is_none() -> None:
    for label in ("Ramipril 10 mg", "Amoxicilline 1 g"):
        assert said("2026-11-02", treatment(label, Origin.PRESCRIBED)) == [f"+ {label}"]
    assert said("2026-04-20", treatment("Bisoprolol 2,5 mg", Origin.PRESCRIBED)) == []
    assert said("2026-11-02", treatment("Bisoprolol 2,5 mg", Origin.PRESCRIBED)) == ["+ Bisoprolol 2,5 mg"]
    assert said("2026-11-02", treatment("Metformine 1 g", Origin.PRESCRIBED)) == []


def test_a_stop_is_told_once_even_of_a_treatment_nobody_told_of() -> None:
    stops = [ClinicalItem(ItemKind.TREATMENT, label, ProposalStatus.STOPPED) for label in ("Ramipril", "Apixaban 5 mg")]
    assert said("2026-11-02", *stops) == ["− Apixaban 5 mg"]


def test_what_is_delivered_or_reimbursed_again_is_named_and_what_is_new_stands_apart() -> None:
    old = read(entry("2026-10-17"), treatment("FUROSEMIDE 40 mg", Origin.PRESCRIBED))
    given = [treatment(label, Origin.DISPENSED) for label in ("FUROSEMIDE 40 mg", "FUROSEMIDE 40 mg", "APIXABAN 5 mg")]
    begun, again = changes([read(entry("2026-10-18"), *given)], [old])
    assert (begun.text, again.text) == ("+ APIXABAN 5 mg", "Délivré : FUROSEMIDE 40 mg")
    assert (again.icon, again.severity) == ("pill", Severity.INFO)
    paid = treatment("FUROSEMIDE 40 mg", Origin.REIMBURSED)
    (told,) = changes([read(entry("2026-10-19"), paid)], [old])
    assert told.text == "Remboursé : FUROSEMIDE 40 mg"
    assert not changes([read(entry("2026-10-19"), treatment("FUROSEMIDE 40 mg", Origin.PRESCRIBED))], [old])


def test_of_many_medicines_delivered_some_are_named_and_the_others_counted() -> None:
    labels = ["TRIATEC 5 mg", "BISOPROLOL 2,5 mg", "APIXABAN 5 mg", "FUROSEMIDE 40 mg", "METFORMINE 1000 mg", "X 1 mg"]
    old = read(entry("2026-10-17"), *(treatment(label, Origin.PRESCRIBED) for label in labels))
    new = read(entry("2026-10-18"), *(treatment(label, Origin.DISPENSED) for label in labels))
    (found,) = changes([new], [old])
    assert found.text == "Délivré : TRIATEC 5 mg ; BISOPROLOL 2,5 mg ; APIXABAN 5 mg ; FUROSEMIDE 40 mg ; et 2 autres"
