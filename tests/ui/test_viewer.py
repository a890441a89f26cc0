"""Documents on screen: nothing but what they hold is loaded, long ones come in slices, PDFs and colours follow."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import QBuffer, QObject, Qt, QUrl, Slot
from PySide6.QtGui import QColor, QDesktopServices, QImage, QPainter, QPdfWriter, QTextDocument, QTextOption
from PySide6.QtPrintSupport import QPrinter

from dmp_desktop.cda.read import pdftext
from dmp_desktop.domain.documents import Attachment
from dmp_desktop.services.documents import render
from dmp_desktop.services.opened import OpenedDocument, SectionPart
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.stalls import LIMIT_MS
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.documents.exporting import Exporter
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from dmp_desktop.ui.widgets.document_tools import DocumentAct
from dmp_desktop.ui.widgets.html_slices import slices, style_of
from dmp_desktop.ui.widgets.pdf_pane import PdfPane
from dmp_desktop.ui.widgets.place import Place
from dmp_desktop.ui.widgets.printing import on_paper
from dmp_desktop.ui.widgets.ready_html import prepare
from dmp_desktop.ui.widgets.safe_browser import SafeBrowser
from tests.hostile.corpus import file
from tests.hostile.pdfs import nested_forms
from tests.ui import fakes
from tests.ui.timing import worst_stall

ENTRY = fakes.entries(1)[0]
IMAGE = QTextDocument.ResourceType.ImageResource.value


def png(colour: str = "#B3261E", width: int = 40) -> bytes:
    image = QImage(width, 10, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def pdf(pages: int = 2) -> bytes:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    painter = QPainter(writer)
    for page in range(pages):
        if page:
            writer.newPage()
        painter.drawText(200, 200, f"TEST page {page + 1}")
    painter.end()
    return bytes(buffer.data().data())


def opened(html: str = "", **more: object) -> OpenedDocument:
    return OpenedDocument(ENTRY, html, **more)  # type: ignore[arg-type]


@pytest.fixture
def pane(qtbot):
    pane = DocumentPane()
    qtbot.addWidget(pane)
    pane.resize(420, 600)
    pane.show()
    return pane


@pytest.mark.parametrize("form", ["{}", "file://{}", "{}?x", "cda-media:autre", "data:image/png;base64,{}"])
def test_no_image_from_outside_the_document(qtbot, tmp_path: Path, form):
    """Returning None from loadResource would let Qt open the file itself."""
    file = tmp_path / "secret.png"
    file.write_bytes(png())
    browser = SafeBrowser()
    qtbot.addWidget(browser)
    browser.show_ready(prepare(opened(f'<p>Avant<img src="{form.format(file)}">Après</p>')).html)
    resource = browser.loadResource(IMAGE, QUrl(form.format(file)))
    assert isinstance(resource, QImage)
    assert resource.isNull()
    browser.resize(300, 200)
    browser.show()
    shot = browser.grab().toImage()
    seen = {shot.pixelColor(x, y).name() for x in range(0, shot.width(), 3) for y in range(0, shot.height(), 3)}
    assert "#b3261e" not in seen


def test_images_of_the_document_are_shown_within_the_width(qtbot):
    browser = SafeBrowser()
    qtbot.addWidget(browser)
    browser.resize(300, 200)
    browser.show()
    media = {"I1": Attachment("image/png", png(width=900)), "I2": Attachment("image/png", b"not an image")}
    browser.show_ready(prepare(opened('<p><img src="cda-media:I1"></p>', media=media)).html)
    assert 50 < browser.loadResource(IMAGE, QUrl("cda-media:I1")).width() <= 300
    assert browser.loadResource(IMAGE, QUrl("cda-media:I2")).isNull()


def test_links_are_never_followed(qtbot):
    browser = SafeBrowser()
    qtbot.addWidget(browser)
    browser.show_ready(prepare(opened('<a href="file:///etc/hostname">ici</a>')).html)
    assert not browser.openLinks()
    assert not browser.openExternalLinks()
    assert browser.toPlainText() == "ici"


def table(rows: int, *, span: str = "") -> str:
    body = "".join(f"<tr><td{span}>Glycémie {row}</td><td>1,05 g/L</td></tr>" for row in range(rows))
    return f"<table border='1'><thead><tr><th>Examen</th><th>Valeur</th></tr></thead><tbody>{body}</tbody></table>"


def test_slices_show_the_whole_once(qtbot):
    html = f"<html><head><style>td{{color:#111111}}</style></head><body><h1>Bilan</h1>{table(900)}<p>Fin.</p></body></html>"
    sheet, body = style_of(html)
    assert sheet == "td{color:#111111}"
    pieces = slices(body)
    assert len(pieces) > 5
    whole, parts = QTextDocument(), QTextDocument()
    whole.setHtml(body)
    shown = ""
    for piece in pieces:
        parts.setHtml(piece)
        shown += parts.toPlainText() + "\n"
    lines = [line for line in shown.split("\n") if line and line not in ("Examen", "Valeur")]
    assert lines == [line for line in whole.toPlainText().split("\n") if line and line not in ("Examen", "Valeur")]
    assert all("Examen" in piece for piece in pieces if "Glycémie" in piece)


def test_tables_are_cut_where_no_cell_spans_rows():
    rows = "".join(
        f'<tr><td rowspan="3">Jour {day}</td><td>8 h</td></tr>' + "<tr><td>12 h</td></tr>" * 2 for day in range(300)
    )
    pieces = slices(f"<table>{rows}</table>")
    assert len(pieces) > 2
    assert all(piece.startswith('<table><tr><td rowspan="3">Jour') for piece in pieces)


@pytest.mark.parametrize(
    "html", ["", "texte nu", "<p>a < b</p>", "<p>ouvert", "</p>fermé", "<br/><img src='cda-media:A'>"]
)
def test_slices_lose_nothing_of_odd_html(html):
    assert "".join(slices(html, size=4)) == html


@pytest.mark.alone
@pytest.mark.parametrize("rows", [200, 20_000])
def test_long_documents_never_stop_the_window(qtbot, pane, rows):
    ready = prepare(opened(f"<h1>Bilan</h1>{table(rows)}<p>Fin du document.</p>"))

    def show() -> None:
        pane.show_document(ready)
        qtbot.waitUntil(lambda: not pane.browser.loading, timeout=60_000)

    assert worst_stall(show) <= LIMIT_MS
    assert pane.browser.toPlainText().endswith("Fin du document.")


def test_a_long_document_leaves_in_pieces_until_nothing_is_left_of_it(qtbot, pane):
    pane.show_document(prepare(opened(f"<h1>Bilan</h1>{table(2000)}")))
    qtbot.waitUntil(lambda: not pane.browser.loading, timeout=30_000)
    pane.forget()
    assert pane.browser.toPlainText() == ""
    (left,) = pane.browser._leaving.documents
    assert not left.isEmpty()
    qtbot.waitUntil(lambda: not pane.browser._leaving.documents)
    assert left.isEmpty()


def test_the_next_document_is_read_as_the_one_before(qtbot, pane):
    pane.show_document(prepare(opened("<p>un</p>")))
    pane.zoom(3)
    first = pane.browser.document()
    size, margin = first.defaultFont().pointSizeF(), first.documentMargin()
    pane.show_document(prepare(opened("<p>deux</p>")))
    then = pane.browser.document()
    assert (then.defaultFont().pointSizeF(), then.documentMargin()) == (size, margin)
    assert then.defaultTextOption().wrapMode() is QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
    assert not then.isUndoRedoEnabled()


def test_reader_stays_at_the_top_while_the_rest_comes(qtbot, pane):
    pane.show_document(prepare(opened(f"<h1>Bilan</h1>{table(2000)}")))
    qtbot.waitUntil(lambda: not pane.browser.loading, timeout=30_000)
    assert pane.browser.verticalScrollBar().value() == 0


def test_notices_and_warnings_stand_above(pane):
    hidden = next(entry for entry in fakes.entries(10) if entry.visibility)
    pane.show_document(prepare(OpenedDocument(hidden, "<p>x</p>", notices=("Identité à vérifier.",))))
    assert pane.heading.notices.text() == "Attention, ce document n'est pas visible du patient\nIdentité à vérifier."


def test_pdf_is_shown_and_zoomed(qtbot, pane):
    pane.show_document(prepare(opened(pdfs=(Attachment("application/pdf", pdf()),))))
    assert pane.parts.currentWidget() is pane.pdf
    assert pane.pdf.pages == 2
    pane.zoom(2)
    assert pane.pdf.view.zoomFactor() > 0
    pane.forget()
    assert pane.pdf.pages == 0


def test_a_pdf_that_would_freeze_the_window_is_told_of_and_not_opened(qtbot, pane, monkeypatch):
    monkeypatch.setattr(pdftext, "MAX_SECONDS", 2.0)
    pane.show_document(prepare(render(ENTRY, file("application/pdf", nested_forms(12, 12)), None, {})))
    assert pane.pdf is None
    assert "bloquerait la fenêtre" in pane.heading.notices.text()
    assert pane.parts.currentWidget() is pane.browser
    qtbot.waitUntil(lambda: "Ce document est un fichier PDF." in pane.browser.toPlainText())


def test_text_and_pdfs_are_offered_side_by_side(qtbot, pane):
    content = Attachment("application/pdf", pdf(1))
    pane.show_document(prepare(opened("<p>Texte</p>", pdfs=(content, content))))
    assert [button.text() for button in pane.parts.buttons()] == ["Texte", "PDF 1", "PDF 2"]
    pane.parts.buttons()[2].click()
    assert pane.parts.currentWidget() is pane.pdf
    pane.parts.buttons()[0].click()
    assert pane.browser.toPlainText() == "Texte"


def test_what_is_no_pdf_is_said_so(pane):
    pane.show_document(prepare(opened(pdfs=(Attachment("application/pdf", b"rien"),))))
    assert pane.parts.message.text() == fr.PDF_BROKEN


def test_original_layout_stays_reachable(pane):
    pane.show_document(prepare(opened("<p>En cartes</p>", original_html="<p>En tableau</p>")))
    pane.original.click()
    assert pane.browser.toPlainText() == "En tableau"
    pane.original.click()
    assert pane.browser.toPlainText() == "En cartes"


@pytest.mark.slow
def test_the_document_follows_the_colours(bench, qtbot, qapp):
    bench.open(qtbot)
    view = bench.window.page.documents
    asked: list[str] = []

    def render(entry, palette):
        asked.append(palette["text"])
        return fakes.plain_document(entry, palette)

    bench.dossier.html = render
    view.open(bench.dossier.documents[0])
    qtbot.waitUntil(lambda: view.pane.ready is not None)
    theme.apply(qapp, theme.DARK)
    qtbot.waitUntil(lambda: asked == [theme.LIGHT.text, theme.DARK.text])


def test_zoom_stays_within_reason(pane):
    pane.show_document(prepare(opened("<p>Texte</p>")))
    before = pane.browser.font().pointSizeF()
    for _ in range(40):
        pane.zoom(1)
    assert before < pane.browser.font().pointSizeF() <= before + 12
    for _ in range(80):
        pane.zoom(-1)
    assert pane.browser.font().pointSizeF() >= before - 4


# Sections, words looked for, links, paper


def sections(*titles: str) -> tuple[SectionPart, ...]:
    return tuple(
        SectionPart(
            f"code-{n}", title, f"section-{n}", 0, f'<h2><a name="section-{n}"></a>{title}</h2><p>Texte {n} é.</p>'
        )
        for n, title in enumerate(titles, 1)
    )


def in_sections(*titles: str, **more: object) -> OpenedDocument:
    parts = sections(*titles)
    html = "".join(part.html for part in parts)
    return opened(f"<h1>Titre</h1>{html}", summary="<h1>Titre</h1>", sections=parts, **more)


@pytest.fixture
def habits(qtbot):
    pool = TaskRunner(1)
    keeper = HabitsKeeper(fakes.FakeHabits(), pool)
    yield keeper
    assert pool.close()


@pytest.fixture
def reader(qtbot, habits):
    pane = DocumentPane(habits=habits)
    qtbot.addWidget(pane)
    pane.resize(420, 700)
    pane.show()
    return pane


def lines(pane: DocumentPane) -> list[str]:
    return [line.removeprefix("▾ ") for line in pane.browser.toPlainText().split("\n") if line]


def shown(qtbot, pane: DocumentPane) -> None:
    qtbot.waitUntil(lambda: not pane.browser.loading)


def test_every_section_has_its_own_lines_and_place(qtbot, reader):
    reader.show_document(prepare(in_sections("Un", "Deux", "Trois")))
    shown(qtbot, reader)
    assert lines(reader) == ["Titre", "Un", "Texte 1 é.", "Deux", "Texte 2 é.", "Trois", "Texte 3 é."]
    text = reader.browser.toPlainText()
    for number, title in enumerate(("Un", "Deux", "Trois"), 1):
        assert text[reader.browser.places[f"section-{number}"] :].startswith(f"▾ {title}")


def test_a_folded_section_stays_so_for_the_next_documents(qtbot, reader, habits):
    reader.show_document(prepare(in_sections("Un", "Deux")))
    shown(qtbot, reader)
    reader.browser.anchorClicked.emit(QUrl("cda-fold:section-1"))
    shown(qtbot, reader)
    assert lines(reader) == ["Titre", "▸ Un", "Deux", "Texte 2 é."]
    qtbot.waitUntil(lambda: habits._port.kept.folded == ("code-1",))
    reader.show_document(prepare(in_sections("Un", "Autre")))
    shown(qtbot, reader)
    assert lines(reader) == ["Titre", "▸ Un", "Autre", "Texte 2 é."]
    reader.sections.toggle("section-1")
    qtbot.waitUntil(lambda: habits._port.kept.folded == ())


def test_the_order_of_sections_is_kept_by_code(qtbot, reader, habits):
    reader.show_document(prepare(in_sections("Un", "Deux", "Trois")))
    shown(qtbot, reader)
    reader.bar.contents.click()
    reader.sections.list.setCurrentRow(2)
    qtbot.keyClick(reader.sections.list, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    shown(qtbot, reader)
    assert lines(reader)[1::2] == ["Un", "Trois", "Deux"]
    reader.show_document(prepare(in_sections("A", "B", "C")))
    shown(qtbot, reader)
    assert lines(reader)[1::2] == ["A", "C", "B"]


def test_a_place_is_shown_even_in_a_folded_section(qtbot, reader, habits):
    habits.change(folded=("code-2",))
    at = Place("texte", 0, ("code-2",), "Deux")
    reader.show_document(prepare(in_sections("Un", "Deux")), at)
    qtbot.waitUntil(lambda: reader.finder.found == 2)
    assert reader.finder.at == 1
    assert reader.finder.count.text() == "2 sur 2"
    reader.finder.next.click()
    assert reader.finder.count.text() == "1 sur 2"


def test_words_are_found_without_case_or_accents_from_the_keyboard(qtbot, reader):
    reader.show_document(prepare(in_sections("Hémoglobine", "HEMOGLOBINE glyquée \U0001f600 hémoglobine")))
    shown(qtbot, reader)
    qtbot.keyClick(reader, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert reader.finder.isVisible()
    qtbot.keyClicks(reader.finder.line, "hemoglobine")
    assert reader.finder.count.text() == "1 sur 3"
    qtbot.keyClick(reader.finder.line, Qt.Key.Key_Return)
    qtbot.keyClick(reader.finder.line, Qt.Key.Key_Return)
    selections = reader.browser.extraSelections()
    last = selections[2].cursor.selectedText()
    assert (reader.finder.count.text(), last) == ("3 sur 3", "hémoglobine")
    qtbot.keyClick(reader.finder.line, Qt.Key.Key_Escape)
    assert not reader.finder.isVisible()
    assert reader.browser.extraSelections() == []


def test_a_page_about_as_high_as_its_place_does_not_hold_the_window(qtbot):
    """Seen: a page that fits without a scroll bar, and not beside one, kept the window busy for ever, no timer ran any more. Not
    played here, where it would not end."""
    pane = PdfPane()
    qtbot.addWidget(pane)
    assert pane.show_pdf(pdf(1))
    pane.resize(400, 450)
    pane.show()
    widths = set()
    for height in range(450, 650, 50):
        pane.resize(400, height)
        widths.add(pane.view.viewport().width())
    assert len(widths) == 1, "the width of a page depends on its height"


def test_words_are_found_in_a_pdf(qtbot, pane):
    pane.show_document(prepare(opened(pdfs=(Attachment("application/pdf", pdf()),))), Place("page 2"))
    qtbot.waitUntil(lambda: pane.finder.count.text() == "1 sur 1")


def test_an_address_opens_only_once_confirmed(qtbot, reader):
    asked: list[str] = []

    class Handler(QObject):
        @Slot(QUrl)
        def take(self, url: QUrl) -> None:
            asked.append(url.toString())

    handler = Handler()
    QDesktopServices.setUrlHandler("https", handler, "take")
    html = '<p>Voir <span class="added">[https://www.has-sante.fr/a?b=1&amp;c=2]</span></p>'
    reader.show_document(prepare(opened(html)))
    reader.browser.anchorClicked.emit(QUrl("https://www.has-sante.fr/a?b=1&c=2"))
    assert reader.links.isVisible()
    assert asked == []
    assert "https://www.has-sante.fr/a?b=1&c=2" in reader.links.words.text()
    reader.links.no.click()
    assert asked == []
    reader.browser.anchorClicked.emit(QUrl("https://www.has-sante.fr/a?b=1&c=2"))
    reader.links.open.click()
    assert asked == ["https://www.has-sante.fr/a?b=1&c=2"]
    QDesktopServices.unsetUrlHandler("https")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "//serveur/partage", "cda-media:A"])
def test_nothing_but_a_web_address_is_offered(reader, address):
    reader.show_document(prepare(opened(f'<p><span class="added">[{address}]</span></p>')))
    reader.browser.anchorClicked.emit(QUrl(address))
    assert not reader.links.isVisible()
    assert "href" not in "".join(reader.ready.html.pieces)


def test_an_address_of_the_document_can_be_clicked(reader):
    reader.show_document(prepare(opened('<p><span class="added">[https://a.fr/x]</span></p>')))
    assert '<a href="https://a.fr/x">' in "".join(reader.ready.html.pieces)


def test_another_identity_is_told_with_each_trait(reader):
    told = (
        "L'identité portée par ce document diffère de celle du dossier : nom de naissance.",
        "L'identité portée par ce document diffère de celle du dossier : sexe.",
    )
    reader.show_document(prepare(opened("<p>x</p>", mismatches=told)))
    assert reader.heading.mismatch.isVisible()
    assert reader.heading.mismatch.text() == (
        "IDENTITÉ À VÉRIFIER\nL'identité portée par ce document diffère de celle du dossier : nom de naissance, sexe."
    )
    reader.show_document(prepare(opened("<p>x</p>")))
    assert not reader.heading.mismatch.isVisible()


def test_the_whole_header_on_demand(qtbot, reader):
    reader.show_document(prepare(opened("<p>Texte</p>", details="<h3>Auteur</h3><p>Anne PETIT</p>")))
    reader.bar.header.trigger()
    assert reader.browser.toPlainText() == "Auteur\nAnne PETIT"
    reader.bar.header.trigger()
    assert reader.browser.toPlainText() == "Texte"


def test_what_is_chosen_stays_when_the_colours_change(qtbot, reader):
    ready = prepare(in_sections("Un", "Deux"))
    reader.show_document(ready)
    reader.bar.contents.click()
    reader.show_document(ready)
    assert reader.bar.contents.isChecked()
    assert reader.sections.isVisible()


def strong_hits(pane: DocumentPane) -> list[int]:
    """Where the hits that stand out more than the others begin."""
    accent = QColor(theme.current().accent)
    lit = pane.browser.extraSelections()
    return [one.cursor.selectionStart() for one in lit if one.format.background().color() == accent]


@pytest.mark.slow
@pytest.mark.parametrize("size", ["one slice", "many slices"])
def test_the_hit_shown_stays_the_strong_one_when_the_colours_change(qtbot, qapp, reader, size):
    more = f"<h2>Bilan</h2>{table(900)}" if size == "many slices" else "<p>Glycémie, glycémie, glycémie, glycémie</p>"
    ready = prepare(opened(more))
    reader.show_document(ready)
    shown(qtbot, reader)
    reader.look_for()
    reader.finder.line.setText("glycemie")
    reader.finder.step(1)
    reader.finder.step(1)
    (before,) = strong_hits(reader)
    count = reader.finder.count.text()
    theme.apply(qapp, theme.DARK)
    reader.show_document(ready)
    shown(qtbot, reader)
    assert strong_hits(reader) == [before]
    assert reader.finder.count.text() == count
    reader.finder.step(1)
    assert strong_hits(reader) > [before]


def test_the_next_document_begins_with_its_first_hit(qtbot, reader):
    reader.show_document(prepare(opened("<p>Glycémie, glycémie, glycémie</p>")))
    reader.look_for()
    reader.finder.line.setText("glycemie")
    reader.finder.step(2)
    reader.show_document(prepare(OpenedDocument(fakes.entries(2)[1], "<p>Glycémie, glycémie</p>")))
    reader.look_for()
    reader.finder.line.setText("glycemie")
    assert strong_hits(reader) == [0]


def test_contents_stay_on_their_line_when_the_colours_change(qtbot, reader):
    ready = prepare(in_sections("Un", "Deux", "Trois"))
    reader.show_document(ready)
    reader.bar.contents.click()
    reader.sections.list.setCurrentRow(2)
    reader.show_document(ready)
    assert reader.sections.list.currentItem().text() == "Trois"
    reader.show_document(prepare(OpenedDocument(fakes.entries(2)[1], "<p>x</p>", sections=sections("Un", "Deux"))))
    assert reader.sections.list.currentItem().text() == "Un"


def test_a_section_opened_for_its_hit_stays_open_when_the_colours_change(qtbot, reader, habits):
    habits.change(folded=("code-2",))
    ready = prepare(in_sections("Un", "Deux"))
    reader.show_document(ready, Place("Texte 2", section_codes=("code-2",)))
    shown(qtbot, reader)
    (before,) = strong_hits(reader)
    reader.show_document(ready)
    shown(qtbot, reader)
    assert "Texte 2 é." in lines(reader)
    assert strong_hits(reader) == [before]


@pytest.fixture
def exporter(qtbot, reader, tmp_path):
    pool = TaskRunner(1)
    exporter = Exporter(reader, fakes.FakeDossier(), pool, reader)
    exporter.names = []
    exporter.told = []

    def ask(name: str, _kinds: str) -> str:
        exporter.names.append(name)
        return str(tmp_path / name)

    exporter.ask_file = ask
    exporter.done.connect(exporter.told.append)
    exporter.failed.connect(exporter.told.append)
    yield exporter
    assert pool.close()


def test_a_document_becomes_a_pdf_in_dark_ink(qtbot, qapp, reader, exporter, tmp_path):
    theme.apply(qapp, theme.DARK)
    reader.show_document(prepare(in_sections("Un", "Deux", style=f"p,h2{{color:{theme.DARK.text}}}", raw=b"<x/>")))
    reader.act_asked.emit(DocumentAct.EXPORT_PDF)
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert exporter.names == ["2026-11-20_CR-d-examens-biologiques.pdf"]
    page = pypdfium2.PdfDocument((tmp_path / exporter.names[0]).read_bytes())[0]
    assert "Texte 2 é." in page.get_textpage().get_text_range()
    assert on_paper(f"p{{color:{theme.DARK.text}}}") == f"p{{color:{theme.LIGHT.text}}}"


def test_the_original_is_written_as_it_was_deposited(qtbot, reader, exporter, tmp_path):
    reader.show_document(prepare(opened("<p>x</p>", raw=b"<ClinicalDocument/>")))
    reader.act_asked.emit(DocumentAct.SAVE_ORIGINAL)
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert (tmp_path / "2026-11-20_CR-d-examens-biologiques.xml").read_bytes() == b"<ClinicalDocument/>"


def test_pdfs_held_back_can_be_saved(qtbot, reader, exporter, tmp_path):
    held = tuple(Attachment("application/pdf", content, "Courrier") for content in (b"%PDF-2", b"%PDF-3"))
    shown = (Attachment("application/pdf", pdf()),)
    for pdfs, withheld in (((), held), (shown, held), (shown, ())):
        reader.show_document(prepare(opened("<p>x</p>", pdfs=pdfs, withheld=withheld)))
        assert reader.bar.acts[DocumentAct.SAVE_ATTACHED].isVisible()
        reader.act_asked.emit(DocumentAct.SAVE_ATTACHED)
        qtbot.waitUntil(lambda: exporter.told == [viewer_fr.SAVED])
        written = sorted(tmp_path.iterdir(), key=lambda path: (len(path.name), path.name))
        assert [path.read_bytes() for path in written] == [part.content for part in (*pdfs, *withheld)]
        assert {path.suffix for path in written} == {".pdf"}
        exporter.told.clear()
        for path in written:
            path.unlink()
    reader.show_document(prepare(opened("<p>x</p>")))
    assert not reader.bar.acts[DocumentAct.SAVE_ATTACHED].isVisible()


def test_several_documents_take_their_pdfs_held_back_with_them(qtbot, reader, exporter, tmp_path):
    held = (Attachment("application/pdf", b"%PDF-held"),)
    exporter._dossier.html = lambda entry, _palette: OpenedDocument(entry, "<p>x</p>", withheld=held)
    exporter.ask_folder = lambda: str(tmp_path)
    exporter.export(fakes.LEA, [ENTRY], DocumentAct.EXPORT_PDF)
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert b"%PDF-held" in [path.read_bytes() for path in tmp_path.iterdir()]
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "paper.pdf"))
    exporter.ask_printer = lambda: printer
    exporter.export(fakes.LEA, [ENTRY], DocumentAct.PRINT)
    qtbot.waitUntil(lambda: exporter.told[1:] == [viewer_fr.PRINTED_SOME.format(saved=0, failed=1)])


def test_a_file_that_cannot_be_written_is_said_so(qtbot, reader, exporter, tmp_path):
    exporter.ask_file = lambda _name, _kinds: str(tmp_path / "absent" / "x.xml")
    reader.show_document(prepare(opened("<p>x</p>", raw=b"<ClinicalDocument/>")))
    reader.act_asked.emit(DocumentAct.SAVE_ORIGINAL)
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert exporter.told[0].code == "fichier-non-ecrit"


@pytest.mark.parametrize("part", ["text", "pdf"])
def test_text_and_pdf_are_printed(qtbot, reader, exporter, tmp_path, part):
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "paper.pdf"))
    exporter.ask_printer = lambda: printer
    pdfs = (Attachment("application/pdf", pdf()),)
    reader.show_document(prepare(opened("<p>Texte</p>") if part == "text" else opened(pdfs=pdfs)))
    reader.act_asked.emit(DocumentAct.PRINT)
    qtbot.waitUntil(lambda: exporter.told == [viewer_fr.PRINTED])
    assert len(pypdfium2.PdfDocument((tmp_path / "paper.pdf").read_bytes())) == (1 if part == "text" else 2)


def test_a_preview_leaves_no_file(pane):
    pane.show_document(prepare(opened("<p>x</p>", raw=b"<x/>")))
    assert pane.bar.acts == {}
