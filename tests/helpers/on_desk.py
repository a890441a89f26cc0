"""Sources of programs for a desk (tests/helpers/desk.py): our panel over services in memory, and a practice software."""

from __future__ import annotations

HEARD = '''
import sys
from PySide6.QtCore import QSocketNotifier
from dmp_desktop.ui.immortal import protect_singletons
protect_singletons()
def hear(names):
    """Each line of stdin is an expression whose value is answered, or a statement."""
    def act():
        line = sys.stdin.readline()
        if not line:
            app.quit()
            return
        try:
            answer = eval(line, names)
        except SyntaxError:
            answer = exec(line, names)
        print(answer, flush=True)
    heard = QSocketNotifier(0, QSocketNotifier.Type.Read, app)
    heard.activated.connect(lambda *_: act())
    return heard
'''

PANEL = (
    HEARD
    + '''
import os
from pathlib import Path
from dmp_desktop.opening import qt_application
from dmp_desktop.platform.panel_file import PanelFile
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.panel.panel import Panel
app = qt_application([])
window = MainWindow(sandbox=True)
panel = window.panel = Panel(window, PanelFile(Path(os.environ["PANEL_FILE"])))
panel.show()
from PySide6.QtCore import Qt
from dmp_desktop.ui.widgets.notice_bar import Notice
from tests.ui import fakes
from tests.ui.test_startup import fake_services
services = fake_services()
window.ready.connect(lambda: print("ready", flush=True))
window.furnish(services, fakes.FixedClock())
def at():
    """The window with its frame, in pixels of the screen."""
    return window.frameGeometry().getRect()
def room():
    return window.screen().availableGeometry().getRect()
heard = hear(globals())
app.exec()
window.close()
'''
)

PRACTICE = (
    HEARD
    + """
from PySide6.QtWidgets import QApplication, QPlainTextEdit
app = QApplication([])
window = QPlainTextEdit()
window.setWindowTitle("Logiciel de cabinet")
window.showFullScreen()
heard = hear(globals())
print("ready", flush=True)
app.exec()
"""
)

LISTENER = (
    HEARD
    + '''
import os
from PySide6.QtCore import QCoreApplication
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.global_shortcut import listen
app = QCoreApplication([])
pressed, listening = [], None
def begin():
    """Why not, in French."""
    global listening
    try:
        listening = listen("Ctrl+Alt+D", lambda: pressed.append(1), "xcb", os.environ)
    except ContextError as error:
        return error.message_fr
heard = hear(globals())
print(begin() or "ready", flush=True)
app.exec()
if listening:
    listening.stop()
'''
)
