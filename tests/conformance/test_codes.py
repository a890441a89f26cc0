"""The codes of our tables against the lists of valid codes of the ANS validator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop import terminology

pytestmark = pytest.mark.shared


def _valid(shared: Path, oid: str) -> frozenset[str]:
    path = shared / "ans/schematrons/profils/terminologies/terminologie" / f"{oid}.rdf"
    return frozenset(re.findall(r"notation[^>]*>([^<]+)<", path.read_text(encoding="utf-8")))


def test_problem_codes(shared: Path) -> None:
    valid = _valid(shared, "2.16.840.1.113883.6.3")
    assert len(valid) > 15_000
    assert {row[1] for row in terminology.read_table("problems")} <= valid


def test_cim10_table(shared: Path) -> None:
    rows = terminology.read_table("cim10")
    assert len(rows) > 12_000
    assert {row[0] for row in rows} <= _valid(shared, "2.16.840.1.113883.6.3")
    assert not any("***" in row[1] for row in rows)  # marks of deleted codes


def test_ucum_codes(shared: Path) -> None:
    path = shared / "ans/schematrons/profils/terminologies/terminologie/2.16.840.1.113883.6.8.xml"
    listed = set(etree.parse(path).xpath("//row/code/text()"))
    ours = {row[0] for row in terminology.read_table("ucum")}
    assert ours - listed == {"1", "mL/min/{1.73_m2}", "{score}", "{pack}/a", "{drink}/d"}


def test_value_sets(shared: Path) -> None:
    folder = shared / "ans/jeuxDeValeurs"
    official = {oid: _concepts(folder, name) for _, oid, name, _ in terminology.read_table("value_set_sources")}
    for name, oid, _, _ in terminology.read_table("value_set_sources"):
        if name in set(terminology.ValueSet):
            ours = [row[1:] for row in terminology.read_table("value_sets") if row[0] == name]
        else:
            ours = list(terminology.read_table(name))
        assert ours == list(dict.fromkeys(official[oid])), name


def test_loinc_origin(shared: Path) -> None:
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in (shared / "ans").glob("[ej]*/*.xml")]
    cited = set(re.findall(r"code=\"(\d{1,5}-\d)\"", "".join(texts)))
    for code, _, _, _, origin in terminology.read_table("loinc"):
        assert (code in cited) == (origin == "ans"), code


def _concepts(folder: Path, name: str) -> list[tuple[str, str, str]]:
    concepts = etree.parse(folder / f"{name}.xml").xpath("//*[local-name()='Concept']")
    return [(concept.get("code"), concept.get("codeSystem"), concept.get("displayName")) for concept in concepts]
