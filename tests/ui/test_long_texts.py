"""Paragraphs, words, rows and lists of any length: laid out in pieces, read, found and copied whole."""

from __future__ import annotations

import html
import re

import pytest
from PySide6.QtGui import QTextDocument, QTextTable

from dmp_desktop.cda.render import Palette
from dmp_desktop.cda.render import render as render_cda
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.ui import theme
from dmp_desktop.ui.stalls import LIMIT_MS
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from dmp_desktop.ui.widgets.html_slices import FORCED, JOINER, SLICE_CHARS, slices
from dmp_desktop.ui.widgets.ready_html import prepare
from tests.helpers.facts import entry
from tests.hostile.corpus import section
from tests.ui.timing import worst_stall

SENTENCE = "Patient suivi pour HTA & diabète, sans plainte. "
LONGEST = (FORCED + 3) * SLICE_CHARS
"""With what stands before a paragraph that is cut."""


@pytest.fixture
def pane(qtbot) -> DocumentPane:
    pane = DocumentPane()
    qtbot.addWidget(pane)
    pane.resize(420, 900)
    pane.show()
    return pane


def shown(qtbot, pane: DocumentPane, body: str) -> None:
    pane.show_document(prepare(OpenedDocument(entry("2026-11-02", "Courrier"), body)))
    qtbot.waitUntil(lambda: not pane.browser.loading, timeout=90_000)


def words(pieces: list[str]) -> str:
    return html.unescape(re.sub("<[^>]*>", "", "\n".join(pieces)))


def test_a_paragraph_is_cut_in_place_of_its_blanks():
    text = SENTENCE * 3000
    pieces = slices(f"<div><p><b>{html.escape(text)}</b></p><p>Fin.</p></div>")
    assert max(map(len, pieces)) < LONGEST
    assert words(pieces).split() == [*text.split(), "Fin."]
    assert JOINER not in "".join(pieces)
    assert all(piece.startswith("<div>") and piece.endswith("</div>") for piece in pieces)


def test_a_word_is_cut_behind_its_signs():
    text = "e\u0301&<" * 20_000
    pieces = slices(f"<p>{html.escape(text)}</p>")
    assert max(map(len, pieces)) < LONGEST
    assert words(pieces).replace(f"{JOINER}\n", "") == text
    assert all(not piece.startswith("<p>\u0301") for piece in pieces)


@pytest.mark.parametrize(
    "body",
    ["<p>" + "<b>mot</b>" * 9000 + "</p>", "<p>" + "ligne<br>" * 9000 + "</p>", "<ul>" + "<li><b></b></li>" * 9000 + "</ul>",
     "mot " * 20_000, f"<table><thead><tr><th>{'mot ' * 20_000}</th></tr></thead><tr><td>1</td></tr></table>",
     "<table><tr>" + "<td>1</td>" * 9000 + "</tr></table>"],
    ids=["bold words", "lines", "empty items", "no element", "heading", "columns"],
)  # fmt: skip
def test_nothing_makes_a_long_piece(body: str):
    pieces = slices(body)
    assert max(map(len, pieces)) < LONGEST
    assert "".join(words(pieces).replace(JOINER, "").split()) == "".join(words([body]).split())


def test_a_cut_cell_and_what_follows_stay_in_their_columns(qapp):
    rows = (
        f'<tr><td rowspan="2">Lundi</td><td>{SENTENCE * 800}</td><td>après</td></tr><tr><td>midi</td><td>soir</td></tr>'
    )
    last = QTextDocument()
    last.setHtml(slices(f"<table><tr><th>Jour</th><th>Texte</th><th>Suite</th></tr>{rows}</table>")[-1])
    (table,) = last.rootFrame().childFrames()
    assert isinstance(table, QTextTable)
    cells = [
        [table.cellAt(row, column).firstCursorPosition().block().text() for column in range(3)]
        for row in range(table.rows())
    ]
    assert [cells[0][0], cells[0][2]] == ["", "après"]
    assert cells[1] == ["", "midi", "soir"]
    assert cells[0][1].endswith("sans plainte. ")


def test_a_cut_list_goes_on_counting(qapp):
    items = "".join(f"<li>{SENTENCE} {number}</li>" for number in range(1, 601))
    document = QTextDocument()
    document.setHtml(slices(f"<ol>{items}</ol>")[-1])
    block = document.begin()
    while not block.textList():
        block = block.next()
    number = int(block.text().split()[-1])
    assert number > 100
    assert block.textList().itemText(block) == f"{number}."


def test_words_cut_are_found_and_copied_whole(qtbot, pane):
    shown(qtbot, pane, f"<p>Début</p><p>{'x' * 12_500}AMOXICILLINE{'y' * 200_000}</p><p>{SENTENCE * 500}</p>")
    browser = pane.browser
    text = browser.toPlainText()
    assert text.count(JOINER) > 10
    for start in range(0, 60_000, 997):
        wanted = f"{'x' * 12_500}AMOXICILLINE{'y' * 200_000}"[start : start + 900]
        if set(wanted) - {"x", "y"}:
            assert browser.find_all(wanted) == 1
    assert browser.find_all("y" * 20_000) == 10
    assert browser.find_all("sans plainte. Patient suivi") == 499
    browser.selectAll()
    copied = browser.createMimeDataFromSelection().text()
    assert f"{'x' * 12_500}AMOXICILLINE{'y' * 200_000}" in copied
    assert JOINER not in copied


def nested_lists(count: int) -> str:
    """As deep as they go, then side by side."""
    one = "<list><item>Élément" * 25 + "</item></list>" * 25
    return one * (count // 25)


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize(
    "narrative",
    [lambda: SENTENCE.replace("&", "et") * (5_000_000 // len(SENTENCE)), lambda: "x" * 3_000_000,
     lambda: "<table>" + "".join(f"<tr><td>ligne {row}</td><td>valeur {row}</td></tr>" for row in range(60_000)) + "</table>",
     lambda: nested_lists(5_000)],
    ids=["paragraph", "word", "table", "lists"],
)  # fmt: skip
def test_no_length_stops_the_window(qtbot, pane, narrative):
    rendered = render_cda(section(narrative()), palette=Palette.of(theme.LIGHT.roles()))
    ready = prepare(OpenedDocument(entry("2026-11-02", "Courrier"), rendered.html, style=rendered.style))

    def show() -> None:
        pane.show_document(ready)
        qtbot.waitUntil(lambda: not pane.browser.loading, timeout=90_000)
        pane.forget()
        qtbot.wait(300)

    assert worst_stall(show) <= LIMIT_MS
