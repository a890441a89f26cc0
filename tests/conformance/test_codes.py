"""The codes of our tables against the lists of valid codes of the ANS validator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dmp_desktop import terminology

pytestmark = pytest.mark.shared


def _valid(shared: Path, oid: str) -> frozenset[str]:
    path = shared / "ans/schematrons/profils/terminologies/terminologie" / f"{oid}.rdf"
    return frozenset(re.findall(r"notation[^>]*>([^<]+)<", path.read_text(encoding="utf-8")))


def test_problem_codes(shared: Path) -> None:
    valid = _valid(shared, "2.16.840.1.113883.6.3")
    assert len(valid) > 15_000
    assert {row[1] for row in terminology.read_table("problems")} <= valid
