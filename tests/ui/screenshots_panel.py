"""Draws the panel on a desk: docked beside a full-screen practice software, at other scales, its icon, its settings.

`python -m tests.ui.screenshots_panel [FOLDER]`; needs Xvfb, openbox and xdotool (tests/helpers/desk.py).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from tests.helpers.desk import Desk, desk
from tests.helpers.on_desk import HEARD, PANEL

SCALES = {"100": "1", "150": "1.5", "200": "2"}
SCREEN = {"100": "1920x1080x24", "150": "2400x1500x24", "200": "3840x2160x24"}

PRACTICE = (
    HEARD
    + """
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPlainTextEdit, QSplitter, QVBoxLayout, QWidget
app = QApplication([])
window = QWidget()
rows = QVBoxLayout(window)
title = QLabel("Logiciel de cabinet (un autre programme, en plein écran)")
title.setStyleSheet("background:#3b4a5a;color:white;padding:12px;font-size:16px")
rows.addWidget(title)
split = QSplitter()
patients = QListWidget()
patients.addItems([f"{hour:02d}:{minute:02d}   Patient n° {hour * 4 + minute // 15}" for hour in range(9, 18) for minute in (0, 15, 30, 45)])
split.addWidget(patients)
note = QPlainTextEdit("Motif : mal de gorge depuis trois jours.")
split.addWidget(note)
split.setSizes([300, 1200])
rows.addWidget(split, 1)
window.setWindowTitle("Logiciel de cabinet")
window.show{how}()
note.setFocus()
heard = hear(globals())
print("ready", flush=True)
app.exec()
"""
)
GRAB = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
app.primaryScreen().grabWindow(0).save({file!r})
print("ready", flush=True)
"""


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, factor in SCALES.items():
        _beside(folder, name, factor)
    _pictures(folder)


def _beside(folder: Path, name: str, factor: str) -> None:
    """Above a practice software that fills the screen and has the keyboard, once signed in, light and dark."""
    with TemporaryDirectory() as kept, desk(SCREEN[name]) as one:
        practice = one.start(PRACTICE.replace("{how}", "Maximized"), QT_SCALE_FACTOR=factor)
        assert practice.line() == "ready"
        panel = one.start(PANEL, PANEL_FILE=str(Path(kept) / "f.json"), QT_SCALE_FACTOR=factor)
        assert panel.line() == "ready"
        panel.ask("panel.on_top.trigger()")
        practice.ask("window.activateWindow()")
        practice.becomes("window.isActiveWindow()", "True")
        panel.ask("window.card_event(fakes.cps())")
        panel.becomes("window.stack.currentIndex()", "1")
        panel.ask("window.card_event(fakes.vitale())")
        panel.becomes("bool(window.page.documents.model.entries) and not window.page.documents.model.loading", "True")
        assert practice.ask("window.isActiveWindow()") == "True"
        for scheme in ("light", "dark"):
            panel.ask("from dmp_desktop.ui import theme")
            panel.ask(f"theme.wear('{scheme}', 100)")
            panel.becomes("(theme.current() is theme.SCHEMES['" + scheme + "'])", "True")
            panel.ask("app.findChild(theme.SystemTheme).finish()")
            panel.ask("window.repaint()")
            _grab(one, folder / f"panel-beside-{name}-{scheme}.png")
        practice.ask("note.insertPlainText(' Tape toujours.')")
        one.close()


def _grab(one: Desk, file: Path) -> None:
    program = one.start(GRAB.format(file=str(file)))
    assert program.line() == "ready"
    program.close()


def _pictures(folder: Path) -> None:
    """The icon in its states, on a light and a dark bar; the part of Réglages."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QColor, QImage, QPainter
    from PySide6.QtWidgets import QApplication

    from dmp_desktop.platform.panel_file import PanelFile
    from dmp_desktop.ui import theme
    from dmp_desktop.ui.panel.panel import Panel
    from dmp_desktop.ui.panel.tray_icon import Shown, draw
    from tests.ui.screenshots import Stage

    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    states = [
        Shown(card, server, count) for card in (False, True) for server in (None, False, True) for count in (0, 3, 12)
    ]
    sheet = QImage(40 * len(states), 200, QImage.Format.Format_RGB32)
    painter = QPainter(sheet)
    for row, (bar, size) in enumerate((("#F0F0F0", 16), ("#202020", 16), ("#F0F0F0", 32), ("#202020", 32))):
        painter.fillRect(0, 50 * row, sheet.width(), 50, QColor(bar))
        for column, state in enumerate(states):
            painter.drawPixmap(40 * column + 4, 50 * row + 8, draw(state).pixmap(size, size))
    painter.end()
    sheet.scaled(sheet.width() * 2, 400, Qt.AspectRatioMode.KeepAspectRatio).save(str(folder / "panel-icons.png"))
    with TemporaryDirectory() as kept:
        stage = Stage(folder)
        panel = stage.window.panel = Panel(stage.window, PanelFile(Path(kept) / "f.json"))
        panel._complete()
        panel.offer_tray()
        stage.open()
        stage.window.page.documents.settings_asked.emit()
        page = stage.window.body.currentWidget()
        stage.until(page.form.isEnabled)
        stage.settle()
        page._area.ensureWidgetVisible(page.window_part.closing)
        stage.shoot("panel-settings")
        menu = panel.menu
        menu.popup(stage.window.mapToGlobal(stage.window.rect().topLeft()))
        stage.settle()
        menu.grab().save(str(folder / "panel-menu.png"))
        menu.hide()
        stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
