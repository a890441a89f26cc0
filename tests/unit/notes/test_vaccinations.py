"""Done, planned or refused: a vaccine that was not given must never be read as given."""

from __future__ import annotations

from datetime import date

import pytest

from dmp_desktop import notes
from dmp_desktop.cda.build.proposed import items_of
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus

DONE, PLANNED, REFUSED = ProposalStatus.DONE, ProposalStatus.PLANNED, ProposalStatus.REFUSED
UNCLEAR = "Fait, prévu ou refusé ? À préciser."


def vaccinations(text: str) -> list[Proposal]:
    return [item for item in notes.propose(text) if item.kind is ProposalKind.VACCINATION]


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("Gardasil non fait, à rediscuter", [PLANNED]),
        ("Méningo ACWY non fait", [PLANNED]),
        ("ROR pas encore fait", [PLANNED]),
        ("ROR non refusé, fait ce jour lot X123", [DONE]),
        ("vaccin : grippe non", [REFUSED]),
        ("Bexsero refusé par les parents", [REFUSED]),
        ("vaccination anti-grippale à faire", [PLANNED]),
        ("Vacciné grippe et Covid, Prevenar 20 à faire", [DONE, DONE, PLANNED]),
        ("non vacciné grippe", [PLANNED]),
        ("Prevenar et Infanrix Hexa ce jour, lot AB1234", [DONE, DONE]),
        ("Grippe et covid faits en octobre", [DONE, DONE]),
        ("Vaccins. Zona : vaccin Shingrix à prévoir", [PLANNED]),
    ],
)
def test_what_was_done(text: str, statuses: list[ProposalStatus]) -> None:
    found = vaccinations(text)
    assert [item.status for item in found if UNCLEAR not in item.warnings] == statuses


@pytest.mark.parametrize(
    ("text", "written", "warned"),
    [
        ("Repevax fait le 12/03, lot X12, bras G", "12/03", True),
        ("Vaccin grippe fait le 04/11", "04/11", True),
        ("Repevax fait le 12/03/2019", "12/03/2019", False),
        ("Repevax fait le 12/03/19", "12/03/19", False),
        ("Repevax fait 03/2019", "03/2019", False),
        ("Repevax fait en 2019", "2019", False),
        ("Repevax fait ce jour", "ce jour", False),
        ("Repevax à faire le 12/03", None, False),
    ],
)
def test_a_day_without_its_year_is_told(text: str, written: str | None, warned: bool) -> None:
    (found,) = vaccinations(text)
    assert isinstance(found.value, dict)
    assert written is None or found.value["date"] == written
    assert any("Année non dite" in warning for warning in found.warnings) is warned
    (item,) = items_of(found, date(2026, 11, 20))
    assert (item.start is None and not item.when) or not warned
