"""Files cut short, or of a few bytes that only begin like one: refused before they are sent as a scan."""

from __future__ import annotations

import io
import struct

import pytest

from dmp_desktop.cda.build.pdf import make_pdf
from dmp_desktop.cda.media import JPEG, PDF, TEXT, TIFF
from dmp_desktop.cda.media_flaws import flaw, looks_whole
from dmp_desktop.cda.read import pdftext
from dmp_desktop.cda.render.images import tiff_pages
from tests.helpers import files
from tests.hostile.pdfs import nested_forms, page_tree_loop
from tests.unit.cda.test_pdf import PAGE

THUMBNAIL = b"\xff\xe1" + (2 + len(files.jpeg())).to_bytes(2, "big") + files.jpeg()
RESTARTED = files.jpeg().replace(b"\x2a" * 200, b"\x2a\xff\0\xff\xd0\x2a" * 30)
# Two scans, a table between them: progressive.
SCAN = files.jpeg()[files.jpeg().index(b"\xff\xda") : -2]
PROGRESSIVE = files.jpeg()[:-2] + b"\xff\xc4\0\x04ab" + SCAN + b"\xff\xff\xd9"


def tiff_of(pages: int) -> bytes:
    """Pages of one strip, each directory after its strip: as a scanner writes them."""
    out = b"II*\0" + struct.pack("<I", 8 + 300)
    for rank in range(pages):
        strip, directory = len(out), len(out) + 300
        fields = [(256, 160), (257, 100), (273, strip), (279, 300)]
        last = rank == pages - 1
        out += b"\x55" * 300 + struct.pack("<H", 4)
        out += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in fields)
        out += struct.pack("<I", 0 if last else directory + 2 + 4 * 12 + 4 + 300)
    return out


WHOLE = {
    "pdf": (PDF, files.PDF),
    "ours": (PDF, make_pdf(PAGE)[0]),
    "jpeg": (JPEG, files.jpeg()),
    "jpeg with a thumbnail": (JPEG, b"\xff\xd8" + THUMBNAIL + files.jpeg()[2:]),
    "jpeg padded": (JPEG, b"\xff\xd8\xff" + files.jpeg()[2:] + b"\0" * 20),
    "tiff": (TIFF, files.tiff()),
    "tiff of the other order": (TIFF, files.tiff(order=">")),
    "tiff of one strip": (TIFF, files.tiff(strips=1)),
    "tiff of four pages": (TIFF, tiff_of(4)),
    "jpeg with restarts": (JPEG, RESTARTED),
    "jpeg of two scans": (JPEG, PROGRESSIVE),
    "jpeg before another": (JPEG, files.jpeg() + files.jpeg()),
    "text": (TEXT, b"a"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole(name: str) -> None:
    mime, content = WHOLE[name]
    assert looks_whole(mime, content)
    assert flaw(mime, content) == ""


@pytest.mark.parametrize("start", [b"%PDF-1.4\n", b"\xff\xd8\xff\xe0", b"II*\0", b"MM\0*"])
@pytest.mark.parametrize("size", [0, 26, 5000])
def test_only_the_first_bytes(start: bytes, size: int) -> None:
    mime = PDF if start.startswith(b"%") else JPEG if start.startswith(b"\xff") else TIFF
    for fill in (b"\0", b"\xff", b"a"):
        assert not looks_whole(mime, start + fill * size)
        assert flaw(mime, start + fill * size).endswith(".")


@pytest.mark.parametrize("name", sorted(WHOLE.keys() - {"pdf", "ours", "text", "jpeg padded", "jpeg before another"}))
def test_an_image_cut_anywhere(name: str) -> None:
    mime, content = WHOLE[name]
    assert not any(looks_whole(mime, content[:size]) for size in range(len(content)))


@pytest.mark.parametrize("name", ["jpeg", "jpeg with restarts", "jpeg of two scans"])
def test_a_jpeg_cut_then_followed_by_a_whole_one(name: str) -> None:
    content = WHOLE[name][1]
    scan = content.index(b"\xff\xda") + 10
    assert not any(looks_whole(JPEG, content[:size] + files.jpeg()) for size in range(scan, len(content) - 2))


def test_a_tiff_whose_last_page_lost_a_strip() -> None:
    whole = tiff_of(3)
    lost = whole[: -2 - 4 * 12 - 4] + whole[-2 - 4 * 12 - 4 :].replace(struct.pack("<I", 300), struct.pack("<I", 3000))
    assert looks_whole(TIFF, whole)
    assert len(tiff_pages(lost)) == 3
    assert not looks_whole(TIFF, lost)


def test_a_tiff_whose_pages_are_a_ring() -> None:
    """Every page can be shown: readers stop at the first again."""
    ring = tiff_of(3)[:-4] + struct.pack("<I", 8 + 300)
    assert len(tiff_pages(ring)) == 3
    assert looks_whole(TIFF, ring)


@pytest.mark.parametrize("fill", [b"\xff", b"\xff\0"])
def test_a_scan_of_nothing_is_told_in_time(fill: bytes) -> None:
    endless = files.jpeg()[:-2] + fill * 2_000_000
    assert not looks_whole(JPEG, endless)
    assert looks_whole(JPEG, endless + b"\xff\xd9")


def test_directories_over_each_other_are_told_in_time() -> None:
    """Thousands of pages, each of thousands of tags that are those of the next pages too."""
    pages, tags = 5_000, 40_000
    content = bytearray(b"II*\0" + struct.pack("<I", 8) + bytes(8 + 2 * pages + 12 * tags))
    for rank in range(pages):
        start = 8 + 2 * rank
        struct.pack_into("<H", content, start, tags)
    assert not looks_whole(TIFF, bytes(content))


@pytest.mark.parametrize(
    ("mime", "content", "size"),
    [
        (JPEG, files.jpeg(400, 14), "400 × 14"),
        (JPEG, files.jpeg(10, 10), "10 × 10"),
        (TIFF, files.tiff(4, 4), "4 × 4"),
    ],
)
def test_too_small_to_be_read(mime: str, content: bytes, size: str) -> None:
    """It is whole: it is not said to be damaged."""
    assert looks_whole(mime, content)
    assert "trop petite" in flaw(mime, content)
    assert size in flaw(mime, content)
    assert "abîmé" in flaw(JPEG, files.jpeg(0, 100))


@pytest.mark.parametrize("size", [100, 300])
def test_a_pdf_cut_short(size: int) -> None:
    assert "ne s'ouvre pas" in flaw(PDF, files.PDF[:size])


def test_a_pdf_without_a_page() -> None:
    assert flaw(PDF, files.PDF.replace(b"/Kids[", b"/Kidz[").replace(b"/Count 1", b"/Count 0"))


def test_a_page_tree_that_is_its_own_child_is_told_in_time() -> None:
    assert flaw(PDF, page_tree_loop())


@pytest.mark.alone
def test_a_pdf_whose_first_page_takes_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdftext, "MAX_SECONDS", 0.5)
    assert flaw(PDF, nested_forms(12, 12))
    monkeypatch.undo()
    assert flaw(PDF, files.PDF) == ""


def test_protected_by_a_password() -> None:
    fpdf = pytest.importorskip("fpdf")
    document = fpdf.FPDF()
    document.set_encryption(owner_password="a", user_password="b")
    document.add_page()
    out = io.BytesIO()
    document.output(out)
    assert "mot de passe" in flaw(PDF, out.getvalue())


def test_no_pdf_is_refused_where_none_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """A packaged program without its helper must not lose every PDF."""
    monkeypatch.setattr(pdftext, "_command", lambda: ["/bin/true"])
    pdftext._HELPER.stop()
    assert flaw(PDF, files.PDF) == ""
    monkeypatch.undo()
    assert flaw(PDF, files.PDF[:100])
