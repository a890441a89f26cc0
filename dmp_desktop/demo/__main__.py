"""`python -m dmp_desktop.demo [--headless --out DIR]`: exit status 0 only if every step succeeded."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from dmp_desktop.card import open_fake
from dmp_desktop.cli import speak_utf8
from dmp_desktop.demo.report import Report, StepFailedError, complain
from dmp_desktop.demo.stage import CPS, Stage, set_up
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.services.directory import KnownPatients
from dmp_desktop.wiring import open_wiring

HEADLESS_UNDO = timedelta(seconds=1)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="run.py demo", description="La fenêtre sur le bac à sable, avec un lecteur dessiné."
    )
    parser.add_argument("--headless", action="store_true", help="joue tout le parcours sans écran et écrit un rapport")
    parser.add_argument("--out", type=Path, metavar="DIR", help="dossier du rapport, des documents et des images")
    chosen = parser.parse_args(arguments)
    speak_utf8()
    try:
        if not chosen.headless:
            return _window(find_paths(os.environ, Path.home()).training)
        out: Path = chosen.out or Path("out")
        out.mkdir(parents=True, exist_ok=True)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        with tempfile.TemporaryDirectory(prefix="dmp-desktop-demo-") as folder:
            return _headless(Path(folder), out)
    except DmpDesktopError as error:
        complain(str(error))
        return 3


def _window(folder: Path) -> int:
    """The window by hand; the server's data and the workstation's stay in `folder` for the next time."""
    from dmp_desktop.app import Desktop
    from dmp_desktop.opening import qt_application
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.virtual_reader import VirtualCard, VirtualReader

    application = qt_application(sys.argv[:1])
    with set_up(folder) as stage, open_wiring(stage.environment) as wiring:
        cards = [VirtualCard(name, stage.label(name), professional=name == CPS) for name in stage.cards]
        reader = VirtualReader(cards, stage.insert, stage.remove)
        window = MainWindow(sandbox=wiring.endpoint.sandbox, reader=reader)
        desktop = Desktop(application, wiring, open_fake(stage.pcsc), _directory(stage), window)
        desktop.start()
        status: int = application.exec()
        desktop.stop()
    return status


def _headless(folder: Path, out: Path) -> int:
    from dmp_desktop.app import Desktop
    from dmp_desktop.demo.script import Play
    from dmp_desktop.opening import qt_application

    report = Report()
    application = qt_application(sys.argv[:1])
    try:
        with ExitStack() as opened:
            with report.step("sandbox up") as step:
                stage = opened.enter_context(set_up(folder))
                step.detail = f"{len(stage.ready['patients'])} scripted patients"
            wiring = opened.enter_context(open_wiring(stage.environment, undo_delay=HEADLESS_UNDO))
            desktop = Desktop(application, wiring, open_fake(stage.pcsc), _directory(stage))
            opened.callback(desktop.stop)
            desktop.start()
            Play(desktop, wiring, stage, report, out).perform()
    except StepFailedError as failure:
        complain(f"Étape en échec : {failure}")
    report.write(out / "report.json")
    return 0 if report.ok else 1


def _directory(stage: Stage) -> KnownPatients:
    """The practice knows the scripted patients: their INS are qualified."""
    return KnownPatients(patient_from_dict(item["patient"]) for item in stage.ready["patients"])


if __name__ == "__main__":
    sys.exit(main())
