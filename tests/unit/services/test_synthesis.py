"""The synthesis: every line with its sources, nothing merged that differs, contradictions side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.facts import NOTHING, ReadDocument
from dmp_desktop.services.medication import reconcile
from dmp_desktop.services.synthesis import Section, synthesis
from dmp_desktop.services.synthesis_text import as_text
from dmp_desktop.terminology.oids import ICD10
from dmp_desktop.ui.models.synthesis import fact_row, told_of
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
    assert [statement.label for statement in fact.statements] == ["EFFERALGAN 1 g", "DOLIPRANE 1000 mg"]


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
        "! HTA : present, le 2015 [VSM, Luc TEST-AUTEUR, 01/01/2024]\n"
    )


def test_a_letter_tells_of_the_day_the_stay_ended() -> None:
    left = datetime(2026, 11, 17, 11, tzinfo=UTC)
    letter = replace(entry("2026-11-10", "Lettre de liaison"), service_stop=left)
    (fact,) = synthesis([read(letter, problem())]).of(Section.PROBLEMS)
    assert fact.latest == left


def labels(section: Section, *documents: ReadDocument) -> list[str]:
    return [fact.label for fact in synthesis(documents, date(2026, 11, 22)).of(section)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LEVOTHYROX 100 microgrammes, comprimé", "LEVOTHYROX 25 microgrammes, comprimé"),
        ("LANTUS 100 U/ml", "TOUJEO 300 U/ml"),
        ("INSULINE LANTUS", "INSULINE TOUJEO"),
        ("DOLIPRANE 1000 mg", "EFFERALGAN 1000 mg"),
        ("MORPHINE LP 10 mg", "MORPHINE 10 mg"),
    ],
)
def test_two_products_of_a_substance_told_by_one_document_are_two_lines(one: str, other: str) -> None:
    """Same dosage, same dates: only the words differ."""
    atc = "A10AE04" if "U/ml" in one or "INSULINE" in one else ""
    told = [treatment(label, dosage="1 comprimé", atc=atc, when="2024-01-01") for label in (one, other)]
    document = read(entry("2024-01-01"), *told)
    facts = synthesis([document], date(2026, 11, 22)).of(Section.TREATMENTS)
    said = [statement.label for fact in facts for statement in fact.statements]
    assert sorted(said) == sorted((one, other))
    text = as_text(synthesis([document]), lambda one: one.value, lambda one: one.value, lambda day: day)
    assert f"- {one} : 1 comprimé" in text
    assert f"- {other} : 1 comprimé" in text


def test_doses_told_by_two_documents_never_merge_and_stay_together() -> None:
    made = synthesis(
        [
            read(entry("2026-01-01"), treatment("BISOPROLOL 2,5 mg comprimé"), treatment("Ramipril 5 mg")),
            read(entry("2026-03-01"), treatment("Metformine 1 g")),
            read(entry("2026-06-01"), treatment("BISOPROLOL 10 mg comprimé")),
        ]
    )
    facts = made.of(Section.TREATMENTS)
    assert [fact.label for fact in facts] == [
        "BISOPROLOL 10 mg comprimé", "BISOPROLOL 2,5 mg comprimé", "Metformine 1 g", "Ramipril 5 mg",
    ]  # fmt: skip
    assert facts[0].same == ("BISOPROLOL 2,5 mg comprimé",)
    assert facts[2].same == ()


def test_two_brands_of_one_dci_on_two_lists_stand_together() -> None:
    facts = synthesis(
        [
            read(entry("2026-01-01"), treatment("KARDEGIC 75 mg")),
            read(entry("2026-02-01"), treatment("Metformine 1 g")),
            read(entry("2026-05-01"), treatment("ASPIRINE PROTECT 100 mg")),
        ]
    ).of(Section.TREATMENTS)
    assert [fact.label for fact in facts] == ["ASPIRINE PROTECT 100 mg", "KARDEGIC 75 mg", "Metformine 1 g"]
    assert facts[0].same == ("KARDEGIC 75 mg",)


@pytest.mark.parametrize("apart", [False, True])
def test_right_and_left_are_two_lines_of_one_document_or_of_two(apart: bool) -> None:
    code = Code("Z96.6", ICD10)
    right, left = (problem(f"Prothèse de hanche {side}", code=code, when="2020") for side in ("droite", "gauche"))
    told = [read(entry("2024-01-01"), right), read(entry("2024-02-01"), left)]
    both = told if apart else [read(entry("2024-01-01"), right, left)]
    assert sorted(labels(Section.PROBLEMS, *both)) == ["Prothèse de hanche droite", "Prothèse de hanche gauche"]


def test_every_line_of_a_document_is_kept() -> None:
    """One code, one date, other words: two fractures of a coding that knows one."""
    code = Code("S62", ICD10)
    told = [problem(words, code=code, when="2020") for words in ("Fracture du scaphoïde", "Fracture du trapèze")]
    (fact,) = synthesis([read(entry("2024-01-01"), *told)]).of(Section.PROBLEMS)
    assert [statement.label for statement in fact.statements] == ["Fracture du scaphoïde", "Fracture du trapèze"]
    assert fact.sources == 1


def test_treatments_that_are_over_stand_apart_as_the_page_of_treatments_tells() -> None:
    documents = [
        read(
            entry("2024-01-01"),
            treatment("AMOXICILLINE 1 g", Origin.PRESCRIBED, start=date(2024, 1, 1), end=date(2024, 1, 7)),
            treatment("XARELTO 20 mg"),
            treatment("RAMIPRIL 5 mg"),
        ),
        read(
            entry("2025-01-01"),
            replace(treatment("XARELTO 20 mg"), status=ProposalStatus.STOPPED),
            replace(treatment("APIXABAN 5 mg"), status=ProposalStatus.PLANNED),
        ),
    ]
    assert labels(Section.TREATMENTS, *documents) == ["RAMIPRIL 5 mg"]
    assert sorted(labels(Section.ENDED, *documents)) == ["AMOXICILLINE 1 g", "APIXABAN 5 mg", "XARELTO 20 mg"]
    assert not synthesis(documents).contradictions
    rows = reconcile(documents, date(2026, 11, 22)).rows
    assert [row.lines[0].label for row in rows if row.current] == ["RAMIPRIL 5 mg"]
    again = read(entry("2025-02-01"), treatment("XARELTO 20 mg"))
    made = synthesis([*documents, again], date(2026, 11, 22))
    assert "XARELTO 20 mg" in [fact.label for fact in made.of(Section.TREATMENTS)]
    assert [found.facts[0].label for found in made.contradictions] == ["XARELTO 20 mg"]


def test_an_aim_or_a_day_to_come_is_never_the_last_value() -> None:
    def weight(value: float, when: str, status: ProposalStatus = ProposalStatus.PRESENT) -> ClinicalItem:
        return ClinicalItem(ItemKind.VITAL, "Poids", status, value=value, unit="kg", when=when)

    aim, wrong = weight(70, "2027-01-01", ProposalStatus.GOAL), weight(7, "2099-01-01")
    (fact,) = synthesis(
        [read(entry("2026-01-01"), weight(82, "2026-01-01")), read(entry("2026-02-01"), wrong, aim)]
    ).of(Section.VITALS)
    assert [statement.value for statement in fact.statements] == [82, 7, 70]
    row = fact_row(fact)
    assert row.title == "Poids : 82 kg"
    marks = [told_of("Poids", one, one.sources[0]).detail for one in fact.statements]
    assert marks == ["01/01/2026", "01/01/2099 · date future, à vérifier", "objectif · 01/01/2027"]


def test_a_stop_of_one_strength_ends_no_other_and_one_without_strength_ends_all() -> None:
    both = read(entry("2026-01-01"), *(treatment(f"LEVOTHYROX {dose} microgrammes") for dose in (100, 25)))

    def stop(label: str) -> ReadDocument:
        return read(entry("2026-06-01"), replace(treatment(label), status=ProposalStatus.STOPPED))

    assert labels(Section.TREATMENTS, both, stop("LEVOTHYROX 25 microgrammes")) == ["LEVOTHYROX 100 microgrammes"]
    assert labels(Section.TREATMENTS, both, stop("Lévothyroxine")) == []


def test_two_dosages_of_one_document_and_a_treatment_to_come_are_shown() -> None:
    both = [treatment("NOVORAPID 100 U/ml", dosage=dosage) for dosage in ("6 UI matin", "8 UI soir")]
    later = treatment("ELIQUIS 5 mg", start=date(2026, 12, 1), when="2026-12-01")
    facts = synthesis([read(entry("2026-11-20"), *both, later)], date(2026, 11, 22)).of(Section.TREATMENTS)
    details = {fact.label: row.told.detail for fact in facts if (row := fact_row(fact)).told}
    assert details == {
        "NOVORAPID 100 U/ml": "6 UI matin · aussi « 8 UI soir »",
        "ELIQUIS 5 mg": "à partir du 01/12/2026",
    }
