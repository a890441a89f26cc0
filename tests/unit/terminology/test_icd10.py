"""Labels and search of the CIM-10."""

from __future__ import annotations

import time

import pytest

from dmp_desktop.terminology import icd10_label, icd10_search


def test_labels() -> None:
    assert icd10_label("I10") == "Hypertension essentielle (primitive)"
    assert icd10_label("J02.0") == "Pharyngite à streptocoques"
    assert icd10_label("M25.56") == icd10_label("M25.5") == "Douleur articulaire"
    assert icd10_label("XX9") is None
    assert icd10_label("") is None


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("diab type 2", "E11"),
        ("DIABÈTE DE TYPE 2", "E11"),
        ("fract fem", "S72"),
        ("I10", "I10"),
        ("e11.9", "E11.9"),
        ("oedeme pulm", "J81"),
    ],
)
def test_search(text: str, first: str) -> None:
    assert icd10_search(text)[0].code == first


def test_search_of_nothing() -> None:
    assert icd10_search("") == icd10_search("  ,;") == icd10_search("diabète xyzzy") == ()
    assert len(icd10_search("maladie", limit=3)) == 3


@pytest.mark.alone
def test_search_is_quick() -> None:
    icd10_search("a")
    for text in ("d", "a", "e", "maladie", "tumeur maligne du", "autres"):
        best = min(_seconds(text) for _ in range(5))
        assert best <= 0.005, text


def _seconds(text: str) -> float:
    started = time.perf_counter()
    icd10_search(text)
    return time.perf_counter() - started
