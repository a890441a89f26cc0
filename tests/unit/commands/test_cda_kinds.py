"""`dmp cda build` for every kind: its default form, its files, its refusals, the same bytes at the same time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cda.check import Severity, check
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.cli import main
from dmp_desktop.domain.documents import DocumentKind
from tests.helpers.documents import NOTE
from tests.helpers.kinds import FILES, context_data, plans

CLOCK = ("--clock", "2026-11-20T10:30:00+01:00")
KINDS = [plan.kind for plan in plans()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "note.txt").write_bytes(NOTE.encode())
    for name, file in FILES.items():
        (tmp_path / name).write_bytes(file.content)
    return tmp_path


def build(
    folder: Path, kind: DocumentKind, *options: str, extra: dict[str, Any] | None = None, full: bool = True
) -> int:
    data = context_data(kind, full=full)
    if extra is not None:
        data["extra"] = extra
    (folder / "ctx.json").write_text(json.dumps(data), encoding="utf-8")
    arguments = ["--context", str(folder / "ctx.json"), "--kind", kind.value, "-o", str(folder / "out.xml"), *options]
    return main(["cda", "build", *arguments])


def with_note(folder: Path, *options: str) -> tuple[str, ...]:
    return ("--note", str(folder / "note.txt"), *options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_default_form_is_the_structured_one_where_there_is_one(folder: Path, kind: DocumentKind) -> None:
    assert build(folder, kind, *with_note(folder)) == 0
    cda = (folder / "out.xml").read_bytes()
    structured = next(plan.sections is not None for plan in plans() if plan.kind is kind)
    assert (b"<structuredBody>" in cda) is structured
    assert [finding for finding in check(cda) if finding.severity is Severity.ERROR] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_same_command_same_bytes(folder: Path, kind: DocumentKind) -> None:
    made = []
    for _ in range(2):
        assert build(folder, kind, *with_note(folder), *CLOCK) == 0
        made.append((folder / "out.xml").read_bytes())
    assert made[0] == made[1]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_replacement(folder: Path, kind: DocumentKind) -> None:
    assert build(folder, kind, *with_note(folder)) == 0
    first = entry_from_cda((folder / "out.xml").read_bytes())
    (folder / "out.xml").rename(folder / "old.xml")
    assert build(folder, kind, *with_note(folder, "--replaces", str(folder / "old.xml"))) == 0
    second = entry_from_cda((folder / "out.xml").read_bytes())
    assert (second.replaces, second.version) == (first.unique_id, 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_attach_any_allowed_file(folder: Path, name: str) -> None:
    assert build(folder, DocumentKind.SCAN, "--attach", str(folder / name)) == 0
    cda = (folder / "out.xml").read_bytes()
    assert f'mediaType="{FILES[name].mime}"'.encode() in cda
    assert build(folder, DocumentKind.CONSULTATION, *with_note(folder, "--attach", str(folder / name))) == 0
    assert f'mediaType="{FILES[name].mime}"'.encode() in (folder / "out.xml").read_bytes()


def test_no_note_where_extra_says_all(folder: Path) -> None:
    for kind in (DocumentKind.VACCINATION, DocumentKind.CHILD_MEASURES, DocumentKind.RAPID_TEST):
        assert build(folder, kind) == 0


@pytest.mark.parametrize(
    ("kind", "extra", "told"),
    [
        (DocumentKind.VACCINATION, {}, "extra.vaccines"),
        (DocumentKind.VACCINATION, {"vaccines": [{"label": "X", "atc": "J07BB02", "date": "2026-11-20"}]}, "extra.vaccines[0].lot"),
        (DocumentKind.CHILD_MEASURES, {"weight_kg": 500}, "extra.weight_kg"),
        (DocumentKind.RAPID_TEST, {"test": {"code": "78012-2", "label": "Angine"}}, "extra.result"),
        (DocumentKind.LETTER, {}, "extra.recipient"),
        (DocumentKind.CERTIFICATE, {}, "extra.purpose"),
        (DocumentKind.PRESCRIPTION, {"type": "11488-4"}, "extra.type"),
        (DocumentKind.SCAN, {}, "extra.type"),
    ],
)  # fmt: skip
def test_refusal_names_the_field_and_what_is_expected(
    folder: Path, capsys: pytest.CaptureFixture[str], kind: DocumentKind, extra: dict[str, Any], told: str
) -> None:
    assert build(folder, kind, *with_note(folder), extra=extra) == 1
    said = capsys.readouterr().err
    assert f"« {told} »" in said
    assert "attend" in said
    assert not (folder / "out.xml").exists()


class TestRefusedFiles:
    @pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", "Déjà reçu".encode("cp1252")])
    def test_of_another_kind(self, folder: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
        (folder / "file").write_bytes(content)
        assert build(folder, DocumentKind.SCAN, "--attach", str(folder / "file")) == 1
        assert "UTF-8" in capsys.readouterr().err

    def test_of_another_patient(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert build(folder, DocumentKind.CHILD_MEASURES) == 0
        (folder / "out.xml").rename(folder / "old.xml")
        assert build(folder, DocumentKind.CONSULTATION, *with_note(folder, "--replaces", str(folder / "old.xml"))) == 1
        assert "n'est pas de ce patient" in capsys.readouterr().err

    def test_note_and_file_in_one_pdf(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert build(folder, DocumentKind.LETTER, *with_note(folder, "--attach", str(folder / "pdf"))) == 1
        assert "« attach »" in capsys.readouterr().err
