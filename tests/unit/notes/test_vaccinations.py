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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Repevax fait hier", "hier"),
        ("Repevax fait il y a 3 jours", "il y a 3 jours"),
        ("Repevax fait le 4.11.2024", "4.11.2024"),
        ("Repevax fait le 3 mars 2024", "3 mars 2024"),
        ("Repevax fait lundi 12/10/2026", "12/10/2026"),
        ("Prevenar des 2 mois fait le 12/03/24", "12/03/24"),
        ("Gardasil 1/2 fait ce jour", "ce jour"),
        ("Prevenar et Infanrix Hexa faits hier", "hier"),
        ("Repevax lot A12, bras G", None),
        ("Repevax lot A12 exp 12/2025, bras G", None),
        ("Prevenar lot A1, rdv dans 2 mois", None),
        ("Repevax fait il y a 8 jours", ""),
        ("Repevax fait il y a environ 3 jours", ""),
        ("Repevax fait avant 2019", ""),
        ("Repevax fait début 2019", ""),
        ("Repevax fait la semaine dernière, contrôle le 12/11/2026", ""),
        ("Repevax fait en ville, vu ce jour", ""),
        ("Repevax fait, vu ce jour", ""),
        ("Repevax fait lundi, lot A12", ""),
        ("Repevax fait en pharmacie, lot A12", ""),
        ("Vaccin grippe 2024-2025 fait, lot A12", ""),
        ("Née le 12/03/2024, Prevenar fait, lot A12", ""),
        ("Hier, Repevax fait, lot A12", ""),
        ("ATCD : Repevax lot A12", ""),
    ],
)
def test_when_it_was_given(text: str, said: str | None) -> None:
    """Verbatim where it is a date; empty where time is spoken of and makes none; None where it is not spoken of."""
    found = vaccinations(text)
    assert {one.value["date"] for one in found} == {said}
    assert all(("Date du vaccin à préciser." in one.warnings) is (not said) for one in found)
