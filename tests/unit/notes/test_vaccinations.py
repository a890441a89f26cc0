"""Done, planned or refused: a vaccine that was not given must never be read as given."""

from __future__ import annotations

import pytest

from dmp_desktop import notes
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
