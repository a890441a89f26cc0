"""What this user chose, with safe defaults. Servers and trust anchors are not settings: see endpoint.py."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from dmp_desktop.platform.keystore import write_durably

DAMAGED_NOTICE = "Des réglages étaient illisibles : leurs valeurs d'origine sont utilisées."


@dataclass(frozen=True, slots=True)
class Settings:
    """`undo_seconds` during which "Annuler" is offered, `cache_hours` a document read stays on the workstation,
    `keep_sent_days` a document sent stays listed; what fetching the records of the next patients ahead may cost:
    `preload_megabytes` of documents in all while a card is in (0: nothing is fetched ahead), and
    `preload_kilobytes_per_second`; `lock_minutes` without a key or the mouse before the screen is masked (never 0: the
    records of patients may not stay in sight of an empty room); `report_form` of consultation reports: `structured`,
    `pdf` (CDA N1) or `auto`, which is structured in the sandbox only, until the real DMP is known to take that form.

    `authorisation`: `explicit` declares the patient's agreement (TD0.3) only when the doctor says so (EX_0.3-1010),
    `automatic` on opening when the patient did not object (DMP/UX.50). `unrecorded_consent`: whether a record is consulted and
    fed while nothing was recorded of what the patient wants (DMP/CONF.06, DMP/CONF.09). `masked_and_invisible`: whether the DMP
    takes documents both masked to professionals and invisible to the patient (cumul-invisible_patient-masque_ps).
    `scan_folder` is where the scanner writes, absolute; empty: scans are taken from nowhere. `received_folder` is where mail
    and other programs put what others send, likewise; `exchange_folder` where the practice software puts who it has open.
    `call_port` is the one of 127.0.0.1 on which the practice software may call (platform/loopback.py); 0: on none."""

    undo_seconds: int = 30
    cache_hours: int = 12
    keep_sent_days: int = 30
    preload_megabytes: int = 60
    preload_kilobytes_per_second: int = 250
    lock_minutes: int = 10
    report_form: str = "auto"
    authorisation: str = "explicit"
    unrecorded_consent: str = "allowed"
    masked_and_invisible: str = "refused"
    scan_folder: str = ""
    received_folder: str = ""
    exchange_folder: str = ""
    call_port: int = 0

    def bounded(self) -> Settings:
        """The same with every number brought back into its LIMITS."""
        return replace(self, **{name: min(max(getattr(self, name), low), high) for name, (low, high) in LIMITS.items()})


LIMITS = {
    "undo_seconds": (0, 300),
    "cache_hours": (0, 72),
    "keep_sent_days": (0, 365),
    "preload_megabytes": (0, 1000),
    "preload_kilobytes_per_second": (10, 10_000),
    "lock_minutes": (1, 60),
    "call_port": (0, 65_535),
}
CHOICES = {
    "report_form": ("auto", "structured", "pdf"),
    "authorisation": ("explicit", "automatic"),
    "unrecorded_consent": ("allowed", "refused"),
    "masked_and_invisible": ("refused", "allowed"),
}

TRAY_FOLDERS = ("scan_folder", "received_folder")
FOLDERS = (*TRAY_FOLDERS, "exchange_folder")


def load_settings(path: Path) -> tuple[Settings, str]:
    """The settings and a French notice, empty when all is well. Never fails: what cannot be used is replaced by its
    default."""
    try:
        stored = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, ValueError):
        return Settings(), DAMAGED_NOTICE
    if not isinstance(stored, dict):
        return Settings(), DAMAGED_NOTICE
    usable: dict[str, Any] = {name: stored[name] for name in LIMITS if type(stored.get(name)) is int}
    usable |= {name: stored[name] for name, values in CHOICES.items() if stored.get(name) in values}
    usable |= {name: stored[name] for name in FOLDERS if _is_folder(stored.get(name))}
    damaged = any(name in stored and name not in usable for name in (*LIMITS, *CHOICES, *FOLDERS))
    return Settings(**usable).bounded(), DAMAGED_NOTICE if damaged else ""


def _is_folder(stored: object) -> bool:
    return stored == "" or (isinstance(stored, str) and "\0" not in stored and Path(stored).is_absolute())


class SettingsFile:
    """The settings as they are written now, for who changes them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Settings:
        return load_settings(self._path)[0]

    def save(self, settings: Settings) -> None:
        """Raises StorageError("write-failed")."""
        save_settings(self._path, settings)


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings, whole or not at all. Raises StorageError("write-failed")."""
    write_durably(path, json.dumps(asdict(settings.bounded()), indent=1).encode())
