"""Documents on screen: nothing but what they hold is loaded, long ones come in slices, PDFs and colours follow."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QUrl
from PySide6.QtGui import QColor, QImage, QPainter, QPdfWriter, QTextDocument

from dmp_desktop.domain.documents import Attachment
from dmp_desktop.services.dossier import OpenedDocument
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.stalls import LIMIT_MS
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from dmp_desktop.ui.widgets.html_slices import slices, style_of
from dmp_desktop.ui.widgets.ready_html import prepare
from dmp_desktop.ui.widgets.safe_browser import SafeBrowser
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


def test_tables_with_row_spans_are_never_cut():
    assert len(slices(table(900, span=" rowspan='1'"))) == 1


@pytest.mark.parametrize(
    "html", ["", "texte nu", "<p>a < b</p>", "<p>ouvert", "</p>fermé", "<br/><img src='cda-media:A'>"]
)
def test_slices_lose_nothing_of_odd_html(html):
    assert "".join(slices(html, size=1)) == html


@pytest.mark.alone
@pytest.mark.parametrize("rows", [200, 20_000])
def test_long_documents_never_stop_the_window(qtbot, pane, rows):
    ready = prepare(opened(f"<h1>Bilan</h1>{table(rows)}<p>Fin du document.</p>"))

    def show() -> None:
        pane.show_document(ready)
        qtbot.waitUntil(lambda: not pane.browser.loading, timeout=60_000)

    assert worst_stall(show) <= LIMIT_MS
    assert pane.browser.toPlainText().endswith("Fin du document.")


def test_reader_stays_at_the_top_while_the_rest_comes(qtbot, pane):
    pane.show_document(prepare(opened(f"<h1>Bilan</h1>{table(2000)}")))
    qtbot.waitUntil(lambda: not pane.browser.loading, timeout=30_000)
    assert pane.browser.verticalScrollBar().value() == 0


def test_notices_and_warnings_stand_above(pane):
    hidden = next(entry for entry in fakes.entries(10) if entry.visibility)
    pane.show_document(prepare(OpenedDocument(hidden, "<p>x</p>", notices=("Identité à vérifier.",))))
    assert pane.notices.text() == "Attention, ce document n'est pas visible du patient.\nIdentité à vérifier."


def test_pdf_is_shown_and_zoomed(qtbot, pane):
    pane.show_document(prepare(opened(pdfs=(Attachment("application/pdf", pdf()),))))
    assert pane.stack.currentWidget() is pane.pdf
    assert pane.pdf.pages == 2
    pane.zoom(2)
    assert pane.pdf.view.zoomFactor() > 0
    pane.forget()
    assert pane.pdf.pages == 0


def test_text_and_pdfs_are_offered_side_by_side(qtbot, pane):
    content = Attachment("application/pdf", pdf(1))
    pane.show_document(prepare(opened("<p>Texte</p>", pdfs=(content, content))))
    assert [button.text() for button in pane.parts.buttons()] == ["Texte", "PDF 1", "PDF 2"]
    pane.parts.buttons()[2].click()
    assert pane.stack.currentWidget() is pane.pdf
    pane.parts.buttons()[0].click()
    assert pane.browser.toPlainText() == "Texte"


def test_what_is_no_pdf_is_said_so(pane):
    pane.show_document(prepare(opened(pdfs=(Attachment("application/pdf", b"rien"),))))
    assert pane.message.text() == fr.PDF_BROKEN


def test_original_layout_stays_reachable(pane):
    pane.show_document(prepare(opened("<p>En cartes</p>", original_html="<p>En tableau</p>")))
    pane.original.click()
    assert pane.browser.toPlainText() == "En tableau"
    pane.original.click()
    assert pane.browser.toPlainText() == "En cartes"


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
