"""Where each holder of a card practised last on this workstation: a number of the card, no name and no identifier in clear."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.keystore import write_durably

log = logging.getLogger(__name__)


class LastPlaces:
    """A small JSON file: hash of the national identifier -> number of the activity. Losing it costs one question."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, national_id: str) -> int | None:
        """The number chosen last, None when unknown."""
        number = self._load().get(_key(national_id))
        return number if type(number) is int else None

    def set(self, national_id: str, number: int) -> None:
        """Remember; a disk that refuses is logged, never in the way of a sign-in."""
        try:
            write_durably(self._path, json.dumps(self._load() | {_key(national_id): number}).encode())
        except StorageError as error:
            log.warning("last places: %s", error.code)

    def _load(self) -> dict[str, object]:
        try:
            stored = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return stored if isinstance(stored, dict) else {}


def _key(national_id: str) -> str:
    return hashlib.sha256(f"dmp-desktop {national_id}".encode()).hexdigest()[:32]
