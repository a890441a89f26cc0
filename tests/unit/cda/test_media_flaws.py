"""Files cut short, or of a few bytes that only begin like one: refused before they are sent as a scan."""

from __future__ import annotations

import io

import pytest

from dmp_desktop.cda.build.pdf import make_pdf
from dmp_desktop.cda.media import JPEG, PDF, TEXT, TIFF
from dmp_desktop.cda.media_flaws import flaw, looks_whole
from dmp_desktop.cda.read import pdftext
from tests.helpers import files
from tests.hostile.pdfs import nested_forms, page_tree_loop
from tests.unit.cda.test_pdf import PAGE

THUMBNAIL = b"\xff\xe1" + (2 + len(files.jpeg())).to_bytes(2, "big") + files.jpeg()
WHOLE = {
    "pdf": (PDF, files.PDF),
    "ours": (PDF, make_pdf(PAGE)[0]),
    "jpeg": (JPEG, files.jpeg()),
    "jpeg with a thumbnail": (JPEG, b"\xff\xd8" + THUMBNAIL + files.jpeg()[2:]),
    "jpeg padded": (JPEG, b"\xff\xd8\xff" + files.jpeg()[2:] + b"\0" * 20),
    "tiff": (TIFF, files.tiff()),
    "tiff of the other order": (TIFF, files.tiff(order=">")),
    "tiff of one strip": (TIFF, files.tiff(strips=1)),
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


@pytest.mark.parametrize(
    "name", ["jpeg", "jpeg with a thumbnail", "tiff", "tiff of the other order", "tiff of one strip"]
)
def test_an_image_cut_anywhere(name: str) -> None:
    mime, content = WHOLE[name]
    assert not any(looks_whole(mime, content[:size]) for size in range(len(content)))


@pytest.mark.parametrize(
    ("mime", "content"), [(JPEG, files.jpeg(160, 15)), (JPEG, files.jpeg(0, 100)), (TIFF, files.tiff(4, 4))]
)
def test_too_small_to_be_read(mime: str, content: bytes) -> None:
    assert flaw(mime, content)


@pytest.mark.parametrize("size", [100, 300])
def test_a_pdf_cut_short(size: int) -> None:
    assert "ne s'ouvre pas" in flaw(PDF, files.PDF[:size])


def test_a_pdf_without_a_page() -> None:
    assert flaw(PDF, files.PDF.replace(b"/Kids[", b"/Kidz[").replace(b"/Count 1", b"/Count 0"))


def test_a_page_tree_that_is_its_own_child_is_told_in_time() -> None:
    assert flaw(PDF, page_tree_loop())


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
