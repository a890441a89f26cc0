"""The program's icon, drawn from `resources/icons/card.svg`: SVG, PNG of the usual sizes, and the ICO of Windows.

`python -m installer.icons` draws that of the window again (`resources/icons/program.png`)."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from pathlib import Path

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
"""Of the PNGs, in pixels (freedesktop.org icon theme). An ICO holds those up to 256."""
NAME = "dmp-desktop"
WINDOW, WINDOW_SIZE = "resources/icons/program.png", 128
_GROUND, _LINE = "#0B5CAD", "#FFFFFF"
_FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect width="24" height="24" rx="5" fill="{ground}"/>'
    '<g transform="translate(3.6 3.6) scale(0.7)" fill="none" stroke="{line}" stroke-width="2" stroke-linecap="round" '
    'stroke-linejoin="round">{drawing}</g></svg>\n'
)


def svg(root: Path) -> str:
    """Our card, white on a blue square with round corners. Raises ValueError when card.svg is drawn otherwise than ours are."""
    found = re.search(
        r"<svg[^>]*>(.*)</svg>", (root / "resources/icons/card.svg").read_text(encoding="utf-8"), re.DOTALL
    )
    if not found:
        raise ValueError("card.svg: no drawing")
    return _FRAME.format(ground=_GROUND, line=_LINE, drawing=found[1].strip())


def draw(root: Path, folder: Path) -> None:
    """Write `dmp-desktop.svg`, `dmp-desktop-<size>.png` and `dmp-desktop.ico` into `folder`."""
    from PIL import Image
    from PySide6.QtCore import QBuffer, QByteArray, QRectF, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    folder.mkdir(parents=True, exist_ok=True)
    text = svg(root)
    (folder / f"{NAME}.svg").write_text(text, encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(text.encode()))
    pictures = []
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        content = bytes(buffer.data().data())
        (folder / f"{NAME}-{size}.png").write_bytes(content)
        pictures.append(Image.open(io.BytesIO(content)))
    up_to_256 = [picture for picture in pictures if picture.width <= 256]
    up_to_256[-1].save(
        folder / f"{NAME}.ico", sizes=[picture.size for picture in up_to_256], append_images=up_to_256[:-1]
    )


def draw_window(root: Path) -> None:
    """Write WINDOW."""
    with tempfile.TemporaryDirectory() as folder:
        draw(root, Path(folder))
        shutil.copyfile(Path(folder) / f"{NAME}-{WINDOW_SIZE}.png", root / WINDOW)


if __name__ == "__main__":
    draw_window(Path(__file__).resolve().parents[1])
