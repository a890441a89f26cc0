"""Rapid tests a practice does (TROD) and their results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology.oids import ICD10, LOINC, SNOMED_CT
from dmp_desktop.terminology.resources import read_table
from dmp_desktop.terminology.wording import plain

# LOINC codes of the chapters of a laboratory report, labels of the ANS examples.
_CHAPTERS = {"18725-2": "Microbiologie", "18719-5": "Biochimie"}

# JDV resultat-depistage CI-SIS, 1.2.250.1.213.1.1.5.761, and the words its values go by.
_RESULTS = (
    (Code("10828004", SNOMED_CT, "positif"), ("positif", "positive")),
    (Code("260385009", SNOMED_CT, "négatif"), ("negatif", "negative")),
    (
        Code("373068000", SNOMED_CT, "indéterminé(e)"),
        ("indetermine(e)", "indetermine", "indeterminee", "indeterminate"),
    ),
    (
        Code("125154007", SNOMED_CT, "échantillon insatisfaisant pour l'évaluation"),
        ("echantillon insatisfaisant pour l'evaluation", "echantillon insatisfaisant", "invalide", "invalid"),
    ),
)


@dataclass(frozen=True, slots=True)
class RapidTest:
    """One test: its LOINC code, its chapter of a laboratory report, and what it looks for."""

    code: Code
    chapter: Code
    target: Code


@cache
def _tests() -> dict[str, RapidTest]:
    return {row[0]: _test(*row) for row in read_table("rapid_tests")}


def _test(code: str, display: str, chapter: str, target: str, target_display: str) -> RapidTest:
    test = Code(code, LOINC, display)
    looked_for = test if target == "-" else Code(target, ICD10, target_display)
    return RapidTest(test, Code(chapter, LOINC, _CHAPTERS[chapter]), looked_for)


def rapid_tests() -> tuple[Code, ...]:
    """All of them, in the order of the table."""
    return tuple(test.code for test in _tests().values())


def rapid_test(code: str) -> RapidTest | None:
    """A test with a positive or negative result, by its LOINC code; None for any other."""
    return _tests().get(code)


def rapid_test_result(text: str) -> Code | None:
    """A result by its SNOMED CT code or in words (`négatif`, `Positive`, `invalide`); None when it is neither."""
    words = plain(text)
    return next((code for code, known in _RESULTS if text == code.code or words in known), None)
