"""What would vanish or mislead without a word is refused, with the field to correct."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmp_desktop.cda.build import Parent, build, plan_of
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, ItemKind
from dmp_desktop.domain.documents import Code, DocumentFormat, DocumentKind
from dmp_desktop.domain.notes import Proposal, ProposalKind
from dmp_desktop.errors import CdaError
from dmp_desktop.terminology.oids import ICD10
from tests.helpers.documents import OTHER_ID
from tests.helpers.kinds import FILES, ITEMS, request_of, with_file

ADMISSION = DocumentKind.ADMISSION_LETTER
PDF = DocumentFormat.PDF


def of(kind: DocumentKind, format: DocumentFormat = PDF) -> BuildRequest:
    return request_of(plan_of(kind), format, "minimal")


def path_of(request: BuildRequest) -> str | None:
    try:
        build(request)
    except CdaError as error:
        return error.path
    return None


@pytest.mark.parametrize(
    "kind",
    [ADMISSION, DocumentKind.CHILD_MEASURES, DocumentKind.VACCINATION],
)
def test_file_that_would_hide_the_form(kind: DocumentKind) -> None:
    assert path_of(with_file(of(kind), FILES["pdf"])) == "attach"


def test_file_that_would_hide_facts() -> None:
    request = with_file(of(DocumentKind.CONSULTATION), FILES["pdf"])
    assert path_of(request) is None
    assert path_of(replace(request, items=ITEMS)) == "attach"


@pytest.mark.parametrize("kind", [DocumentKind.PRESCRIPTION, DocumentKind.SCAN])
def test_kinds_that_are_their_file(kind: DocumentKind) -> None:
    assert path_of(with_file(of(kind), FILES["pdf"])) is None


@pytest.mark.parametrize(("type_code", "path"), [("11488-4", None), ("", None), ("60591-5", "replaces")])
def test_only_the_same_type_is_replaced(type_code: str, path: str | None) -> None:
    request = of(DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED)
    assert path_of(replace(request, replaces=Parent(OTHER_ID, OTHER_ID, 1, type_code))) == path


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 10**400])
@pytest.mark.parametrize("kind", [ItemKind.VITAL, ItemKind.RESULT, ItemKind.LIFESTYLE])
def test_a_number_that_is_none_never_reaches_a_document(kind: ItemKind, value: float) -> None:
    request = of(DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED)
    assert path_of(replace(request, items=(ClinicalItem(kind, "x", value=1.5, unit="kg"),))) is None
    assert path_of(replace(request, items=(ClinicalItem(kind, "x", value=value, unit="kg"),))) == "items"


@pytest.mark.parametrize("value", [float("nan"), {"systolic": 130, "diastolic": float("inf")}])
def test_nor_from_the_note(value: object) -> None:
    request = of(DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED)
    said = Proposal(ProposalKind.VITAL, "x", 0, 1, "x", value=value, unit="kg")
    assert path_of(replace(request, proposals=(said,))) is None
    assert path_of(replace(request, proposals=(said.ticked(True),))) == "proposals"


def test_note_of_invisible_characters_is_empty() -> None:
    request = of(DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED)
    assert path_of(replace(request, note="\u200b\u00a0\ufeff\n", proposals=())) == "note"


def test_forbidden_character_of_a_reviewed_fact_is_replaced_and_told() -> None:
    item = ClinicalItem(
        ItemKind.TREATMENT,
        "Rami\x0bpril",
        code=Code("I10", ICD10, "a\x01b"),
        comment="x\x00y",
        dosage=Dosage("5\x02 mg", text="le\x03 soir"),
    )
    for format in DocumentFormat:
        built = build(replace(of(DocumentKind.CONSULTATION, format), items=(item,)))
        assert len([warning for warning in built.warnings if "interdit" in warning]) == 1
    assert (
        "Rami\ufffdpril".encode()
        in build(replace(of(DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED), items=(item,))).cda
    )


@pytest.mark.parametrize(
    ("label", "atc", "told"),
    [("REVAXIS", "J07CA01", 0), ("Vaccin grippe", "J07BB02", 0), ("REVAXIS", "J07BB02", 1), ("Tétanos", "J07BB02", 1)],
)
def test_vaccine_of_another_code_is_told(label: str, atc: str, told: int) -> None:
    request = of(DocumentKind.VACCINATION, DocumentFormat.STRUCTURED)
    extra = {"vaccines": [{"label": label, "atc": atc, "lot": "A1", "date": "2026-11-20"}]}
    built = build(replace(request, context=replace(request.context, extra=extra)))
    assert len([warning for warning in built.warnings if "code ATC" in warning]) == told


@pytest.mark.parametrize(("kind", "line"), [(DocumentKind.LETTER, "Durand"), (DocumentKind.CERTIFICATE, "Sport")])
def test_a_letter_may_be_a_file_and_what_it_must_say_is_told(kind: DocumentKind, line: str) -> None:
    built = build(with_file(of(kind), FILES["pdf"]))
    assert any(line in warning and "fichier" in warning for warning in built.warnings)
