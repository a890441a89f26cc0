"""Draws the pictures of the user guide, with the words on each beside them: `python -m tests.ui.screenshots_guide`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from dmp_desktop.ui import theme
from dmp_desktop.ui.first_run import offer_first_run
from dmp_desktop.ui.views.first_run.view import READER_CHECKS, FirstRunView
from dmp_desktop.ui.widgets.psc_panel import PscPanel
from tests.ui import fakes
from tests.ui.first_run import World
from tests.ui.screenshots import NOTE, Stage, read
from tests.ui.screenshots_cards import draw
from tests.ui.sign_in import ASKED, LAST, PLACES

FOLDER = Path(__file__).parents[2] / "docs/images"
WORDS = FOLDER / "textes.json"
SIZE = (420, 640)


def code(stage: Stage) -> None:
    """The last try, as the session tells it."""
    stage.session.pin = LAST
    stage.window.activateWindow()
    stage.window.card_event(fakes.cps())
    stage.until(stage.window.pin.field.isVisible)


def places(stage: Stage) -> None:
    stage.session.pin, stage.session.places, stage.session.suggested = ASKED, PLACES, 3
    stage.window.activateWindow()
    stage.window.card_event(fakes.cps())
    stage.until(stage.window.pin.field.isVisible)
    stage.window.session.give_pin("1234", 0)
    found = stage.window.places
    stage.until(lambda: bool(found.buttons) and all(button.isEnabled() for button in found.buttons))


def phone(stage: Stage) -> None:
    panel = stage.window.masked.findChild(PscPanel)
    assert panel
    panel.open.click()
    panel.number.setText("10002422979")
    panel.phone.click()
    stage.until(lambda: panel.binding.text() != "")


def first_run(stage: Stage) -> None:
    """Of a workstation with a reader, and no Cryptolib yet."""
    world = World(stage.folder)
    world.pcsc.plug("Lecteur TEST 00 00")
    offer_first_run(stage.window, world.port, world.diagnostics)
    stage.until(lambda: stage.window.findChild(FirstRunView) is not None)
    view = stage.window.findChild(FirstRunView)
    assert isinstance(view, FirstRunView)
    stage.until(lambda: len(view.reader.cards) == len(READER_CHECKS) and view.reader.again.isEnabled())


def news(stage: Stage) -> None:
    stage.open()


def synthesis(stage: Stage) -> None:
    read(stage)
    stage.window.page.go(1)
    stage.until(lambda: stage.window.page.synthesis.reader.complete)


def biology(stage: Stage) -> None:
    read(stage)
    stage.window.page.go(3)
    stage.until(lambda: stage.window.page.biology.reader.complete)


def note(stage: Stage) -> None:
    stage.open()
    stage.window.conductor.write()
    stage.window.composer.editor.setPlainText(NOTE)
    stage.until(lambda: bool(stage.window.composer.proposals.model.proposals))


def sent(stage: Stage) -> None:
    """The note above, on its way: it may still be called back."""
    note(stage)
    stage.window.conductor.send()
    stage.until(lambda: bool(stage.outbox.held))
    stage.window.page.go(5)


PICTURES: dict[str, Callable[[Stage], None]] = {
    "connexion-code": code,
    "connexion-lieux": places,
    "connexion-e-cps": phone,
    "mise-en-route": first_run,
    "nouveautes": news,
    "synthese": synthesis,
    "biologie": biology,
    "rediger": note,
    "a-envoyer": sent,
}


@contextmanager
def drawn(name: str, folder: Path) -> Iterator[Stage]:
    stage = Stage(folder, with_psc=name == "connexion-e-cps")
    try:
        stage.window.resize(*SIZE)
        PICTURES[name](stage)
        stage.settle()
        yield stage
    finally:
        stage.psc.cancel()
        stage.close()


def words(stage: Stage) -> list[str]:
    """What stands on screen, in alphabetical order: some parts are made in the order in which answers come."""
    seen = [one for kind in (QLabel, QAbstractButton) for one in stage.window.findChildren(kind)]
    return sorted(one.text() for one in seen if one.isVisible() and one.text())


def main() -> None:
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    said = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in PICTURES:
            with drawn(name, Path(folder)) as stage:
                draw(stage.window, FOLDER / f"{name}.png")
                said[name] = words(stage)
    WORDS.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
