"""The synthesis: every line with its sources, nothing merged that differs, contradictions side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.facts import NOTHING, ReadDocument
from dmp_desktop.services.synthesis import Section, synthesis
from dmp_desktop.services.synthesis_text import as_text
from dmp_desktop.terminology.oids import ICD10
from tests.helpers.facts import entry, read, treatment

HTA = Code("I10", ICD10, "Hypertension essentielle")


def problem(label: str = "HTA", status: str = "present", code: Code | None = HTA, when: str = "") -> ClinicalItem:
    return ClinicalItem(ItemKind.PROBLEM, label, ProposalStatus(status), code, when=when)


def allergy(label: str, status: str = "present", code: Code | None = None) -> ClinicalItem:
    return ClinicalItem(ItemKind.ALLERGY, label, ProposalStatus(status), code)


def test_the_same_fact_counts_its_sources_and_keeps_their_words() -> None:
    old, new = entry("2024-01-01", "VSM", "SYNTH"), entry("2026-01-01", "Lettre", "11490-0")
    made = synthesis([read(old, problem("HTA", when="2015")), read(new, problem("Hypertension", when="2015"))])
    (fact,) = made.of(Section.PROBLEMS)
    (statement,) = fact.statements
    assert (fact.sources, statement.wordings) == (2, ("Hypertension", "HTA"))
    assert [source.entry for source in statement.sources] == [new, old]
    assert not made.contradictions


def test_what_differs_is_another_statement_of_the_same_fact() -> None:
    made = synthesis(
        [read(entry("2024-01-01"), problem(when="2015")), read(entry("2025-01-01"), problem(when="2016-03"))]
    )
    (fact,) = made.facts
    assert [statement.when for statement in fact.statements] == ["2016-03", "2015"]
    assert not fact.contradictory


def test_active_and_resolved_are_a_contradiction() -> None:
    made = synthesis([read(entry("2024-01-01"), problem()), read(entry("2025-01-01"), problem(status="history"))])
    (fact,) = made.of(Section.PROBLEMS)
    assert fact.contradictory
    assert made.contradictions[0].facts == (fact,)


def test_an_allergy_and_none_known() -> None:
    made = synthesis(
        [
            read(entry("2024-01-01"), allergy("Pénicilline")),
            read(entry("2025-01-01"), allergy("Aucune allergie connue", "absent")),
        ]
    )
    (found,) = made.contradictions
    assert [fact.label for fact in found.facts] == ["Aucune allergie connue", "Pénicilline"]


def test_present_and_absent_of_one_agent() -> None:
    made = synthesis(
        [read(entry("2024-01-01"), allergy("Pénicilline")), read(entry("2025-01-01"), allergy("pénicilline", "absent"))]
    )
    assert len(made.facts) == len(made.contradictions) == 1


def test_an_allergy_to_a_brand_is_one_to_its_substance() -> None:
    made = synthesis(
        [read(entry("2024-01-01"), allergy("CLAMOXYL")), read(entry("2025-01-01"), allergy("Amoxicilline"))]
    )
    (fact,) = made.facts
    assert fact.statements[0].wordings == ("Amoxicilline", "CLAMOXYL")


def test_foreign_documents_deny_an_allergy_to_substance() -> None:
    denied = allergy("Allergy to substance (disorder)", "absent", Code("419199007", "2.16.840.1.113883.6.96"))
    food = allergy("Allergie alimentaire", "absent")
    made = synthesis([read(entry("2024-01-01"), allergy("Pénicilline"), food), read(entry("2025-01-01"), denied)])
    (found,) = made.contradictions
    assert [fact.label for fact in found.facts] == ["Allergy to substance (disorder)", "Pénicilline"]


def test_over_for_everybody_is_history_and_a_family_has_its_own_section() -> None:
    made = synthesis(
        [
            read(
                entry("2024-01-01"),
                problem(status="history"),
                ClinicalItem(ItemKind.PROBLEM, "HTA", ProposalStatus.FAMILY, HTA, comment="Mère"),
            )
        ]
    )
    assert [fact.section for fact in made.facts] == [Section.HISTORY, Section.FAMILY]
    assert not made.contradictions


def test_brands_of_one_substance_are_one_treatment_and_deliveries_state_nothing() -> None:
    made = synthesis(
        [
            read(entry("2024-01-01"), treatment("DOLIPRANE 1000 mg", dosage="3/j")),
            read(entry("2025-01-01"), treatment("EFFERALGAN 1 g", dosage="3/j")),
            read(entry("2025-02-01"), treatment("RAMIPRIL", Origin.DISPENSED)),
        ]
    )
    (fact,) = made.of(Section.TREATMENTS)
    assert fact.statements[0].wordings == ("EFFERALGAN 1 g", "DOLIPRANE 1000 mg")


def test_two_injections_of_one_vaccine_are_two_facts_and_two_others_too() -> None:
    def shot(day: str) -> ClinicalItem:
        return ClinicalItem(
            ItemKind.VACCINATION, "REVAXIS", ProposalStatus.DONE, start=date.fromisoformat(day), when=day
        )

    def other(words: str) -> ClinicalItem:
        return ClinicalItem(ItemKind.DEVICE, words, code=Code("GEN-092.02.02", "1.2.250.1.213.1.1.4.322", words))

    made = synthesis(
        [read(entry("2024-01-01"), shot("2013-01-01"), shot("2023-01-01"), other("Canne"), other("Attelle"))]
    )
    assert len(made.of(Section.VACCINATIONS)) == len(made.of(Section.DEVICES)) == 2


def test_a_document_that_cannot_be_read_is_told() -> None:
    broken = entry("2024-01-01")
    assert synthesis([ReadDocument(broken, NOTHING, failed=True)]).failed == (broken,)


def test_text_for_the_clipboard() -> None:
    made = synthesis(
        [
            read(entry("2024-01-01", "VSM"), problem(when="2015")),
            read(entry("2025-01-01", "Lettre"), problem("HTA essentielle", "history", when="2015")),
        ]
    )
    text = as_text(made, lambda section: section.value, lambda status: status.value, lambda day: f"le {day}")
    assert text == (
        "PROBLEMS\n"
        "! HTA essentielle : history, le 2015 [Lettre, Luc TEST-AUTEUR, 01/01/2025]\n"
        "! HTA essentielle : present, le 2015 [VSM, Luc TEST-AUTEUR, 01/01/2024]\n"
    )


def test_a_letter_tells_of_the_day_the_stay_ended() -> None:
    left = datetime(2026, 11, 17, 11, tzinfo=UTC)
    letter = replace(entry("2026-11-10", "Lettre de liaison"), service_stop=left)
    (fact,) = synthesis([read(letter, problem())]).of(Section.PROBLEMS)
    assert fact.latest == left
