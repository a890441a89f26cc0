"""The notice for patients: one A5 page, whole, whatever the practice is called."""

from __future__ import annotations

import pypdfium2
import pytest

from dmp_desktop.services.patient_notice import BLANK, ELSEWHERE, PARTS, patient_notice

_MM = 72 / 25.4


@pytest.mark.parametrize("practice", ["", "Cabinet des Lilas", "Maison de santé pluriprofessionnelle " + "TEST " * 12])
def test_one_a5_page_holds_it_all(practice: str) -> None:
    document = pypdfium2.PdfDocument(patient_notice(practice))
    assert len(document) == 1
    page = document[0]
    assert [round(side / _MM) for side in page.get_size()] == [148, 210]
    text = page.get_textpage()
    words = " ".join(text.get_text_bounded().split())
    for told in (*(one for _, paragraphs in PARTS for one in paragraphs), *ELSEWHERE, practice or BLANK):
        assert " ".join(told.split()) in words
    bottoms = [text.get_charbox(at)[1] for at in range(text.count_chars())]
    assert min(bottom for bottom in bottoms if bottom) > 8 * _MM, "cut at the bottom of the page"
