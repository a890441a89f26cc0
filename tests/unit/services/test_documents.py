"""What reaches the window: no PDF that would freeze it, and all that may be shown."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from dmp_desktop.cda.read import pdftext
from dmp_desktop.services.documents import PDF_UNTRIED, PDF_WITHHELD, render
from dmp_desktop.services.opened import OpenedDocument
from tests.helpers.facts import entry
from tests.hostile.corpus import file, section
from tests.hostile.pdfs import nested_forms, one_page

SOUND = one_page(b"BT /F 9 Tf 10 10 Td (Bonjour) Tj ET")
FREEZING = nested_forms(12, 12)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdftext, "MAX_SECONDS", 2.0)


def opened(cda: bytes) -> OpenedDocument:
    return render(entry("2026-11-02", "Courrier"), cda, None, {})


def attached(*pdfs: bytes) -> bytes:
    values = (base64.b64encode(pdf).decode() for pdf in pdfs)
    entries = (
        f'<entry><observationMedia ID="m{number}"><value representation="B64" mediaType="application/pdf">{value}</value>'
        "</observationMedia></entry>"
        for number, value in enumerate(values)
    )
    return section("Madame, Monsieur", "".join(entries))


def test_a_sound_pdf_is_the_document() -> None:
    shown = opened(file("application/pdf", SOUND))
    assert [pdf.content for pdf in shown.pdfs] == [SOUND]
    assert (shown.html, shown.notices) == ("", ())


def test_a_pdf_that_would_freeze_the_window_never_reaches_it() -> None:
    shown = opened(file("application/pdf", FREEZING))
    assert shown.pdfs == ()
    assert [pdf.content for pdf in shown.withheld] == [FREEZING]
    assert shown.notices == (PDF_WITHHELD.format("Piege"),)
    assert "Ce document est un fichier PDF." in shown.html
    assert shown.raw == file("application/pdf", FREEZING)


def test_it_takes_the_next_ones_with_it_and_leaves_the_words_and_those_before() -> None:
    shown = opened(attached(SOUND, FREEZING, FREEZING, SOUND))
    assert [pdf.content for pdf in shown.pdfs] == [SOUND]
    assert [pdf.content for pdf in shown.withheld] == [FREEZING, FREEZING, SOUND]
    assert "Madame, Monsieur" in shown.html
    assert shown.notices == (PDF_WITHHELD.format("Section"),)


@pytest.fixture
def no_helper(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pdftext._HELPER.stop()
    monkeypatch.setattr(pdftext, "_command", lambda: ["/absent/helper"])
    yield
    monkeypatch.undo()


@pytest.mark.usefixtures("no_helper")
def test_where_pdfs_cannot_be_tried_the_true_reason_is_told() -> None:
    shown = opened(file("application/pdf", SOUND))
    assert shown.pdfs == ()
    assert [pdf.content for pdf in shown.withheld] == [SOUND]
    assert shown.notices == (PDF_UNTRIED.format("Piege"),)
    assert "Ce document est un fichier PDF." in shown.html
    shown = opened(attached(SOUND, FREEZING))
    assert len(shown.withheld) == 2
    assert "Madame, Monsieur" in shown.html
