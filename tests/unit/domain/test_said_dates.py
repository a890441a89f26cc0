"""No date is made up: what is read is in the words, as precise as they are, and never to come."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.said_dates import MONTH, SAID_DATE, said_date

DAY = date(2026, 11, 20)
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("ce jour", "2026-11-20"),
        ("ce matin", "2026-11-20"),
        ("hier", "2026-11-19"),
        ("avant-hier", "2026-11-18"),
        ("il y a 1 jour", "2026-11-19"),
        ("il y a 6j", "2026-11-14"),
        ("il y a 8 jours", ""),  # a week
        ("il y a 15 jours", ""),
        ("il y a 3 mois", ""),
        ("12/03/24", "2024-03-12"),
        ("12-03-2024", "2024-03-12"),
        ("12.3.24", "2024-03-12"),
        ("12/03-2024", ""),
        ("12 mars 24", "2024-03-12"),
        ("1er aout 2019", "2019-08-01"),
        ("octobre 2025", "2025-10"),
        ("sept. 2025", "2025-09"),
        ("mars 24", ""),  # the 24th, or 2024
        ("12 mars", ""),
        ("octobre", ""),
        ("lundi", ""),
        ("31 fevrier 2024", ""),
        ("12/03", ""),
        ("decembre 2026", ""),
        ("", ""),
    ],
)
def test_read(said: str, read: str) -> None:
    assert said_date(said, DAY) == read


@given(day=DAYS, given_on=DAYS, shape=st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%m/%Y", "%Y"]))
def test_written_then_read(day: date, given_on: date, shape: str) -> None:
    written = f"{given_on:{shape}}"
    iso = {"%Y": "%Y", "%m/%Y": "%Y-%m"}.get(shape, "%Y-%m-%d")
    expected = f"{given_on:{iso}}"
    assert said_date(written, day) == (expected if expected <= day.isoformat() else "")
    found = re.search(rf"\b{SAID_DATE}", f"fait le {written}, lot a")
    assert found is not None
    assert found[0] == written


@given(day=DAYS, said=st.from_regex(rf"\A{SAID_DATE}\Z") | st.from_regex(rf"\A\d{{1,2}} {MONTH} \d\d\Z") | st.text())
def test_never_to_come_nor_anything_but_a_date(day: date, said: str) -> None:
    read = said_date(said, day)
    assert not read or (date.fromisoformat(f"{read}-01-01"[:10]) <= day and read[:4].isdigit())
