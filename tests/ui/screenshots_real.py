"""Draws each tab with the sandbox's chronic patient, as `screenshots` does: `python -m tests.ui.screenshots_real [FOLDER]`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from dmp_desktop.ui import record_page, theme
from tests.helpers.real_window import RealWindow, real_window
from tests.ui.screenshots import SCHEMES, SIZES

READING_TABS = {
    "synthesis": record_page.SYNTHESIS,
    "biology": record_page.BIOLOGY,
    "treatments": record_page.TREATMENTS,
}


def shoot(real: RealWindow, app: QApplication, file: Path) -> None:
    for scheme in SCHEMES:
        theme.apply(app, theme.SCHEMES[scheme])
        for size, (width, height) in SIZES.items():
            real.window.resize(width, height)
            real.pause(0.4)
            real.window.grab().save(f"{file}-{size}-{scheme}.png")
    theme.apply(app, theme.LIGHT)


def look_for(real: RealWindow, words: str) -> None:
    found = real.page.search.results
    real.page.search.line.setText(words)
    real.until(lambda: found.model.hits)
    real.pause(1.5)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    with tempfile.TemporaryDirectory() as data, real_window(app, Path(data)) as real:
        real.sign_in()
        real.open("chronic")
        page = real.page
        real.until(lambda: page.news.model.lines and page.news.reading.isHidden())
        shoot(real, app, folder / "31-news")
        for name, tab in READING_TABS.items():
            page.go(tab)
            view = getattr(page, name)
            real.until(lambda view=view: view.reader.complete)
            shoot(real, app, folder / f"32-{name}")
        page.go(record_page.DOCUMENTS)
        shoot(real, app, folder / "33-documents")
        page.go(record_page.OUTBOX)
        shoot(real, app, folder / "34-outbox")
        page.go(record_page.BIOLOGY)
        page.biology.list.asked.emit(page.biology.model.index(0, 0))
        shoot(real, app, folder / "35-curve")
        look_for(real, "insuffis")
        shoot(real, app, folder / "36-search")
        look_for(real, "rhabdomyol")
        page.search.line.returnPressed.emit()
        real.until(lambda: page.documents.pane.ready)
        shoot(real, app, folder / "37-hit")
        page.documents.pane.bar.contents.click()
        shoot(real, app, folder / "38-contents")
        real.window.conductor.close_patient()
        real.stage.remove(1)
        real.stage.server.terminate()
        real.stage.server.wait(120)
        real.until(lambda: not page.documents.model.entries)
        real.stage.insert(1, real.stage.patient_card("chronic"))
        real.until(lambda: real.window.record.patient)
        real.pause(3)
        shoot(real, app, folder / "39-offline-news")
        page.go(record_page.DOCUMENTS)
        shoot(real, app, folder / "39-offline-documents")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/shots"))
