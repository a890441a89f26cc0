"""Draws what the practice software proposes, docked and wide, light and dark: `python -m tests.ui.screenshots_received [FOLDER]`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from dmp_desktop.platform.loopback import FORM
from dmp_desktop.ui import strings_received_fr as fr
from dmp_desktop.ui import theme
from tests.helpers.calls import form
from tests.helpers.real_window import RealWindow, real_window
from tests.helpers.received import inbox, receive, told
from tests.ui.screenshots_real import shoot


def clear(real: RealWindow) -> None:
    for one in inbox(real).waiting():
        inbox(real).drop(one.id)


def settings(real: RealWindow, app: QApplication, folder: Path) -> None:
    """The port of the call, and a token as it is shown once."""
    real.window.page.go(2)
    real.window.page.documents.keeping.settings.trigger()
    page = real.window.body.currentWidget()
    real.until(lambda: page.form.isEnabled() and bool(page.call.told.text()))
    page.call.renew.click()
    real.until(page.call.token.isVisible)
    page.reveal(page.call)
    shoot(real, app, folder / "call-settings")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    with tempfile.TemporaryDirectory() as data, real_window(app, Path(data)) as real:
        real.sign_in()
        receive(real, told(real, "ordinary"))
        real.pause(1)
        shoot(real, app, folder / "received-context")
        clear(real)
        real.desktop._wiring.exchange.door.take(FORM, form())  # of whom the workstation knows nothing
        real.pause(1)
        shoot(real, app, folder / "received-call")
        clear(real)
        receive(real, told(real, "ordinary", birth_family="TEST-AUTRE-NOM-DE-NAISSANCE"))
        shoot(real, app, folder / "received-discordant")
        clear(real)
        real.open("chronic")
        receive(real, told(real, "ordinary"), "TEST toux depuis trois jours.")
        real.pause(1)
        shoot(real, app, folder / "received-other-open")
        clear(real)
        receive(real, told(real, "chronic"), "TEST toux depuis trois jours.")
        real.pause(1)
        shoot(real, app, folder / "received-note")
        clear(real)
        QApplication.clipboard().setText("TEST toux depuis trois jours.")
        next(one for one in real.window.banner.acts.menu().actions() if one.text().startswith(fr.PASTE)).trigger()
        real.until(lambda: real.window.notices.notice is not None)
        shoot(real, app, folder / "pasted-note")
        QApplication.clipboard().clear()
        real.window.conductor.show_record()
        settings(real, app, folder)
        for number, name in ((1, "received-locked"), (0, "received-masked")):
            if number:
                real.window.session.lock()
            else:
                real.stage.remove(0)
            inbox(real).receive(told(real, "ordinary"))
            real.until(real.window.strip.call.isVisible)
            real.pause(0.5)
            shoot(real, app, folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir()) / "received")
