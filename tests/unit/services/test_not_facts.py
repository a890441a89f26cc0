"""What is planned, aimed at, cancelled, not done or unknown: shown as that, never as a finding, a treatment or news."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.notes import NOT_FACTS, ProposalStatus
from dmp_desktop.services.changes import changes
from dmp_desktop.services.medication import reconcile
from dmp_desktop.services.synthesis import synthesis
from dmp_desktop.services.trends import trends_of
from dmp_desktop.ui import strings_forms_fr, strings_fr, strings_reading_fr
from tests.helpers.facts import entry, read, result, treatment

TODAY = date(2026, 11, 22)
POTASSIUM = result("2823-3", 6.9, "mmol/L", "2026-11-02", flag="HH", high=5.1)
each = pytest.mark.parametrize("status", sorted(NOT_FACTS))


@each
def test_no_result_is_plotted_and_none_is_news(status: ProposalStatus) -> None:
    report = read(entry("2026-11-02"), replace(POTASSIUM, status=status))
    assert trends_of([read(entry("2026-11-02"), POTASSIUM)]).series
    assert not trends_of([report]).series
    assert not changes([report], [])


@each
def test_it_hides_no_later_news(status: ProposalStatus) -> None:
    stated = [
        treatment("Apixaban 5 mg"),
        *(ClinicalItem(kind, "Asthme") for kind in (ItemKind.PROBLEM, ItemKind.ALLERGY)),
    ]
    before = read(entry("2026-10-01"), *(replace(item, status=status) for item in stated))
    assert not changes([before], [])
    told = [change.text for change in changes([read(entry("2026-11-02"), *stated)], [before])]
    assert told == ["+ Apixaban 5 mg", "Nouveau diagnostic : Asthme", "Allergie : Asthme"]


@each
def test_no_treatment_is_taken_or_stopped_by_it(status: ProposalStatus) -> None:
    taken = read(entry("2026-10-01"), treatment("Apixaban 5 mg"))
    report = read(entry("2026-11-02"), treatment("Apixaban 5 mg", status=status))
    assert not reconcile([report], TODAY).rows
    (row,) = reconcile([taken, report], TODAY).rows
    assert row.current
    assert not row.marks


@each
def test_the_synthesis_shows_its_status_and_only_what_is_not_done_contradicts(status: ProposalStatus) -> None:
    shots = [
        ClinicalItem(ItemKind.VACCINATION, "Vaccin grippe", one, when="2026-10-01")
        for one in (status, ProposalStatus.DONE)
    ]
    (fact,) = synthesis([read(entry("2026-10-02"), shots[0])]).facts
    assert [statement.status for statement in fact.statements] == [status]
    page = synthesis([read(entry("2026-10-02"), *shots)])
    assert bool(page.contradictions) is (status is ProposalStatus.NOT_DONE)


def test_every_status_has_its_words_on_each_screen() -> None:
    for words in (strings_fr.PROPOSAL_STATUS, strings_forms_fr.FACT_STATUS, strings_reading_fr.STATUS):
        assert set(words) == set(ProposalStatus)
        assert all(words[status] for status in NOT_FACTS)
