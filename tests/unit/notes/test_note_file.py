"""The bytes of a note's file: accents read wrongly would be sent verbatim, and nobody would see it."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from fpdf import FPDF

from dmp_desktop.commands.note import read_note
from dmp_desktop.errors import ContextError

NOTE = "Fièvre 39° à l'école, cœur régulier.\r\nŒdème — « léger » œil droit, 5 µg, dès ce soir…"


def written(tmp_path: Path, content: bytes) -> str:
    (tmp_path / "note.txt").write_bytes(content)
    return str(tmp_path / "note.txt")


@pytest.mark.parametrize("content", [NOTE.encode(), NOTE.encode("utf-8-sig")])
def test_utf8(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    assert read_note(written(tmp_path, content)) == NOTE
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (NOTE.encode("cp1252"), "Windows-1252"),
        (NOTE.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + NOTE.encode("utf-16-be"), "UTF-16"),
    ],
)
def test_another_encoding_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, told: str
) -> None:
    assert read_note(written(tmp_path, content)) == NOTE
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        NOTE.encode() + b"\xe9",
        "Fièvre".encode() + b"\xff",
        NOTE.encode()[:-1],
        NOTE.encode("utf-16-le"),
        NOTE.encode("utf-16")[:-1],
        "Fièvre à l'école".encode("cp850"),
        "Fièvre à l'école".encode("mac-roman"),
        b"%PDF\x00\x01",
    ],
)
def test_accents_that_would_be_wrong_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ContextError) as caught:
        read_note(written(tmp_path, content))
    assert caught.value.code == "note-encoding"
    assert "UTF-8" in caught.value.remedy_fr
    assert "vre" not in str(caught.value)


def test_a_pdf_is_read_by_its_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = FPDF()
    page.add_page()
    page.set_font("Helvetica", size=12)
    page.cell(text="Toux depuis 3 jours")
    assert read_note(written(tmp_path, bytes(page.output()))) == "Toux depuis 3 jours"
    assert "ordre des lignes" in capsys.readouterr().err


def test_the_picture_of_a_note_is_refused(tmp_path: Path) -> None:
    page = FPDF()
    page.add_page()
    with pytest.raises(ContextError) as caught:
        read_note(written(tmp_path, bytes(page.output())))
    assert caught.value.code == "note-picture"


def test_rtf_and_word_are_read_and_what_they_leave_out_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read_note(written(tmp_path, rb"{\rtf1\ansi {\header Cabinet}Fi\'e8vre}")) == "Fièvre"
    assert "en-tête" in capsys.readouterr().err
