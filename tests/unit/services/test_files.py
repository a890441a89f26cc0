"""Files to send: told by their bytes, refused with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmp_desktop.errors import ContextError
from dmp_desktop.services.files import MAX_BYTES, read_attachment
from tests.helpers.files import PDF, jpeg, tiff


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (PDF, "application/pdf"),
        (jpeg(), "image/jpeg"),
        (tiff(), "image/tiff"),
        (b"{\\rtf1 }", "text/rtf"),
        ("Né à Nîmes".encode(), "text/plain"),
    ],
)
def test_media_type_by_the_bytes(tmp_path: Path, content: bytes, mime: str) -> None:
    path = tmp_path / "courrier.docx"
    path.write_bytes(content)
    assert (read_attachment(path).mime, read_attachment(path).content) == (mime, content)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"PK\x03\x04\0", "Né".encode("cp1252") + b" \x81", b"\0\0"),
        *(b"%PDF-1.4\n" + b"a" * 20, b"\xff\xd8\xff\xe0" + b"a" * 26, b"II*\0" + b"a" * 26),
        *(PDF[:-300], jpeg()[:-2], tiff()[:-1]),
    ],
)
def test_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fichier.pdf"
    path.write_bytes(content)
    with pytest.raises(ContextError) as refused:
        read_attachment(path)
    assert refused.value.field == "attach"
    assert refused.value.remedy_fr


@pytest.mark.parametrize(
    "before", [b"\n", b"\xef\xbb\xbf", b"\xff\xfe\0", b"HTTP/1.1 200 OK\r\n\r\n\x81", b"\0" * 1019]
)
def test_a_pdf_after_other_bytes_is_called_a_pdf(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "courrier.pdf"
    for content in (PDF + b"\x81", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"):  # the second decodes as text
        path.write_bytes(before + content)
        with pytest.raises(ContextError, match="octets étrangers : réenregistrez-le"):
            read_attachment(path)


@pytest.mark.parametrize("content", [b"PK\x03\x04\0courrier.pdf%PDF-1.4", b"\0" * 1020 + PDF + b"\x81"])
def test_what_only_holds_a_pdf_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "courrier.pdf"
    path.write_bytes(content)
    with pytest.raises(ContextError, match="ni un PDF"):
        read_attachment(path)


def test_a_text_that_speaks_of_one_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "courrier.txt"
    path.write_bytes("Le fichier reçu commence par %PDF-1.4.".encode())
    assert read_attachment(path).mime == "text/plain"


def test_too_big_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.pdf"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ContextError, match="20 Mo"):
        read_attachment(path)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ContextError, match="lu"):
        read_attachment(tmp_path / "absent.pdf")
