"""Searching in the whole record: results while typing, the last key wins, a document opens at the hit, Escape goes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from dmp_desktop.domain.search import Hit
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.stalls import LIMIT_MS
from dmp_desktop.ui.views.search.view import place_of
from tests.ui import fakes
from tests.ui.timing import worst_stall


@pytest.fixture
def record(bench, qtbot):
    """An open record in which three documents of 60 are read."""
    texts = ("Potassium 5,9 mmol/L, contrôle du potassium", "Glycémie 1,05 g/L", "Kaliémie et potassium urinaire")
    bench.search.texts = {f"1.2.250.1.999.{n}": text for n, text in zip((0, 3, 6), texts, strict=True)}
    bench.open(qtbot)
    bench.window.activateWindow()
    return bench


def look_for(bench, qtbot, words: str) -> None:
    search = bench.window.page.search
    qtbot.keyClicks(search.line, words)
    qtbot.waitUntil(lambda: search.results.count.text() not in ("", fr.SEARCHING))


def test_results_come_while_typing_with_what_was_read(record, qtbot):
    page = record.window.page
    look_for(record, qtbot, "potassium")
    assert page.body.currentWidget() is page.search.results
    qtbot.waitUntil(lambda: page.search.results.count.text() == "2 documents · 3 passages")
    assert page.search.results.reach.text() == "3 documents lus sur 60"
    interface = QAccessible.queryAccessibleInterface(page.search.results.list)
    spoken = interface.child(0).text(QAccessible.Text.Name)
    assert "potassium" in spoken
    assert page.search.results.model.entry(0).authors[0].family in spoken


def test_the_last_key_wins_and_those_between_are_not_asked(record, qtbot):
    search = record.window.page.search
    record.search.gate.clear()
    qtbot.keyClicks(search.line, "gly")
    qtbot.waitUntil(lambda: record.search.asked == ["g"])
    qtbot.keyClicks(search.line, "c")
    record.search.gate.set()
    qtbot.waitUntil(lambda: search.results.count.text() == "1 document · 1 passage")
    assert record.search.asked == ["g", "glyc"]


def test_enter_opens_the_document_at_the_hit(record, qtbot):
    page = record.window.page
    page.go(0)
    look_for(record, qtbot, "potassium")
    qtbot.waitUntil(lambda: len(page.search.results.model.hits) == 2)
    qtbot.keyClick(page.search.line, Qt.Key.Key_Down)
    qtbot.keyClick(page.search.line, Qt.Key.Key_Return)
    assert page.documents.entry == record.dossier.documents[6]
    pane = page.documents.pane
    qtbot.waitUntil(lambda: pane.finder.at == 0)
    assert page.body.currentWidget() is page.stack
    assert page.stack.currentWidget() is page.documents
    assert pane.finder.line.text() == "potassium"
    assert pane.finder.count.text() == "1 sur 1"


def test_enter_before_the_answer_opens_what_the_words_find_not_what_was_shown(record, qtbot):
    page = record.window.page
    page.go(0)
    look_for(record, qtbot, "potassium")
    qtbot.waitUntil(lambda: len(page.search.results.model.hits) == 2)
    record.search.gate.clear()
    page.search.line.selectAll()
    qtbot.keyClicks(page.search.line, "gly")
    qtbot.keyClick(page.search.line, Qt.Key.Key_Return)
    assert page.search.open
    record.search.gate.set()
    qtbot.waitUntil(lambda: not page.search.open)
    assert page.documents.entry == record.dossier.documents[3]


def test_enter_then_another_key_opens_nothing(record, qtbot):
    page = record.window.page
    record.search.gate.clear()
    qtbot.keyClicks(page.search.line, "gly")
    qtbot.keyClick(page.search.line, Qt.Key.Key_Return)
    qtbot.keyClicks(page.search.line, "c")
    record.search.gate.set()
    qtbot.waitUntil(lambda: page.search.results.count.text() == "1 document · 1 passage")
    assert page.search.open


def test_escape_gives_the_focus_back(record, qtbot):
    page = record.window.page
    page.go(2)
    page.documents.list.view.setFocus()
    qtbot.keyClick(record.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.search.line.hasFocus)
    look_for(record, qtbot, "potassium")
    qtbot.keyClick(page.search.line, Qt.Key.Key_Escape)
    assert page.body.currentWidget() is page.stack
    assert page.documents.list.view.hasFocus()
    qtbot.keyClick(record.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.body.currentWidget() is page.search.results)
    assert page.search.line.selectedText() == "potassium"


def test_filters_restrict_in_place(record, qtbot):
    results = record.window.page.search.results
    look_for(record, qtbot, "potassium")
    qtbot.waitUntil(lambda: len(results.model.hits) == 2)
    results.author_box.setCurrentText("Anne PETIT")
    results.author_box.activated.emit(results.author_box.currentIndex())
    qtbot.waitUntil(lambda: len(results.model.hits) == 1)
    results.period_box.setCurrentIndex(1)
    results.period_box.activated.emit(1)
    qtbot.waitUntil(lambda: record.search.filters[-1].created_from is not None)
    assert record.search.filters[-1].authors == ("Anne PETIT",)


def test_nothing_found_says_where_it_looked(record, qtbot):
    look_for(record, qtbot, "xyz")
    results = record.window.page.search.results
    qtbot.waitUntil(lambda: results.count.text() == "Aucun document lu ne contient « xyz ».")
    assert results.reach.text() == "3 documents lus sur 60"


def test_the_rest_of_the_record_is_read_on_demand(record, qtbot):
    search = record.window.page.search
    record.search.unread = "Potassium normal"
    look_for(record, qtbot, "potassium")
    search.results.rest.click()
    qtbot.waitUntil(lambda: search.results.reach.text() == fr.READ_ALL.format(60))
    assert len(search.results.model.hits) == 59
    assert not search.searching.is_reading


def test_reading_stops_when_the_record_closes_and_no_word_stays(record, qtbot):
    search = record.window.page.search
    look_for(record, qtbot, "potassium")
    search.results.rest.click()
    record.window.session.close_patient()
    qtbot.waitUntil(lambda: record.window.record.patient is None)
    assert not search.searching.is_reading
    assert search.line.text() == ""
    assert search.results.model.hits == ()
    assert search.results.count.text() == ""


def test_the_tab_that_comes_back_does_not_look_filtered_and_the_words_are_one_click_away(record, qtbot):
    page = record.window.page
    look_for(record, qtbot, "potassium")
    page.go(1)
    assert (page.search.line.text(), page.search.line.placeholderText()) == ("", "Revoir la recherche « potassium »")
    record.search.asked.clear()
    qtbot.mouseClick(page.search.line, Qt.MouseButton.LeftButton)
    assert page.body.currentWidget() is page.search.results
    assert page.search.line.selectedText() == "potassium"
    qtbot.waitUntil(lambda: record.search.asked == ["potassium"])
    qtbot.keyClick(page.search.line, Qt.Key.Key_Delete)
    assert page.body.currentWidget() is page.stack
    assert page.search.line.placeholderText() == fr.SEARCH_SHORT
    qtbot.mouseClick(page.search.line, Qt.MouseButton.LeftButton)
    assert page.search.line.text() == ""


def test_what_is_not_read_yet_is_not_said_quietly(record, qtbot):
    results = record.window.page.search.results
    look_for(record, qtbot, "potassium")
    qtbot.waitUntil(lambda: results.reach.text() == "3 documents lus sur 60")
    assert results.reach.property("role") == "warning"


def test_a_hit_leads_to_its_section():
    hit = Hit("1", "t", fakes.NOW, 1, "x", (), "48767-8", "Conclusion", "potassium", 2)
    place = place_of(hit)
    assert (place.section_codes, place.section_title, place.text, place.occurrence) == (
        ("48767-8",),
        "Conclusion",
        "potassium",
        2,
    )
    assert "potassium" not in repr(place)


@pytest.mark.alone
def test_typing_never_stops_the_window(bench, qtbot, qapp):
    bench.search.texts = {f"1.2.250.1.999.{n}": "Potassium 5,9 mmol/L " * 20 for n in range(60)}
    bench.open(qtbot)
    search = bench.window.page.search

    def session() -> None:
        for words in ("p", "po", "pot", "potassium", "potassium 5", ""):
            search.line.setText(words)
            qtbot.wait(30)

    assert worst_stall(session) <= LIMIT_MS


def test_a_snippet_takes_a_second_line_only_where_it_needs_one(record, qtbot):
    page = record.window.page
    record.window.resize(1400, 900)
    look_for(record, qtbot, "potassium")
    found = page.search.results
    qtbot.waitUntil(lambda: len(found.model.hits) == 2)
    hit = replace(found.model.hits[0], snippet="…contrôle du potassium sous " + "traitement, fonction rénale " * 3)
    found.model.show((hit,), found._searching.entries)
    line = found.list.fontMetrics().height()
    heights = []
    for width in (1400, 420, 1400):
        record.window.resize(width, 900)
        qtbot.waitUntil(lambda width=width: abs(found.list.width() - width) < 40)
        qtbot.wait(50)
        heights.append(found.list.visualRect(found.model.index(0, 0)).height())
    assert heights == [heights[0], heights[0] + line, heights[0]]
