"""The other process that decodes what a scanner made: pages as pictures, and the datamatrix codes on them.

Run by `helper_process`, with the messages and the limits of `helper_pipe`. Imports nothing else of the application.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import IO, Any, Final

from dmp_desktop.cda.helper_pipe import PAGE, send, serve

FLAG: Final = "--scan-helper"
"""What a packaged program is run with to become this one."""
PICTURE: Final = b"P"
CODE: Final = b"C"
MAX_PAGES: Final = 100
CODE_PAGES: Final = 5
"""How many first pages are searched for codes: an INS datamatrix stands on the first one."""
SIZE: Final = struct.Struct(">HH")
"""Width and height of a page in points, before its JPEG."""
_MAX_MEMORY: Final = 2 << 30
_DPI: Final = 200  # of the picture kept: small print is legible, and an A4 page takes 100 to 400 kB
_FINE_DPI: Final = 300  # of the picture searched for codes, whose modules may be 0.3 mm
_MAX_SIDE: Final = 3600  # pixels of the picture searched: A4 at 300 dpi
_MAX_PIXELS: Final = 120_000_000  # of an image file, before it is decoded
_QUALITY: Final = 82
_A4: Final = (595, 842)
_POINTS: Final = 72
_LIKELY_DPI: Final = (70, 1300)  # what a file says beside that is no scanner's
_MAX_POINTS: Final = 14_400


def main() -> None:
    """To READ and a file: for each page PAGE, PICTURE, its size and its JPEG, then PAGE, CODE and its text for each code on it;
    END when all went well. What fails ends this process: that is the answer."""
    serve(_handle, _MAX_MEMORY)


def _handle(request: bytes, answers: IO[bytes]) -> None:
    for number, (picture, size) in enumerate(_pages(request[1:])):
        _answer(answers, number, picture, size)


def _answer(answers: IO[bytes], number: int, picture: Any, size: tuple[int, int]) -> None:
    codes = _codes(picture) if number < CODE_PAGES else []
    longest = max(picture.size) * _POINTS / max(size) if max(size) else 0  # dots per inch it has now
    if longest > _DPI:
        scale = _DPI / longest
        picture = picture.resize([max(1, round(side * scale)) for side in picture.size], 3)  # bicubic
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY, optimize=True)
    send(answers, PAGE + PICTURE + SIZE.pack(*size) + file.getvalue())
    for code in codes:
        send(answers, PAGE + CODE + code.encode("utf-8", "replace"))


def _codes(picture: Any) -> list[str]:
    import zxingcpp

    found = zxingcpp.read_barcodes(
        picture.convert("L"),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix),
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [one.text for one in found]


def _pages(content: bytes) -> Iterator[tuple[Any, tuple[int, int]]]:
    """Each page as a picture, grey or in colours, with its size in points. Raises ValueError for more than MAX_PAGES."""
    return _pdf_pages(content) if content.startswith(b"%PDF-") else _image_pages(content)


def _pdf_pages(content: bytes) -> Iterator[tuple[Any, tuple[int, int]]]:
    import pypdfium2

    with pypdfium2.PdfDocument(content) as document:
        if len(document) > MAX_PAGES:
            raise ValueError("too many pages")
        for index in range(len(document)):
            page = document[index]
            width, height = page.get_size()
            if not 0 < max(width, height) <= _MAX_POINTS:
                raise ValueError("no page of paper")
            scale = min(_FINE_DPI / _POINTS, _MAX_SIDE / max(width, height))
            picture = page.render(scale=scale).to_pil()
            page.close()
            yield _plain(picture), (max(1, round(width)), max(1, round(height)))


def _image_pages(content: bytes) -> Iterator[tuple[Any, tuple[int, int]]]:
    from PIL import Image, ImageOps, ImageSequence

    Image.MAX_IMAGE_PIXELS = _MAX_PIXELS // 2  # Pillow refuses at twice that
    with Image.open(io.BytesIO(content), formats=("JPEG", "TIFF")) as file:
        for number, frame in enumerate(ImageSequence.Iterator(file)):
            if number >= MAX_PAGES:
                raise ValueError("too many pages")
            picture = ImageOps.exif_transpose(frame) or frame
            size = _points(picture.size, frame.info.get("dpi"))
            if max(picture.size) > _MAX_SIDE:
                grey = picture if picture.mode != "1" else picture.convert("L")
                grey.thumbnail((_MAX_SIDE, _MAX_SIDE))
                picture = grey
            yield _plain(picture), size


def _points(pixels: tuple[int, int], told: Any) -> tuple[int, int]:
    """By the resolution the file tells, where it is a scanner's; else as large as fits an A4 page."""
    try:
        across, down = (float(one) for one in told)
    except (TypeError, ValueError):
        across = down = 0.0
    width, height = pixels
    if _LIKELY_DPI[0] <= min(across, down) and max(across, down) <= _LIKELY_DPI[1]:
        size = width * _POINTS / across, height * _POINTS / down
    else:
        room = _A4 if height >= width else _A4[::-1]
        scale = min(room[0] / width, room[1] / height)
        size = width * scale, height * scale
    return min(_MAX_POINTS, max(1, round(size[0]))), min(_MAX_POINTS, max(1, round(size[1])))


def _plain(picture: Any) -> Any:
    """Grey or RGB, on white where it is transparent."""
    if picture.mode in ("1", "L", "I;16"):
        return picture.convert("L")
    if picture.mode in ("RGBA", "LA", "PA", "P"):
        from PIL import Image

        drawn = picture.convert("RGBA")
        ground = Image.new("RGBA", drawn.size, "white")
        ground.alpha_composite(drawn)
        picture = ground
    return picture.convert("RGB")
