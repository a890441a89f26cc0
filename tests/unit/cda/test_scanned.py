"""Pages of scans, decoded elsewhere: their codes, their size on paper, and what a hostile one costs."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from dmp_desktop import cda
from dmp_desktop.card.ins_datamatrix import read_scanned
from dmp_desktop.cda import pdf_helper, scan_helper
from dmp_desktop.cda.build.assemble import declares_pdfa
from dmp_desktop.cda.build.pdf_scan import scan_pdf
from dmp_desktop.cda.helper_process import own_command
from dmp_desktop.cda.read import scanned
from dmp_desktop.cda.read.scanned import Fault, ScannedPage, read_pages
from tests.helpers.outbox import PATIENT
from tests.helpers.scans import jpeg_of, paper, pdf_of, tiff_of
from tests.hostile.pdfs import page_tree_loop

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def pages_of(content: bytes) -> tuple[ScannedPage, ...]:
    pages = read_pages(content)
    assert not isinstance(pages, Fault)
    return pages


@pytest.mark.parametrize("make", [jpeg_of, tiff_of, pdf_of])
def test_the_code_of_a_page_is_read_as_it_was_written(make) -> None:
    (page,) = pages_of(make(paper(PATIENT)))
    told = read_scanned(page.codes[0])
    assert (told.ins.value, told.birth_family, told.birth_given) == (
        PATIENT.ins.value,
        PATIENT.birth_family,
        PATIENT.birth_given,
    )
    assert (abs(page.width - 595) < 3, abs(page.height - 842) < 3) == (True, True)


def test_a_crooked_page_and_one_on_its_side_are_read_too() -> None:
    for angle in (7.0, 90.0, 180.0):
        (page,) = pages_of(jpeg_of(paper(PATIENT), angle=angle))
        assert len(page.codes) == 1, angle


def test_every_page_of_a_fax_is_there_in_its_order() -> None:
    pages = pages_of(tiff_of(paper(mark=1), paper(PATIENT), paper(mark=3)))
    assert [len(page.codes) for page in pages] == [0, 1, 0]


def test_a_picture_that_tells_no_resolution_fits_a_page() -> None:
    file = io.BytesIO()
    paper(mark=1, dpi=100).resize((3000, 1000)).save(file, "JPEG")
    (page,) = pages_of(file.getvalue())
    assert (page.width, page.height) == (842, 281)


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4 nothing", b"\xff\xd8\xff", b"II*\0" + bytes(20), b"", page_tree_loop(), b"%PDF-"]
)
def test_what_cannot_be_decoded_is_told_and_the_next_one_is(content: bytes) -> None:
    assert read_pages(content) is Fault.UNREADABLE
    assert len(pages_of(jpeg_of(paper(mark=1)))) == 1


def test_a_page_that_would_fill_the_memory_is_refused() -> None:
    """A TIFF of 900 million pixels in a few hundred kilobytes."""
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "TIFF", compression="group4")
    assert len(bomb.getvalue()) < 1_000_000
    assert read_pages(bomb.getvalue()) is Fault.UNREADABLE


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    small = paper(mark=1, dpi=20)
    assert len(pages_of(tiff_of(*[small] * 100, dpi=20))) == 100
    assert read_pages(tiff_of(*[small] * 101, dpi=20)) is Fault.UNREADABLE


def test_a_helper_that_does_not_start_is_told_from_a_bad_file(monkeypatch: pytest.MonkeyPatch) -> None:
    scanned._HELPER.stop()
    monkeypatch.setattr(scanned, "own_command", lambda _program: ["/absent/helper"])
    assert read_pages(jpeg_of(paper(mark=1))) is Fault.NO_HELPER


def test_pages_become_one_pdfa_of_the_same_size_always_the_same_bytes() -> None:
    pages = pages_of(tiff_of(paper(PATIENT), paper(mark=2)))
    made = scan_pdf(pages, "digest", NOW)
    assert made == scan_pdf(pages, "digest", NOW)
    assert declares_pdfa(made)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.pages) == 2
        assert "/OutputIntents" in pdf.Root
        assert [round(float(side)) for side in pdf.pages[0].MediaBox] == [0, 0, pages[0].width, pages[0].height]
    assert [len(page.codes) for page in pages_of(made)] == [1, 0]


def test_both_helpers_run_from_this_tree_and_load_nothing_else_of_the_application() -> None:
    """Not from one that happens to be installed beside it."""
    for program in (pdf_helper, scan_helper):
        ask = "import sys; print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('dmp_desktop.')))"
        _python, *isolated, run, name, root = own_command(program)
        run = run.replace("program.main()", ask)
        told = subprocess.run([sys.executable, *isolated, run, name, root], capture_output=True, text=True, check=True)
        loaded = {Path(one) for one in told.stdout.split()}
        here = Path(cda.__file__).parent
        assert loaded == {here / one for one in ("__init__.py", "helper_pipe.py", Path(program.__file__ or "").name)}
