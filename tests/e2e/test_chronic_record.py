"""Two minutes before a consultation: the record of the chronic patient in the real window, over HTTPS, from card in to card out.

The tests follow each other in one window, as a doctor would; none needs what another one left on screen. The last two stop the
server and take the card out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QPlainTextEdit, QTextEdit

from dmp_desktop.services.session import Phase
from dmp_desktop.ui import record_page, theme
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_reading_fr as reading_fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.models.documents import plain
from dmp_desktop.ui.stalls import LIMIT_MS, StallMeter
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from tests.helpers.real_window import RealWindow, real_window
from tests.ui.timing import best

pytestmark = pytest.mark.alone

DOCKED = QSize(420, 900)
MASKED_WITHIN_MS = 100.0
BIOLOGY_REPORT = "11502-2"
NAME = "TEST-MOREAU"


@pytest.fixture(scope="module")
def real(qapp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWindow]:
    qapp.setStyle("Fusion")
    theme.apply(qapp, theme.LIGHT)
    with real_window(qapp, tmp_path_factory.mktemp("record")) as real:
        real.window.resize(DOCKED)
        real.sign_in()
        real.open("chronic")
        yield real


def rows(view: QAbstractItemView) -> Iterator[str]:
    """What the rows of a list say, as a screen reader is told: one at a time, a long list takes its time to tell."""
    model = view.model()
    for row in range(model.rowCount()):
        yield model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) or model.index(row, 0).data() or ""


def click(view: QAbstractItemView, row: int) -> None:
    index = view.model().index(row, 0)
    view.scrollTo(index)
    at = view.visualRect(index)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at.topLeft() + QPoint(at.width() // 3, 6))


def opened(real: RealWindow) -> DocumentPane:
    """The pane of the tab Documents, once its document is laid out."""
    pane = real.page.documents.pane
    entry = real.page.documents.entry
    real.until(lambda: pane.ready is not None and pane.ready.opened.entry is entry and not pane.browser.loading)
    return pane


def in_sight(pane: DocumentPane, words: str) -> bool:
    """Whether the hit that is shown holds `words`, before the eyes."""
    hits = [hit for hit in pane.browser.extraSelections() if plain(hit.cursor.selectedText()) == plain(words)]
    lit = [hit for hit in hits if hit.format.background().color().name() == theme.current().accent.lower()]
    return len(lit) == 1 and pane.browser.viewport().rect().contains(pane.browser.cursorRect(lit[0].cursor).center())


def look_for(real: RealWindow, words: str) -> None:
    """From the keyboard, as one types."""
    line = real.page.search.line
    line.clear()
    QTest.keyClicks(line, words)
    found = real.page.search.results
    real.until(lambda: found.model.hits and real.page.search.searching._asked == (words, found.filters))


def test_news_say_what_changed_inside(real: RealWindow) -> None:
    news = real.page.news
    real.page.go(record_page.NEWS)
    real.until(lambda: news.model.lines and news.reading.isHidden())  # the whole
    assert news.isVisible()
    assert news.headline.text().startswith("Depuis le ")
    assert news.headline.text().endswith(" d'autres soignants")
    first, second, *_others = rows(news.list)
    assert first.startswith("À lire maintenant, Potassium 6,4 mmol/L ▲ (3,5–5,1)")
    assert "+ FUROSEMIDE" in second
    assert any("« Évolution favorable sous diurétique." in row for row in rows(news.list))
    assert any("Signes de surcharge vasculaire modérée" in row for row in rows(news.list))
    assert real.page.tabs.buttons[record_page.NEWS].text() == f"{fr.NEWS} {len(news.model.lines)}"
    assert not any(label.isVisible() for label in (news.partial,))


def test_a_new_result_opens_its_report_where_it_is_told(real: RealWindow) -> None:
    real.page.go(record_page.NEWS)
    real.until(lambda: real.page.news.model.lines and real.page.news.reading.isHidden())
    click(real.page.news.list, 0)
    pane = opened(real)
    assert real.page.documents.isVisible()
    assert pane.ready.opened.entry.type_code.code == BIOLOGY_REPORT
    assert in_sight(pane, "Potassium")


def test_the_whole_list(real: RealWindow) -> None:
    real.page.go(record_page.DOCUMENTS)
    view = real.page.documents
    view.close_document()
    assert len(view.model.entries) == 400
    assert view.list.isVisible()
    assert any("invisible au patient" in row for row in rows(view.list.view))
    assert not view.offline.isVisible()
    QTest.keyClicks(view.filters.words, "radiographie")
    real.until(lambda: 0 < view.model.rowCount() < 20)
    assert all("Radiographie du thorax" in row for row in rows(view.list.view))
    view.filters.words.clear()
    real.until(lambda: view.model.rowCount() > 300)


def test_what_was_sent_with_the_letter_is_one_click_away(real: RealWindow) -> None:
    """The hospital sent the order of the discharge with its letter: asked of the server, not listed."""
    real.page.go(record_page.DOCUMENTS)
    view = real.page.documents
    letters = [entry for entry in view.model.entries if entry.title == "Lettre de liaison à la sortie"]
    view.open(max(letters, key=lambda entry: entry.creation_time))
    letter = opened(real).ready.opened.entry
    real.until(view.beside.sent.isVisible)
    words, button = view.beside.sent.widgets
    assert (words.text(), button.text()) == (viewer_fr.SENT_WITH, "Ordonnance de médicaments")
    button.click()
    assert "furosemide" in opened(real).browser.toPlainText().casefold()
    real.until(view.beside.sent.isVisible)
    view.beside.sent.widgets[1].click()
    assert opened(real).ready.opened.entry == letter
    view.close_document()


def test_synthesis_with_its_sources(real: RealWindow) -> None:
    real.page.go(record_page.SYNTHESIS)
    view = real.page.synthesis
    real.until(lambda: view.reader.complete)
    said = "\n".join(rows(view.list))
    for words in (
        reading_fr.CONTRADICTION,
        "amoxicilline",
        "Maladie rénale chronique, stade 3",
        "Cholécystectomie",
        "Infarctus aigu du myocarde",
        "FUROSEMIDE",
        "INFLUVAC TETRA",
    ):
        assert words in said
    assert view.bar.words.text().startswith("268 documents structurés lus")
    view.copy.menu().actions()[0].trigger()
    copied = QGuiApplication.clipboard().text()
    allergies = copied.partition("ALLERGIES ET INTOLÉRANCES\n")[2].partition("\n\n")[0].splitlines()
    assert any("amoxicilline" in line and "[Volet de synthèse médicale, Camille DUPONT" in line for line in allergies)
    assert any("Pas d'allergie" in line and "[Lettre de liaison à la sortie, " in line for line in allergies)
    lines = [line for line in copied.splitlines() if line.startswith(("- ", "! "))]
    assert len(lines) > 20
    assert all(line.endswith("]") for line in lines)
    assert view.said.text() == reading_fr.COPIED
    QGuiApplication.clipboard().clear()


def test_a_result_leads_to_its_report(real: RealWindow) -> None:
    real.page.go(record_page.BIOLOGY)
    view = real.page.biology
    real.until(lambda: view.reader.complete)
    assert "Potassium" in next(rows(view.list.view))  # the most dangerous first
    assert not any(row[:1].isdigit() for row in rows(view.list.view))  # every analysis has a name
    QTest.keyClicks(view.filter, "creatinine")
    real.until(lambda: view.model.rowCount() == 1)
    click(view.list.view, 0)
    detail = view.detail
    assert detail.chart.isVisible()
    assert detail.title.text() == "Créatinine"
    assert len(detail.chart.marks) > 50
    assert "214 µmol/L" in detail.words.text()
    assert any("mg/L" in row for row in rows(detail.results.view))  # as the other laboratory wrote it
    click(detail.results.view, 0)
    pane = opened(real)
    assert pane.ready.opened.entry.type_code.code == BIOLOGY_REPORT
    assert "214" in pane.browser.toPlainText()
    real.page.go(record_page.BIOLOGY)
    view.close_detail()
    view.filter.clear()


def test_treatments_reconciled_along_time(real: RealWindow) -> None:
    real.page.go(record_page.TREATMENTS)
    view = real.page.treatments
    real.until(lambda: view.reader.complete)
    said = {row.label: row for row in view.model.rows}
    assert "En double" in said["Bisoprolol"].mark_words
    assert said["Mirtazapine"].mark_words == "Non délivré"
    assert "Arrêté" in said["Rosuvastatine"].mark_words
    for origin in ("prescrit", "délivré", "remboursé", "synthèse"):
        assert any(origin in bar.words.casefold() for bar in view.timeline.bars)
    assert view.timeline.isVisible()
    view.timeline.setFocus()
    view.timeline.look_at_row(0)
    assert view.words.text().startswith("ATORVASTATINE")
    entry = view.timeline.bars[view.timeline.current].entry
    QTest.keyClick(view.timeline, Qt.Key.Key_Return)
    assert opened(real).ready.opened.entry == entry


def test_nothing_to_send(real: RealWindow) -> None:
    real.page.go(record_page.OUTBOX)
    assert real.page.outbox.isVisible()
    said = [label.text() for label in real.page.outbox.findChildren(QLabel) if label.isVisible()]
    assert any(fr.OUTBOX_EMPTY in words for words in said)


def test_a_word_that_is_only_inside_a_document(real: RealWindow) -> None:
    """Typed without accent, in capitals, and not to its end."""
    typed = "DIURETIQ"
    listed = real.page.documents.model.entries
    told = [f"{entry.title} {entry.type_code.display} {entry.authors[0].display_name}" for entry in listed]
    assert not any(plain(typed) in plain(words) for words in told)
    real.page.go(record_page.NEWS)
    QTest.keyClick(real.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    look_for(real, typed)
    results = real.page.search.results
    assert results.isVisible()
    assert "diurétique" in results.model.hits[0].snippet
    assert "lus sur 400" in results.reach.text() or results.reach.text() == viewer_fr.READ_ALL.format(400)
    QTest.keyClick(real.page.search.line, Qt.Key.Key_Return)
    pane = opened(real)
    assert pane.heading.title.text() == "Lettre de liaison à la sortie"
    assert pane.heading.title.isVisible()
    assert pane.finder.count.text().startswith("1 sur ")
    assert in_sight(pane, "diurétique")


def test_back_to_the_results_by_one_click(real: RealWindow) -> None:
    """No tab looks filtered by words that only the search knows; they are at hand all the same."""
    look_for(real, "diuretiq")
    QTest.keyClick(real.page.search.line, Qt.Key.Key_Return)
    line = real.page.search.line
    real.until(lambda: line.text() == "")
    opened(real)
    assert "diuretiq" in line.placeholderText()
    QTest.mouseClick(line, Qt.MouseButton.LeftButton)
    assert (line.text(), line.selectedText()) == ("diuretiq", "diuretiq")
    real.until(real.page.search.results.isVisible)
    assert real.page.search.results.model.hits


def test_contents_and_words_of_the_open_document(real: RealWindow) -> None:
    look_for(real, "diuretiq")
    QTest.keyClick(real.page.search.line, Qt.Key.Key_Return)
    pane = opened(real)
    pane.bar.contents.click()
    contents = pane.sections.list
    titles = [contents.item(row).text() for row in range(contents.count())]
    assert titles[0] == "Statut du document"
    assert contents.currentItem().text() == "Synthèse médicale du séjour"  # where the hit is
    wanted = titles.index("Suites à donner")
    click(contents, wanted)
    place = pane.browser.places[contents.item(wanted).data(Qt.ItemDataRole.UserRole)]
    cursor = pane.browser.textCursor()
    cursor.setPosition(place)
    assert pane.browser.viewport().rect().contains(pane.browser.cursorRect(cursor).center())
    QTest.keyClick(pane.browser, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    pane.finder.line.clear()
    QTest.keyClicks(pane.finder.line, "CREATININE")
    assert pane.finder.count.text().startswith("1 sur ")
    assert in_sight(pane, "créatinine")
    QTest.keyClick(pane, Qt.Key.Key_Escape)
    pane.bar.contents.click()


def test_the_window_never_stands_still(real: RealWindow) -> None:
    """The record opened anew, each tab read, words looked for, a document opened, a curve and a time line walked along."""
    page = real.page

    def walk() -> float:
        real.window.conductor.close_patient()
        real.stage.remove(1)
        real.until(lambda: not page.documents.model.entries)
        meter = StallMeter(real.window)
        meter.start()
        real.open("chronic")
        real.until(lambda: page.news.model.lines and page.news.reading.isHidden())
        for tab, view in enumerate((page.synthesis, page.biology, page.treatments)):
            page.go((record_page.SYNTHESIS, record_page.BIOLOGY, record_page.TREATMENTS)[tab])
            real.until(lambda view=view: view.reader.complete)
            real.pause(0.05)
        for _ in range(5):
            QTest.keyClick(page.treatments.timeline, Qt.Key.Key_Down)
            real.pause(0.02)
        page.go(record_page.BIOLOGY)
        click(page.biology.list.view, 0)
        for _ in range(5):
            QTest.keyClick(page.biology.detail.chart, Qt.Key.Key_Left)
            real.pause(0.02)
        page.biology.close_detail()
        look_for(real, "insuffisance")
        QTest.keyClick(page.search.line, Qt.Key.Key_Return)
        opened(real)
        real.pause(0.05)
        meter.stop()
        return max(meter.ours(0), default=0.0)

    assert best(walk, LIMIT_MS) <= LIMIT_MS


def test_without_the_server_the_kept_record_is_marked(real: RealWindow) -> None:
    """The record opens again from what is kept, and says so; what was read before is still read."""
    real.window.conductor.close_patient()
    real.until(lambda: not real.page.documents.model.entries)
    real.stage.remove(1)
    real.stage.server.terminate()
    real.stage.server.wait(120)
    real.open("chronic")
    view = real.page.documents
    real.page.go(record_page.DOCUMENTS)
    real.until(lambda: len(view.model.entries) == 400)
    assert view.offline.isVisible()
    assert "hors" in view.offline.text().casefold()
    assert real.window.strip.server.text().startswith("DMP")
    assert "✓" not in real.window.strip.server.text()
    letters = [entry for entry in view.model.entries if entry.title == "Lettre de liaison à la sortie"]
    view.open(max(letters, key=lambda entry: entry.creation_time))
    assert "diurétique" in opened(real).browser.toPlainText()


def test_card_out_masks_at_once(real: RealWindow) -> None:
    def out() -> float:
        if real.window.session.state.phase is Phase.MASKED:
            real.sign_in()
            real.until(lambda: NAME in shown(real))
        assert NAME in shown(real)
        began = time.perf_counter()
        real.stage.remove(0)
        real.until(lambda: real.window.stack.currentIndex() == 0)
        real.window.repaint()
        return (time.perf_counter() - began) * 1000

    assert best(out, MASKED_WITHIN_MS) <= MASKED_WITHIN_MS
    assert real.window.masked.isVisible()
    held = shown(real, hidden=True)
    for words in (NAME, "diur", "Potassium", "Lettre de liaison"):
        assert words not in held
    views = real.window.findChildren(QAbstractItemView)
    assert not any("Potassium" in row for view in views if view.model() for row in map(str, rows(view)))


def shown(real: RealWindow, *, hidden: bool = False) -> str:
    """Every word of the window's labels and lines; what is `hidden` too."""
    kinds = (QLabel, QLineEdit, QPlainTextEdit, QTextEdit)
    widgets = [widget for kind in kinds for widget in real.window.findChildren(kind) if hidden or widget.isVisible()]
    texts = [
        widget.toPlainText() if isinstance(widget, QPlainTextEdit | QTextEdit) else f"{widget.text()}"
        for widget in widgets
    ]
    return "\n".join((*texts, *(widget.toolTip() for widget in widgets), real.window.windowTitle()))
