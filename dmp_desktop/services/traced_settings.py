"""The settings as whoever changes them has them: each change is an act of the journal."""

from __future__ import annotations

from dataclasses import asdict

from dmp_desktop.domain.acts import Act
from dmp_desktop.platform.settings import Settings, SettingsFile
from dmp_desktop.services.acts import ActBook


class TracedSettings:
    """As SettingsFile."""

    def __init__(self, file: SettingsFile, acts: ActBook) -> None:
        self._file = file
        self._acts = acts

    def load(self) -> Settings:
        return self._file.load()

    def save(self, settings: Settings) -> None:
        """Raises StorageError("write-failed")."""
        before = asdict(self._file.load())
        self._file.save(settings)
        for name, value in asdict(self._file.load()).items():
            if value != before[name]:
                self._acts.note(Act.SETTINGS, result=str(value), reason=name)
        self._acts.flush()
