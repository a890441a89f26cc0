"""The tables are readable, coherent, and hold what the documents need."""

from __future__ import annotations

import re

import pytest

from dmp_desktop import terminology
from dmp_desktop.terminology import oids

TABLES = {
    "specialties": 3,
    "facility_types": 3,
    "practice_settings": 3,
    "encounter_kinds": 3,
    "functions": 3,
    "type_codes": 5,
    "class_codes": 3,
    "format_codes": 4,
    "vitals": 6,
    "problems": 4,
    "drugs": 3,
    "vaccines": 6,
    "results": 4,
    "loinc": 5,
    "ucum": 3,
    "abbreviations": 2,
    "value_set_sources": 4,
    "cim10": 2,
}
MAY_BE_EMPTY = {"drugs": {2}, "vaccines": {5}, "loinc": {2}, "ucum": {2}}  # columns


@pytest.mark.parametrize(("name", "columns"), TABLES.items())
def test_rows_have_their_columns_and_no_double(name: str, columns: int) -> None:
    rows = terminology.read_table(name)
    assert rows
    assert {len(row) for row in rows} == {columns}
    assert all(cell == cell.strip() for row in rows for cell in row)
    empty = {index for row in rows for index, cell in enumerate(row) if not cell}
    assert empty == MAY_BE_EMPTY.get(name, set())
    assert len({row[0] for row in rows}) == len(rows)


def test_every_type_has_a_class() -> None:
    assert len(terminology.document_types()) == 116
    for code in terminology.document_types():
        assert terminology.document_class(code.code) is not None, code.code


def test_codes_of_a_consultation() -> None:
    consultation = terminology.document_type("11488-4")
    assert consultation is not None
    assert consultation.system == oids.LOINC
    document_class = terminology.document_class("11488-4")
    assert document_class is not None
    assert (document_class.code, document_class.system) == ("10", oids.DOCUMENT_CLASS)
    assert terminology.document_type("11493-4") is None  # read, never written
    assert terminology.document_class("11493-4") is not None
    assert terminology.specialty("G15_10/SM26") is not None
    assert terminology.facility_type("SA07") is not None
    assert terminology.practice_setting("AMBULATOIRE") is not None
    assert terminology.encounter_kind("AMB") is not None
    assert terminology.function("PCP") is not None


def test_formats() -> None:
    assert terminology.format_code((), "application/pdf").code == "urn:ihe:iti:xds-sd:pdf:2008"
    assert terminology.format_code(("1.2.250.1.213.1.1.1.13",)).code == "urn:asip:ci-sis:vsm:2012"
    assert terminology.format_code(("1.2.3",)).code == "urn:asipSante:modelesHorsProfils:2011"
    with pytest.raises(KeyError):
        terminology.format_code((), "text/html")


def test_vital_ranges() -> None:
    signs = terminology.vital_signs()
    assert signs["systolic"].code.code == "8480-6"
    assert all(sign.low < sign.high for sign in signs.values())
    assert signs["spo2"].plausible(100)
    assert not signs["spo2"].plausible(101)


def test_oids_are_oids() -> None:
    values = [value for name, value in vars(oids).items() if name.isupper() and isinstance(value, str)]
    assert len(values) > 20
    assert all(re.fullmatch(r"[0-2](\.(0|[1-9]\d*))+", value) for value in values)
    assert len(set(values)) == len(values)


def test_words_of_notes_have_well_formed_codes() -> None:
    for term, code, label, flag in terminology.read_table("problems"):
        assert re.fullmatch(r"[A-Z]\d\d(\.\d{1,2})?", code), term
        assert term == term.lower()
        assert label[0].isupper() or label[0] in "ÉÀ"
        assert flag in {"plain", "context", "exact", "absent"}
        assert flag == "context" or len(term) > 2, term
        assert flag != "context" or len(term) <= 4, term
    assert all(re.fullmatch(r"[A-Z]\d\d[A-Z0-9]{0,4}", atc) for _, atc, _ in terminology.read_table("drugs"))
    assert all(re.fullmatch(r"J0[67][A-Z0-9]+", atc) for _, atc, *_ in terminology.read_table("vaccines"))
    assert all(re.fullmatch(r"\d{3,5}-\d", loinc) for _, loinc, _, _ in terminology.read_table("results"))


def test_value_sets() -> None:
    rows = terminology.read_table("value_sets")
    assert len({row[:2] for row in rows}) == len(rows)
    assert {row[0] for row in rows} == set(terminology.ValueSet)
    assert {row[0] for row in terminology.read_table("value_set_sources")} >= set(terminology.ValueSet)
    oral = terminology.coded(terminology.ValueSet.ROUTE, "20053000")
    assert oral is not None
    assert (oral.system, oral.display) == ("0.4.0.127.0.16.1.1.2.1", "Voie orale")
    assert terminology.coded(terminology.ValueSet.ROUTE, "99999999") is None
    assert len(terminology.codes_of(terminology.ValueSet.NO_ALLERGY)) == 5
    assert terminology.codes_of(terminology.ValueSet.SCREENING_RESULT)[0].display == "positif"


def test_vital_signs_are_those_of_the_value_set() -> None:
    for sign in terminology.vital_signs().values():
        listed = terminology.coded(terminology.ValueSet.VITAL_SIGN, sign.code.code)
        assert listed is not None
        assert listed.system == sign.code.system
        measure = terminology.measure(sign.code.code)
        assert measure is not None
        assert measure.unit == sign.unit
