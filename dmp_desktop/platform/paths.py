"""Where DMP Desktop keeps its files: one folder a user, readable by that user alone."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dmp_desktop.errors import StorageError

HOME_VARIABLE = "DMP_DESKTOP_HOME"
FOLDER_MODE = 0o700


@dataclass(frozen=True, slots=True)
class Paths:
    """Files and folders under the data folder `home`."""

    home: Path

    @property
    def database(self) -> Path:
        return self.home / "dmp-desktop.db"

    @property
    def outbox(self) -> Path:
        """Documents on their way to the DMP, sealed one by one."""
        return self.home / "boite-envoi.db"

    @property
    def settings(self) -> Path:
        return self.home / "settings.json"

    @property
    def panel(self) -> Path:
        """Where the window stood, and how it behaves."""
        return self.home / "fenetre.json"

    @property
    def updates(self) -> Path:
        """Where updates of the program are announced, and what was last seen there."""
        return self.home / "mises-a-jour.json"

    @property
    def update_state(self) -> Path:
        """How far a change of version is, while one is under way."""
        return self.home / "mise-a-jour-en-cours.json"

    @property
    def downloads(self) -> Path:
        """The program's file of an update, until it is installed."""
        return self.home / "mise-a-jour"

    @property
    def secrets(self) -> Path:
        """Secrets under a passphrase, where the system has no key store."""
        return self.home / "secrets.json"

    @property
    def codes(self) -> Path:
        """Code tables imported from the official files."""
        return self.home / "codes"

    @property
    def scans_lock(self) -> Path:
        """Held by the process that takes what the scanner wrote."""
        return self.locks / "numerisations"

    @property
    def received_lock(self) -> Path:
        """Held by the process that takes what others sent."""
        return self.locks / "recus"

    @property
    def instance_lock(self) -> Path:
        """Held by the process whose window listens for what later starts hand over."""
        return self.locks / "fenetre"

    @property
    def contexts(self) -> Path:
        """What the practice software handed over, sealed, until somebody has taken or ignored it."""
        return self.home / "contextes"

    @property
    def tickets(self) -> Path:
        """Contexts deposited for a `dmp-desktop://` address, each sealed under its ticket."""
        return self.home / "tickets"

    @property
    def training(self) -> Path:
        """Beside the data: the training window's own, with its server's; nothing in it is of a patient."""
        return self.home.with_name("dmp-desktop-demo")

    @property
    def profiles(self) -> Path:
        """What goes out to the practice software, and how."""
        return self.home / "logiciel-metier.json"

    @property
    def outgoing(self) -> Path:
        """Documents on their way to the folder of the practice software, sealed."""
        return self.home / "vers-logiciel-metier"

    @property
    def messages(self) -> Path:
        """Messages for the mail client to open, for a quarter of an hour."""
        return self.home / "messages"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def backups(self) -> Path:
        """Backups of the databases, sealed; the oldest automatic ones go."""
        return self.home / "sauvegardes"

    @property
    def locks(self) -> Path:
        return self.home / "locks"

    def create(self) -> Paths:
        """Make the folders, closed to other users (mode 0700; on Windows the profile's own access list does it).

        Raises StorageError("data-folder") when that is impossible.
        """
        try:
            for folder in (self.home, self.logs, self.locks):
                folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
                if sys.platform != "win32":
                    folder.chmod(FOLDER_MODE)
        except OSError as error:
            raise StorageError(
                "data-folder",
                "Le dossier des données de DMP Desktop ne peut pas être créé ou modifié.",
                f"Vérifiez les droits et l'espace du disque, ou changez {HOME_VARIABLE}.",
            ) from error
        return self


def training_station(folder: Path) -> Paths:
    """The data of the window that is trained with, in the folder of a demonstration."""
    return Paths(folder / "entrainement")


def find_paths(environment: Mapping[str, str], user_home: Path) -> Paths:
    """DMP_DESKTOP_HOME, else the system's place: %LOCALAPPDATA% on Windows, $XDG_DATA_HOME or ~/.local/share elsewhere.

    A relative XDG_DATA_HOME is ignored, as the XDG Base Directory Specification 0.8 demands.
    """
    if chosen := environment.get(HOME_VARIABLE):
        return Paths(Path(chosen).expanduser().absolute())
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return Paths((Path(local) if local else user_home / "AppData" / "Local") / "DMP Desktop")
    shared = Path(environment.get("XDG_DATA_HOME", ""))
    return Paths((shared if shared.is_absolute() else user_home / ".local" / "share") / "dmp-desktop")
