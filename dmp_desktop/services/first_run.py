"""The first time the program runs on a workstation: whether it is one, and what is chosen then."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.exchange.context import facility_from_dict
from dmp_desktop.own_program import window_command
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.services.accounts import PRACTICE_FILE
from dmp_desktop.services.traced_settings import TracedSettings

DONE_FILE = "premier-lancement.json"
SECTORS = ("SA07", "SA08", "SA52", "SA05", "SA09")
"""JDV_J02: where general practitioners work; the first one is the commonest."""
SETTING = "AMBULATOIRE"
"""JDV_J04, for all of these."""


class FirstRun:
    """`home` is the data folder. `sandbox`: the program speaks to the training server, everything is already set. `training`
    starts the training beside this program."""

    def __init__(
        self, home: Path, settings: TracedSettings, *, sandbox: bool, training: Callable[[], None] | None = None
    ) -> None:
        self._done, self._practice = home / DONE_FILE, home / PRACTICE_FILE
        self._settings = settings
        self._sandbox = sandbox
        self._training = training or start_training

    def wanted(self) -> bool:
        """Nobody went through it, put it off for good, or set the practice by hand."""
        return not self._sandbox and not self._done.exists() and not self._practice.exists()

    def done(self) -> None:
        """It is not shown by itself any more. Raises StorageError."""
        write_durably(self._done, json.dumps({"version": 1}).encode())

    def place_is_set(self) -> bool:
        return self._practice.exists()

    def set_place(self, number: str, name: str, sector: str) -> None:
        """What the cards of this workstation do not tell of the practice. Never over a file that is there.

        Raises ContextError with the field at fault, StorageError.
        """
        facility = {"id": number.strip(), "name": name.strip(), "sector": sector, "practice_setting": SETTING}
        facility_from_dict(facility)
        if self._practice.exists():
            raise ContextError(
                "CabinetDejaDecrit",
                "Le cabinet est déjà décrit sur ce poste : rien n'est changé.",
                f"Pour le corriger, modifiez le fichier {PRACTICE_FILE} du dossier des données de ce poste.",
            )
        write_durably(self._practice, json.dumps({"facility": facility}, ensure_ascii=False, indent=1).encode())

    def scan_folder(self) -> str:
        """Where scans are taken from; empty: nowhere."""
        return self._settings.load().scan_folder

    def set_scan_folder(self, folder: str) -> None:
        """Raises StorageError, ContextError where it is no folder, or that of something else."""
        self._settings.save(replace(self._settings.load(), scan_folder=str(Path(folder).absolute())))

    def train(self) -> None:
        """Open the training window beside this one. Raises DmpDesktopError where it does not start."""
        self._training()


def start_training() -> None:
    """In a process of its own, with data of its own (`run.py demo`)."""
    try:
        subprocess.Popen(window_command("demo"), stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - this very program
    except OSError:
        raise DmpDesktopError(
            "EntrainementAbsent", "L'entraînement n'a pas pu s'ouvrir.", "Réinstallez DMP Desktop, puis recommencez."
        ) from None
