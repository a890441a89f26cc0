"""Words of PDFs, read in another process."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from dmp_desktop.cda.build.pdf import make_pdf
from dmp_desktop.cda.read import pdftext
from dmp_desktop.cda.read.pdftext import Trial, pdf_text, try_to_open, try_to_show
from tests.hostile.pdfs import actions, compressed_operators, nested_forms, one_page, page_tree_loop
from tests.unit.cda.test_pdf import PAGE

WORDS = one_page(b"BT /F 9 Tf 10 10 Td (Bonjour) Tj ET")


def test_text_layer() -> None:
    words = pdf_text(make_pdf(PAGE)[0])
    assert "Pt 47 ans, HTA, DT2. Tabac sevré 2010." in words
    assert "\r" not in words


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"\0" * 100, WORDS[:60]], ids=["nothing", "header", "NULs", "cut"]
)
def test_no_pdf_has_no_words(content: bytes) -> None:
    assert pdf_text(content) == ""
    assert pdf_text(WORDS).strip() == "Bonjour"


def test_the_same_process_reads_the_next_document() -> None:
    pdf_text(WORDS)
    first = pdftext._HELPER._process
    pdf_text(WORDS)
    assert pdftext._HELPER._process is first


def test_a_helper_that_died_is_replaced() -> None:
    pdf_text(WORDS)
    assert pdftext._HELPER._process is not None
    pdftext._HELPER._process.kill()
    pdftext._HELPER._process.wait()
    assert pdf_text(WORDS).strip() == "Bonjour"


@pytest.mark.alone
def test_what_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdftext, "MAX_SECONDS", 0.5)
    assert pdf_text(nested_forms(12, 12)) == ""
    assert pdftext._HELPER._process is None
    monkeypatch.undo()
    assert pdf_text(WORDS).strip() == "Bonjour"


@pytest.mark.slow
def test_what_takes_too_much_memory_is_stopped() -> None:
    assert pdf_text(compressed_operators(b"(abc)Tj ", 25_000_000)) == ""
    assert pdf_text(WORDS).strip() == "Bonjour"


@pytest.mark.parametrize(
    "content",
    [WORDS, make_pdf(PAGE)[0], b"not a PDF", page_tree_loop(), actions()],
    ids=["words", "ours", "no PDF", "loop", "actions"],
)
def test_what_a_window_may_draw(content: bytes) -> None:
    assert try_to_show(content) is Trial.PASSED


@pytest.mark.parametrize("bomb", [lambda: nested_forms(12, 12), lambda: compressed_operators(b"(abc)Tj ", 25_000_000)])
@pytest.mark.alone
def test_what_would_freeze_a_window(bomb: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdftext, "MAX_SECONDS", 4.0)
    assert try_to_show(bomb()) is Trial.FAILED
    assert try_to_show(WORDS) is Trial.PASSED


def huge_page() -> bytes:
    return WORDS.replace(b"/MediaBox[0 0 612 792]", b"/MediaBox[0 0 99 9999]")


@pytest.mark.slow
@pytest.mark.parametrize(
    "held_up",
    [
        lambda: one_page(b"\0" * 300_000_000, filters=2),
        huge_page,
        lambda: compressed_operators(b"1 1 m 9 9 l ", 3_000_000),
    ],
    ids=["twice deflated", "high page", "lines"],
)
def test_what_would_hold_a_window_up_is_not_shown(held_up: Callable[[], bytes]) -> None:
    assert try_to_show(held_up()) is Trial.FAILED
    assert try_to_show(WORDS) is Trial.PASSED


@pytest.mark.parametrize(
    "command", [["/bin/true"], ["/absent/helper"], ["/dev/null"]], ids=["ends", "absent", "forbidden"]
)
def test_where_the_helper_does_not_start_nothing_is_judged(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pdftext._HELPER.stop()
    monkeypatch.setattr(pdftext, "_command", lambda: command)
    for content in (WORDS, b"not a PDF"):
        assert try_to_show(content) is Trial.UNTRIED
        assert try_to_open(content) is Trial.UNTRIED
        assert pdf_text(content) == ""
    monkeypatch.undo()
    assert try_to_show(WORDS) is Trial.PASSED
    assert try_to_open(WORDS) is Trial.PASSED
    assert try_to_open(b"not a PDF") is Trial.FAILED


def test_threads_take_turns() -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(pdf_text(WORDS).strip())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["Bonjour"] * 8
